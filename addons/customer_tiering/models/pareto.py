"""The 80/20 rule in exact numbers: the few customers that bring most of a figure (T5)."""

from fractions import Fraction
from math import ceil
from typing import NamedTuple


class Place(NamedTuple):
    """Where a customer stands: rank from 1, amount, cumulative share of the total in per cent, and whether it is one
    of the few."""

    rank: int
    amount: float
    cumulative: float
    within: bool


def places(amounts, value_share=80, customer_share=20):
    """Rank customers by an amount and say who belongs to the few that bring most of it.

    Those are the largest ones that together reach `value_share` per cent of all that the customers with a positive
    amount bring, and at most `customer_share` per cent of these customers (one begun counts whole). Who loses money
    brings nothing: it has no place. Of equal amounts, the lower id comes first.

    :param dict amounts: {customer id: amount or None}
    :return: {customer id: Place}, best first

    >>> found = places({1: 80, 2: 10, 3: 5, 4: 3, 5: 2})
    >>> [number for number, place in found.items() if place.within]
    [1]
    >>> found[2]
    Place(rank=2, amount=10, cumulative=90.0, within=False)
    >>> [number for number, place in places({1: 60, 2: 40}, 80, 100).items() if place.within]
    [1, 2]
    >>> places({1: None, 2: -5})
    {}
    """
    ranked = sorted(
        ((customer, amount) for customer, amount in amounts.items() if amount and amount > 0),
        key=lambda item: (-item[1], item[0]),
    )
    # Through its shortest decimal form: the float 0.1 is meant to be one tenth.
    exact = {customer: Fraction(str(amount)) for customer, amount in ranked}
    total = sum(exact.values())
    allowed = ceil(len(ranked) * Fraction(str(customer_share)) / 100)
    wanted = total * Fraction(str(value_share)) / 100
    found, reached = {}, Fraction(0)
    for rank, (customer, amount) in enumerate(ranked, 1):
        within = reached < wanted and rank <= allowed
        reached += exact[customer]
        found[customer] = Place(rank, amount, float(100 * reached / total), within)
    return found
