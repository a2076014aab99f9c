from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_hold_mode = fields.Selection(related="company_id.contract_hold_mode", readonly=False)
    contract_range_mode = fields.Selection(related="company_id.contract_range_mode", readonly=False)
    contract_reminder_days = fields.Char(related="company_id.contract_reminder_days", readonly=False)
    rebate_product_id = fields.Many2one(related="company_id.rebate_product_id", readonly=False)
