from . import customer_scorecard
from . import res_company
from . import res_config_settings
from . import sale_order
from . import sale_order_hold
from . import sale_order_hold_reason
