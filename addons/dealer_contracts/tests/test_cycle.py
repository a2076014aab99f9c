from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import PIXEL, ContractCase


@tagged("post_install", "-at_install")
class TestCycle(ContractCase):
    """In force, renewed, amended, terminated; custody (D3, D5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The short one is printed faster; each test says itself whether it renews itself.
        cls.template = cls.framework
        cls.template.auto_renew = False

    def cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("dealer_contracts.ir_cron_contract_states").method_direct_trigger()
        self.env.invalidate_all()

    def test_begin_and_end_are_half_open(self):
        with freeze_time("2026-01-06 12:00:00"):
            contract = self._filed()
            self.assertEqual(contract.state, "filed", "its time hasn't come")
        for day, state in (
            ("2026-01-09", "filed"),
            ("2026-01-10", "in_force"),
            ("2027-01-09", "in_force"),
            ("2027-01-10", "expired"),
        ):
            with self.subTest(day=day), freeze_time(f"{day} 12:00:00"):
                self.cron()
                self.assertEqual(contract.state, state)

    def test_clock_of_the_company(self):
        self.company.partner_id.tz = "Asia/Shanghai"
        with freeze_time("2026-01-06 12:00:00"):
            contract = self._filed()
        with freeze_time("2026-01-09 15:59:00"):
            self.cron()
            self.assertEqual(contract.state, "filed")
        with freeze_time("2026-01-09 16:00:00"):
            self.cron()
            self.assertEqual(contract.state, "in_force")

    def test_catch_up(self):
        """Begin and end in one run, when it didn't run for a year."""
        with freeze_time("2026-01-06 12:00:00"):
            contract = self._filed()
        with freeze_time("2027-03-01 12:00:00"):
            self.cron()
        self.assertEqual(contract.state, "expired")

    def test_signed_but_not_filed_is_not_in_force(self):
        with freeze_time("2026-06-01 12:00:00"):
            contract = self._signed()
            self.cron()
        self.assertEqual(contract.state, "signed")

    def test_renews_itself(self):
        with freeze_time("2026-02-01 12:00:00"):
            going_on = self._filed(auto_renew=True, renewal_months=12, notice_days=30)
            ended = self._filed(dealer=self.other_dealer, auto_renew=True, renewal_months=12, notice_days=30)
            ended._give_notice("b", date(2026, 12, 1))
            with self.assertRaisesRegex(UserError, "30 days before"):
                going_on._give_notice("b", date(2026, 12, 12))
        digest = going_on._content_digest()
        with freeze_time("2027-01-10 12:00:00"):
            self.cron()
        self.assertEqual((going_on.state, going_on.date_end), ("in_force", date(2028, 1, 10)))
        self.assertEqual(going_on.date_end_signed, date(2027, 1, 10))
        self.assertEqual(ended.state, "expired")
        self.assertNotEqual(digest, going_on._content_digest(), "the end is part of what is agreed")
        with freeze_time("2030-05-01 12:00:00"):
            self.cron()
        self.assertEqual((going_on.date_end, going_on.date_end_signed), (date(2031, 1, 10), date(2027, 1, 10)))

    def test_amendment(self):
        with freeze_time("2026-06-01 12:00:00"):
            contract = self._filed()
            self.assertEqual(contract.state, "in_force")
            amendment = self.env["dealer.contract"].with_user(self.author).browse(contract.action_amend()["res_id"])
            self.assertEqual(
                (amendment.state, amendment.relation, amendment.version, amendment.origin_id, amendment.root_id),
                ("draft", "amendment", 2, contract, contract),
            )
            self.assertEqual((amendment.date_start, amendment.date_end), (date(2026, 6, 1), date(2027, 1, 10)))
            self.assertEqual(amendment.amount_total, contract.amount_total)
            self.assertEqual(len(amendment.article_ids), 10)
            self.assertEqual(len(amendment.party_ids), 2)
            self.assertFalse(amendment.approval_ids or amendment.sudo().file_ids)
            amendment.write({"delivery_days": 3, "date_signed": "2026-06-01", "sign_place": "上海"})
            amendment.action_submit()
            self.assertEqual(amendment.name, f"{contract.name}/2")
            self.assertIn("补充协议", amendment._paper()["relation"])
            self._approve(amendment)
            amendment.action_send()
            self.assertEqual(contract.state, "in_force", "until the amendment is")
            amendment.sudo()._sign("赵强", PIXEL, amendment.issued_sha256, "192.0.2.7")
            keeper = amendment.with_user(self.custodian)
            keeper.write({"custodian_id": self.custodian.id, "paper_place": "A"})
            keeper.action_file()
            self.assertEqual((amendment.state, contract.state), ("in_force", "expired"))
            third = amendment.action_renew()["res_id"]
        third = self.env["dealer.contract"].browse(third)
        self.assertEqual((third.version, third.root_id, third.relation), (3, contract, "renewal"))
        self.assertEqual(third.date_start, date(2027, 1, 10))
        chain = self.env["dealer.contract"].search(contract.action_chain()["domain"])
        self.assertEqual(chain, contract | amendment | third)

    def test_renewal_is_as_long(self):
        with freeze_time("2026-06-01 12:00:00"):
            contract = self._filed()
            renewal = self.env["dealer.contract"].browse(contract.action_renew()["res_id"])
        self.assertEqual((renewal.date_start, renewal.date_end), (date(2027, 1, 10), date(2028, 1, 10)))

    def test_termination(self):
        with freeze_time("2026-06-01 12:00:00"):
            contract = self._filed()
            for when, reason in ((date(2026, 6, 1), " "), (date(2026, 6, 2), "Agreed")):
                with self.assertRaises(UserError):
                    contract._terminate(when, reason)
            with self.assertRaises(AccessError):
                contract.with_user(self.custodian)._terminate(date(2026, 6, 1), "Agreed")
            wizard = (
                self.env["dealer.contract.termination"]
                .with_user(self.author)
                .create({"contract_id": contract.id, "kind": "termination", "date": "2026-06-01", "reason": "Agreed"})
            )
            wizard.action_apply()
        self.assertEqual((contract.state, contract.termination_reason), ("terminated", "Agreed"))

    def test_cron_queries(self):
        """The same number of statements for N contracts and for 2N."""

        def cost(count):
            with freeze_time("2026-01-06 12:00:00"):
                contracts = self.env["dealer.contract"].concat(*(self._draft() for _number in range(count)))
            self.env.flush_all()
            self.env.cr.execute("UPDATE dealer_contract SET state = 'filed' WHERE id = ANY(%s)", [contracts.ids])
            self.env.invalidate_all()
            with freeze_time("2026-01-10 12:00:00"), self.enter_registry_test_mode():
                before = self.env.cr.sql_log_count
                self.env.ref("dealer_contracts.ir_cron_contract_states").method_direct_trigger()
                return self.env.cr.sql_log_count - before

        cost(2)
        first = cost(5)
        self.assertLessEqual(cost(10), first + 2)

    def test_list_queries(self):
        """A page of the list asks as many queries for 2N contracts as for N."""
        columns = (
            "name",
            "template_id",
            "amount_total",
            "date_start",
            "date_end",
            "exclusive",
            "activity_ids",
            "state",
        )
        named = {"fields": {"display_name": {}}}
        specification = {name: {} for name in columns}
        specification.update((name, named) for name in ("partner_id", "user_id", "custodian_id"))
        contracts = self.env["dealer.contract"].concat(
            *(self._draft(dealer=dealer) for dealer in (self.dealer, self.other_dealer) * 6)
        )
        counts = {}
        for number in (3, 6, 12):
            domain = [["id", "in", contracts[:number].ids]]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            page = self.rpc(self.custodian, contracts.browse(), "web_search_read", domain, specification, limit=80)
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual(page["length"], number)
        self.assertEqual(counts[6], counts[12], counts)
        self.assertFalse(contracts.sudo().reading_ids, "a list is no reading")

    # === CUSTODY === #

    def _lend(self, contract, user=None, **values):
        return (
            self.env["dealer.contract.loan"]
            .with_user(user or self.custodian)
            .create(
                {
                    "contract_id": contract.id,
                    "borrower_id": self.colleague.id,
                    "purpose": "Court",
                    "date_due": date.today() + timedelta(days=7),
                    **values,
                }
            )
        )

    def test_loans(self):
        contract = self._filed()
        with self.assertRaises(UserError):
            self._lend(contract, self.author)
        first = self._lend(contract, date_back="2020-01-01")
        self.assertFalse(first.date_back, "it isn't given along")
        self._lend(contract)
        with self.assertRaises(ValidationError) as raised:
            self._lend(contract)
        self.assertIn("2 originals are kept and 3 would be lent", str(raised.exception))
        with self.assertRaises(AccessError):
            first.write({"borrower_id": self.author.id})
        with self.assertRaises(UserError):
            first.sudo().unlink()
        first.action_return()
        self.assertEqual(first.received_by, self.custodian)
        with self.assertRaises(UserError):
            first.action_return()
        self._lend(contract)

    def test_reminder(self):
        contract = self._filed()
        loan = self._lend(contract, date_out="2026-01-01", date_due="2026-01-05")
        self.assertTrue(loan.overdue)
        self.assertIn(loan, self.env["dealer.contract.loan"].search([("overdue", "=", True)]))
        for _run in range(2):
            self.env["dealer.contract"]._remind_of_loans()
        activity = contract.sudo().activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertEqual(len(activity), 1, "once")
        loan.action_return()
        self.assertFalse(contract.sudo().activity_ids)

    def test_custody_is_the_custodians(self):
        contract = self._filed()
        with self.assertRaisesRegex(AccessError, "custodians"):
            contract.write({"paper_place": "At home"})
        contract.with_user(self.custodian).write({"paper_place": "B-1"})
