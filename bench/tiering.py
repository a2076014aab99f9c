"""How steady the classes of customer_tiering are: 4,000 simulated customers over 36 months, with the arithmetic of the addon.

    python3 bench/tiering.py [--customers 4000] [--seed 1]

Needs no database and no Odoo. Every customer has a true level of monthly sales that stays; the sales of a month are that level
times a season of +-25 % (a sine over the year, its peak drawn for each customer) times a gamma noise with a coefficient of
variation of .35. The margin is a true level too, with a noise of .10 a month. The true class is what the true levels earn in the
table.

The true levels are log-normal with a sigma of 1.683, with which the largest 20 % of the customers bring 80 % of the sales, and a
median of 1.5 (retail) or 30 (wholesale) x 10,000 a month. Runs begin after 12 months of history. A flip is a change of class after a
customer's first one; agreement is the share of all later runs in which the class held is the true one.
"""

import argparse
import importlib.util
import math
import random
from pathlib import Path

ADDON = Path(__file__).resolve().parent.parent / "addons" / "customer_tiering"
MONTHS, WINDOW = 36, 12
VARIATION, SEASON, MARGIN_VARIATION, SIGMA = 0.35, 0.25, 0.10, 1.683
FLIPS_MAX, AGREEMENT_MIN = 0.10, 0.90
# name: (lower bounds, margin quotas from the unclassed upwards, median of the true levels)
TABLES = {
    "wholesale and chains": ((17, 35, 60, 75, 105, 150), (), 30),
    "retail and medical": ((0.5, 1, 3, 5.5, 10, 20), (), 1.5),
    "retail and medical, with margin quotas": ((0.5, 1, 3, 5.5, 10, 20), (4, 4, 3.5, 3, 2.5, 2), 1.5),
}
# name: (window in months, tolerance in per cent, up after, down after)
RULES = {
    "1 month, no steadiness": (1, 0, 1, 1),
    "3 months, no steadiness": (3, 0, 1, 1),
    "12 months, no steadiness": (12, 0, 1, 1),
    "12 months, +-10 %": (12, 10, 1, 1),
    "12 months, up after 2, down after 3": (12, 0, 2, 3),
    "12 months, +-10 %, up after 2, down after 3 (default)": (12, 10, 2, 3),
}
DEFAULT = list(RULES)[-1]


def load_arithmetic():
    """Return the module of the addon, which imports nothing of Odoo."""
    spec = importlib.util.spec_from_file_location("tiering_arithmetic", ADDON / "models" / "tiering.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def panel(customers, median, months, dice):
    """Yield (true level, true margin, sales by month, margin amounts by month) of each customer."""
    shape = 1 / VARIATION**2
    for _customer in range(customers):
        level = median * math.exp(dice.gauss(0, SIGMA))
        margin = max(0.5, dice.gauss(3.2, 1.2))
        peak = dice.uniform(0, 12)
        sales, margins = [], []
        for month in range(months):
            season = 1 + SEASON * math.sin(2 * math.pi * (month - peak) / 12)
            amount = level * season * dice.gammavariate(shape, 1 / shape)
            sales.append(amount)
            margins.append(amount * margin * dice.gauss(1, MARGIN_VARIATION) / 100)
        yield level, margin, sales, margins


def simulate(tiering, table, rules, people):
    """Return (flips per customer-year, share of runs in which the class held is the true one)."""
    window, tolerance, up_after, down_after = rules
    judge = tiering.Judge(table, tiering.exact(tolerance), up_after, down_after)
    flips = runs = right = 0
    for level, margin, sales, margins in people:
        truth = table.rank(tiering.exact(level), tiering.exact(margin))
        state = None
        for month in range(WINDOW, len(sales) + 1):
            amount = sum(sales[month - window : month])
            share = 100 * sum(margins[month - window : month]) / amount
            before = state
            state = judge.judge(state, tiering.exact(round(amount / window, 6)), tiering.exact(share)).state
            runs += 1
            flips += before is not None and before.rank != state.rank
            right += state.rank == truth
    return 12 * flips / (runs - len(people)), right / runs


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--customers", type=int, default=4000, help="default: 4000")
    options.add_argument("--seed", type=int, default=1, help="of the random numbers (default: 1)")
    options = options.parse_args()
    tiering = load_arithmetic()
    good = True
    for name, (bounds, quotas, median) in TABLES.items():
        people = list(panel(options.customers, median, MONTHS, random.Random(options.seed)))
        table = tiering.Table([tiering.exact(bound) for bound in bounds], [tiering.exact(quota) for quota in quotas])
        print(f"\n{name}: {options.customers:,} customers, {MONTHS} months")
        print(f"  {'':56} {'flips a year':>12} {'agreement':>10}")
        for title, rules in RULES.items():
            flips, agreement = simulate(tiering, table, rules, people)
            print(f"  {title:56} {flips:12.3f} {agreement:10.3f}", flush=True)
            if title == DEFAULT:
                good = good and flips <= FLIPS_MAX and agreement >= AGREEMENT_MIN
    print(f"\nDefault at most {FLIPS_MAX} flips a customer-year, agreement at least {AGREEMENT_MIN}: {'yes' if good else 'NO'}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
