"""The arithmetic of tiering: which class a figure earns, and when a customer changes class. Plain numbers, no records.

A table of n classes has ranks: 0 is no class, 1 the lowest class, n the highest. A class begins at its lower bound and
ends before the next one's: bands are half-open. A customer whose margin exceeds the quota of its band moves up exactly
one class, the unclassed into the lowest one; at the top there is nowhere to go (T2).

So that small swings around a threshold don't make a class flicker, a customer who has a class changes it on repeated
evidence only (T7). Seen cautiously every bound and quota is higher by the tolerance, seen generously lower by it. A run
votes for moving up when even the cautious view gives a higher class, for moving down when even the generous view gives
a lower one. After enough votes in a row the customer moves to the class that all of them supported.

Every number is an integer of ten-thousandths, see :func:`exact`, so that a figure on a bound is on it.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

SCALE = 10**4


def exact(number):
    """Return a number as an integer of ten-thousandths; None, which means no data, stays None."""
    return None if number is None else round(number * SCALE)


def average(total, months, rounding):
    """Return a total divided by a number of months, rounded half up (away from zero) as money is; all but months exact.

    :param total: None, no data, stays None
    :param int months: at least 1
    :param rounding: smallest amount of the currency
    """
    if total is None:
        return None
    step = months * rounding
    amount = (2 * abs(total) + step) // (2 * step) * rounding
    return amount if total > 0 else -amount


class State(NamedTuple):
    """Where a customer stands between two runs.

    ``votes`` counts the runs in a row that voted for a move: positive upwards, negative downwards. ``target`` is the
    rank that all of them supported; without votes it is the rank itself.
    """

    rank: int
    votes: int
    target: int


class Verdict(NamedTuple):
    """What a run finds: rank by the figure alone, whether the margin lifts it, and the state after the run."""

    base: int
    lifted: bool
    state: State

    @property
    def rank(self):
        """Rank by the table, before steadiness."""
        return self.base + self.lifted


class Table:
    """Lower bounds of the ranks 1..n, ascending, and margin quotas of the ranks 0..n (None: no lift from there).

    :param bounds: exact numbers, each larger than the one before
    :param quotas: exact per cents; missing ones are None
    :raise ValueError: for bounds that don't ascend, or more quotas than ranks
    """

    __slots__ = ("bounds", "quotas", "top")

    def __init__(self, bounds, quotas=()):
        self.bounds = tuple(bounds)
        self.top = len(self.bounds)
        if any(lower >= upper for lower, upper in zip(self.bounds, self.bounds[1:], strict=False)):
            raise ValueError("The bounds of a tier table have to ascend.")
        if len(quotas) > self.top + 1:
            raise ValueError("A tier table has more quotas than classes.")
        self.quotas = tuple(quotas) + (None,) * (self.top + 1 - len(quotas))

    def place(self, value, margin=None):
        """Return (rank by the value, whether the margin lifts it by one).

        :param value: exact figure, None without data
        :param margin: exact per cent, None without data
        """
        if value is None:
            return 0, False
        base = bisect_right(self.bounds, value)
        quota = self.quotas[base]
        return base, quota is not None and margin is not None and margin > quota and base < self.top

    def rank(self, value, margin=None):
        """Return the rank with the lift."""
        base, lifted = self.place(value, margin)
        return base + lifted

    def shifted(self, percent):
        """Return the table with bounds and quotas moved by a per cent (exact, may be negative).

        Figures are integers, so "at least x" is "at least x rounded up" and "more than x" "more than x rounded down".
        """
        factor, whole = 100 * SCALE + percent, 100 * SCALE
        moved = Table.__new__(Table)
        moved.bounds = tuple(-(-bound * factor // whole) for bound in self.bounds)
        moved.quotas = tuple(None if quota is None else quota * factor // whole for quota in self.quotas)
        moved.top = self.top
        return moved


class Judge:
    """A table with its rules of steadiness.

    :param Table table: what earns which class
    :param tolerance: exact per cent around every bound and quota
    :param int up_after: votes in a row after which a customer moves up, at least 1
    :param int down_after: the same downwards
    """

    __slots__ = ("cautious", "down_after", "generous", "table", "up_after")

    def __init__(self, table, tolerance=10 * SCALE, up_after=2, down_after=3):
        if min(up_after, down_after) < 1 or not 0 <= tolerance < 100 * SCALE:
            raise ValueError("Steadiness needs at least one vote and a tolerance from 0 to below 100 per cent.")
        self.table = table
        self.cautious = table.shifted(tolerance)
        self.generous = table.shifted(-tolerance)
        self.up_after = up_after
        self.down_after = down_after

    def judge(self, state, value, margin=None):
        """Return the Verdict on one customer.

        :param state: State after the run before; None takes the class of the table at once, as for a new customer
        :param value: exact figure, None without data
        :param margin: exact per cent, None without data
        """
        base, lifted = self.table.place(value, margin)
        if state is None:
            rank = base + lifted
            return Verdict(base, lifted, State(rank, 0, rank))
        rank, votes, target = state
        supported = self.cautious.rank(value, margin)
        if supported > rank:
            votes, target = (votes + 1, min(target, supported)) if votes > 0 else (1, supported)
            moves = votes >= self.up_after
        else:
            supported = self.generous.rank(value, margin)
            if supported < rank:
                votes, target = (votes - 1, max(target, supported)) if votes < 0 else (-1, supported)
                moves = -votes >= self.down_after
            else:
                votes, target, moves = 0, rank, False
        if moves:
            rank, votes = target, 0
        return Verdict(base, lifted, State(rank, votes, target))


# Bounds and scores that come from the customers themselves


def bounds_by_value_share(values, shares):
    """Return the lower bounds of classes that are shares of the total value (Pareto, ABC).

    Sorted from the largest, a customer belongs to the first class whose share is not yet reached by those before: with
    80 % the class holds the customers who together bring 80 %, the one who reaches it included. Equal figures share
    the better class.

    :param values: exact figures; those without data or not positive belong to no class
    :param shares: exact cumulated per cents of the classes, ascending, the best class first
    :return: one exact lower bound per share, in the same order; None where the class is empty
    """
    ranked = sorted((value for value in values if value is not None and value > 0), reverse=True)
    whole, total = 100 * SCALE, sum(ranked)
    bounds, before, position = [], 0, 0
    for share in shares:
        start = position
        while position < len(ranked) and before * whole < share * total:
            before += ranked[position]
            position += 1
        while 0 < position < len(ranked) and ranked[position] == ranked[position - 1]:
            before += ranked[position]
            position += 1
        bounds.append(ranked[position - 1] if position > start else None)
    return bounds


def bounds_by_count(values, counts):
    """Return the lower bounds of classes that are numbers of customers; like :func:`bounds_by_value_share`.

    :param counts: cumulated numbers of customers, ascending, the best class first
    """
    ranked = sorted((value for value in values if value is not None and value > 0), reverse=True)
    bounds, position = [], 0
    for count in counts:
        start, position = position, max(position, min(int(count), len(ranked)))
        while 0 < position < len(ranked) and ranked[position] == ranked[position - 1]:
            position += 1
        bounds.append(ranked[position - 1] if position > start else None)
    return bounds


def bounds_by_customer_share(values, shares):
    """Return the lower bounds of classes that are shares of the customers; a customer begun is counted whole.

    :param shares: exact cumulated per cents of the customers who have a positive figure, the best class first
    """
    count = sum(1 for value in values if value is not None and value > 0)
    return bounds_by_count(values, [-(-count * share // (100 * SCALE)) for share in shares])


def quintile_scores(values, smaller_is_better=False):
    """Return the scores 1 (worst) to 5 (best) of figures by quintiles (RFM); None where there is no data.

    A score is 1 plus the number of whole fifths of the customers who do worse, so equal figures score alike.
    """
    sign = -1 if smaller_is_better else 1
    ranked = sorted(sign * value for value in values if value is not None)
    # The largest figure of each fifth: whoever is above it has done better than the whole fifth.
    bounds = [ranked[-(-len(ranked) * fifth // 5) - 1] for fifth in range(1, 5)] if ranked else []
    return [None if value is None else 1 + bisect_left(bounds, sign * value) for value in values]
