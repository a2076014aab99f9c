"""C4: mass re-rating with preview, approval by somebody else, and application in batches."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import credit_rerating
from .common_application import ApplicationCase


@tagged("post_install", "-at_install")
class TestRerating(ApplicationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Rated"})
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Shop {number}", "is_company": True, "category_id": [(4, cls.tag.id)]} for number in range(5)]
        )

    def setUp(self):
        super().setUp()
        # Assessed a while ago, with a limit by hand that no longer fits; the last one was never assessed.
        template = self.env.ref("customer_credit.scorecard_template_credit")
        for number, customer in enumerate(self.customers):
            self._account(customer, limit=1000.0 + number, payment_days=45, grade="A", limit_payment_days=True)
        self.assessed = self.customers[:4]
        for customer in self.assessed:
            self._trade(customer, months=1, amount=6000.0)
        cards = self.env["customer.scorecard"]._create_for(
            self.assessed, template.version_id, self.company, user=self.assessor
        )
        for answer in cards.answer_ids:
            if answer.kind == "manual":
                answer.write({"first_points": "4", "evidence": "Papers"})
        cards.with_user(self.assessor)._submit(ask=False)
        cards.with_user(self.director).sudo()._approve()
        self.cards = cards

    def _run(self, **values):
        run = (
            self.env["credit.rerating"]
            .with_user(self.manager)
            .create({"name": "Yearly", "domain": f"[('category_id', 'in', [{self.tag.id}])]", **values})
        )
        run.action_start()
        return run

    def _cron(self, batch=2):
        with self.enter_registry_test_mode():
            cron = self.env.ref("customer_credit.ir_cron_rerating")
            cron.code = f"model._cron_reratings(batch={batch})"
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_c4_preview_then_apply(self):
        """C4: the preview changes nothing; approved, the limits are those of the preview, each with its decision."""
        run = self._run()
        self._cron()
        self.assertEqual(run.state, "preview")
        self.assertEqual(run.line_ids.partner_id, self.customers)
        states = {line.partner_id: line.state for line in run.line_ids}
        self.assertEqual([states[customer] for customer in self.customers], ["change"] * 4 + ["skipped"])
        line = run.line_ids[0]
        self.assertEqual(line.average_monthly_sales, 500.0)
        self.assertEqual((line.new_grade, line.new_limit, line.new_days), ("AA", 750.0, 45))
        self.assertEqual(self._exposure(self.customers[0]).base_limit, 1000.0)
        run.line_ids[1].with_user(self.manager).included = False
        run.with_user(self.director).approval_reason = "By the standard"
        run.with_user(self.director).action_approve()
        self._cron()
        self.assertEqual(run.state, "done")
        limits = [self._exposure(customer).base_limit for customer in self.customers]
        self.assertEqual(limits, [750.0, 1001.0, 750.0, 750.0, 1004.0])
        applications = run.line_ids.application_id
        self.assertEqual(set(applications.mapped("state")), {"in_force"})
        self.assertEqual(len(applications), 3)
        self.assertEqual(applications.decision_ids.user_id, self.director)
        self.assertEqual(len(applications.decision_ids), 3)
        self.assertEqual(self.cards[0].state, "superseded")
        self.assertEqual(self.cards[1].state, "approved")

    def test_c4_figures_are_new_points_are_carried_over(self):
        """C4: points by hand are those of before, figures those of today."""
        self._invoice(50000.0, self.customers[0], date=-200, due=-100)
        run = self._run()
        self._cron()
        card = run.line_ids[0].scorecard_id
        points = {answer.criterion_id.code: answer.points for answer in card.answer_ids if answer.answered}
        self.assertEqual(points["solvency"], 4.0)
        self.assertEqual(points["on_time"], 0.0)
        self.assertEqual(points["longest_late"], 1.0)
        self.assertNotIn(run.line_ids[0].new_grade, ("AAA", "AA"))

    def test_c4_who_approves(self):
        """C4: not who started it, not above one's level, not without a reason; others not at all."""
        run = self._run()
        self._cron()
        with self.assertRaises(AccessError):
            run.with_user(self.reader).action_approve()
        with self.assertRaises(AccessError):
            run.with_user(self.controller).action_approve()
        run.with_user(self.director).approval_reason = "By the standard"
        with self.assertRaisesRegex(AccessError, "Who started"):
            run.with_user(self.manager).action_approve()
        level = self.env["credit.decision.level"].create(
            {"name": "D", "company_id": self.company.id, "user_id": self.director.id, "amount": 749.0, "days": 60}
        )
        with self.assertRaisesRegex(AccessError, "750.00"):
            run.with_user(self.director).action_approve()
        level.amount = 750.0
        for values in ({"state": "applying"}, {"approved_by": self.director.id}):
            with self.assertRaises(AccessError):
                run.with_user(self.director).write(values)
        with self.assertRaises(AccessError):
            run.line_ids[0].with_user(self.director).new_limit = 1e6
        run.with_user(self.director).approval_reason = " "
        with self.assertRaises(UserError):
            run.with_user(self.director).action_approve()
        run.with_user(self.director).approval_reason = "By the standard"
        run.with_user(self.director).action_approve()
        with self.assertRaises(UserError):
            run.with_user(self.director).action_approve()
        with self.assertRaises(UserError):
            run.line_ids[0].with_user(self.director).included = False

    def test_c4_changed_meanwhile(self):
        """C4: an account that changed since the preview, or has an application under way, is left as it is."""
        run = self._run()
        self._cron()
        self.env["credit.account"].search([("partner_id", "=", self.customers[0].id)]).credit_limit = 5.0
        self.customers[1].user_id = self.applicant
        self._submitted(partner_id=self.customers[1].id)
        run.with_user(self.director).approval_reason = "By the standard"
        run.with_user(self.director).action_approve()
        self._cron()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.line_ids[:4].mapped("state"), ["conflict", "conflict", "applied", "applied"])
        limits = [self._exposure(customer).base_limit for customer in self.customers[:4]]
        self.assertEqual(limits, [5.0, 1001.0, 750.0, 750.0])

    def test_c4_goes_on_where_it_was_stopped(self):
        """C4: stopped after a batch, the next run applies the rest, and nothing twice."""
        run = self._run()
        self._cron()
        run.with_user(self.director).approval_reason = "By the standard"
        run.with_user(self.director).action_approve()
        step = type(run)._apply_step
        done = []

        def dying(record, *args):
            if done:
                raise MemoryError
            done.append(step(record, *args))
            return done[-1]

        with patch.object(type(run), "_apply_step", dying), self.assertLogs("odoo", "ERROR"):
            self._cron()
        self.assertEqual(done, [2])
        self.assertEqual(run.state, "applying")
        self.assertEqual(run.line_ids[:4].mapped("state"), ["applied", "applied", "change", "change"])
        self._cron()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.line_ids[:4].mapped("state"), ["applied"] * 4)
        decisions = self.env["credit.decision"].search([("partner_id", "in", self.customers.ids)])
        self.assertEqual(len(decisions), 4)

    def test_c4_cost(self):
        """C4: the preview of more customers takes as many queries in a batch, but for what is written."""

        def cost(number):
            run = self._run(domain=f"[('id', 'in', {self.assessed[:number].ids})]").sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._compute_step(credit_rerating.BATCH)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertLessEqual(cost(4), cost(2) + 2)

    def test_c4_cancelled(self):
        """C4: a re-rating that is given up leaves the limits and assessments as they were."""
        run = self._run()
        self._cron()
        with self.assertRaises(AccessError):
            run.with_user(self.controller).action_cancel()
        run.action_cancel()
        self.assertEqual(set(run.line_ids.scorecard_id.mapped("state")), {"cancelled"})
        self.assertEqual(set(self.cards.mapped("state")), {"approved"})
        with self.assertRaises(UserError):
            self._run(domain="[('id', '=', 0)]")
        self.assertEqual(self._exposure(self.customers[0]).base_limit, 1000.0)
