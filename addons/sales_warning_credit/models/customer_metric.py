from odoo import api, fields, models
from odoo.tools import SQL


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    @api.model
    def _metric_credit_limit(self, customers, date_to, months):
        """Limit of the credit account as it holds today, temporary limits and guarantees included, in company currency.

        Zero for a customer without credit, no data for one with unlimited credit. Who has no account has what the
        company gives to new customers: one query, see :meth:`res.partner._credit_exposure` for the same limit.
        """
        company = self.env.company
        settings = self.env["res.company"]._credit_settings(company.id)
        today = fields.Date.context_today(self)
        for model in ("credit.account", "credit.temporary.limit", "credit.guarantee"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.id, COALESCE(a.mode, %(mode)s),
                       CASE WHEN a.id IS NULL THEN %(limit)s
                            WHEN a.mode = 'amount' THEN COALESCE(a.credit_limit, 0)::float8 ELSE 0 END
                       + COALESCE((SELECT SUM(t.amount) FROM credit_temporary_limit t
                                    WHERE t.account_id = a.id AND %(in_force)s), 0)::float8
                       + COALESCE((SELECT SUM(g.amount_counted) FROM credit_guarantee g
                                    WHERE g.account_id = a.id AND %(valid)s), 0)::float8
                  FROM UNNEST(%(customers)s::integer[]) AS v (id)
             LEFT JOIN credit_account a ON a.partner_id = v.id AND a.active AND a.company_id = %(keeper)s
                """,
                mode=settings.default_mode,
                limit=settings.default_limit,
                in_force=self.env["credit.temporary.limit"]._in_force_sql("t", today),
                valid=self.env["credit.guarantee"]._valid_sql("g", today),
                customers=customers.ids,
                keeper=settings.keeper_id,
            )
        )
        limits = {customer_id: limit for customer_id, mode, limit in rows if mode != "unlimited"}
        currency = self.env["res.currency"].browse(settings.currency_id)
        if currency != company.currency_id:
            rate = currency._get_conversion_rate(currency, company.currency_id, company, today)
            limits = {customer_id: company.currency_id.round(limit * rate) for customer_id, limit in limits.items()}
        return limits
