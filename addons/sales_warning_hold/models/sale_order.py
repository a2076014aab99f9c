from odoo import api, fields, models

from odoo.addons.sale_order_hold.models.hold_reason import HoldReason


class SaleOrder(models.Model):
    """The keeper of the gate for warnings: orders wait while a warning whose rule says so is open (W6)."""

    _inherit = "sale.order"

    warning_message = fields.Text(compute="_compute_warning_message", compute_sudo=True, groups="base.group_user")

    @api.depends("partner_invoice_id", "company_id", "state", "hold_state")
    @api.depends_context("lang")
    def _compute_warning_message(self):
        """What the banner of a quotation says before anything is confirmed; the hold says it afterwards."""
        self.warning_message = False
        concerned = self.filtered(
            lambda order: order.state in ("draft", "sent") and order.hold_state not in ("held", "refused")
        )
        reason_model = self.env["sale.order.hold.reason"]
        for order, cases in concerned._warning_cases().items():
            if cases and not order._hold_released("warning"):
                sentences = [reason_model._message("warning_open", figures) for figures in cases]
                order.warning_message = "\n".join([self.env._("On confirming, this order will be held:"), *sentences])

    def _warning_cases(self):
        """Return {order: figures of the warnings that hold it}: one query at most."""
        holding = self.env["warning.case"]._holding_orders(self.company_id, self.hold_customer_id._origin)
        return {order: holding.get((order.company_id.id, order.hold_customer_id._origin.id), []) for order in self}

    def _hold_reasons(self, answers):
        reasons = super()._hold_reasons(answers)
        for order, cases in self._warning_cases().items():
            reasons[order.id] += [HoldReason("warning", "warning_open", "hold", figures) for figures in cases]
        return reasons
