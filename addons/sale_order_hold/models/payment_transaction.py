from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A paid order that is held isn't confirmed: its customer gets the mail about the payment alone (C6)."""
        return super()._check_amount_and_confirm_order().filtered(lambda order: order.state == "sale")
