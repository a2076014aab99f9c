from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestBacktest(SalesWarningCommon):
    """A rule is tried on the last twelve months before it is switched on."""

    def test_overdue(self):
        paid = self._invoice(date(2024, 9, 1), 500, due=date(2024, 9, 20))
        self._pay(paid, date(2024, 11, 10))
        self._invoice(date(2025, 2, 1), 500, due=date(2025, 2, 20))
        rule = self._overdue_rule(state="draft")
        test = self.env["warning.backtest"].browse(
            rule.with_user(self.manager).with_company(self.company).action_backtest()["res_id"]
        )
        self.assertEqual(len(test.month_ids), 12)
        self.assertEqual(
            [(alarm.day, alarm.level, alarm.truth) for alarm in test.alarm_ids.sorted("day")],
            [
                # Ten days late at the end of September, forty at the end of October; paid in November.
                (date(2024, 9, 30), "amber", "false"),
                (date(2024, 10, 31), "red", "false"),
                # Never paid.
                (date(2025, 2, 28), "amber", "true"),
                (date(2025, 3, 31), "red", "true"),
            ],
        )
        self.assertEqual((test.customer_count, test.known_count, test.true_count), (1, 4, 2))
        self.assertFalse(self._cases(), "nothing is opened")
        test.with_user(self.manager).action_switch_on()
        self.assertEqual(rule.state, "on")

    def test_only_managers(self):
        rule = self._overdue_rule()
        for user in (self.handler, self.seller, self.reader):
            with self.assertRaises(AccessError):
                rule.with_user(user).action_backtest()
