from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    complaint_id = fields.Many2one(
        "complaint.complaint", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def action_complaint(self):
        """Open the complaint that this transfer makes good, or begin one about this delivery."""
        self.ensure_one()
        if self.complaint_id:
            return self.complaint_id._open_action()
        return self.partner_id._complaints_action(
            {"default_picking_id": self.id, "default_order_id": self.sale_id.id}, [("picking_id", "=", self.id)]
        )
