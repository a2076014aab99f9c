from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.fields import Domain

from .working_days import WorkingDays

MINUTE = timedelta(minutes=1)


class ResCompany(models.Model):
    _inherit = "res.company"

    customer_sales_basis = fields.Selection(
        selection=[("order", "Confirmed orders"), ("invoice", "Posted invoices")],
        string="Customer Sales Basis",
        default="order",
        required=True,
        help="The documents that every sales and margin figure of a customer is made of in this company. "
        "Credit notes are deducted either way.",
        prefetch="customer_metrics",
    )
    customer_rhythm_shape = fields.Integer(
        readonly=True,
        help="Regularity k, 1 to 6, of the gaps between the purchase days of this company's customers.",
        prefetch="customer_metrics",
    )
    customer_rhythm_r = fields.Float(
        digits=0,
        readonly=True,
        help="Shape of the distribution of the purchase rates of this company's customers.",
        prefetch="customer_metrics",
    )
    customer_rhythm_alpha = fields.Float(
        digits=0,
        readonly=True,
        help="Rate, in working days, of the distribution of the customers' purchase rates.",
        prefetch="customer_metrics",
    )
    customer_rhythm_date = fields.Date(
        readonly=True,
        help="Day on which the rhythm of all customers was last measured.",
        prefetch="customer_metrics",
    )

    def _customer_timezone(self):
        """Return the name of the time zone on whose clock a day of this company begins."""
        self.ensure_one()
        return self.sudo().partner_id.tz or "UTC"

    def _customer_today(self):
        """Return the present day on the clock of this company."""
        self.ensure_one()
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._customer_timezone())).date()

    def _customer_moments(self, date_from, date_to):
        """Return the moments, as Odoo stores them, at which two days begin on the clock of this company.

        None stays None.
        """
        self.ensure_one()
        zone = pytz.timezone(self._customer_timezone())
        return [
            day and zone.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (date_from, date_to)
        ]

    # === WORKING DAYS === #

    def _customer_working_days(self, date_from, date_to):
        """Return the company's working days of [date_from, date_to): the days of its working hours, less public
        holidays, and with the days off that are worked in exchange.

        A public holiday is a time off that belongs to no single resource, of the company and of its working hours, or
        of any working hours. It takes away a day that it covers from the first working hour to the last. One of
        the kind "Other" is worked instead: it adds each day on which it lies (in China 调休上班). Without working
        hours every day counts.

        :rtype: WorkingDays
        """
        self.ensure_one()
        company = self.sudo()
        calendar = company.resource_calendar_id
        hours = calendar._customer_hours_by_weekday()
        off, extra = set(), set()
        if hours:
            off, extra = company._customer_days_off(date_from, date_to, hours)

        def is_working(day):
            return not hours or day in extra or (day not in off and calendar._customer_weekday(day) in hours)

        return WorkingDays(date_from, date_to, is_working)

    def _customer_days_off(self, date_from, date_to, hours):
        """Return (days that public holidays take away, days that are worked instead) of [date_from, date_to)."""
        calendar = self.resource_calendar_id
        zone = pytz.timezone(calendar.tz or "UTC")
        span = [datetime.combine(date_from, time()) - timedelta(days=1), datetime.combine(date_to, time())]
        holidays = self.env["resource.calendar.leaves"].search(
            Domain("resource_id", "=", False)
            & Domain("company_id", "in", [self.id, False])
            & Domain("calendar_id", "in", [calendar.id, False])
            & Domain("date_to", ">=", span[0])
            & Domain("date_from", "<=", span[1] + timedelta(days=1))
        )
        off, extra = set(), set()
        for holiday in holidays:
            start, end = (
                pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)
                for moment in (holiday.date_from, holiday.date_to)
            )
            for number in range((end.date() - start.date()).days + 1):
                day = start.date() + timedelta(days=number)
                if holiday.time_type == "other":
                    extra.add(day)
                    continue
                first, last = hours.get(calendar._customer_weekday(day), (0, 0))
                midnight = datetime.combine(day, time())
                opens, closes = (midnight + timedelta(hours=hour) for hour in (first, last))
                if start <= opens + MINUTE and end >= closes - MINUTE:
                    off.add(day)
        return off, extra
