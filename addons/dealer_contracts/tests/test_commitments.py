from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_terms import TermsCase


@tagged("post_install", "-at_install")
@freeze_time("2025-07-01 10:00:00")
class TestCommitments(TermsCase):
    """D7: what a dealer committed itself to, and how far it has come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Every day counts.
        cls.company.resource_calendar_id = False

    def commitment(self, contract=None, **values):
        values = {"name": "Purchases", "target": 365_000, **values}
        return self._contract(commitment_ids=[Command.create(values)], **(contract or {})).commitment_ids

    def test_pace(self):
        """By the end of the 181st day of 365, 181,000 are asked for."""
        commitment = self.commitment()
        invoice = self._invoice("2025-03-01", 181_000)
        found = commitment.with_context(rebate_date_to="2025-07-01").with_user(self.manager)
        self.assertEqual((found.done, found.pace, found.progress_state), (181_000, 100, "on_pace"))
        self.assertEqual(found.attainment, 49.6)
        self.assertEqual((found.period_from, found.period_end), (date(2025, 1, 1), date(2025, 12, 31)))
        later = commitment.with_context(rebate_date_to="2025-07-02").with_user(self.manager)
        self.assertEqual(later.progress_state, "behind")
        self._reverse(invoice, "2025-06-01", quantity=0.5)
        found.invalidate_recordset()
        self.assertEqual((found.done, found.pace), (90_500, 50))

    def test_reached(self):
        commitment = self.commitment()
        self._invoice("2025-03-01", 365_000)
        self.assertEqual(commitment.progress_state, "reached")
        self._invoice("2025-05-01", 0.01, move_type="out_refund")
        commitment.invalidate_recordset()
        self.assertEqual(commitment.progress_state, "on_pace")

    def test_working_days(self):
        """In the first quarter of working hours, days off ask for nothing."""
        calendar = self.env["resource.calendar"].search([("company_id", "in", (self.company.id, False))], limit=1)
        self.company.resource_calendar_id = calendar
        commitment = self.commitment(period="month", target=2_300)
        with freeze_time("2025-07-05 10:00:00"):
            # Of the 23 working days of July four have passed on Saturday the 5th.
            [progress] = commitment._progress().values()
            self.assertEqual((progress.date_from, progress.asked), (date(2025, 7, 1), 400))

    def test_present_period(self):
        commitment = self.commitment(period="quarter", target=900)
        self._invoice("2025-06-30", 5_000)
        self._invoice("2025-07-01", 10)
        self.assertEqual((commitment.done, commitment.period_from), (10, date(2025, 7, 1)))

    def test_not_begun(self):
        commitment = self.commitment({"start": "2025-08-01"})
        self.assertEqual((commitment.progress_state, commitment.period_from), ("none", False))
        self.assertEqual(self.commitment({"state": "draft", "partner": self.other_customer}).progress_state, "none")

    def test_quantity(self):
        commitment = self.commitment(basis="quantity", target=10)
        self._invoice("2025-03-01", 5_000)
        self.assertEqual(commitment.done, 1)

    def test_target(self):
        with self.assertRaisesRegex(IntegrityError, "target_check"), mute_logger("odoo.sql_db"):
            self.commitment(target=0)

    def test_part_of_what_is_agreed(self):
        draft = self._contract(state="draft", commitment_ids=[Command.create({"name": "Purchases", "target": 1_000})])
        self.assertIn("at least 1,000 ", draft.commitment_ids.sentence)
        before = draft._content_digest()
        draft.commitment_ids.target = 2_000
        self.assertNotEqual(draft._content_digest(), before)
        kept = self.commitment()
        with self.assertRaises(UserError):
            kept.with_user(self.manager).target = 1

    def test_queries(self):
        customers = self.env["res.partner"].create([{"name": f"Dealer {n}", "is_company": True} for n in range(8)])
        rows = self.env["dealer.contract.commitment"].union(
            *(self.commitment({"partner": customer}) for customer in customers)
        )
        counts = {}
        for number in (4, 8):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(rows[:number].sudo()._progress()), number)
            counts[number] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[8], counts[4])


@tagged("post_install", "-at_install")
class TestReminders(TermsCase):
    """D8: owners are reminded before the end, each time once, and of what a missed run left out."""

    def reminders(self, contract):
        kind = self.env.ref("dealer_contracts.mail_activity_type_end")
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    ("res_model", "=", "dealer.contract"),
                    ("res_id", "=", contract.id),
                    ("activity_type_id", "=", kind.id),
                ]
            )
            .filtered("active")
        )

    def run_on(self, day):
        with freeze_time(f"{day} 06:00:00"), self.enter_registry_test_mode():
            self.env.ref("dealer_contracts.ir_cron_contract_reminders").method_direct_trigger()
        self.env.invalidate_all()

    def test_steps(self):
        """60, 30 and 7 days before the last day, which is the day before the end."""
        contract = self._contract(end="2026-01-01")
        for day, expected in (
            ("2025-10-31", None),
            ("2025-11-01", 60),
            ("2025-11-30", 60),
            ("2025-12-01", 30),
            ("2025-12-23", 30),
            ("2025-12-24", 7),
            ("2025-12-31", 7),
        ):
            with self.subTest(day=day):
                self.run_on(day)
                self.assertEqual(contract.reminded_days or None, expected)
                self.assertEqual(len(self.reminders(contract)), 1 if expected else 0)
        reminder = self.reminders(contract)
        self.assertEqual((reminder.user_id, reminder.date_deadline), (self.author, date(2025, 12, 31)))

    def test_each_once(self):
        contract = self._contract(end="2026-01-01")
        self.run_on("2025-11-02")
        self.reminders(contract).unlink()
        self.run_on("2025-11-03")
        self.assertFalse(self.reminders(contract), "done is done")
        self.run_on("2025-12-03")
        self.assertTrue(self.reminders(contract))

    def test_catch_up(self):
        """No run for two months: one reminder, the latest."""
        contract = self._contract(end="2026-01-01")
        self.run_on("2025-12-28")
        self.assertEqual((len(self.reminders(contract)), contract.reminded_days), (1, 7))
        self.run_on("2025-12-29")
        self.assertEqual(len(self.reminders(contract)), 1)

    def test_notice(self):
        """A contract that renews itself: before the last day for a notice, and again after it went on."""
        contract = self._contract(end="2026-01-01", auto_renew=True, renewal_months=12, notice_days=90)
        self.run_on("2025-08-03")
        self.assertFalse(self.reminders(contract))
        self.run_on("2025-08-04")
        self.assertEqual(self.reminders(contract).date_deadline, date(2025, 10, 3))
        with freeze_time("2026-01-01 06:00:00"):
            contract._end_or_renew()
        self.run_on("2026-08-04")
        self.assertEqual(self.reminders(contract).date_deadline, date(2026, 10, 3))
        contract.notice_date = "2026-08-05"
        self.run_on("2026-09-10")
        self.assertEqual(contract.reminded_days, 60, "notice was given: nothing more to do")

    def test_who_isnt_reminded(self):
        for state in ("draft", "review", "signed", "expired", "terminated", "cancelled"):
            contract = self._contract(state=state)
            self.run_on("2025-12-24")
            self.assertFalse(self.reminders(contract), state)

    def test_owner_has_left(self):
        contract = self._contract(custodian_id=self.finance.id)
        self.author.sudo().active = False
        self.run_on("2025-12-24")
        self.assertEqual(self.reminders(contract).user_id, self.finance)

    def test_settings(self):
        self.company.contract_reminder_days = "10，5"
        self.assertEqual(self.company._contract_reminder_steps(), [10, 5])
        for wrong in ("soon", "-3", "1.5"):
            with self.assertRaises(ValidationError):
                self.company.contract_reminder_days = wrong
        self.company.contract_reminder_days = False
        contract = self._contract()
        self.run_on("2025-12-31")
        self.assertFalse(self.reminders(contract))

    def test_server_fields(self):
        contract = self._contract(state="draft")
        for name, value in (("reminded_for", "2025-01-01"), ("reminded_days", 3), ("deposit_held", 5)):
            with self.assertRaises(AccessError):
                contract.with_user(self.author).write({name: value})

    def test_queries(self):
        """Activities and marks in as many queries for 8 contracts as for 4."""
        counts = {}
        for number, year in ((4, 2031), (8, 2041)):
            for n in range(number):
                dealer = self.env["res.partner"].create({"name": f"Dealer {year} {n}", "is_company": True})
                self._contract(dealer, start=f"{year - 1}-01-01", end=f"{year}-01-01")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.run_on(f"{year - 1}-12-24")
            self.env.flush_all()
            counts[number] = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts[8], counts[4] + 2, counts)


@tagged("post_install", "-at_install")
class TestDeposits(TermsCase):
    """The deposit that a dealer gives: agreed in the contract, received, returned or kept."""

    def deposit(self, contract, kind, amount, user=None):
        return (
            self.env["dealer.contract.deposit"]
            .with_user(user or self.finance)
            .create({"contract_id": contract.id, "kind": kind, "amount": amount, "reference": "Bank 7"})
        )

    def test_balance(self):
        contract = self._contract(deposit_amount=50_000)
        self.assertEqual((contract.deposit_held, contract.deposit_due), (0, 50_000))
        self.deposit(contract, "received", 30_000)
        self.assertEqual((contract.deposit_held, contract.deposit_due), (30_000, 20_000))
        self.deposit(contract, "received", 20_000)
        self.deposit(contract, "kept", 5_000)
        self.deposit(contract, "returned", 45_000)
        self.assertEqual((contract.deposit_held, contract.deposit_due), (0, 0))
        with self.assertRaisesRegex(UserError, "No more can be returned"):
            self.deposit(contract, "returned", 0.01)

    def test_who(self):
        contract = self._contract(deposit_amount=50_000)
        for user in (self.author, self.colleague, self.salesman):
            with self.assertRaises(AccessError):
                self.deposit(contract, "received", 1, user)
        move = self.deposit(contract, "received", 1)
        self.assertEqual(move.user_id, self.finance)
        for change in (lambda: move.write({"amount": 2}), lambda: move.sudo().unlink()):
            with self.assertRaises(UserError):
                change()
        self.assertTrue(move.with_user(self.author).read(["amount"]))
        with self.assertRaises(AccessError):
            move.with_user(self.colleague).read(["amount"])

    # === BOOKED === #

    def book(self):
        """From here on deposits are booked on an account of their own."""
        account = self.env["account.account"].create(
            {"name": "Deposits of dealers", "code": "DEP001", "account_type": "liability_current"}
        )
        income = self.env["account.account"].create(
            {"name": "Penalties", "code": "PEN001", "account_type": "income_other"}
        )
        self.company.contract_deposit_account_id = account
        self.company.penalty_product_id = self.env["product.product"].create(
            {"name": "Penalty", "type": "service", "property_account_income_id": income.id}
        )
        return account, income

    def booked(self, contract, kind, amount, journal, **values):
        return (
            self.env["dealer.contract.deposit"]
            .with_user(self.finance)
            .create(
                {
                    "contract_id": contract.id,
                    "kind": kind,
                    "amount": amount,
                    "reference": "Bank 7",
                    "journal_id": self.company_data[f"default_journal_{journal}"].id,
                    **values,
                }
            )
        )

    def owed(self, account):
        """What the books owe dealers."""
        self.env.flush_all()
        [(balance,)] = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")], [], ["balance:sum"]
        )
        return -balance

    def test_booked(self):
        """Received, kept and returned are posted entries; the books owe what the contract says is held."""
        account, income = self.book()
        contract = self._contract(deposit_amount=50_000)
        journal = self.company_data["default_journal_bank"]
        (journal.inbound_payment_method_line_ids + journal.outbound_payment_method_line_ids).payment_account_id = False
        bank = journal.default_account_id
        entries = {}
        for kind, amount, journal in (
            ("received", 50_000, "bank"),
            ("kept", 5_000, "misc"),
            ("returned", 45_000, "bank"),
        ):
            deposit = self.booked(contract, kind, amount, journal)
            entries[kind] = deposit.sudo().move_id
            self.assertEqual((entries[kind].state, entries[kind].partner_id), ("posted", self.customer))
            self.assertEqual(self.owed(account), contract.deposit_held)
            self.assertEqual(deposit.entry, entries[kind].name)
        self.assertEqual(contract.deposit_held, 0)
        lines = {kind: {line.account_id: line.balance for line in entry.line_ids} for kind, entry in entries.items()}
        self.assertEqual(lines["received"], {bank: 50_000, account: -50_000})
        self.assertEqual(lines["kept"], {income: -5_000, account: 5_000})
        self.assertEqual(lines["returned"], {bank: -45_000, account: 45_000})
        for kind in ("returned", "kept"):
            with self.assertRaisesRegex(UserError, "No more can be returned"), self.cr.savepoint():
                self.booked(contract, kind, 0.01, "bank" if kind == "returned" else "misc")
        self.assertEqual(self.owed(account), 0, "what was refused isn't booked")

    def test_money_on_its_way(self):
        """A bank with an account for outstanding receipts takes it there, as payments do."""
        self.book()
        journal = self.company_data["default_journal_bank"]
        waiting = self.env["account.account"].create(
            {"name": "On its way", "code": "WAY001", "account_type": "asset_current", "reconcile": True}
        )
        journal.inbound_payment_method_line_ids.payment_account_id = waiting
        entry = self.booked(self._contract(), "received", 100, "bank").sudo().move_id
        self.assertEqual(entry.line_ids.filtered(lambda line: line.balance > 0).account_id, waiting)

    def test_journal(self):
        self.book()
        contract = self._contract(deposit_amount=100)
        for kind, journal in (("received", "misc"), ("received", "sale"), ("kept", "bank")):
            self.booked(contract, "received", 10, "bank")
            with self.assertRaises(UserError), self.cr.savepoint():
                self.booked(contract, kind, 1, journal)
        with self.assertRaisesRegex(UserError, "bank or cash journal"), self.cr.savepoint():
            self.deposit(contract, "received", 1)

    def test_foreign_currency(self):
        """Seven HKD to one: the contract holds 700 HKD, the books owe 700 HKD and 4,900 in their own currency."""
        account, _income = self.book()
        contract = self._contract(currency_id=self.sevens.id)
        self.booked(contract, "received", 700, "bank", date="2025-01-01")
        line = self.env["account.move.line"].search([("account_id", "=", account.id)])
        self.assertEqual((line.amount_currency, line.balance, contract.deposit_held), (-700, -4_900, 700))

    def test_books_and_register_stay_equal(self):
        self.book()
        entry = self.booked(self._contract(), "received", 100, "bank").sudo().move_id
        for change in (
            entry.button_draft,
            entry.button_cancel,
            lambda: entry._reverse_moves(cancel=True),
            lambda: entry.with_context(force_delete=True).unlink(),
        ):
            with self.assertRaisesRegex(UserError, "books the deposit"), self.cr.savepoint():
                change()

    def test_agreed(self):
        draft = self._contract(state="draft")
        before = draft._content_digest()
        draft.deposit_amount = 100
        self.assertNotEqual(draft._content_digest(), before)
        kept = self._contract(partner=self.other_customer)
        with self.assertRaises(UserError):
            kept.with_user(self.manager).deposit_amount = 5
