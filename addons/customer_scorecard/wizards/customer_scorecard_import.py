from odoo import fields, models


class CustomerScorecardImport(models.TransientModel):
    """Makes a draft version from a workbook, or offers a workbook made from a version."""

    _name = "customer.scorecard.import"
    _description = "Import a Scorecard Template"

    template_id = fields.Many2one(
        "customer.scorecard.template", help="Gets a new draft; empty: a new template is made."
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()

    def action_import(self):
        """Read the workbook; nothing is imported when anything is wrong with it."""
