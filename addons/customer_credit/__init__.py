from . import models
from . import wizards


def post_init_hook(env):
    """Let the ORM fill what the SQL of the installation left out."""
    env["sale.order"]._uninvoiced_fill_rest()
