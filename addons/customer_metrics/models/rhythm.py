"""Purchase rhythm: how improbable a customer's silence is. Plain numbers, no records. Days are working days.

The gaps between two purchase days of a customer are taken as gamma distributed with an integer shape k, common to the
company (k = 1: purchases at random, as in a Poisson process; a larger k: more regular), and a rate of the customer's
own. The rates of the customers are gamma distributed with shape r and rate alpha. Given a customer's n past gaps with
sum S, the rate is again gamma distributed, with shape a = r + k n and rate b = alpha + S, and the probability that the
present gap lasts longer than s days is

    (b / (b + s))^a * sum over j < k of Gamma(a + j) / (Gamma(a) j!) * (s / (b + s))^j

k comes from M = g1 / (g1 + g2) of two successive gaps, whose variance is 1 / (4 (2 k + 1)) for gamma gaps (Wheat and
Morrison 1990); r and alpha maximise the likelihood of the customers' sums of gaps.
"""

from math import exp, lgamma, log, log1p

SHAPE_MAX = 6
# A weak prior for a company with too little history: about one purchase day a month, of 21 working days.
DEFAULT_PRIOR = (1, 1.0, 21.0)
CUSTOMERS_MIN = 10


def silence_probability(gap_count, gap_sum, silence, shape, r, alpha):
    """Return the probability, 0 to 1, that a gap lasts longer than the present silence.

    :param int gap_count: number of past gaps
    :param float gap_sum: their sum in days
    :param float silence: days since the last purchase, in days as the gaps are
    :param int shape: regularity k of the gaps, at least 1
    :param float r: shape of the distribution of the customers' rates
    :param float alpha: its rate, in days
    """
    if silence <= 0:
        return 1.0
    a = r + shape * gap_count
    b = alpha + gap_sum
    q = silence / (b + silence)
    term = total = 1.0
    for j in range(1, shape):
        term *= (a + j - 1) / j * q
        total += term
    return min(1.0, exp(-a * log1p(silence / b)) * total)


def regularity(histories):
    """Return the common shape k, 1 to 6, of the customers' gaps.

    :param histories: one list of gaps in days, in order of time, per customer
    """
    count, squares = 0, 0.0
    for gaps in histories:
        for first, second in zip(gaps[::2], gaps[1::2], strict=False):
            count += 1
            squares += (first / (first + second) - 0.5) ** 2
    if not count:
        return DEFAULT_PRIOR[0]
    variance = squares / count
    if variance <= 1 / (4 * (2 * SHAPE_MAX + 1)):
        return SHAPE_MAX
    return min(SHAPE_MAX, max(1, round((1 - 4 * variance) / (8 * variance))))


def log_likelihood(histories, shape, r, alpha):
    """Return the log-likelihood of the customers' sums of gaps, apart from what depends on neither r nor alpha.

    :param histories: pairs (number of gaps, sum of gaps in days), one per customer
    """
    total = len(histories) * (r * log(alpha) - lgamma(r))
    for count, gap_sum in histories:
        a = r + shape * count
        total += lgamma(a) - a * log(alpha + gap_sum)
    return total


def fit_prior(histories):
    """Return (k, r, alpha) of the customers' rhythm.

    :param histories: one list of gaps in days, in order of time, per customer
    """
    histories = [gaps for gaps in histories if gaps]
    if len(histories) < CUSTOMERS_MIN:
        return DEFAULT_PRIOR
    shape = regularity(histories)
    sums = [(len(gaps), sum(gaps)) for gaps in histories]
    mean_gap = sum(total for _count, total in sums) / sum(count for count, _total in sums)

    def loss(point):
        return -log_likelihood(sums, shape, exp(point[0]), exp(point[1]))

    # r / alpha is the mean rate, k divided by the mean gap.
    point = _minimum(loss, (log(2.0), log(2.0 * mean_gap / shape)))
    return shape, exp(point[0]), exp(point[1])


def _minimum(function, start, tolerance=1e-4, steps=200):
    """Return the point that minimises a function of two numbers: the simplex search of Nelder and Mead.

    The search stays within +-12 of the origin, so that customers who are all alike (r without limit) end it too.
    """

    def value(point):
        return function(point) if max(map(abs, point)) <= 12 else float("inf")

    simplex = sorted((value(point), point) for point in (start, (start[0] + 0.5, start[1]), (start[0], start[1] + 0.5)))
    for _step in range(steps):
        best, middle, worst = simplex
        if max(abs(a - b) for point in (middle[1], worst[1]) for a, b in zip(best[1], point, strict=True)) < tolerance:
            break
        center = tuple((a + b) / 2 for a, b in zip(best[1], middle[1], strict=True))

        def along(factor, center=center, worst=worst):
            point = tuple(c + factor * (w - c) for c, w in zip(center, worst[1], strict=True))
            return value(point), point

        reflected = along(-1)
        if reflected[0] < best[0]:
            candidate = min(reflected, along(-2))
        elif reflected[0] < middle[0]:
            candidate = reflected
        else:
            candidate = min(along(0.5), along(-0.5))
        if candidate[0] < worst[0]:
            simplex = sorted([best, middle, candidate])
        else:
            shrunk = [
                tuple((a + b) / 2 for a, b in zip(best[1], point, strict=True)) for point in (middle[1], worst[1])
            ]
            simplex = sorted([best, *((value(point), point) for point in shrunk)])
    return simplex[0][1]
