from . import (
    account_move_line,
    customer_metric,
    customer_metric_receivable,
    customer_metric_rhythm,
    customer_metric_trade,
    res_company,
    res_config_settings,
    res_partner,
)
