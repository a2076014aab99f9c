"""The arithmetic of rebates (D7), free of any database and exact: what goes in and comes out are Decimals.

A rebate is earned by the turnover of a period. Its bands are half-open, [lower, upper): an exact boundary belongs to
the band above. They cover everything from zero on without gap or overlap. Three ways to pay:

- ``percent``: the rate is per cent of the amount;
- ``unit``: the rate is money for each unit of quantity;
- ``fixed``: the rate is a sum of money for having reached the band (an award).

``marginal`` pays each slice of the turnover at the rate of its own band, ``whole`` all of it at the rate of the band
that was reached.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

MODES = ("marginal", "whole")
PAYS = ("percent", "unit", "fixed")


class Band(NamedTuple):
    """A step of a table.

    :param lower: where it begins, belonging to it
    :param upper: where it ends, not belonging to it any more; None for no end
    :param rate: what it stands for
    """

    lower: Decimal
    upper: Decimal | None
    rate: Decimal


class Part(NamedTuple):
    """A part of what was invoiced.

    :param weight: how much of it, in money, exact
    :param days: days from the invoice to the payment; None while it is unpaid
    """

    weight: Fraction
    days: int | None


def problem(bands):
    """Tell what is wrong with a table of bands.

    :return: None, or a pair of a code and the place of it: ``("empty", None)``, ``("start", lower)`` if the first band
        doesn't begin at zero, ``("order", lower)`` if a band ends before it begins, ``("gap", upper)`` and
        ``("overlap", lower)`` between neighbours, ``("end", upper)`` if the last band has an end,
        ``("negative", lower)`` for a rate below zero
    """
    ordered = sorted(bands, key=lambda band: band.lower)
    if not ordered:
        return "empty", None
    if ordered[0].lower != 0:
        return "start", ordered[0].lower
    for band in ordered:
        if band.rate < 0:
            return "negative", band.lower
        if band.upper is not None and band.upper <= band.lower:
            return "order", band.lower
    for band, following in zip(ordered, ordered[1:]):
        if band.upper is None or band.upper > following.lower:
            return "overlap", following.lower
        if band.upper < following.lower:
            return "gap", band.upper
    if ordered[-1].upper is not None:
        return "end", ordered[-1].upper
    return None


def band_of(bands, value):
    """Return the band that a value of zero or more belongs to.

    :raise ValueError: if no band has it; a table without :func:`problem` has one for each value
    """
    for band in bands:
        if band.lower <= value and (band.upper is None or value < band.upper):
            return band
    raise ValueError(f"no band for {value}")


def earned(bands, amount, quantity=None, mode="marginal", pay="percent"):
    """Return what a turnover earns, exact and not rounded.

    :param bands: a table without :func:`problem`
    :param Decimal amount: turnover in money, returns deducted
    :param Decimal quantity: turnover in units, if that chooses the band; None if the amount does
    :param str mode: ``marginal`` or ``whole``; an award (``fixed``) knows no slices
    :param str pay: ``percent``, ``unit`` (only if the quantity chooses the band) or ``fixed``
    :rtype: Fraction
    :raise ValueError: for ways of paying that make no sense
    """
    if mode not in MODES or pay not in PAYS or (pay == "unit" and quantity is None):
        raise ValueError(f"no rebate is calculated this way: {mode}, {pay}")
    measure = Fraction(amount if quantity is None else quantity)
    if measure <= 0:
        # More was returned than bought.
        return Fraction(0)
    reached = band_of(bands, measure)
    if pay == "fixed":
        return Fraction(reached.rate)
    # What one unit of the measure is worth, in what the rates are paid on.
    worth = Fraction(1) if pay == "unit" else Fraction(max(amount, 0)) / measure / 100
    if mode == "whole":
        return measure * worth * Fraction(reached.rate)
    return worth * sum(
        (min(measure, Fraction(band.upper)) if band.upper is not None else measure) * Fraction(band.rate)
        - Fraction(band.lower) * Fraction(band.rate)
        for band in bands
        if band.lower < measure
    )


def payment_share(factors, parts):
    """Return the share of a rebate that payment in time leaves of it.

    :param factors: table of bands over days, whose rates are per cent of the rebate; paid before the invoice counts as
        zero days
    :param parts: iterable of :class:`Part`; what is unpaid earns nothing until it is paid
    :return: average of the factors, weighted by money; 1 where nothing had to be paid
    :rtype: Fraction
    """
    total = kept = Fraction(0)
    for part in parts:
        total += part.weight
        if part.days is not None:
            kept += part.weight * Fraction(band_of(factors, max(part.days, 0)).rate) / 100
    return kept / total if total else Fraction(1)


def rounded(value, digits=2):
    """Return a Decimal rounded half up to the digits of the currency.

    :param value: Fraction or Decimal
    """
    scaled = abs(Fraction(value)) * 10**digits
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    number = Decimal(units).scaleb(-digits)
    return (-number if value < 0 and units else number).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def payable(entitlements, settled):
    """Return what is still to be paid: what all periods earned, each rounded, less all that was settled before.

    Negative if goods came back after they had been settled: later periods make up for it first.

    :param entitlements: iterable of rounded Decimals
    :param settled: iterable of Decimals
    """
    return sum(entitlements, Decimal(0)) - sum(settled, Decimal(0))
