import io
from datetime import timedelta

from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestCreditFile(CreditCase):
    """C5 to C9 on paper: the credit file (客户信用档案) of a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account(limit=1000).with_context(tracking_disable=False)
        cls.env.flush_all()
        cls.cr.precommit.run()
        cls.account.with_user(cls.manager)._apply_decision({"credit_limit": 1500.5}, "Good payer")
        cls.env.flush_all()
        cls.cr.precommit.run()
        cls.env["credit.temporary.limit"].create(
            {
                "account_id": cls.account.id,
                "amount": 250,
                "date_from": cls.today,
                "date_to": cls.today + timedelta(days=9),
                "reason": "Spring season",
            }
        )

    def _sections(self, user=None):
        account = self.account.with_user(user or self.reader).with_context(lang="en_US")
        account._check_file()
        return {section.title: section for section in account.sudo()._credit_file_sections()}

    def test_sections(self):
        self._invoice(700, due=-40, date=-70)
        order = self._order(5000)
        order.action_confirm()
        order.sudo().hold_ids.with_user(self.controller)._refuse("Pays late")
        self.account.with_user(self.manager)._freeze("Sued by a supplier")
        sections = self._sections()
        self.assertIn("Sued by a supplier", sections["Credit Account"].note)
        self.assertIn(("Base Limit", self.cny.format(1500.5)), sections["Credit Account"].fields)
        figures = dict(sections["Exposure and Ageing"].fields)
        self.assertEqual(figures["Limit Today"], self.cny.format(1750.5))
        self.assertEqual(figures["Used"], self.cny.format(700))
        self.assertEqual(figures["Used (%)"], "40.0")
        self.assertEqual(
            sections["Exposure and Ageing"].rows, (tuple(self.cny.format(amount) for amount in (0, 0, 700, 0, 0)),)
        )
        self.assertIn("Spring season", sections["Temporary Limits"].rows[0])
        history = sections["History"].rows
        changed = next(row for row in history if "→" in row[2] and "1,500.50" in row[2])
        self.assertEqual(changed[1], self.manager.name)
        self.assertIn("1,000.00", changed[2])
        self.assertTrue(any("Good payer" in row[2] for row in history))
        (hold,) = sections["Held Orders and Decisions"].rows
        self.assertEqual(hold[1], order.name)
        self.assertIn("Pays late", hold[5])
        self.assertIn("Over the Limit", [row[0] for row in sections["Policies That Hold"].rows])

    def test_guarantees_but_not_what_others_share(self):
        """C8: the file tells the customer's guarantees, but nothing of its group and the company's ceiling."""
        guarantee = self.env["credit.guarantee"].create(
            {
                "account_id": self.account.id,
                "kind_id": self.env.ref("customer_credit.credit_guarantee_kind_mortgage").id,
                "reference": "Deed 4711",
                "amount": 1000,
                "rate": 70,
            }
        )
        guarantee.action_count()
        self.env["credit.group"].create(
            {
                "name": "Wang family",
                "company_id": self.company.id,
                "credit_limit": 321,
                "account_ids": [Command.set(self.account.ids)],
            }
        )
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 432})
        self._order(500).action_confirm()
        sections = self._sections()
        self.assertIn("Deed 4711", sections["Guarantees"].rows[0])
        self.assertIn(self.cny.format(700), sections["Guarantees"].rows[0])
        self.assertEqual(dict(sections["Exposure and Ageing"].fields)["Limit Today"], self.cny.format(2450.5))
        (hold,) = sections["Held Orders and Decisions"].rows
        self.assertEqual(hold[3], "A limit of several customers.")
        text = str(list(sections.values()))
        for secret in ("Wang", "321", "432", "Ceiling", "Group"):
            self.assertNotIn(secret, text)

    def test_no_data_is_not_zero(self):
        history = dict(self._sections()["Payment History (12 Months)"].fields)
        self.assertIn("No data", history.values())
        self._invoice(700, due=-40, date=-70)
        self.assertNotEqual(dict(self._sections()["Payment History (12 Months)"].fields), history)

    def test_who(self):
        for user in (self.reader, self.controller, self.manager):
            self.assertTrue(self._sections(user))
            self.account.with_user(user).action_print_file()
        for user in (self.salesman, self.biller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.account.with_user(user).action_print_file()
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._pdf(user)
        other = self._company("Other")
        stranger = self._user("file_stranger", "customer_credit.group_credit_user", other)
        with self.assertRaises(AccessError):
            self._pdf(stranger, allowed_company_ids=other.ids)

    def _pdf(self, user, **context):
        Report = self.env["ir.actions.report"].with_user(user)
        Report = Report.with_context(force_report_rendering=True, lang="en_US", **context)
        return Report._render_qweb_pdf("customer_credit.report_credit_file", self.account.ids)[0]

    def test_pdf(self):
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(self._pdf(self.reader))).pages)
        for part in ("Credit File", "Kangtai Pharmacy", "Spring season", "Good payer", "No order was held"):
            self.assertIn(part, text)
