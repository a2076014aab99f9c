import math

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.customer_eval.models import customer_scorecard

from .common import NOW, TODAY, EvalCase


@tagged("post_install", "-at_install")
class TestChase(EvalCase):
    """E3: who is due is asked for: once, in batches, after a pause of the scheduled action too."""

    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("customer_eval.ir_cron_chase_due")

    def _run(self, end_time=math.inf):
        """Run the scheduled action as the scheduler does.

        :param float end_time: when the time of the run is up; 0 lets it do one batch
        """
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            env = self.env(cr=cursor, context={})
            progress = env["ir.cron.progress"].create({"cron_id": self.cron.id, "remaining": 0, "done": 0})
            env["customer.scorecard"].with_context(
                cron_id=self.cron.id, ir_cron_progress_id=progress.id, cron_end_time=end_time
            )._cron_chase_due()
            done = progress.done
        self.env.invalidate_all()
        return done

    def _asked(self, customers=None, done=False):
        activities = self.env["mail.activity"].with_context(active_test=False)
        return activities.search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", (customers or self.customer).ids),
                ("activity_type_id", "=", self.env.ref("customer_eval.mail_activity_type_due").id),
                ("active", "=", not done),
            ]
        )

    def test_due_to_the_day(self):
        """C is due after three months: nothing the day before, one activity on the day, none more the day after."""
        card = self._approved(3)
        self.assertEqual(card.next_date, TODAY + relativedelta(months=3))
        due = NOW + relativedelta(months=3)
        with freeze_time(due - relativedelta(days=1)):
            self._run()
            self.assertFalse(self._asked())
            self.assertFalse(self.customer.with_user(self.reader).eval_overdue)
            self.assertNotIn(self.customer, self.env["res.partner"].search([("eval_overdue", "=", True)]))
        with freeze_time(due):
            self._run()
            activity = self._asked()
            self.assertEqual(len(activity), 1)
            self.assertEqual(activity.user_id, self.salesman)
            self.assertEqual(activity.date_deadline, card.next_date)
            self.assertEqual((activity.scorecard_id, activity.summary), (card, "Dealer Evaluation"))
            self.assertFalse(self.customer.with_user(self.reader).eval_overdue, "due, and not overdue")
            self.assertNotIn(self.customer, self.env["res.partner"].search([("eval_overdue", "=", True)]))
        with freeze_time(due + relativedelta(days=1)):
            self._run()
            self.assertEqual(self._asked(), activity)
            self.assertTrue(self.customer.with_user(self.reader).eval_overdue)
            self.assertIn(self.customer, self.env["res.partner"].search([("eval_overdue", "=", True)]))

    def test_day_begins_on_the_company_clock(self):
        self._approved(3)
        with freeze_time("2026-06-15 15:59:59"):
            self._run()
            self.assertFalse(self._asked(), "one second to midnight in Shanghai")
        with freeze_time("2026-06-15 16:00:00"):
            self._run()
            self.assertTrue(self._asked())

    def test_catch_up_and_batches(self):
        """After a year of silence everybody is asked for; a run that is cut off goes on where it was."""
        customers = self.customer.union(*(self._customer(f"Customer {number}") for number in range(6)))
        for customer in customers:
            self._approved(3, customer)
        self.patch(customer_scorecard, "CHASE_BATCH", 2)
        with freeze_time(NOW + relativedelta(years=1)):
            self.assertEqual(self._run(end_time=0), 2, "time was up after one batch")
            self.assertEqual(len(self._asked(customers)), 2)
            self.assertEqual(self._run(), 5)
            self.assertEqual(len(self._asked(customers)), 7)
            self.assertEqual(len(set(self._asked(customers).mapped("res_id"))), 7, "nobody twice")
            self.assertEqual(self._run(), 0)
            self.assertEqual(len(self._asked(customers)), 7)

    def test_one_for_all_scorecards_of_a_customer(self):
        small = self.env.ref("customer_eval.scorecard_template_small")
        self._approved(3)
        self._approved(4, template=small)
        with freeze_time(NOW + relativedelta(years=1)):
            self._run()
            self.assertEqual(self._asked().summary, "Dealer Evaluation", "the oldest debt first")
            self._approved(3)
            self.assertFalse(self._asked())
            self._run()
            self.assertEqual(self._asked().summary, small.name)

    def test_approval_closes_it(self):
        self._approved(3)
        self._approved(3, self.other_customer)
        both = self.customer + self.other_customer
        with freeze_time(NOW + relativedelta(months=4)):
            self._run()
            card = self._card(3)
            self.assertEqual(len(self._asked(both)), 2)
            card.with_user(self.evaluator).action_submit()
            self.assertEqual(len(self._asked(both)), 2, "handed in is not approved")
            card.with_user(self.manager).action_approve()
            self.assertEqual(self._asked(both).mapped("res_id"), self.other_customer.ids)
            self.assertEqual(len(self._asked(both, done=True)), 1)
            self._run()
            self.assertEqual(len(self._asked(both)), 1)

    def test_what_waits_for_approval_is_not_asked_for(self):
        self._approved(3)
        with freeze_time(NOW + relativedelta(months=4)):
            card = self._card(3)
            card.with_user(self.evaluator).action_submit()
            self._run()
            self.assertFalse(self._asked())

    def test_marked_as_done_without_evaluation(self):
        self._approved(3)
        with freeze_time(NOW + relativedelta(months=4)):
            self._run()
            self._asked().with_user(self.salesman).action_feedback("I'll go there on Friday")
            self._run()
            self.assertFalse(self._asked())
        with freeze_time(NOW + relativedelta(months=4, days=13)):
            self._run()
            self.assertFalse(self._asked())
        with freeze_time(NOW + relativedelta(months=4, days=14)):
            self._run()
            self.assertEqual(len(self._asked()), 1)

    def test_who_is_asked(self):
        self._approved(3)
        without = self._customer("Nobody's")
        without.user_id = False
        self._approved(3, without)
        for chase, mine, nobodys in (
            ("salesperson", self.salesman, self.evaluator),
            ("evaluator", self.evaluator, self.evaluator),
            ("person", self.reader, self.reader),
        ):
            with self.subTest(chase=chase), freeze_time(NOW + relativedelta(months=4)):
                self.company.write({"eval_chase": chase, "eval_chase_user_id": self.reader.id})
                self._asked(self.customer + without).unlink()
                self._run()
                self.assertEqual(self._asked().user_id, mine)
                self.assertEqual(self._asked(without).user_id, nobodys)
        self._asked(self.customer + without).unlink()
        self.evaluator.active = False
        self.company.eval_chase = "evaluator"
        with freeze_time(NOW + relativedelta(months=4)):
            self._run()
            self.assertEqual(self._asked().user_id, self.salesman, "who has left is not asked")

    def test_archived_customers_are_left_alone(self):
        self._approved(3)
        self.customer.active = False
        with freeze_time(NOW + relativedelta(years=1)):
            self._run()
            self.assertFalse(self._asked())

    def test_nobody_is_mailed(self):
        self._approved(3)
        mails = self.env["mail.mail"].search_count([])
        with freeze_time(NOW + relativedelta(years=1)):
            self._run()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_queries_do_not_grow(self):
        counts = {}
        for number in (10, 20):
            customers = self.env["res.partner"].union(*(self._customer(f"N {number} {key}") for key in range(number)))
            for customer in customers:
                self._approved(3, customer)
            with freeze_time(NOW + relativedelta(years=1)):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.env["customer.scorecard"]._due_unchased(self.company)._chase()
                self.env.flush_all()
                counts[number] = self.env.cr.sql_log_count - before
                self.assertEqual(len(self._asked(customers)), number)
        self.assertLessEqual(counts[20], counts[10], counts)
