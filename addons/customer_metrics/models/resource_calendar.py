from odoo import models


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _customer_weekday(self, day):
        """Return the key of a day in :meth:`_customer_hours_by_weekday`."""
        if not self.two_weeks_calendar:
            return str(day.weekday())
        return str(day.weekday()), str(self.env["resource.calendar.attendance"].get_week_type(day))

    def _customer_hours_by_weekday(self):
        """Return {weekday, with its week in a calendar of two weeks: (first hour, last hour)} of the days worked."""
        hours = {}
        attendances = self.env["resource.calendar.attendance"].search_fetch(
            [("calendar_id", "in", self.ids), ("display_type", "=", False), ("day_period", "!=", "lunch")],
            ["dayofweek", "hour_from", "hour_to", "week_type"],
        )
        for attendance in attendances:
            key = attendance.dayofweek
            if self.two_weeks_calendar:
                key = (key, attendance.week_type)
            first, last = hours.get(key, (24, 0))
            hours[key] = (min(first, attendance.hour_from), max(last, attendance.hour_to))
        return hours
