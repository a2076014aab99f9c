from bisect import bisect_left
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

# A calendar without working hours closes at six in the evening.
CLOSING_HOUR = 18.0


class ResCompany(models.Model):
    _inherit = "res.company"

    complaint_user_id = fields.Many2one(
        "res.users",
        string="Owner of New Complaints",
        domain="[('share', '=', False)]",
        help="Owns what comes by portal and e-mail until somebody takes it over.",
        prefetch="aftersales_complaint",
    )
    complaint_cap = fields.Monetary(
        "Cap on Complaint Decisions",
        currency_field="currency_id",
        help="What a decider without a cap of one's own may decide alone, in company currency.",
        prefetch="aftersales_complaint",
    )

    complaint_mail_acknowledge = fields.Boolean(
        "Write When a Complaint Is Acknowledged", default=True, prefetch="aftersales_complaint"
    )
    complaint_mail_close = fields.Boolean(
        "Write When a Complaint Is Closed",
        default=True,
        help="The mail asks how the customer found the handling.",
        prefetch="aftersales_complaint",
    )
    complaint_repeat_days = fields.Integer(
        "Repeated Within (Days)",
        default=90,
        help="A complaint is repeated when the same customer complained about the same product, in the same way, not "
        "longer ago than this.",
        prefetch="aftersales_complaint",
    )

    _complaint_repeat_days_positive = models.Constraint(
        "CHECK (complaint_repeat_days >= 0)", "Days are not below zero."
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_complaint_sequence()
        return companies

    def _create_complaint_sequence(self):
        """Give companies their own numbers of complaints."""
        Sequence = self.env["ir.sequence"].sudo()
        numbered = Sequence.search([("code", "=", "complaint.complaint"), ("company_id", "in", self.ids)]).company_id
        Sequence.create(
            [
                {
                    "name": "Complaints",
                    "code": "complaint.complaint",
                    "prefix": "CP%(year)s-",
                    "padding": 5,
                    "company_id": company.id,
                }
                for company in self - numbered
            ]
        )

    @api.model
    def _complaint_sequences_init(self):
        self.search([])._create_complaint_sequence()

    def _complaint_owner(self):
        """Return the user who owns complaints that come without anybody's hand."""
        self.ensure_one()
        owner = self.sudo().complaint_user_id
        if owner.active and owner:
            return owner
        managers = self._complaint_managers()
        return managers[:1] or self.env.ref("base.user_admin")

    def _complaint_managers(self):
        """Return the active managers of complaints of a company, the oldest first."""
        self.ensure_one()
        group = self.env.ref("aftersales_complaint.group_complaint_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and self in user.company_ids
        ).sorted("id")

    def _complaint_deadlines(self, moment, numbers):
        """Return the moments at which numbers of working days after a moment are over: see :meth:`_complaint_moments`.

        :param datetime moment: UTC, naive
        :param numbers: iterable of working days, each at least 0
        :rtype: list of naive UTC datetimes
        """
        numbers = list(numbers)
        moments = self._complaint_moments({(moment, number) for number in numbers})
        return [moments[moment, number] for number in numbers]

    def _complaint_moments(self, wanted):
        """Return {(moment, number): moment at which that number of working days after it is over}, all at once.

        Day zero is the working day of the moment; what comes after closing, or on a day off, counts for the next
        working day. A deadline is the closing hour of its day on the company's working hours, public holidays and
        days worked in exchange considered. The number of queries doesn't depend on how many are asked for.

        :param wanted: iterable of (naive UTC datetime, number of working days, at least 0)
        :rtype: dict of naive UTC datetimes
        """
        self.ensure_one()
        wanted = set(wanted)
        if not wanted:
            return {}
        calendar = self.sudo().resource_calendar_id
        zone = pytz.timezone(calendar.tz or self._customer_timezone())
        hours = calendar._customer_hours_by_weekday() if calendar else {}
        local = {moment: pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None) for moment, _number in wanted}
        first, last = min(local.values()).date(), max(local.values()).date()
        highest = max(number for _moment, number in wanted)
        # Long enough for public holidays of two weeks on end, and doubled where it isn't.
        length = 30 + 3 * highest
        while True:
            end = last + timedelta(days=length)
            counted = self._customer_working_days(first, end)
            every = (first + timedelta(days=number) for number in range((end - first).days))
            days = [day for day in every if counted.count(day, day + timedelta(days=1))]
            if (days and len(days) - bisect_left(days, last) > highest + 1) or length > 3000:
                break
            length *= 2
        closing = {}
        found = {}
        for moment, number in wanted:
            place = bisect_left(days, local[moment].date())
            if place < len(days) and days[place] == local[moment].date():
                place += local[moment] >= self._complaint_closing(days[place], hours)
            # Who never works again owes nothing before the end of what was looked at.
            day = days[min(place + number, len(days) - 1)] if days else end
            if day not in closing:
                at = self._complaint_closing(day, hours)
                closing[day] = zone.localize(at).astimezone(pytz.utc).replace(tzinfo=None)
            found[moment, number] = closing[day]
        return found

    def _complaint_closing(self, day, hours):
        """Return the closing time of a day on the clock of the working hours; a day worked in exchange closes when
        the latest of the others does."""
        closing = hours.get(self.sudo().resource_calendar_id._customer_weekday(day)) if hours else None
        hour = closing[1] if closing else max((last for _first, last in hours.values()), default=CLOSING_HOUR)
        return datetime.combine(day, time()) + timedelta(hours=hour)
