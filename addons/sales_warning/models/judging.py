"""When a figure is alarming: bounds, rises, the chart of individual values, rates. Plain numbers, no records."""

from datetime import date
from math import exp

# Shewhart's chart of individual values: three standard deviations are 3 / 1.128 mean moving ranges of two.
CHART_FACTOR = 2.66
CHART_VALUES = 5
RISES = 3

# First day of the Chinese year. Outside of these years none is known, and the calendar's year is compared.
LUNAR_NEW_YEARS = {
    2015: date(2015, 2, 19),
    2016: date(2016, 2, 8),
    2017: date(2017, 1, 28),
    2018: date(2018, 2, 16),
    2019: date(2019, 2, 5),
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
    2036: date(2036, 1, 28),
    2037: date(2037, 2, 15),
    2038: date(2038, 2, 4),
    2039: date(2039, 1, 24),
    2040: date(2040, 2, 12),
}
LUNAR_REACH = 30


def level(value, comparison, amber, red):
    """Return "red", "amber" or None for a figure.

    A figure that equals a bound has not passed it: half-open like all bands.

    :param str comparison: "above" or "below": on which side of the bounds it is alarming
    :param amber, red: bounds; None is one that no figure passes
    """
    for name, bound in (("red", red), ("amber", amber)):
        if bound is not None and (value > bound if comparison == "above" else value < bound):
            return name
    return None


def mean(values):
    """Return the mean of numbers, of which there is at least one."""
    return sum(values) / len(values)


def moving_range(values):
    """Return the mean of the differences between neighbours, of which there is at least one."""
    return mean([abs(after - before) for before, after in zip(values, values[1:], strict=False)])


def chart_bound(values, factor=CHART_FACTOR):
    """Return the upper limit of the chart of individual values: centre + factor x mean moving range.

    None below five values, which say too little of how far they scatter.
    """
    if len(values) < CHART_VALUES:
        return None
    return mean(values) + factor * moving_range(values)


def rises(values):
    """Return how many times in a row the values rose at last."""
    count = 0
    for before, after in zip(values[-2::-1], values[::-1], strict=False):
        if after <= before:
            break
        count += 1
    return count


def poisson_tail(count, expected):
    """Return the probability, 0 to 1, of at most `count` events where `expected` are expected."""
    term = total = exp(-expected)
    for number in range(1, count + 1):
        term *= expected / number
        total += term
    return min(1.0, total)


def lunar_shift(date_from, date_to):
    """Return the days between the Chinese new year near a period and the one a year before it.

    Trade before and after the festival moves with it: a period that comes within 30 days of the festival is compared
    with the days that lay as far from the festival of the year before. None for a period that is far from it.
    """
    for year in {date_from.year, date_to.year, date_to.year + 1}:
        day, before = LUNAR_NEW_YEARS.get(year), LUNAR_NEW_YEARS.get(year - 1)
        if day and before and (day - date_to).days < LUNAR_REACH and (date_from - day).days <= LUNAR_REACH:
            return (day - before).days
    return None
