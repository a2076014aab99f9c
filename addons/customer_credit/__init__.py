from . import controllers
from . import models
from . import report
from . import wizards


def post_init_hook(env):
    """Let the ORM fill what the SQL of the installation left out."""
    env["sale.order"]._uninvoiced_fill_rest()


def uninstall_hook(env):
    """Without this addon nobody would decide what credit holds: such orders are quotations like any other again."""
    standing = env["sale.order.hold"].search(
        [
            ("keeper", "=", "credit"),
            ("standing", "=", True),
            ("state", "in", ("held", "refused")),
        ]
    )
    standing._credit_let_go()
