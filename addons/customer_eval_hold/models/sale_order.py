from odoo import api, fields, models

from odoo.addons.sale_order_hold.models.hold_reason import HoldReason


class SaleOrder(models.Model):
    """The keeper of the gate for evaluation: who is refused doesn't order (E5)."""

    _inherit = "sale.order"

    eval_decision = fields.Selection(
        [("observe", "Observe"), ("refuse", "Refuse")],
        string="Evaluation of the Customer",
        compute="_compute_eval_decision",
        compute_sudo=True,
        groups="base.group_user",
        help="What the customer's latest approved evaluation says, where it calls for care.",
    )
    eval_warning = fields.Text(compute="_compute_eval_decision", compute_sudo=True, groups="base.group_user")

    @api.depends("partner_invoice_id", "company_id", "state", "hold_state")
    @api.depends_context("lang")
    def _compute_eval_decision(self):
        """What the banner of a quotation says before anything is confirmed; the hold says it afterwards."""
        self.update({"eval_decision": False, "eval_warning": False})
        concerned = self.filtered(
            lambda order: order.state in ("draft", "sent") and order.hold_state not in ("held", "refused")
        )
        reason_model = self.env["sale.order.hold.reason"]
        for company, orders in concerned.grouped("company_id").items():
            if not company:
                continue
            cards = self.env["customer.scorecard"]._eval_of(company, orders.hold_customer_id._origin)
            for order in orders:
                card = cards.get(order.hold_customer_id._origin.id)
                if not card or card.decision not in ("observe", "refuse"):
                    continue
                order.eval_decision = card.decision
                figures = order._eval_figures(card)
                if card.decision == "observe":
                    order.eval_warning = reason_model._eval_observe_message(figures)
                    continue
                sentences = [reason_model._message("eval_refused", figures)]
                if company.eval_hold_mode == "hold" and not order._hold_released("evaluation"):
                    sentences.insert(0, self.env._("On confirming, this order will be held:"))
                order.eval_warning = "\n".join(sentences)

    # === THE KEEPER === #

    def _hold_reasons(self, answers):
        reasons = super()._hold_reasons(answers)
        for company, orders in self.grouped("company_id").items():
            mode = self.env["res.company"]._eval_hold_mode(company.id)
            if mode == "off":
                continue
            cards = self.env["customer.scorecard"]._eval_of(company, orders.hold_customer_id)
            for order in orders:
                card = cards.get(order.hold_customer_id.id)
                if card and card.decision == "refuse":
                    reason = HoldReason("evaluation", "eval_refused", mode, order._eval_figures(card))
                    reasons[order.id].append(reason)
        return reasons

    @api.model
    def _eval_figures(self, card):
        return {"scorecard_id": card.id, "date": fields.Date.to_string(card.date)}
