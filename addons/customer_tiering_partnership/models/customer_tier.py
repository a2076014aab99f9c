from odoo import fields, models


class CustomerTier(models.Model):
    """A class may bring a partner level of Odoo (T8)."""

    _inherit = "customer.tier"

    partner_grade_id = fields.Many2one(
        "res.partner.grade",
        string="Partner Level",
        company_dependent=True,
        ondelete="restrict",
        domain="[('company_id', 'in', (False, allowed_company_ids[0]))]",
        help="Becomes the customer's partner level on entering the class, in this company. The level's own price list "
        "comes with it, unless the class has one.",
    )

    def _enter(self, customers, company, left):
        """Give the partner level first: the price list of the class is stronger than that of the level."""
        self._enter_partner_grade(customers, company, left)
        return super()._enter(customers, company, left)

    def _enter_partner_grade(self, customers, company, left):
        customers = customers.with_company(company)
        grade = self.with_company(company).partner_grade_id
        if not grade:
            # What the class before brought goes with it; a level given by hand stays.
            customers = customers.filtered(
                lambda customer: (
                    (before := left[customer.id].with_company(company).partner_grade_id) and customer.grade_id == before
                )
            )
        customers = customers.filtered(lambda customer: customer.grade_id != grade)
        if customers:
            customers.write({"grade_id": grade.id})
