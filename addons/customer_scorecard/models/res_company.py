from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_scorecard_sequence()
        return companies

    def _create_scorecard_sequence(self):
        """Give companies their own numbers of evaluations."""
        Sequence = self.env["ir.sequence"].sudo()
        numbered = Sequence.search([("code", "=", "customer.scorecard"), ("company_id", "in", self.ids)]).company_id
        Sequence.create(
            [
                {
                    "name": "Customer evaluations",
                    "code": "customer.scorecard",
                    "prefix": "EV",
                    "padding": 6,
                    "company_id": company.id,
                }
                for company in self - numbered
            ]
        )

    @api.model
    def _scorecard_sequences_init(self):
        self.search([])._create_scorecard_sequence()
