from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.i18n import format_list

from .complaint_deadline import DEADLINES

BATCH = 500


class ComplaintComplaint(models.Model):
    """Deadlines on the company's working calendar, and what happens when they pass (A3)."""

    _inherit = "complaint.complaint"

    def _set_deadlines(self, since=None):
        """Count the deadlines of complaints, by default from their receipt: constant queries but for the writing."""
        complaints = self.sudo()
        days = self.env["complaint.deadline"]._days_for(complaints)
        starts = {complaint: since or complaint._deadline_start() for complaint in complaints}
        for company, own in complaints.grouped("company_id").items():
            moments = company._complaint_moments(
                (starts[complaint], number) for complaint in own for number in days[complaint.id].values()
            )
            alike = {}
            for complaint in own:
                key = tuple(
                    (days[complaint.id] and moments[starts[complaint], days[complaint.id][kind]]) or False
                    for kind, _label in DEADLINES
                )
                alike[key] = alike.get(key, self.browse()) | complaint
            for key, same in alike.items():
                same.sudo()._write_step(
                    {f"{kind}_deadline": moment for (kind, _label), moment in zip(DEADLINES, key, strict=True)}
                )

    def _deadline_start(self):
        self.ensure_one()
        reopened = self.step_ids.filtered(lambda step: step.kind in ("reopened", "objected"))
        return max(reopened.mapped("date"), default=self.received_on)

    def _missed(self, now):
        """Return [(kind, deadline)] that this complaint owes and has missed."""
        self.ensure_one()
        owed = []
        if not self.acknowledged_on:
            owed.append("acknowledge")
        if not self.notified_on:
            owed.append("answer")
        owed.append("solution")
        return [
            (kind, self[f"{kind}_deadline"])
            for kind in owed
            if self[f"{kind}_deadline"] and self[f"{kind}_deadline"] <= now
        ]

    @api.model
    def _cron_escalate(self):
        """Tell people of deadlines that have passed, up the line; after a downtime what was missed is caught up, each
        once. One message per person and complaint goes out, however many levels have been reached meanwhile."""
        now = fields.Datetime.now()
        domain = Domain("state", "!=", "closed") & Domain("deadline", "<=", now)
        ids = self.sudo().search(domain, order="id").ids
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(ids))
        for start in range(0, len(ids), BATCH):
            batch = self.sudo().browse(ids[start : start + BATCH])
            batch._escalate(now)
            cron._commit_progress(len(batch))

    def _escalate(self, now):
        """Escalate what is due of these complaints: constant queries per batch but for the activities."""
        levels = self.env["complaint.escalation.level"].sudo().search([])
        known = {
            (row.complaint_id.id, row.round, row.kind, row.level_id.id)
            for row in self.env["complaint.escalation"].search([("complaint_id", "in", self.ids)])
        }
        vals_list, told = [], {}
        managers = {company: company._complaint_managers() for company in self.company_id}
        fitting = {
            company: levels.filtered(lambda level, company=company: level.company_id in (company, company.browse()))
            for company in self.company_id
        }
        missed = {complaint: complaint._missed(now) for complaint in self}
        # Zero is at once; later levels come at the closing of the working day that they name.
        reached = {
            company: company._complaint_moments(
                (deadline, level.days)
                for complaint in own
                for _kind, deadline in missed[complaint]
                for level in fitting[company]
                if level.days
            )
            for company, own in self.grouped("company_id").items()
        }
        for complaint in self:
            company = complaint.company_id
            for kind, deadline in missed[complaint]:
                for level in fitting[company]:
                    key = (complaint.id, complaint.round, kind, level.id)
                    at = reached[company][deadline, level.days] if level.days else deadline
                    if key in known or at > now:
                        continue
                    users = complaint._told_by(level, managers[company])
                    by_kind = told.setdefault(complaint, {})
                    by_kind[kind] = by_kind.get(kind, self.env["res.users"]) | users
                    vals_list.append(
                        {
                            "complaint_id": complaint.id,
                            "round": complaint.round,
                            "kind": kind,
                            "level_id": level.id,
                            "deadline": deadline,
                            "date": now,
                            "user_ids": [fields.Command.set(users.ids)],
                        }
                    )
        self.env["complaint.escalation"].create(vals_list)
        self._tell_escalated(told)
        return len(vals_list)

    def _told_by(self, level, managers):
        self.ensure_one()
        if level.told == "managers":
            return managers
        person = level.user_id if level.told == "user" else self.user_id
        # Nobody who has left is told instead of somebody who can act.
        return person if person.active else managers

    def _tell_escalated(self, told):
        """Give everybody who is told an activity: one per person and complaint."""
        activity_type = self.env.ref("aftersales_complaint.mail_activity_type_late")
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for complaint, by_kind in told.items():
            users = self.env["res.users"].union(*by_kind.values())
            summaries = {lang: self._passed_summary(by_kind, lang) for lang in set(users.mapped("lang"))}
            vals_list += [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": complaint.id,
                    "user_id": user.id,
                    "summary": summaries[user.lang],
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self),
                }
                for user in users
            ]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _passed_summary(self, kinds, lang):
        """Return the words for deadlines that passed, in the language of who is told: the run itself has none."""
        env = self.with_context(lang=lang).env
        labels = dict(env["complaint.escalation"]._fields["kind"]._description_selection(env))
        return env._("Deadline passed: %s", format_list(env, [labels[kind] for kind in kinds]))
