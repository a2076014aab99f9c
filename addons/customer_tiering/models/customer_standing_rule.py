from odoo import api, fields, models

from .customer_standing_criterion import PURPOSES


class CustomerStandingRule(models.Model):
    """How the criteria of a standing work together: of those that aren't required, how many have to be met."""

    _name = "customer.standing.rule"
    _description = "Rule of a Standing"
    _order = "purpose"
    _rec_name = "purpose"

    purpose = fields.Selection(PURPOSES, required=True, readonly=True)
    optional_count = fields.Integer(
        "Optional Criteria to Meet",
        help="Of the criteria that aren't required; where there are fewer of them, all. 0: the required ones suffice.",
    )
    required_count = fields.Integer("Required Criteria", compute="_compute_counts")
    other_count = fields.Integer("Optional Criteria", compute="_compute_counts")

    _purpose_unique = models.Constraint("UNIQUE (purpose)", "There is one rule for a standing.")
    _optional_count_positive = models.Constraint("CHECK (optional_count >= 0)", "A number of criteria isn't below 0.")

    @api.depends("purpose")
    def _compute_counts(self):
        groups = self.env["customer.standing.criterion"]._read_group([], ["purpose", "required"], ["__count"])
        counts = {(purpose, required): count for purpose, required, count in groups}
        for rule in self:
            rule.required_count = counts.get((rule.purpose, True), 0)
            rule.other_count = counts.get((rule.purpose, False), 0)

    @api.model
    def _optional(self, purpose):
        """Return how many of the optional criteria of a purpose have to be met."""
        return self.sudo().search([("purpose", "=", purpose)], limit=1).optional_count
