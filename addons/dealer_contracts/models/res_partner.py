from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    legal_representative = fields.Char(
        prefetch="dealer_contracts", help="Who represents the firm by law (法定代表人), as contracts print it."
    )
    contract_signatory_id = fields.Many2one(
        "res.partner",
        string="Signs Contracts",
        prefetch="dealer_contracts",
        index="btree_not_null",
        domain="[('parent_id', '=', id)]",
        help="Who signs contracts for the firm; otherwise the first contact does.",
    )
