from . import customer_receivable_report, customer_trade_report
