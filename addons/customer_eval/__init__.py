from . import models


def uninstall_hook(env):
    """Nothing may go on asking for what this addon computes: the figure is archived where scorecards keep it, and the
    activities go, since their type goes."""
    env.ref("customer_eval.customer_metric_reputation").active = False
    due = env.ref("customer_eval.mail_activity_type_due")
    env["mail.activity"].with_context(active_test=False).search([("activity_type_id", "=", due.id)]).unlink()
