from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL


class CreditTemporaryLimit(models.Model):
    """An amount added to a credit limit for some time, once or every year (C8)."""

    _name = "credit.temporary.limit"
    _description = "Temporary Credit Limit"
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    account_id = fields.Many2one("credit.account", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount = fields.Monetary("Added Amount", required=True, help="Added to the base limit, in company currency.")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", required=True, help="First day on which the amount is no longer added.")
    yearly = fields.Boolean("Every Year", help="The same days each year, for the season.")
    reason = fields.Char(required=True)
    in_force = fields.Boolean("In Force Today", compute="_compute_in_force")

    @api.depends("date_from", "date_to", "yearly")
    def _compute_in_force(self):
        today = fields.Date.context_today(self)
        for limit in self:
            limit.in_force = limit._is_in_force(today)

    def _is_in_force(self, today):
        """Tell whether the amount is added on ``today``; the same rule as ``_in_force_sql``."""
        if not (self.date_from and self.date_to) or today < self.date_from:
            return False
        if not self.yearly or today < self.date_to:
            return today < self.date_to
        start, end, day = ((date.month, date.day) for date in (self.date_from, self.date_to, today))
        if start < end:
            return start <= day < end
        return day >= start or day < end

    @api.model
    def _in_force_sql(self, alias, today):
        """Return the SQL condition of a temporary limit in force on ``today``; from included, until excluded.

        A yearly one is compared by month and day from its second year on; it may run over New Year.
        """
        row = SQL.identifier(alias)
        day = SQL("to_char(%s::date, 'MMDD')", today)
        return SQL(
            """(%(row)s.date_from <= %(today)s AND (%(today)s < %(row)s.date_to OR %(row)s.yearly AND CASE
                   WHEN to_char(%(row)s.date_from, 'MMDD') < to_char(%(row)s.date_to, 'MMDD')
                   THEN %(day)s >= to_char(%(row)s.date_from, 'MMDD') AND %(day)s < to_char(%(row)s.date_to, 'MMDD')
                   ELSE %(day)s >= to_char(%(row)s.date_from, 'MMDD') OR %(day)s < to_char(%(row)s.date_to, 'MMDD')
                   END))""",
            row=row,
            today=today,
            day=day,
        )

    @api.constrains("amount", "date_from", "date_to", "yearly")
    def _check_values(self):
        for limit in self:
            if limit.amount <= 0:
                raise ValidationError(
                    self.env._(
                        "The temporary limit of %(customer)s is %(amount)s; it has to be more than zero.",
                        customer=limit.partner_id.display_name,
                        amount=limit.currency_id.format(limit.amount),
                    )
                )
            if limit.date_to <= limit.date_from:
                raise ValidationError(
                    self.env._(
                        "The temporary limit of %(customer)s starts on %(start)s and ends on %(end)s; "
                        "it has to end after it starts.",
                        customer=limit.partner_id.display_name,
                        start=limit.date_from,
                        end=limit.date_to,
                    )
                )
            if limit.yearly and (limit.date_to - limit.date_from).days > 365:
                raise ValidationError(
                    self.env._(
                        "The temporary limit of %s returns every year, so it can't last longer than a year.",
                        limit.partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_manager()
        limits = super().create(vals_list)
        for limit in limits:
            limit.account_id.message_post(body=limit._sentence(self.env._("Temporary limit added")))
        limits.account_id._trigger_release()
        return limits

    def write(self, vals):
        self._check_manager()
        result = super().write(vals)
        for limit in self:
            limit.account_id.message_post(body=limit._sentence(self.env._("Temporary limit changed")))
        self.account_id._trigger_release()
        return result

    def unlink(self):
        self._check_manager()
        for limit in self:
            limit.account_id.message_post(body=limit._sentence(self.env._("Temporary limit removed")))
        return super().unlink()

    def _sentence(self, what):
        return self.env._(
            "%(what)s: %(amount)s from %(start)s until %(end)s%(yearly)s. %(reason)s",
            what=what,
            amount=self.currency_id.format(self.amount),
            start=self.date_from,
            end=self.date_to,
            yearly=self.env._(", every year") if self.yearly else "",
            reason=self.reason or "",
        )

    def _check_manager(self):
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Temporary limits are set by credit managers only."))
