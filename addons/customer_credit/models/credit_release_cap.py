from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditReleaseCap(models.Model):
    """How far over the limit somebody may release an order (C7)."""

    _name = "credit.release.cap"
    _description = "Credit Release Cap"
    _order = "company_id, amount, id"

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one("res.users", index=True, ondelete="cascade", domain=[("share", "=", False)])
    group_id = fields.Many2one("res.groups", ondelete="cascade")
    amount = fields.Monetary(
        "Largest Excess", help="The order may bring the customer this far over the limit, in company currency."
    )

    @api.depends("user_id", "group_id")
    def _compute_display_name(self):
        for cap in self:
            cap.display_name = cap.user_id.name or cap.group_id.display_name or self.env._("Cap")

    @api.constrains("user_id", "group_id", "company_id", "amount")
    def _check_holder(self):
        for cap in self:
            if bool(cap.user_id) == bool(cap.group_id):
                raise ValidationError(self.env._("A cap is for one person or for one group."))
            if cap.amount < 0:
                raise ValidationError(self.env._("The cap of %s can't be below zero.", cap.display_name))
            if self.search_count(
                [
                    ("id", "!=", cap.id),
                    ("company_id", "=", cap.company_id.id),
                    ("user_id", "=", cap.user_id.id),
                    ("group_id", "=", cap.group_id.id),
                ],
                limit=1,
            ):
                raise ValidationError(self.env._("There is another cap for %s.", cap.display_name))

    @api.model
    def _cap(self, user, company):
        """Return the largest excess ``user`` may release in ``company``, or None without a cap.

        A cap of the person's own counts before those of groups; of several groups the highest counts. Credit
        managers without a cap of their own have none.
        """
        caps = self.sudo().search([("company_id", "=", company.id)])
        if own := caps.filtered(lambda cap: cap.user_id == user):
            return own[0].amount
        if user.has_group("customer_credit.group_credit_manager"):
            return None
        groups = caps.filtered(lambda cap: cap.group_id and cap.group_id in user.all_group_ids)
        return max(groups.mapped("amount"), default=None)
