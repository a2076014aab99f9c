from odoo import fields, models


class SaleReport(models.Model):
    """Odoo's sales analysis by class, nature and ownership: the product mix of a kind of customers (P4)."""

    _inherit = "sale.report"

    customer_tier_id = fields.Many2one("customer.tier", string="Class", readonly=True)
    customer_nature = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_nature"]._description_selection(self.env),
        string="Nature",
        readonly=True,
    )
    customer_ownership = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_ownership"]._description_selection(self.env),
        string="Ownership",
        readonly=True,
    )

    def _select_additional_fields(self):
        # Contacts have no nature of their own: it is the firm's.
        return {
            **super()._select_additional_fields(),
            "customer_tier_id": "customer_main.tier_id",
            "customer_nature": "customer_entity.customer_nature",
            "customer_ownership": "customer_entity.customer_ownership",
        }

    def _from_sale(self):
        main = self.env["customer.tier.membership"]._main_sql().code
        return f"""{super()._from_sale()}
            JOIN res_partner customer_entity ON customer_entity.id = partner.commercial_partner_id
            LEFT JOIN ({main}) customer_main
                ON customer_main.partner_id = partner.commercial_partner_id AND customer_main.company_id = s.company_id
            """

    def _group_by_sale(self):
        return f"""{super()._group_by_sale()},
            customer_main.tier_id,
            customer_entity.customer_nature,
            customer_entity.customer_ownership"""
