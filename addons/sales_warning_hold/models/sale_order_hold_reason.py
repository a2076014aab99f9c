from odoo import api, fields, models
from odoo.tools import format_date


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"

    code = fields.Selection(selection_add=[("warning_open", "Open warning")], ondelete={"warning_open": "cascade"})

    @api.model
    def _message(self, code, figures):
        if code != "warning_open":
            return super()._message(code, figures)
        rule = self.env["warning.rule"].sudo().browse(figures.get("rule_id")).exists()
        company = self.env["res.company"].sudo().browse(figures.get("company_id"))
        names = {
            "rule": rule.name or "",
            "day": format_date(self.env, figures.get("opened_on")),
            "why": rule._sentence(figures.get("reason"), figures.get("figures"), company),
        }
        if figures.get("level") == "red":
            return self.env._("Red warning “%(rule)s”, open since %(day)s: %(why)s", **names)
        return self.env._("Amber warning “%(rule)s”, open since %(day)s: %(why)s", **names)
