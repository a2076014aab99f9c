"""The arithmetic of scorecards (E1, E2, E4, E5), in plain Python.

One card on the screen and 20,000 in a batch are scored by the same functions. All of it is exact: numbers come in as
decimals, are worked on as fractions, and the score is rounded once. Keys of criteria and bands are anything hashable.
"""

from collections.abc import Hashable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

MAX_POINTS = 5
CENT = Decimal("0.01")
# Figures are compared with their bounds to this precision, so that 20 is not 19.999999999998.
FIGURE_PRECISION = Decimal("0.000001")


class Criterion(NamedTuple):
    """A leaf of the criteria tree.

    ``veto_below``: points below it cap the grade at ``veto_band``; 0 is no floor. ``action``: key of the criterion that
    shows by action what this one says by attitude.
    """

    key: Hashable
    weight: float = 1
    veto_below: int = 0
    veto_band: Hashable = None
    action: Hashable = None


class Band(NamedTuple):
    """A grade, from its lowest score up to the next band's."""

    key: Hashable
    score_from: float


class Scale(NamedTuple):
    """What a version asks and how it judges; ``coverage_min`` in per cent, the thresholds in points."""

    criteria: tuple
    bands: tuple = ()
    coverage_min: float = 70
    attitude_min: float = 4
    action_max: float = 2


class Answer(NamedTuple):
    """What is known about one criterion; points 0..5, None where there are none.

    ``metric_share``: per cent of the points that come from the figure: 0 for a criterion scored by hand, 100 for one
    scored by its figure alone.
    """

    first: int | None = None
    second: int | None = None
    agreed: int | None = None
    metric: int | None = None
    metric_share: int = 0


class Result(NamedTuple):
    """What a scorecard comes to.

    :ivar Decimal score: 0..100 with two decimals; None when nothing is answered
    :ivar Decimal coverage: per cent of the weight that is answered, two decimals
    :ivar bool provisional: too little is answered to rely on the result
    :ivar band: key of the grade; None without a score
    :ivar uncapped_band: key of the grade that the score alone would give
    :ivar tuple vetoes: keys of the criteria below their floor
    :ivar tuple caps: those of them that brought the grade down to ``band``
    :ivar tuple enthusiasm: (attitude key, action key) of every pair that speaks of false enthusiasm
    :ivar dict contributions: {key: Decimal} score points that each answered criterion brings; they add up to the score
    """

    score: Decimal | None
    coverage: Decimal
    provisional: bool
    band: Hashable
    uncapped_band: Hashable
    vetoes: tuple
    caps: tuple
    enthusiasm: tuple
    contributions: dict


def exact(number):
    """Return a number as the fraction that its decimals say: 0.1 is a tenth."""
    return Fraction(str(number))


def _cents(fraction):
    """Return a fraction in hundredths, rounded half up."""
    return int(fraction * 100 + Fraction(1, 2))


def manual_points(answer):
    """Return the points given by hand, a Fraction, or None: agreed points win, else the mean of the two raters."""
    if answer.agreed is not None:
        return Fraction(answer.agreed)
    given = [points for points in (answer.first, answer.second) if points is not None]
    return Fraction(sum(given), len(given)) if given else None


def points_of(answer):
    """Return the points of an answer, a Fraction 0..5, or None when it isn't answered.

    Where both the figure and a person give points, they are mixed by ``metric_share``; where one of the two is
    missing the other counts alone. A figure without data is missing, which is not zero.
    """
    share = Fraction(answer.metric_share, 100)
    manual = manual_points(answer) if share < 1 else None
    metric = Fraction(answer.metric) if share > 0 and answer.metric is not None else None
    if manual is None:
        return metric
    if metric is None:
        return manual
    return share * metric + (1 - share) * manual


def raters_disagree(answer, tolerance):
    """Tell whether two raters are further apart than ``tolerance`` points."""
    return None not in (answer.first, answer.second) and abs(answer.first - answer.second) > exact(tolerance)


def figure_points(steps, value):
    """Return the points that a figure gives.

    :param steps: iterable of (lower bound, points); half-open: a bound belongs to the step that begins with it. The
        lowest step is open downward. For figures of which less is better the points fall as the bounds rise
    :param value: the figure, or None without data
    :return: points, or None without data or steps
    """
    steps = sorted(steps)
    if value is None or not steps:
        return None
    value = Decimal(str(value)).quantize(FIGURE_PRECISION, ROUND_HALF_UP)
    reached = [points for bound, points in steps if Decimal(str(bound)) <= value]
    return reached[-1] if reached else steps[0][1]


def band_of(bands, score):
    """Return the Band of a score: the highest whose lower bound it reaches; None without one."""
    reached = [band for band in bands if Decimal(str(band.score_from)) <= score]
    return max(reached, key=lambda band: band.score_from, default=None)


def score(scale, points):
    """Score one scorecard.

        score = sum(weight x points / 5 x 100) / sum(weight), over the answered criteria

    so weights need not add up to 100, the weight of what isn't answered is spread over the rest, and weight 0 counts
    nothing. A floor or a pair works whatever the weight of its criterion.

    :param Scale scale: criteria and bands
    :param dict points: {criterion key: points 0..5}; what isn't answered is missing or None
    :return: :class:`Result`
    """
    answered = {
        criterion.key: exact(points[criterion.key])
        for criterion in scale.criteria
        if points.get(criterion.key) is not None
    }
    weights = {criterion.key: exact(criterion.weight) for criterion in scale.criteria}
    all_weight = sum(weights.values())
    answered_weight = sum(weights[key] for key in answered)
    coverage = Decimal(_cents(100 * answered_weight / all_weight) if all_weight else 0) * CENT
    vetoes = tuple(
        criterion
        for criterion in scale.criteria
        if criterion.veto_below and criterion.key in answered and answered[criterion.key] < criterion.veto_below
    )
    enthusiasm = tuple(
        (criterion.key, criterion.action)
        for criterion in scale.criteria
        if criterion.action in answered
        and criterion.key in answered
        and answered[criterion.key] >= exact(scale.attitude_min)
        and answered[criterion.action] <= exact(scale.action_max)
    )
    if not answered_weight:
        return Result(None, coverage, True, None, None, tuple(veto.key for veto in vetoes), (), enthusiasm, {})
    exact_contributions = {
        key: weights[key] * value * 100 / (MAX_POINTS * answered_weight) for key, value in answered.items()
    }
    total = sum(exact_contributions.values())
    rounded = Decimal(_cents(total)) * CENT
    uncapped = band_of(scale.bands, rounded)
    bounds = {band.key: band.score_from for band in scale.bands}
    band, caps = uncapped, ()
    if uncapped is not None:
        worst = min(
            (Band(veto.veto_band, bounds[veto.veto_band]) for veto in vetoes if veto.veto_band in bounds),
            key=lambda cap: cap.score_from,
            default=uncapped,
        )
        if worst.score_from < uncapped.score_from:
            band = worst
            caps = tuple(veto.key for veto in vetoes if veto.veto_band == worst.key)
    return Result(
        score=rounded,
        coverage=coverage,
        provisional=coverage < exact(scale.coverage_min)
        or any(criterion.veto_below and criterion.key not in answered for criterion in scale.criteria),
        band=band.key if band else None,
        uncapped_band=uncapped.key if uncapped else None,
        vetoes=tuple(veto.key for veto in vetoes),
        caps=caps,
        enthusiasm=enthusiasm,
        contributions=_share_out(exact_contributions, _cents(total)),
    )


def _share_out(contributions, cents):
    """Round contributions to hundredths so that they add up to ``cents``: what is left goes to the largest rests."""
    floors = {key: int(value * 100) for key, value in contributions.items()}
    by_rest = sorted(contributions, key=lambda key: floors[key] - contributions[key] * 100)
    for key in by_rest[: cents - sum(floors.values())]:
        floors[key] += 1
    return {key: Decimal(value) * CENT for key, value in floors.items()}
