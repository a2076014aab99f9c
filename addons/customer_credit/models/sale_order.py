from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from odoo.addons.sale_order_hold.models.hold_reason import HoldReason

from .judgement import judge


class SaleOrder(models.Model):
    """The keeper of the gate for credit (C6), and the part of orders that counts as exposure (C5)."""

    _inherit = "sale.order"

    uninvoiced_amount = fields.Monetary(
        "Not Yet Invoiced",
        compute="_compute_uninvoiced_amount",
        store=True,
        copy=False,
        help="Order total, tax included, less what is on posted invoices, in the order's currency.",
    )
    credit_picture = fields.Json(compute="_compute_credit_picture", compute_sudo=True, groups="base.group_user")
    credit_warning = fields.Text(compute="_compute_credit_picture", compute_sudo=True, groups="base.group_user")

    # Not on a state that depends on "now": confirming adds one entry and recomputes nothing.
    _credit_open_idx = models.Index(
        "(hold_customer_id, company_id) INCLUDE (uninvoiced_amount, currency_rate) "
        "WHERE state = 'sale' AND uninvoiced_amount > 0"
    )

    # === INSTALLATION === #

    def _auto_init(self):
        """Fill the stored amount of the orders that are there by SQL; the ORM would take them one by one."""
        if not column_exists(self.env.cr, "sale_order", "uninvoiced_amount"):
            create_column(self.env.cr, "sale_order", "uninvoiced_amount", "numeric")
            self._uninvoiced_fill()
        return super()._auto_init()

    @api.model
    def _uninvoiced_fill(self):
        """Fill ``uninvoiced_amount`` of ordinary orders.

        Orders with credit notes, quantities in other units, down payments in another currency, deliveries without
        order or negative quantities are left for ``_uninvoiced_fill_rest``.
        """
        self.env.cr.execute(
            SQL(
                """
            WITH invoiced AS (
                SELECT r.order_line_id, SUM(l.quantity) AS quantity, SUM(l.price_total) AS amount,
                       BOOL_OR(m.move_type <> 'out_invoice' OR l.quantity < 0
                               OR l.product_uom_id IS DISTINCT FROM s.product_uom_id
                               OR l.currency_id IS DISTINCT FROM o.currency_id) AS special
                  FROM sale_order_line_invoice_rel r
                  JOIN account_move_line l ON l.id = r.invoice_line_id
                  JOIN account_move m ON m.id = l.move_id
                  JOIN sale_order_line s ON s.id = r.order_line_id
                  JOIN sale_order o ON o.id = s.order_id
                 WHERE m.state = 'posted' OR m.payment_state = 'invoicing_legacy'
              GROUP BY r.order_line_id
            ), lines AS (
                SELECT s.order_id,
                       SUM(CASE
                           WHEN s.display_type IS NOT NULL THEN 0
                           WHEN s.is_downpayment THEN COALESCE(i.amount, 0)
                           WHEN s.product_uom_qty > 0 THEN s.price_total - s.price_total * GREATEST(
                               GREATEST(s.product_uom_qty, COALESCE(s.qty_delivered, 0)) - COALESCE(i.quantity, 0), 0
                           ) / s.product_uom_qty
                           ELSE 0 END) AS closed,
                       BOOL_OR(s.display_type IS NULL AND s.is_downpayment IS NOT TRUE AND s.price_total <> 0
                               AND GREATEST(s.product_uom_qty, COALESCE(s.qty_delivered, 0)) > COALESCE(i.quantity, 0)
                       ) AS open,
                       BOOL_OR(COALESCE(i.special, FALSE) OR s.product_uom_qty < 0
                               OR s.product_uom_qty = 0 AND s.is_downpayment IS NOT TRUE AND s.qty_delivered <> 0
                       ) AS special
                  FROM sale_order_line s
             LEFT JOIN invoiced i ON i.order_line_id = s.id
              GROUP BY s.order_id
            )
            UPDATE sale_order o
               SET uninvoiced_amount = CASE
                       WHEN lines.special THEN NULL
                       WHEN lines.open IS NOT TRUE THEN 0
                       ELSE GREATEST(ROUND(o.amount_total - lines.closed, COALESCE(c.decimal_places, 2)), 0) END
              FROM lines, res_currency c
             WHERE lines.order_id = o.id AND c.id = o.currency_id
            """
            )
        )
        # Orders without lines owe nothing; NULL is left to those that the ORM computes.
        self.env.cr.execute(
            SQL(
                """
            UPDATE sale_order o SET uninvoiced_amount = 0
             WHERE uninvoiced_amount IS NULL AND NOT EXISTS (SELECT FROM sale_order_line s WHERE s.order_id = o.id)
            """
            )
        )

    @api.model
    def _uninvoiced_fill_rest(self):
        """Compute the orders that ``_uninvoiced_fill`` left out, some at a time."""
        self.env.cr.execute("SELECT id FROM sale_order WHERE uninvoiced_amount IS NULL ORDER BY id")
        ids = [row[0] for row in self.env.cr.fetchall()]
        field = self._fields["uninvoiced_amount"]
        for start in range(0, len(ids), 1000):
            orders = self.browse(ids[start : start + 1000])
            self.env.add_to_compute(field, orders)
            orders._recompute_recordset(["uninvoiced_amount"])
            orders.flush_recordset(["uninvoiced_amount"])
            orders.invalidate_recordset()

    # === COMPUTE METHODS === #

    @api.depends(
        "amount_total",
        "order_line.price_total",
        "order_line.product_uom_qty",
        "order_line.qty_delivered",
        "order_line.invoice_lines.move_id.state",
        "order_line.invoice_lines.quantity",
        "order_line.invoice_lines.price_total",
    )
    def _compute_uninvoiced_amount(self):
        for order in self:
            left = order.amount_total
            some = False
            for line in order.order_line:
                if line.display_type:
                    continue
                if line.is_downpayment:
                    # Posted down payments are owed already; the final invoice takes them off again.
                    left -= line.amount_invoiced
                    some = some or bool(line.price_total)
                    continue
                line_left = line._uninvoiced()
                some = some or bool(line_left)
                left -= line.price_total - line_left
            order.uninvoiced_amount = max(order.currency_id.round(left), 0.0) if some and order.currency_id else 0.0

    @api.depends(
        "partner_id", "partner_invoice_id", "company_id", "amount_total", "payment_term_id", "state", "hold_state"
    )
    @api.depends_context("lang")
    def _compute_credit_picture(self):
        """What the banner shows: limit, used, this order, remaining; and what would be said on confirming."""
        self.update({"credit_picture": False, "credit_warning": False})
        concerned = self.filtered(
            lambda order: (
                order.partner_invoice_id
                and order.company_id
                and (order.state in ("draft", "sent") or (order.state == "sale" and order.hold_state == "held"))
            )
        )
        today = fields.Date.context_today(self)
        reason_model = self.env["sale.order.hold.reason"]
        for company, orders in concerned.grouped("company_id").items():
            settings = self.env["res.company"]._credit_settings(company.id)
            if settings.mode == "off":
                continue
            for order in orders:
                reasons, exposures = order._credit_judge(company, {})
                figures = exposures.get(order.hold_customer_id.id or order.hold_customer_id._origin.id)
                if not figures:
                    continue
                amount = order._credit_amounts(settings)[order.id]
                order.credit_picture = self.env["res.partner"]._credit_picture(figures, settings, today, amount)
                if reasons[order.id] and order.hold_state not in ("held", "refused"):
                    sentences = [reason_model._message(reason.code, reason.figures) for reason in reasons[order.id]]
                    if any(reason.level == "hold" for reason in reasons[order.id]):
                        sentences.insert(0, self.env._("On confirming, this order will be held:"))
                    order.credit_warning = "\n".join(sentences)

    def _compute_partner_credit_warning(self):
        """Odoo's own banner is silent where ours speaks."""
        ours = self.filtered(
            lambda order: (
                order.company_id and self.env["res.company"]._credit_settings(order.company_id.id).mode != "off"
            )
        )
        ours.partner_credit_warning = ""
        super(SaleOrder, self - ours)._compute_partner_credit_warning()

    # === THE KEEPER === #

    def _hold_protected_fields(self):
        # Payments under way count for the customer of the order that they were made for.
        return super()._hold_protected_fields() | {"uninvoiced_amount", "transaction_ids"}

    def _hold_open_amounts(self):
        """What was invoiced can be exchanged for something else without raising the total."""
        settings = self.env["res.company"]._credit_settings
        return {
            **super()._hold_open_amounts(),
            **{
                order.id: order.uninvoiced_amount
                for order in self.sudo()
                if settings(order.company_id.id).mode != "off"
            },
        }

    def _hold_blocking(self, reasons):
        """A release covers figures that move; it doesn't cover a freeze or longer payment terms that came after it."""
        blocking = super()._hold_blocking(reasons)
        found = [reason for reason in reasons if reason.keeper == "credit" and reason.level == "hold"]
        later = {reason.code for reason in found} & {"frozen", "terms"}
        if later and "credit" not in blocking:
            release = self.hold_ids.filtered(lambda hold: hold.keeper == "credit" and hold.state != "lapsed")[:1]
            if later - set(release.reason_ids.mapped("code")):
                blocking["credit"] = found
        return blocking

    def _hold_gate_fields(self):
        return super()._hold_gate_fields() | {"payment_term_id"}

    def _hold_lock_keys(self):
        """Companies that share their credit share the counter row too."""
        keys = super()._hold_lock_keys()
        settings = self.env["res.company"]._credit_settings
        keepers = {company_id: settings(company_id).keeper_id for company_id, _customer in keys}
        return keys | {(keepers[company_id], customer_id) for company_id, customer_id in keys}

    def _hold_questions(self):
        questions = super()._hold_questions()
        for company, orders in self.grouped("company_id").items():
            settings = self.env["res.company"]._credit_settings(company.id)
            if settings.mode != "off" and (question := orders.hold_customer_id._credit_question(settings, self)):
                questions["credit", company.id] = question
        return questions

    def _hold_reasons(self, answers):
        reasons = super()._hold_reasons(answers)
        shared, keys = {}, set()
        for company, orders in self.grouped("company_id").items():
            settings = self.env["res.company"]._credit_settings(company.id)
            if settings.mode == "off":
                continue
            # What orders of one company use is used for the others of its group as well.
            used = shared.setdefault(settings.keeper_id, {})
            answer = answers.get(("credit", company.id))
            judged, exposures = orders._credit_judge(company, reasons, used, excluding=self, flush=False, answer=answer)
            for order_id, found in judged.items():
                reasons[order_id] += found
            keys.update(collective.key for figures in exposures.values() for collective in figures.collectives)
        self.env["credit.lock"]._take(keys)
        return reasons

    def _credit_judge(self, company, others, used=None, excluding=None, flush=True, answer=None):
        """Judge orders of one company one after the other, on one statement of figures.

        :param others: {order id: reasons of other keepers}; what these hold uses nothing
        :param used: {customer id, or key of a Collective: amount} that orders before these use; added to
        :param excluding: orders that don't count in the exposure, since they are judged here
        :param answer: to ``_credit_question``, where it was asked already
        :return: ({order id: list of HoldReason}, {customer id: Exposure})
        """
        used = {} if used is None else used
        excluding = self._origin if excluding is None else excluding
        settings = self.env["res.company"]._credit_settings(company.id)
        customers = self.hold_customer_id
        exposures = customers._credit_exposure(
            company, excluding=excluding, flush=flush, collective=True, answer=answer
        )
        ids = list(exposures)
        rules = self.env["credit.policy"]._winning(company.id, ids)
        amounts = self._credit_amounts(settings)
        today = fields.Date.context_today(self)
        result = {}
        for order in self:
            result[order.id] = []
            customer_id = order.hold_customer_id.id or order.hold_customer_id._origin.id
            figures = exposures.get(customer_id)
            if figures is None:
                continue
            amount = amounts[order.id]
            found = order._credit_reasons(settings, figures, rules[customer_id], used, amount, today)
            result[order.id] = found
            objections = {reason.keeper for reason in [*others.get(order.id, ()), *found] if reason.level == "hold"}
            # A confirmed order goes on using what it uses, even while its growth is held.
            if order.state == "sale" or all(order._hold_released(keeper) for keeper in objections):
                for key in (customer_id, *(collective.key for collective in figures.collectives)):
                    used[key] = used.get(key, 0.0) + amount
        return result, exposures

    def _credit_amounts(self, settings):
        """Return {order id: amount that is not invoiced, in the currency of the company that keeps the account}.

        Quotations count at today's rate, at which they would be confirmed.
        """
        amounts = {}
        company = self.company_id[:1]
        currency = self.env["res.currency"].browse(settings.currency_id)
        factor = (
            dict(self.env["res.partner"]._credit_factors(settings)).get(company.id, 1.0) if settings.foreign else 1.0
        )
        for order in self:
            amount = order._hold_convert(order.uninvoiced_amount)
            amounts[order.id] = currency.round(amount * factor) if settings.foreign else amount
        return amounts

    def _credit_reasons(self, settings, figures, rules, used, amount, today):
        """Return the reasons that credit has against this order.

        :param figures: Exposure of the customer without this order
        :param rules: {check: Rule} that hold for the customer
        :param dict used: what orders before this one in the batch use, of the customer and of limits of several
        :param float amount: what this order uses
        """
        self.ensure_one()
        judged, objections = judge(
            figures,
            rules,
            amount,
            today,
            settings.digits,
            used=used,
            customer_id=self.hold_customer_id.id or self.hold_customer_id._origin.id,
            total=lambda: self._hold_amount()[self.id],
            days=lambda: (
                self.env["account.payment.term"]._credit_days(self.payment_term_id.id) if self.payment_term_id else 0
            ),
        )
        common = {
            "currency_id": settings.currency_id,
            "mode": figures.mode,
            "limit": judged["limit"],
            "base_limit": figures.base_limit,
            "temporary_limit": figures.temporary_limit,
            "guarantees": figures.guarantees,
            "exposure": judged["exposure"],
            "order_amount": amount,
            "excess": judged["excess"],
            "overdue": figures.overdue,
            "overdue_days": figures.overdue_days if figures.overdue else 0,
            "unapplied": figures.unapplied,
        }
        found = []

        def object_to(code, level, rule=None, **more):
            level = "warn" if settings.mode == "warn" else level
            policy = {"policy_id": rule.id, "policy": rule.name} if rule else {}
            found.append(HoldReason("credit", code, level, {**common, **policy, **more}))

        if figures.frozen:
            account = self.env["credit.account"].sudo().browse(figures.account_id)
            object_to(
                "frozen", "hold", note=account.frozen_reason or "", date=fields.Date.to_string(account.frozen_date)
            )
        if self._hold_is_foreign() and self.company_id._credit_rate_missing(self.currency_id):
            object_to("rate", "hold", currency=self.currency_id.name, company_currency=self.company_id.currency_id.name)
        for code, level, rule, more in objections:
            object_to(code, level, rule, **more)
        return found

    def _hold_values(self, keeper, reasons):
        """Freeze the credit figures on the hold, beside the reasons (C6, C7)."""
        values = super()._hold_values(keeper, reasons)
        if keeper == "credit" and reasons:
            figures = reasons[0].figures
            values.update(
                {
                    "credit_currency_id": figures["currency_id"],
                    "credit_mode": figures["mode"],
                    "credit_limit": figures["limit"] or 0.0,
                    "credit_exposure": figures["exposure"],
                    "credit_excess": max(
                        figures["excess"], *(reason.figures.get("collective_excess", 0.0) for reason in reasons)
                    ),
                    "credit_overdue": figures["overdue"],
                    "credit_overdue_days": figures["overdue_days"],
                }
            )
        return values

    # === ACTION METHODS === #

    def action_credit_customer(self):
        """Open the customer's credit, from the banner."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.hold_customer_id.id,
        }
