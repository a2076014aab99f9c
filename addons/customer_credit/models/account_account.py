from odoo import api, models, tools


class AccountAccount(models.Model):
    _inherit = "account.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self.env.registry.clear_cache()
        return accounts

    def write(self, vals):
        result = super().write(vals)
        if "account_type" in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _credit_receivable_ids(self):
        """Return the ids of the receivable accounts of all companies; there are few, and the gate asks often."""
        return tuple(self.sudo().with_context(active_test=False)._search([("account_type", "=", "asset_receivable")]))
