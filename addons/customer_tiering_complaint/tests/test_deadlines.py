from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.aftersales_complaint.tests.common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestDeadlinesByClass(ComplaintCommon):
    """A3, T8: how soon a customer is answered goes by severity and class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("customer_tiering.group_tier_director")
        scheme = cls.env.ref("customer_tiering.customer_tier_scheme_retail")
        cls.best, cls.low = (
            scheme.tier_ids.filtered(lambda tier, name=name: tier.name == name) for name in ("AAA", "C")
        )

    def _classify(self, tier, customer=None):
        values = {
            "partner_id": (customer or self.customer).id,
            "scheme_id": tier.scheme_id.id,
            "company_id": self.company.id,
            "tier_id": tier.id,
        }
        return self.env["customer.tier.membership"].sudo().create(values)

    def _deadline(self, days, tiers=None, severity="minor", company=None):
        return self.env["complaint.deadline"].create(
            {
                "severity": severity,
                "company_id": company and company.id,
                "tier_ids": [Command.set(tiers.ids if tiers else [])],
                **dict(zip(("acknowledge_days", "answer_days", "solution_days"), days, strict=True)),
            }
        )

    def _deadlines(self, complaint):
        return (complaint.acknowledge_deadline, complaint.answer_deadline, complaint.solution_deadline)

    def test_class_and_severity_over_severity(self):
        self._deadline((0, 2, 4), self.best)
        membership = self._classify(self.best)
        with self.subTest("the class"):
            self.assertEqual(
                self._deadlines(self._complaint()),
                (datetime(2025, 7, 2, 17), datetime(2025, 7, 4, 17), datetime(2025, 7, 8, 17)),
            )
        with self.subTest("another severity of that class"):
            major = self._complaint(severity="major")
            self.assertEqual(major.answer_deadline, datetime(2025, 7, 7, 17))
        with self.subTest("another class"):
            membership.tier_id = self.low
            self.assertEqual(self._complaint().answer_deadline, datetime(2025, 7, 9, 17))
        with self.subTest("no class"):
            complaint = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
            self.assertEqual(complaint.answer_deadline, datetime(2025, 7, 9, 17))

    def test_class_before_company(self):
        self._classify(self.best)
        self._deadline((0, 4, 4), company=self.company)
        self.assertEqual(self._complaint().answer_deadline, datetime(2025, 7, 8, 17))
        self._deadline((0, 2, 4), self.best)
        self.assertEqual(self._complaint().answer_deadline, datetime(2025, 7, 4, 17))
        self._deadline((0, 1, 4), self.best, company=self.company)
        self.assertEqual(self._complaint().answer_deadline, datetime(2025, 7, 3, 17))

    def test_severity_put_right(self):
        self._classify(self.best)
        self._deadline((0, 0, 1), self.best, "critical")
        complaint = self._complaint()
        complaint.with_user(self.handler).severity = "critical"
        self.assertEqual(complaint.answer_deadline, datetime(2025, 7, 2, 17))

    def test_customer_of_a_mail(self):
        """Whose complaint a stranger's mail is decides how soon it is answered."""
        self._classify(self.best)
        self._deadline((0, 2, 4), self.best)
        complaint = self.env["complaint.complaint"].create(
            {"subject": "Wet", "channel": "email", "email_from": "x@example.com", "company_id": self.company.id}
        )
        self.assertEqual(complaint.answer_deadline, datetime(2025, 7, 9, 17))
        complaint.with_user(self.handler).partner_id = self.customer
        self.assertEqual(complaint.answer_deadline, datetime(2025, 7, 4, 17))

    def test_set_by_managers(self):
        deadline = self._deadline((0, 2, 4), self.best)
        with self.assertRaises(AccessError):
            deadline.with_user(self.handler).tier_ids = self.low
        deadline.with_user(self.manager).tier_ids = self.low

    def test_constant_queries(self):
        self._deadline((0, 2, 4), self.best)
        counts = []
        for number in (3, 6):
            complaints = self.env["complaint.complaint"]
            for place in range(number):
                customer = self.env["res.partner"].create({"name": f"Dealer {place}", "is_company": True})
                self._classify(self.best, customer)
                complaints |= self._complaint(partner_id=customer.id, order_id=False, line_ids=False)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = self.env["complaint.deadline"]._days_for(complaints.sudo())
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual({days["answer"] for days in found.values()}, {2})
        self.assertEqual(counts[0], counts[1])
