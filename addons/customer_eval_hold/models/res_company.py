from odoo import api, fields, models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    eval_hold_mode = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")],
        string="Customers Refused by Evaluation",
        default="off",
        required=True,
        help="Off: the evaluation doesn't touch orders. Warn: orders of customers whose latest approved evaluation "
        "says to refuse are confirmed with a warning. Hold: they wait for a release.",
        prefetch="hold",
    )

    @api.model
    @tools.ormcache("company_id")
    def _eval_hold_mode(self, company_id):
        """Return what happens to orders of refused customers; the gate asks with every order."""
        return self.sudo().browse(company_id).eval_hold_mode

    def write(self, vals):
        result = super().write(vals)
        if "eval_hold_mode" in vals:
            self.env.registry.clear_cache()
        return result
