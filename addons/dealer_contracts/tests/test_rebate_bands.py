import random
from decimal import Decimal
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from odoo.addons.dealer_contracts.models.rebate_bands import (
    Band,
    Part,
    band_of,
    earned,
    payable,
    payment_share,
    problem,
    rounded,
)


def table(*steps):
    """Bands from (lower, rate) pairs; each ends where the next begins."""
    uppers = [Decimal(str(lower)) for lower, _rate in steps[1:]] + [None]
    return [
        Band(Decimal(str(lower)), upper, Decimal(str(rate))) for (lower, rate), upper in zip(steps, uppers, strict=True)
    ]


STANDARD = table((0, 1), (10_000, 2), (20_000, 3))


def money(bands, amount, quantity=None, **how):
    quantity = None if quantity is None else Decimal(str(quantity))
    return rounded(earned(bands, Decimal(str(amount)), quantity, **how))


@tagged("post_install", "-at_install")
class TestRebateBands(BaseCase):
    """D7: what a turnover earns, to the cent."""

    def check(self, cases, **how):
        for amount, expected in cases:
            with self.subTest(amount=amount, **how):
                self.assertEqual(money(STANDARD, amount, **how), Decimal(str(expected)))

    def test_marginal(self):
        """10,000 at 1 %, 10,000 at 2 %, the rest at 3 %."""
        self.check(
            [
                ("25000", "450"),
                ("16000", "220"),
                ("0", "0"),
                ("0.01", "0"),
                ("0.49", "0"),
                ("0.50", "0.01"),
                ("9999.99", "100"),
                ("10000", "100"),
                ("10000.01", "100"),
                ("10000.25", "100.01"),
                ("19999.99", "300"),
                ("20000", "300"),
                ("20001", "300.03"),
                ("1000000", "29700"),
                ("-500", "0"),
            ]
        )

    def test_whole(self):
        """All of it at the rate of the band reached; an exact boundary belongs to the band above."""
        self.check(
            [
                ("16000", "320"),
                ("8000", "80"),
                ("9999.99", "100"),
                ("10000", "200"),
                ("19999.99", "400"),
                ("20000", "600"),
                ("25000", "750"),
                ("-500", "0"),
            ],
            mode="whole",
        )

    def test_two_branches_are_one_customer(self):
        """8,000 and 8,000 are 16,000: 320, and not twice 80."""
        self.assertEqual(money(STANDARD, 16_000, mode="whole"), 320)
        self.assertEqual(2 * money(STANDARD, 8_000, mode="whole"), 160)

    def test_units(self):
        """Money for each unit; the quantity chooses the band."""
        bands = table((0, "0.5"), (100, "0.75"), (200, 1))
        for quantity, marginal, whole in (
            (99, "49.5", "49.5"),
            (100, 50, 75),
            (150, "87.5", "112.5"),
            (250, 175, 250),
            (0, 0, 0),
            (-3, 0, 0),
        ):
            with self.subTest(quantity=quantity):
                self.assertEqual(money(bands, 1, quantity, pay="unit"), Decimal(str(marginal)))
                self.assertEqual(money(bands, 1, quantity, pay="unit", mode="whole"), Decimal(str(whole)))

    def test_quantity_chooses_and_amount_pays(self):
        """300 boxes for 9,000: a third of the money lies in each band."""
        bands = table((0, 1), (100, 2), (200, 3))
        self.assertEqual(money(bands, 9000, 300), Decimal(180))
        self.assertEqual(money(bands, 9000, 300, mode="whole"), Decimal(270))
        self.assertEqual(money(bands, 9000, 100, mode="whole"), Decimal(180))

    def test_award(self):
        """A sum for having reached the band, in whatever mode."""
        bands = table((0, 0), (100_000, 2_000), (200_000, 5_000))
        for amount, award in ((99_999.99, 0), (100_000, 2000), (199_999.99, 2000), (200_000, 5000), (10**9, 5000)):
            for mode in ("marginal", "whole"):
                with self.subTest(amount=amount, mode=mode):
                    self.assertEqual(money(bands, amount, pay="fixed", mode=mode), award)

    def test_what_makes_no_sense(self):
        for how in ({"pay": "unit"}, {"pay": "gift"}, {"mode": "middle"}):
            with self.subTest(how=how), self.assertRaises(ValueError):
                money(STANDARD, 100, **how)
        with self.assertRaises(ValueError):
            band_of(table((10, 1)), 5)

    # === TABLES === #

    def test_problems_of_tables(self):
        def bands(*rows):
            return [Band(*(None if cell is None else Decimal(cell) for cell in row)) for row in rows]

        for rows, expected in (
            ([], ("empty", None)),
            ([(0, None, 1)], None),
            ([(0, 10, 1), (10, None, 2)], None),
            ([(10, None, 2), (0, 10, 1)], None),
            ([(5, None, 1)], ("start", 5)),
            ([(0, 10, 1), (11, None, 2)], ("gap", 10)),
            ([(0, 10, 1), (9, None, 2)], ("overlap", 9)),
            ([(0, None, 1), (10, None, 2)], ("overlap", 10)),
            ([(0, 10, 1), (0, 10, 1), (10, None, 2)], ("overlap", 0)),
            ([(0, 0, 1), (0, None, 2)], ("order", 0)),
            ([(0, 10, 1), (10, 5, 1)], ("order", 10)),
            ([(0, 10, 1), (10, 20, 2)], ("end", 20)),
            ([(0, 10, -1), (10, None, 2)], ("negative", 0)),
        ):
            with self.subTest(rows=rows):
                self.assertEqual(problem(bands(*rows)), expected)

    # === PAYMENT IN TIME === #

    def test_payment_share(self):
        """Within 30 days all of it, within 60 days half, later nothing; unpaid earns nothing yet."""
        factors = table((0, 100), (31, 50), (61, 0))
        for parts, expected in (
            ([(100, 0)], 1),
            ([(100, 30)], 1),
            ([(100, 31)], "1/2"),
            ([(100, 60)], "1/2"),
            ([(100, 61)], 0),
            ([(100, -5)], 1),
            ([(100, None)], 0),
            ([(50, 10), (50, 45)], "3/4"),
            ([(100, 10), (100, 45), (100, None)], "1/2"),
            ([], 1),
        ):
            with self.subTest(parts=parts):
                share = payment_share(factors, [Part(Fraction(weight), days) for weight, days in parts])
                self.assertEqual(share, Fraction(expected))

    # === SETTLEMENTS === #

    def test_payable(self):
        cases = (
            ("nothing settled", ["450"], [], "450"),
            ("settled already", ["450"], ["450"], "0"),
            ("the rest", ["450"], ["220"], "230"),
            ("goods came back after the settlement", ["300"], ["450"], "-150"),
            ("a later period makes up for it", ["300", "450"], ["450"], "300"),
        )
        for what, entitlements, settled, expected in cases:
            with self.subTest(what):
                found = payable(map(Decimal, entitlements), map(Decimal, settled))
                self.assertEqual(found, Decimal(expected))

    def test_rounded(self):
        for value, expected in (("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("-0.001", "0.00")):
            with self.subTest(value=value):
                self.assertEqual(str(rounded(Fraction(value))), expected)
        self.assertEqual(rounded(Fraction(1, 3), 0), 0)
        self.assertEqual(str(rounded(Decimal("10.5"), 0)), "11")

    # === 10,000 RANDOM CASES === #

    def test_random_cases_against_counting(self):
        """Money counted piece by piece, a cent (or a unit) at a time, in whole numbers: no formula in common."""
        chance = random.Random(7)
        for number in range(10_000):
            lowers = [0, *sorted(chance.sample(range(1, 250), chance.randrange(0, 5)))]
            # In hundredths of a per cent, or of the currency.
            rates = [chance.randrange(0, 1500) for _lower in lowers]
            pieces = chance.choice([chance.randrange(0, 300), chance.choice(lowers), -chance.randrange(0, 50)])
            mode = chance.choice(("marginal", "whole"))
            pay = chance.choice(("percent", "unit"))
            reached = [sum(piece >= lower for lower in lowers) - 1 for piece in range(max(pieces, 0) + 1)]
            # The piece after the first n belongs where n lies.
            if mode == "marginal":
                hundredths = sum(rates[reached[piece]] for piece in range(max(pieces, 0)))
            else:
                hundredths = rates[reached[-1]] * max(pieces, 0)
            if pay == "percent":
                # A piece is a cent, a rate is hundredths of a per cent of it.
                bands = table(*((Decimal(lower) / 100, Decimal(rate) / 100) for lower, rate in zip(lowers, rates)))
                found = earned(bands, Decimal(pieces) / 100, mode=mode)
                expected = Fraction(hundredths, 100 * 100 * 100)
            else:
                bands = table(*((lower, Decimal(rate) / 100) for lower, rate in zip(lowers, rates)))
                found = earned(bands, Decimal(12), Decimal(pieces), mode=mode, pay=pay)
                expected = Fraction(hundredths, 100)
            if found != expected:
                self.fail(f"case {number}: {lowers} {rates} {pieces} {mode} {pay}: {found} instead of {expected}")

    def test_random_settlements(self):
        """However often it is settled, and whatever comes back in between, no more is paid than was earned at the
        end, unless what came back was settled before; and what is still payable makes up the difference."""
        chance = random.Random(11)
        for _number in range(2_000):
            turnover, paid = Decimal(0), []
            for _step in range(chance.randrange(1, 12)):
                turnover += Decimal(chance.randrange(-600_000, 1_500_000)) / 100
                entitlement = rounded(earned(STANDARD, turnover))
                if chance.random() < 0.5:
                    due = payable([entitlement], paid)
                    if due > 0:
                        paid.append(due)
                        self.assertEqual(payable([entitlement], paid), 0, "settled twice")
                self.assertEqual(sum(paid, Decimal(0)) + payable([entitlement], paid), entitlement)
