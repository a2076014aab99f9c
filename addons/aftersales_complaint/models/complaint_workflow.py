import uuid

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import float_compare

from .complaint_complaint import DECIDER, HANDLER, INVESTIGATOR, MANAGER
from .complaint_deadline import DEADLINES


class ComplaintComplaint(models.Model):
    """The steps of a complaint: who takes it from one state to the next, and what is kept of that."""

    _inherit = "complaint.complaint"

    # === HOW A STEP IS TAKEN === #

    @api.model
    def _new_token(self):
        return str(uuid.uuid4())

    @api.model
    def _next_step_text(self, state):
        """Return what is done next in a state."""
        return {
            "received": self.env._("Acknowledge the receipt"),
            "unknown": self.env._("Find out which customer wrote"),
            "acknowledged": self.env._("Assess severity, complexity and impact"),
            "assessed": self.env._("Begin the investigation"),
            "investigating": self.env._("Find the cause and decide"),
            "decided": self.env._("Tell the customer"),
            "notified": self.env._("See to the remedies and close"),
            "reopened": self.env._("Investigate again"),
        }.get(state)

    def _begin(self):
        """Record the receipt of new complaints and set their deadlines."""
        self._set_deadlines()
        self.env["complaint.step"]._keep(
            [
                complaint._record_values(
                    "received",
                    figures={
                        "subject": complaint.subject,
                        "lines": len(complaint.line_ids),
                        **complaint._deadline_figures(),
                    },
                )
                for complaint in self
            ]
        )
        self._tell_owner()

    def _step(self, kind, group, sources, target, values=None, note=None, figures=None):
        """Take complaints to a state and keep a record of it.

        The values bypass the guards of :meth:`write`, which is what makes this the only way to the state.

        :param str kind: of the step
        :param str group: xmlid of the group that may take it, asked of the user in Python; None for the customer
        :param sources: the states it may be taken from
        :param str target: the state that is reached, or None to stay
        :raise AccessError, UserError: for the wrong person or the wrong state
        """
        if group:
            self._check_group(group)
            self.check_access("write")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for complaint in self.sudo():
            if complaint.state not in sources:
                raise UserError(
                    self.env._(
                        "%(complaint)s is %(state)s: this step leads there from: %(sources)s.",
                        complaint=complaint.display_name,
                        state=labels[complaint.state],
                        sources=", ".join(labels[source] for source in labels if source in sources),
                    )
                )
        complaints = self.sudo()
        for complaint in complaints:
            before = complaint.state
            own = {**(values or {})}
            if target:
                own["state"] = target
                if target != "closed":
                    own.update(
                        next_step=complaint._next_step_text(target), next_step_date=complaint._next_step_until(target)
                    )
            if own:
                complaint._write_step(own)
            complaint._record(kind, before, note, figures)
            if "next_step" in own:
                complaint._tell_owner()
        return complaints

    def _next_step_until(self, state):
        """Return the day until which the next step in a state is due: that of its deadline, today at the earliest."""
        self.ensure_one()
        deadline = self.solution_deadline if state == "notified" else self.answer_deadline
        today = self.company_id._customer_today()
        return max(deadline.date(), today) if deadline else today

    def _record(self, kind, before=False, note=None, figures=None):
        return self.env["complaint.step"]._keep([self._record_values(kind, before, note, figures)])

    def _record_values(self, kind, before=False, note=None, figures=None):
        self.ensure_one()
        return {
            "complaint_id": self.id,
            "kind": kind,
            "state_before": before,
            "state_after": self.state,
            "note": note,
            "figures": figures or {},
        }

    @staticmethod
    def _text(text):
        return (text or "").strip()

    # === THE STEPS === #

    def action_acknowledge(self):
        """Tell that the complaint has arrived and is in good hands."""
        for complaint in self:
            complaint._check_group(HANDLER)
            if not complaint.sudo().partner_id:
                raise UserError(self.env._("Name the customer of %s first.", complaint.display_name))
            complaint._step(
                "acknowledged", HANDLER, {"received"}, "acknowledged", {"acknowledged_on": fields.Datetime.now()}
            )
        told = self.filtered(lambda complaint: complaint.sudo().company_id.complaint_mail_acknowledge)
        told._send("aftersales_complaint.mail_template_acknowledge")
        return True

    def action_assess(self):
        """Fix severity, complexity and impact; the deadlines follow from the severity."""
        for complaint in self:
            if not complaint._text(complaint.impact):
                raise UserError(self.env._("Say what the impact of %s is.", complaint.display_name))
            if not complaint.line_ids:
                raise UserError(self.env._("%s has no line: say what it is about.", complaint.display_name))
            complaint._step(
                "assessed",
                HANDLER,
                {"acknowledged"},
                "assessed",
                figures={
                    "severity": complaint.severity,
                    "complexity": complaint.complexity,
                    "impact": complaint.impact,
                    **complaint._deadline_figures(),
                },
            )
        return True

    def action_investigate(self):
        """Take the investigation upon oneself."""
        for complaint in self:
            complaint._step(
                "investigating",
                INVESTIGATOR,
                {"assessed", "reopened"},
                "investigating",
                {"investigator_id": self.env.uid, "first_decider_id": False, "decider_id": False},
            )
        return True

    def action_decide(self):
        """Decide on the findings of another person.

        Above the decider's cap the decision is kept as the first of two signatures; a second decider, whose cap
        reaches the amount or who is a manager, makes it valid.
        """
        for complaint in self:
            complaint._decide()
        return True

    def _decide(self):
        self.ensure_one()
        self._check_group(DECIDER)
        self.check_access("write")
        complaint = self.sudo()
        user = self.env.user
        if complaint.state != "investigating":
            # The step says it, with the states.
            complaint.with_env(self.env)._step("decided", DECIDER, {"investigating"}, "decided")
        complaint._check_decidable(user)
        amount = complaint.decision_amount
        Cap = self.env["complaint.cap"]
        cap = Cap._amount_of(user, complaint.company_id)
        rounding = complaint.currency_id.rounding
        within = float_compare(amount, cap, precision_rounding=rounding) <= 0
        first = complaint.first_decider_id
        figures = {**complaint._decision_figures(), "cap": cap}
        if first:
            if user == first:
                raise AccessError(
                    self.env._(
                        "You have signed already. %(amount)s is above your cap: another decider signs too.",
                        amount=complaint.currency_id.format(amount),
                    )
                )
            if not within and not user.has_group(MANAGER):
                raise AccessError(
                    self.env._(
                        "%(amount)s is above your cap of %(cap)s: somebody whose cap reaches it signs, or a manager.",
                        amount=complaint.currency_id.format(amount),
                        cap=complaint.currency_id.format(cap),
                    )
                )
        elif not within:
            self._step(
                "signed",
                DECIDER,
                {"investigating"},
                None,
                {"first_decider_id": user.id, "next_step": self.env._("Second signature on the decision")},
                note=complaint.decision_note,
                figures=figures,
            )
            return
        self._step(
            "decided",
            DECIDER,
            {"investigating"},
            "decided",
            {"decider_id": user.id, "decided_on": fields.Datetime.now()},
            note=complaint.decision_note,
            figures=figures,
        )
        complaint.remedy_ids._settle()

    def _check_decidable(self, user):
        """Raise unless what a decision rests on is there, and its decider is not the investigator."""
        if user in self._investigators():
            raise AccessError(
                self.env._(
                    "You investigated %s yourself: another person decides.",
                    self.display_name,
                )
            )
        missing = []
        if not self._text(self.findings):
            missing.append(self.env._("the findings"))
        if not self.cause_id:
            missing.append(self.env._("the cause"))
        if not self.responsibility:
            missing.append(self.env._("who is responsible"))
        if not self.decision:
            missing.append(self.env._("the decision"))
        if not self._text(self.decision_note):
            missing.append(self.env._("the reason of the decision"))
        if missing:
            raise UserError(
                self.env._(
                    "%(complaint)s cannot be decided yet. Missing: %(missing)s.",
                    complaint=self.display_name,
                    missing=", ".join(missing),
                )
            )
        if self.decision == "refused" and self.remedy_ids:
            raise UserError(self.env._("%s is refused, but has remedies. Take them out.", self.display_name))
        self.remedy_ids._check_allowed(user)

    def _deadline_figures(self):
        """Return the deadlines that hold now, UTC; None where there is none."""
        return {
            name: fields.Datetime.to_string(self[name]) or None
            for name in (f"{kind}_deadline" for kind, _ in DEADLINES)
        }

    def _decision_figures(self):
        return {
            "decision": self.decision,
            "amount": self.decision_amount,
            "currency": self.currency_id.name,
            "findings": self.findings,
            "cause": self.cause_id.name,
            "responsibility": self.responsibility,
            "cost": self.cost,
            "investigator": self.investigator_id.name,
            "remedies": [remedy._figures() for remedy in self.remedy_ids],
        }

    def action_send_back(self):
        """Send the findings back to the investigator, with the first signature void: for deciders."""
        for complaint in self:
            complaint._step("sent_back", DECIDER, {"investigating"}, "investigating", {"first_decider_id": False})
        return True

    def action_notify(self):
        """Open the window in which the notice to the customer is made."""
        return self._open_wizard("notify", self.env._("Tell the Customer"))

    def action_reopen(self):
        """Open the window that asks why the complaint is taken up again."""
        return self._open_wizard("reopen", self.env._("Take Up Again"))

    def _open_wizard(self, step, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "complaint.step.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_complaint_id": self.id, "default_step": step},
        }

    def _notify(self, kind, values):
        """Keep the proof that the customer was told of the decision.

        :param str kind: message, call or letter: see complaint.notice
        :param dict values: of the notice
        """
        self.ensure_one()
        self._check_group(HANDLER)
        if self.sudo().state not in ("decided", "notified"):
            self._step("notified", HANDLER, {"decided", "notified"}, "notified")
        notice = self.env["complaint.notice"]._keep(self, kind, values)
        self._step(
            "notified",
            HANDLER,
            {"decided", "notified"},
            "notified",
            {"notified_on": self.sudo().notified_on or fields.Datetime.now()},
            figures=notice._figures(),
        )
        return notice

    def action_close(self):
        """Close complaints of which the customer was told, and whose remedies are done."""
        for complaint in self:
            complaint._check_group(HANDLER)
            if complaint.sudo().state == "notified":
                complaint.sudo()._check_closable()
            complaint._step(
                "closed",
                HANDLER,
                {"notified"},
                "closed",
                {"closed_on": fields.Datetime.now()},
                figures=complaint.sudo()._archive_figures(),
            )
            complaint.sudo().activity_unlink(["mail.mail_activity_data_todo"])
        told = self.filtered(lambda complaint: complaint.sudo().company_id.complaint_mail_close)
        told._send("aftersales_complaint.mail_template_close")
        return True

    def _check_closable(self):
        """Raise unless there is proof that the customer was told of the decision, and the remedies are made."""
        proofs = self.notice_ids.filtered(lambda notice: notice.date >= self.decided_on and notice._is_proof())
        if not proofs:
            raise UserError(
                self.env._(
                    "%(complaint)s was decided on %(date)s, and nothing shows that the customer was told since: "
                    "no message sent, no call logged, no letter.",
                    complaint=self.display_name,
                    date=fields.Datetime.context_timestamp(self, self.decided_on).strftime("%Y-%m-%d %H:%M"),
                )
            )
        if self.customer_response == "objected":
            raise UserError(
                self.env._("The customer has objected to the decision on %s: take it up again.", self.display_name)
            )
        open_remedies = self.remedy_ids.filtered(lambda remedy: remedy.state == "approved")
        if open_remedies:
            raise UserError(
                self.env._(
                    "%(complaint)s promised what isn't done yet: %(remedies)s.",
                    complaint=self.display_name,
                    remedies=", ".join(open_remedies.mapped("display_name")),
                )
            )

    def _files_domain(self):
        """Return the condition of the files of this complaint: its own, and those of its lines."""
        self.ensure_one()
        return (
            Domain("res_model", "=", self._name) & Domain("res_id", "=", self.id)
            | Domain("res_model", "=", "complaint.line") & Domain("res_id", "in", self.line_ids.ids)
            | Domain("id", "in", (self.line_ids.attachment_ids | self.notice_ids.attachment_id).ids)
        ) & Domain("res_field", "in", [False])

    def _archive_figures(self):
        """Return what the record of the closing keeps, the files with their checksums among it."""
        files = self.env["ir.attachment"].sudo().search(self._files_domain(), order="id")
        return {
            **self._decision_figures(),
            "decided_by": self.decider_id.name,
            "first_signature": self.first_decider_id.name or None,
            "response": self.customer_response or None,
            "files": [{"name": file.name, "sha1": file.checksum, "size": file.file_size} for file in files],
        }

    def _reopen(self, reason):
        """Take complaints up again: a notified one goes on itself, a closed one is kept and a new one refers to it.

        :param str reason: compulsory
        :return: the complaints that are open now
        """
        self.ensure_one()
        self._check_group(MANAGER)
        if not self._text(reason):
            raise UserError(self.env._("Say why the complaint is taken up again."))
        self.check_access("write")
        if self.state != "closed":
            self._step("reopened", MANAGER, {"notified"}, "reopened", self._reopening_values(), note=self._text(reason))
            self.sudo()._set_deadlines(fields.Datetime.now())
            return self
        if self.sudo().follow_up_ids.filtered(lambda follow_up: follow_up.state != "closed"):
            raise UserError(self.env._("%s has been taken up again already.", self.display_name))
        follow_up = self.create(
            {
                "partner_id": self.partner_id.id,
                "contact_id": self.contact_id.id,
                "company_id": self.company_id.id,
                "order_id": self.order_id.id,
                "picking_id": self.picking_id.id,
                "subject": self.subject,
                "description": self.description,
                "wish": self.wish,
                "channel": self.channel,
                "severity": self.severity,
                "complexity": self.complexity,
                "impact": self.impact,
                "line_ids": [fields.Command.create(line._follow_up_values()) for line in self.line_ids],
            }
        )
        values = {"origin_id": self.id, "acknowledged_on": fields.Datetime.now()}
        follow_up._step("reopened", MANAGER, {"received"}, "reopened", values, note=self._text(reason))
        return follow_up

    def _reopening_values(self):
        return {
            "round": self.sudo().round + 1,
            "decided_on": False,
            "decider_id": False,
            "first_decider_id": False,
            "notified_on": False,
            "customer_response": False,
        }

    def _respond(self, response, note=None):
        """Keep the customer's answer to the decision; an objection takes the complaint up again.

        Called by the portal, which has checked that the user speaks for the customer.

        :param str response: accepted or objected
        :param str note: compulsory for an objection
        """
        self.ensure_one()
        if response not in ("accepted", "objected"):
            raise UserError(self.env._("Accept the decision, or object to it."))
        if response == "objected" and not self._text(note):
            raise UserError(self.env._("Say why you object."))
        if self.customer_response:
            raise UserError(self.env._("You have answered already."))
        values = {"customer_response": response, "response_note": self._text(note)[:5000]}
        if response == "accepted":
            self._step("accepted", None, {"notified"}, None, values, note=self._text(note)[:5000])
            return
        values.update(self._reopening_values(), response_note=self._text(note)[:5000])
        self._step("objected", None, {"notified"}, "reopened", values, note=self._text(note)[:5000])
        self.sudo()._set_deadlines(fields.Datetime.now())

    def _rate(self, partner, rate, feedback=None):
        """Keep how the customer found the handling, once, after the decision was told.

        Called by the portal, which has checked that the user speaks for the customer.

        :param rate: 1 to 5
        """
        self.ensure_one()
        if self.state not in ("notified", "closed"):
            raise UserError(self.env._("The handling is rated once you have been told the decision."))
        if str(rate) not in ("1", "2", "3", "4", "5"):
            raise UserError(self.env._("Rate from 1 to 5."))
        if self.rating_ids.filtered("consumed"):
            raise UserError(self.env._("You have rated this already."))
        # One that was asked for by mail is the one that is answered.
        rating = (
            self.env["rating.rating"].sudo().search([("access_token", "=", self._rating_get_access_token(partner))])
        )
        rating.write({"rating": int(rate), "feedback": self._text(feedback)[:5000], "consumed": True})

    # === WHEN CUSTOMERS ARE MERGED === #

    def _follow_merge(self, before):
        """Let complaints belong to a firm again after their customers were merged, and record whose they were.

        :param before: {complaint: (customer, its name)} as it was
        """
        moved = []
        for complaint in self:
            customer = complaint.partner_id
            if customer != customer.commercial_partner_id:
                complaint._write_step({"partner_id": customer.commercial_partner_id.id})
                customer = customer.commercial_partner_id
            former, name = before[complaint]
            if former and former != customer:
                figures = {"from": name, "to": customer.display_name}
                moved.append(complaint._record_values("merged", complaint.state, figures=figures))
        self.env["complaint.step"]._keep(moved)

    # === TELLING PEOPLE === #

    def _tell_owner(self):
        """Let the activity of each open complaint say its next step, and be its owner's; the missing ones are made all
        at once."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        vals_list = []
        for complaint in self:
            values = {
                "user_id": complaint.user_id.id,
                "summary": complaint.next_step,
                "date_deadline": complaint.next_step_date,
            }
            activity = complaint.activity_ids.filtered(lambda one: one.automated and one.activity_type_id == todo)[:1]
            if activity:
                activity.write(values)
            else:
                vals_list.append({**values, "res_id": complaint.id, "activity_type_id": todo.id, "automated": True})
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].create([{**values, "res_model_id": model_id} for values in vals_list])
