from . import customer_cross_ratio_report
