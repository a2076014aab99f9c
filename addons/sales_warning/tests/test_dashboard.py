from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestDashboard(SalesWarningCommon):
    """W6: how many warnings are open, how old, whose, and what is at stake."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._order(cls.TODAY - timedelta(days=100), 700)
        cls._order(cls.TODAY - timedelta(days=400), 9000)
        cls._invoice(cls.TODAY - timedelta(days=40), 300)
        cls._invoice(cls.TODAY, 200)
        cls._invoice(cls.TODAY - timedelta(days=40), 50, partner=cls.other_customer)
        cls.Report = cls.env["warning.case.report"]

    def setUp(self):
        super().setUp()
        self.case = self._case()
        self.incident = self.env["warning.incident"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "kind_id": self.env.ref("sales_warning.warning_incident_kind_theft").id,
                "what": "Broken into",
            }
        )

    def row(self, case, days=0):
        with freeze_time(self.TODAY + timedelta(days=days)):
            self.env.flush_all()
            self.env.invalidate_all()
            row = self.Report.browse(case.id)
            row.fetch(["age"])
            return row

    def test_money_at_risk(self):
        """What is owed, due or not, where the rule is about receivables; else the sales of twelve months."""
        self.assertEqual(self.case.money_at_risk, 500)
        self.assertEqual(self.incident.case_id.money_at_risk, 700)
        self.assertEqual(self.row(self.case).money_at_risk, 500)
        self._invoice(self.TODAY, 1000)
        self._night(self.TODAY + timedelta(days=1))
        self.assertEqual(self.case.money_at_risk, 500, "as it was when the warning opened")

    def test_age(self):
        for days, band, late in ((0, "0", False), (3, "0", False), (4, "0", True), (8, "1", True), (91, "3", True)):
            row = self.row(self.case, days)
            with freeze_time(self.TODAY + timedelta(days=days)):
                self.assertEqual((row.age, row.age_band, row.late), (days, band, late))
        self.case.write({"cause": "Lost", "measures": "Sent again"})
        with freeze_time(self.TODAY + timedelta(days=10)):
            self.case._close("confirmed")
        row = self.row(self.case, 50)
        self.assertEqual((row.state, row.age, row.late), ("closed", 10, False))

    def test_groups(self):
        other = self._cases(self.other_customer)
        self.assertEqual(self.row(self.case).team_id, self.team)
        self.assertEqual(self.case.team_id, self.team)
        self.env.flush_all()
        found = self.Report._read_group(
            [("case_id", "in", (self.case | other | self.incident.case_id).ids)],
            ["team_id", "level"],
            ["__count", "money_at_risk:sum"],
        )
        self.assertIn((self.team, "red", 2, 1200), found)
        self.assertEqual(
            self.Case._read_group([("id", "in", self.case.ids)], ["team_id"], ["__count"]), [(self.team, 1)]
        )

    def test_access(self):
        other = self._cases(self.other_customer)
        domain = [("case_id", "in", (self.case | other).ids)]
        self.env.flush_all()
        for user, expected in (
            (self.seller, self.case),
            (self.other_seller, other),
            (self.clerk, self.Case),
            (self.reader, self.case | other),
            (self.director, self.case | other),
        ):
            self.assertEqual(self.Report.with_user(user).search(domain).case_id.sudo(), expected, user.login)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.Report.with_user(self.portal).search(domain)
        self.assertEqual(self.row(self.case).action_case()["res_id"], self.case.id)
