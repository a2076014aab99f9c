from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestDeadlines(ComplaintCommon):
    """A3: deadlines on the working calendar, and escalations that come exactly once."""

    def _closing(self, moment, days):
        return self.company._complaint_deadlines(datetime.fromisoformat(moment), [days])[0].isoformat(" ")

    def _holiday(self, first, last, kind="leave"):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": f"{first} 00:00:00",
                "date_to": f"{last} 23:59:59",
                "time_type": kind,
            }
        )

    def test_working_days(self):
        self.assertEqual(self._closing("2025-07-02 10:00:00", 0), "2025-07-02 17:00:00")
        self.assertEqual(self._closing("2025-07-02 10:00:00", 1), "2025-07-03 17:00:00")
        with self.subTest("weekend"):
            self.assertEqual(self._closing("2025-07-04 10:00:00", 1), "2025-07-07 17:00:00")
            self.assertEqual(self._closing("2025-07-05 10:00:00", 0), "2025-07-07 17:00:00")
        with self.subTest("after closing"):
            self.assertEqual(self._closing("2025-07-04 16:59:59", 0), "2025-07-04 17:00:00")
            self.assertEqual(self._closing("2025-07-04 17:00:00", 0), "2025-07-07 17:00:00")
            self.assertEqual(self._closing("2025-07-04 17:00:00", 1), "2025-07-08 17:00:00")
        with self.subTest("holidays, and a Saturday that is worked instead"):
            self._holiday("2025-10-01", "2025-10-08")
            self._holiday("2025-10-11", "2025-10-11", "other")
            self.assertEqual(self._closing("2025-09-30 10:00:00", 1), "2025-10-09 17:00:00")
            self.assertEqual(self._closing("2025-09-30 10:00:00", 3), "2025-10-11 17:00:00")

    def test_time_zone(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.assertEqual(self._closing("2025-07-02 08:59:00", 0), "2025-07-02 09:00:00")
        self.assertEqual(self._closing("2025-07-02 09:00:00", 0), "2025-07-03 09:00:00")

    def test_by_severity(self):
        complaint = self._complaint()
        self.assertEqual(complaint.acknowledge_deadline, datetime(2025, 7, 3, 17))
        self.assertEqual(complaint.deadline, complaint.acknowledge_deadline)
        complaint.with_user(self.handler).severity = "critical"
        self.assertEqual(complaint.acknowledge_deadline, datetime(2025, 7, 2, 17))
        complaint.with_user(self.handler).action_acknowledge()
        self.assertEqual(complaint.deadline, datetime(2025, 7, 3, 17))
        with freeze_time("2025-07-03 16:59:59"):
            complaint.invalidate_recordset(["late"])
            self.assertFalse(complaint.late)
        with freeze_time("2025-07-03 17:00:00"):
            complaint.invalidate_recordset(["late"])
            self.assertTrue(complaint.late)
            self.assertIn(complaint, complaint.search([("late", "=", True)]))
            self.assertNotIn(complaint, complaint.search([("late", "=", False)]))

    def _told(self, complaint):
        return [
            (row.kind, row.level_id.days, row.user_ids)
            for row in complaint.sudo().escalation_ids.sorted(lambda row: (row.deadline, row.level_id.days))
        ]

    def _run(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("aftersales_complaint.ir_cron_escalate").method_direct_trigger()

    def test_up_the_line_exactly_once(self):
        complaint = self._complaint()
        managers = self.company._complaint_managers()
        self.assertIn(self.manager, managers)
        self._run("2025-07-03 16:59:00")
        self.assertEqual(self._told(complaint), [])
        self._run("2025-07-03 17:00:00")
        self._run("2025-07-03 17:30:00")
        self.assertEqual(self._told(complaint), [("acknowledge", 0, self.handler)])
        self._run("2025-07-04 16:00:00")
        self.assertEqual(len(self._told(complaint)), 1)
        with self.subTest("the next working day is over on Monday: what is missed at closing counts from there"):
            self._run("2025-07-06 12:00:00")
            self.assertEqual(len(self._told(complaint)), 1)
            self._run("2025-07-07 17:00:00")
            self.assertEqual(self._told(complaint)[1:], [("acknowledge", 1, managers)])

    def test_downtime_is_caught_up_once(self):
        complaint = self._complaint()
        self._run("2025-07-25 12:00:00")
        told = self._told(complaint)
        self.assertEqual(
            [(kind, days) for kind, days, _users in told],
            [(kind, days) for kind in ("acknowledge", "answer", "solution") for days in (0, 1, 3)],
        )
        late = self.env.ref("aftersales_complaint.mail_activity_type_late")
        activities = complaint.activity_ids.filtered(lambda activity: activity.activity_type_id == late)
        self.assertEqual(len(activities.filtered(lambda activity: activity.user_id == self.handler)), 1)
        self._run("2025-07-25 13:00:00")
        self.assertEqual(self._told(complaint), told)
        self.assertEqual(
            len(complaint.activity_ids.filtered(lambda activity: activity.activity_type_id == late)), len(activities)
        )

    def test_everybody_is_told_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.handler.lang = "zh_CN"
        complaint = self._complaint()
        self._run("2025-07-25 12:00:00")
        late = self.env.ref("aftersales_complaint.mail_activity_type_late")
        told = complaint.activity_ids.filtered(lambda activity: activity.activity_type_id == late)
        own = told.filtered(lambda activity: activity.user_id == self.handler)
        self.assertIn("期限已过", own.summary)
        self.assertTrue(told - own)
        for summary in (told - own).mapped("summary"):
            self.assertIn("Deadline passed", summary)

    def test_who_has_left_is_not_told(self):
        complaint = self._complaint()
        self.handler.active = False
        self._run("2025-07-03 17:00:00")
        self.assertEqual(self._told(complaint)[0][2], self.company._complaint_managers())

    def test_closed_ones_are_quiet(self):
        complaint = self._take(self._complaint(), "closed")
        self._run("2025-09-01 12:00:00")
        self.assertEqual(self._told(complaint), [])

    def test_cost_does_not_grow_with_the_complaints(self):
        def queries(number):
            complaints = self.env["complaint.complaint"].browse()
            for _each in range(number):
                complaints |= self._complaint()
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time("2025-07-03 17:00:00"):
                before = self.env.cr.sql_log_count
                complaints.sudo()._escalate(datetime(2025, 7, 3, 17))
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        queries(1)
        few, many = queries(3), queries(6)
        self.assertLessEqual(many, few + 3)
