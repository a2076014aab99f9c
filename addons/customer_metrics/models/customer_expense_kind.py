from odoo import fields, models


class CustomerExpenseKind(models.Model):
    """What an expense on a customer was for: promotion, advertising, gifts (S3)."""

    _name = "customer.expense.kind"
    _description = "Kind of Customer Expense"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "There is already a kind of expense with this name.")
