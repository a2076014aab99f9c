from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestLife(SalesWarningCommon):
    """W1 to W5 fire and clear over months, from documents."""

    def _level(self, rule, customer=None):
        case = self._cases(customer, rule_id=rule.id).filtered(lambda case: case.state != "closed")
        self.assertLessEqual(len(case), 1)
        return case.level

    def test_w1_over_the_limit(self):
        rule = self._rule("limit")
        self._limit(self.customer, 1000)
        first = self._invoice(date(2025, 6, 2), 900, due=date(2025, 9, 1))
        self._night(date(2025, 7, 14))
        self.assertFalse(self._level(rule), "90 % is not above 90 %")
        self._invoice(date(2025, 7, 14), 100, due=date(2025, 9, 1))
        self._night(date(2025, 7, 15))
        self.assertEqual(self._level(rule), "amber", "the whole limit, and no more")
        self._invoice(date(2025, 7, 15), 0.01, due=date(2025, 9, 1))
        self._night(date(2025, 7, 16))
        self.assertEqual(self._level(rule), "red")
        case = self._cases(rule_id=rule.id)
        self.assertRegex(case.last_sentence, r"1,000\.01.*100 %.*1,000\.00")
        self._pay(first, date(2025, 7, 16))
        self._nights(date(2025, 7, 17), date(2025, 7, 18))
        self.assertEqual((case.state, case.closed_auto), ("closed", True))
        self.assertFalse(self._cases(self.other_customer), "who has no limit can't be over it")

    def test_w1_overdue(self):
        rule = self._overdue_rule()
        invoice = self._invoice(date(2025, 6, 1), 500, due=date(2025, 7, 1))
        levels = {}
        for day in (8, 9, 31):
            self._night(date(2025, 7, day))
            levels[day] = self._level(rule)
        self.assertEqual(levels, {8: False, 9: "amber", 31: "amber"})
        self._night(date(2025, 8, 1))
        self.assertEqual(self._level(rule), "red")
        self._pay(invoice, date(2025, 8, 1))
        self._nights(date(2025, 8, 2), date(2025, 8, 3))
        case = self._cases(rule_id=rule.id)
        # Nobody acted in ten working days: it went up the line meanwhile.
        events = ["opened", "escalated", "raised", "clean", "closed"]
        self.assertEqual(case.log_ids.mapped("event")[::-1], events)

    def test_w2_behind_the_plan(self):
        rule = self._rule("pace")
        for month in (6, 7, 8):
            self._target(date(2025, month, 1), 10000)
        self._order(date(2025, 7, 2), 2000)
        self._night(date(2025, 7, 9))
        self.assertFalse(self._level(rule), "too early in the month")
        self._night(date(2025, 7, 16))
        self.assertEqual(self._level(rule), "red", "a fifth, while half of the month has passed")
        self._order(date(2025, 7, 17), 6000)
        self._night(date(2025, 7, 21))
        self._order(date(2025, 7, 25), 2500)
        self._night(date(2025, 7, 28))
        case = self._cases(rule_id=rule.id)
        self.assertEqual((case.state, case.closed_auto), ("closed", True))

    def test_w2_below_last_year(self):
        rule = self._rule("same_period")
        for day in self._months(date(2024, 1, 10), 14):
            self._order(day, 3000)
        # From March on nothing comes any more: the window of April compares with a year ago.
        levels = []
        for day in self._months(date(2025, 3, 1), 4):
            self._night(day)
            levels.append(self._level(rule))
        self.assertEqual(levels[0], False)
        self.assertEqual(levels[-1], "red")
        for day in self._months(date(2025, 6, 5), 4):
            self._order(day, 5000)
        for day in self._months(date(2025, 7, 1), 3):
            self._night(day)
        self.assertFalse(self._level(rule))

    def test_w2_the_festival_that_moves_is_no_fall(self):
        """The orders before the festival came in January 2025 and come in February 2026."""
        for day in (date(2025, 1, 6), date(2025, 1, 13), date(2025, 1, 20)):
            self._order(day, 5000)
        for day in (date(2026, 1, 26), date(2026, 2, 2), date(2026, 2, 9)):
            self._order(day, 5000)
        rule = self._rule("same_period", months=1)
        level, _reason, figures = rule.with_company(self.company)._evaluate(self.customer, date(2026, 2, 15))[
            self.customer.id
        ]
        self.assertEqual((level, figures["sales"], figures["before"]), (None, 15000, 15000))

    def test_w2_buys_less_often(self):
        rule = self._rule("frequency")
        self._orders(date(2024, 1, 3), date(2025, 3, 31), 7)
        self._night(date(2025, 3, 31))
        self.assertFalse(self._level(rule))
        self._orders(date(2025, 4, 7), date(2025, 7, 7), 28)
        self._night(date(2025, 7, 7))
        case = self._cases(rule_id=rule.id)
        self.assertEqual(case.level, "red")
        self.assertIn("fewer", case.sentence)
        self._orders(date(2025, 7, 8), date(2025, 10, 20), 6)
        self._nights(date(2025, 10, 13), date(2025, 10, 20), 7)
        self.assertEqual(case.state, "closed")

    def test_w3_over_the_budget(self):
        rule = self._rule("budget")
        self._target(date(2025, 7, 1), 1000, code="expense")
        self._expense(date(2025, 7, 3), 950)
        self._night(date(2025, 7, 14))
        self.assertEqual(self._level(rule), "amber")
        self._expense(date(2025, 7, 14), 60)
        self._night(date(2025, 7, 15))
        case = self._cases(rule_id=rule.id)
        self.assertEqual((case.level, case.stops_expense), ("red", True))
        with self.assertRaisesRegex(UserError, "are stopped"):
            self._expense(date(2025, 7, 14), 10)
        self._expense(date(2025, 7, 14), 10, partner=self.other_customer)
        # What takes back is not stopped; the budget holds again, and money may be spent.
        self.env["customer.expense"].search(
            [("partner_id", "=", self.customer.id), ("amount", "=", 950)]
        ).action_take_back()
        self._nights(date(2025, 7, 16), date(2025, 7, 17))
        self.assertEqual((case.state, case.stops_expense), ("closed", False))
        self._expense(date(2025, 7, 14), 10)

    def test_w3_faster_than_the_budget(self):
        rule = self._rule("budget_pace")
        for month in (7, 8):
            self._target(date(2025, month, 1), 1000, code="expense")
        self._expense(date(2025, 7, 2), 700)
        self._night(date(2025, 7, 9))
        self.assertFalse(self._level(rule), "too early in the month")
        levels = []
        for day in (10, 17, 24, 31):
            self._night(date(2025, 7, day))
            levels.append(self._level(rule))
        # 8, 13, 18 and 23 of 23 working days: 201, 124, 89 and 70 % of what the budget allows until then.
        self.assertEqual(levels, ["red", "amber", "amber", False])
        case = self._cases(rule_id=rule.id)
        self.assertEqual((case.state, case.worst_level), ("closed", "red"))
        self.assertEqual(case.log_ids.mapped("event").count("lowered"), 1)

    def test_w3_rising(self):
        rule = self._rule("expense_rising")
        for day, amount in zip(
            self._months(date(2024, 9, 5), 9), (100, 120, 90, 110, 100, 105, 110, 115, 90), strict=True
        ):
            self._expense(day, amount)
        for day in self._months(date(2025, 4, 1), 2):
            self._night(day)
        self.assertEqual(self._level(rule), "amber", "February, March and April rose")
        self._nights(date(2025, 6, 1), date(2025, 6, 1))
        self._night(date(2025, 7, 1))
        case = self._cases(rule_id=rule.id)
        self.assertEqual(case.state, "closed", "May fell, June was nothing")
        self._expense(date(2025, 7, 5), 400)
        self._night(date(2025, 8, 1))
        self.assertEqual(self._level(rule), "red", "far above the chart")

    def test_w4_lost(self):
        rule = self._rule("churn")
        self._orders(date(2025, 1, 6), date(2025, 6, 2), 14)
        self._night(date(2025, 6, 14))
        self.assertFalse(self._level(rule))
        seen = {}
        day = date(2025, 6, 15)
        while day <= date(2025, 10, 5):
            self._night(day)
            if (level := self._level(rule)) and level not in seen:
                seen[level] = (day - date(2025, 6, 2)).days
            day += timedelta(days=3)
        self.assertEqual(list(seen), ["amber", "red"])
        self.assertLess(seen["amber"], 60)
        self.assertLessEqual(seen["red"], 123)
        case = self._cases(rule_id=rule.id)
        self.assertIn("usually every 14 days", case.sentence)
        self._order(date(2025, 10, 6), 1000)
        self._nights(date(2025, 10, 6), date(2025, 10, 7))
        self.assertEqual((case.state, case.closed_auto), ("closed", True))

    def test_w4_needs_four_purchases(self):
        rule = self._rule("churn")
        self._orders(date(2025, 1, 6), date(2025, 1, 20), 7)
        self._night(date(2025, 7, 14))
        self.assertFalse(self._cases(rule_id=rule.id))

    def test_w5_an_incident(self):
        """It opens at once, no run clears it, it goes up the line, and ends when somebody has handled it."""
        kind = self.env.ref("sales_warning.warning_incident_kind_theft")
        with freeze_time(datetime(2025, 7, 14, 9)):
            values = {
                "partner_id": self.branch.id,
                "kind_id": kind.id,
                "what": "Broken into",
                "company_id": self.company.id,
            }
            incident = self.env["warning.incident"].with_user(self.seller).create(values)
        case = self._cases(incident_id=incident.id)
        self.assertEqual((case.level, case.user_id, case.state), ("red", self.leader, "open"))
        self.assertIn(self.leader, case.activity_ids.user_id)
        steps = {}
        day = date(2025, 7, 15)
        while day <= date(2025, 9, 15):
            self._night(day)
            steps.setdefault(case.escalation, day)
            day += timedelta(days=1)
        self.assertEqual(
            steps, {"0": date(2025, 7, 15), "2": date(2025, 7, 16), "3": date(2025, 7, 18)}, "the leader owns it"
        )
        self.assertEqual(case.state, "open", "no figure tells that it is over")
        again = self.env["warning.incident"].with_user(self.seller).create({**values, "what": "Once more"})
        self.assertEqual(len(self._cases(rule_id=case.rule_id.id)), 2, "another incident is another case")
        case.with_user(self.leader).write({"cause": "No guard at night", "measures": "Guard and insurance"})
        case.with_user(self.leader)._close("confirmed", "Replaced by the insurer")
        self.assertEqual((case.state, again.case_id.state), ("closed", "open"))
