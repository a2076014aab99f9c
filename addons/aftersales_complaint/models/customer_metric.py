from datetime import timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# What is complained about once counts once: neither its doubles nor its being taken up again.
FIRST_HAND = Domain("duplicate_of_id", "=", False) & Domain("origin_id", "=", False)


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    source = fields.Selection(selection_add=[("complaint", "Complaints")], ondelete={"complaint": "set default"})

    # === QUERIES === #

    @api.model
    def _complaints(self, customers, date_from, date_to):
        """Return {customer id: (complaints of [date_from, date_to), moment of the oldest that is open at the end)}: one
        query.

        Zero, and None, for who complained before that only; who never complained is missing.
        """

        def query():
            self.env["complaint.complaint"].flush_model(
                ["closed_on", "company_id", "duplicate_of_id", "origin_id", "partner_id", "received_on"]
            )
            start, end = self.env.company._customer_moments(date_from, date_to)
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT customer.commercial_partner_id,
                           COUNT(*) FILTER (
                               WHERE complaint.received_on >= %(start)s
                                 AND complaint.duplicate_of_id IS NULL
                                 AND complaint.origin_id IS NULL
                           ),
                           MIN(complaint.received_on) FILTER (
                               WHERE complaint.closed_on IS NULL OR complaint.closed_on >= %(end)s
                           )
                      FROM complaint_complaint complaint
                      JOIN res_partner customer ON customer.id = complaint.partner_id
                     WHERE complaint.company_id = %(company)s
                       AND complaint.received_on < %(end)s
                       AND customer.commercial_partner_id IN (SELECT UNNEST(%(customers)s::integer[]))
                  GROUP BY customer.commercial_partner_id
                    """,
                    start=start,
                    end=end,
                    company=self.env.company.id,
                    customers=customers.ids,
                )
            )
            return {partner_id: (number, oldest) for partner_id, number, oldest in rows}

        return self._once(("complaints", customers._ids, date_from, date_to), query)

    # === METRICS === #

    @api.model
    def _metric_complaints(self, customers, date_to, months):
        """Complaints of the window; zero for who bought or complained before, no data for all others."""
        found = dict.fromkeys(self._trade_span(customers, date_to), 0)
        complaints = self._complaints(customers, date_to - relativedelta(months=months), date_to)
        found.update((customer_id, number) for customer_id, (number, _oldest) in complaints.items())
        return found

    @api.model
    def _metric_complaint_open_days(self, customers, date_to, months):
        """Days since the oldest complaint came that is open at the end; no data where none is."""
        zone = pytz.timezone(self.env.company._customer_timezone())
        eve = date_to - timedelta(days=1)
        complaints = self._complaints(customers, date_to - relativedelta(months=months), date_to)
        return {
            customer_id: (eve - pytz.utc.localize(oldest).astimezone(zone).date()).days
            for customer_id, (_number, oldest) in complaints.items()
            if oldest
        }

    @api.model
    def _metric_complaint_returns(self, customers, date_to, months):
        """What complaints of the window sent back, at the untaxed price of the order, in per cent of the sales before
        credit notes; no data without such sales."""
        date_from = date_to - relativedelta(months=months)
        start, end = self.env.company._customer_moments(date_from, date_to)
        values = {}
        returned = {
            customer.id: value
            for customer, value in self.env["complaint.remedy"]
            .sudo()
            ._read_group(
                Domain("company_id", "=", self.env.company.id)
                & Domain("kind", "=", "return")
                & Domain("state", "in", ["approved", "done"])
                & Domain("complaint_id.decided_on", ">=", start)
                & Domain("complaint_id.decided_on", "<", end)
                & self._customers_domain(customers),
                ["partner_id.commercial_partner_id"],
                ["sales_value:sum"],
            )
        }
        for customer_id, (sales, _margin, _orders, credited) in self._trade(customers, date_from, date_to).items():
            base = sales + credited
            values[customer_id] = 100 * returned.get(customer_id, 0.0) / base if base > 0 else None
        return values

    # === THE DOCUMENTS BEHIND === #

    def _documents_of_complaint(self, customer, date_to, months):
        """The complaints of the window, those that are open, or the returns that complaints brought."""
        date_from = date_to - relativedelta(months=months)
        start, end = (fields.Datetime.to_string(day) for day in self.env.company._customer_moments(date_from, date_to))
        if self.code == "complaint_returns":
            domain = (
                Domain("kind", "=", "return")
                & Domain("state", "in", ["approved", "done"])
                & Domain("complaint_id.decided_on", ">=", start)
                & Domain("complaint_id.decided_on", "<", end)
            )
            return self._rows_action("aftersales_complaint.complaint_remedy_action", customer, domain)
        domain = Domain("received_on", "<", end)
        if self.code == "complaint_open_days":
            domain &= Domain("closed_on", "=", False) | Domain("closed_on", ">=", end)
        else:
            domain &= Domain("received_on", ">=", start) & FIRST_HAND
        views = [(False, "list"), (False, "form"), (False, "pivot"), (False, "graph")]
        return self._rows_action("aftersales_complaint.complaint_complaint_action", customer, domain, views=views)
