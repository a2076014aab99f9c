from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_eval.models.trend import decayed_mean, trend, weight

from .common import NOW, EvalCase


@tagged("post_install", "-at_install")
class TestTrendArithmetic(BaseCase):
    """E3: the decay, and the arrow at its exact bounds."""

    def test_weight_halves(self):
        self.assertEqual(weight(0, 12), 1)
        self.assertAlmostEqual(weight(365.25, 12), 0.5)
        self.assertAlmostEqual(weight(365.25, 6), 0.25)
        self.assertAlmostEqual(weight(2 * 365.25, 12), 0.25)

    def test_decayed_mean(self):
        self.assertIsNone(decayed_mean([], 12), "no history is no score, and never a good one")
        self.assertEqual(decayed_mean([(date(2024, 1, 1), 40)], 12), 40)
        # 1,461 days are four years of 365.25 days: a sixteenth.
        mean = decayed_mean([(date(2020, 1, 1), 100), (date(2024, 1, 1), 0)], 12)
        self.assertAlmostEqual(mean, 100 / 17)

    def test_direction(self):
        first, second = date(2025, 1, 1), date(2025, 7, 1)
        self.assertIsNone(trend([], 12))
        self.assertEqual(trend([(first, 50.0)], 12), (50.0, None, None))
        for score, direction in (
            (53.0, "up"),
            (52.99, "flat"),
            (50.0, "flat"),
            (47.01, "flat"),
            (47.0, "down"),
            (0.0, "down"),
        ):
            with self.subTest(score=score):
                self.assertEqual(trend([(first, 50.0), (second, score)], 12).direction, direction)

    def test_zero_before_is_a_score(self):
        found = trend([(date(2025, 1, 1), 0.0), (date(2025, 7, 1), 10.0)], 12)
        self.assertEqual((found.before, found.direction), (0.0, "up"))


@tagged("post_install", "-at_install")
class TestTrendOfCustomer(EvalCase):
    """E3: a year in the life of a customer, by the clock."""

    def test_a_year(self):
        """Evaluated every half year; the trend shows on the customer, and only there where one may see it."""
        partner = self.customer.with_user(self.reader)
        self.assertFalse(partner.eval_card_id)
        self.assertFalse(partner.eval_score_known)
        self.assertFalse(partner.eval_trend_text)
        first = self._approved(2)
        self.assertEqual(first.score, 40)
        self.assertEqual((partner.eval_score, partner.eval_direction), (40, False))
        self.assertEqual(partner.eval_trend_text, "First evaluation, nothing to compare it with.")
        with freeze_time(NOW + relativedelta(months=6)):
            self._approved(3)
            self.env.invalidate_all()
            self.assertEqual((partner.eval_score, partner.eval_direction), (60, "up"))
        with freeze_time(NOW + relativedelta(months=12)):
            last = self._approved(3)
            self.env.invalidate_all()
            # 60 half a year ago and 40 a year ago: 184 and 365 days.
            before = (60 * 0.5 ** (0 / 365.25) + 40 * 0.5 ** (184 / 365.25)) / (1 + 0.5 ** (184 / 365.25))
            self.assertEqual(partner.eval_direction, "up")
            self.assertEqual(
                partner.eval_trend_text, f"Rising: 60.00, after {before:.2f} on average before.", "51.74 by hand"
            )
            weights = [0.5 ** (days / 365.25) for days in (365, 181, 0)]
            mean = (40 * weights[0] + 60 * weights[1] + 60 * weights[2]) / sum(weights)
            self.assertAlmostEqual(partner.eval_trend_score, mean, 2)
            self.assertEqual(partner.eval_card_id, last)
            self.assertEqual(partner.eval_count, 3)
            self.assertEqual([point["score"] for point in partner.eval_history], [40, 60, 60])
            self.assertEqual(len(partner.eval_picture["series"]), 2, "the previous one lies behind the latest")
            self.assertEqual(partner.eval_next_date, datetime(2027, 6, 16).date(), "C is looked at after three months")

    def test_another_version_is_not_compared(self):
        self._approved(2)
        version = self.dealer.version_id
        self.dealer.with_user(self.manager).version_id.action_new_version()
        self.dealer.draft_version_id.with_user(self.manager).action_freeze()
        self.assertNotEqual(self.dealer.version_id, version)
        with freeze_time(NOW + relativedelta(months=6)):
            self._approved(5)
            partner = self.customer.with_user(self.reader)
            self.assertEqual((partner.eval_score, partner.eval_direction), (100, False))
            self.assertEqual(partner.eval_trend_score, 100)
            self.assertEqual(partner.eval_count, 2)

    def test_half_life_of_the_company(self):
        self.company.eval_half_life_months = 6
        self._approved(2)
        with freeze_time(NOW + relativedelta(months=12)):
            self._approved(4)
            share = 0.5 ** (365 / (365.25 / 2))
            self.assertAlmostEqual(
                self.customer.with_user(self.reader).eval_trend_score, (80 + 40 * share) / (1 + share), 2
            )
