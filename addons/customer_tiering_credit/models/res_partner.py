from typing import NamedTuple

from odoo import models


class CreditClass(NamedTuple):
    """What a customer's class says to the credit standard: the class, and the per cent that it multiplies a limit by,
    None where the class has no rule."""

    tier_id: int
    name: str
    factor: float | None


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _credit_class(self, company):
        """Return {customer id: CreditClass or None without a class} in a company: one query for any number (C4, T8).

        Contacts and branches have that of their firm. Whatever the present user may read: whoever shows it checks that.
        """
        return {
            customer_id: CreditClass(tier.id, tier.name, tier.credit_factor or None) if tier else None
            for customer_id, tier in self._customer_tiers(company).items()
        }
