from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    eval_template_id = fields.Many2one(related="company_id.eval_template_id", readonly=False)
    eval_half_life_months = fields.Integer(related="company_id.eval_half_life_months", readonly=False)
    eval_chase = fields.Selection(related="company_id.eval_chase", readonly=False)
    eval_chase_user_id = fields.Many2one(related="company_id.eval_chase_user_id", readonly=False)
