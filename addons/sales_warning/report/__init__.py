from . import warning_case_report
