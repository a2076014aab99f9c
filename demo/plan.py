"""What happened in the last 24 months, as plain Python: no database, the same every time.

Everything counts back from today: an age is a number of days before today. What happens and how often depends on the
ages alone, so the number of documents is the same on every day; only the amounts follow the season of the calendar.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

SEED = 20
HISTORY_DAYS = 730

# January to December; the trade rests at the Spring Festival and peaks before winter.
SEASON = (1.05, 0.72, 0.98, 0.96, 0.95, 0.93, 0.97, 0.95, 1.02, 1.06, 1.18, 1.23)
SEASONAL_CUSTOMER = (1.5, 0.9, 0.8, 0.7, 0.6, 0.6, 0.7, 0.7, 0.9, 1.2, 1.6, 1.8)
SEASONAL_PRODUCT = {
    "winter": (1.6, 1.3, 1.0, 0.8, 0.7, 0.6, 0.6, 0.6, 0.9, 1.2, 1.6, 1.8),
    "summer": (0.5, 0.5, 0.7, 0.9, 1.3, 1.8, 2.0, 1.8, 1.2, 0.8, 0.5, 0.5),
    "spring": (0.8, 1.1, 1.7, 1.8, 1.4, 0.9, 0.7, 0.7, 0.9, 0.9, 0.8, 0.8),
    "": (1.0,) * 12,
}
# Days between the due date and the payment, first and last.
PAYER_DAYS = {
    "prompt": (-6, 0),
    "ontime": (-1, 3),
    "monthly": (-2, 6),
    "late": (10, 34),
    "slow": (32, 75),
    "partial": (0, 12),
    "cash": (0, 2),
    "stopped": (0, 6),
}
# Categories of which a kind of customer buys little or nothing.
LITTLE = {
    "hospital": {"维生素与营养": 0.3, "中成药": 0.6, "外用药": 0.5},
    "clinic": {"医疗器械": 1.5, "内分泌用药": 0.6},
    "shop": {"医疗器械": 0.7, "维生素与营养": 1.6, "中成药": 1.4},
}
INJECTIONS = ("HK1005", "HK1803", "HK1204")  # shops do not sell them
DISPUTES = ("C05", "K06", "S07")  # customers who leave an invoice open that they contest


@dataclass
class Payment:
    """A share (0..1) of an invoice, paid at an age in days; several of one group are one transfer."""

    age: int
    share: float


@dataclass
class Order:
    """One order of the history: quantities by product code, and how far it went."""

    customer: str
    age: int
    day: date
    lines: list  # (product code, quantity)
    delivered: float = 0.0  # share of the quantities that was delivered
    delivery_age: int | None = None
    invoice_age: int | None = None
    draft_invoice: bool = False
    payments: list = field(default_factory=list)
    returned: bool = False
    allowance: bool = False
    cancelled: bool = False


def working_day(today, age):
    """Return the date ``age`` days before today, moved back to Friday from a weekend."""
    day = today - timedelta(days=age)
    return day - timedelta(days=max(0, day.weekday() - 4))


def next_payment_day(today, age):
    """Return the age of the next 25th, when the customers who pay once a month do."""
    day = today - timedelta(days=age)
    while day.day != 25:
        day += timedelta(days=1)
    return (today - day).days


def orders(customers, products, today):
    """Return the orders of all customers, oldest first.

    :param customers: rows of customers.csv
    :param products: rows of products.csv
    :param today: the date from which the ages count back
    """
    result = []
    for customer in customers:
        # A generator of its own: one customer more changes nothing for the others.
        dice = random.Random(f"{SEED}-{customer['ref']}")
        assortment = _assortment(customer, products, dice)
        for number, age in enumerate(_ages(customer, dice)):
            # Each order too, so that a choice that follows the season changes no other order.
            result.append(_order(customer, age, assortment, today, number))
    result.sort(key=lambda order: (-order.age, order.customer))
    return result


def quotation(customer, products, today, age, size, number):
    """Return a quotation of ``size`` usual orders, with nothing delivered or invoiced yet."""
    dice = random.Random(f"{SEED}-{customer['ref']}")
    order = Order(customer["ref"], age, working_day(today, age), [])
    _fill(order, customer, _assortment(customer, products, dice), random.Random(f"{SEED}-quotation-{number}"), size)
    return order


def _ages(customer, dice):
    """Return the ages of the customer's orders, from the rhythm and the trend."""
    interval, since = int(customer["interval"]), int(customer["since"] or 0)
    jitter = 0.9 if customer["trend"] == "sporadic" else 0.3
    first = since if customer["trend"] == "new" else HISTORY_DAYS
    last = since if customer["trend"] == "lost" else 0
    age = first - dice.uniform(0, interval / 2)
    while age > last:
        yield int(age)
        age -= interval * dice.uniform(1 - jitter, 1 + jitter)


def _assortment(customer, products, dice):
    """Return (product, weight) of what this customer buys."""
    pool = []
    for product in products:
        if customer["kind"] == "shop" and product["code"] in INJECTIONS:
            continue
        weight = int(product["weight"]) * LITTLE.get(customer["kind"], {}).get(product["category"], 1.0)
        pool.append((product, weight * dice.uniform(0.3, 1.7)))
    pool.sort(key=lambda item: -item[1])
    breadth = {"dealer": 26, "chain": 30, "hospital": 20, "clinic": 12, "shop": 16}[customer["kind"]]
    return pool[:breadth]


def _size(customer, age, day, dice):
    """Return the amount of an order before tax, in CNY."""
    progress = 1 - age / HISTORY_DAYS
    factor = {"grow": 0.6 + 0.9 * progress, "decline": 1.45 - 1.05 * progress}.get(customer["trend"], 1.0)
    season = SEASONAL_CUSTOMER if customer["trend"] == "seasonal" else SEASON
    monthly = float(customer["monthly"]) * 10_000
    return monthly * int(customer["interval"]) / 30 * factor * season[day.month - 1] * dice.uniform(0.75, 1.25)


def _order(customer, age, assortment, today, number):
    day = working_day(today, age)
    order = Order(customer["ref"], age, day, [])
    _follow(order, customer, today, random.Random(f"{SEED}-{customer['ref']}-{number}-fate"))
    _fill(order, customer, assortment, random.Random(f"{SEED}-{customer['ref']}-{number}"))
    return order


def _fill(order, customer, assortment, dice, size=1.0):
    """Choose products and quantities for an order of about the customer's usual amount times ``size``."""
    month = order.day.month - 1
    amount = _size(customer, order.age, order.day, dice) * size
    count = min(len(assortment), dice.choice((2, 2, 3, 3, 3, 4)))
    pool = [(product, weight * SEASONAL_PRODUCT[product["season"]][month]) for product, weight in assortment]
    chosen = []
    while len(chosen) < count:
        product = dice.choices([item[0] for item in pool], [item[1] for item in pool])[0]
        if product not in chosen:
            chosen.append(product)
    shares = [dice.uniform(0.5, 1.5) for _product in chosen]
    for product, share in zip(chosen, shares, strict=True):
        quantity = amount * share / sum(shares) / (float(product["price"]) * (1 - float(customer["discount"]) / 100))
        step = 100 if quantity >= 1000 else 10 if quantity >= 30 else 1
        order.lines.append((product["code"], max(step, round(quantity / step) * step)))


def _follow(order, customer, today, dice):
    """Decide delivery, invoice, payments and returns of an order."""
    chance = dice.random()
    if order.age > 20 and chance > 0.985:
        order.cancelled = True
        return
    delivery = order.age - dice.randint(1, 3)
    invoice = delivery - dice.randint(0, 8)
    terms = int(customer["terms"])
    payer, _colon, stopped_at = customer["payer"].partition(":")
    first, last = PAYER_DAYS[payer]
    due = invoice - terms
    delay = dice.randint(first, last)
    rest_delay = dice.randint(35, 80)
    disputed = dice.random() < 0.12 and order.customer in DISPUTES
    if delivery >= 0:
        order.delivery_age = delivery
        order.delivered = 0.6 if chance < 0.2 and order.age < 45 else 1.0
    if delivery < 0 or invoice < 0:
        return
    order.invoice_age = invoice
    if invoice <= 5 and chance > 0.4:
        order.draft_invoice = True
        return
    order.returned = 0.10 < chance < 0.12 and invoice > 15
    order.allowance = 0.20 < chance < 0.215 and invoice > 15
    if stopped_at and invoice < int(stopped_at):
        return
    if disputed and invoice < 330:
        return
    paid = due - delay
    if payer == "monthly":
        paid = next_payment_day(today, paid)
    if payer == "partial":
        order.payments.append(Payment(paid, 0.6))
        order.payments.append(Payment(paid - rest_delay, 1.0))
    else:
        order.payments.append(Payment(paid, 1.0))
    order.payments = [payment for payment in order.payments if payment.age >= 0]
