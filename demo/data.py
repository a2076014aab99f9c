"""The data files of the demo company, and what its parts share while it is loaded."""

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "data"
LANGUAGES = ("en_US", "zh_CN")


def rows(name):
    """Return the rows of ``data/<name>.csv`` as dictionaries of strings."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def batches(items, size):
    """Yield ``items`` (a list or a recordset) in slices of ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@dataclass
class Demo:
    """The database being filled: its environment and the records made so far, by the keys of the data files."""

    env: object
    say: object  # prints a line of progress
    today: date
    users: dict = field(default_factory=dict)  # login -> res.users
    teams: dict = field(default_factory=dict)  # code -> crm.team
    customers: dict = field(default_factory=dict)  # ref -> res.partner
    branches: dict = field(default_factory=dict)  # ref -> res.partner, delivery addresses
    products: dict = field(default_factory=dict)  # code -> product.product
    orders: list = field(default_factory=list)  # (plan.Order, sale.order)

    def has(self, name):
        """Tell whether a model (``sale.order``) or a field (``sale.order.hold_state``) is installed."""
        if name in self.env:
            return True
        model, _dot, fname = name.rpartition(".")
        return model in self.env and fname in self.env[model]._fields

    def ref(self, xmlid):
        """Return a record by its external id, an empty value if its addon is not installed."""
        return self.env.ref(xmlid, raise_if_not_found=False)

    def day(self, age):
        """Return the date ``age`` days ago; a negative age lies ahead."""
        return self.today - timedelta(days=age)

    def name(self, record, english, chinese, field_name="name"):
        """Write a translated name in the languages that are active."""
        names = {"en_US": english, "zh_CN": chinese}
        active = [code for code, _name in self.env["res.lang"].get_installed()]
        record.update_field_translations(field_name, {code: names[code] for code in LANGUAGES if code in active})


def office_hours(day, number):
    """Return a moment of ``day`` between 9 and 17 o'clock in China, as Odoo stores it (UTC)."""
    return datetime.combine(day, time(1)) + timedelta(minutes=number * 37 % 480)
