import random
from datetime import date, timedelta
from math import exp, factorial, fsum, lgamma, log

from odoo.tests import BaseCase, tagged

from ..models.rhythm import DEFAULT_PRIOR, fit_prior, regularity, silence_probability
from .common import CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestRhythmFormula(BaseCase):
    @staticmethod
    def _integrated(gap_count, gap_sum, silence, shape, r, alpha, step=0.02):
        """Integrate P(gap > silence | rate) over the distribution of the rate, by the trapezium rule.

        Over the logarithm of the rate the integrand vanishes so fast on both sides that the rule is exact to rounding.
        """
        a, b = r + shape * gap_count, alpha + gap_sum
        terms = []
        for number in range(-2000, 400):
            log_rate = log(a / b) + number * step
            rate = exp(log_rate)
            if rate * (b + silence) > 700:
                break
            tail = exp(-rate * silence) * sum((rate * silence) ** j / factorial(j) for j in range(shape))
            terms.append(tail * exp(a * log_rate - b * rate + a * log(b) - lgamma(a)))
        return step * fsum(terms)

    def test_formula_is_the_integral(self):
        for case in (
            (3, 60, 40, 1, 1.0, 30.0),
            (5, 100, 90, 1, 2.5, 45.0),
            (4, 80, 35, 2, 1.7, 20.0),
            (6, 180, 60, 3, 2.0, 25.5),
            (8, 160, 50, 6, 1.2, 4.0),
            (24, 720, 200, 6, 3.0, 40.0),
        ):
            self.assertAlmostEqual(silence_probability(*case), self._integrated(*case), delta=1e-12, msg=case)

    def test_bounds(self):
        self.assertEqual(silence_probability(3, 60, 0, 1, 1.0, 30.0), 1)
        values = [silence_probability(10, 200, silence, 3, 1.0, 30.0) for silence in range(0, 400, 10)]
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertLess(values[-1], 1e-6)
        # Long histories do not overflow.
        self.assertGreater(silence_probability(24, 24 * 365, 3650, 6, 300.0, 9e3), 0)

    def test_regularity(self):
        chance = random.Random(5)
        for shape in (1, 2, 4):
            histories = [[chance.gammavariate(shape, 20 / shape) for _gap in range(12)] for _customer in range(400)]
            self.assertEqual(regularity(histories), shape)
        self.assertEqual(regularity([[7, 7, 7, 7]]), 6)
        self.assertEqual(regularity([[7]]), DEFAULT_PRIOR[0])

    def test_prior_is_found_again(self):
        chance = random.Random(11)
        histories = []
        for _customer in range(1500):
            rate = chance.gammavariate(3.0, 1 / 40.0)
            histories.append([chance.gammavariate(2, 1 / rate) for _gap in range(chance.randint(3, 15))])
        shape, r, alpha = fit_prior(histories)
        self.assertEqual(shape, 2)
        self.assertAlmostEqual(r, 3.0, delta=0.4)
        self.assertAlmostEqual(alpha, 40.0, delta=6)

    def test_little_history(self):
        self.assertEqual(fit_prior([]), DEFAULT_PRIOR)
        self.assertEqual(fit_prior([[10, 20]] * 9), DEFAULT_PRIOR)
        shape, r, alpha = fit_prior([[30, 30, 30]] * 50)
        self.assertEqual(shape, 6)
        self.assertAlmostEqual(r / alpha, 6 / 30, 2)


@tagged("post_install", "-at_install")
class TestRhythm(CustomerMetricsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "customer_rhythm_shape": 1,
                "customer_rhythm_r": 1,
                "customer_rhythm_alpha": 30,
                "customer_rhythm_date": date(2025, 1, 1),
            }
        )

    def test_interval_and_silence(self):
        days = [date(2025, 3, 1), date(2025, 3, 11), date(2025, 3, 31), date(2025, 4, 10)]
        self._order(days[0])
        self._order(days[1])
        self._order(days[1])  # twice on one day: one purchase
        self.assertIsNone(self._value("usual_interval"))
        self._order(days[2])
        self.assertEqual(self._value("usual_interval"), 15)
        self.assertIsNone(self._value("silence_probability"))
        self._order(days[3])
        self.assertEqual(self._value("usual_interval"), 10)
        # Gaps of 7 + 14 + 8 = 29 working days; on 30 June 57 of silence: (59 / 116) to the power of 4.
        self.assertEqual(self._value("days_since_order"), 81)
        self.assertAlmostEqual(self._value("silence_probability"), 100 * (59 / 116) ** 4)
        self.assertEqual(self._value("silence_probability", date_to=date(2025, 4, 11)), 100)

    def test_only_the_last_gaps_count(self):
        day = date(2023, 1, 1)
        for _number in range(3):
            self._order(day)
            day += timedelta(days=100)
        for _number in range(25):
            self._order(day)
            day += timedelta(days=4)
        days = self.Metric._purchase_days(self.customer, self.DATE_TO)[self.customer.id]
        self.assertEqual([(after - before).days for before, after in zip(days, days[1:], strict=False)], [4] * 24)
        self.assertEqual(days[-1], day - timedelta(days=4))

    def test_a_week_of_holidays_is_no_silence(self):
        for day in (date(2025, 4, 1), date(2025, 4, 8), date(2025, 4, 15), date(2025, 4, 22)):
            self._order(day)
        # Three gaps of five working days; silent from 23 April.
        self.assertAlmostEqual(self._value("silence_probability", date_to=date(2025, 4, 30)), 100 * (45 / 50) ** 4)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "May holidays",
                "company_id": self.company.id,
                "calendar_id": False,
                "date_from": "2025-04-30 00:00:00",
                "date_to": "2025-05-05 23:59:59",
            }
        )
        for day in (date(2025, 4, 30), date(2025, 5, 1), date(2025, 5, 6)):
            self.assertAlmostEqual(self._value("silence_probability", date_to=day), 100 * (45 / 50) ** 4, msg=day)
        self.assertLess(self._value("silence_probability", date_to=date(2025, 5, 7)), 100 * (45 / 50) ** 4)
        self.assertEqual(self._value("usual_interval", date_to=date(2025, 5, 6)), 7)

    def test_measured_once_a_week(self):
        self.company.customer_rhythm_date = False
        self.company.resource_calendar_id = False  # every day is one of work
        today = self.company._customer_today()
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(10)])
        for customer in customers:
            for number in range(5):
                self._order(today - timedelta(days=20 * number + 3), partner=customer)
        shape, r, alpha = self.Metric._rhythm_prior()
        self.assertEqual(shape, 6)
        self.assertAlmostEqual(r / alpha, 6 / 20, 2)
        with self.enter_registry_test_mode():
            self.env.ref("customer_metrics.ir_cron_measure_rhythm").method_direct_trigger()
        self.assertEqual(self.company.customer_rhythm_date, today)
        self.assertEqual(self.Metric._rhythm_prior(), (shape, r, alpha))
