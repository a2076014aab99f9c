from odoo import fields, models


class ComplaintKind(models.Model):
    """What a complaint line is about: quality, packaging, transport, quantity, wrong goods, service, price."""

    _name = "complaint.kind"
    _description = "Kind of Complaint"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    needs_product = fields.Boolean(default=True, help="A line of this kind names the product and the quantity.")
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is such a kind already.")
