from odoo import fields, models


class ComplaintCause(models.Model):
    """What an investigation found to be behind a complaint."""

    _name = "complaint.cause"
    _description = "Cause of Complaints"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is such a cause already.")
