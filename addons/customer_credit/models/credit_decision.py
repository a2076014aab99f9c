from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

OUTCOMES = [
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("returned", "Returned"),
    ("revoked", "Revoked"),
    ("frozen", "Frozen"),
    ("unfrozen", "Unfrozen"),
]


class CreditDecision(models.Model):
    """Who decided what about a customer's credit, when, why, by which right, on which figures. Kept (C1)."""

    _name = "credit.decision"
    _description = "Credit Decision"
    _order = "id desc"
    _rec_name = "outcome"

    application_id = fields.Many2one("credit.application", readonly=True, index=True, ondelete="restrict")
    account_id = fields.Many2one("credit.account", readonly=True, index=True, ondelete="set null")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Decided By", required=True, readonly=True, index=True, ondelete="restrict"
    )
    date = fields.Datetime("Decided On", required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    requested_limit = fields.Monetary(readonly=True)
    proposed_limit = fields.Monetary(readonly=True)
    limit = fields.Monetary("Granted Limit", readonly=True)
    days = fields.Integer("Granted Payment Days", readonly=True, aggregator=None)
    valid_from = fields.Date(readonly=True)
    valid_until = fields.Date(readonly=True, help="First day on which it no longer holds.")
    grade = fields.Char(readonly=True)
    level_name = fields.Char("Level", readonly=True)
    level_amount = fields.Monetary("Up To", readonly=True, help="Largest limit that the person could decide on.")
    level_limited = fields.Boolean(readonly=True)
    delegation_id = fields.Many2one("credit.delegation", readonly=True, ondelete="restrict")
    delegated_by = fields.Many2one(related="delegation_id.user_id", string="On Behalf Of")
    figures = fields.Json(
        readonly=True,
        groups="customer_credit.group_credit_user",
        help="Everything the decision stands on, as it was seen; the findings of the investigation among it.",
    )
    fingerprint = fields.Char(readonly=True, help="SHA-256 of the figures.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("Decisions are recorded when they are taken."))
        return super(CreditDecision, self.with_context(clean_context(self.env.context))).create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A decision is kept as it was taken."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A decision is kept as it was taken."))
