"""What keepers return and what the gate hands around inside the server; nothing here can be sent by RPC."""

from typing import NamedTuple


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


class Passed:
    """Context value that says which orders have just passed the gate.

    It is an object of this process, so no client can send one: what arrives by RPC is JSON.
    """

    def __init__(self, orders):
        self._ids = frozenset(orders.ids)

    @classmethod
    def orders(cls, records):
        """Return those of ``records`` that passed the gate on the way here."""
        passed = records.env.context.get("hold_passed")
        if not isinstance(passed, cls):
            return records.browse()
        return records.filtered(lambda order: order.id in passed._ids)


class Edit:
    """Context value of one change to confirmed orders: the gate looks once, when the whole change is made."""

    def __init__(self):
        self.postponed = []

    @classmethod
    def under_way(cls, env):
        """Return the change being made, or None."""
        edit = env.context.get("hold_edit")
        return edit if isinstance(edit, cls) else None
