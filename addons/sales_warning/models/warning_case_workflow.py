from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .warning_rule import DIRECTOR, MANAGER

STEPS = ("0", "1", "2", "3")
BATCH = 200


class WarningCase(models.Model):
    """What people, and time, do with a case."""

    _inherit = "warning.case"

    def _take_turn(self):
        """Lock the cases, so that two who decide at once do so one after the other."""
        self._check_handler()
        self.flush_recordset()
        self.lock_for_update()
        self.invalidate_recordset()
        self._check_open()

    def _log_event(self, event, note=False):
        """Add a line to the history of each case, with who did it."""
        self.env["warning.case.log"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "day": case.company_id.sudo()._customer_today(),
                    "event": event,
                    "level": case.level,
                    "reason": case.last_reason,
                    "figures": case.last_figures,
                    "user_id": self.env.uid,
                    "note": note,
                }
                for case in self
            ]
        )

    # === PEOPLE === #

    def action_investigate(self):
        """Take the case up: somebody finds out why."""
        self._take_turn()
        self.sudo().write({"state": "investigating", "snooze_until": False})
        self._log_event("investigating")
        return True

    def action_plan(self):
        """Measures are under way: needs cause and measures."""
        self._take_turn()
        self._check_explained()
        self.sudo().write({"state": "measures", "snooze_until": False})
        self._log_event("measures")
        return True

    def action_close(self):
        """Open the window in which the outcome is said."""
        return self._action_decide("close", self.env._("Close the Warning"))

    def action_snooze(self):
        """Open the window in which a pause is asked for, with its reason."""
        return self._action_decide("snooze", self.env._("Snooze the Warning"))

    def action_reassign(self):
        """Open the window in which another owner is chosen."""
        return self._action_decide("reassign", self.env._("Another Owner"))

    def action_judge(self):
        """Open the window in which it is said whether a warning that closed by itself was right."""
        return self._action_decide("judge", self.env._("Was the Warning Right?"))

    def _action_decide(self, decision, title):
        self._check_handler()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "warning.case.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids, "default_decision": decision},
        }

    def _check_explained(self):
        for case in self:
            if not (case.cause or "").strip() or not (case.measures or "").strip():
                raise UserError(self.env._("Write down the cause and the measures of “%s” first.", case.display_name))

    def _close(self, outcome, result=None):
        """Close the cases for good.

        :param str outcome: "confirmed" or "false"
        :raise UserError: without outcome, or for a case that was ever red and has no cause or no measures
        """
        self._take_turn()
        if outcome not in ("confirmed", "false"):
            raise UserError(self.env._("Say whether the warning was right."))
        self.filtered(lambda case: case.worst_level == "red")._check_explained()
        for case in self:
            case.sudo().write(
                {
                    "state": "closed",
                    "outcome": outcome,
                    "result": (result or "").strip() or case.result,
                    "closed_on": case.company_id.sudo()._customer_today(),
                    "closed_by": self.env.uid,
                    "snooze_until": False,
                    "stops_expense": False,
                    "digest_wanted": False,
                }
            )
        self._log_event("closed", result)
        self.sudo().activity_ids.unlink()

    def _judge(self, outcome, result=None):
        """Say of cases that closed by themselves whether they were right; once."""
        self._check_handler()
        self.lock_for_update()
        for case in self:
            if case.state != "closed" or case.outcome:
                raise UserError(self.env._("“%s” is not closed yet, or was judged already.", case.display_name))
        if outcome not in ("confirmed", "false"):
            raise UserError(self.env._("Say whether the warning was right."))
        self.sudo().write({"outcome": outcome, "closed_by": self.env.uid, **({"result": result} if result else {})})
        self._log_event("judged", result)

    def _snooze(self, until, reason):
        """Let the cases rest until a day. They wake then, or when they rise to red before.

        The longest pause of the rule counts from the first one: who asks again and again gets no more.
        """
        self._take_turn()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the pause."))
        for case in self:
            today = case.company_id.sudo()._customer_today()
            longest = case.snooze_limit or today + timedelta(days=case.rule_id.sudo().snooze_days)
            if not until or not today < until <= longest:
                raise UserError(
                    self.env._(
                        "A pause of “%(case)s” ends after today and at the latest on %(longest)s.",
                        case=case.display_name,
                        longest=fields.Date.to_string(longest),
                    )
                )
            case.sudo().snooze_limit = longest
        self.sudo().write({"state": "snoozed", "snooze_until": until, "snooze_reason": reason.strip()})
        self._log_event("snoozed", reason)

    def _reassign(self, user):
        """Give the cases to another owner; open activities go along."""
        self._take_turn()
        if not user or user.share or not user.active:
            raise UserError(self.env._("Choose an employee."))
        for case in self.sudo():
            case.activity_ids.filtered(lambda activity, case=case: activity.user_id == case.user_id).write(
                {"user_id": user.id}
            )
            case.user_id = user
        self._log_event("reassigned", user.name)

    # === TIME === #

    @api.model
    def _wake(self):
        """End the pauses that have run out."""
        for company, cases in self.search([("state", "=", "snoozed")]).grouped("company_id").items():
            today = company._customer_today()
            awake = cases.filtered(lambda case, today=today: not case.snooze_until or case.snooze_until <= today)
            for rule, found in awake.grouped("rule_id").items():
                # What passed while the case was allowed to rest takes it up no line.
                until = rule.with_company(company)._working_day_after(today, rule.escalate_days)
                found.write({"state": "open", "snooze_until": False, "escalate_on": until})
            awake._log_event("woken")

    @api.model
    def _escalate_due(self, limit=None):
        """Take cases whose deadline passed one step up the line: owner, team leader, manager, director.

        Each step is taken once; the next follows after the rule's working days. After a downtime a case goes up one
        step, however many were missed: nobody was asked in between.

        :return: whether some are left
        """
        limit = limit or BATCH
        for company in self.env["res.company"].search([]):
            today = company._customer_today()
            cases = self.with_company(company).search(
                [
                    ("company_id", "=", company.id),
                    ("state", "not in", ("closed", "snoozed")),
                    ("escalate_on", "<", today),
                    ("escalation", "!=", STEPS[-1]),
                ],
                limit=limit + 1,
                order="id",
            )
            if cases:
                cases[:limit]._escalate(today)
            if len(cases) > limit:
                return True
        return False

    def _escalate(self, today):
        company = self.env.company
        directors = self.rule_id._members(self.env.ref(DIRECTOR))
        managers = [user_id for user_id in self.rule_id._members(self.env.ref(MANAGER)) if user_id not in directors]
        Users = self.env["res.users"]
        members = {"2": Users.browse(managers), "3": Users.browse(directors)}
        after = {rule: rule._working_day_after(today, rule.escalate_days) for rule in self.rule_id}
        model_id = self.env["ir.model"]._get_id(self._name)
        kind = self.env.ref("sales_warning.mail_activity_type_warning", raise_if_not_found=False)
        activities = []
        for case in self:
            asked = case.user_id | case.escalated_user_id
            for step in STEPS[int(case.escalation) + 1 :]:
                leader = case.partner_id.user_id.sale_team_id.user_id or case.user_id.sale_team_id.user_id
                people = leader if step == "1" else members[step]
                person = people.filtered(
                    lambda user, asked=asked: user.active and user not in asked and company in user.company_ids
                )[:1]
                # A place in the line that is empty, or whose holder was asked already, is passed over.
                if person or step == STEPS[-1]:
                    break
            case.write(
                {
                    "escalation": step,
                    "escalated_user_id": person.id or case.escalated_user_id.id,
                    "escalate_on": after[case.rule_id],
                }
            )
            if person:
                activities.append(
                    {
                        "res_model_id": model_id,
                        "res_id": case.id,
                        "activity_type_id": kind.id if kind else False,
                        "user_id": person.id,
                        "date_deadline": after[case.rule_id],
                        "summary": case.with_context(lang=person.lang).env._(
                            "Past its deadline: %s", case.display_name
                        ),
                    }
                )
        # The digest tells of them all together: nobody gets a mail for each.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(activities)
        self._log_event("escalated")
