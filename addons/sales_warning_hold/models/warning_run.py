from odoo import api, models


class WarningRun(models.Model):
    _inherit = "warning.run"

    @api.model
    def _carry_out(self, limit=None):
        """Orders that waited because of warnings that have closed, or fallen back, are checked again."""
        self.env["sale.order.hold"]._warning_check_again()
        return super()._carry_out(limit)
