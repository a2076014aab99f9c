from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .credit_application import EDITABLE_STATES, UNDER_WAY

BATCH = 100
VALID_MONTHS = 12


class CreditApplication(models.Model):
    """Who takes an application from one step to the next, who is told, and how it comes into force (C1).

    The applicant doesn't investigate; nobody who had a hand in it decides; a decision stands on what was seen.
    """

    _inherit = "credit.application"

    # === ASKING === #

    def action_submit(self):
        """Hand applications in.

        :raise UserError: naming what is missing, or another application of the customer that is under way
        """
        self.check_access("write")
        self._check_applicant()
        self._lock()
        for application in self:
            if problems := application._submission_problems():
                raise UserError(
                    self.env._(
                        "%(application)s can't be submitted: %(problems)s.",
                        application=application.display_name,
                        problems="; ".join(problems),
                    )
                )
        applications = self.sudo()
        applications.write({"state": "submitted", "submitted_on": fields.Datetime.now()})
        applications._log(self.env._("Submitted."))
        applications._ask("customer_credit.group_credit_investigator", self.env._("Investigate"))
        return True

    def _submission_problems(self):
        """Return sentences about what is missing before this application can be submitted."""
        self.ensure_one()
        problems = []
        if not (self.reason or "").strip():
            problems.append(self.env._("say what the credit is needed for"))
        if self.kind != "rerating" and not self.requested_limit:
            problems.append(self.env._("the requested limit is zero"))
        if self.kind == "temporary":
            account = self.sudo().account_id
            if not self.date_from or not self.date_to:
                problems.append(self.env._("a temporary limit has a first day and an end"))
            elif self.date_to <= self.company_id.sudo()._customer_today() and not self.yearly:
                problems.append(self.env._("the temporary limit ends on %s, which is past", self.date_to))
            if account.mode != "amount":
                problems.append(self.env._("a temporary limit is added to a limit, which this customer doesn't have"))
        other = self.sudo().search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "in", UNDER_WAY),
                ("kind", "=" if self.kind == "temporary" else "!=", "temporary"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        if other:
            problems.append(self.env._("%s of this customer is under way already", other.name))
        return problems

    def action_cancel(self):
        """Give applications up that aren't decided; by their applicant or a credit manager."""
        self.check_access("read")
        manager = self.env["credit.account"]._user_may_manage()
        for application in self:
            if application.user_id != self.env.user and not manager:
                raise AccessError(
                    self.env._("%s is given up by its applicant or a credit manager.", application.display_name)
                )
            if application.state not in (*EDITABLE_STATES, *UNDER_WAY):
                raise UserError(self.env._("%s is decided and can't be cancelled.", application.display_name))
        self._lock()
        applications = self.sudo()
        applications._drop_assessment("cancelled")
        applications.write({"state": "cancelled"})
        applications._log(self.env._("Cancelled."))
        applications._close_activities()
        return True

    # === INVESTIGATING === #

    def action_investigate(self):
        """Take submitted applications over for investigation, and open the form of a single one."""
        self.check_access("read")
        if not self.env.user.has_group("customer_credit.group_credit_investigator"):
            raise AccessError(self.env._("Applications are investigated by credit investigators."))
        self._lock()
        for application in self:
            if application.state != "submitted":
                raise UserError(self.env._("%s doesn't wait for an investigation.", application.display_name))
            if application.user_id == self.env.user:
                raise AccessError(
                    self.env._("%s is your own application: somebody else investigates it.", application.display_name)
                )
        investigations = (
            self.env["credit.investigation"]
            .sudo()
            .create(
                [
                    {**application._known_before(), "application_id": application.id, "investigator_id": self.env.uid}
                    for application in self.sudo()
                ]
            )
        )
        applications = self.sudo()
        applications.write({"state": "investigation"})
        applications._log(self.env._("Investigation begun."))
        applications._close_activities()
        return investigations[:1].with_env(self.env).get_formview_action() if len(self) == 1 else True

    def _known_before(self):
        """Return what the last investigation of the customer found about the firm, to begin with."""
        last = self.env["credit.investigation"].search(
            [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id), ("state", "=", "done")],
            limit=1,
        )
        names = ("registered_capital", "founded", "owner", "legal_form", "business_scope", "premises_kind", "premises")
        return {name: last[name] for name in (*names, "warehouse_area", "staff", "vehicles", "bank", "bank_account")}

    def action_open_investigation(self):
        """Open the latest investigation."""
        self.ensure_one()
        return self.investigation_id.get_formview_action()

    def _after_investigation(self):
        """Ask those who assess."""
        self._log(self.env._("Investigation done."))
        self._close_activities()
        self._ask("customer_credit.group_credit_controller", self.env._("Assess"))

    # === ASSESSING === #

    def action_assess(self):
        """Open the assessment of an application, which its assessor makes with it (C3)."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("customer_credit.group_credit_controller"):
            raise AccessError(self.env._("Applications are assessed by credit controllers."))
        if self.user_id == self.env.user:
            raise AccessError(self.env._("%s is your own application: somebody else assesses it.", self.display_name))
        self._lock()
        application = self.sudo()
        if application.state == "submitted" and application.kind != "temporary":
            raise UserError(self.env._("%s hasn't been investigated yet.", application.display_name))
        if application.state == "investigation" and not application.investigation_done:
            raise UserError(
                self.env._(
                    "The investigation of %(application)s by %(user)s isn't done yet.",
                    application=application.display_name,
                    user=application.investigator_id.name,
                )
            )
        if application.state not in ("submitted", "investigation"):
            raise UserError(self.env._("%s doesn't wait for an assessment.", application.display_name))
        card = application.scorecard_id
        if card and card.user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "%(application)s is assessed by %(user)s.",
                    application=application.display_name,
                    user=card.user_id.name,
                )
            )
        if not card:
            template = self.env.ref("customer_credit.scorecard_template_credit").sudo()
            version = application._credit_template(template).version_id
            card = self.env["customer.scorecard"]._create_for(
                application.partner_id, version, application.company_id, user=self.env.user
            )
            card._credit_answer_known(application.investigation_id)
            application.write({"scorecard_id": card.id})
            application._close_activities()
        return card.with_env(self.env).get_formview_action()

    def _credit_template(self, shipped):
        """Return the template that applications of this company are assessed with: the company's own comes first."""
        own = self.env["customer.scorecard.template"].search(
            [("purpose", "=", "credit"), ("company_id", "=", self.company_id.id), ("version_id", "!=", False)], limit=1
        )
        return own or shipped

    def _after_assessment(self):
        """Take over the result of the assessments that have just been submitted, and propose by the standard (C4)."""
        self._propose()
        self.write({"state": "assessed", "assessor_id": self.env.uid, "assessed_on": fields.Datetime.now()})
        self._log(self.env._("Assessed."))
        self._close_activities()
        for application in self:
            deciders = self.env["credit.decision.level"]._deciders(
                application.company_id, application._amount_at_stake(application.requested_limit), 0
            )
            application._make_activities(deciders - application._involved(), self.env._("Decide"))

    def _propose(self):
        """Set grade and proposal: average monthly sales and payment history are those of the assessment's day."""
        Standard = self.env["credit.standard"]
        for company, applications in self.grouped("company_id").items():
            today = company._customer_today()
            values = (
                self.env["customer.metric"]
                .with_company(company)
                ._values(applications.partner_id, ["average_monthly_sales", "on_time"], months=12)
            )
            classes = Standard._customer_classes(applications.partner_id, company)
            standard = Standard._current(company, today)
            for application in applications:
                customer = application.partner_id
                card = application.scorecard_id
                average = values["average_monthly_sales"][customer.id]
                history = values["on_time"][customer.id] is not None
                proposal = standard._propose(
                    card.band_id.name, average, application.currency_id, classes.get(customer.id)
                )
                held_back = "new" if not history else "provisional" if card.provisional else proposal.held_back or False
                application.write(
                    {
                        "score": card.score,
                        "grade": card.band_id.name,
                        "average_monthly_sales": average or 0.0,
                        "sales_known": average is not None,
                        "history_known": history,
                        "standard_line_id": proposal.line.id,
                        "customer_class": classes[customer.id].name if classes.get(customer.id) else False,
                        "class_factor": proposal.class_factor or 0.0,
                        "proposal_held_back": held_back,
                        "proposed_limit": 0.0 if held_back else proposal.limit,
                        "proposed_days": 0 if held_back else proposal.days,
                    }
                )

    def _reopen_assessment(self):
        """The assessment is no longer submitted: what was proposed on it is void."""
        assessed = self.filtered(lambda application: application.state == "assessed")
        assessed._lock()
        assessed.write({"state": "investigation" if assessed[:1].investigation_id else "submitted"})
        assessed._log(self.env._("The assessment was taken back."))
        assessed._close_activities()

    def _drop_assessment(self, state):
        """Put assessments under way back to a state, draft or cancelled, without asking the applications again."""
        cards = self.scorecard_id.filtered(lambda card: card.state in ("draft", "submitted"))
        cards.write({"state": state, "submitted_by": False, "submitted_on": False})

    # === DECIDING === #

    def action_decide(self):
        """Open the form in which the decision is taken on what it shows."""
        self.ensure_one()
        self._check_may_decide()
        return self._decision_action(self.env._("Decide"))

    def action_revoke(self):
        """Open the form that asks why credit in force is revoked."""
        self.ensure_one()
        self._check_may_revoke()
        return self._decision_action(self.env._("Revoke"), revoking=True)

    def _decision_action(self, name, revoking=False):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "credit.application.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_application_id": self.id, "default_revoking": revoking},
        }

    def _check_may_decide(self):
        """Raise unless this application waits for a decision, and the user may take one; return the Authorities."""
        self.check_access("read")
        authorities = self.env["credit.decision.level"]._authorities(self.env.user, self.company_id.sudo())
        if not authorities:
            ended = self.env["credit.delegation"]._last_ended(self.env.user, self.company_id)
            if ended:
                raise AccessError(
                    self.env._(
                        "The delegation from %(user)s ended on %(date)s: you don't decide any more.",
                        user=ended.user_id.name,
                        date=format_date(self.env, ended.revoked_on.date() if ended.revoked_on else ended.date_to),
                    )
                )
            raise AccessError(self.env._("You aren't among those who decide on credit applications."))
        if self.state != "assessed":
            application = self.sudo()
            if application.decided_by:
                raise UserError(
                    self.env._(
                        "%(application)s has been decided by %(user)s already: %(state)s.",
                        application=application.display_name,
                        user=application.decided_by.name,
                        state=dict(self._fields["state"]._description_selection(self.env))[application.state],
                    )
                )
            raise UserError(self.env._("%s isn't assessed yet.", application.display_name))
        involved = self._involved()
        if self.env.user in involved:
            raise AccessError(
                self.env._(
                    "You had a hand in %s, as applicant, investigator or assessor: somebody else decides it.",
                    self.display_name,
                )
            )
        # Whoever had a hand in it doesn't decide it through somebody else either.
        lent = [authority for authority in authorities if authority.delegation.user_id in involved]
        authorities = [authority for authority in authorities if authority not in lent]
        if not authorities:
            raise AccessError(
                self.env._(
                    "%(user)s had a hand in %(application)s and can't let somebody else decide it.",
                    user=lent[0].delegation.user_id.name,
                    application=self.display_name,
                )
            )
        return authorities

    def _amount_at_stake(self, limit):
        """Return the whole limit that the customer would have, which the level of the decision is found by."""
        if self.kind == "temporary":
            return limit + self.sudo().account_id._base_limit() if self.sudo().account_id else limit
        return limit

    def _decide(self, outcome, reason, seen, limit=0.0, days=0, valid_from=None, valid_until=None):
        """Decide on this application, once and for all.

        :param str outcome: approved, refused or returned
        :param str reason: why; compulsory
        :param str seen: fingerprint of what the decision stands on, see ``_fingerprint``
        :param float limit: granted, in company currency; of a temporary limit the amount added
        :param int days: granted payment days
        :param date valid_from: first day, by default today
        :param date valid_until: first day on which it no longer holds; by default after twelve months
        :return: the credit.decision
        :raise UserError: if something changed since it was seen, or somebody else was faster
        :raise AccessError: for who may not take this decision
        """
        self.ensure_one()
        if outcome not in ("approved", "refused", "returned"):
            raise UserError(self.env._("An application is approved, refused or returned."))
        self._lock()
        authorities = self._check_may_decide()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        application = self.sudo()
        application.account_id._claim()
        fingerprint = application._fingerprint()
        if seen != fingerprint:
            raise UserError(
                self.env._(
                    "%s, its assessment or the customer's credit changed since you opened it. Look at it again.",
                    application.display_name,
                )
            )
        today = application.company_id._customer_today()
        authority = authorities[0]
        values = {}
        if outcome == "approved":
            application._check_grant(limit, days)
            if application.kind == "temporary":
                valid_from, valid_until = application.date_from, application.date_to
            valid_from = valid_from or today
            valid_until = valid_until or valid_from + relativedelta(months=VALID_MONTHS)
            if valid_until <= max(valid_from, today) and not application.yearly:
                raise UserError(
                    self.env._(
                        "The credit would hold from %(start)s until %(end)s, which is no time to come.",
                        start=valid_from,
                        end=valid_until,
                    )
                )
            authority = application._authority_for(authorities, limit, days)
            values = {
                "decided_limit": limit,
                "decided_days": days,
                "valid_from": valid_from,
                "valid_until": valid_until,
                "review_date": valid_until - relativedelta(months=1),
                "reminded_on": False,
            }
        decision = application._record_decision(outcome, reason, authority, **values)
        if outcome == "returned":
            application._drop_assessment("draft")
        elif application.scorecard_id.state == "submitted":
            application._check_assessment_newest()
            application.scorecard_id._approve()
        application.write({**values, "state": outcome, "decided_by": self.env.uid, "decided_on": decision.date})
        application._close_activities()
        application._tell_applicant(decision)
        if outcome == "approved" and valid_from <= today:
            application._put_in_force()
        return decision

    def _check_grant(self, limit, days):
        if limit < 0 or days < 0:
            raise UserError(self.env._("Limit and payment days can't be below zero."))
        if self.kind == "temporary" and not limit:
            raise UserError(self.env._("A temporary limit of zero grants nothing: refuse the application instead."))
        if self.currency_id.compare_amounts(limit, self.currency_id.round(limit)):
            raise UserError(self.env._("%s is finer than the currency.", limit))

    def _authority_for(self, authorities, limit, days):
        """Return the first of the user's Authorities that covers what is granted; raise AccessError if none does."""
        amount = self._amount_at_stake(limit)
        days = 0 if self.kind == "temporary" else days
        for authority in authorities:
            if authority.covers(amount, days):
                return authority
        best = max(authorities, key=lambda each: (each.amount, each.days))
        raise AccessError(
            self.env._(
                "You may decide up to %(cap)s and %(cap_days)s days; this is %(amount)s and %(days)s days.",
                cap=self.currency_id.format(best.amount) if best.amount is not None else self.env._("any amount"),
                cap_days=best.days if best.days is not None else self.env._("any number of"),
                amount=self.currency_id.format(amount),
                days=days,
            )
        )

    def _check_assessment_newest(self):
        card = self.scorecard_id
        newer = card._current().get(card._customer_key())
        if newer and newer.date > card.date:
            raise UserError(
                self.env._(
                    "%(newer)s of %(date)s is a younger assessment of this customer. Return the application.",
                    newer=newer.name,
                    date=format_date(self.env, newer.date),
                )
            )

    def _record_decision(self, outcome, reason, authority, **values):
        return self.env["credit.decision"].create(self._decision_values(outcome, reason, authority, **values))

    def _decision_values(self, outcome, reason, authority, **values):
        level = authority.level if authority else self.env["credit.decision.level"]
        return {
            "application_id": self.id,
            "account_id": self.account_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "outcome": outcome,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "reason": reason.strip(),
            "requested_limit": self.requested_limit,
            "proposed_limit": self.proposed_limit,
            "limit": values.get("decided_limit", 0.0),
            "days": values.get("decided_days", 0),
            "valid_from": values.get("valid_from"),
            "valid_until": values.get("valid_until"),
            "grade": self.grade,
            "level_name": level.name or self.env._("Credit manager"),
            "level_amount": authority.amount if authority and authority.amount is not None else 0.0,
            "level_limited": bool(authority and authority.amount is not None),
            "delegation_id": authority.delegation.id if authority else False,
            "figures": self._facts(),
            "fingerprint": self._fingerprint(),
        }

    # === IN FORCE === #

    def _put_in_force(self):
        """Bring approved applications into force: the accounts change, earlier applications are superseded."""
        for application in self:
            account = application.account_id
            if application.kind == "temporary":
                limit = account._apply_temporary(
                    {
                        "amount": application.decided_limit,
                        "date_from": application.date_from,
                        "date_to": application.date_to,
                        "yearly": application.yearly,
                        "reason": application.name,
                    },
                    application.display_name,
                    application,
                )
                application.write({"state": "in_force", "temporary_limit_id": limit.id})
                continue
            if not account:
                account = self.env["credit.account"].create(
                    {"partner_id": application.partner_id.id, "company_id": application.company_id.id, "mode": "none"}
                )
                application.invalidate_recordset(["account_id"])
            superseded = self.search(
                [
                    ("partner_id", "=", application.partner_id.id),
                    ("company_id", "=", application.company_id.id),
                    ("kind", "!=", "temporary"),
                    ("state", "=", "in_force"),
                    ("id", "!=", application.id),
                ]
            )
            superseded.write({"state": "superseded"})
            superseded._close_activities()
            account._apply_decision(
                application._account_values(),
                self.env._(
                    "Application approved: %(limit)s, %(days)s days, until %(until)s.",
                    limit=application.currency_id.format(application.decided_limit),
                    days=application.decided_days,
                    until=format_date(self.env, application.valid_until),
                ),
                application,
            )
            application.write({"state": "in_force"})
        self._log(self.env._("In force."))

    def _account_values(self):
        """Return what the credit account is set to."""
        return {
            "mode": "amount" if self.decided_limit else "none",
            "credit_limit": self.decided_limit,
            "limit_payment_days": True,
            "payment_days": self.decided_days,
            "valid_until": self.valid_until,
            "grade": self.grade,
        }

    def _check_may_revoke(self):
        self.check_access("read")
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Credit in force is revoked by credit managers."))
        if self.state not in ("approved", "in_force"):
            raise UserError(self.env._("%s isn't in force.", self.display_name))

    def _revoke(self, reason):
        """Take credit back: no limit any more, or the temporary limit ends."""
        self.ensure_one()
        self._lock()
        self._check_may_revoke()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        application = self.sudo()
        application.account_id._claim()
        decision = application._record_decision("revoked", reason, None)
        if application.state == "in_force":
            if application.kind == "temporary":
                application.temporary_limit_id.unlink()
            else:
                application.account_id._apply_decision(
                    {"mode": "none", "credit_limit": 0.0}, self.env._("Revoked: %s", reason.strip()), application
                )
        application.write({"state": "revoked"})
        application._close_activities()
        application._tell_applicant(decision)
        return decision

    @api.model
    def _cron_applications(self):
        """Daily: what was approved for today comes into force, what has ended expires, reviews are asked for.

        Days on which it didn't run are caught up with; nobody is reminded twice of the same review.
        """
        cron = self.env["ir.cron"]
        work = [
            (applications, step)
            for company in self.env["res.company"].search([])
            for applications, step in self._due(company)
        ]
        cron._commit_progress(remaining=sum(len(applications) for applications, _step in work))
        for applications, step in work:
            for start in range(0, len(applications), BATCH):
                batch = applications[start : start + BATCH].exists()
                getattr(batch, step)()
                if not cron._commit_progress(len(batch)):
                    return

    @api.model
    def _due(self, company):
        """Return [(applications, name of the method)] of what a company's day brings."""
        today = company._customer_today()
        mine = [("company_id", "=", company.id)]
        in_force = [*mine, ("state", "=", "in_force")]
        ended = [
            *in_force,
            ("valid_until", "<=", today),
            "|",
            ("kind", "!=", "temporary"),
            ("yearly", "=", False),
        ]
        return [
            (
                self.search([*mine, ("state", "=", "approved"), ("valid_from", "<=", today)], order="id"),
                "_put_in_force",
            ),
            (self.search(ended, order="id"), "_expire"),
            (
                self.search(
                    [
                        *in_force,
                        ("kind", "!=", "temporary"),
                        ("review_date", "<=", today),
                        ("valid_until", ">", today),
                        ("reminded_on", "=", False),
                    ],
                    order="id",
                ),
                "_remind",
            ),
        ]

    def _expire(self):
        self.write({"state": "expired"})
        self._log(self.env._("Expired."))
        limits = self.filtered(lambda application: application.kind != "temporary")
        for application in limits:
            application._make_activities(application._keepers(), self.env._("Credit expired"))

    def _remind(self):
        for application in self:
            application._make_activities(
                application._keepers(), self.env._("Review the credit"), deadline=application.valid_until
            )
            application.reminded_on = application.company_id._customer_today()

    def _keepers(self):
        """Return who looks after this customer's credit: the salesperson, else the applicant, else credit managers."""
        for user in (self.partner_id.user_id, self.user_id):
            if user.active and not user.share and self.company_id in user.company_ids:
                return user
        return self._members("customer_credit.group_credit_manager")

    # === TELLING PEOPLE === #

    def _lock(self):
        """Let two people who act on these applications at once go one after the other.

        The one who comes too late gets a serialization failure, and his request is repeated with what is true then.
        """
        if self.ids:
            self.env.cr.execute(
                SQL("SELECT id FROM credit_application WHERE id = ANY(%s) ORDER BY id FOR UPDATE", self.ids)
            )
            # An account may have been made since it was looked for.
            self.invalidate_recordset(["account_id"])

    def _log(self, body):
        if self:
            self._message_log_batch({record.id: body for record in self}, author_id=self.env.user.partner_id.id)

    def _members(self, group):
        return (
            self.env.ref(group)
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and not user.share and self.company_id in user.company_ids)
        )

    def _ask(self, group, summary):
        """Give those of a group who stand no higher an activity, or all of them where there is nobody else."""
        higher = {
            "customer_credit.group_credit_investigator": "customer_credit.group_credit_controller",
            "customer_credit.group_credit_controller": "customer_credit.group_credit_manager",
        }[group]
        for application in self:
            people = application._members(group) - application.user_id
            application._make_activities((people - application._members(higher)) or people, summary)

    def _make_activities(self, users, summary, deadline=None):
        self.ensure_one()
        activity_type = self.env.ref("customer_credit.mail_activity_type_application")
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "user_id": user.id,
                    "summary": f"{summary}: {self.partner_id.name}",
                    "automated": True,
                    **({"date_deadline": deadline} if deadline else {}),
                }
                for user in users
            ]
        )

    def _close_activities(self):
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("automated", "=", True),
                ("activity_type_id", "=", self.env.ref("customer_credit.mail_activity_type_application").id),
            ]
        ).unlink()

    def _tell_applicant(self, decision):
        outcome = dict(decision._fields["outcome"]._description_selection(self.env))[decision.outcome]
        self.message_post(
            body=Markup("%s: %s") % (outcome, decision.reason),
            author_id=self.env.user.partner_id.id,
            partner_ids=(self.user_id - self.env.user).filtered("active").partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        if decision.outcome == "returned":
            self._make_activities(self.user_id, self.env._("Returned"))
