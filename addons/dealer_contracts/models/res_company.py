from odoo import api, models


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_contract_sequence()
        return companies

    def _create_contract_sequence(self):
        """Give companies their own numbers of contracts, which begin anew each year.

        Without gaps: a number that nobody can show a contract for raises questions.
        """
        Sequence = self.env["ir.sequence"].sudo()
        numbered = Sequence.search([("code", "=", "dealer.contract"), ("company_id", "in", self.ids)]).company_id
        Sequence.create(
            [
                {
                    "name": "Dealer contracts",
                    "code": "dealer.contract",
                    "implementation": "no_gap",
                    "prefix": "HT%(range_year)s-",
                    "padding": 4,
                    "use_date_range": True,
                    "company_id": company.id,
                }
                for company in self - numbered
            ]
        )

    @api.model
    def _contract_sequences_init(self):
        self.search([])._create_contract_sequence()
