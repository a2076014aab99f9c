from . import (
    base_partner_merge,
    customer_metric,
    customer_tier,
    customer_tier_history,
    customer_tier_membership,
    customer_tier_override,
    customer_tier_run,
    customer_tier_run_line,
    customer_tier_scheme,
    res_partner,
    sale_order,
)
