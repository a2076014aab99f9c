from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditGuaranteeKind(models.Model):
    """What kind of security a customer gives, and how much of it is counted as a rule (C8)."""

    _name = "credit.guarantee.kind"
    _description = "Kind of Guarantee"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    rate = fields.Float("Counted (%)", digits=(16, 2), default=100.0, help="Part of the amount that is counted.")

    @api.constrains("rate")
    def _check_rate(self):
        for kind in self:
            if not 0 <= kind.rate <= 100:
                raise ValidationError(
                    self.env._("%(rate)s %% of a guarantee can't be counted: give 0 to 100.", rate=f"{kind.rate:g}")
                )
