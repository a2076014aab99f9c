from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CustomerMetricsCommon

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestExpense(CustomerMetricsCommon):
    """Expenses on customers: facts that stay once they are posted (S3)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._user("seller", "sales_team.group_sale_salesman")
        cls.colleague = cls._user("colleague", "sales_team.group_sale_salesman")
        cls.leader = cls._user("leader", "sales_team.group_sale_salesman_all_leads")
        cls.accountant = cls._user("accountant", "account.group_account_invoice")
        cls.auditor = cls._user("auditor", "account.group_account_readonly,base.group_user")
        cls.clerk = cls._user("clerk", "base.group_user")
        cls.customer.user_id = cls.seller
        cls.kind = cls.env.ref("customer_metrics.customer_expense_kind_promotion")

    def _vals(self, **values):
        return {
            "partner_id": self.customer.id,
            "date": "2025-06-03",
            "amount": 10,
            "kind_id": self.kind.id,
            **values,
        }

    # === FIGURES === #

    def test_metric(self):
        self.assertIsNone(self._value("expense"))
        self._expense(date(2024, 6, 30), 1000)
        self.assertEqual(self._value("expense"), 0)
        self._expense(date(2024, 7, 1), 1)
        self._expense(date(2025, 6, 30), 20, partner=self.branch)
        self._expense(date(2025, 7, 1), 300)
        self._expense(date(2025, 6, 1), 4000, post=False)
        self.assertEqual(self._value("expense"), 21)
        self.assertIsNone(self._value("expense_ratio"))
        self._order(date(2025, 6, 1), price=210)
        self.assertEqual(self._value("expense_ratio"), 10)
        self.assertIsNone(self._value("expense", self.other_customer))

    def test_foreign_currency(self):
        expense = self._expense(date(2025, 6, 1), 10, currency_id=self.sevens.id)
        self.assertEqual(expense.amount_company, 70)
        self.assertEqual(self._value("expense"), 70)
        # A rate that is corrected later changes drafts alone.
        draft = self._expense(date(2025, 6, 2), 10, currency_id=self.sevens.id, post=False)
        self.env["res.currency.rate"].create(
            {"currency_id": self.sevens.id, "name": "2025-05-20", "rate": 1 / 8, "company_id": self.company.id}
        )
        draft.action_post()
        self.assertEqual((expense.amount_company, draft.amount_company), (70, 80))
        self.assertEqual(self._value("expense"), 150)

    def test_companies_do_not_mix(self):
        other = self.setup_other_company()["company"]
        self._expense(date(2025, 6, 1), 10)
        self.assertIsNone(self._value("expense", company=other))

    # === POSTING === #

    def test_posted_once_and_for_all(self):
        expense = self._expense(date(2025, 6, 1), 10, reference="R-1")
        self.assertRegex(expense.name, r"^EXP/\d{4}/\d{5}$")
        self.assertEqual((expense.state, expense.posted_by), ("posted", self.env.user))
        for values in (
            {"amount": 5},
            {"date": "2025-05-01"},
            {"partner_id": self.other_customer.id},
            {"kind_id": self.kind.copy({"name": "Else"}).id},
            {"reference": "R-2"},
            {"currency_id": self.sevens.id},
            {"state": "draft"},
            {"amount_company": 1},
            {"company_id": self.company.id},
        ):
            for record in (expense, expense.sudo(), expense.with_user(self.accountant)):
                with self.assertRaises(UserError, msg=values):
                    record.write(values)
        for record in (expense, expense.sudo()):
            with self.assertRaisesRegex(UserError, "cannot be deleted"):
                record.unlink()
        expense.note = "A remark may be added"
        with self.assertRaisesRegex(UserError, "posted already"):
            expense.action_post()
        copy = expense.copy()
        self.assertEqual((copy.state, copy.name, copy.posted_by.ids), ("draft", "/", []))

    def test_taken_back(self):
        expense = self._expense(date(2025, 6, 1), 10, currency_id=self.sevens.id)
        self.env["res.currency.rate"].create(
            {"currency_id": self.sevens.id, "name": "2025-06-20", "rate": 1 / 9, "company_id": self.company.id}
        )
        expense.action_take_back()
        back = expense.reversal_ids
        self.assertEqual((back.state, back.amount, back.amount_company), ("posted", -10, -70))
        self.assertEqual(back.date, self.company._customer_today())
        tomorrow = self.company._customer_today() + timedelta(days=1)
        self.assertEqual(self._value("expense", date_to=tomorrow, months=36), 0)
        self.assertEqual(self._value("expense"), 70)
        for record in (expense, back):
            with self.assertRaisesRegex(UserError, "taken back"):
                record.action_take_back()

    def test_refused(self):
        with self.assertRaisesRegex(ValidationError, "Take a posted expense back"):
            self._expense(date(2025, 6, 1), -10)
        tomorrow = self.company._customer_today() + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "in the future"):
            self._expense(tomorrow, 10)
        expense = self._expense(date(2025, 6, 1), 10, partner=self.contact)
        self.assertEqual(expense.partner_id, self.customer)

    # === WHO MAY WHAT === #

    def test_salesperson_records_and_others_post(self):
        Expense = self.env["customer.expense"].with_user(self.seller)
        expense = Expense.create(self._vals())
        expense.amount = 12
        with self.assertRaisesRegex(AccessError, "posted by sales managers"):
            expense.action_post()
        for values in (
            {"state": "posted"},
            {"posted_by": self.leader.id},
            {"amount_company": 1},
            {"name": "EXP/1"},
            {"reversed_id": expense.id},
        ):
            with self.assertRaises(AccessError):
                expense.write(values)
            with self.assertRaises(AccessError):
                Expense.create(self._vals(**values))
            with self.assertRaises(AccessError):
                expense.with_context(install_mode=True, default_state="posted").write(values)
        self.assertEqual(Expense.with_context(default_amount_company=5).create(self._vals()).amount_company, 10)
        expense.with_user(self.leader).action_post()
        self.assertEqual(expense.posted_by, self.leader)
        self.env["customer.expense"].with_user(self.accountant).create(self._vals()).action_post()
        draft = Expense.create(self._vals())
        draft.unlink()

    def test_context_cannot_post(self):
        Expense = self.env["customer.expense"].with_user(self.seller)
        expense = Expense.with_context(default_state="posted", default_posted_by=self.leader.id).create(self._vals())
        self.assertEqual((expense.state, expense.posted_by.ids, expense.name), ("draft", [], "/"))

    def test_rows(self):
        self._expense(date(2025, 6, 1), 1, user_id=self.leader.id)
        self._expense(date(2025, 6, 1), 10, partner=self.other_customer, user_id=self.seller.id)
        self._expense(date(2025, 6, 1), 100, partner=self.other_customer, user_id=self.leader.id)
        for user, total in (
            (self.seller, 11),
            (self.colleague, 0),
            (self.leader, 111),
            (self.accountant, 111),
            (self.auditor, 111),
        ):
            rows = self.env["customer.expense"].with_user(user).search([("company_id", "=", self.company.id)])
            self.assertEqual(sum(rows.mapped("amount")), total, user.login)
        with self.assertRaises(AccessError), mute_logger(*RULES):
            self.env["customer.expense"].with_user(self.clerk).search([])
        with self.assertRaises(AccessError), mute_logger(*RULES):
            self.env["customer.expense"].with_user(self.auditor).create(self._vals())
        stranger = self._expense(date(2025, 6, 1), 5, post=False, user_id=self.leader.id)
        with self.assertRaises(AccessError), mute_logger(*RULES):
            stranger.with_user(self.colleague).amount = 1

    def test_attachments_follow(self):
        expense = self._expense(date(2025, 6, 1), 5, user_id=self.leader.id)
        attachment = self.env["ir.attachment"].create(
            {"name": "receipt.txt", "raw": b"5.00", "res_model": expense._name, "res_id": expense.id}
        )
        self.assertEqual(attachment.with_user(self.seller).raw, b"5.00")
        with self.assertRaises(AccessError), mute_logger(*RULES):
            self.env.invalidate_all()
            attachment.with_user(self.colleague).read(["raw"])

    def test_outsider(self):
        expense = self._expense(date(2025, 6, 1), 5)
        other = self.setup_other_company()["company"]
        outsider = self._user("outsider", "sales_team.group_sale_manager")
        outsider.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["customer.expense"].with_user(outsider).search([("id", "=", expense.id)]))
