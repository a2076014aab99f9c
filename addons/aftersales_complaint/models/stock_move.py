from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _complaint_returned_lines(self):
        """Return the order lines of which these moves bring something back."""
        return self.filtered(
            lambda move: move.sale_line_id and move.location_id.usage == "customer" and move.state != "cancel"
        ).sale_line_id

    def _action_confirm(self, *args, **kwargs):
        moves = super()._action_confirm(*args, **kwargs)
        moves.exists()._complaint_returned_lines()._complaint_check_returns()
        return moves

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        moves.exists()._complaint_returned_lines()._complaint_check_returns()
        return moves
