from . import account_move_line
from . import customer_metric
from . import customer_metric_receivable
from . import customer_metric_rhythm
from . import customer_metric_trade
from . import res_company
from . import res_config_settings
from . import res_partner
