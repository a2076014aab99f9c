from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    customer_sales_basis = fields.Selection(related="company_id.customer_sales_basis", readonly=False, required=True)
