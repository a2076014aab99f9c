from odoo import fields, models

CLASSES = [
    ("a", "A \N{MIDDLE DOT} Sell now"),
    ("b", "B \N{MIDDLE DOT} Close the gap"),
    ("c", "C \N{MIDDLE DOT} Keep in sight"),
    ("d", "D \N{MIDDLE DOT} Let go"),
]


class CustomerProspectCombination(models.Model):
    """What to do for each of the eight combinations of money, authority and need (E6)."""

    _name = "customer.prospect.combination"
    _description = "Prospect Combination"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    money = fields.Boolean(readonly=True, help="Has the money.")
    authority = fields.Boolean(readonly=True, help="The person we talk with decides.")
    need = fields.Boolean(readonly=True, help="Needs what we sell.")
    prospect_class = fields.Selection(CLASSES, string="Class", required=True, default="c")
    advice = fields.Text(translate=True, help="What to do with such a prospect.")
    sequence = fields.Integer(default=10)

    _answers_unique = models.Constraint(
        "UNIQUE (money, authority, need)", "There is one combination for each answer to the three questions."
    )
