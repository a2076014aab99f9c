from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_sales_basis = fields.Selection(
        selection=[("order", "Confirmed orders"), ("invoice", "Posted invoices")],
        string="Customer Sales Basis",
        default="order",
        required=True,
        help="The documents that every sales and margin figure of a customer is made of in this company. "
        "Credit notes are deducted either way.",
    )
