from odoo import api, models, tools


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        if transactions and not self._credit_any():
            self.env.registry.clear_cache()
        return transactions

    @api.model
    @tools.ormcache()
    def _credit_any(self):
        """Tell whether there are online payments at all; without any, the exposure needn't look for them."""
        return bool(self.sudo().search_count([], limit=1))
