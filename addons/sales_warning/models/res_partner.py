from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    warning_count = fields.Integer("Open Warnings", compute="_compute_warning_count")
    warning_red = fields.Boolean(compute="_compute_warning_count")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_warning_count(self):
        counts = {}
        if self.ids and self.env["warning.case"].has_access("read"):
            entities = self.commercial_partner_id
            for partner, level, count in self.env["warning.case"]._read_group(
                [("partner_id", "in", entities.ids), ("state", "!=", "closed")], ["partner_id", "level"], ["__count"]
            ):
                counts.setdefault(partner.id, {})[level] = count
        for partner in self:
            found = counts.get(partner.commercial_partner_id.id, {})
            partner.warning_count = sum(found.values())
            partner.warning_red = bool(found.get("red"))

    def action_warnings(self):
        """Open the warnings on the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_warning.warning_case_action")
        action.update(domain=[("partner_id", "=", self.commercial_partner_id.id)], context={"search_default_open": 1})
        return action

    def action_report_incident(self):
        """Open the form on which an incident is reported."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_warning.warning_incident_action_report")
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
