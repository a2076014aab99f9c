from . import (
    hold_reason,
    payment_transaction,
    res_company,
    res_config_settings,
    res_partner,
    sale_order,
    sale_order_hold,
    sale_order_hold_code,
    sale_order_hold_lock,
    sale_order_hold_reason,
    sale_order_line,
)
