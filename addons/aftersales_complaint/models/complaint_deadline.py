from odoo import api, fields, models
from odoo.fields import Domain

SEVERITIES = [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")]
DEADLINES = [("acknowledge", "Acknowledgement"), ("answer", "Answer"), ("solution", "Solution")]


class ComplaintDeadline(models.Model):
    """How many working days of the company a complaint of some severity has until it is acknowledged, answered and
    solved. Zero is the end of the working day on which it came. Bridges make it depend on the customer's class too."""

    _name = "complaint.deadline"
    _description = "Deadlines of Complaints"
    _inherit = ["mail.thread"]
    _order = "severity, id"
    _rec_name = "severity"

    severity = fields.Selection(SEVERITIES, required=True, tracking=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: every company without its own.")
    acknowledge_days = fields.Integer("Acknowledge Within", required=True, tracking=True, help="Working days.")
    answer_days = fields.Integer("Answer Within", required=True, tracking=True, help="Working days.")
    solution_days = fields.Integer("Solve Within", required=True, tracking=True, help="Working days.")
    active = fields.Boolean(default=True)

    _days_order = models.Constraint(
        "CHECK (0 <= acknowledge_days AND acknowledge_days <= answer_days AND answer_days <= solution_days)",
        "First the acknowledgement, then the answer, then the solution: their days may not shrink.",
    )

    def _specificity(self):
        """Return the key by which the most special deadline wins: hook for bridges."""
        self.ensure_one()
        return (bool(self.company_id),)

    def _applies_to(self, complaint):
        """Tell whether a deadline holds for a complaint: hook for bridges (class of the customer)."""
        self.ensure_one()
        return self.severity == complaint.severity

    @api.model
    def _days_for(self, complaints):
        """Return {complaint id: {kind of deadline: working days}}; {} where no deadline is set: one query."""
        candidates = self.sudo().search(Domain("company_id", "in", [*complaints.company_id.ids, False]))
        candidates = candidates.sorted(lambda deadline: (deadline._specificity(), -deadline.id), reverse=True)
        found = {}
        for complaint in complaints:
            own = (complaint.company_id, self.env["res.company"])
            best = next(
                (deadline for deadline in candidates if deadline.company_id in own and deadline._applies_to(complaint)),
                None,
            )
            found[complaint.id] = {kind: best[f"{kind}_days"] for kind, _label in DEADLINES} if best else {}
        return found


class ComplaintEscalationLevel(models.Model):
    """Who is told, how many working days after a deadline passed."""

    _name = "complaint.escalation.level"
    _description = "Level of Escalation"
    _order = "days, id"

    name = fields.Char(required=True, translate=True)
    days = fields.Integer(required=True, help="Working days after the deadline; zero is at once.")
    told = fields.Selection(
        [("owner", "The owner"), ("managers", "All managers of complaints"), ("user", "A person")],
        required=True,
        default="owner",
    )
    user_id = fields.Many2one("res.users", string="Person", domain="[('share', '=', False)]")
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: every company.")
    active = fields.Boolean(default=True)

    _days_positive = models.Constraint("CHECK (days >= 0)", "Nobody is told before a deadline passes.")
    _user_known = models.Constraint("CHECK (told <> 'user' OR user_id IS NOT NULL)", "Name the person to be told.")


class ComplaintEscalation(models.Model):
    """One escalation that has happened: exactly one per complaint, round, deadline and level."""

    _name = "complaint.escalation"
    _description = "Escalation of a Complaint"
    _order = "id desc"
    _rec_name = "complaint_id"

    complaint_id = fields.Many2one("complaint.complaint", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True)
    round = fields.Integer(required=True)
    kind = fields.Selection(DEADLINES, required=True)
    level_id = fields.Many2one("complaint.escalation.level", required=True, ondelete="restrict")
    deadline = fields.Datetime(required=True)
    date = fields.Datetime("Told On", required=True)
    user_ids = fields.Many2many("res.users", "complaint_escalation_user_rel", string="Told")

    _once = models.Constraint(
        "UNIQUE (complaint_id, round, kind, level_id)", "Nobody is told twice about the same deadline."
    )
