from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestAccess(CreditCase):
    """C8, C9: who may change a limit, what follows, and what bad input gets for an answer."""

    # === THE GUARD === #

    def test_odoo_limit_is_guarded(self):
        """What a client can send, by whom, and what it comes to."""
        for user in (self.salesman, self.biller, self.reader, self.controller):
            partner = self.customer.with_user(user)
            for values in ({"credit_limit": 999999}, {"use_partner_credit_limit": True}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    partner.with_context(credit_guard=False, active_test=False, tracking_disable=True).write(values)
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.biller).create({"name": "New", "credit_limit": 5})
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.biller).create(
                {"name": "New contact", "parent_id": self.customer.id, "credit_limit": 5}
            )
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id})
        with self.assertRaises(AccessError):
            contact.with_user(self.biller).write({"credit_limit": 999999})
        self.assertFalse(self.env["credit.account"].search([("partner_id", "=", self.customer.id)]))
        self.assertEqual(self.customer.credit_limit, 0)

    def test_import_is_guarded(self):
        result = self.env["res.partner"].with_user(self.biller).load(["name", "credit_limit"], [["Imported", "5000"]])
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])
        result = self.env["res.partner"].with_user(self.manager).load(["name", "credit_limit"], [["Imported", "5000"]])
        account = self.env["credit.account"].search([("partner_id", "in", result["ids"])])
        self.assertEqual((account.mode, account.credit_limit), ("amount", 5000))

    def test_odoo_limit_and_account_stay_in_step(self):
        partner = self.customer.with_user(self.manager)
        partner.credit_limit = 700
        account = self.env["credit.account"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((account.company_id, account.mode, account.credit_limit), (self.company, "amount", 700))
        partner.credit_limit = 800
        self.assertEqual(account.credit_limit, 800)
        account.with_user(self.manager).credit_limit = 900
        self.assertEqual(self.customer.credit_limit, 900)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id})
        self.assertEqual(contact.credit_limit, 900)
        account.with_user(self.manager).mode = "none"
        self.assertEqual(self.customer.credit_limit, 0)
        account.with_user(self.manager).write({"mode": "amount", "credit_limit": 100})
        partner.use_partner_credit_limit = False
        self.assertFalse(account.active)

    def test_ordinary_changes_pass_the_guard(self):
        """Salespeople go on working on customers and contacts, with the limit copied around by Odoo."""
        self._account(limit=500)
        with_rights = self.customer.with_user(self.biller)
        with_rights.write({"phone": "021 5555", "credit_limit": 500})
        contact = (
            self.env["res.partner"].with_user(self.biller).create({"name": "Contact", "parent_id": self.customer.id})
        )
        contact.write({"parent_id": False})
        contact.write({"parent_id": self.customer.id})
        self.assertEqual(contact.sudo().credit_limit, 500)

    def test_while_off_the_limit_is_odoos(self):
        self.company.credit_mode = "off"
        self.customer.with_user(self.biller).credit_limit = 300
        self.assertFalse(self.env["credit.account"].search([("partner_id", "=", self.customer.id)]))
        known = self._customer("Known")
        self._account(known, limit=50)
        known.credit_limit = 70
        self.company.credit_mode = "hold"
        account = self.env["credit.account"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(account.credit_limit, 300, "taken over when the control is switched on")
        self.assertEqual(known.credit_limit, 50, "the account says what holds")

    def test_accounts_are_guarded(self):
        account = self._account(limit=100)
        changes = [
            {"credit_limit": 999999},
            {"mode": "unlimited"},
            {"valid_until": False},
            {"payment_days": 90},
            {"active": False},
            {"frozen": False},
            {
                "temporary_limit_ids": [
                    Command.create(
                        {"amount": 5, "date_from": self.today, "date_to": self.today + timedelta(days=5), "reason": "x"}
                    )
                ]
            },
        ]
        for user in (self.salesman, self.biller, self.reader, self.controller):
            for values in changes:
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    account.with_user(user).write(values)
            with self.assertRaises(AccessError):
                account.with_user(user).unlink()
            with self.assertRaises(AccessError):
                account.with_user(user)._freeze("x")
            with self.assertRaises(AccessError):
                self.env["credit.account"].with_user(user).create({"partner_id": self._customer("x").id})
            with self.assertRaises(AccessError):
                self.env["credit.temporary.limit"].with_user(user).create(
                    {
                        "account_id": account.id,
                        "amount": 5,
                        "date_from": self.today,
                        "date_to": self.today + timedelta(days=5),
                        "reason": "x",
                    }
                )
            with self.assertRaises(AccessError):
                self.env["credit.policy"].with_user(user).create(
                    {"name": "x", "check": "excess", "partner_id": self.customer.id}
                )
            with self.assertRaises(AccessError):
                self.env.ref("customer_credit.credit_policy_excess").with_user(user).write({"level": "off"})
            with self.assertRaises(AccessError):
                self.env["credit.release.cap"].with_user(user).create({"user_id": user.id, "amount": 999999})
            with self.assertRaises(AccessError):
                self.company.with_user(user).write({"credit_mode": "off"})
        account.with_user(self.manager).credit_limit = 200
        with self.assertRaises(UserError):
            account.with_user(self.manager).write({"frozen": True})

    def test_uninvoiced_amount_cannot_be_faked(self):
        self._account(limit=100)
        order = self._order(500)
        paid = self._invoice(500, partner=self._customer("Other"))
        with self.assertRaises(AccessError):
            order.with_user(self.salesman).write({"uninvoiced_amount": 0})
        with self.assertRaises(AccessError):
            self._order(500, uninvoiced_amount=0)
        with self.assertRaises(AccessError):
            order.order_line.with_user(self.salesman).write({"invoice_lines": [Command.set(paid.invoice_line_ids.ids)]})
        order.order_line.with_user(self.salesman).write({"is_downpayment": True})
        order.action_confirm()
        self.assertEqual(order.hold_state, "held")

    def test_readers_see_why(self):
        account = self._account(limit=100)
        self._invoice(300, due=-3)
        for user in (self.salesman, self.biller, self.reader, self.controller, self.manager):
            with self.subTest(user.login):
                partner = self.customer.with_user(user)
                partner.invalidate_recordset()
                self.assertEqual(
                    (partner.credit_exposure, partner.credit_remaining, partner.credit_overdue), (300, -200, 300)
                )
                self.assertEqual(account.with_user(user).exposure, 300)
                self.assertTrue(partner.credit_over_limit)
                partner.action_credit_account()
                for figure in ("receivable", "overdue", "unapplied", "orders", "draft_invoices", "holds"):
                    partner.with_context(credit_figure=figure).action_credit_documents()
        nobody = self._user("credit_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.customer.with_user(nobody).read(["credit_exposure"])
        with self.assertRaises(AccessError):
            account.with_user(nobody).read(["credit_limit"])

    def test_companies(self):
        other = self._company("Other")
        stranger = self._user("credit_stranger", "customer_credit.group_credit_manager", other)
        account = self._account(limit=100)
        self.assertFalse(
            self.env["credit.account"].with_user(stranger).with_context(allowed_company_ids=other.ids).search([])
        )
        with self.assertRaises(AccessError):
            account.with_user(stranger).with_context(allowed_company_ids=other.ids).write({"credit_limit": 5})
        other.credit_company_id = self.company
        shared = self.env["credit.account"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertEqual(shared.search([]), account, "read where it is shared")
        with self.assertRaises(AccessError):
            shared.browse(account.id).write({"credit_limit": 5})

    def test_history(self):
        account = self._account(limit=100).with_context(tracking_disable=False)
        self.env.flush_all()
        self.cr.precommit.run()
        account.with_user(self.manager).credit_limit = 250
        self.env.flush_all()
        self.cr.precommit.run()
        tracked = account.message_ids.tracking_value_ids.filtered(lambda value: value.field_id.name == "credit_limit")
        self.assertEqual((tracked.old_value_float, tracked.new_value_float), (100, 250))
        self.assertEqual(tracked.mail_message_id.author_id, self.manager.partner_id)
        account.with_user(self.manager)._freeze("Sued")
        self.assertIn("Sued", account.message_ids.mapped("body")[0])
        self.assertEqual(account.frozen_by, self.manager)

    def test_decision(self):
        account = self._account(limit=100)
        account.with_user(self.salesman)._apply_decision(
            {"credit_limit": 5000, "mode": "amount"}, "Approved", origin=self.customer
        )
        self.assertEqual(account.credit_limit, 5000)
        self.assertIn("Approved", account.message_ids.mapped("body")[0])
        with self.assertRaises(ValueError):
            account._apply_decision({"frozen": False}, "no")

    # === BAD INPUT === #

    def test_bad_accounts(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id})
        archived = self._customer("Archived", active=False)
        branch = self._company("North", parent_id=self.company.id)
        cases = [
            ({"partner_id": self.customer.id, "credit_limit": -1}, "below zero"),
            ({"partner_id": self.customer.id, "payment_days": -1}, "below zero"),
            ({"partner_id": contact.id}, "belongs to"),
            ({"partner_id": archived.id}, "archived"),
            ({"partner_id": self.customer.id, "company_id": branch.id}, "kept by"),
        ]
        for values, words in cases:
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.env["credit.account"].create(values)
        self._account(limit=10)
        with self.assertRaisesRegex(ValidationError, "already"):
            self._account(limit=20)
        with self.assertRaises(ValidationError):
            self.customer.credit_limit = -5
        with self.assertRaises(ValidationError):
            self.env["res.partner"].create({"name": "x", "credit_limit": -5})
        with self.assertRaises(ValidationError):
            self.company.credit_default_limit = -5
        self.assertEqual(self._exposure().limit, 10, "nothing is half done")

    def test_bad_temporary_limits(self):
        account = self._account(limit=100)
        good = {
            "account_id": account.id,
            "amount": 5,
            "date_from": self.today,
            "date_to": self.today + timedelta(days=9),
            "reason": "x",
        }
        cases = [
            {"amount": 0},
            {"amount": -5},
            {"date_to": self.today},
            {"date_to": self.today - timedelta(days=1)},
            {"yearly": True, "date_to": self.today + timedelta(days=400)},
        ]
        for values in cases:
            with self.subTest(values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.env["credit.temporary.limit"].create({**good, **values})
        self.assertEqual(self._exposure().limit, 100)

    def test_bad_policies(self):
        Policy = self.env["credit.policy"]
        for values, words in (
            ({"check": "excess"}, "contradicts.*Within the limit"),
            ({"check": "excess", "level": "off"}, "contradicts"),
            ({"check": "overdue", "partner_id": self.customer.id, "days": -1}, "below zero"),
            ({"check": "order_max", "partner_id": self.customer.id, "level": "hold"}, "no largest order"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                Policy.create({"name": "Bad", **values})
        first = Policy.create({"name": "A", "check": "excess", "partner_id": self.customer.id})
        second = Policy.create({"name": "B", "check": "excess", "partner_id": self.customer.id, "active": False})
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            second.active = True
        first.active = False
        second.active = True

    def test_bad_caps(self):
        Cap = self.env["credit.release.cap"]
        for values in (
            {"amount": 5},
            {"user_id": self.controller.id, "group_id": self.env.ref("base.group_user").id},
            {"user_id": self.controller.id, "amount": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                Cap.create(values)
        Cap.create({"user_id": self.controller.id, "amount": 5})
        with self.assertRaises(ValidationError):
            Cap.create({"user_id": self.controller.id, "amount": 6})

    def test_bad_groups_of_companies(self):
        second, third = self._company("Second"), self._company("Third")
        second.credit_company_id = self.company
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            third.credit_company_id = second
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.company.credit_company_id = third
        usd = self._rate("USD", None)
        foreign = self._company("Foreign", currency=usd)
        with self.assertRaisesRegex(ValidationError, "exchange rate"):
            foreign.credit_company_id = self.company

    def test_freeze_needs_a_reason(self):
        account = self._account(limit=10)
        with self.assertRaises(UserError):
            account._freeze(" ")
        wizard = (
            self.env["credit.freeze"]
            .with_user(self.manager)
            .create(
                {
                    "account_ids": account.ids,
                    "operation": "freeze",
                    "reason": "Bankrupt",
                }
            )
        )
        wizard.action_apply()
        self.assertTrue(account.frozen)


@tagged("post_install", "-at_install")
class TestCustomerScreens(CreditCase):
    """Columns and filters on customers: few queries, right figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [{"name": f"Customer {n:03}", "is_company": True} for n in range(80)]
        )
        cls.over, cls.high, cls.late = cls.customers[:3]
        for partner, limit in ((cls.over, 100), (cls.high, 1000), (cls.late, 1000)):
            cls._account(partner, limit=limit)

    def test_filters(self):
        self._invoice(101, partner=self.over)
        self._invoice(801, partner=self.high)
        self._invoice(100, partner=self.late, due=-1)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.over.id})
        Partner = self.env["res.partner"].with_user(self.salesman)

        def found(*domain):
            return Partner.search([("id", "in", (self.customers + contact).ids), *domain])

        self.assertEqual(found(("credit_over_limit", "=", True)), self.over + contact)
        self.assertEqual(found(("credit_over_limit", "=", False)), self.customers - self.over)
        self.assertEqual(found(("credit_utilisation", ">", 80)), self.over + self.high + contact)
        self.assertEqual(found(("credit_overdue", ">", 0)), self.late)
        self.assertEqual(found(("credit_overdue_days", ">=", 1)), self.late)
        self.assertEqual(found(("credit_exposure", ">=", 801)), self.high)
        self.assertEqual(found(("credit_exposure", "<", 100)), self.customers - self.over - self.high - self.late)
        self.assertEqual(found(("credit_exposure", "=", 0)), self.customers - self.over - self.high - self.late)
        self.assertEqual(found(("credit_exposure", "!=", 0)), self.over + self.high + self.late + contact)
        self.assertEqual(found(("credit_remaining", "<", 0)), self.over + contact)
        self.assertEqual(found(("credit_limit_total", "=", 1000)), self.high + self.late)
        self._account(self.customers[5], mode="none")
        self.assertFalse(found(("credit_frozen", "=", True)))
        self.env["credit.account"].search([("partner_id", "=", self.late.id)])._freeze("x")
        self.assertEqual(found(("credit_frozen", "=", True)), self.late)
        self.assertEqual(self.env["credit.account"].search([("over_limit", "=", True)]).partner_id, self.over)
        self.company.write({"credit_default_mode": "amount", "credit_default_limit": 50})
        self.assertIn(self.customers[9], found(("credit_limit_total", "=", 50)))
        self.assertNotIn(self.customers[9], found(("credit_remaining", "<", 50)))

    def test_list_of_80(self):
        """Our columns cost at most 6 queries, however many customers are listed."""
        for partner in self.customers[:20]:
            self._invoice(10, partner=partner)
        columns = [
            "credit_limit_total",
            "credit_exposure",
            "credit_remaining",
            "credit_utilisation",
            "credit_overdue",
            "credit_currency_id",
        ]
        Partner = self.env["res.partner"].with_user(self.salesman)

        def count(ids, names):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Partner.browse(ids).read(["name", *names])
            return self.cr.sql_log_count - before

        count(self.customers.ids, columns)
        extra = [count(ids, columns) - count(ids, []) for ids in (self.customers[:40].ids, self.customers.ids)]
        self.assertLessEqual(extra[1], 6)
        self.assertEqual(*extra)

    def test_form_loads_for_everybody(self):
        self._account(limit=100)
        for user in (self.salesman, self.biller, self.reader, self.controller, self.manager):
            with self.subTest(user.login):
                for model in ("res.partner", "credit.account", "sale.order.hold"):
                    self.env[model].with_user(user).get_views([(False, "form"), (False, "list"), (False, "search")])
                picture = self.customer.with_user(user).credit_picture
                self.assertEqual(picture["limit"], 100)
                self.assertEqual(len(picture["ageing"]), 5)
