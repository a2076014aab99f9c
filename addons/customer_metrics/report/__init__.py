from . import customer_receivable_report
from . import customer_trade_report
