from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import new_test_user
from odoo.tools import mute_logger

from odoo.addons.customer_scorecard.models import customer_scorecard_run

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestBatch(ScorecardCase):
    """Many evaluations at once: their cost, and runs that stop and go on (E4)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Run"})

    @classmethod
    def _customers(cls, count, **values):
        return cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "is_company": True, "category_id": [(4, cls.tag.id)], **values}
                for number in range(count)
            ]
        )

    @classmethod
    def _buyers(cls, count):
        customers = cls._customers(count)
        for customer in customers:
            cls._order(customer)
        return customers

    def _queries(self, call):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _run(self, template=None, **values):
        return (
            self.env["customer.scorecard.run"]
            .with_user(self.manager)
            .create(
                {
                    "name": "All",
                    "template_id": (template or self.template).id,
                    "domain": f"[('category_id', 'in', [{self.tag.id}])]",
                    **values,
                }
            )
        )

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("customer_scorecard.ir_cron_runs").method_direct_trigger()

    # === COST === #

    def test_making_costs_the_same_for_many(self):
        Card = self.env["customer.scorecard"]
        customers = self._customers(60)
        for partner in customers[:3]:
            self._order(partner)

        def make(partners):
            return lambda: Card._create_for(partners, self.version, self.company, user=self.manager)

        make(self._customers(1))()
        few = self._queries(make(customers[:20]))
        many = self._queries(make(customers[20:]))
        # The database takes a hundred rows of a table at a time: 40 evaluations have 240 answers.
        self.assertLessEqual(many - few, 8, f"{few} queries for 20, {many} for 40")
        self.assertLess(few, 70)

    def test_reading_costs_the_same_for_many(self):
        cards = self.env["customer.scorecard"]._create_for(
            self._customers(40), self.version, self.company, user=self.manager
        )
        names = [
            "score", "band_id", "explanation", "picture", "trend", "capped_by", "enthusiasm_note", "may_approve",
            "answered_count", "score_change", "display_name",
        ]  # fmt: skip

        def read(subset):
            return lambda: subset.with_user(self.reader).read(names)

        read(cards[:1])()
        few, many = self._queries(read(cards[:10])), self._queries(read(cards[:20]))
        self.assertLessEqual(many, few + 1, "one for each thousand answers")

    def test_approving_costs_the_same_for_many(self):
        template = self._metric_template()
        customers = self._buyers(46)
        Card = self.env["customer.scorecard"]
        cards = Card._create_for(customers, template.version_id, self.company, user=self.evaluator)
        cards.with_user(self.evaluator)._submit()
        cards[:1].with_user(self.manager).action_approve()

        def approve(subset):
            return lambda: subset.with_user(self.manager).action_approve()

        few, many = self._queries(approve(cards[1:16])), self._queries(approve(cards[16:46]))
        self.assertEqual(set(cards[:46].mapped("state")), {"approved"})
        self.assertLessEqual(many, few + 4, f"{few} for 15, {many} for 30")

    def test_submitting_costs_the_same_for_many(self):
        template = self._metric_template()
        cards = self.env["customer.scorecard"]._create_for(
            self._buyers(46), template.version_id, self.company, user=self.evaluator
        )
        cards[:1].with_user(self.evaluator)._submit(ask=False)

        def submit(subset):
            return lambda: subset.with_user(self.evaluator)._submit(ask=False)

        few, many = self._queries(submit(cards[1:16])), self._queries(submit(cards[16:46]))
        self.assertLessEqual(many, few + 2, f"{few} for 15, {many} for 30")

    def test_create_for(self):
        branch = self.env["res.partner"].create({"name": "East", "parent_id": self.customer.id, "type": "delivery"})
        day = self.today - timedelta(days=3)
        cards = self.env["customer.scorecard"]._create_for(
            self.contact + branch + self.other_customer, self.version, self.company, date=day, user=self.evaluator
        )
        self.assertEqual(cards.partner_id, self.customer + self.other_customer)
        self.assertEqual(set(cards.mapped("date")), {day})
        self.assertEqual((cards.user_id, cards.version_id), (self.evaluator, self.version))
        self.assertEqual(len(set(cards.mapped("name"))), 2)
        self.assertEqual(len(cards.answer_ids), 12)
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Other"}))
        with self.assertRaises(UserError):
            cards._create_for(self.customer, draft, self.company)

    # === RUNS === #

    def test_run(self):
        customers = self._customers(7)
        self.env["res.partner"].create(
            {"name": "Branch", "parent_id": customers[0].id, "category_id": [(4, self.tag.id)]}
        )
        self._customers(1, active=False)
        run = self._run()
        run.action_start()
        self.assertEqual((run.state, run.total, run.done, run.progress), ("running", 7, 0, 0.0))
        with patch.object(customer_scorecard_run, "BATCH", 3):
            self.run_cron()
        self.assertEqual((run.state, run.total, run.done, run.progress), ("done", 7, 7, 100.0))
        self.assertEqual(run.scorecard_ids.partner_id, customers)
        self.assertEqual(set(run.scorecard_ids.mapped("state")), {"draft"})
        self.assertEqual(run.scorecard_ids.user_id, self.manager)
        self.assertEqual(run.scorecard_count, 7)
        self.run_cron()
        self.assertEqual(len(run.scorecard_ids), 7)

    def test_run_submits_what_figures_say(self):
        customers = self._buyers(3)
        growth = self.env["customer.metric"].search([("code", "=", "growth")])
        run = self._run(self._metric_template(metric=growth), after="submit")
        run.action_start()
        self.run_cron()
        states = {card.partner_id: card.state for card in run.scorecard_ids}
        self.assertEqual([states[customer] for customer in customers], ["draft"] * 3, "nothing is known of them")
        run = self._run(self._metric_template("Orders"), after="submit")
        run.action_start()
        self.run_cron()
        cards = run.scorecard_ids
        self.assertEqual(set(cards.mapped("state")), {"submitted"})
        self.assertEqual(cards.submitted_by, self.manager)
        self.assertFalse(cards.activity_ids, "one activity on the run instead")
        self.assertIn(self.director, run.activity_ids.user_id)
        self.assertNotIn(self.manager, run.activity_ids.user_id)
        self.assertFalse(cards.with_user(self.manager)[:1].may_approve)
        cards.with_user(self.director).action_approve()
        self.assertEqual(set(cards.mapped("state")), {"approved"})

    def test_run_goes_on_where_it_was_killed(self):
        customers = self._customers(10)
        run = self._run()
        run.action_start()
        step = type(run)._step
        done = []

        def dying(record, *args):
            if len(done) == 2:
                raise MemoryError
            done.append(step(record, *args))
            return done[-1]

        with patch.object(customer_scorecard_run, "BATCH", 3), patch.object(type(run), "_step", dying):
            with mute_logger("odoo.addons.base.models.ir_cron"):
                self.run_cron()
        self.assertEqual(done, [3, 3])
        self.env.invalidate_all()
        self.assertEqual((run.state, run.done, len(run.scorecard_ids)), ("running", 6, 6))
        with patch.object(customer_scorecard_run, "BATCH", 3):
            self.run_cron()
        self.assertEqual((run.state, run.done), ("done", 10))
        self.assertEqual(run.scorecard_ids.partner_id, customers)
        self.assertEqual(len(run.scorecard_ids), 10)

    def test_run_makes_nothing_twice(self):
        """Even if the place where it was is lost."""
        self._customers(5)
        run = self._run()
        run.action_start()
        run.sudo()._step()
        run.sudo().write({"last_id": 0})
        self.run_cron()
        self.assertEqual(len(run.scorecard_ids), 5)

    def test_run_in_the_time_that_a_cron_has(self):
        self._customers(6)
        run = self._run()
        run.action_start()
        cron = type(self.env["ir.cron"])
        with (
            patch.object(customer_scorecard_run, "BATCH", 2),
            patch.object(cron, "_commit_progress", lambda *args, **kwargs: 0),
        ):
            self.env["customer.scorecard.run"].sudo()._cron_runs()
        self.assertEqual((run.state, run.done), ("running", 2))

    def test_run_that_cannot_go_on(self):
        """It says why, and lets the next run pass."""
        self._customers(2)
        broken, good = self._run(), self._run()
        (broken + good).action_start()
        broken.sudo().domain = "[('no_such_field', '=', 1)]"
        self.run_cron()
        self.assertEqual((broken.state, good.state), ("cancelled", "done"))
        self.assertIn("no_such_field", broken.error)

    def test_run_sees_what_its_owner_sees(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        mine = self._customers(2)
        self._customers(1, company_id=company.id)
        run = self._run()
        run.action_start()
        self.run_cron()
        self.assertEqual(run.scorecard_ids.partner_id, mine)

    def test_what_does_not_start(self):
        self._customers(1)
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Other"}))
        for values, sentence in (
            ({"template": draft.template_id}, "no frozen version"),
            ({"after": "submit"}, "somebody has to give points for Attitude"),
            ({"domain": "[('name', '=', 'nobody at all')]"}, "finds no customer"),
            ({"domain": "[('id', '=', uid)]"}, "can't be used"),
            ({"domain": "__import__('os')"}, "can't be used"),
            ({"domain": "[('no_such_field', '=', 1)]"}, "can't be used"),
            ({"domain": "5"}, "can't be used"),
            ({"date": self.today + timedelta(days=1)}, "future"),
        ):
            with self.subTest(sentence):
                with self.assertRaisesRegex(UserError, sentence):
                    self._run(**values).action_start()
        run = self._run()
        run.action_start()
        with self.assertRaises(UserError):
            run.action_start()
        with self.assertRaises(UserError):
            run.write({"domain": "[]"})
        with self.assertRaises(UserError):
            run.unlink()
        run.action_cancel()
        self.run_cron()
        self.assertFalse(run.scorecard_ids)

    def test_rater_check_is_by_user(self):
        """Evaluators are looked up once each, not once for each evaluation."""
        plain = new_test_user(self.env, "scorecard_plain", "base.group_user")
        with self.assertRaises(ValidationError):
            self.env["customer.scorecard"]._create_for(self.customer, self.version, self.company, user=plain)
