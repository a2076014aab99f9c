from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestRule(SalesWarningCommon):
    """Rules as managers set them."""

    def test_when_it_is_due(self):
        rule = self._overdue_rule()
        monday = date(2025, 7, 14)
        self.assertTrue(rule._is_due(monday, None))
        self.assertFalse(rule._is_due(monday, monday))
        rule.write({"schedule": "weekly", "weekday": "2"})
        wednesday = date(2025, 7, 16)
        self.assertFalse(rule._is_due(date(2025, 7, 15), date(2025, 7, 9)))
        self.assertTrue(rule._is_due(wednesday, date(2025, 7, 15)))
        # Missed on Wednesday, it is caught up on Friday, once.
        self.assertTrue(rule._is_due(date(2025, 7, 18), date(2025, 7, 9)))
        self.assertFalse(rule._is_due(date(2025, 7, 19), date(2025, 7, 18)))
        rule.write({"schedule": "monthly", "month_day": 31})
        self.assertEqual(rule._period_start(date(2025, 7, 14)), date(2025, 6, 30))
        self.assertTrue(rule._is_due(date(2025, 2, 28), date(2025, 2, 27)))
        rule.write({"schedule": "daily", "first_day": 10})
        self.assertFalse(rule._is_due(date(2025, 7, 9), None))
        self.assertTrue(rule._is_due(date(2025, 7, 10), None))

    def test_own_history(self):
        """Mean of the customer's last months, plus per cent of it, or plus mean moving ranges."""
        for month, amount in zip(self._months(date(2025, 3, 10), 4), (1000, 1200, 1000, 1200), strict=True):
            self._order(month, amount)
        rule = self._rule(
            "pace",
            metric_id=self.env.ref("customer_metrics.customer_metric_sales").id,
            threshold="percent",
            comparison="below",
            history_months=4,
            amber=20,
            red=50,
        )
        level, reason, figures = rule._evaluate(self.customer, date(2025, 7, 1))[self.customer.id]
        self.assertIsNone(level)
        self._order(date(2025, 7, 10), 600)
        level, reason, figures = rule._evaluate(self.customer, date(2025, 8, 1))[self.customer.id]
        # The history are March to June: 1,100 on average; 600 is 45 % below.
        self.assertEqual((level, reason, figures["base"], figures["bound"]), ("amber", "bound", 1100, 880))
        rule.write({"threshold": "ranges", "amber": 1, "red": 2.66})
        level, reason, figures = rule._evaluate(self.customer, date(2025, 8, 1))[self.customer.id]
        # The mean moving range is 200: red below 1,100 - 532.
        self.assertEqual((level, figures["bound"]), ("amber", 900))
        rule.red = 2
        level, reason, figures = rule._evaluate(self.customer, date(2025, 8, 1))[self.customer.id]
        self.assertEqual((level, figures["bound"]), ("red", 700))
        self.assertIn("1,100", self.env["warning.rule"]._sentence(reason, figures, self.company))

    def test_no_data_is_no_zero(self):
        """A customer without a plan is neither fine nor in alarm."""
        self._order(date(2025, 7, 10), 600)
        rule = self._rule("pace")
        self.assertEqual(rule._evaluate(self.customer, date(2025, 7, 15)), {})

    def test_bounds_in_the_wrong_order(self):
        rule = self._overdue_rule()
        with self.assertRaises(ValidationError):
            rule.write({"amber": 31, "red": 30})
        with self.assertRaises(ValidationError):
            rule.domain = "[('no_such_field', '=', 1)]"
        with self.assertRaises(ValidationError):
            rule.write({"owner_kind": "group"})

    def test_only_managers_set_rules(self):
        rule = self._overdue_rule()
        for user in (self.seller, self.reader, self.handler, self.clerk):
            with self.assertRaises(AccessError):
                rule.with_user(user).action_switch_off()
            with self.assertRaises(AccessError):
                rule.with_user(user).write({"red": 1000})
        rule.with_user(self.manager).write({"red": 1000})
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).write({"state": "draft"})
        rule.with_user(self.manager).action_switch_off()
        self.assertEqual(rule.state, "off")
        created = (
            self.env["warning.rule"]
            .with_user(self.manager)
            .create({"name": "New", "metric_id": rule.metric_id.id, "red": 5, "state": "on"})
        )
        self.assertEqual(created.state, "draft")

    def test_made_on_screen(self):
        with Form(self.env["warning.rule"].with_user(self.manager)) as form:
            form.name = "Late payers"
            form.metric_id = self.env.ref("customer_metrics.customer_metric_days_late")
            form.amber, form.red = 10, 20
        self.assertEqual(form.record.state, "draft")

    def test_owners(self):
        rule = self._overdue_rule(owner_id=self.manager.id)
        both = self.customer | self.other_customer
        self.assertEqual(
            rule._owners(both), {self.customer.id: self.seller.id, self.other_customer.id: self.other_seller.id}
        )
        rule.owner_kind = "leader"
        self.assertEqual(
            rule._owners(both), {self.customer.id: self.leader.id, self.other_customer.id: self.manager.id}
        )
        rule.write({"owner_kind": "group", "owner_group_id": self.env.ref("sales_warning.group_warning_handler").id})
        self.assertTrue(set(rule._owners(both).values()) <= set(rule._members(rule.owner_group_id)))
        rule.owner_kind = "salesperson"
        self.seller.active = False
        self.assertEqual(rule._owners(self.customer), {self.customer.id: self.manager.id})

    def test_deadlines_are_working_days(self):
        rule = self._overdue_rule(amber_days=1, red_days=6)
        friday = date(2025, 7, 11)
        self.assertEqual(
            rule.with_company(self.company)._deadlines(friday),
            {"amber": date(2025, 7, 14), "red": friday + timedelta(days=10)},
        )
