"""Plain values that the exposure engine and the policies hand around; nothing here is stored."""

from datetime import date
from typing import NamedTuple


class Exposure(NamedTuple):
    """What a customer owes and may owe, in the currency of the company that keeps the credit account (C5).

    :param receivable: open invoices and other debits, due or not
    :param overdue: the part of ``receivable`` whose due date lies before today
    :param overdue_days: days since the oldest overdue item fell due; 0 when nothing is overdue
    :param oldest_days: days since the date of the oldest open item; 0 when nothing is open
    :param unapplied: payments and credit notes not yet set off, and online payments under way; a positive number
    :param draft_invoices: draft invoices (where the company counts them) that don't come from a counted order
    :param orders: confirmed orders, as far as they are not yet on a posted invoice
    :param exposure: receivable + draft_invoices + orders - unapplied; negative when the customer is in credit
    :param account_id: credit account, or None when the company's default applies
    :param mode: ``"unlimited"``, ``"none"`` or ``"amount"``
    :param base_limit: limit without temporary limits; 0 unless mode is ``"amount"``
    :param temporary_limit: sum of the temporary limits in force today
    :param valid_until: first day on which the limit no longer holds, or None
    :param frozen: the customer is frozen
    :param payment_days: longest payment term granted, in days; None: not limited
    :param ageing: amounts by days overdue (not due, 1-30, 31-60, 61-90, over 90), or None when not asked for
    """

    receivable: float = 0.0
    overdue: float = 0.0
    overdue_days: int = 0
    oldest_days: int = 0
    unapplied: float = 0.0
    draft_invoices: float = 0.0
    orders: float = 0.0
    exposure: float = 0.0
    account_id: int | None = None
    mode: str = "unlimited"
    base_limit: float = 0.0
    temporary_limit: float = 0.0
    valid_until: date | None = None
    frozen: bool = False
    payment_days: int | None = None
    ageing: tuple | None = None

    @property
    def limited(self):
        """Tell whether there is a limit at all."""
        return self.mode != "unlimited"

    @property
    def limit(self):
        """Limit of today, temporary limits included; None when there is none to keep."""
        return None if self.mode == "unlimited" else self.base_limit + self.temporary_limit

    @property
    def remaining(self):
        """What may still be ordered; negative when the limit is exceeded; None without a limit."""
        return None if self.mode == "unlimited" else round(self.limit - self.exposure, 6)

    @property
    def utilisation(self):
        """Used part of the limit in per cent; None without a limit, or when the limit is 0."""
        limit = self.limit
        return 100.0 * self.exposure / limit if limit else None

    def expired(self, today):
        """Tell whether the limit no longer holds on ``today``."""
        return self.valid_until is not None and self.valid_until <= today


class CreditSettings(NamedTuple):
    """Settings of one company, as the gate reads them; cached.

    :param company_id: company that sells
    :param mode: ``"off"``, ``"warn"`` or ``"hold"``
    :param keeper_id: company that keeps the credit accounts; another one in a group of companies
    :param scope: ids of all companies whose figures are added up
    :param foreign: whether companies of the scope keep their books in other currencies than the keeper
    :param drafts: whether draft invoices count
    :param default_mode, default_limit: for customers without a credit account
    :param currency_id, digits: of the keeper
    """

    company_id: int
    mode: str
    keeper_id: int
    scope: tuple
    foreign: bool
    drafts: bool
    default_mode: str
    default_limit: float
    currency_id: int
    digits: int


class Rule(NamedTuple):
    """A credit policy as the gate reads it; cached. Meaning of the fields: see ``credit.policy``."""

    id: int
    name: str
    check: str
    level: str
    early: bool
    amount: float
    percent: float
    days: int
    company_id: int
    category_id: int
    partner_id: int
