from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .complaint_complaint import STATES

STEPS = [
    *[(state, label) for state, label in STATES],
    ("signed", "First Signature"),
    ("sent_back", "Sent Back"),
    ("exception", "Exception Approved"),
    ("accepted", "Accepted by the Customer"),
    ("objected", "Objected by the Customer"),
    ("remedy", "Remedy Made"),
    ("condition", "Condition on Receipt"),
    ("merged", "Customer Merged"),
]


class ComplaintStep(models.Model):
    """The record of one step of a complaint: who, when, what, with which figures. Written once, by the step."""

    _name = "complaint.step"
    _description = "Step of a Complaint"
    _order = "id"
    _rec_name = "kind"

    complaint_id = fields.Many2one("complaint.complaint", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True)
    kind = fields.Selection(STEPS, string="Step", required=True)
    state_before = fields.Selection(STATES, string="From")
    state_after = fields.Selection(STATES, string="To")
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict")
    date = fields.Datetime("On", required=True)
    note = fields.Text()
    figures = fields.Json("Figures as Kept", help="What the step rested on, as it was then.")

    @api.model
    def _keep(self, vals_list):
        """Write the records of steps; the user and the moment are those of the call."""
        call = {"user_id": self.env.uid, "date": fields.Datetime.now()}
        return super(ComplaintStep, self.sudo()).create([{**vals, **call} for vals in vals_list])

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise AccessError(self.env._("Steps are recorded by the steps alone."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("What was done is kept as it was recorded."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was done is kept as it was recorded."))
