from datetime import date
from math import exp

from odoo.tests import BaseCase, tagged

from ..models import judging


@tagged("post_install", "-at_install")
class TestJudging(BaseCase):
    def test_a_bound_that_is_met_is_not_passed(self):
        for value, comparison, expected in (
            (100, "above", "amber"),
            (100.01, "above", "red"),
            (90, "above", None),
            (90.01, "above", "amber"),
        ):
            self.assertEqual(judging.level(value, comparison, 90, 100), expected, value)
        for value, expected in ((90, None), (89.99, "amber"), (70, "amber"), (69.99, "red")):
            self.assertEqual(judging.level(value, "below", 90, 70), expected, value)
        self.assertIsNone(judging.level(95, "above", None, 100))

    def test_chart_of_individual_values(self):
        # Centre 11.8, moving ranges 2, 1, 3, 2: mean 2, so the limit is 11.8 + 5.32.
        self.assertAlmostEqual(judging.chart_bound([10, 12, 11, 14, 12]), 11.8 + 2.66 * 2)
        self.assertIsNone(judging.chart_bound([10, 12, 11, 14]))

    def test_rises(self):
        for values, count in (
            ([1, 2, 3, 4], 3),
            ([5, 2, 3, 4], 2),
            ([1, 2, 2, 4], 1),
            ([4, 3], 0),
            ([4], 0),
            ([], 0),
        ):
            self.assertEqual(judging.rises(values), count, values)

    def test_poisson_tail(self):
        self.assertAlmostEqual(judging.poisson_tail(0, 3), exp(-3))
        self.assertAlmostEqual(judging.poisson_tail(2, 3), exp(-3) * (1 + 3 + 4.5))
        self.assertAlmostEqual(judging.poisson_tail(60, 3), 1)

    def test_lunar_years_begin_with_a_new_moon(self):
        """A mean month has 29.530588 days: every first day lies near a new moon of 6 January 2000, 18:14."""
        new_moon, month = date(2000, 1, 6).toordinal() + 0.76, 29.530588
        for day in judging.LUNAR_NEW_YEARS.values():
            phase = (day.toordinal() + 0.2 - new_moon) % month
            self.assertLess(min(phase, month - phase), 1.3, day)
            self.assertTrue(date(day.year, 1, 21) <= day <= date(day.year, 2, 21), day)

    def test_periods_near_the_festival_move_with_it(self):
        moved = (date(2026, 2, 17) - date(2025, 1, 29)).days
        self.assertEqual(judging.lunar_shift(date(2026, 1, 1), date(2026, 2, 1)), moved)
        self.assertEqual(judging.lunar_shift(date(2026, 2, 1), date(2026, 5, 1)), moved)
        # The window ends in December, the festival is 26 days ahead: it casts its shadow.
        self.assertEqual(
            judging.lunar_shift(date(2024, 10, 3), date(2025, 1, 3)), (date(2025, 1, 29) - date(2024, 2, 10)).days
        )
        self.assertIsNone(judging.lunar_shift(date(2025, 4, 1), date(2025, 7, 1)))
        self.assertIsNone(judging.lunar_shift(date(2050, 1, 1), date(2050, 3, 1)))
