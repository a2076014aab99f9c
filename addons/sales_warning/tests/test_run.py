from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestRun(SalesWarningCommon):
    """A night: set-based, again and again without doubling anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._overdue_rule()
        cls.due = cls.TODAY - timedelta(days=40)

    def _debtors(self, number):
        customers = self.env["res.partner"].create(
            [{"name": f"Debtor {count}", "is_company": True, "user_id": self.seller.id} for count in range(number)]
        )
        for customer in customers:
            self._invoice(self.due, 100, partner=customer)
        self.env.flush_all()
        return customers

    def test_once_a_day(self):
        self._debtors(2)
        for _time in range(3):
            self._night()
        cases = self.Case.search([("rule_id", "=", self.rule.id)])
        self.assertEqual(len(cases), 2)
        run = self.Run.search([("rule_id", "=", self.rule.id)])
        self.assertEqual((len(run), run.opened_count, run.state), (1, 2, "done"))
        self.assertEqual(cases.log_ids.mapped("event"), ["opened", "opened"])
        self.assertEqual(len(cases.activity_ids), 2)
        self.assertEqual(cases.user_id, self.seller)

    def test_a_finished_run_that_is_asked_for_again_doubles_nothing(self):
        [customer] = self._debtors(1)
        for _time in range(2):
            self.rule.with_user(self.manager).with_company(self.company).action_run_now()
        self.assertEqual(len(self._cases(customer)), 1)
        self.assertEqual(len(self._cases(customer).activity_ids), 1)

    def test_killed_before_the_actions(self):
        """The cases are there, the activities are not: the next start adds what is missing, once."""
        customers = self._debtors(3)
        for run in self.Run._make_due():
            run._process()
        cases = self.Case.search([("partner_id", "in", customers.ids)])
        self.assertFalse(cases.activity_ids)
        self.assertTrue(self.Run._carry_out(limit=2))
        self.assertEqual(len(cases.activity_ids), 2)
        self._night()
        self.assertEqual(len(cases.activity_ids), 3)

    def test_rolled_back_in_the_middle(self):
        customers = self._debtors(2)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            for run in self.Run._make_due():
                run._process()
            raise ZeroDivisionError
        self.env.invalidate_all()
        self.assertFalse(self.Case.search([("partner_id", "in", customers.ids)]))
        self._night()
        self.assertEqual(len(self.Case.search([("partner_id", "in", customers.ids)])), 2)

    def test_the_database_knows_one_open_case(self):
        [customer] = self._debtors(1)
        self._night()
        case = self._cases(customer)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            case.sudo().copy({"state": "open"})
            self.env.flush_all()

    def test_another_worker_was_first(self):
        """What a second worker finds out while the first one has opened the case is not opened again."""
        [customer] = self._debtors(1)
        run = self.Run._run_for(self.rule, self.company, self.TODAY)
        rule = self.rule.with_company(self.company)
        findings = rule._evaluate(customer, self.TODAY + timedelta(days=1))
        stale = run._changes(rule, self.company, self.TODAY, findings)["open"]
        self._night()
        self.assertEqual(len(stale), 1)
        events = run._open_cases(rule, self.company, self.TODAY, stale, rule._deadlines(self.TODAY))
        self.assertEqual(events, [])
        self.assertEqual(len(self._cases(customer)), 1)

    def test_two_clean_runs_close(self):
        [customer] = self._debtors(1)
        self._night()
        case = self._cases(customer)
        self._pay(customer.invoice_ids, self.TODAY)
        self._night(self.TODAY + timedelta(days=1))
        self.assertEqual((case.state, case.clean_runs), ("open", 1))
        # Looking again on the same day is no second run.
        with freeze_time(self.TODAY + timedelta(days=1)):
            self.Run._run_for(self.rule, self.company, self.TODAY + timedelta(days=1))._process()
        self.assertEqual((case.state, case.clean_runs), ("open", 1))
        # It comes back in between: the count begins anew.
        customer.invoice_ids.line_ids.remove_move_reconcile()
        self._night(self.TODAY + timedelta(days=2))
        self.assertEqual((case.state, case.clean_runs), ("open", 0))
        self._pay(customer.invoice_ids, self.TODAY)
        self._nights(self.TODAY + timedelta(days=3), self.TODAY + timedelta(days=4))
        self.assertEqual((case.state, case.closed_auto, case.outcome), ("closed", True, False))
        self.assertFalse(case.activity_ids)
        self.assertEqual(case.log_ids.mapped("event"), ["closed", "clean", "clean", "opened"])

    def test_the_scheduled_action(self):
        """The whole night, whose rules share what they read."""
        # The scheduled action commits; here its steps are kept in the transaction of the test.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60.0)
        limit = self._rule("limit")
        customers = self._debtors(2)
        customers.credit_limit = 50
        for _time in range(2):
            self.Run._cron_process()
        cases = self.Case.search([("partner_id", "in", customers.ids)])
        self.assertEqual(len(cases), 4)
        self.assertEqual(cases.rule_id, self.rule | limit)
        self.assertEqual(len(cases.activity_ids), 4)
        self.assertEqual(self.env["warning.digest"].sudo().search([]).mapped("case_count"), [4])

    def test_the_cost_does_not_grow(self):
        """Opening, and looking again, take as many queries for 2 n customers as for n."""

        def night(day):
            [run] = self.Run._run_for(self.rule, self.company, day)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._process()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self._debtors(1)
        night(self.TODAY)
        self._debtors(5)
        few = night(self.TODAY)
        self._debtors(10)
        many = night(self.TODAY)
        self.assertEqual(few, many)
        self.assertEqual(len(self.Case.search([("rule_id", "=", self.rule.id)])), 16)
        self.assertLessEqual(many, 40)
        self.assertEqual(night(self.TODAY), night(self.TODAY))
