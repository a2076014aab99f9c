from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _hold_after_edit(self, edit):
        super()._hold_after_edit(edit)
        for lines, previous_product_uom_qty in edit.postponed:
            lines.exists()._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)

    def _hold_lifted(self):
        super()._hold_lifted()
        self.order_line._action_launch_stock_rule()
