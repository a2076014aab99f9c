from odoo import models

from odoo.addons.sale_order_hold.models.hold_reason import Edit


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """Procure nothing for orders that have grown past the gate; procure once a change has been looked at (C6)."""
        if edit := Edit.under_way(self.env):
            edit.postponed.append((self.with_context(hold_edit=None), previous_product_uom_qty))
            return True
        stopped = self.filtered(lambda line: line.order_id.hold_state in ("held", "refused"))
        return super(SaleOrderLine, self - stopped)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )
