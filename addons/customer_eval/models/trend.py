"""The trend of a customer's scores (E3): plain arithmetic, no records."""

from typing import NamedTuple

DAYS_PER_MONTH = 365.25 / 12
# Scores that differ by less than this don't mean anything yet.
FLAT_POINTS = 3.0


class Trend(NamedTuple):
    """Where the scores of a customer are going.

    :param score: decayed mean of all scores, 0..100
    :param before: decayed mean of the scores before the last one; None if there is none
    :param direction: ``"up"``, ``"flat"`` or ``"down"``: the last score beside ``before``; None if there is none
    """

    score: float
    before: float | None
    direction: str | None


def weight(age_days, half_life_months):
    """Return how much something counts that is so many days old: a half after each half-life."""
    return 0.5 ** (age_days / (half_life_months * DAYS_PER_MONTH))


def decayed_mean(dated, half_life_months):
    """Return the mean of (date, value) pairs in which the older ones count for less; None for no pair.

    It doesn't depend on the day on which it is computed: all weights fade alike.
    """
    if not dated:
        return None
    last = max(date for date, _value in dated)
    weights = [weight((last - date).days, half_life_months) for date, _value in dated]
    return sum(part * value for part, (_date, value) in zip(weights, dated, strict=True)) / sum(weights)


def trend(dated, half_life_months):
    """Return the :class:`Trend` of (date, score) pairs in the order in which they were made; None for no pair."""
    if not dated:
        return None
    score = round(decayed_mean(dated, half_life_months), 2)
    before = decayed_mean(dated[:-1], half_life_months)
    if before is None:
        return Trend(score, None, None)
    # What is shown with two decimals is compared with two decimals.
    before = round(before, 2)
    change = round(dated[-1][1] - before, 2)
    return Trend(score, before, "up" if change >= FLAT_POINTS else "down" if change <= -FLAT_POINTS else "flat")
