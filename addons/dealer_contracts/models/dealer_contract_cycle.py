from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

BATCH = 500


class DealerContract(models.Model):
    """In force, renewed, amended, terminated, expired (D3)."""

    _inherit = "dealer.contract"

    # === BEGIN AND END === #

    def _begin(self):
        """Put filed contracts in force whose first day has come; those they replace end."""
        today = {company: company._customer_today() for company in self.company_id}
        due = self.filtered(
            lambda contract: contract.state == "filed" and contract.date_start <= today[contract.company_id]
        )
        if not due:
            return
        if obstacles := due._force_obstacles():
            raise UserError("\n".join(sentence for sentences in obstacles.values() for sentence in sentences))
        due.write({"state": "in_force"})
        due._log_note(self.env._("In force."))
        replaced = due.filtered(lambda contract: contract.relation == "amendment").origin_id.filtered(
            lambda contract: contract.state in ("filed", "in_force")
        )
        replaced.write({"state": "expired"})
        replaced._log_note(self.env._("Replaced by an amendment."))

    def _force_obstacles(self):
        """Hook: return {contract: sentences} of what stands against these contracts being in force.

        What has to hold among several contracts is checked here, under a lock.
        """
        return {}

    def _begin_unhindered(self):
        """Put contracts in force, but for those that something stands against.

        Their owners are told on the first day.
        """
        obstacles = self._force_obstacles()
        for contract, sentences in obstacles.items():
            if contract.date_start == contract.company_id._customer_today():
                contract._tell_owner(
                    self.env._("Contract not in force: %s", contract.display_name), "\n".join(sentences)
                )
        self.filtered(lambda contract: contract not in obstacles)._begin()

    def _end_or_renew(self):
        """End contracts whose last day has passed, or let them go on where that was agreed and nobody gave notice."""
        going_on = self.filtered(lambda contract: contract.auto_renew and not contract.notice_date)
        today = {company: company._customer_today() for company in going_on.company_id}
        notes = {}
        for contract in going_on:
            end = contract.date_end
            signed = contract.date_end_signed or end
            count = 0
            while end <= today[contract.company_id]:
                count += 1
                end = contract.date_end + relativedelta(months=contract.renewal_months * count)
            contract.write({"date_end": end, "date_end_signed": signed})
            notes[contract.id] = self.env._("Renewed by itself until %s.", end - timedelta(days=1))
        if notes:
            self._message_log_batch(notes, author_id=self.env.user.partner_id.id)
        over = self - going_on
        over.write({"state": "expired"})
        over._log_note(self.env._("Expired."))

    @api.model
    def _cron_states(self):
        """Put contracts in force and end them, on the clock of each company; remind of originals due back."""
        for company in self.env["res.company"].sudo().search([]):
            today = company._customer_today()
            for domain, method in (
                ([("state", "=", "filed"), ("date_start", "<=", today)], "_begin_unhindered"),
                ([("state", "in", ("filed", "in_force")), ("date_end", "<=", today)], "_end_or_renew"),
            ):
                contracts = self.sudo().search([("company_id", "=", company.id), *domain])
                for start in range(0, len(contracts), BATCH):
                    batch = contracts[start : start + BATCH]
                    getattr(batch, method)()
                    self.env["ir.cron"]._commit_progress(len(batch), remaining=len(contracts) - start - len(batch))
        self._remind_of_loans()

    @api.model
    def _remind_of_loans(self):
        """Give borrowers of originals that are due an activity, once."""
        loans = (
            self.env["dealer.contract.loan"]
            .sudo()
            .search([("date_back", "=", False), ("date_due", "<=", fields.Date.context_today(self))])
        )
        activity_type = self.env.ref("dealer_contracts.mail_activity_type_return")
        asked = {
            (activity.res_id, activity.user_id)
            for activity in self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", loans.contract_id.ids),
                    ("activity_type_id", "=", activity_type.id),
                ]
            )
        }
        for loan in loans:
            if (loan.contract_id.id, loan.borrower_id) not in asked:
                loan.contract_id._make_activities(
                    "dealer_contracts.mail_activity_type_return",
                    loan.borrower_id,
                    self.env._("Bring back the original: %s", loan.contract_id.display_name),
                    deadline=loan.date_due,
                )

    # === SUCCESSION === #

    def _successor(self, relation, values):
        """Return a new draft that follows this contract in its chain."""
        self.ensure_one()
        root = self.root_id or self
        version = 1 + max((root | self.sudo().search([("root_id", "=", root.id)])).mapped("version"))
        return (
            self.sudo()
            .copy(
                {
                    **values,
                    "relation": relation,
                    "origin_id": self.id,
                    "root_id": root.id,
                    "version": version,
                    "user_id": self.env.uid,
                    "author_ids": [(6, 0, [self.env.uid])],
                }
            )
            .with_env(self.env)
        )

    def action_amend(self):
        """Draft an amendment; once in force it takes the place of this contract."""
        self.ensure_one()
        self._check_owner()
        self._expect("filed", "in_force")
        today = self.company_id._customer_today()
        draft = self._successor("amendment", {"date_start": max(today, self.date_start), "date_end": self.date_end})
        return draft._open()

    def action_renew(self):
        """Draft the contract for the time after this one, of the same length."""
        self.ensure_one()
        self._check_owner()
        self._expect("filed", "in_force", "expired")
        months = relativedelta(self.date_end, self.date_start)
        draft = self._successor("renewal", {"date_start": self.date_end, "date_end": self.date_end + months})
        return draft._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === NOTICE AND TERMINATION === #

    def action_notice(self):
        """Open the form for a notice: the contract ends and doesn't renew itself."""
        self.ensure_one()
        self._check_owner()
        self._expect("filed", "in_force")
        return self._wizard("dealer.contract.termination", self.env._("Notice"), default_kind="notice")

    def action_terminate(self):
        """Open the form for a termination before the end."""
        self.ensure_one()
        self._check_owner()
        self._expect("signed", "filed", "in_force")
        return self._wizard("dealer.contract.termination", self.env._("Terminate"), default_kind="termination")

    def _give_notice(self, by, date):
        """Record a notice.

        :param str by: "a" or "b"
        :raise UserError: if it comes too late
        """
        self.ensure_one()
        self._check_owner()
        self._expect("filed", "in_force")
        latest = self.date_end - timedelta(days=self.notice_days or 0)
        if date > latest:
            raise UserError(
                self.env._(
                    "Notice had to be given %(days)s days before the end, on %(latest)s at the latest.",
                    days=self.notice_days,
                    latest=latest,
                )
            )
        self.sudo().write({"notice_date": date, "notice_by": by})
        self.sudo()._log_note(
            self.env._("Notice given on %(date)s: the contract ends on %(end)s.", date=date, end=self.date_end)
        )

    def _terminate(self, date, reason):
        """End a contract before its time.

        :param date: the first day without contract; not in the future
        :param str reason: compulsory
        """
        self.ensure_one()
        self._check_owner()
        self._expect("signed", "filed", "in_force")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the contract is terminated."))
        if date > self.company_id._customer_today():
            raise UserError(self.env._("A contract is terminated on the day it ends: today or before."))
        self.sudo().write({"state": "terminated", "date_terminated": date, "termination_reason": reason.strip()})
        self.sudo()._log_note(self.env._("Terminated on %(date)s: %(reason)s", date=date, reason=reason.strip()))
