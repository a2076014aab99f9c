from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    hold_decider_ids = fields.Many2many(
        "res.users",
        "res_company_hold_decider_rel",
        string="Held Orders Go To",
        help="These people get an activity for each held order. Empty: everybody who may release it.",
    )
    hold_release_days = fields.Integer(
        string="Releases Are Valid For (Days)",
        default=7,
        help="Proposed validity of a release; an order not confirmed until then is checked again.",
    )
