from datetime import timedelta
from statistics import median

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from .rhythm import fit_prior, silence_probability

GAPS_MAX = 24
GAPS_FOR_INTERVAL = 2
GAPS_FOR_PROBABILITY = 3
SAMPLE_SIZE = 2000
SAMPLE_MONTHS = 24


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    @api.model
    def _purchase_days(self, customers, date_to):
        """Return {customer id: the last purchase days before date_to, 25 at most, oldest first}: one query.

        Several orders on one day are one purchase.
        """

        def query():
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, ARRAY_AGG(day ORDER BY day)
                      FROM (
                        SELECT partner_id, day, ROW_NUMBER() OVER (PARTITION BY partner_id ORDER BY day DESC) AS number
                          FROM (SELECT DISTINCT partner_id, day FROM (%s) purchase) purchase_day
                      ) recent
                     WHERE number <= %s
                  GROUP BY partner_id
                    """,
                    self._trade_days(customers, date_to),
                    GAPS_MAX + 1,
                )
            )
            return dict(rows)

        return self._once(("purchase_days", customers._ids, date_to), query)

    @api.model
    def _purchase_gaps(self, customers, date_to):
        """Return {customer id: (gaps in working days between the last purchase days, oldest first; working days of
        silence since the last)}: the purchase days, and the calendar of the company."""
        found = self._purchase_days(customers, date_to)
        if not found:
            return {}
        date_from = min(days[0] for days in found.values())
        working = self._once(
            ("working_days", date_from, date_to),
            lambda: self.env.company._customer_working_days(date_from, date_to),
        )
        return {
            customer_id: (
                [working.gap(before, after) for before, after in zip(days, days[1:], strict=False)],
                working.count(days[-1] + timedelta(days=1), date_to),
            )
            for customer_id, days in found.items()
        }

    @api.model
    def _rhythm_prior(self):
        """Return (k, r, alpha) of the present company: as last measured, else measured now on a sample."""
        company = self.env.company
        if company.customer_rhythm_date:
            return company.customer_rhythm_shape, company.customer_rhythm_r, company.customer_rhythm_alpha
        return self._once("rhythm_prior", self._measure_rhythm)

    @api.model
    def _measure_rhythm(self):
        """Return (k, r, alpha) fitted to up to 2,000 customers who bought in the last 24 months."""
        company = self.env.company
        date_to = company._customer_today() + timedelta(days=1)
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM (%s) document ORDER BY partner_id",
                self._trade_documents(None, date_to - relativedelta(months=SAMPLE_MONTHS), date_to, amounts=False),
            )
        )
        step = max(1, -(-len(rows) // SAMPLE_SIZE))
        sample = self.env["res.partner"].browse([partner_id for (partner_id,) in rows[::step]])
        return fit_prior([gaps for gaps, _silence in self._purchase_gaps(sample, date_to).values()])

    @api.model
    def _cron_measure_rhythm(self):
        """Measure the rhythm of every company's customers anew."""
        companies = self.env["res.company"].search([])
        for company in companies:
            shape, r, alpha = self.with_company(company)._measure_rhythm()
            company.write(
                {
                    "customer_rhythm_shape": shape,
                    "customer_rhythm_r": r,
                    "customer_rhythm_alpha": alpha,
                    "customer_rhythm_date": company._customer_today(),
                }
            )
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _metric_usual_interval(self, customers, date_to, months):
        """Median of the last 24 gaps between purchase days, in days; no data below three purchase days."""
        return {
            customer_id: median((after - before).days for before, after in zip(days, days[1:], strict=False))
            for customer_id, days in self._purchase_days(customers, date_to).items()
            if len(days) > GAPS_FOR_INTERVAL
        }

    @api.model
    def _metric_silence_probability(self, customers, date_to, months):
        """Per cent of the gaps of a customer with this rhythm that would last longer than the present silence.

        Gaps and silence are counted in working days of the company, so that a week of public holidays warns of
        nobody. The smaller the figure is, the less the silence fits the customer. No data below four purchase days.
        See :func:`~.rhythm.silence_probability`.
        """
        eligible = {
            customer_id: (gaps, silence)
            for customer_id, (gaps, silence) in self._purchase_gaps(customers, date_to).items()
            if len(gaps) >= GAPS_FOR_PROBABILITY
        }
        if not eligible:
            return {}
        shape, r, alpha = self._rhythm_prior()
        return {
            customer_id: 100 * silence_probability(len(gaps), sum(gaps), silence, shape, r, alpha)
            for customer_id, (gaps, silence) in eligible.items()
        }
