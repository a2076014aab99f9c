from odoo import fields, models


class CreditAccount(models.Model):
    _name = "credit.account"
    _inherit = ["credit.account", "customer.tier.mixin"]

    customer_tier_factor = fields.Float(
        "Factor of the Class (%)",
        digits=(16, 2),
        compute="_compute_customer_tier_id",
        compute_sudo=True,
        help="What the credit standard multiplies a limit by for this class. 0: no rule.",
    )

    def _compute_customer_tier_id(self):
        super()._compute_customer_tier_id()
        for account in self:
            account.customer_tier_factor = account.customer_tier_id.credit_factor
