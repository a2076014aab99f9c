from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import float_round


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    total_metric_id = fields.Many2one(
        "customer.metric",
        string="Average of",
        readonly=True,
        ondelete="restrict",
        help="The figure is this one divided by the months of the period. In schemes, a customer who is newer than the "
        "period is measured over the months since the first order.",
    )

    @api.model
    def _metric_average_monthly_margin(self, customers, date_to, months):
        """Margin of the window divided by its months, in company currency."""
        rounding = self.env.company.currency_id.rounding
        return {
            customer_id: float_round(margin / months, precision_rounding=rounding)
            for customer_id, (_sales, margin, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_months_since_first_order(self, customers, date_to, months):
        """Months from the first order, or invoice, to date_to, one begun counted whole; the window does not matter.

        It is the smallest number of months n for which the first order lies in [date_to - n months, date_to).
        """
        result = {}
        months_to, on_first = 12 * date_to.year + date_to.month, date_to.day == 1
        for customer_id, (first, _last) in self._trade_span(customers, date_to).items():
            count = months_to - 12 * first.year - first.month
            result[customer_id] = count + (not on_first and date_to - relativedelta(months=count) > first)
        return result
