from . import warning_backtest
from . import warning_case_decision
