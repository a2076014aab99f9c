from . import controllers
from . import models
from . import report
from . import wizards


def uninstall_hook(env):
    """The numbers of complaints are counted by sequences that each company was given."""
    env["ir.sequence"].search([("code", "=", "complaint.complaint")]).unlink()
