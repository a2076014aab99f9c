from odoo import fields, models


class CustomerScorecardTemplate(models.Model):
    """Credit assessments are evaluations of a purpose of their own (C3)."""

    _inherit = "customer.scorecard.template"

    purpose = fields.Selection(selection_add=[("credit", "Credit Assessment")], ondelete={"credit": "set default"})
