from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestFigures(ComplaintCommon):
    """A5: metrics, repeated complaints, corrective actions with a check of their effect."""

    def _figure(self, code, customer=None, date_to=None):
        return self._value(code, customer or self.customer, date_to=date_to or date(2025, 7, 3))

    def test_complaints(self):
        self.assertIsNone(self._figure("complaints", self.other_customer), "never bought, never complained")
        self.assertEqual(self._figure("complaints"), 0, "bought, never complained")
        first = self._complaint()
        with freeze_time("2025-07-03 00:00:00"):
            self._complaint()
        self.assertEqual(self._figure("complaints"), 1, "the day after doesn't count")
        self.assertEqual(self._figure("complaints", date_to=date(2025, 7, 4)), 2)
        self.assertEqual(self._figure("complaints", self.contact, date(2025, 7, 4)), 2, "that of the firm")
        double = self._complaint()
        double.with_user(self.handler).duplicate_of_id = first
        self.assertEqual(self._figure("complaints", date_to=date(2025, 7, 4)), 2)
        self.assertEqual(self._figure("complaints", date_to=date(2026, 7, 3)), 1, "the second is in the window")
        self.assertEqual(self._figure("complaints", date_to=date(2027, 7, 3)), 0)
        action = self.env.ref("aftersales_complaint.customer_metric_complaints")._documents_action(
            self.customer, date(2025, 7, 4)
        )
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), 2)

    def test_oldest_open(self):
        self.assertIsNone(self._figure("complaint_open_days"))
        old = self._complaint(received_on=datetime(2025, 6, 2, 23, 59))
        self._complaint(received_on=datetime(2025, 6, 20))
        self.assertEqual(self._figure("complaint_open_days"), 30)
        self._take(old, "closed")
        self.assertEqual(self._figure("complaint_open_days"), 12)
        self.assertEqual(self._figure("complaint_open_days", date_to=date(2025, 7, 2)), 29, "it was open then")
        action = self.env.ref("aftersales_complaint.customer_metric_complaint_open_days")._documents_action(
            self.customer, date(2025, 7, 3)
        )
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), 1)

    def test_share_of_returns(self):
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13, "amount_type": "percent"})
        self.goods.taxes_id = tax
        order = self._delivered(10)
        self.assertEqual(order.amount_untaxed, 1000)
        complaint = self._complaint(order_id=order.id, line_ids=self._lines(order.order_line, 4))
        self._take(complaint, "investigating")
        back = self._remedy(complaint, "return", 4)
        self.assertEqual((back.goods_value, back.sales_value), (452, 400))
        self.assertEqual(self._figure("complaint_returns"), 0, "proposed isn't promised")
        self._take(complaint, "decided")
        self.assertEqual(self._figure("complaint_returns"), 20, "400 of two orders at 1000")
        self.assertIsNone(self._figure("complaint_returns", self.other_customer))
        action = self.env.ref("aftersales_complaint.customer_metric_complaint_returns")._documents_action(
            self.customer, date(2025, 7, 3)
        )
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(rows.mapped("sales_value")), 400)

    def test_cost_of_metrics(self):
        self._complaint()
        codes = ["complaints", "complaint_returns", "complaint_open_days"]
        shops = self.env["res.partner"].create([{"name": f"Shop {n}", "is_company": True} for n in range(20)])
        counts = []
        for customers in (shops[:10], shops):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Metric._values(customers, codes)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 10)

    def test_averages_without_what_is_not_known(self):
        answered, closed, _new = (self._complaint() for _each in range(3))
        with freeze_time("2025-07-02 12:00:00"):
            self._take(answered, "notified")
        with freeze_time("2025-07-02 14:00:00"):
            self._take(closed, "closed")
        closed.with_user(self.handler).sudo()._rate(self.contact, 4)
        self._take(self._complaint(), "investigating")
        measures = ["hours_to_answer:avg", "days_open:avg", "cost:avg", "rating_last_value:avg", "cost:sum"]
        Complaint = self.env["complaint.complaint"].with_user(self.handler)
        domain = [("partner_id", "=", self.customer.id)]
        self.env.flush_all()
        self.assertEqual(
            Complaint._read_group(domain, [], measures),
            [(3, 4 / 24, 200, 4, 600)],
            "two were answered, one closed and rated, three investigated, of four",
        )
        by_state = {row[0]: row[1:] for row in Complaint._read_group(domain, ["state"], measures)}
        unknown = {state: [value is False for value in row[:4]] for state, row in by_state.items()}
        self.assertEqual(unknown["received"], [True] * 4, "no zeros")
        self.assertEqual(unknown["notified"], [False, True, False, True])
        with self.subTest("damage of nothing is known"):
            none = self._take(self._complaint(), "investigating")
            none.with_user(self.investigator).cost = 0
            self.env.flush_all()
            self.assertEqual(Complaint._read_group(domain, [], ["cost:avg", "cost:min"]), [(150, 0)])
        with self.subTest("as the pivot asks"):
            groups = Complaint.formatted_read_group(domain, ["state"], ["hours_to_answer:avg"])
            self.assertEqual(
                {
                    group["state"]: group["hours_to_answer:avg"] or None
                    for group in groups
                    if group["state"] == "closed"
                },
                {"closed": 4},
            )

    def test_repeated(self):
        first = self._complaint()
        self.assertFalse(first.repeated)
        with freeze_time("2025-09-30 10:00:00"):
            second = self._complaint()
        with freeze_time("2026-01-10 10:00:00"):
            late = self._complaint()
        other = self._complaint(
            line_ids=[
                Command.create(
                    {
                        "kind_id": self.env.ref("aftersales_complaint.complaint_kind_packaging").id,
                        "product_id": self.goods.id,
                        "quantity": 1,
                    }
                )
            ]
        )
        Complaint = self.env["complaint.complaint"]
        self.assertEqual((first | second | late | other).filtered("repeated"), second)
        own = [("partner_id", "=", self.customer.id)]
        self.assertEqual(Complaint.search([("repeated", "=", True), *own]), second)
        self.assertEqual(Complaint.search([("repeated", "=", False), *own]), first | late | other)
        self.company.complaint_repeat_days = 89
        (first | second).line_ids.invalidate_recordset(["repeated"])
        (first | second).invalidate_recordset(["repeated"])
        self.assertFalse(second.repeated, "90 days are more than 89")
        with self.subTest("a double is no repetition"):
            self.company.complaint_repeat_days = 90
            second.with_user(self.handler).duplicate_of_id = first
            self.assertFalse(Complaint.search([("repeated", "=", True), *own]))

    def _action(self, user=None, **values):
        return (
            self.env["complaint.corrective.action"]
            .with_user(user or self.investigator)
            .create(
                {
                    "name": "Roof over the ramp",
                    "company_id": self.company.id,
                    "cause_id": self.cause.id,
                    "user_id": self.user.id,
                    "due_date": "2025-07-31",
                    **values,
                }
            )
        )

    def test_corrective_action(self):
        complaint = self._take(self._complaint(), "closed")
        action = self._action(complaint_ids=[Command.set(complaint.ids)])
        self.assertEqual(complaint.corrective_action_count, 1)
        self.assertEqual(action.check_date, date(2025, 8, 30))
        self.assertEqual((action.activity_ids.user_id, action.activity_ids.date_deadline), (self.user, action.due_date))
        with self.assertRaises(AccessError):
            action.write({"state": "effective"})
        with self.subTest("by who is responsible"), self.assertRaises(AccessError):
            action.with_user(self.handler).action_done()
        with self.subTest("not before it is done"), self.assertRaises(UserError):
            action.write({"note": "Dry"})
            action.with_user(self.handler).action_effective()
        with self.assertRaises(AccessError):
            action.with_user(self.user).name = "Nothing"
        self.env["complaint.corrective.action"].with_user(self.manager).browse(action.id).user_id = self.handler
        self.assertEqual(action.activity_ids.user_id, self.handler)
        action.with_user(self.handler).action_done()
        self.assertEqual(action.activity_ids.date_deadline, action.check_date)
        self.assertIn(action.activity_ids.user_id, self.company._complaint_managers())
        with freeze_time("2025-08-10 10:00:00"):
            again = self._complaint()
            self._take(again, "investigating")
            self.env.invalidate_all()
            self.assertEqual(action.recurrence_count, 1)
        with freeze_time("2025-08-31 10:00:00"):
            self.assertTrue(self.env["complaint.corrective.action"].search([("late", "=", True)]) >= action)
            with self.subTest("own work"), self.assertRaisesRegex(AccessError, "Another person"):
                action.with_user(self.handler).action_effective()
            action.with_user(self.investigator).note = " "
            with self.assertRaisesRegex(UserError, "what the check found"):
                action.with_user(self.investigator).action_effective()
            action.with_user(self.investigator).note = "Still wet"
            action.with_user(self.investigator).action_ineffective()
        self.assertEqual((action.state, action.checked_by), ("ineffective", self.investigator))
        self.assertIn("complaints since: 1", action.result)
        self.assertFalse(action.activity_ids)
        for attempt in (
            lambda: action.sudo().write({"measure": "x"}),
            lambda: action.sudo().unlink(),
            lambda: action.with_user(self.manager).action_cancel(),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_responsible_without_more_rights(self):
        action = self._action()
        with self.assertRaises(AccessError):
            action.with_user(self.clerk).action_done()
        action.with_user(self.user).action_done()
        self.assertEqual((action.state, action.done_by), ("done", self.user))

    def test_cost_of_recurrence(self):
        counts = []
        for number in (3, 6):
            actions = self.env["complaint.corrective.action"]
            for place in range(number):
                actions |= self._action(user_id=self.handler.id, due_date=date(2025, 7, 31) + timedelta(days=place))
            actions.with_user(self.handler).action_done()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            actions.read(["recurrence_count", "late"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
