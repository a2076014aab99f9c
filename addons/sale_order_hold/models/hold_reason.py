"""What keepers return and what the gate hands around inside the server; nothing here can be sent by RPC."""

from contextlib import contextmanager
from typing import NamedTuple
from weakref import WeakKeyDictionary

from odoo.exceptions import AccessError


class HoldReason(NamedTuple):
    """One reason to hold an order, or to warn about it.

    :param keeper: who objects; a key of ``sale.order.hold.keeper``
    :param code: what for; a key of ``sale.order.hold.reason.code``
    :param level: ``"hold"`` keeps the order from being confirmed, ``"warn"`` only says so
    :param figures: JSON-able figures the sentence is made of; amounts in company currency
        as float, together with ``currency_id``
    """

    keeper: str
    code: str
    level: str
    figures: dict


# {cursor: {key: ids of orders}}; nothing in it can be sent by a client.
_passing = WeakKeyDictionary()


@contextmanager
def passing(orders, key="entering"):
    """Let these orders pass by what is done inside: ``"entering"`` the confirmed state, or ``"leaving"`` it.

    It is kept beside the cursor, not in the context: Odoo would make an environment of its own for each context.
    """
    ids = _passing.setdefault(orders.env.cr, {}).setdefault(key, set())
    new = set(orders.ids) - ids
    ids |= new
    try:
        yield
    finally:
        ids -= new


def passed(orders, key="entering"):
    """Return those of ``orders`` that were let through on the way here."""
    ids = _passing.get(orders.env.cr, {}).get(key)
    return orders.filtered(lambda order: order.id in ids) if ids else orders.browse()


class Edit:
    """Context value of one change to confirmed orders: the gate looks once, when the whole change is made."""

    def __init__(self):
        self.postponed = []
        # Orders that the change reaches; of these, whose change is judged even if they don't grow.
        self.order_ids = set()
        self.judged_ids = set()
        # {order id: what ``_hold_open_amounts`` said before the change}
        self.open_before = {}

    def touch(self, orders, judge=False):
        """Take note of confirmed orders before the change reaches them."""
        new = orders.browse([order_id for order_id in orders.ids if order_id not in self.order_ids])
        self.order_ids.update(new.ids)
        self.open_before.update(new._hold_open_amounts())
        if judge:
            self.judged_ids.update(orders.ids)

    @classmethod
    def under_way(cls, env):
        """Return the change being made, or None."""
        edit = env.context.get("hold_edit")
        return edit if isinstance(edit, cls) else None


def check_protected(records, vals_list):
    """Raise AccessError if a client, by values or by defaults in its context, sets what the gate judges by.

    :param records: orders or lines; their ``_hold_protected_fields()`` names the fields
    """
    if records.env.su:
        return
    protected = records._hold_protected_fields()
    # The web client sends an empty list of commands for relations that it shows; that sets nothing.
    sent = {name for vals in vals_list for name in protected & vals.keys() if vals[name] != []}
    sent |= {name for name in protected if f"default_{name}" in records.env.context}
    if sent:
        labels = [records._fields[name]._description_string(records.env) for name in sorted(sent)]
        raise AccessError(records.env._("Set by the system alone: %s.", ", ".join(labels)))
