from odoo import fields, models

PURPOSES = [
    ("dealer", "Dealer Evaluation"),
    ("screen", "Customer Screen"),
    ("key_account", "Key Accounts"),
    ("small", "Small and Middle Customers"),
    ("audit", "Field Audit"),
]


class CustomerScorecardTemplate(models.Model):
    """Purposes of the shipped templates (E6)."""

    _inherit = "customer.scorecard.template"

    purpose = fields.Selection(selection_add=PURPOSES, ondelete={purpose: "set default" for purpose, _name in PURPOSES})
