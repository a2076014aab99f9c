from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_round


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    source = fields.Selection(selection_add=[("expense", "Expenses")], ondelete={"expense": "set default"})

    # === QUERIES === #

    @api.model
    def _expenses(self, customers, date_from, date_to):
        """Return {customer id: posted expenses of [date_from, date_to)}, in company currency: one query.

        Zero for who had an expense before that only; who never had one is missing.
        """

        def query():
            self.env["customer.expense"].flush_model(["amount_company", "company_id", "date", "partner_id", "state"])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT customer.commercial_partner_id,
                           SUM(expense.amount_company) FILTER (WHERE expense.date >= %s)
                      FROM customer_expense expense
                      JOIN res_partner customer ON customer.id = expense.partner_id
                     WHERE expense.company_id = %s
                       AND expense.state = 'posted'
                       AND expense.date < %s
                       AND customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))
                  GROUP BY customer.commercial_partner_id
                    """,
                    date_from,
                    self.env.company.id,
                    date_to,
                    customers.ids,
                )
            )
            return {partner_id: float(amount or 0) for partner_id, amount in rows}

        return self._once(("expenses", customers._ids, date_from, date_to), query)

    @api.model
    def _by_month_expense(self, customers, date_from, date_to):
        """Posted expenses of each month, in company currency."""
        found = {}
        for customer, month, amount in (
            self.env["customer.expense"]
            .sudo()
            ._read_group(
                Domain("company_id", "=", self.env.company.id)
                & Domain("state", "=", "posted")
                & self._window_domain(date_from, date_to)
                & self._customers_domain(customers),
                ["partner_id.commercial_partner_id", "date:month"],
                ["amount_company:sum"],
            )
        ):
            found.setdefault(customer.id, {})[fields.Date.to_date(month)] = amount
        return found

    # === METRICS === #

    @api.model
    def _metric_expense(self, customers, date_to, months):
        """Posted expenses of the window, in company currency; no data for who never had one."""
        rounding = self.env.company.currency_id.rounding
        expenses = self._expenses(customers, date_to - relativedelta(months=months), date_to)
        return {
            customer_id: float_round(amount, precision_rounding=rounding) for customer_id, amount in expenses.items()
        }

    @api.model
    def _metric_expense_ratio(self, customers, date_to, months):
        """Posted expenses in per cent of the sales of the window; no data without expenses ever, or positive sales."""
        date_from = date_to - relativedelta(months=months)
        trade = self._trade(customers, date_from, date_to)
        values = {}
        for customer_id, amount in self._expenses(customers, date_from, date_to).items():
            sales = trade[customer_id][0] if customer_id in trade else 0
            values[customer_id] = 100 * amount / sales if sales > 0 else None
        return values

    # === THE DOCUMENTS BEHIND === #

    def _documents_of_expense(self, customer, date_to, months):
        """The posted expenses of the window."""
        domain = Domain("state", "=", "posted") & self._window_domain(date_to - relativedelta(months=months), date_to)
        return self._rows_action("customer_metrics.customer_expense_action", customer, domain)
