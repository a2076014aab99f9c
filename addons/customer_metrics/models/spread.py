"""A year's figure spread over its months, exact to the last cent. Plain numbers, no records."""

from fractions import Fraction


def spread(total, weights, rounding):
    """Return shares of `total` in proportion to `weights`, whose sum is the total exactly.

    Shares are whole multiples of the rounding. What rounding down leaves goes, one unit each, to the shares that lost
    most by it, the earlier first (method of the largest remainder).

    :param float total: amount to be spread, of either sign; rounded to the rounding first
    :param weights: numbers, one per share; negative ones count as zero, and when none is positive all count the same
    :param float rounding: smallest unit, such as .01
    :return: list of floats
    """
    unit = Fraction(str(rounding))
    units = round(Fraction(repr(float(total))) / unit)
    sign, units = (-1, -units) if units < 0 else (1, units)
    exact = [max(Fraction(0), Fraction(repr(float(weight)))) for weight in weights]
    if not any(exact):
        exact = [Fraction(1)] * len(exact)
    whole = sum(exact)
    shares = [units * weight / whole for weight in exact]
    counts = [int(share) for share in shares]
    by_loss = sorted(range(len(shares)), key=lambda number: (counts[number] - shares[number], number))
    for number in by_loss[: units - sum(counts)]:
        counts[number] += 1
    return [float(sign * count * unit) for count in counts]


def season(by_month, months):
    """Return the weight of each month: what was reached in it.

    :param by_month: {first day of month: figure}
    :param months: first days of the months that serve as pattern, in the order of the plan's months
    """
    return [max(0.0, by_month.get(month) or 0.0) for month in months]
