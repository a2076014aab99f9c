from odoo import api, models
from odoo.tools import SQL


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    @api.model
    def _metric_credit_limit(self, customers, date_to, months):
        """Credit limit as Odoo's accounting keeps it today, in company currency; no data where there is none.

        The limit of the customer counts; where it is not set, that of the company, when the company uses limits.
        """
        company = self.env.company
        field = self.env["res.partner"]._fields["credit_limit"]
        self.env["res.partner"].flush_model(["credit_limit"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id, (credit_limit->>%s)::float8 FROM res_partner WHERE id IN (SELECT UNNEST(%s::integer[]))",
                str(company.id),
                customers.ids,
            )
        )
        common = 0
        if company.account_use_credit_limit:
            common = field.get_company_dependent_fallback(self.env["res.partner"].sudo()) or 0
        limits = {customer_id: common if limit is None else limit for customer_id, limit in rows}
        return {customer_id: limit for customer_id, limit in limits.items() if limit > 0}
