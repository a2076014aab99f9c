from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .customer_reputation_kind import IMPACT_MAX
from .trend import DAYS_PER_MONTH


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    unit = fields.Selection(selection_add=[("points", "Points")], ondelete={"points": "set default"})
    source = fields.Selection(
        selection_add=[("reputation", "Reputation events")], ondelete={"reputation": "set default"}
    )

    @api.model
    def _metric_reputation(self, customers, date_to, months):
        """Sum of the impacts of the reputation events before date_to, each halved after every half-life of the
        company, cut off at -5 and +5; no data without an event (E3). How long the window is doesn't matter.
        """

        def query():
            self.env["customer.reputation.event"].flush_model(["partner_id", "company_id", "date", "impact"])
            company = self.env.company
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, SUM(impact * POWER(0.5, (%(today)s - date) / %(half_life)s::float))
                      FROM customer_reputation_event
                     WHERE company_id = %(company)s
                       AND partner_id IN (SELECT UNNEST(%(customers)s::integer[]))
                       AND date < %(date_to)s
                  GROUP BY partner_id
                    """,
                    today=date_to - timedelta(days=1),
                    half_life=company.eval_half_life_months * DAYS_PER_MONTH,
                    company=company.id,
                    customers=customers.ids,
                    date_to=date_to,
                )
            )
            return {partner_id: max(-IMPACT_MAX, min(IMPACT_MAX, round(points, 2))) for partner_id, points in rows}

        return self._once(("reputation", customers._ids, date_to), query)

    def _documents_of_reputation(self, customer, date_to, months):
        """The events before date_to, however old: they fade, but never stop counting."""
        return self._rows_action(
            "customer_eval.customer_reputation_event_action",
            customer,
            self._window_domain(None, date_to),
            views=[(False, "list"), (False, "form")],
        )
