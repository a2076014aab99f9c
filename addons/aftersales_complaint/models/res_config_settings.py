from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_user_id = fields.Many2one(related="company_id.complaint_user_id", readonly=False)
    complaint_cap = fields.Monetary(
        related="company_id.complaint_cap", currency_field="complaint_currency_id", readonly=False
    )
    complaint_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of Complaints")
