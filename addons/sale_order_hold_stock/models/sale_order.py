from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _hold_after_edit(self, edit):
        for lines, previous_product_uom_qty in edit.postponed:
            lines.exists()._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)
        return super()._hold_after_edit(edit)

    def _hold_lifted(self):
        self.order_line._action_launch_stock_rule()
        return super()._hold_lifted()
