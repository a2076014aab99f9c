from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

BATCH = 100


class SaleOrderHold(models.Model):
    """Credit figures of the hold, caps of those who release (C7), and release in arrears after payment."""

    _inherit = "sale.order.hold"

    keeper = fields.Selection(selection_add=[("credit", "Credit")], ondelete={"credit": "cascade"})
    credit_currency_id = fields.Many2one("res.currency", readonly=True)
    credit_mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")], string="Credit", readonly=True
    )
    credit_limit = fields.Monetary(
        "Credit Limit", currency_field="credit_currency_id", readonly=True, help="When the order was judged."
    )
    credit_exposure = fields.Monetary(
        "Used", currency_field="credit_currency_id", readonly=True, help="Without this order, when it was judged."
    )
    credit_excess = fields.Monetary(
        "Excess",
        currency_field="credit_currency_id",
        readonly=True,
        help="How far the order would bring the customer over the limit.",
    )
    credit_overdue = fields.Monetary("Overdue", currency_field="credit_currency_id", readonly=True)
    credit_overdue_days = fields.Integer("Days Overdue", readonly=True)

    reason_labels = fields.Char("Objections", compute="_compute_reason_labels")
    credit_picture = fields.Json(compute="_compute_credit_picture", compute_sudo=True)

    @api.depends("reason_ids.code")
    @api.depends_context("lang")
    def _compute_reason_labels(self):
        labels = dict(self.env["sale.order.hold.reason"]._fields["code"]._description_selection(self.env))
        for hold in self:
            hold.reason_labels = ", ".join(labels.get(code, code) for code in hold.reason_ids.mapped("code"))

    @api.depends("order_id")
    def _compute_credit_picture(self):
        """The credit of today, beside the figures of when the order was held."""
        for hold in self:
            hold.credit_picture = hold.order_id.credit_picture

    def _release_group(self):
        if self.keeper == "credit":
            return "customer_credit.group_credit_controller"
        return super()._release_group()

    def _check_may_release(self, amount):
        """Keep to the cap of the user: the excess counts as it is now, with the amount to be authorised.

        Orders of the customer that are released and not yet confirmed use the limit too.
        """
        super()._check_may_release(amount)
        if self.keeper != "credit":
            return
        cap = self.env["credit.release.cap"]._cap(self.env.user, self.company_id)
        if cap is None:
            return
        order = self.sudo().order_id
        customer = order.hold_customer_id
        figures = customer._credit_exposure(self.company_id, excluding=order, collective=True)[customer.id]
        if not figures.limited and not figures.collectives:
            return
        settings = self.env["res.company"]._credit_settings(self.company_id.id)
        factors = dict(self.env["res.partner"]._credit_factors(settings)) if settings.foreign else {}
        total = self._order_total_released(order, amount) * factors.get(self.company_id.id, 1.0)
        for other in self._released_and_waiting(order, settings):
            total += self._order_total_released(other.order_id, other.amount_authorised) * factors.get(
                other.company_id.id, 1.0
            )
        used = [(figures.exposure, figures.limit)] if figures.limited else []
        used += [(collective.exposure, collective.limit) for collective in figures.collectives]
        excess = max(round(exposure + total - limit, settings.digits) for exposure, limit in used)
        if excess > cap:
            currency = self.env["res.currency"].browse(settings.currency_id)
            raise AccessError(
                self.env._(
                    "This would bring %(customer)s %(excess)s over the limit; you may release up to %(cap)s.",
                    customer=order.hold_customer_id.name,
                    excess=currency.format(excess),
                    cap=currency.format(cap),
                )
            )

    @api.model
    def _released_and_waiting(self, order, settings):
        """Return the releases under which other orders of the customer of ``order`` may be confirmed."""
        holds = self.sudo().search(
            [
                ("partner_id", "=", order.hold_customer_id.id),
                ("company_id", "in", settings.scope),
                ("keeper", "=", "credit"),
                ("state", "=", "released"),
                ("standing", "=", True),
                ("order_id.state", "in", ("draft", "sent")),
                ("order_id", "!=", order.id),
            ]
        )
        latest = holds.grouped("order_id").values()
        return self.union(*(released[0] for released in latest)).filtered(
            lambda hold: hold._covers(hold.order_id._hold_amount()[hold.order_id.id])
        )

    @api.model
    def _order_total_released(self, order, amount):
        """Return the part of an authorised order total that is not invoiced yet, in the order's company currency."""
        total = order._hold_amount()[order.id]
        invoiced = max(total - order._hold_convert(order.uninvoiced_amount), 0.0)
        return max(amount, total) - invoiced

    # === RELEASE IN ARREARS === #

    @api.model
    def _credit_trigger_release(self):
        """Have the held orders checked again soon, if there are any."""
        if self.search_count([("keeper", "=", "credit"), ("state", "=", "held")], limit=1):
            self.env.ref("customer_credit.ir_cron_credit_release")._trigger()

    @api.model
    def _cron_credit_release(self, batch=None):
        """Release held orders that fit their customer's credit again: the oldest hold first, never past the limit (C6).

        The gate judges each order anew, in the order in which they were held, whoever the customer is: customers may
        share the limit of a group, and all of them that of the company. What a batch has released is committed with it,
        so that the next one, or the next run after an interruption, goes on from what is then used. Orders that some
        other keeper holds, and refused ones, stay.

        :param int batch: holds of a batch, 100 by default; the code of the scheduled action may say another number
        """
        batch = batch or BATCH
        holds = self.search([("keeper", "=", "credit"), ("state", "=", "held")], order="create_date, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(holds))
        for start in range(0, len(holds), batch):
            if not cron._commit_progress(holds[start : start + batch]._credit_release_fitting()):
                return

    def _credit_release_fitting(self):
        """Release those of these holds whose orders pass the gate now; return how many were looked at."""
        count = len(self)
        holds = self.exists().filtered(lambda hold: hold.state == "held").sudo()
        fitting = holds.order_id._hold_gate(record=False)
        for hold in holds:
            if hold.order_id in fitting:
                try:
                    with self.env.cr.savepoint():
                        hold._release_automatically(hold._credit_release_sentence())
                except UserError as error:
                    # An order that can't be confirmed for another reason doesn't keep the others waiting.
                    hold._message_log(body=self.env._("Not released: %s", error))
        return count

    def _credit_release_sentence(self):
        figures = self.order_id.hold_customer_id._credit_exposure(self.company_id, excluding=self.order_id)
        figures = figures[self.order_id.hold_customer_id.id]
        if not figures.limited:
            return self.env._("Credit is available again.")
        currency = self.credit_currency_id or self.currency_id
        return self.env._(
            "Credit limit available again: limit %(limit)s, used %(used)s.",
            limit=currency.format(figures.limit),
            used=currency.format(figures.exposure),
        )

    def _credit_let_go(self):
        """Let these holds lapse, and set the orders' states as what others hold says."""
        orders = self.order_id
        self._end()
        orders._hold_set_state()

    # === ACTION METHODS === #

    def action_open_customer(self):
        """Open the customer's form, where the documents behind the figures are."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
        }
