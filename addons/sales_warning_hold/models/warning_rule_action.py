from odoo import api, fields, models, tools


class WarningRuleAction(models.Model):
    _inherit = "warning.rule.action"

    kind = fields.Selection(
        selection_add=[("hold_orders", "Hold orders of the customer")], ondelete={"hold_orders": "cascade"}
    )

    @api.model
    @tools.ormcache()
    def _holds_orders(self):
        """Tell whether any rule holds orders; the gate asks with every order."""
        return bool(self.sudo().search_count([("kind", "=", "hold_orders")], limit=1))

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        if "hold_orders" in actions.mapped("kind"):
            self.env.registry.clear_cache()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if "kind" in vals:
            self.env.registry.clear_cache()
        return result

    def _carry_out_hold_orders(self, cases):
        """Nothing is to be done now: the gate looks for open cases whenever an order is to be confirmed."""
