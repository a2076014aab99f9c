from datetime import timedelta

from odoo import api, fields, models


class SaleOrderHoldDecision(models.TransientModel):
    """Form in which held orders are released or refused, one or many at a time (C7)."""

    _name = "sale.order.hold.decision"
    _description = "Decision about Held Orders"

    hold_ids = fields.Many2many("sale.order.hold", string="Held Orders", required=True)
    decision = fields.Selection([("released", "Release"), ("refused", "Refuse")], required=True, default="released")
    code_id = fields.Many2one(
        "sale.order.hold.code", string="Kind of Decision", required=True, domain="[('decision', '=', decision)]"
    )
    reason = fields.Text(required=True)
    single = fields.Boolean(compute="_compute_single")
    currency_id = fields.Many2one(related="hold_ids.currency_id")
    amount = fields.Monetary(
        "Authorised Amount",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="The order may be as large as this; beyond it, it is held again.",
    )
    valid_until = fields.Date(
        default=lambda self: fields.Date.context_today(self) + timedelta(days=self.env.company.hold_release_days or 7),
        help="First day on which the release no longer counts, if the order isn't confirmed until then.",
    )
    confirm = fields.Boolean("Confirm at Once", default=True)
    message = fields.Text(compute="_compute_message")

    @api.depends("hold_ids")
    def _compute_single(self):
        for wizard in self:
            wizard.single = len(wizard.hold_ids) == 1

    @api.depends("hold_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.hold_ids.amount if len(wizard.hold_ids) == 1 else 0.0

    @api.depends("hold_ids")
    def _compute_message(self):
        for wizard in self:
            wizard.message = "\n".join(f"{hold.order_id.name}: {hold.message}" for hold in wizard.hold_ids)

    def action_decide(self):
        self.ensure_one()
        if self.decision == "released":
            self.hold_ids._release(
                self.reason,
                amount=self.amount if self.single else None,
                valid_until=self.valid_until,
                code=self.code_id,
                confirm=self.confirm,
            )
        else:
            self.hold_ids._refuse(self.reason, code=self.code_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
