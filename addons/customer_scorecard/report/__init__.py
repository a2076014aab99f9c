from . import customer_scorecard_report
from . import customer_scorecard_xlsx
