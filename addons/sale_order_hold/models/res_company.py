from odoo import api, fields, models, tools


class ResCompany(models.Model):
    _inherit = "res.company"

    hold_decider_ids = fields.Many2many(
        "res.users",
        "res_company_hold_decider_rel",
        string="Held Orders Go To",
        help="These people get an activity for each held order. Empty: everybody who may release it.",
    )
    hold_release_days = fields.Integer(
        string="Releases Are Valid For (Days)",
        default=7,
        help="Proposed validity of a release; an order not confirmed until then is checked again.",
        prefetch="hold",
    )

    @api.model
    @tools.ormcache("company_id")
    def _hold_currency_id(self, company_id):
        """Return the id of a company's currency; the gate asks for nothing else of the company."""
        return self.sudo().browse(company_id).currency_id.id

    @api.model
    @tools.ormcache("company_id")
    def _hold_timezone(self, company_id):
        """Return the time zone on whose clock the days of a company's limits and releases begin."""
        return self.sudo().browse(company_id).partner_id.tz or "UTC"

    def write(self, vals):
        result = super().write(vals)
        if {"currency_id", "partner_id"} & vals.keys():
            self.env.registry.clear_cache()
        return result
