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
        """Return the moments at which numbers of working days after a moment are over.

        Day zero is the working day of the moment; what comes after closing, or on a day off, counts for the next
        working day. A deadline is the closing hour of its day on the company's working hours, public holidays and
        days worked in exchange considered.

        :param datetime moment: UTC, naive
        :param numbers: iterable of working days, each at least 0
        :rtype: list of naive UTC datetimes
        """
        self.ensure_one()
        numbers = list(numbers)
        calendar = self.sudo().resource_calendar_id
        zone = pytz.timezone(calendar.tz or self._customer_timezone())
        hours = calendar._customer_hours_by_weekday() if calendar else {}
        local = pytz.utc.localize(moment).astimezone(zone).replace(tzinfo=None)
        first = local.date()
        # Long enough for public holidays of two weeks on end, and doubled where it isn't.
        length = 30 + 3 * max(numbers, default=0)
        while True:
            end = first + timedelta(days=length)
            counted = self._customer_working_days(first, end)
            days = [
                first + timedelta(days=number)
                for number in range(length)
                if counted.count(first + timedelta(days=number), first + timedelta(days=number + 1))
            ]
            if days and days[0] == first and local >= self._complaint_closing(first, hours):
                days.pop(0)
            if len(days) > max(numbers, default=0) or length > 3000:
                break
            length *= 2
        return [
            zone.localize(self._complaint_closing(days[min(number, len(days) - 1)], hours))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for number in numbers
        ]

    def _complaint_closing(self, day, hours):
        """Return the closing time of a day on the clock of the working hours; a day worked in exchange closes when
        the latest of the others does."""
        closing = hours.get(self.sudo().resource_calendar_id._customer_weekday(day)) if hours else None
        hour = closing[1] if closing else max((last for _first, last in hours.values()), default=CLOSING_HOUR)
        return datetime.combine(day, time()) + timedelta(hours=hour)
