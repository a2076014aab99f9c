from odoo import fields, models

IMPACT_MAX = 5


class CustomerReputationKind(models.Model):
    """Kinds of reputation events, with the impact that is proposed for each (E3)."""

    _name = "customer.reputation.kind"
    _description = "Kind of Reputation Event"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    impact = fields.Integer(
        required=True,
        default=0,
        help="Proposed impact of an event, from -5 (ruins the name) to +5 (makes the name).",
    )
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _impact_range = models.Constraint("CHECK (impact BETWEEN -5 AND 5)", "The impact lies between -5 and +5.")
