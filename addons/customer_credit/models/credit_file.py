"""Sections of the credit file, and what fills them."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date, format_datetime, html2plaintext

ROWS_MAX = 100
HISTORY_FIELDS = ("mode", "credit_limit", "limit_payment_days", "payment_days", "valid_until", "frozen", "active")
# Limits that customers share: whoever gets the file of one of them is not to read of the others.
SHARED = ("group", "ceiling")
METRICS = ("on_time", "days_late", "overdue_days", "average_monthly_sales", "days_since_order", "returns")


class Section(NamedTuple):
    """A part of the credit file; all texts are ready to be printed.

    :param title: heading
    :param fields: [(label, text)], printed in two columns
    :param columns: [(label, is a figure)] of a table
    :param rows: lists of texts, one for each column
    :param empty: sentence in place of a table without rows
    :param note: text below
    """

    title: str
    fields: tuple = ()
    columns: tuple = ()
    rows: tuple = ()
    empty: str = ""
    note: str = ""


class CreditAccount(models.Model):
    """The credit file (客户信用档案): everything known of a customer's credit, on paper."""

    _inherit = "credit.account"

    def action_print_file(self):
        """Print the credit file."""
        self._check_file()
        return self.env.ref("customer_credit.credit_file_action_report").report_action(self, config=False)

    def _check_file(self):
        """Raise unless the user may read everything that is in the file: credit readers."""
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("customer_credit.group_credit_user"):
            raise AccessError(self.env._("The credit file is for people with rights on customer credit."))

    def _credit_file_sections(self):
        """Return the Sections of the credit file, in order; the hook for what adds more.

        Called with the rights of the system, after ``_check_file``, in the language of the reader.
        """
        self.ensure_one()
        figures = self.partner_id._credit_exposure(self.company_id, ageing=True)[self.partner_id.id]
        return [
            self._file_account(figures),
            self._file_figures(figures),
            self._file_payment_history(),
            self._file_temporary_limits(),
            self._file_guarantees(),
            self._file_policies(),
            self._file_limit_history(),
            self._file_holds(),
        ]

    # === TEXTS === #

    def _file_money(self, amount):
        return self.currency_id.format(amount)

    def _file_label(self, name):
        """Return the text of a selection field's value."""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name], "")

    # === SECTIONS === #

    def _file_account(self, figures):
        partner = self.partner_id
        rows = [
            (self.env._("Customer"), partner.name or ""),
            (self.env._("Reference"), partner.ref or "–"),
            (self.env._("Tax Number"), partner.vat or "–"),
            (self.env._("Salesperson"), partner.user_id.name or "–"),
            (self.env._("Address"), " ".join((partner.contact_address or "").split()) or "–"),
            (self.env._("Phone"), partner.phone or "–"),
            (self.env._("Credit"), self._file_label("mode")),
            (self.env._("Base Limit"), self._file_money(self.credit_limit) if self.mode == "amount" else "–"),
            (self.env._("Payment Days"), str(self.payment_days) if self.limit_payment_days else "–"),
            (self.env._("Valid Until"), format_date(self.env, self.valid_until) if self.valid_until else "–"),
            (self.env._("Status"), self._file_label("status")),
            (self.env._("Since"), format_date(self.env, self.create_date)),
        ]
        note = ""
        if self.frozen:
            note = self.env._(
                "Frozen by %(user)s on %(date)s: %(reason)s",
                user=self.frozen_by.name or "",
                date=format_date(self.env, self.frozen_date),
                reason=self.frozen_reason or "",
            )
        return Section(self.env._("Credit Account"), fields=tuple(rows), note=note)

    def _file_figures(self, figures):
        money = self._file_money
        limited = figures.limited
        rows = [
            (self.env._("Limit Today"), money(figures.limit) if limited else self.env._("Unlimited")),
            (self.env._("Used"), money(figures.exposure)),
            (self.env._("Remaining"), money(figures.remaining) if limited else "–"),
            (self.env._("Used (%)"), f"{figures.utilisation:.1f}" if figures.utilisation is not None else "–"),
            (self.env._("Open Invoices"), money(figures.receivable)),
            (self.env._("Draft Invoices"), money(figures.draft_invoices)),
            (self.env._("Orders Not Yet Invoiced"), money(figures.orders)),
            (self.env._("Payments Not Set Off"), money(figures.unapplied)),
            (self.env._("Overdue"), money(figures.overdue)),
            (self.env._("Days Overdue"), str(figures.overdue_days)),
        ]
        columns = tuple(
            (label, True)
            for label in (
                self.env._("Not due"),
                self.env._("1-30 days"),
                self.env._("31-60 days"),
                self.env._("61-90 days"),
                self.env._("Over 90 days"),
            )
        )
        ageing = tuple(money(amount) for amount in figures.ageing)
        return Section(self.env._("Exposure and Ageing"), fields=tuple(rows), columns=columns, rows=(ageing,))

    def _file_payment_history(self):
        Metric = self.env["customer.metric"].with_company(self.company_id)
        metrics = Metric.search([("code", "in", METRICS)])
        values = Metric._values(self.partner_id, metrics.mapped("code"))
        rows = tuple((metric.name, self._file_metric(metric, values)) for metric in metrics)
        return Section(self.env._("Payment History (12 Months)"), fields=rows)

    def _file_metric(self, metric, values):
        value = values[metric.code][self.partner_id.id]
        if value is None:
            return self.env._("No data")
        if metric.unit == "money":
            return self._file_money(value)
        unit = dict(metric._fields["unit"]._description_selection(self.env)).get(metric.unit, "")
        return f"{value:,.1f} {unit}"

    def _file_temporary_limits(self):
        return Section(
            self.env._("Temporary Limits"),
            columns=(
                (self.env._("Added Amount"), True),
                (self.env._("From"), False),
                (self.env._("Until"), False),
                (self.env._("Every Year"), False),
                (self.env._("In Force Today"), False),
                (self.env._("Reason"), False),
            ),
            rows=tuple(
                (
                    self._file_money(limit.amount),
                    format_date(self.env, limit.date_from),
                    format_date(self.env, limit.date_to),
                    self.env._("Yes") if limit.yearly else "",
                    self.env._("Yes") if limit.in_force else "",
                    limit.reason or "",
                )
                for limit in self.temporary_limit_ids
            ),
            empty=self.env._("None."),
        )

    def _file_guarantees(self):
        return Section(
            self.env._("Guarantees"),
            columns=(
                (self.env._("Kind"), False),
                (self.env._("Reference"), False),
                (self.env._("Amount"), True),
                (self.env._("Counted Amount"), True),
                (self.env._("From"), False),
                (self.env._("Until"), False),
                (self.env._("Status"), False),
            ),
            rows=tuple(
                (
                    guarantee.kind_id.name,
                    guarantee.reference or "",
                    guarantee.currency_id.format(guarantee.amount),
                    self._file_money(guarantee.amount_counted),
                    format_date(self.env, guarantee.date_from),
                    format_date(self.env, guarantee.date_to) if guarantee.date_to else "",
                    guarantee._fields["state"].convert_to_export(guarantee.state, guarantee),
                )
                for guarantee in self.guarantee_ids
                if guarantee.state in ("active", "ended")
            ),
            empty=self.env._("None."),
        )

    def _file_policies(self):
        Policy = self.env["credit.policy"]
        rules = Policy._winning(self.company_id.id, [self.partner_id.id])[self.partner_id.id]
        policies = Policy.with_company(self.company_id).browse(
            [rule.id for rule in rules.values() if rule.check not in SHARED]
        )
        checks = dict(Policy._fields["check"]._description_selection(self.env))
        levels = dict(Policy._fields["level"]._description_selection(self.env))
        return Section(
            self.env._("Policies That Hold"),
            columns=(
                (self.env._("Check"), False),
                (self.env._("Does"), False),
                (self.env._("Rule"), False),
                (self.env._("Policy"), False),
            ),
            rows=tuple(
                (checks[policy.check], levels[policy.level], policy.summary or "", f"{policy.name} ({policy.scope})")
                for policy in policies.sorted(lambda policy: list(checks).index(policy.check))
            ),
            empty=self.env._("None."),
        )

    def _file_limit_history(self):
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("notification", "comment", "auto_comment")),
            ],
            order="id desc",
            limit=ROWS_MAX,
        )
        known = self.env["ir.model.fields"].search([("model", "=", self._name), ("name", "in", HISTORY_FIELDS)])
        tracked = known.grouped("id")
        rows = []
        for message in messages:
            changes = [
                self._file_change(tracked[value.field_id.id], value)
                for value in message.tracking_value_ids
                if value.field_id.id in tracked
            ]
            said = html2plaintext(message.body or "", include_references=False).strip()
            if changes or said:
                rows.append(
                    (
                        format_datetime(self.env, message.date, dt_format="short"),
                        message.author_id.name or "",
                        "\n".join([*changes, *([said] if said else [])]),
                    )
                )
        return Section(
            self.env._("History"),
            columns=((self.env._("Date"), False), (self.env._("By"), False), (self.env._("What"), False)),
            rows=tuple(rows),
            empty=self.env._("None."),
        )

    def _file_change(self, field, value):
        """Return a sentence of a change that was tracked."""
        formatted = (
            value._format_display_value(field.ttype, new=False)[0],
            value._format_display_value(field.ttype, new=True)[0],
        )
        texts = []
        for text in formatted:
            if field.ttype == "monetary":
                text = self._file_money(text or 0.0)
            elif field.ttype == "boolean":
                text = self.env._("Yes") if text else self.env._("No")
            elif field.ttype == "date" and text:
                text = format_date(self.env, fields.Date.to_date(str(text)[:10]))
            texts.append(str(text if text not in (None, False, "") else "–"))
        return f"{field.field_description}: {texts[0]} → {texts[1]}"

    def _file_holds(self):
        scope = self.env["res.company"]._credit_settings(self.company_id.id).scope
        Hold = self.env["sale.order.hold"]
        holds = Hold.search(
            [("partner_id", "=", self.partner_id.id), ("company_id", "in", scope)], order="id desc", limit=ROWS_MAX
        )
        states = dict(Hold._fields["state"]._description_selection(self.env))
        return Section(
            self.env._("Held Orders and Decisions"),
            columns=(
                (self.env._("Held On"), False),
                (self.env._("Order"), False),
                (self.env._("Order Total"), True),
                (self.env._("Why"), False),
                (self.env._("Status"), False),
                (self.env._("Decision"), False),
            ),
            rows=tuple(
                (
                    format_date(self.env, hold.create_date),
                    hold.order_id.name or "",
                    hold.currency_id.format(hold.amount),
                    self._file_reasons(hold),
                    states[hold.state],
                    self._file_decision(hold),
                )
                for hold in holds
            ),
            empty=self.env._("No order was held."),
        )

    @api.model
    def _file_reasons(self, hold):
        texts = [
            self.env._("A limit of several customers.") if reason.code in SHARED else reason.message
            for reason in hold.reason_ids
        ]
        return "\n".join(dict.fromkeys(texts))

    @api.model
    def _file_decision(self, hold):
        if not hold.decision_by:
            return ""
        return self.env._(
            "%(user)s, %(date)s: %(reason)s",
            user=hold.decision_by.name,
            date=format_date(self.env, hold.decision_date),
            reason=hold.decision_reason or "",
        )
