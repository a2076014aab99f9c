from odoo import fields, models


class SaleOrderHoldForce(models.TransientModel):
    """Form in which orders are held by hand."""

    _name = "sale.order.hold.force"
    _description = "Hold Orders by Hand"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True)
    note = fields.Text("Why", required=True)

    def action_hold(self):
        self.ensure_one()
        self.order_ids._hold_force(self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
