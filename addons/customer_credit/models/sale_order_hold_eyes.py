from odoo import fields, models
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_four_eyes = fields.Boolean(
        string="Released by Somebody Else",
        default=True,
        help="Whoever sells an order, or entered it, doesn't release it from a credit hold.",
        prefetch="credit",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_four_eyes = fields.Boolean(related="company_id.credit_four_eyes", readonly=False)


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"

    def _check_may_release(self, amount):
        """Keep the seller of an order from releasing it (C7)."""
        super()._check_may_release(amount)
        order = self.sudo().order_id
        if (
            self.keeper == "credit"
            and self.env.user in (order.user_id | order.create_uid)
            and self.company_id.sudo().credit_four_eyes
        ):
            raise AccessError(self.env._("You sell %s, or entered it: somebody else releases it.", order.name))
