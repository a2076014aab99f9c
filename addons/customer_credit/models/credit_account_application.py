from odoo import fields, models
from odoo.tools import SQL


class CreditAccount(models.Model):
    """Where the limits of an account come from: applications and decisions (C1, C8)."""

    _inherit = "credit.account"

    grade = fields.Char(readonly=True, copy=False, tracking=True, help="From the assessment that the limit stands on.")
    decision_ids = fields.One2many("credit.decision", "account_id", string="Decisions")
    application_count = fields.Integer(compute="_compute_application_count")

    def _compute_application_count(self):
        counts = {
            (partner.id, company.id): count
            for partner, company, count in self.env["credit.application"]._read_group(
                [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)],
                groupby=["partner_id", "company_id"],
                aggregates=["__count"],
            )
        }
        for account in self:
            account.application_count = counts.get((account.partner_id.id, account.company_id.id), 0)

    def _credit_terms(self):
        """Return, JSON-able, what this account grants at present."""
        self.ensure_one()
        return {
            "mode": self.mode,
            "limit": self.credit_limit,
            "days": self.payment_days if self.limit_payment_days else None,
            "until": fields.Date.to_string(self.valid_until) or None,
            "frozen": self.frozen,
            "temporary": sorted(
                (
                    [limit.amount, fields.Date.to_string(limit.date_from), fields.Date.to_string(limit.date_to)]
                    for limit in self.temporary_limit_ids
                ),
            ),
        }

    def _claim(self):
        """Let two decisions on one account at once go one after the other.

        Writing the row makes the one who comes too late fail and be repeated with what is true then; locking it alone
        would let him go on with what he saw.
        """
        if self.ids:
            self.flush_recordset()
            self.env.cr.execute(
                SQL("UPDATE credit_account SET write_date = write_date WHERE id = ANY(%s)", sorted(self.ids))
            )

    def _apply_temporary(self, values, reason, origin=None):
        """Put a decision on a temporary limit into force; the counterpart of ``_apply_decision``.

        The caller has checked that the decision was taken by who may take it.

        :param dict values: amount, date_from, date_to, yearly, reason
        :param str reason: shown in the history of the account
        :param origin: record that the decision stands on
        :return: the credit.temporary.limit
        """
        self.ensure_one()
        limit = self.env["credit.temporary.limit"].sudo().create({**values, "account_id": self.id})
        self._apply_decision({}, reason, origin)
        return limit

    def _freeze(self, reason):
        """Freeze, and record the decision."""
        result = super()._freeze(reason)
        self._record_freeze("frozen", reason)
        return result

    def _unfreeze(self, reason):
        """Unfreeze, and record the decision."""
        result = super()._unfreeze(reason)
        self._record_freeze("unfrozen", reason)
        return result

    def _record_freeze(self, outcome, reason):
        self.env["credit.decision"].sudo().create(
            [
                {
                    "account_id": account.id,
                    "partner_id": account.partner_id.id,
                    "company_id": account.company_id.id,
                    "outcome": outcome,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                    "reason": reason.strip(),
                    "limit": account.credit_limit,
                    "days": account.payment_days,
                    "valid_until": account.valid_until,
                    "grade": account.grade,
                    "figures": account._credit_terms(),
                }
                for account in self.sudo()
            ]
        )

    def action_applications(self):
        """Show the applications of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_application_action")
        action.update(
            domain=[("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)],
            context={"default_partner_id": self.partner_id.id, "default_kind": "increase"},
        )
        return action
