from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
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
        stale = run._changes(rule, self.company, self.TODAY, findings, customer.ids)["open"]
        self._night()
        self.assertEqual(len(stale), 1)
        events = run._open_cases(rule, self.company, self.TODAY, stale, rule._deadlines(self.TODAY))
        self.assertEqual(events, [])
        self.assertEqual(len(self._cases(customer)), 1)

    def test_a_customer_whom_the_rule_no_longer_looks_at(self):
        """Two runs after the customer left the filter the case closes; that of another one stays open."""
        leaving, _staying = customers = self._debtors(2)
        self._night()
        self.rule.domain = repr([("id", "!=", leaving.id)])
        self._night(self.TODAY + timedelta(days=1))
        cases = [self._cases(customer) for customer in customers]
        self.assertEqual([case.clean_runs for case in cases], [1, 0])
        self.assertIn("no longer looks", cases[0].last_sentence)
        self._night(self.TODAY + timedelta(days=2))
        self.assertEqual([case.state for case in cases], ["closed", "open"])
        self.assertEqual([case.closed_auto for case in cases], [True, False])
        self.assertIn("no longer looks", cases[0].log_ids[0].sentence)

    def test_a_customer_who_comes_back_to_the_rule(self):
        """One clean run for whom the rule did not look at is forgotten when it looks again and finds the figure."""
        [customer] = self._debtors(1)
        self._night()
        self.rule.domain = repr([("id", "=", 0)])
        self._night(self.TODAY + timedelta(days=1))
        self.rule.domain = "[]"
        self._nights(self.TODAY + timedelta(days=2), self.TODAY + timedelta(days=3))
        case = self._cases(customer)
        self.assertEqual((case.state, case.clean_runs), ("open", 0))
        self.assertNotIn("no longer", case.last_sentence)

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
        self._limit(customers, 50)
        for _time in range(2):
            self.Run._cron_process()
        cases = self.Case.search([("partner_id", "in", customers.ids)])
        self.assertEqual(len(cases), 4)
        self.assertEqual(cases.rule_id, self.rule | limit)
        self.assertEqual(len(cases.activity_ids), 4)
        self.assertEqual(self.env["warning.digest"].sudo().search([]).mapped("case_count"), [4])

    def test_a_rule_that_fails_stops_no_other(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60.0)
        broken = self._rule("churn", sequence=1)
        self.patch(type(broken), "_evaluate_churn", lambda *args: 1 / 0)
        [customer] = self._debtors(1)
        with mute_logger("odoo.addons.sales_warning.models.warning_run"):
            self.Run._cron_process()
        self.assertEqual(self._cases(customer).rule_id, self.rule)
        self.assertEqual(self.Run.search([("rule_id", "=", broken.id)]).state, "pending")

    def test_an_action_that_fails_stops_no_other(self):
        failing = self.env["ir.actions.server"].create(
            {
                "name": "Fails",
                "model_id": self.env["ir.model"]._get_id("warning.case"),
                "state": "code",
                "code": "raise UserError('out of order')",
            }
        )
        self.rule.action_ids = [
            Command.create({"sequence": 1, "kind": "server", "server_action_id": failing.id, "level": "amber"})
        ]
        [customer] = self._debtors(1)
        with mute_logger("odoo.addons.sales_warning.models.warning_run", "odoo.addons.base.models.ir_actions"):
            self._night()
        case = self._cases(customer)
        self.assertEqual(case.acted_level, case.level)
        self.assertTrue(case.activity_ids, "the actions after it are carried out")

    def test_what_was_left_unfinished(self):
        """A run of yesterday is not made up for beside that of today; that of a rule that is off is dropped."""
        yesterday = self.TODAY - timedelta(days=1)
        self.Run._run_for(self.rule, self.company, yesterday)
        off = self._rule("limit", state="off")
        self.Run._run_for(off, self.company, self.TODAY)
        runs = self.Run._make_due()
        self.assertEqual((runs.rule_id, runs.mapped("day")), (self.rule, [self.TODAY]))
        self.assertEqual(self.Run.search([("rule_id", "in", (self.rule | off).ids)]), runs)

    def test_an_archived_customer(self):
        """Nobody looks at who is archived: an open case neither clears by itself nor is opened."""
        customers = self._debtors(2)
        customers[1].active = False
        self._night()
        [case] = self.Case.search([("partner_id", "in", customers.ids)])
        self.assertEqual(case.partner_id, customers[0])
        self._pay(customers[0].invoice_ids, self.TODAY)
        customers[0].active = False
        self._nights(self.TODAY + timedelta(days=1), self.TODAY + timedelta(days=3))
        self.assertEqual((case.state, case.clean_runs), ("open", 0))
        customers[0].active = True
        self._nights(self.TODAY + timedelta(days=4), self.TODAY + timedelta(days=5))
        self.assertEqual(case.state, "closed")

    def test_two_companies(self):
        """A rule of all companies has cases in each, on its own documents, owned by somebody who works there."""
        [customer] = self._debtors(1)
        elsewhere = self.setup_other_company()
        other = elsewhere["company"]
        other.partner_id.tz = "UTC"
        self.rule.company_id = False
        move = self.env["account.move"].with_company(other)
        for due in (self.due, self.TODAY - timedelta(days=10)):
            move.create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "company_id": other.id,
                    "journal_id": elsewhere["default_journal_sale"].id,
                    "invoice_date": due,
                    "invoice_date_due": self.TODAY - timedelta(days=10),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [Command.create({"name": "x", "price_unit": 100, "tax_ids": []})],
                }
            ).action_post()
        self._night()
        cases = self._cases(customer).grouped("company_id")
        self.assertEqual(cases.keys(), {self.company, other})
        self.assertEqual((cases[self.company].level, cases[other].level), ("red", "amber"))
        self.assertEqual(cases[self.company].user_id, self.seller)
        self.assertEqual(cases[other].user_id, self.rule.owner_id, "the salesperson does not work there")
        self.assertFalse(self.Case.with_user(self.reader).search([("company_id", "=", other.id)]))
        # A manager who has another company before them runs a rule of one company there.
        self.rule.company_id = self.company
        self.manager.company_ids += other
        both = {"allowed_company_ids": [other.id, self.company.id]}
        self.rule.with_user(self.manager).with_context(**both).action_run_now()
        self.assertEqual(self.Run.search([("company_id", "=", other.id)]).mapped("turn"), [1], "no second look")

    def test_the_cost_of_every_rule_does_not_grow(self):
        """Each shipped rule judges 2 n customers, with documents of every kind, by as many queries as n."""
        rules = self.env["warning.rule"].sudo().search([("kind", "!=", "incident")]).with_company(self.company)
        self.assertEqual(len(rules), 9)
        customers = self._debtors(8)
        self._limit(customers, 50)
        for back in range(10, 430, 20):
            orders = self.env["sale.order"].create(
                [
                    {
                        "partner_id": customer.id,
                        "date_order": self.TODAY - timedelta(days=back + 30),
                        "order_line": [Command.create({"product_id": self.product.id, "price_unit": 100})],
                    }
                    for customer in customers
                ]
            )
            orders.write({"state": "sale"})
        for customer in customers:
            for code in ("sales", "expense"):
                self._target(self.TODAY.replace(day=1), 100, code=code, partner=customer)
            for month in self._months(date(2025, 1, 5), 7):
                self._expense(month, 10 * month.month, partner=customer)
        # As the monthly job has measured it; else a sample is looked at, which may be those who are asked for.
        self.company.write(
            {
                "customer_rhythm_shape": 1,
                "customer_rhythm_r": 1.0,
                "customer_rhythm_alpha": 21.0,
                "customer_rhythm_date": self.TODAY,
            }
        )
        self.env.flush_all()
        for rule in rules:
            counts = []
            # The first time fills what the registry remembers.
            for asked in (customers[:4], customers[:4], customers):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                found = rule._evaluate(asked, self.TODAY + timedelta(days=1))
                counts.append(self.env.cr.sql_log_count - before)
                self.assertEqual(set(found), set(asked.ids), rule.name)
            self.assertEqual(counts[1], counts[2], rule.name)
            self.assertLessEqual(counts[2], 30, rule.name)

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
