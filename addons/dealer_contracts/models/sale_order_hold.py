from odoo import fields, models


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"

    keeper = fields.Selection(selection_add=[("contract", "Contract")], ondelete={"contract": "cascade"})
