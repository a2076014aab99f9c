from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class CreditApplicationDecide(models.TransientModel):
    """The form in which an application is decided, on the figures it shows (C1)."""

    _name = "credit.application.decide"
    _description = "Decide on a Credit Application"

    application_id = fields.Many2one("credit.application", required=True, readonly=True)
    outcome = fields.Selection(
        [("approved", "Approve"), ("refused", "Refuse"), ("returned", "Return")],
        string="Decision",
        required=True,
        default="approved",
    )
    revoking = fields.Boolean(help="Credit in force is taken back.")
    seen = fields.Char(help="Hash of what the decision stands on, as it was when this form was opened.")
    kind = fields.Selection(related="application_id.kind")
    currency_id = fields.Many2one(related="application_id.currency_id")
    requested_limit = fields.Monetary(related="application_id.requested_limit")
    requested_days = fields.Integer(related="application_id.requested_days")
    proposed_limit = fields.Monetary(related="application_id.proposed_limit")
    proposed_days = fields.Integer(related="application_id.proposed_days")
    grade = fields.Char(related="application_id.grade")
    score = fields.Float(related="application_id.score")
    calculation = fields.Text(related="application_id.calculation")
    limit = fields.Monetary("Granted Limit", help="In company currency.")
    days = fields.Integer("Granted Payment Days")
    valid_from = fields.Date()
    valid_until = fields.Date(help="First day on which it no longer holds.")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        application = self.env["credit.application"].browse(values.get("application_id"))
        if application:
            application.check_access("read")
            today = application.company_id.sudo()._customer_today()
            temporary = application.kind == "temporary"
            proposed = application.requested_limit if temporary else application.proposed_limit
            values |= {
                "seen": application._fingerprint(),
                "limit": min(proposed, application.requested_limit) if application.requested_limit else proposed,
                "days": application.proposed_days,
                "valid_from": application.date_from if temporary else today,
                "valid_until": application.date_to if temporary else today + relativedelta(months=12),
            }
        return values

    def action_decide(self):
        """Take the decision; who may is checked by the application."""
        self.ensure_one()
        if self.revoking:
            self.application_id._revoke(self.reason)
        else:
            self.application_id._decide(
                self.outcome,
                self.reason,
                self.seen,
                limit=self.limit,
                days=self.days,
                valid_from=self.valid_from,
                valid_until=self.valid_until,
            )
        return {"type": "ir.actions.act_window_close"}
