from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Authority(NamedTuple):
    """The right of a person to decide on credit."""

    level: object  # credit.decision.level, empty for a credit manager without one
    delegation: object  # credit.delegation that lends the right, or empty
    amount: float | None  # largest limit in company currency, None: any
    days: int | None  # longest payment days, None: any

    def covers(self, amount, days):
        return (self.amount is None or amount <= self.amount) and (self.days is None or days <= self.days)


class CreditDecisionLevel(models.Model):
    """Up to which limit and payment days somebody decides on credit applications (C1)."""

    _name = "credit.decision.level"
    _description = "Credit Decision Level"
    _order = "amount, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    user_id = fields.Many2one("res.users", index=True, ondelete="cascade", domain=[("share", "=", False)])
    group_id = fields.Many2one("res.groups", ondelete="cascade")
    amount = fields.Monetary("Limits Up To", help="In company currency; the whole limit counts, not the increase.")
    days = fields.Integer("Payment Days Up To", aggregator=None)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for level in self:
            level.currency_id = (level.company_id or self.env.company).currency_id

    @api.constrains("user_id", "group_id", "amount", "days")
    def _check_holder(self):
        for level in self:
            if bool(level.user_id) == bool(level.group_id):
                raise ValidationError(self.env._("A level is for one person or for one group."))
            if level.amount < 0 or level.days < 0:
                raise ValidationError(self.env._("The amount and days of %s can't be below zero.", level.name))

    @api.model
    def _own_authority(self, user, company):
        """Return the Authority that ``user`` has in person, or None.

        A level of the person's own counts before those of groups; of several the highest. Credit managers without a
        level of their own decide on any limit.
        """
        if not user.active or company not in user.company_ids:
            return None
        levels = self.sudo().search([("company_id", "in", (company.id, False))])
        own = levels.filtered(lambda level: level.user_id == user)
        if not own and user.has_group("customer_credit.group_credit_manager"):
            return Authority(self.browse(), self.env["credit.delegation"], None, None)
        found = own or levels.filtered(lambda level: level.group_id and level.group_id in user.all_group_ids)
        if not found:
            return None
        best = max(found, key=lambda level: (level.amount, level.days))
        return Authority(best, self.env["credit.delegation"], best.amount, best.days)

    @api.model
    def _authorities(self, user, company):
        """Return all Authorities of ``user`` in ``company`` today: one's own first, then those lent by others."""
        user = user.sudo()
        own = self._own_authority(user, company)
        authorities = [own] if own else []
        for delegation in self.env["credit.delegation"]._in_force(user, company):
            lent = self._own_authority(delegation.user_id, company)
            if not lent:
                continue
            amount = lent.amount
            if delegation.limited:
                amount = delegation.amount if amount is None else min(amount, delegation.amount)
            authorities.append(lent._replace(delegation=delegation, amount=amount))
        return authorities

    @api.model
    def _deciders(self, company, amount, days):
        """Return the people who could decide, in person, on a limit of ``amount`` for ``days``."""
        levels = self.sudo().search([("company_id", "in", (company.id, False))])
        candidates = (
            levels.user_id
            | levels.group_id.all_user_ids
            | self.env.ref("customer_credit.group_credit_manager").sudo().all_user_ids
        ).filtered(lambda user: user.active and not user.share and company in user.company_ids)

        def able(user):
            authority = self._own_authority(user, company)
            return authority and authority.covers(amount, days)

        return candidates.filtered(able)
