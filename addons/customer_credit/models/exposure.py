"""Plain values that the exposure engine and the policies hand around; nothing here is stored."""

from datetime import date
from typing import NamedTuple


class Collective(NamedTuple):
    """A limit that several customers use together, in the currency of the company that keeps it (C8).

    :param kind: ``"group"``, a credit group; or ``"ceiling"``, the one of all customers of the company
    :param id: of the group, or of the company
    :param name: of either
    :param limit: what all may use together
    :param exposure: sum of the exposures of all of them; who is in credit counts with a negative exposure
    """

    kind: str
    id: int
    name: str
    limit: float
    exposure: float

    @property
    def remaining(self):
        """What may still be ordered by all together; negative when the limit is exceeded."""
        return round(self.limit - self.exposure, 6)

    @property
    def key(self):
        """Name of the row that is written before the limit is used; see ``credit.lock``."""
        return self.kind, self.id


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
    :param guarantees: what guarantees valid today add to the limit
    :param group_id: credit group that the account belongs to, or None
    :param ageing: amounts by days overdue (not due, 1-30, 31-60, 61-90, over 90), or None when not asked for
    :param collectives: the Collective limits that hold for the customer, where they were asked for
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
    guarantees: float = 0.0
    group_id: int | None = None
    ageing: tuple | None = None
    collectives: tuple = ()

    @property
    def limited(self):
        """Tell whether there is a limit at all."""
        return self.mode != "unlimited"

    @property
    def limit(self):
        """Limit of today, temporary limits and guarantees included; None when there is none to keep."""
        return None if self.mode == "unlimited" else self.base_limit + self.temporary_limit + self.guarantees

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
    :param ceiling: what all customers may use together; None: not limited
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
    ceiling: float | None = None


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
