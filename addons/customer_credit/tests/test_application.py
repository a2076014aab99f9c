"""C1 to C4, C8: from application to limit in force."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.customer_credit.models.credit_standard import CustomerClass

from .common_application import ApplicationCase


@tagged("post_install", "-at_install")
class TestApplication(ApplicationCase):
    # === THE WAY === #

    def test_c1_from_request_to_limit(self):
        """C1: approved, the application sets limit, days, end and grade of the account, and says so."""
        self._trade()
        application = self._assessed()
        self.assertEqual(application.state, "assessed")
        self.assertEqual(application.grade, "AA")
        decision = self._decide(application, limit=15000.0, days=30)
        account = self.env["credit.account"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            account,
            [
                {
                    "mode": "amount",
                    "credit_limit": 15000.0,
                    "limit_payment_days": True,
                    "payment_days": 30,
                    "grade": "AA",
                    "valid_until": application.valid_until,
                }
            ],
        )
        self.assertEqual(application.state, "in_force")
        self.assertEqual(application.scorecard_id.sudo().state, "approved")
        self.assertEqual(application.scorecard_id.sudo().approved_by, self.director)
        self.assertEqual(decision.user_id, self.director)
        self.assertEqual(decision.figures["request"]["limit"], 20000.0)
        self.assertIn(application.name, str(account.message_ids.mapped("body")))

    def test_c1_applicant_edits_a_draft_only(self):
        """C1: what was submitted is kept as it is, for the applicant too."""
        application = self._submitted()
        with self.assertRaises(UserError):
            application.requested_limit = 99999.0
        with self.assertRaises(AccessError):
            application.with_user(self.director).requested_limit = 99999.0

    def test_c1_state_is_no_field_to_write(self):
        """C1: no RPC call sets what the steps set, whatever defaults are sent along."""
        application = self._application()
        for values in (
            {"state": "approved"},
            {"decided_limit": 1e6},
            {"grade": "AAA"},
            {"user_id": self.director.id},
            {"scorecard_id": False},
        ):
            with self.assertRaises(AccessError, msg=values):
                application.write(values)
            with self.assertRaises(AccessError, msg=values):
                self._application(**values)
        sneaky = (
            self.env["credit.application"]
            .with_user(self.applicant)
            .with_context(default_state="in_force", default_grade="AAA", default_user_id=self.director.id)
            .create({"partner_id": self.customer.id, "requested_limit": 1.0, "reason": "x"})
        )
        self.assertRecordValues(sneaky, [{"state": "draft", "grade": False, "user_id": self.applicant.id}])

    def test_c1_one_under_way(self):
        """C1: a customer has one application under way; a temporary one may run beside it."""
        self._account(limit=1000.0)
        self._submitted()
        second = self._application()
        with self.assertRaisesRegex(UserError, "under way already"):
            second.action_submit()
        temporary = self._application(
            kind="temporary", date_from=self.today, date_to=self.today + timedelta(days=30), requested_limit=500.0
        )
        temporary.action_submit()
        self.assertEqual(temporary.state, "submitted")

    def test_c1_contacts_stand_for_their_firm(self):
        """C1: an application of a branch is one of its firm."""
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        self.assertEqual(self._application(partner_id=branch.id).partner_id, self.customer)

    def test_c1_returned_and_resubmitted(self):
        """C1: what is returned goes round again; both decisions are on record."""
        self._trade()
        application = self._assessed()
        self._decide(application, outcome="returned", reason="Ask for less")
        self.assertEqual(application.state, "returned")
        self.assertEqual(application.scorecard_id.sudo().state, "draft")
        application.write({"requested_limit": 10000.0})
        application.action_submit()
        application.with_user(self.investigator).action_investigate()
        investigation = application.with_user(self.investigator).investigation_id
        self.assertEqual(len(application.with_user(self.investigator).investigation_ids), 2)
        investigation.write({"file_complete": True, "conclusion": "As before"})
        investigation.action_done()
        self._answer(application).action_submit()
        self._decide(application, limit=10000.0, days=30)
        self.assertEqual(application.decision_ids.mapped("outcome"), ["approved", "returned"])
        self.assertEqual(self._exposure().base_limit, 10000.0)

    def test_c1_refused(self):
        """C1: a refusal changes nothing on the account, and is on record with its reason."""
        account = self._account(limit=700.0)
        self._trade()
        application = self._assessed()
        decision = self._decide(application, outcome="refused", reason="Too much already")
        self.assertRecordValues(decision, [{"outcome": "refused", "reason": "Too much already", "limit": 0.0}])
        self.assertEqual(account.credit_limit, 700.0)
        with self.assertRaisesRegex(UserError, "has been decided by"):
            application.with_user(self.director).action_decide()

    def test_c1_decisions_are_kept(self):
        """C1: a decision can't be written, deleted or made up, not even by the super-user."""
        self._trade()
        decision = self._decide(self._assessed())
        for user in (self.director, self.env.user):
            with self.assertRaises(UserError):
                decision.with_user(user).write({"limit": 1.0})
            with self.assertRaises(UserError):
                decision.with_user(user).unlink()
        with self.assertRaises(UserError):
            decision.sudo().write({"reason": "Other"})
        with self.assertRaises(UserError):
            self.env["credit.decision"].with_user(self.director).create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "outcome": "approved",
                    "user_id": self.director.id,
                    "date": fields.Datetime.now(),
                    "reason": "x",
                }
            )

    # === C2: INVESTIGATION === #

    def test_c2_investigation_is_confidential_and_kept(self):
        """C2: salespeople don't read it; done, it is kept as it is with its findings and documents."""
        application = self._investigated()
        investigation = application.with_user(self.investigator).investigation_id
        with self.assertRaises(AccessError):
            investigation.with_user(self.applicant).read(["turnover"])
        with self.assertRaises(AccessError):
            application.read(["investigation_ids"])
        with self.assertRaises(UserError):
            investigation.turnover = 1.0
        with self.assertRaises(UserError):
            investigation.write({"finding_ids": [Command.create({"source": "Bank", "text": "Fine"})]})
        with self.assertRaises(UserError):
            self.env["credit.investigation.finding"].with_user(self.investigator).create(
                {"investigation_id": investigation.id, "source": "Bank", "text": "Fine"}
            )

    def test_c2_decision_does_not_tell_the_findings(self):
        """C2: a salesperson reads the decision, not the figures with the findings in them."""
        application = self._assessed({"debts": 4711.0})
        decision = self._decide(application, outcome="refused", reason="No")
        self.assertEqual(decision.figures["investigation"]["debts"], 4711.0)
        self.assertEqual(decision.with_user(self.applicant).read(["reason"])[0]["reason"], "No")
        self.assertNotIn("figures", decision.with_user(self.applicant).read()[0])
        with self.assertRaises(AccessError):
            decision.with_user(self.applicant).read(["figures"])

    def test_c2_conclusion_is_asked_for(self):
        """C2: an investigation without a conclusion can't be finished."""
        application = self._submitted()
        application.with_user(self.investigator).action_investigate()
        with self.assertRaisesRegex(UserError, "comes to"):
            application.with_user(self.investigator).investigation_id.action_done()

    # === C3: ASSESSMENT === #

    def test_c3_template_weights_and_bands(self):
        """C3: payment history 40 (20, 10, 5, 5), finance 30, character 15, growth 15; AAA from 90 down to C."""
        version = self.env.ref("customer_credit.scorecard_version_credit_1")
        self.assertEqual(version.state, "frozen")
        groups = {criterion.code: criterion.weight for criterion in version.criterion_ids if criterion.kind == "group"}
        self.assertEqual(groups, {"history": 40.0, "finance": 30.0, "character": 15.0, "growth": 15.0, "vetoes": 0.0})
        weights = {criterion.code: criterion.weight for criterion in version._leaves()}
        self.assertEqual(
            [weights[code] for code in ("on_time", "days_late", "longest_late", "record")], [20.0, 10.0, 5.0, 5.0]
        )
        self.assertEqual(
            {band.name: band.score_from for band in version.band_ids},
            {"AAA": 90.0, "AA": 80.0, "A": 70.0, "B": 60.0, "C": 0.0},
        )

    def test_c3_each_veto_caps_at_c(self):
        """C3: stopped, sued, bad debt, incomplete file: each of them makes the grade C whatever the score."""
        self._trade()
        for facts in (
            {"stopped_by_authorities": True},
            {"sued_by_supplier": True},
            {"bad_debt": True},
            {"file_complete": False},
        ):
            with self.subTest(facts=facts):
                application = self._assessed(facts)
                self.assertGreaterEqual(application.score, 80.0)
                self.assertEqual(application.grade, "C")
                self.assertEqual(application.proposed_limit, 0.0)
                application.action_cancel()

    def test_c3_vetoes_have_to_be_answered(self):
        """C3: an assessment that leaves a reason to exclude credit open isn't submitted."""
        self._account(limit=1000.0)
        application = self._submitted(kind="temporary", date_from=self.today, date_to=self.today + timedelta(days=30))
        card = self._answer(application)
        with self.assertRaisesRegex(UserError, "Sued by a Supplier"):
            card.action_submit()

    def test_c3_longest_late(self):
        """C3: the longest delay is the worst part, paid or unpaid; no data is not zero."""
        metrics = self.env["customer.metric"].with_company(self.company)
        values = metrics._values(self.customer, ["longest_late"])
        self.assertIsNone(values["longest_late"][self.customer.id])
        self._trade(months=3)
        self.assertEqual(metrics._values(self.customer, ["longest_late"])["longest_late"][self.customer.id], 0)
        self._trade(months=3, late=7)
        self.assertEqual(metrics._values(self.customer, ["longest_late"])["longest_late"][self.customer.id], 7)
        self._invoice(10.0, date=-60, due=-25)
        self.assertEqual(metrics._values(self.customer, ["longest_late"])["longest_late"][self.customer.id], 25)
        metric = self.env.ref("customer_credit.customer_metric_longest_late").with_company(self.company)
        action = metric._documents_action(self.customer)
        self.assertEqual(action["res_model"], "customer.payment.report")
        rows = self.env["customer.payment.report"].with_context(**action["context"]).search(action["domain"])
        self.assertEqual(max(rows.mapped("days_late")), 25)

    def test_c3_taken_back(self):
        """C3: an assessment that is taken back takes the application back with it."""
        self._trade()
        application = self._assessed()
        application.with_user(self.assessor).scorecard_id.action_reset()
        self.assertEqual(application.state, "investigation")
        with self.assertRaisesRegex(UserError, "isn't assessed yet"):
            application.with_user(self.director).action_decide()

    # === C4: GRADE AND STANDARD === #

    def test_c4_proposal(self):
        """C4: average monthly sales x days / 30 x factor, shown in a sentence."""
        self._trade()
        application = self._assessed()
        self.assertEqual(application.grade, "AA")
        self.assertEqual(application.average_monthly_sales, 12000.0)
        self.assertEqual(application.proposed_limit, 18000.0)  # 12,000 x 45 / 30 x 100 %
        self.assertEqual(application.proposed_days, 45)
        self.assertIn("18,000.00", application.calculation)

    def test_c4_factors(self):
        """C4: AAA 150 % and 60 days, AA 100 and 45, A 80 and 30, B 60 and 15, C none."""
        standard = self.env["credit.standard"]._current(self.company, self.today)
        expected = {"AAA": (3000.0, 60), "AA": (1500.0, 45), "A": (800.0, 30), "B": (300.0, 15), "C": (0.0, 0)}
        for grade, (limit, days) in expected.items():
            proposal = standard._propose(grade, 1000.0, self.cny)
            self.assertEqual((proposal.limit, proposal.days), (limit, days), grade)
        self.assertEqual(standard._propose("D", 1000.0, self.cny).held_back, "no_standard")
        self.assertEqual(standard._propose("A", None, self.cny).held_back, "no_sales")

    def test_c4_cap_class_and_rounding(self):
        """C4: fixed amounts, caps, classes; a result is rounded once, half up."""
        standard = self.env["credit.standard"].create(
            {
                "name": "Own",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"grade": "A", "factor": 80, "days": 30, "cap": 500.0}),
                    Command.create({"grade": "A", "customer_class": "key", "method": "fixed", "amount": 9000.0}),
                    Command.create({"grade": "B", "factor": 50, "days": 30}),
                ],
            }
        )
        self.assertEqual(standard._propose("A", 1000.0, self.cny).limit, 500.0)
        self.assertEqual(standard._propose("A", 500.0, self.cny).limit, 400.0)
        key, other = CustomerClass("key", 150), CustomerClass("other", 150)
        self.assertEqual(standard._propose("A", None, self.cny, key).limit, 9000.0, "as the table says of the class")
        self.assertEqual(standard._propose("A", 500.0, self.cny, other).limit, 500.0, "400 x 150 %, up to the cap")
        self.assertEqual(standard._propose("A", 250.0, self.cny, other).limit, 300.0, "200 x 150 %")
        self.assertEqual(standard._propose("A", 250.0, self.cny, CustomerClass("other")).limit, 200.0)
        self.assertEqual(standard._propose("B", 0.01, self.cny).limit, 0.01)  # 0.005
        self.assertEqual(standard._propose("B", 0.05, self.cny).limit, 0.03)  # 0.025

    def test_c4_versions_by_date(self):
        """C4: the standard of the day holds, a company's own before that of all; in force it is kept as it is."""
        Standard = self.env["credit.standard"].with_user(self.director)
        own = Standard.create(
            {
                "name": "Next year",
                "company_id": self.company.id,
                "date_from": self.today + timedelta(days=10),
                "line_ids": [Command.create({"grade": "A", "method": "fixed", "amount": 1.0})],
            }
        )
        with self.assertRaises(AccessError):
            own.write({"state": "in_force"})
        own.action_put_in_force()
        shipped = self.env.ref("customer_credit.credit_standard_default")
        self.assertEqual(Standard._current(self.company, self.today + timedelta(days=9)), shipped)
        self.assertEqual(Standard._current(self.company, self.today + timedelta(days=10)), own)
        with self.assertRaises(UserError):
            own.line_ids.amount = 2.0
        with self.assertRaises(UserError):
            own.write({"line_ids": [Command.create({"grade": "B"})]})
        with self.assertRaises(UserError):
            own.date_from = self.today
        with self.assertRaises(AccessError):
            own.with_user(self.controller).action_put_in_force()
        copy = Standard.browse(own.action_new_version()["res_id"])
        self.assertRecordValues(copy, [{"state": "draft", "date_from": self.today}])
        self.assertEqual(copy.line_ids.mapped("amount"), [1.0])

    def test_c4_new_customer_without_credit(self):
        """C4: who has no payment history is proposed no credit, whatever the grade; the director may still grant."""
        application = self._assessed()
        self.assertEqual(application.proposal_held_back, "new")
        self.assertEqual(application.proposed_limit, 0.0)
        self.assertFalse(application.history_known)
        self._decide(application, limit=100.0, days=10)
        self.assertEqual(self._exposure().base_limit, 100.0)

    # === DECIDING === #

    def test_c1_decision_on_what_changed(self):
        """C1: a decision on figures that changed since they were seen is refused, and leaves no record."""
        self._trade()
        application = self._assessed()
        action = application.with_user(self.director).action_decide()
        wizard = (
            self.env["credit.application.decide"]
            .with_user(self.director)
            .with_context(**action["context"])
            .create({"reason": "Fine"})
        )
        self._account(limit=3000.0)
        with self.assertRaisesRegex(UserError, "changed since you opened it"):
            wizard.action_decide()
        self.assertFalse(application.decision_ids)
        self.assertEqual(application.state, "assessed")
        self._decide(application, limit=5000.0)
        self.assertEqual(self._exposure().base_limit, 5000.0)

    def test_c1_each_fact_changes_the_fingerprint(self):
        """C1: request, investigation, points, proposal and account each belong to what a decision stands on."""
        self._trade()
        account = self._account(limit=10.0)
        application = self._assessed().sudo()
        seen = {application._fingerprint()}
        changes = [
            lambda: application.write({"requested_limit": 1.0}),
            lambda: application.write({"guarantees": "House"}),
            lambda: application.write({"attachment_ids": [Command.create({"name": "a.txt", "raw": b"text"})]}),
            lambda: application.investigation_id.write({"debts": 7.0}),
            lambda: application.investigation_id.write(
                {"finding_ids": [Command.create({"source": "Bank", "text": "Bad"})]}
            ),
            lambda: application.scorecard_id.answer_ids[3].write({"first_points": "1"}),
            lambda: application.write({"proposed_limit": 5.0}),
            lambda: account.write({"credit_limit": 11.0}),
            lambda: account._freeze("Why"),
        ]
        for number, change in enumerate(changes, 2):
            change()
            application.invalidate_recordset()
            seen.add(application._fingerprint())
            self.assertEqual(len(seen), number)

    def test_c1_levels(self):
        """C1: each decides up to his level, the whole limit counts; a level of one's own beats that of a group."""
        Level = self.env["credit.decision.level"]
        Level.create(
            {
                "name": "Accountants",
                "company_id": self.company.id,
                "group_id": self.env.ref("customer_credit.group_credit_controller").id,
                "amount": 10000.0,
                "days": 30,
            }
        )
        junior = self._user("credit_junior", "customer_credit.group_credit_controller")
        self._trade()
        application = self._assessed()
        with self.assertRaisesRegex(AccessError, "up to ¥.10,000.00 and 30 days|up to .*10,000.00.*30 days"):
            self._decide(application, junior, limit=10000.01, days=30)
        with self.assertRaises(AccessError):
            self._decide(application, junior, limit=10000.0, days=31)
        decision = self._decide(application, junior, limit=10000.0, days=30)
        self.assertRecordValues(
            decision, [{"level_name": "Accountants", "level_amount": 10000.0, "level_limited": True}]
        )
        Level.create(
            {
                "name": "Director",
                "company_id": self.company.id,
                "user_id": self.director.id,
                "amount": 50.0,
                "days": 10,
            }
        )
        own = Level._own_authority(self.director, self.company)
        self.assertEqual((own.amount, own.days), (50.0, 10))

    def test_c1_temporary_counts_with_the_base(self):
        """C1, C8: the level of a temporary limit is found by the whole limit, which is 1,500 here."""
        self._account(limit=1000.0)
        self._trade()
        self.env["credit.decision.level"].create(
            {"name": "L", "company_id": self.company.id, "user_id": self.reader.id, "amount": 1499.0, "days": 99}
        )
        application = self._assessed(
            kind="temporary",
            requested_limit=500.0,
            date_from=self.today,
            date_to=self.today + timedelta(days=30),
        )
        with self.assertRaises(AccessError):
            self._decide(application, self.reader, limit=500.0)
        self._decide(application, self.reader, limit=499.0)
        self.assertEqual(self._exposure().temporary_limit, 499.0)
        self.assertEqual(application.state, "in_force")

    def test_c1_delegation(self):
        """C1: a delegate decides within the lender's cap for the days of the delegation; an expired one is refused."""
        self.env["credit.decision.level"].create(
            {"name": "D", "company_id": self.company.id, "user_id": self.director.id, "amount": 8000.0, "days": 60}
        )
        with self.assertRaises(AccessError):
            self.env["credit.delegation"].with_user(self.reader).create(
                {"delegate_id": self.manager.id, "date_from": self.today, "date_to": self.today + timedelta(days=1)}
            )
        delegation = (
            self.env["credit.delegation"]
            .with_user(self.director)
            .create(
                {
                    "delegate_id": self.reader.id,
                    "date_from": self.today,
                    "date_to": self.today + timedelta(days=3),
                }
            )
        )
        self._trade()
        application = self._assessed()
        with self.assertRaisesRegex(AccessError, "8,000.00"):
            self._decide(application, self.reader, limit=8000.01, days=30)
        with (
            freeze_time(fields.Datetime.now() + timedelta(days=3)),
            self.assertRaisesRegex(AccessError, "ended on"),
        ):
            self._decide(application, self.reader, limit=10.0, days=30)
        with self.assertRaises(UserError):
            delegation.date_to = self.today + timedelta(days=99)
        decision = self._decide(application, self.reader, limit=8000.0, days=30)
        self.assertRecordValues(
            decision, [{"user_id": self.reader.id, "delegation_id": delegation.id, "delegated_by": self.director.id}]
        )

    def test_c1_delegation_revoked_or_of_someone_involved(self):
        """C1: a revoked delegation is none; who had a hand in an application doesn't decide it through another."""
        values = {"delegate_id": self.reader.id, "date_from": self.today, "date_to": self.today + timedelta(days=3)}
        revoked = self.env["credit.delegation"].with_user(self.director).create(values)
        with self.assertRaises(AccessError):
            revoked.with_user(self.reader).action_revoke()
        revoked.action_revoke()
        self._trade()
        application = self._assessed(user=self.manager)
        with self.assertRaisesRegex(AccessError, "ended on"):
            application.with_user(self.reader).action_decide()
        self.env["credit.delegation"].with_user(self.manager).create(values)
        with self.assertRaisesRegex(AccessError, "can't let somebody else decide"):
            application.with_user(self.reader).action_decide()

    # === IN FORCE === #

    def _cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_credit.ir_cron_applications").method_direct_trigger()
        self.env.invalidate_all()

    def test_c1_later_start_review_and_expiry(self):
        """C1: it comes into force on its day, asks once for its review, and expires; missed days are caught up."""
        self._trade()
        start = self.today + timedelta(days=5)
        application = self._assessed()
        self._decide(application, limit=9000.0, days=30, valid_from=start, valid_until=start + timedelta(days=100))
        self.assertEqual(application.state, "approved")
        self.assertEqual(self._exposure().mode, "unlimited")
        self._cron()
        self.assertEqual(application.state, "approved")
        now = fields.Datetime.now()
        with freeze_time(now + timedelta(days=7)):
            self._cron()
        self.assertEqual(application.state, "in_force")
        self.assertEqual(self._exposure().base_limit, 9000.0)
        with freeze_time(now + timedelta(days=90)):
            self._cron()
            self._cron()
        reviews = self.env["mail.activity"].search(
            [("res_model", "=", "credit.application"), ("res_id", "=", application.id)]
        )
        self.assertEqual(reviews.user_id, self.applicant)
        self.assertEqual(len(reviews), 1)
        with freeze_time(now + timedelta(days=105)):
            self._cron()
        self.assertEqual(application.state, "expired")

    def test_c1_superseded(self):
        """C1: what comes into force supersedes what was; the temporary one stays."""
        self._trade()
        first = self._assessed()
        self._decide(first, limit=9000.0, days=30)
        second = self._assessed(kind="increase")
        self._decide(second, limit=12000.0, days=30)
        self.assertEqual((first.state, second.state), ("superseded", "in_force"))
        self.assertEqual(self._exposure().base_limit, 12000.0)

    def test_c1_revoke(self):
        """C1: a credit manager revokes with a reason: no credit any more, on record."""
        self._trade()
        application = self._assessed()
        self._decide(application, limit=9000.0, days=30)
        with self.assertRaises(AccessError):
            application.with_user(self.controller)._revoke("Mine")
        with self.assertRaises(UserError):
            application.with_user(self.director)._revoke(" ")
        action = application.with_user(self.director).action_revoke()
        Wizard = self.env["credit.application.decide"].with_user(self.director).with_context(**action["context"])
        Wizard.create({"reason": "Cheque bounced"}).action_decide()
        self.assertEqual(application.state, "revoked")
        self.assertEqual(self._exposure().mode, "none")
        self.assertEqual(application.decision_ids[0].outcome, "revoked")

    def test_c8_temporary_and_seasonal(self):
        """C8: a temporary limit comes with its days and goes when revoked; without a limit there is none."""
        application = self._application(kind="temporary", date_from=self.today, date_to=self.today + timedelta(days=30))
        with self.assertRaisesRegex(UserError, "doesn't have"):
            application.action_submit()
        with self.assertRaises(ValidationError):
            application.date_to = self.today
        self._account(limit=1000.0)
        application.invalidate_recordset()
        self._trade()
        application.write({"yearly": True})
        application.action_submit()
        card = self._answer(application, {"stopped": "4", "sued": "4", "bad_debt": "4", "file": "4"})
        card.action_submit()
        self._decide(application, limit=600.0)
        figures = self._exposure()
        self.assertEqual((figures.base_limit, figures.temporary_limit), (1000.0, 600.0))
        self.assertTrue(application.temporary_limit_id.yearly)
        application.with_user(self.director)._revoke("Season over")
        self.assertEqual(self._exposure().temporary_limit, 0.0)

    def test_c8_freeze_is_recorded(self):
        """C8: freezing and unfreezing are decisions on record, with reason and person."""
        account = self._account(limit=1000.0).with_user(self.director)
        account._freeze("Cheque bounced")
        account._unfreeze("Paid")
        account.invalidate_recordset(["decision_ids"])
        self.assertRecordValues(
            account.decision_ids,
            [
                {"outcome": "unfrozen", "reason": "Paid", "user_id": self.director.id, "limit": 1000.0},
                {"outcome": "frozen", "reason": "Cheque bounced", "user_id": self.director.id, "limit": 1000.0},
            ],
        )

    # === WHO SEES WHAT === #

    def test_c1_salesperson_sees_own(self):
        """C1: a salesperson sees the applications of own customers, not those of others; companies are apart."""
        other = self._user("credit_other_salesman", "sales_team.group_sale_salesman")
        application = self._application()
        self.assertFalse(self.env["credit.application"].with_user(other).search([("id", "=", application.id)]))
        self.assertTrue(self.env["credit.application"].with_user(self.reader).search([("id", "=", application.id)]))
        abroad = self._company("Elsewhere")
        stranger = new_test_user(
            self.env,
            "credit_stranger",
            "customer_credit.group_credit_manager",
            company_id=abroad.id,
            company_ids=[Command.set(abroad.ids)],
        )
        with self.assertRaises(AccessError):
            application.with_user(stranger).read(["name"])

    def test_c1_documents_are_kept(self):
        """C1: documents can't be taken away, swapped or slipped in once the application is submitted."""
        application = self._application()
        file = self.env["ir.attachment"].with_user(self.applicant).create({"name": "licence.txt", "raw": b"one"})
        application.write({"attachment_ids": [Command.link(file.id)]})
        self.assertEqual((file.res_model, file.res_id), ("credit.application", application.id))
        application.action_submit()
        with self.assertRaises(UserError):
            file.write({"raw": b"two"})
        with self.assertRaises(UserError):
            file.unlink()
        with self.assertRaises(UserError):
            application.write({"attachment_ids": [Command.unlink(file.id)]})
        with self.assertRaises(AccessError):
            file.with_user(self._user("credit_third", "sales_team.group_sale_salesman")).read(["raw"])
