from odoo import fields, models


class SaleOrderHoldCode(models.Model):
    """Why holds are decided as they are, for statistics; the words of each decision stand beside it."""

    _name = "sale.order.hold.code"
    _description = "Hold Decision Reason"
    _order = "decision, sequence, id"

    name = fields.Char(required=True, translate=True)
    decision = fields.Selection([("released", "Release"), ("refused", "Refusal")], required=True, default="released")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
