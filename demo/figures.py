"""Sales plans, budgets, expenses, public holidays and a metric made on screen."""

import random
from datetime import date

from demo import plan
from demo.data import rows

PLANNED = ("dealer", "chain", "hospital")
GROWTH = 1.08
BUDGET_SHARE = 0.01  # of the sales plan
EXPENSES = (
    # external id of the kind, share of a month's budget, reference
    ("promotion", 0.5, "促销活动"),
    ("advertising", 0.3, "门店广告"),
    ("display", 0.25, "陈列费"),
    ("staff", 0.6, "驻店促销员"),
    ("vehicle", 0.2, "送货车辆支持"),
    ("training", 0.35, "店员培训会"),
    ("travel", 0.15, "客户拜访差旅"),
)
# Month, first and last day.
HOLIDAYS = (
    (1, 1, 1, "元旦", "New Year"),
    (5, 1, 5, "劳动节", "Labour Day"),
    (10, 1, 7, "国庆节", "National Day"),
)


def load_figures(demo):
    """Fill the planning of the customers' figures."""
    if not demo.has("customer.target"):
        return
    _load_holidays(demo)
    _load_targets(demo)
    _load_expenses(demo)
    _load_metric(demo)


def _load_holidays(demo):
    chinese = demo.env.lang == "zh_CN"
    demo.env["resource.calendar.leaves"].create(
        [
            {
                "name": name if chinese else name_en,
                "company_id": demo.env.company.id,
                "calendar_id": False,
                # From midnight to midnight in China.
                "date_from": f"{date.fromordinal(date(year, month, first).toordinal() - 1)} 16:00:00",
                "date_to": f"{date(year, month, last)} 15:59:59",
            }
            for year in range(demo.today.year - 2, demo.today.year + 1)
            for month, first, last, name, name_en in HOLIDAYS
        ]
    )


def _planned(demo):
    return [
        (row, demo.customers[row["ref"]])
        for row in rows("customers")
        if row["kind"] in PLANNED and row["trend"] != "lost" and int(row["since"] or 400) > 365
    ]


def _load_targets(demo):
    """Plan this year: a tenth more than usual, spread by each customer's season; and a budget of one per cent of it."""
    Target = demo.env["customer.target"]
    sales = demo.env.ref("customer_metrics.customer_metric_sales")
    expense = demo.env.ref("customer_metrics.customer_metric_expense")
    year = demo.today.year
    years = [[customer.id, round(float(row["monthly"]) * 12 * GROWTH) * 10_000] for row, customer in _planned(demo)]
    months = Target.get_spread(sales.id, year, years)
    Target.create(
        [
            {"partner_id": customer_id, "metric_id": metric.id, "month": date(year, number, 1), "amount": amount}
            for customer_id, amounts in months.items()
            for metric, share in ((sales, 1), (expense, BUDGET_SHARE))
            for number, amount in enumerate((round(amount * share, -1 if share < 1 else -2) for amount in amounts), 1)
        ]
    )
    demo.say(f"sales plans and budgets of {len(months)} customers")


def _load_expenses(demo):
    values = []
    for row, customer in _planned(demo):
        dice = random.Random(f"{plan.SEED}-{row['ref']}-expenses")
        budget = float(row["monthly"]) * 10_000 * BUDGET_SHARE
        for age in range(360, 0, -30):
            if dice.random() < 0.35:
                continue
            kind, share, reference = dice.choice(EXPENSES)
            values.append(
                {
                    "partner_id": customer.id,
                    "date": plan.working_day(demo.today, age - dice.randrange(25)),
                    "kind_id": demo.env.ref(f"customer_metrics.customer_expense_kind_{kind}").id,
                    "amount": max(100, round(budget * share * dice.uniform(0.8, 2.2), -1)),
                    "reference": reference,
                    "user_id": customer.user_id.id,
                }
            )
    values.sort(key=lambda vals: vals["date"])
    expenses = demo.env["customer.expense"].create(values)
    expenses[:-6].with_user(demo.users["salesmgr"])._post()
    demo.say(f"{len(expenses)} expenses")


def _load_metric(demo):
    metric = demo.env["customer.metric"].create(
        {
            "name": "Large Orders",
            "kind": "records",
            "unit": "count",
            "model_name": "sale.order",
            "customer_field": "partner_id",
            "date_field": "date_order",
            "domain": "[('state', '=', 'sale'), ('amount_untaxed', '>=', 100000)]",
            "sequence": 300,
        }
    )
    demo.name(metric, "Large Orders", "大额订单数")
    texts = ("Orders of 100,000 or more in the period.", "期间内十万元及以上的订单数。")
    demo.name(metric, *texts, "description")
