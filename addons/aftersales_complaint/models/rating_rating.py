from odoo import api, models
from odoo.exceptions import AccessError

MODEL = "complaint.complaint"


class RatingRating(models.Model):
    """How customers found the handling is theirs to say, on the portal or by the link of the mail; Odoo lets every
    employee write ratings (A4)."""

    _inherit = "rating.rating"

    def _check_complaint_ratings(self, vals_list=()):
        """Raise if a person, not a route of the customer's, makes or changes ratings of complaints."""
        if self.env.su:
            return
        model_id = self.env["ir.model"]._get_id(MODEL)
        if any(vals.get("res_model_id") == model_id or vals.get("res_model") == MODEL for vals in vals_list) or any(
            rating.res_model == MODEL for rating in self.sudo()
        ):
            raise AccessError(self.env._("Customers rate the handling of their complaints, nobody else."))

    @api.model_create_multi
    def create(self, vals_list):
        self._check_complaint_ratings(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_complaint_ratings([vals])
        return super().write(vals)

    def unlink(self):
        self._check_complaint_ratings()
        return super().unlink()
