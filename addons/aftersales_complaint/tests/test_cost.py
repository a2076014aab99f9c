from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import ComplaintCommon

FEW, MANY = 3, 6


@tagged("post_install", "-at_install")
class TestCost(ComplaintCommon):
    """The number of queries does not grow with the records: asserted at N and 2N."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("aftersales_complaint.complaint_return_policy_default")
        cls.policy.max_quantity = 1000

    def _complaints(self, number):
        """Complaints of different moments about different orders, each with a return."""
        found = self.env["complaint.complaint"]
        for hour in range(number):
            order = self._delivered(5, day=date(2025, 6, 20))
            with freeze_time(f"2025-07-01 {10 + hour}:00:00"):
                complaint = self._complaint(order_id=order.id, line_ids=self._lines(order.order_line, 2))
            found |= self._take(complaint, "investigating")
            self._remedy(complaint, "return", 2)
        return found.sudo().with_env(self.env)

    def _queries(self, work, records):
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        records = records.browse(records.ids)
        work(records[:0])
        before = self.env.cr.sql_log_count
        work(records)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_constant(self):
        many = self._complaints(MANY)
        few = many[:FEW]
        listed = self.env.ref("aftersales_complaint.complaint_complaint_view_list")
        columns = [node.get("name") for node in self._fields_of(listed)]
        works = {
            "duplicates": lambda records: records._duplicates(),
            "deadlines of the calendar": lambda records: records.sudo()._set_deadlines(),
            "deadlines from another day": lambda records: records.sudo()._set_deadlines(datetime(2025, 7, 1, 12)),
            "policies": lambda records: records.remedy_ids._policy_problems(),
            "list": lambda records: records.read(columns),
            "lines": lambda records: records.line_ids.read(["repeated_count", "product_id", "kind_id"]),
            "remedies": lambda records: records.remedy_ids.read(["policy_note", "value", "goods_value"]),
            "escalation": lambda records: records.sudo()._escalate(datetime(2025, 7, 25, 12)),
        }
        for name, work in works.items():
            with self.subTest(name):
                work(many[:1])
                first, second = self._queries(work, few), self._queries(work, many)
                self.assertLessEqual(second, first, f"{name}: {first} queries for {FEW}, {second} for {MANY}")

    def test_results_of_many_are_those_of_each(self):
        many = self._complaints(3)
        twin = self._complaint(order_id=many[0].order_id.id, line_ids=self._lines(many[0].order_id.order_line, 1))
        together = (many | twin)._duplicates()
        self.assertEqual(together[many[0].id], twin)
        self.assertEqual(together[twin.id], many[0])
        self.assertFalse(together[many[1].id])
        for complaint in many | twin:
            self.assertEqual(complaint._duplicates()[complaint.id], together[complaint.id])
        problems = many.remedy_ids._policy_problems()
        self.assertFalse(any(problems.values()))
        self.policy.days = 10
        problems = many.remedy_ids._policy_problems()
        self.assertTrue(all(problems.values()))
        for remedy in many.remedy_ids:
            self.assertEqual(remedy._policy_problems()[remedy.id], problems[remedy.id])
        with self.subTest("deadlines through weekend and holiday"):
            moments = [datetime(2025, 7, day, hour) for day in range(1, 15) for hour in (9, 17, 20)]
            wanted = {(moment, number) for moment in moments for number in (0, 1, 5, 40)}
            at_once = self.company._complaint_moments(wanted)
            for moment, number in wanted:
                self.assertEqual(self.company._complaint_deadlines(moment, [number]), [at_once[moment, number]])

    def test_another_companys_rules(self):
        other = self.env["res.company"].create({"name": "Branch"})
        self.env["complaint.deadline"].create(
            {"severity": "minor", "company_id": other.id, "answer_days": 20, "solution_days": 30, "acknowledge_days": 9}
        )
        self.env["complaint.return.policy"].create({"name": "Branch", "company_id": other.id, "days": 0})
        complaint = self._complaint()
        self.assertEqual(complaint.acknowledge_deadline, datetime(2025, 7, 3, 17))
        days = self.env["complaint.deadline"]._days_for(complaint)
        self.assertEqual(days[complaint.id], {"acknowledge": 1, "answer": 5, "solution": 10})
        elsewhere = (
            self.env["complaint.complaint"]
            .sudo()
            .create({"partner_id": self.customer.id, "company_id": other.id, "subject": "Late"})
        )
        both = self.env["complaint.deadline"]._days_for((complaint | elsewhere).sudo())
        self.assertEqual((both[complaint.id]["answer"], both[elsewhere.id]["answer"]), (5, 20))
        found = self.env["complaint.return.policy"]._policies_for(
            [(self.customer, self.company, self.goods), (self.customer, other, self.goods)]
        )
        self.assertEqual(found[self.customer, self.company, self.goods], self.policy)
        self.assertEqual(found[self.customer, other, self.goods].days, 0)
