from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        """What is settled is no longer overdue: held orders may go (C6)."""
        partials = super().create(vals_list)
        if partials:
            self.env["sale.order.hold"].sudo()._credit_trigger_release()
        return partials
