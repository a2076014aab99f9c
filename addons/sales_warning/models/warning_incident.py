from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context

from .warning_rule import LEVELS

REPORTERS = ("sales_team.group_sale_salesman", "sales_warning.group_warning_reader")
CLOSED_FIELDS = {"kind_id", "what", "source", "severity", "partner_id", "company_id", "date", "reported_by", "case_id"}


class WarningIncident(models.Model):
    """Something grave that happened to a customer, as somebody of ours heard of it (W5).

    A report opens a case at once. It stays as it was made.
    """

    _name = "warning.incident"
    _description = "Incident"
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="restrict")
    kind_id = fields.Many2one("warning.incident.kind", string="Kind", required=True, ondelete="restrict")
    what = fields.Text("What Happened", required=True)
    source = fields.Char(help="How you know of it: seen, told by whom, read where.")
    severity = fields.Selection(
        LEVELS, required=True, compute="_compute_severity", store=True, readonly=False, precompute=True
    )
    date = fields.Date("Heard On", required=True, default=fields.Date.context_today)
    reported_by = fields.Many2one("res.users", required=True, readonly=True, default=lambda self: self.env.user)
    case_id = fields.Many2one("warning.case", readonly=True, copy=False)

    @api.depends("kind_id")
    def _compute_severity(self):
        for incident in self:
            incident.severity = incident.kind_id.severity or incident.severity or "red"

    @api.depends("kind_id.name", "partner_id.name")
    def _compute_display_name(self):
        for incident in self:
            incident.display_name = " · ".join(
                filter(None, [incident.sudo().partner_id.display_name, incident.kind_id.name])
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Record the incidents, in the name of who reports them, and open a case for each."""
        if not self.env.su and not any(self.env.user.has_group(group) for group in REPORTERS):
            raise AccessError(self.env._("Incidents are reported by those who work with customers."))
        names = ("company_id", "partner_id", "kind_id", "what", "source", "severity", "date")
        given = {name: self.env.context[f"default_{name}"] for name in names if f"default_{name}" in self.env.context}
        blank = self.with_context(clean_context(self.env.context))
        vals_list = self.env["res.partner"]._with_commercial_partners([{**given, **vals} for vals in vals_list])
        if not self.env.su:
            for vals in vals_list:
                vals["reported_by"] = self.env.uid
                vals.pop("case_id", None)
        incidents = super(WarningIncident, blank).create(vals_list).with_env(self.env)
        incidents.partner_id.check_access("read")
        incidents._open_cases()
        return incidents

    def write(self, vals):
        if not self.env.su and vals.keys() & CLOSED_FIELDS:
            raise UserError(self.env._("A report stays as it was made. Write what you learned into the warning."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Reports of incidents are kept."))

    def _open_cases(self):
        """Open a case for each incident, under the rule for incidents, and carry its actions out at once."""
        for company, incidents in self.sudo().grouped("company_id").items():
            rule = incidents.env["warning.rule"].search(
                [("kind", "=", "incident"), ("company_id", "in", (company.id, False)), ("state", "=", "on")],
                order="company_id, sequence, id",
                limit=1,
            )
            if not rule:
                raise UserError(self.env._("No rule for incidents is on: ask who sets the warning rules."))
            rule = rule.with_company(company)
            day = company._customer_today()
            deadlines = rule._deadlines(day)
            owners = rule._owners(incidents.partner_id)
            at_risk = rule._at_risk(incidents.partner_id.sorted("id"), day + timedelta(days=1))
            for incident in incidents:
                figures = {"kind_id": incident.kind_id.id, "what": incident.what}
                incident.case_id = (
                    self.env["warning.case"]
                    .sudo()
                    .create(
                        {
                            "rule_id": rule.id,
                            "company_id": company.id,
                            "partner_id": incident.partner_id.id,
                            "incident_id": incident.id,
                            "user_id": owners.get(incident.partner_id.id) or rule.owner_id.id,
                            "level": incident.severity,
                            "worst_level": incident.severity,
                            "reason": "incident",
                            "figures": figures,
                            "last_reason": "incident",
                            "last_figures": figures,
                            "opened_on": day,
                            "last_day": day,
                            "deadline": deadlines[incident.severity],
                            "escalate_on": deadlines[incident.severity],
                            "money_at_risk": at_risk[incident.partner_id.id] or 0.0,
                        }
                    )
                )
            cases = incidents.case_id
            cases.with_env(self.env)._log_event("opened")
            for action in rule.action_ids:
                action._carry_out(cases.with_company(company))
            for case in cases:
                case.acted_level = case.level

    def action_case(self):
        """Open the case of the incident."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "warning.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    def action_report(self):
        """Close the window of the report: saving it has opened the case."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Reported: %s looks after it.", self.sudo().case_id.user_id.name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
