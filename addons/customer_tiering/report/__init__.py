from . import customer_analysis_report, customer_support_unit_report, sale_report
