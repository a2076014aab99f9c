from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

BATCH = 500


class DealerContract(models.Model):
    """Reminders before the end (D8)."""

    _inherit = "dealer.contract"

    reminded_for = fields.Date(readonly=True, copy=False, help="The day that the owner was last reminded of.")
    reminded_days = fields.Integer(readonly=True, copy=False, help="How many days before.")

    def _reminder_day(self):
        """Return the day to be reminded of: the last one on which something can be done about the end.

        For a contract that renews itself that is the last day for a notice, otherwise the last day in force. None if
        there is nothing to be done.
        """
        self.ensure_one()
        if self.notice_date or not self.date_end:
            return None
        if self.auto_renew:
            return self.date_end - timedelta(days=self.notice_days or 0)
        return self.date_end - timedelta(days=1)

    @api.model
    def _cron_reminders(self):
        """Remind the owners of contracts that end soon, each time once.

        What a missed run left out is made up for, by the latest of the reminders that are due.
        """
        for company in self.env["res.company"].sudo().search([]):
            steps = company._contract_reminder_steps()
            if not steps:
                continue
            today = company._customer_today()
            contracts = self.sudo().search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", ("filed", "in_force")),
                    ("notice_date", "=", False),
                    # One that renews itself has its notice period on top.
                    "|",
                    ("date_end", "<=", today + timedelta(days=steps[0] + 1)),
                    "&",
                    ("auto_renew", "=", True),
                    ("notice_days", ">", 0),
                ]
            )
            due = contracts._reminders_due(today, steps)
            ids = list(due)
            for start in range(0, len(ids), BATCH):
                batch = self.sudo().browse(ids[start : start + BATCH])
                batch._remind(today, due)
                self.env["ir.cron"]._commit_progress(len(batch), remaining=len(ids) - start - len(batch))

    def _reminders_due(self, today, steps):
        """Return {contract id: days before the end} of the reminders that are due and weren't given.

        :param steps: days before the end, the longest first
        """
        due = {}
        for contract in self:
            day = contract._reminder_day()
            if not day or day < today:
                continue
            reached = [step for step in steps if (day - today).days <= step]
            if not reached:
                continue
            given = contract.reminded_days if contract.reminded_for == day else None
            if given is None or reached[-1] < given:
                due[contract.id] = reached[-1]
        return due

    def _remind(self, today, due):
        """Give the owners (and custodians, where the owner is gone) an activity on these contracts."""
        kind = self.env.ref("dealer_contracts.mail_activity_type_end")
        model_id = self.env["ir.model"]._get_id(self._name)
        old = (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", kind.id)])
        )
        old.unlink()
        # Activities take the names of their contracts one by one; the customers' are read together here.
        self.partner_id.mapped("name")
        values = []
        for contract in self:
            user = contract.user_id if contract.user_id.active else contract.custodian_id
            day = contract._reminder_day()
            local = contract.with_context(lang=user.lang).env
            values.append(
                {
                    "activity_type_id": kind.id,
                    "res_model_id": model_id,
                    "res_id": contract.id,
                    "user_id": (user or self.env.user).id,
                    "summary": local._("Renews itself: notice until %s at the latest", format_date(local, day))
                    if contract.auto_renew
                    else local._("Ends: last day %s", format_date(local, day)),
                    "date_deadline": day,
                    "automated": True,
                }
            )
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(values)
        self._reminded(due)

    def _reminded(self, due):
        by_value = {}
        for contract in self:
            by_value.setdefault((contract._reminder_day(), due[contract.id]), []).append(contract.id)
        for (day, days), ids in by_value.items():
            self.browse(ids).write({"reminded_for": day, "reminded_days": days})
