from . import models


def uninstall_hook(env):
    """Without this addon nobody would decide what warnings hold: such orders are quotations like any other."""
    standing = env["sale.order.hold"].search(
        [("keeper", "=", "warning"), ("standing", "=", True), ("state", "in", ("held", "refused"))]
    )
    orders = standing.order_id
    standing._end()
    orders._hold_set_state()
