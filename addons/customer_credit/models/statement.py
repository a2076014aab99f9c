"""Plain values of a statement of account; nothing here is stored."""

import datetime
from typing import NamedTuple


class StatementLine(NamedTuple):
    """One due amount of a document, or a payment, on a receivable account.

    Amounts are in the currency of the company.

    :param date: of the entry in the books
    :param due: due date of what the customer owes; None for payments and credit notes
    :param move_id, name, ref: the entry, its number, and what the other side calls it
    :param kind: ``"invoice"``, ``"refund"``, ``"payment"`` or ``"entry"``
    :param debit, credit: what the customer owes more, or less; one of them is 0
    :param balance: what the customer owes after this line
    :param open: what was open of the line at the end of the period; negative for what was not set off yet
    :param currency_id, original: the amount in the document's own currency; None where that is the company's
    """

    date: datetime.date
    due: datetime.date | None
    move_id: int
    name: str
    ref: str
    kind: str
    debit: float
    credit: float
    balance: float
    open: float
    currency_id: int | None
    original: float | None


class Statement(NamedTuple):
    """What a customer owed before a period, what happened in it, and what is owed at its end.

    ``opening + debits - credits == closing``, and ``sum(ageing) - unapplied == closing``.

    :param date_from, date_to: first and last day
    :param ageing: open amounts by days overdue on the last day (not due, 1-30, 31-60, 61-90, over 90)
    :param unapplied: payments and credit notes not set off by then; a positive number
    """

    date_from: datetime.date
    date_to: datetime.date
    opening: float
    lines: tuple
    debits: float
    credits: float
    closing: float
    ageing: tuple
    unapplied: float

    @property
    def overdue(self):
        """What was overdue on the last day."""
        return round(sum(self.ageing[1:]), 6)

    @property
    def foreign(self):
        """Tell whether some line has an amount in another currency."""
        return any(line.currency_id for line in self.lines)
