from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    @api.model
    def _metric_longest_late(self, customers, date_to, months):
        """Most days late of anything that fell due in the window, paid since or still unpaid; zero if all was on time.

        Parts of receivables count as in the average days late.
        """

        def query():
            self._receivable_flush()
            rows = self.env.execute_query(
                SQL(
                    "SELECT partner_id, MAX(late) FROM (%s) part GROUP BY partner_id HAVING SUM(amount) > 0",
                    self.env["customer.payment.report"]._parts_sql(
                        date_to, self.env.company, customers.ids, date_to - relativedelta(months=months)
                    ),
                )
            )
            return {partner_id: int(late) for partner_id, late in rows}

        return self._once(("longest_late", customers._ids, date_to, months), query)

    def _documents_of_receivable(self, customer, date_to, months):
        """The longest delay is one of those that the average is made of."""
        metric = self
        if self.code == "longest_late":
            metric = self.env.ref("customer_metrics.customer_metric_days_late")
        return super(CustomerMetric, metric)._documents_of_receivable(customer, date_to, months)
