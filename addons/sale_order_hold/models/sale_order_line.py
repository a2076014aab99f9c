from odoo import api, models

from .hold_reason import check_protected


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        check_protected(self, vals_list)
        named = vals_list
        if any("order_id" not in vals for vals in vals_list):
            named = [*vals_list, self.default_get(["order_id"])]
        orders = self._hold_orders(named)
        if not orders:
            return super().create(vals_list)
        with orders._hold_edit() as edit:
            lines = super(SaleOrderLine, self.with_context(hold_edit=edit)).create(vals_list)
        return lines.with_env(self.env)

    def write(self, vals):
        check_protected(self, [vals])
        if vals.keys() == {"qty_delivered"}:
            # What was delivered is no matter of the gate.
            return super().write(vals)
        orders = self._hold_orders([vals])
        if not orders:
            return super().write(vals)
        with orders._hold_edit() as edit:
            return super(SaleOrderLine, self.with_context(hold_edit=edit)).write(vals)

    def unlink(self):
        orders = self._hold_orders([])
        if not orders:
            return super().unlink()
        with orders._hold_edit() as edit:
            # Without a discount line the order is worth more.
            return super(SaleOrderLine, self.with_context(hold_edit=edit)).unlink()

    def _hold_orders(self, vals_list):
        """Return the confirmed orders that a change of these lines touches, unless their change is under way."""
        named = {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        return (self.order_id | self.order_id.browse(named))._hold_confirmed()

    def _hold_protected_fields(self):
        """Fields that the gate judges by; see the method of the same name on the order."""
        return {"price_subtotal", "price_tax", "price_total"}
