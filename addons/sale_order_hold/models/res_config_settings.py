from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    hold_decider_ids = fields.Many2many(related="company_id.hold_decider_ids", readonly=False)
    hold_release_days = fields.Integer(related="company_id.hold_release_days", readonly=False)
