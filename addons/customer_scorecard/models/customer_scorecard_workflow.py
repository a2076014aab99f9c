from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class CustomerScorecard(models.Model):
    """Draft, submitted, approved, superseded: who takes an evaluation from one to the next, and who is told (E7)."""

    _inherit = "customer.scorecard"

    # === WORKFLOW === #

    def _check_evaluator(self):
        self.check_access("write")
        manager = self.env.user.has_group("customer_scorecard.group_scorecard_manager")
        for card in self:
            if not manager and card.user_id != self.env.user:
                raise AccessError(self.env._("%s is not your evaluation.", card.display_name))

    def _check_manager(self):
        if not self.env.user.has_group("customer_scorecard.group_scorecard_manager"):
            raise AccessError(self.env._("Evaluations are approved and sent back by managers of customer evaluation."))

    def _submission_problems(self):
        """Return sentences about what is missing before this evaluation can be submitted."""
        self.ensure_one()
        problems = []
        if self.date > self.company_id._customer_today():
            problems.append(self.env._("its date lies in the future"))
        if not self.score_known:
            problems.append(self.env._("nothing is answered"))
        for answer in self.answer_ids.sorted("sequence"):
            name = answer.criterion_id.name
            if answer.evidence_missing:
                problems.append(self.env._("“%s” needs evidence: a text or a file", name))
            if not answer.two_raters or not (answer.first_points or answer.second_points or answer.agreed_points):
                continue
            if not answer.first_points or not answer.second_points:
                problems.append(self.env._("“%s” needs the points of both raters", name))
            elif answer.disagree and not answer.agreed_points:
                problems.append(
                    self.env._(
                        "“%(criterion)s”: the raters gave %(first)s and %(second)s; agree on one value, with a note",
                        criterion=name,
                        first=answer.first_points,
                        second=answer.second_points,
                    )
                )
            if answer.agreed_points and not (answer.agreed_note or "").strip():
                problems.append(self.env._("“%s”: say in a note why you agreed so", name))
        return problems

    def _submit(self, measure=True, ask=True):
        """Submit drafts.

        :param bool measure: measure the figures again before
        :param bool ask: give the managers an activity for each
        :raise UserError: naming everything that is missing
        """
        self._check_evaluator()
        for card in self:
            if card.state != "draft":
                raise UserError(self.env._("%s is no draft.", card.display_name))
        cards = self.sudo()
        if measure:
            cards._measure()
        problems = [
            self.env._("%(scorecard)s: %(problem)s.", scorecard=card.display_name, problem=problem)
            for card in cards
            for problem in card._submission_problems()
        ]
        if problems:
            raise UserError("\n".join(problems))
        cards._set_previous()
        cards.write(
            {
                "state": "submitted",
                "submitted_by": self.env.uid,
                "submitted_on": fields.Datetime.now(),
                "refusal_reason": False,
            }
        )
        cards._log(self.env._("Submitted."))
        cards._close_activities()
        if ask:
            cards._ask_managers()

    def _approval_obstacles(self):
        """Return {evaluation: sentence} for those that the user can't approve."""
        current = self._current()
        obstacles = {}
        for card in self:
            newer = current.get(card._customer_key())
            if card.state != "submitted":
                obstacles[card] = self.env._("it isn't submitted")
            elif self.env.user in card._authors():
                obstacles[card] = self.env._("nobody approves an evaluation of one's own")
            elif newer and newer.date > card.date:
                obstacles[card] = self.env._(
                    "%(newer)s of %(date)s is approved already, and is younger",
                    newer=newer.name,
                    date=format_date(self.env, newer.date),
                )
        return obstacles

    def _approve(self):
        """Approve evaluations that nothing stands against; each supersedes the approved one before."""
        chains = {}
        superseded = self.browse()
        current = self._current()
        for card in self.sorted(lambda card: (card.date, card.id)):
            key = card._customer_key()
            previous = chains.get(key) or current.get(key) or self.browse()
            superseded |= previous
            chains[key] = card
            if card.previous_id != previous:
                card.previous_id = previous
        now = fields.Datetime.now()
        replaced = superseded & self
        (superseded - self).write({"state": "superseded"})
        self.env.flush_all()
        for (months, date, state), cards in self.grouped(
            lambda card: (
                card.band_id.review_months,
                card.date,
                "superseded" if card in replaced else "approved",
            )
        ).items():
            cards.write(
                {
                    "state": state,
                    "approved_by": self.env.uid,
                    "approved_on": now,
                    "next_date": date + relativedelta(months=months) if months else False,
                }
            )
        self._log(self.env._("Approved."))
        (superseded - self)._log(self.env._("Superseded by a newer evaluation."))
        self._close_activities()
        # Evaluations under way compare themselves with what is approved now.
        self.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("template_id", "in", self.template_id.ids),
                ("state", "in", ("draft", "submitted")),
            ]
        )._set_previous()
        self._after_approve()

    def _after_approve(self):
        """Hook: called as super-user on the evaluations that have just been approved."""

    def _refuse(self, reason):
        """Send submitted evaluations back to their evaluators.

        :param str reason: why; compulsory
        """
        self._check_manager()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the evaluations are sent back."))
        for card in self:
            if card.state != "submitted":
                raise UserError(self.env._("%s isn't submitted.", card.display_name))
        cards = self.sudo()
        cards.write({"state": "draft", "refusal_reason": reason.strip(), "submitted_by": False, "submitted_on": False})
        cards._log(self.env._("Sent back: %s", reason.strip()))
        cards._close_activities()
        cards._make_activities(
            "mail.mail_activity_data_todo",
            lambda card: card.user_id,
            lambda card: self.env._("Evaluation sent back: %s", card.partner_id.name),
            note=reason.strip(),
        )

    # === TELLING PEOPLE === #

    def _log(self, body):
        """Put a note on each evaluation."""
        if self:
            self._message_log_batch({card.id: body for card in self}, author_id=self.env.user.partner_id.id)

    def _make_activities(self, type_xmlid, users, summary, note=False):
        """Make an activity on each evaluation for each of its ``users(card)``, all at once and without mails."""
        activity_type = self.env.ref(type_xmlid)
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": card.id,
                    "user_id": user.id,
                    "summary": summary(card),
                    "note": note,
                    "automated": True,
                }
                for card in self
                for user in users(card)
            ]
        )

    @api.model
    def _managers(self, company):
        """Return the people who approve the evaluations of a company."""
        group = self.env.ref("customer_scorecard.group_scorecard_manager").sudo()
        return group.all_user_ids.filtered(lambda user: user.active and not user.share and company in user.company_ids)

    def _ask_managers(self):
        managers = {company: self._managers(company) for company in self.company_id}
        self._make_activities(
            "customer_scorecard.mail_activity_type_approve",
            lambda card: managers[card.company_id] - card._authors(),
            lambda card: self.env._("Approve: %s", card.partner_id.name),
        )

    def _ask_second_rater(self):
        self.sudo().filtered("two_raters")._make_activities(
            "customer_scorecard.mail_activity_type_rate",
            lambda card: card.second_user_id - self.env.user,
            lambda card: self.env._("Give your points: %s", card.partner_id.name),
        )

    def _close_activities(self):
        """End the activities that the workflow made on these evaluations."""
        types = self.env["mail.activity.type"].browse(
            [self.env.ref(f"customer_scorecard.mail_activity_type_{name}").id for name in ("approve", "rate")]
        )
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                "|",
                ("activity_type_id", "in", types.ids),
                "&",
                ("automated", "=", True),
                ("activity_type_id", "=", self.env.ref("mail.mail_activity_data_todo").id),
            ]
        ).unlink()

    def _tell_evaluators(self):
        """Answer to the evaluators that their evaluations are approved, in one message each."""
        for user, cards in self.grouped("user_id").items():
            if user == self.env.user or not user.active:
                continue
            names = ", ".join(cards.mapped("display_name")[:20])
            cards[:1].message_notify(
                partner_ids=user.partner_id.ids,
                subject=self.env._("Evaluations approved: %s", len(cards)),
                body=self.env._("Approved: %s", names + (", …" if len(cards) > 20 else "")),
                author_id=self.env.user.partner_id.id,
            )

    # === ACTION METHODS === #

    def action_submit(self):
        """Hand evaluations in for approval.

        :raise UserError: naming everything that is missing
        """
        self._submit()
        return True

    def action_approve(self):
        """Approve submitted evaluations of others.

        A single one that can't be approved is an error; of many, the good ones are approved and the others told.
        """
        self._check_manager()
        self.check_access("write")
        obstacles = self._approval_obstacles()
        sentences = [
            self.env._("%(scorecard)s: %(obstacle)s.", scorecard=card.display_name, obstacle=obstacle)
            for card, obstacle in obstacles.items()
        ]
        good = self.filtered(lambda card: card not in obstacles)
        if not good:
            raise UserError("\n".join(sentences) or self.env._("There is nothing to approve."))
        good.sudo()._approve()
        good.sudo()._tell_evaluators()
        if len(self) == 1:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if obstacles else "success",
                "title": self.env._("Approved: %s", len(good)),
                "message": "\n".join(sentences[:10] + (["…"] if len(sentences) > 10 else [])),
                "sticky": bool(obstacles),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_refuse(self):
        """Open the form that asks for the reason and sends evaluations back."""
        self._check_manager()
        cards = self.filtered(lambda card: card.state == "submitted")
        if not cards:
            raise UserError(self.env._("None of these evaluations is submitted."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Back"),
            "res_model": "customer.scorecard.refusal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_scorecard_ids": cards.ids},
        }

    def action_reset(self):
        """Take submitted or cancelled evaluations back into draft."""
        self._check_evaluator()
        for card in self:
            if card.state not in ("submitted", "cancelled"):
                raise UserError(self.env._("%s can't go back to draft.", card.display_name))
        cards = self.sudo()
        cards.write({"state": "draft", "submitted_by": False, "submitted_on": False})
        cards._log(self.env._("Back to draft."))
        cards._close_activities()
        return True

    def action_cancel(self):
        """Give evaluations up that aren't approved."""
        self._check_evaluator()
        for card in self:
            if card.state not in ("draft", "submitted"):
                raise UserError(self.env._("%s can't be cancelled any more.", card.display_name))
        cards = self.sudo()
        cards.write({"state": "cancelled"})
        cards._log(self.env._("Cancelled."))
        cards._close_activities()
        return True

    def action_measure(self):
        """Measure the figures of drafts again."""
        self._check_evaluator()
        for card in self:
            if card.state != "draft":
                raise UserError(self.env._("%s is no draft: its figures are kept as they are.", card.display_name))
        self.sudo()._measure()
        return True

    def action_previous(self):
        """Open the evaluation before this one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.previous_id.id,
            "view_mode": "form",
        }
