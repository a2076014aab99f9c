from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from .dealer_contract import UNDER_APPROVAL


class DealerContract(models.Model):
    """Draft, approvals, dispatch: who takes a contract from one state to the next (D3)."""

    _inherit = "dealer.contract"

    # === SUBMISSION === #

    def _check_owner(self):
        self.check_access("write")
        manager = self.env.user.has_group("dealer_contracts.group_contract_manager")
        for contract in self:
            if not manager and contract.user_id != self.env.user:
                raise AccessError(self.env._("%s is not your contract.", contract.display_name))

    def action_submit(self):
        """Hand drafts in for approval: from now on what they say is kept.

        :raise UserError: naming everything that is missing
        """
        self._check_owner()
        for contract in self:
            contract._expect("draft")
        contracts = self.sudo()
        contracts.party_ids._fill(only_blank=True)
        problems = []
        for contract in contracts:
            # The number is part of the text.
            contract._give_number()
            if contract.missing:
                problems += [contract.display_name, contract.missing]
            problems += contract._submission_problems()
        if problems:
            raise UserError(
                self.env._("This is missing before the contract can be submitted:") + "\n" + "\n".join(problems)
            )
        for contract in contracts:
            contract._submit()
        return True

    def _submission_problems(self):
        """Hook: return sentences about what else stands against the submission."""
        self.ensure_one()
        return []

    def _submit(self):
        self.ensure_one()
        route = self.template_id.route_id or self.env["dealer.contract.route"]._for_company(self.company_id)
        steps = self._steps(route)
        if not steps:
            raise UserError(self.env._("No route of approval has a step for this contract. Ask a contract manager."))
        number = self.round + 1
        digest = self._content_digest()
        self.env["dealer.contract.approval"].create(
            [
                {
                    "contract_id": self.id,
                    "round": number,
                    "sequence": place,
                    "name": step.name,
                    "group_id": step.group_id.id,
                    "digest": digest,
                }
                for place, step in enumerate(steps)
            ]
        )
        self.write(
            {
                "state": "review",
                "round": number,
                "digest": digest,
                "snapshot": self._make_paper(),
                "submitted_once": True,
                "submitted_by": self.env.uid,
                "submitted_on": fields.Datetime.now(),
                "author_ids": [Command.link(self.env.uid)],
            }
        )
        self._log_note(self.env._("Submitted for approval. SHA-256 of the content: %s", digest))
        self._ask_approvers()

    def _give_number(self):
        if self.name:
            return
        if self.origin_id:
            root = self.root_id or self.origin_id
            number = f"{root.name}/{self.version}"
        else:
            day = self.company_id._customer_today()
            number = (
                self.env["ir.sequence"]
                .with_company(self.company_id)
                .next_by_code("dealer.contract", sequence_date=fields.Date.to_string(day))
            )
        self.name = number

    def _steps(self, route):
        """Return the steps of a route that this contract passes.

        Without amount nobody knows how much it comes to, so all of them.
        """
        amount = self.amount_total
        if not amount:
            return route.step_ids
        amount = self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id, self.date_signed or fields.Date.context_today(self)
        )
        return route.step_ids.filtered(lambda step: amount >= step.amount_from)

    # === APPROVAL === #

    def _round_approvals(self, *states):
        """Return the approvals since the last submission, in these states or in all."""
        self.ensure_one()
        return self.approval_ids.filtered(
            lambda step: step.round == self.round and (not states or step.state in states)
        ).sorted("sequence")

    def _pending_step(self):
        return self._round_approvals("pending")[:1]

    def _approval_obstacle(self):
        """Return why the user can't decide on the next step; None if nothing stands against it."""
        self.ensure_one()
        contract, user = self.sudo(), self.env.user
        step = contract._pending_step()
        if contract.state != "review" or not step:
            return self.env._("it isn't in approval")
        if step.group_id not in user.all_group_ids:
            return self.env._("the step “%(step)s” is for “%(group)s”", step=step.name, group=step.group_id.name)
        if user in contract.author_ids | contract.user_id | contract.submitted_by | contract.create_uid:
            return self.env._("nobody approves a contract of one's own")
        if user in contract._round_approvals().user_id:
            return self.env._("you have decided on another step already: each step has its own pair of eyes")
        return None

    def _decide(self, state, note):
        """Record the decision of the user on the next step."""
        self.ensure_one()
        self.check_access("read")
        contract = self.sudo()
        # Two who decide at once: the second begins anew and finds the step taken.
        contract._lock()
        obstacle = self._approval_obstacle()
        if obstacle:
            raise AccessError(
                self.env._(
                    "You can't decide on %(contract)s: %(obstacle)s.", contract=self.display_name, obstacle=obstacle
                )
            )
        if state == "approved" and contract._content_digest() != contract.digest:
            raise UserError(
                self.env._(
                    "What %s says isn't what was submitted any more. Send it back; it has to be submitted anew.",
                    self.display_name,
                )
            )
        step = contract._pending_step()
        step.write(
            {
                "state": state,
                "user_id": self.env.uid,
                "date": fields.Datetime.now(),
                "note": note,
                "digest": contract.digest,
            }
        )
        return step

    def action_approve(self):
        """Approve the next step of contracts; the last one makes them ready for the dealer."""
        for contract in self:
            step = contract._decide("approved", False)
            contract_sudo = contract.sudo()
            contract_sudo._log_note(self.env._("Approved: %s.", step.name))
            contract_sudo._close_activities("dealer_contracts.mail_activity_type_approve")
            if contract_sudo._pending_step():
                contract_sudo._ask_approvers()
            else:
                contract_sudo._before_approved()
                contract_sudo.write({"state": "approved"})
                contract_sudo._tell_owner(self.env._("Contract approved: %s", contract_sudo.display_name))
        return True

    def _before_approved(self):
        """Hook: called on a contract before its last approval takes effect; raises if it must not.

        What has to hold among several contracts is checked here, under a lock.
        """

    def _refuse(self, reason):
        """Send a contract back to its owner.

        :param str reason: why; compulsory
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the contract is sent back."))
        for contract in self:
            contract._decide("refused", reason.strip())
            contract.sudo()._back_to_draft(self.env._("Sent back: %s", reason.strip()))
            contract.sudo()._tell_owner(self.env._("Contract sent back: %s", contract.display_name), reason.strip())

    def action_refuse(self):
        """Open the form that asks for the reason."""
        self.ensure_one()
        return self._wizard("dealer.contract.refusal", self.env._("Send Back"))

    # === WAYS BACK === #

    def _back_to_draft(self, reason):
        """Take contracts back to draft; what was approved is void."""
        for contract in self:
            contract._round_approvals("pending", "approved").write({"state": "void"})
            contract.write({"state": "draft", "digest": False, "snapshot": False})
            contract._log_note(reason)
        self._close_activities("dealer_contracts.mail_activity_type_approve")

    def _void_approvals(self, reason):
        self.sudo()._back_to_draft(self.env._("%s The approvals are void.", reason))

    def action_revise(self):
        """Take contracts back to draft to change them; the approvals are void."""
        self._check_owner()
        for contract in self:
            contract._expect(*UNDER_APPROVAL, "sent")
            if contract.state == "sent":
                contract.sudo().write({"access_token": False, "issued_sha256": False})
        self._void_approvals(self.env._("Taken back to draft."))
        return True

    def action_cancel(self):
        """Give up contracts that nobody signed."""
        self._check_owner()
        for contract in self:
            contract._expect("draft", *UNDER_APPROVAL, "sent")
            contract.sudo().approval_ids.filtered(lambda step: step.state == "pending").write({"state": "void"})
        contracts = self.sudo()
        for contract in contracts:
            contract.write(
                {
                    "state": "cancelled",
                    "access_token": False,
                    "snapshot": contract.snapshot or contract._make_paper(),
                }
            )
        contracts._log_note(self.env._("Cancelled."))
        contracts._close_activities("dealer_contracts.mail_activity_type_approve")
        return True

    # === TELLING PEOPLE === #

    def _expect(self, *states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(contract)s is “%(state)s”; for this it has to be one of: %(states)s.",
                    contract=self.display_name,
                    state=labels[self.state],
                    states=", ".join(labels[state] for state in states),
                )
            )

    def _wizard(self, model, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id, **context},
        }

    def _log_note(self, body):
        if self:
            self._message_log_batch({contract.id: body for contract in self}, author_id=self.env.user.partner_id.id)

    @api.model
    def _people(self, group, company):
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )

    def _ask_approvers(self):
        """Give everybody who may decide on the next step an activity."""
        for contract in self:
            step = contract._pending_step()
            barred = contract.author_ids | contract.user_id | contract.submitted_by
            barred |= contract._round_approvals().user_id
            contract._make_activities(
                "dealer_contracts.mail_activity_type_approve",
                self._people(step.group_id, contract.company_id) - barred,
                self.env._("%(step)s: %(contract)s", step=step.name, contract=contract.display_name),
            )

    def _make_activities(self, type_xmlid, users, summary, deadline=None):
        """Make an activity on each contract for each of the users, without mails."""
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref(type_xmlid).id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": contract.id,
                    "user_id": user.id,
                    "summary": summary,
                    "date_deadline": deadline or fields.Date.context_today(self),
                    "automated": True,
                }
                for contract in self
                for user in users
            ]
        )

    def _close_activities(self, type_xmlid):
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env.ref(type_xmlid).id),
            ]
        ).unlink()

    def _tell_owner(self, subject, body=None):
        for contract in self:
            if contract.user_id != self.env.user and contract.user_id.active:
                contract.message_notify(
                    partner_ids=contract.user_id.partner_id.ids,
                    subject=subject,
                    body=body or subject,
                    author_id=self.env.user.partner_id.id,
                )
