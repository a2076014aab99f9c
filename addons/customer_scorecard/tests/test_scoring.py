from decimal import Decimal
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from odoo.addons.customer_scorecard.models.scoring import (
    Answer,
    Band,
    Criterion,
    Scale,
    band_of,
    figure_points,
    points_of,
    raters_disagree,
    score,
)

BANDS = (Band("D", 0), Band("C", 40), Band("B", 60), Band("A", 80))


def scale(*weights, **values):
    """A Scale of criteria 0, 1, 2… with these weights."""
    return Scale(tuple(Criterion(key, weight) for key, weight in enumerate(weights)), BANDS, **values)


@tagged("post_install", "-at_install")
class TestScoring(BaseCase):
    """The arithmetic of scorecards, as tables (E1, E2, E4, E5)."""

    def test_score_and_coverage(self):
        table = [
            # weights, points, score, coverage
            ("nothing asked", (), {}, None, "0.00"),
            ("nothing answered", (1, 1), {}, None, "0.00"),
            ("an empty history is no zero", (1, 1), {0: None, 1: None}, None, "0.00"),
            ("all zero", (1, 1), {0: 0, 1: 0}, "0.00", "100.00"),
            ("all five is exactly 100", (3, 7, 11), {0: 5, 1: 5, 2: 5}, "100.00", "100.00"),
            ("one answered", (1, 3), {1: 3}, "60.00", "75.00"),
            ("one answered with zero", (1, 3), {1: 0}, "0.00", "75.00"),
            ("weights to 100", (60, 40), {0: 5, 1: 0}, "60.00", "100.00"),
            ("weights to 30", (20, 10), {0: 5, 1: 0}, "66.67", "100.00"),
            ("weights to 1", (0.7, 0.3), {0: 1, 1: 3}, "32.00", "100.00"),
            ("weights with cents", (33.33, 66.67), {0: 1, 1: 2}, "33.33", "100.00"),
            ("weight zero counts nothing", (1, 0), {0: 2, 1: 5}, "40.00", "100.00"),
            ("weight zero unanswered", (1, 0), {0: 2}, "40.00", "100.00"),
            ("only weight zero answered", (1, 0), {1: 5}, None, "0.00"),
            ("all weights zero", (0, 0), {0: 5, 1: 5}, None, "0.00"),
            ("unknown keys count nothing", (1,), {0: 1, "x": 5}, "20.00", "100.00"),
            ("half points", (1, 1), {0: 2.5, 1: 3}, "55.00", "100.00"),
            ("a third", (1, 1, 1), {0: 1, 1: 1, 2: 2}, "26.67", "100.00"),
            ("half a cent goes up", (1599, 1), {0: 0, 1: 2}, "0.03", "100.00"),
            ("less than half a cent", (1601, 1), {0: 0, 1: 2}, "0.02", "100.00"),
        ]
        for name, weights, points, expected, coverage in table:
            with self.subTest(name):
                result = score(scale(*weights), points)
                self.assertEqual(result.score, expected and Decimal(expected))
                self.assertEqual(str(result.coverage), coverage)
                if expected is None:
                    self.assertEqual((result.band, result.uncapped_band, result.contributions), (None, None, {}))
                    self.assertTrue(result.provisional)

    def test_contributions_add_up(self):
        table = [
            ((1, 1, 1), {0: 1, 1: 1, 2: 2}, ["6.67", "6.67", "13.33"]),
            ((1, 1, 1), {0: 5, 1: 5, 2: 5}, ["33.34", "33.33", "33.33"]),
            ((1, 1, 1), {0: 0, 1: 1, 2: 0}, ["0.00", "6.67", "0.00"]),
            ((2, 1), {1: 4}, ["80.00"]),
            ((1, 1, 1, 1, 1, 1, 1), dict.fromkeys(range(7), 1), ["2.86"] * 6 + ["2.84"]),
        ]
        for weights, points, expected in table:
            with self.subTest(weights=weights, points=points):
                result = score(scale(*weights), points)
                self.assertEqual(sum(result.contributions.values()), result.score)
                if len(set(points.values())) > 1 or len(points) < 4:
                    self.assertEqual([str(result.contributions[key]) for key in sorted(points)], expected)

    def test_contributions_of_many(self):
        """Whatever the weights, the displayed shares add up to the displayed score, and none is off by a cent."""
        for seed in range(200):
            weights = [(seed * 7 + number * 13) % 29 / 4 for number in range(9)]
            points = {number: (seed + number * number) % 11 / 2 for number in range(9) if (seed + number) % 4}
            result = score(scale(*weights), points)
            if result.score is None:
                continue
            self.assertEqual(sum(result.contributions.values()), result.score)
            answered = sum(Fraction(str(weights[key])) for key in points)
            for key, value in points.items():
                exact = Fraction(str(weights[key])) * Fraction(str(value)) * 20 / answered
                self.assertLess(abs(Fraction(result.contributions[key]) - exact), Fraction(1, 100))
                if not exact:
                    self.assertFalse(result.contributions[key])

    def test_bands_at_their_bounds(self):
        table = [
            ("0", "D"),
            ("39.99", "D"),
            ("40", "C"),
            ("40.00", "C"),
            ("59.99", "C"),
            ("60", "B"),
            ("79.99", "B"),
            ("80", "A"),
            ("100", "A"),
            ("100.00", "A"),
        ]
        for value, expected in table:
            with self.subTest(value):
                self.assertEqual(band_of(BANDS, Decimal(value)).key, expected)
                self.assertEqual(band_of(tuple(reversed(BANDS)), Decimal(value)).key, expected)
        self.assertIsNone(band_of((), Decimal(50)))
        self.assertIsNone(band_of((Band("A", 80),), Decimal(50)), "no band below")

    def test_band_is_chosen_by_the_rounded_score(self):
        """79.996 shows as 80.00 and is an A: what is seen is what counts."""
        result = score(scale(12499, 1), {0: 4, 1: 3})
        self.assertEqual((result.score, result.band), (Decimal("80.00"), "A"))
        result = score(scale(1999, 1), {0: 4, 1: 3})
        self.assertEqual((result.score, result.band), (Decimal("79.99"), "B"))

    def test_bounds_with_cents(self):
        bands = (Band("low", 0), Band("high", 66.67))
        self.assertEqual(score(Scale((Criterion(0, 20), Criterion(1, 10)), bands), {0: 5, 1: 0}).band, "high")
        bands = (Band("low", 0), Band("high", 66.68))
        self.assertEqual(score(Scale((Criterion(0, 20), Criterion(1, 10)), bands), {0: 5, 1: 0}).band, "low")

    def test_provisional(self):
        table = [
            # weights, answered, minimum, provisional
            ((70, 30), (0,), 70, False),
            ((69.99, 30.01), (0,), 70, True),
            ((69.995, 30.005), (0,), 70, False),
            ((1, 1), (0,), 50, False),
            ((1, 1), (0,), 50.01, True),
            ((1, 1), (0, 1), 100, False),
            ((1, 1), (0,), 0, False),
            ((1, 0), (0,), 100, False),
            ((1, 1), (), 0, True),
        ]
        for weights, answered, minimum, expected in table:
            with self.subTest(weights=weights, answered=answered, minimum=minimum):
                result = score(scale(*weights, coverage_min=minimum), dict.fromkeys(answered, 5))
                self.assertIs(result.provisional, expected)

    def vetoes(self, *floors):
        return Scale(
            tuple(Criterion(key, 10, floor, band) for key, (floor, band) in enumerate(floors))
            + (Criterion("rest", 1000),),
            BANDS,
            coverage_min=0,
        )

    def test_vetoes(self):
        table = [
            # floors, points, band, uncapped, vetoes, caps
            ("above the floor", [(2, "C")], {0: 3}, "A", "A", (), ()),
            ("on the floor", [(2, "C")], {0: 2}, "A", "A", (), ()),
            ("just below", [(2, "C")], {0: 1.999}, "C", "A", (0,), (0,)),
            ("zero", [(1, "D")], {0: 0}, "D", "A", (0,), (0,)),
            ("no floor", [(0, "D")], {0: 0}, "A", "A", (), ()),
            ("two: the worst wins", [(2, "C"), (3, "D")], {0: 1, 1: 2}, "D", "A", (0, 1), (1,)),
            ("two of one grade", [(2, "C"), (3, "C")], {0: 1, 1: 2}, "C", "A", (0, 1), (0, 1)),
            ("cap above the grade", [(2, "A")], {0: 1}, "A", "A", (0,), ()),
            ("one of two fires", [(2, "C"), (3, "D")], {0: 1, 1: 3}, "C", "A", (0,), (0,)),
        ]
        for name, floors, points, band, uncapped, vetoes, caps in table:
            with self.subTest(name):
                plain = score(self.vetoes(*[(0, None)] * len(floors)), {**points, "rest": 5})
                result = score(self.vetoes(*floors), {**points, "rest": 5})
                self.assertEqual((result.band, result.uncapped_band), (band, uncapped))
                self.assertEqual((result.vetoes, result.caps), (vetoes, caps))
                self.assertEqual(
                    (result.score, result.contributions), (plain.score, plain.contributions), "points stay"
                )

    def test_a_cap_never_lifts(self):
        result = score(self.vetoes((2, "C")), {0: 1, "rest": 0})
        self.assertEqual((result.band, result.uncapped_band, result.vetoes, result.caps), ("D", "D", (0,), ()))

    def test_a_floor_of_weight_zero(self):
        weightless = Scale((Criterion(0, 0, 2, "D"), Criterion(1, 1)), BANDS)
        self.assertEqual(score(weightless, {0: 1, 1: 5}).band, "D")

    def test_unanswered_floor_is_provisional(self):
        self.assertTrue(score(self.vetoes((2, "C")), {"rest": 5}).provisional)
        self.assertFalse(score(self.vetoes((2, "C")), {0: 2, "rest": 5}).provisional)
        self.assertFalse(score(self.vetoes((0, None)), {"rest": 5}).provisional)

    def test_false_enthusiasm(self):
        pair = Scale((Criterion("says", 1, action="does"), Criterion("does", 1)), BANDS)
        table = [
            ({"says": 5, "does": 0}, True),
            ({"says": 4, "does": 2}, True),
            ({"says": 4, "does": 3}, False),
            ({"says": 3, "does": 0}, False),
            ({"says": 3.5, "does": 0}, False),
            ({"says": 4, "does": 2.5}, False),
            ({"says": 5}, False),
            ({"does": 0}, False),
            ({"says": 0, "does": 5}, False),
        ]
        for points, expected in table:
            with self.subTest(points):
                flagged = score(pair, points).enthusiasm
                self.assertEqual(flagged, (("says", "does"),) if expected else ())
        strict = pair._replace(attitude_min=3, action_max=1)
        self.assertTrue(score(strict, {"says": 3, "does": 1}).enthusiasm)
        self.assertFalse(score(strict, {"says": 3, "does": 2}).enthusiasm)

    def test_points_of_an_answer(self):
        table = [
            # answer, points
            (Answer(), None),
            (Answer(first=0), 0),
            (Answer(first=3), 3),
            (Answer(first=3, second=4), Fraction(7, 2)),
            (Answer(second=4), 4),
            (Answer(first=0, second=5), Fraction(5, 2)),
            (Answer(first=1, second=5, agreed=2), 2),
            (Answer(agreed=0), 0),
            (Answer(metric=4), None),
            (Answer(metric=4, metric_share=100), 4),
            (Answer(metric=0, metric_share=100), 0),
            (Answer(metric_share=100), None),
            (Answer(first=5, metric_share=100), None),
            (Answer(first=1, metric=4, metric_share=50), Fraction(5, 2)),
            (Answer(first=1, metric=4, metric_share=35), Fraction(205, 100)),
            (Answer(first=3, second=4, metric=3, metric_share=35), Fraction(3325, 1000)),
            (Answer(first=1, metric_share=50), 1),
            (Answer(metric=4, metric_share=50), 4),
            (Answer(metric=0, metric_share=50), 0),
            (Answer(metric_share=50), None),
        ]
        for answer, expected in table:
            with self.subTest(answer):
                self.assertEqual(points_of(answer), expected)

    def test_raters(self):
        self.assertFalse(raters_disagree(Answer(first=2, second=3), 1))
        self.assertTrue(raters_disagree(Answer(first=2, second=4), 1))
        self.assertTrue(raters_disagree(Answer(first=2, second=3), 0.5))
        self.assertFalse(raters_disagree(Answer(first=2, second=2), 0))
        self.assertFalse(raters_disagree(Answer(first=5), 0), "one rater agrees with himself")
        self.assertTrue(raters_disagree(Answer(first=0, second=5), 1))

    def test_figures(self):
        rising = [(0, 1), (10, 2), (20, 4), (30.5, 5)]
        falling = [(60, 0), (30, 2), (0, 5), (10, 4)]
        table = [
            (rising, None, None),
            (rising, 0, 1),
            (rising, 9.99, 1),
            (rising, 10, 2),
            (rising, 19.999999999998, 4),
            (rising, 19.9999, 2),
            (rising, 30.5, 5),
            (rising, 1e9, 5),
            (rising, -5, 1),
            (falling, -3, 5),
            (falling, 0, 5),
            (falling, 9.9, 5),
            (falling, 10, 4),
            (falling, 30, 2),
            (falling, 59.9, 2),
            (falling, 60, 0),
            (falling, 600, 0),
            ([], 5, None),
            ([(7, 3)], -100, 3),
        ]
        for steps, value, expected in table:
            with self.subTest(steps=steps, value=value):
                self.assertEqual(figure_points(steps, value), expected)
