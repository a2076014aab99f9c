from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    eval_hold_mode = fields.Selection(related="company_id.eval_hold_mode", readonly=False)
