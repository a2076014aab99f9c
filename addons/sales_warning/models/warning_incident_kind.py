from odoo import fields, models

from .warning_rule import LEVELS


class WarningIncidentKind(models.Model):
    """What may happen to a customer: theft, accident, break-up of the firm, serious illness (W5)."""

    _name = "warning.incident.kind"
    _description = "Kind of Incident"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    severity = fields.Selection(
        LEVELS, required=True, default="red", help="What is proposed to who reports such an incident."
    )
    active = fields.Boolean(default=True)
