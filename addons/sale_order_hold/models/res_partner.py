from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if "tz" in vals:
            # Companies' time zones are kept by their contacts; see res.company._hold_timezone.
            self.env.registry.clear_cache()
        return result
