from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_mode = fields.Selection(related="company_id.credit_mode", readonly=False)
    credit_company_id = fields.Many2one(related="company_id.credit_company_id", readonly=False)
    credit_draft_invoices = fields.Boolean(related="company_id.credit_draft_invoices", readonly=False)
    credit_default_mode = fields.Selection(related="company_id.credit_default_mode", readonly=False)
    credit_has_ceiling = fields.Boolean(related="company_id.credit_has_ceiling", readonly=False)
    credit_ceiling = fields.Monetary(related="company_id.credit_ceiling", readonly=False)
    credit_default_limit = fields.Monetary(related="company_id.credit_default_limit", readonly=False)
