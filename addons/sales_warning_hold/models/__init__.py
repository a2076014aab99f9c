from . import sale_order
from . import sale_order_hold
from . import sale_order_hold_reason
from . import warning_case
from . import warning_rule_action
from . import warning_run
