from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ..models.working_days import WorkingDays
from .common import CustomerMetricsCommon


@tagged("post_install", "-at_install")
class TestWorkingDaysCount(BaseCase):
    def test_counts_agree_with_counting(self):
        start, end = date(2025, 1, 1), date(2025, 3, 1)
        off = {date(2025, 1, 1), date(2025, 1, 29), date(2025, 1, 30)}

        def is_working(day):
            return day.weekday() < 5 and day not in off

        working = WorkingDays(start, end, is_working)
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        for first in days[::5]:
            for last in days[::3]:
                counted = sum(is_working(day) for day in days if first <= day < last)
                self.assertEqual(working.count(first, last), counted, (first, last))

    def test_gap_and_share(self):
        working = WorkingDays(date(2025, 6, 2), date(2025, 6, 16), lambda day: day.weekday() < 5)
        monday, saturday = date(2025, 6, 2), date(2025, 6, 7)
        self.assertEqual(working.gap(monday, date(2025, 6, 3)), 1)
        self.assertEqual(working.gap(monday, date(2025, 6, 9)), 5)
        self.assertEqual(working.gap(monday, saturday), 5)
        self.assertEqual(working.gap(saturday, saturday + timedelta(days=1)), 1)
        self.assertEqual(working.share(monday, date(2025, 6, 9), date(2025, 6, 16)), 0.5)
        self.assertEqual(working.share(monday, monday, date(2025, 6, 16)), 0)
        self.assertEqual(working.share(saturday, saturday + timedelta(days=1), saturday + timedelta(days=2)), 0.5)


@tagged("post_install", "-at_install")
class TestWorkingDays(CustomerMetricsCommon):
    """Working days of the company: its working hours, public holidays, days worked in exchange."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.company.resource_calendar_id
        cls.calendar.tz = "Asia/Shanghai"

    def _holiday(self, start, end, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "date_from": start,
                "date_to": end,
                **values,
            }
        )

    def _june(self):
        """Working days of the first two weeks of June 2025, which begins on a Sunday."""
        first, end = date(2025, 6, 1), date(2025, 6, 15)
        working = self.company._customer_working_days(first, end)
        days = [first + timedelta(days=number) for number in range(14)]
        return [day.day for day in days if working.count(day, day + timedelta(days=1))]

    def test_weekdays(self):
        self.assertEqual(self._june(), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13])

    def test_without_working_hours_every_day_counts(self):
        self.company.resource_calendar_id = False
        self.assertEqual(self._june(), list(range(1, 15)))

    def test_public_holidays(self):
        # 4 and 5 June in Shanghai, as the web client writes them.
        self._holiday("2025-06-03 16:00:00", "2025-06-05 15:59:59")
        self.assertEqual(self._june(), [2, 3, 6, 9, 10, 11, 12, 13])

    def test_from_first_to_last_working_hour_is_a_day_off(self):
        self._holiday("2025-06-04 00:00:00", "2025-06-04 09:00:00")  # 8 to 17 o'clock
        self.assertEqual(self._june(), [2, 3, 5, 6, 9, 10, 11, 12, 13])

    def test_an_afternoon_off_is_a_day_of_work(self):
        self._holiday("2025-06-04 05:00:00", "2025-06-04 15:59:59")
        self.assertEqual(self._june(), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13])

    def test_weekend_worked_in_exchange(self):
        self._holiday("2025-06-03 16:00:00", "2025-06-04 15:59:59")
        self._holiday("2025-06-07 00:00:00", "2025-06-07 09:00:00", time_type="other")
        self.assertEqual(self._june(), [2, 3, 5, 6, 7, 9, 10, 11, 12, 13])

    def test_other_peoples_time_off_does_not_count(self):
        resource = self.env["resource.resource"].sudo().create({"name": "Mr Wu", "calendar_id": self.calendar.id})
        self._holiday("2025-06-03 16:00:00", "2025-06-04 15:59:59", resource_id=resource.id)
        other = self.setup_other_company()["company"]
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Elsewhere",
                "calendar_id": other.resource_calendar_id.id,
                "date_from": "2025-06-04 16:00:00",
                "date_to": "2025-06-05 15:59:59",
            }
        )
        self.assertEqual(self._june(), [2, 3, 4, 5, 6, 9, 10, 11, 12, 13])

    def test_two_weeks(self):
        self.calendar.switch_calendar_type()
        week = str(self.env["resource.calendar.attendance"].get_week_type(date(2025, 6, 2)))
        self.calendar.attendance_ids.filtered(
            lambda attendance: attendance.week_type == week and attendance.dayofweek == "4"
        ).unlink()
        self.assertEqual(self._june(), [2, 3, 4, 5, 9, 10, 11, 12, 13])

    def test_queries_do_not_grow_with_time(self):
        counts = []
        for month in range(1, 7):
            self._holiday(f"2025-0{month}-03 16:00:00", f"2025-0{month}-05 15:59:59")
        for end in (date(2025, 2, 1), date(2026, 1, 1)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.company._customer_working_days(date(2025, 1, 1), end)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 6)
