from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..models.tiering import (
    Judge,
    State,
    Table,
    average,
    bounds_by_count,
    bounds_by_customer_share,
    bounds_by_value_share,
    exact,
    quintile_scores,
)

NAMES = [None, "C", "B", "B+", "A", "AA", "AAA"]
# T2, as written in the requirement: (class, from, to), in 10,000 a month.
WHOLESALE = [("AAA", 150, None), ("AA", 105, 150), ("A", 75, 105), ("B+", 60, 75), ("B", 35, 60), ("C", 17, 35)]
RETAIL = [("AAA", 20, None), ("AA", 10, 20), ("A", 5.5, 10), ("B+", 3, 5.5), ("B", 1, 3), ("C", 0.5, 1)]
RETAIL_QUOTAS = {"AA": 2, "A": 2.5, "B+": 3, "B": 3.5, "C": 4, None: 4}
STEP = Decimal("0.0001")


def table(bands, quotas=None):
    rising = [*reversed(bands)]
    quotas = quotas or {}
    return Table(
        [exact(start) for _name, start, _stop in rising],
        [exact(quotas.get(name)) for name in [None, *(name for name, _start, _stop in rising)]],
    )


@tagged("post_install", "-at_install")
class TestArithmetic(BaseCase):
    """The tables of T2 at every bound, the lift by margin, and steadiness; without a database."""

    def _check(self, bands, quotas, value, margin, expected):
        found = NAMES[table(bands, quotas).rank(exact(value), exact(margin))]
        self.assertEqual(found, expected, f"{value} at {margin} %")

    def test_every_bound_without_lift(self):
        for bands in (WHOLESALE, RETAIL):
            for number, (name, start, stop) in enumerate(bands):
                start = Decimal(str(start))
                below = bands[number + 1][0] if number + 1 < len(bands) else None
                self._check(bands, None, start, None, name)
                self._check(bands, None, start - STEP, None, below)
                self._check(bands, None, start - STEP, 99, below)  # no quota, no lift
                if stop:
                    self._check(bands, None, Decimal(str(stop)) - STEP, None, name)
            for value in (0, -3, Decimal("0.0001"), None):
                self._check(bands, None, value, None, None)
            self._check(bands, None, 10**9, None, "AAA")

    def test_every_bound_with_lift(self):
        order = [None, *reversed([name for name, _start, _stop in RETAIL])]
        for number, (name, start, _stop) in enumerate(RETAIL):
            start = Decimal(str(start))
            below = RETAIL[number + 1][0] if number + 1 < len(RETAIL) else None
            for band, value in ((name, start), (below, start - STEP)):
                quota = RETAIL_QUOTAS.get(band)
                lifted = order[min(order.index(band) + 1, len(order) - 1)]
                if quota is None:  # the top
                    self._check(RETAIL, RETAIL_QUOTAS, value, 99, "AAA")
                    continue
                quota = Decimal(str(quota))
                self._check(RETAIL, RETAIL_QUOTAS, value, quota + STEP, lifted)
                self._check(RETAIL, RETAIL_QUOTAS, value, quota, band)  # exceeds, not reaches
                self._check(RETAIL, RETAIL_QUOTAS, value, quota - STEP, band)
                self._check(RETAIL, RETAIL_QUOTAS, value, None, band)
                self._check(RETAIL, RETAIL_QUOTAS, value, -5, band)
                self._check(RETAIL, RETAIL_QUOTAS, value, 99, lifted)  # exactly one class

    def test_examples_of_the_requirement(self):
        self._check(RETAIL, RETAIL_QUOTAS, 12, 2.3, "AAA")
        self._check(RETAIL, RETAIL_QUOTAS, 12, 2, "AA")
        self._check(RETAIL, RETAIL_QUOTAS, 0.2, 4.1, "C")
        self._check(RETAIL, RETAIL_QUOTAS, 0, 4.1, "C")
        self._check(RETAIL, RETAIL_QUOTAS, None, 4.1, None)

    def test_wholesale_with_quotas_of_the_company(self):
        quotas = {name: 1 for name, _start, _stop in WHOLESALE} | {None: 1}
        self._check(WHOLESALE, quotas, Decimal("149.9999"), 1.5, "AAA")
        self._check(WHOLESALE, quotas, 150, 1.5, "AAA")
        self._check(WHOLESALE, quotas, Decimal("16.9999"), 1.5, "C")
        self._check(WHOLESALE, quotas, Decimal("16.9999"), 1, None)
        self._check(WHOLESALE, quotas, 17, 1.5, "B")

    def test_floats_on_a_bound_are_on_it(self):
        # 0.1 + 0.2 and 2.3 * 3 aren't what they seem in binary.
        self.assertEqual(exact(0.1 + 0.2), exact(Decimal("0.3")))
        margin = 100 * (6.9 / 3) / 100
        self._check(RETAIL, {**RETAIL_QUOTAS, "AA": 2.3}, 12, margin, "AA")

    def test_rank_never_falls_when_a_figure_rises(self):
        retail = table(RETAIL, RETAIL_QUOTAS)
        values = [exact(value / 100) for value in range(0, 2500, 7)]
        margins = [None, *(exact(margin / 10) for margin in range(0, 60, 3))]
        for margin in margins:
            ranks = [retail.rank(value, margin) for value in values]
            self.assertEqual(ranks, sorted(ranks), margin)
        for value in values:
            ranks = [retail.rank(value, margin) for margin in margins]
            self.assertEqual(ranks, sorted(ranks), value)

    def test_average_is_rounded_as_money(self):
        for total, months, rounding, expected in (
            (100, 12, 0.01, 8.33),
            (0.06, 12, 0.01, 0.01),
            (0.05, 12, 0.01, 0),
            (-0.06, 12, 0.01, -0.01),
            (0.3, 2, 0.01, 0.15),
            (5, 2, 1, 3),
            (2039999.94, 12, 0.01, 170000),
            (2039999.93, 12, 0.01, 169999.99),
        ):
            self.assertEqual(average(exact(total), months, exact(rounding)), exact(expected), total)
        self.assertIsNone(average(None, 12, 100))
        self.assertEqual(average(0, 12, 100), 0)

    def test_bad_tables(self):
        for bounds in ((1, 1), (2, 1)):
            with self.assertRaisesRegex(ValueError, "ascend"):
                Table(bounds)
        with self.assertRaisesRegex(ValueError, "more quotas"):
            Table((1,), (1, 2, 3))
        for arguments in ({"up_after": 0}, {"down_after": 0}, {"tolerance": exact(100)}, {"tolerance": -1}):
            with self.assertRaisesRegex(ValueError, "Steadiness"):
                Judge(Table((1,)), **arguments)


@tagged("post_install", "-at_install")
class TestSteadiness(BaseCase):
    """Up after two, down after three runs in a row, beyond a tolerance of 10 %."""

    def setUp(self):
        super().setUp()
        self.judge = Judge(table(RETAIL, RETAIL_QUOTAS))

    def _run(self, values, start=None, margin=None):
        """Return the class after each of the values."""
        state = State(NAMES.index(start), 0, NAMES.index(start)) if start != "new" else None
        found = []
        for value in values:
            state = self.judge.judge(state, exact(value), exact(margin)).state
            found.append(NAMES[state.rank])
        return found

    def test_new_customers_take_their_class_at_once(self):
        self.assertEqual(self._run([12], "new"), ["AA"])
        self.assertEqual(self._run([12], "new", 2.3), ["AAA"])
        self.assertEqual(self._run([None], "new"), [None])

    def test_up_after_two(self):
        self.assertEqual(self._run([11, 11], "A"), ["A", "AA"])
        self.assertEqual(self._run([11, 9, 11, 11], "A"), ["A", "A", "A", "AA"])
        self.assertEqual(self._run([0.55, 0.55], None), [None, "C"])

    def test_down_after_three(self):
        self.assertEqual(self._run([8.9, 8.9, 8.9], "AA"), ["AA", "AA", "A"])
        self.assertEqual(self._run([8.9, 8.9, 10, 8.9, 8.9, 8.9], "AA"), ["AA"] * 5 + ["A"])
        self.assertEqual(self._run([None, None, None], "C"), ["C", "C", None])

    def test_tolerance_on_its_bounds(self):
        for value, expected in ((11, "AA"), (10.9999, "A"), (10, "A")):
            self.assertEqual(self._run([value] * 2, "A")[-1], expected, value)
        for value, expected in ((9, "AA"), (8.9999, "A")):
            self.assertEqual(self._run([value] * 3, "AA")[-1], expected, value)
        # 5.5 +- 10 % is 6.05 and 4.95.
        for value, expected in ((6.05, "A"), (6.0499, "B+")):
            self.assertEqual(self._run([value] * 2, "B+")[-1], expected, value)
        for value, expected in ((4.95, "A"), (4.9499, "B+")):
            self.assertEqual(self._run([value] * 3, "A")[-1], expected, value)

    def test_tolerance_around_quotas(self):
        # Quota 2 %: lifted when above 2.2 %, kept down to more than 1.8 %.
        for margin, expected in ((2.2001, "AAA"), (2.2, "AA"), (2.1, "AA")):
            self.assertEqual(self._run([12] * 2, "AA", margin)[-1], expected, margin)
        for margin, expected in ((1.8001, "AAA"), (1.8, "AA")):
            self.assertEqual(self._run([12] * 3, "AAA", margin)[-1], expected, margin)

    def test_moves_to_what_all_runs_supported(self):
        self.assertEqual(self._run([30, 12, 30, 30], "B"), ["B", "AA", "AA", "AAA"])
        self.assertEqual(self._run([0, 4, 0], "AA"), ["AA", "AA", "B+"])
        self.assertEqual(self._run([30, 30], "C"), ["C", "AAA"])

    def test_turning_round_begins_anew(self):
        self.assertEqual(self._run([8, 8, 25, 8, 8, 8], "AA"), ["AA"] * 5 + ["A"])
        self.assertEqual(self._run([25, 8, 25, 25], "AA"), ["AA", "AA", "AA", "AAA"])

    def test_swings_around_a_bound_change_nothing(self):
        self.assertEqual(set(self._run([9.2, 10.8] * 12, "AA")), {"AA"})
        self.assertEqual(set(self._run([9.2, 10.8] * 12, "A")), {"A"})
        self.assertEqual(set(self._run([8.5, 11.5] * 12, "A")), {"A"})

    def test_judging_twice_from_the_same_state_gives_the_same(self):
        state = State(4, 1, 5)
        self.assertEqual(self.judge.judge(state, exact(11)), self.judge.judge(state, exact(11)))
        after = self.judge.judge(state, exact(11)).state
        self.assertEqual(after, State(5, 0, 5))
        self.assertEqual(self.judge.judge(after, exact(11)).state, after)

    def test_plain_rules(self):
        plain = Judge(table(RETAIL), 0, 1, 1)
        state = State(4, 0, 4)
        self.assertEqual(plain.judge(state, exact(10)).state.rank, 5)
        self.assertEqual(plain.judge(state, exact(5.4999)).state.rank, 3)


@tagged("post_install", "-at_install")
class TestSharesAndScores(BaseCase):
    def test_share_of_the_value(self):
        shares = [exact(80), exact(95), exact(100)]
        # 50 + 30 reach 80 %, 10 + 5 reach 95 %.
        values = [exact(value) for value in (5, 50, 30, 10, 3, 2, 0, -4)] + [None]
        self.assertEqual(bounds_by_value_share(values, shares), [exact(30), exact(5), exact(2)])
        # The customer with whom 80 % are reached belongs to the class.
        values = [exact(value) for value in (79, 2, 19)]
        self.assertEqual(bounds_by_value_share(values, shares), [exact(19), None, exact(2)])
        # Equal customers are not torn apart.
        values = [exact(10)] * 10
        self.assertEqual(bounds_by_value_share(values, shares), [exact(10), None, None])
        self.assertEqual(bounds_by_value_share([None, 0, -1], shares), [None, None, None])

    def test_number_and_share_of_customers(self):
        values = [exact(value) for value in range(1, 11)] + [None, 0]
        self.assertEqual(bounds_by_count(values, [2, 5, 100]), [exact(9), exact(6), exact(1)])
        self.assertEqual(
            bounds_by_customer_share(values, [exact(20), exact(50), exact(100)]), [exact(9), exact(6), exact(1)]
        )
        # 15 % of 10 are 1.5: two.
        self.assertEqual(bounds_by_customer_share(values, [exact(15)]), [exact(9)])
        self.assertEqual(bounds_by_count([exact(7)] * 3, [1, 2]), [exact(7), None])
        self.assertEqual(bounds_by_count([], [1, 2]), [None, None])

    def test_quintiles(self):
        self.assertEqual(quintile_scores(list(range(10))), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        self.assertEqual(quintile_scores(list(range(10)), True), [5, 5, 4, 4, 3, 3, 2, 2, 1, 1])
        self.assertEqual(quintile_scores([None, 3, None]), [None, 1, None])
        self.assertEqual(quintile_scores([4, 4, 4, 4]), [1, 1, 1, 1])
        self.assertEqual(quintile_scores([]), [])
