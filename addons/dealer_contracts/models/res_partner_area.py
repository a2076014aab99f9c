from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    dealer_area_id = fields.Many2one(
        "dealer.area",
        string="Sales Area",
        prefetch="dealer_contracts",
        index="btree_not_null",
        help="Only if the address alone doesn't tell the area that deliveries go to.",
    )
