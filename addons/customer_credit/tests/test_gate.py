from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestGate(CreditCase):
    """C6, C7, C9: orders beyond the credit are held, with the figures, whatever door they come through."""

    def _held(self, order):
        self.assertIn(order.state, ("draft", "sent"))
        self.assertEqual(order.hold_state, "held")

    def _confirmed(self, order):
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.hold_state, "clear")

    # === THE LIMIT === #

    def test_up_to_the_limit_and_not_beyond(self):
        self._account(limit=1000)
        order = self._order(1000)
        order.action_confirm()
        self._confirmed(order)
        self.assertFalse(self._codes(self._order(0)), "an order of nothing uses nothing")
        second = self._order(0.01)
        second.action_confirm()
        self._held(second)
        hold = second.hold_ids.sudo()
        self.assertEqual(hold.keeper, "credit")
        self.assertEqual(
            (hold.credit_limit, hold.credit_exposure, hold.credit_excess, hold.amount), (1000, 1000, 0.01, 0.01)
        )
        self.assertIn("1,000.00", hold.message)
        self.assertIn("Within the limit", hold.message)

    def test_three_modes(self):
        for mode, limit, passes in (
            ("unlimited", 0, True),
            ("none", 0, False),
            ("amount", 0, False),
            ("amount", 500, True),
        ):
            with self.subTest(mode, limit=limit):
                customer = self._customer(f"{mode} {limit}")
                self._account(customer, mode=mode, limit=limit)
                order = self._order(500, partner=customer)
                order.action_confirm()
                self.assertEqual(order.state == "sale", passes)
                if mode == "none":
                    self.assertEqual(order.hold_ids.sudo().reason_ids.mapped("code"), ["none"])

    def test_paid_in_advance_without_credit(self):
        self._account(mode="none")
        self._payment(500)
        order = self._order(500)
        order.action_confirm()
        self._confirmed(order)
        order = self._order(1)
        order.action_confirm()
        self._held(order)

    def test_customers_without_account(self):
        order = self._order(500)
        order.action_confirm()
        self._confirmed(order)
        self.company.write({"credit_default_mode": "amount", "credit_default_limit": 600})
        order = self._order(200)
        order.action_confirm()
        self._held(order)

    def test_company_mode(self):
        self._account(limit=100)
        self.company.credit_mode = "warn"
        order = self._order(500)
        self.assertEqual(self._codes(order), {("excess", "warn")})
        order.action_confirm()
        self._confirmed(order)
        self.assertIn("400.00", order.sudo().message_ids.mapped("body")[0])
        self.company.credit_mode = "off"
        order = self._order(500)
        self.assertFalse(self._codes(order))
        order.action_confirm()
        self._confirmed(order)

    def test_batch_is_cumulative(self):
        """Limit 1,000 and two of 800: the first confirms, the second is held; a held one uses nothing."""
        self._account(limit=1000)
        first, second, third = self._order(800), self._order(800), self._order(200)
        (first + second + third).action_confirm()
        self._confirmed(first)
        self._held(second)
        self._confirmed(third)
        self.assertEqual(second.hold_ids.sudo().credit_exposure, 800)

    def test_batch_of_several_customers(self):
        other = self._customer("Other")
        self._account(limit=1000)
        self._account(other, limit=1000)
        orders = self._order(800) + self._order(800, partner=other) + self._order(300) + self._order(100, partner=other)
        orders.action_confirm()
        self.assertEqual(orders.mapped("hold_state"), ["clear", "clear", "held", "clear"])

    def test_branches_use_one_limit(self):
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id})
        self._account(limit=1000)
        orders = self._order(800, partner=branch) + self._order(800)
        orders.action_confirm()
        self.assertEqual(orders.mapped("hold_state"), ["clear", "held"])

    def test_group_of_companies_uses_one_limit(self):
        eur = self._rate("EUR", 7.0)
        other = self._company("Overseas", currency=eur)
        other.credit_company_id = self.company
        self._account(limit=1000)
        there = self._order(100, company=other, user=self._user("overseas", "sales_team.group_sale_salesman", other))
        there.action_confirm()
        self._confirmed(there)
        here = self._order(400)
        here.action_confirm()
        self._held(here)
        self.assertEqual(here.hold_ids.sudo().credit_exposure, 700)
        self.assertIn(
            (self.company.id, self.customer.id), there.sudo()._hold_lock_keys(), "both companies write one row"
        )

    # === DOORS === #

    def test_doors(self):
        self._account(limit=100)
        order = self._order(500)
        order.with_user(self.salesman).with_context(hold_passed=True, credit_skip=True, bypass=True).action_confirm()
        self._held(order)
        order = self._order(500)
        order.with_user(self.salesman).write({"state": "sale"})
        self._held(order)
        order = self._order(500, state="sale")
        self._held(order)
        order = self._order(500)
        order.sudo().action_confirm()
        self._held(order)
        order = self._order(500)
        order.action_quotation_sent()
        order.sudo()._validate_order()
        self._held(order)

    def test_edit_of_a_confirmed_order(self):
        self._account(limit=1000)
        order = self._order(500)
        order.action_confirm()
        order.order_line.price_unit = 900
        self.assertEqual(order.hold_state, "clear", "its own 500 is not counted against it")
        order.order_line.price_unit = 10000
        self.assertEqual(order.hold_state, "held")
        self.assertEqual(order.hold_ids.sudo()[0].credit_excess, 9000)
        order.order_line.price_unit = 500
        self.assertEqual(order.hold_state, "clear")

    def test_edit_of_a_partly_invoiced_order(self):
        self._account(limit=1000)
        order = self._order(800, product=self.goods, quantity=8)
        order.action_confirm()
        order.order_line.sudo().qty_delivered = 4
        order.sudo()._create_invoices().action_post()
        order.order_line.product_uom_qty = 10
        self.assertEqual(order.hold_state, "clear", "400 invoiced and 600 open are 1,000")
        order.order_line.product_uom_qty = 11
        self.assertEqual(order.hold_state, "held")
        self.assertEqual(order.hold_ids.sudo()[0].credit_excess, 100)

    def test_draft_invoice_counts_once(self):
        self._account(limit=1000)
        order = self._order(600)
        order.action_confirm()
        order.sudo()._create_invoices()
        second = self._order(400)
        second.action_confirm()
        self._confirmed(second)

    # === POLICIES === #

    def test_overdue_half_open(self):
        """30 days are tolerated: at 30 days it warns, from 31 on it holds."""
        self._account(mode="unlimited")
        for days, expected in (
            (0, set()),
            (1, {("overdue", "warn")}),
            (30, {("overdue", "warn")}),
            (31, {("overdue", "hold")}),
        ):
            with self.subTest(days):
                customer = self._customer(f"Late {days}")
                self._invoice(100, partner=customer, due=-days, date=-days - 30)
                self.assertEqual(self._codes(self._order(10, partner=customer)), expected)

    def test_overdue_amount(self):
        policy = self.env.ref("customer_credit.credit_policy_overdue")
        policy.write({"tolerance_amount": 100, "days": 0, "early": False})
        self._invoice(100, due=-5)
        self.assertFalse(self._codes(self._order(10)))
        self._invoice(0.01, due=-5)
        self.assertEqual(self._codes(self._order(10)), {("overdue", "hold")})
        self._payment(0.01)
        self.assertFalse(
            self._codes(self._order(10)), "what was paid is not called overdue, though it is not set off yet"
        )

    def test_excess_tolerance(self):
        policy = self.env.ref("customer_credit.credit_policy_excess")
        policy.write({"tolerance_amount": 50, "tolerance_percent": 10})
        self._account(limit=1000)
        for amount, expected in (
            (1000, set()),
            (1000.01, {("excess", "warn")}),
            (1100, {("excess", "warn")}),
            (1100.01, {("excess", "hold")}),
        ):
            with self.subTest(amount):
                self.assertEqual(self._codes(self._order(amount)), expected)

    def test_other_checks(self):
        self.env.ref("customer_credit.credit_policy_oldest").write({"level": "hold", "days": 60})
        self.env.ref("customer_credit.credit_policy_order_max").write({"level": "hold", "amount": 700})
        self._invoice(10, date=-60)
        self.assertFalse(self._codes(self._order(700)))
        self._invoice(10, date=-61)
        self.assertEqual(self._codes(self._order(700.01)), {("oldest", "hold"), ("order_max", "hold")})

    def test_expired_limit(self):
        account = self._account(limit=1000, valid_until=self.today + timedelta(days=1))
        self.assertFalse(self._codes(self._order(10)))
        account.valid_until = self.today
        self.assertEqual(self._codes(self._order(10)), {("expired", "hold")})
        self.env.ref("customer_credit.credit_policy_expired").level = "off"
        self.assertFalse(self._codes(self._order(10)))

    def test_payment_terms(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "60 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
                ],
            }
        )
        account = self._account(limit=1000)
        order = self._order(10, payment_term_id=term.id)
        self.assertFalse(self._codes(order), "nothing is said about days")
        account.write({"limit_payment_days": True, "payment_days": 60})
        self.assertFalse(self._codes(order))
        account.payment_days = 59
        self.assertEqual(self._codes(order), {("terms", "warn")})
        account.payment_days = 0
        self.assertFalse(self._codes(self._order(10, payment_term_id=self.immediate.id)))
        term.line_ids[1].write({"nb_days": 0, "delay_type": "days_after_end_of_month"})
        account.payment_days = 29
        self.assertEqual(self._codes(order), {("terms", "warn")})

    def test_frozen(self):
        account = self._account(mode="unlimited")
        account.with_user(self.manager)._freeze("Court case 2026/118")
        order = self._order(10)
        order.action_confirm()
        self._held(order)
        self.assertIn("Court case 2026/118", order.hold_message)
        account.with_user(self.manager)._unfreeze("Settled")
        self.assertFalse(self._codes(order))

    def test_most_specific_wins(self):
        """Customer before tag, tag before company, company before everybody; the winner is named."""
        tag = self.env["res.partner.category"].create({"name": "Chains"})
        Policy = self.env["credit.policy"]
        self._account(limit=1000)
        order = self._order(1500)

        def winner():
            codes = self._codes(order)
            return (codes, self._figures(order, "excess")["policy"]) if codes else (codes, None)

        self.assertEqual(winner(), ({("excess", "hold")}, "Within the limit"))
        Policy.create({"name": "Ours", "check": "excess", "level": "warn", "company_id": self.company.id})
        self.assertEqual(winner(), ({("excess", "warn")}, "Ours"))
        Policy.create(
            {"name": "Chains", "check": "excess", "level": "hold", "tolerance_amount": 100, "category_id": tag.id}
        )
        self.assertEqual(winner(), ({("excess", "warn")}, "Ours"), "not a chain")
        self.customer.category_id = tag
        self.assertEqual(winner(), ({("excess", "hold")}, "Chains"))
        own = Policy.create({"name": "Kangtai", "check": "excess", "level": "off", "partner_id": self.customer.id})
        self.assertEqual(winner(), (set(), None))
        own.active = False
        self.assertEqual(winner(), ({("excess", "hold")}, "Chains"))
        other = self._order(1500, partner=self._customer("Someone else"))
        self._account(other.partner_id, limit=1000)
        self.assertEqual(self._codes(other), {("excess", "warn")})

    def test_policy_of_another_company(self):
        self.env["credit.policy"].create(
            {
                "name": "Theirs",
                "check": "excess",
                "level": "off",
                "company_id": self._company("Other").id,
            }
        )
        self._account(limit=1000)
        self.assertEqual(self._codes(self._order(1500)), {("excess", "hold")})

    def test_missing_rate(self):
        usd = self._rate("USD", None)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": usd.id, "company_id": self.company.id}
        )
        order = self._order(1000, pricelist_id=pricelist.id)
        order.action_confirm()
        self._held(order)
        self.assertIn("USD", order.hold_message)
        self.assertIn("exchange rate", order.hold_message)
        self._account(limit=6000)
        self._rate("USD", 7.0)
        self.assertEqual(self._codes(order), {("excess", "hold")}, "a quotation counts at today's rate")

    # === RELEASE === #

    def test_release_and_growth(self):
        self._account(limit=1000)
        order = self._order(1500)
        order.action_confirm()
        hold = order.hold_ids
        self.assertEqual(hold.sudo()._release_group(), "customer_credit.group_credit_controller")
        with self.assertRaises(AccessError):
            hold.with_user(self.salesman)._release("please")
        with self.assertRaises(AccessError):
            hold.with_user(self.reader)._release("please")
        hold.with_user(self.controller)._release("Guarantee received")
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))
        order.order_line.price_unit = 1600
        self.assertEqual(order.hold_state, "held", "more than was authorised")

    def test_release_caps(self):
        Cap = self.env["credit.release.cap"]
        Cap.create({"group_id": self.env.ref("customer_credit.group_credit_controller").id, "amount": 400})
        self._account(limit=1000)
        order = self._order(1500)
        order.action_confirm()
        with self.assertRaisesRegex(AccessError, "500.00.*400.00"):
            order.hold_ids.with_user(self.controller)._release("ok")
        self._held(order)
        own = Cap.create({"user_id": self.controller.id, "amount": 500})
        with self.assertRaises(AccessError):
            order.hold_ids.with_user(self.controller)._release("ok", amount=1500.01)
        order.hold_ids.with_user(self.controller)._release("ok")
        self.assertEqual(order.state, "sale")
        own.unlink()
        second = self._order(2000)
        second.action_confirm()
        second.hold_ids.with_user(self.manager)._release("managers have no cap")
        self.assertEqual(second.state, "sale")

    def test_release_in_arrears(self):
        """After payment the oldest held order that fits goes first, and never more than the limit."""
        self._account(limit=1000)
        invoice = self._invoice(1000)
        orders = self.env["sale.order"]
        for amount in (600, 500, 300):
            order = self._order(amount)
            order.action_confirm()
            self._held(order)
            orders += order
        Hold = self.env["sale.order.hold"]
        Hold.search([("partner_id", "=", self.customer.id)])._credit_release_fitting()
        self.assertEqual(orders.mapped("hold_state"), ["held"] * 3)
        payment = self._payment(950)
        (invoice + payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        Hold.search(
            [("partner_id", "=", self.customer.id), ("state", "=", "held")], order="create_date, id"
        )._credit_release_fitting()
        self.assertEqual(
            orders.mapped("state"), ["sale", "draft", "sale"], "50 + 600 + 300 fit; 500 between them doesn't"
        )
        self.assertEqual(self._exposure().exposure, 950)
        self.assertTrue(orders[0].hold_ids.sudo().automatic)
        self.assertIn("available again", orders[0].hold_ids.sudo().decision_reason)

    def test_release_in_arrears_leaves_others(self):
        """What somebody else holds, and what was refused, is not released."""
        account = self._account(limit=100)
        by_hand, refused = self._order(500), self._order(400)
        (by_hand + refused).action_confirm()
        by_hand.with_user(self.controller)._hold_force("Address unclear")
        refused.hold_ids.with_user(self.controller)._refuse("No")
        account.credit_limit = 10000
        self.env["sale.order.hold"].search(
            [("state", "=", "held"), ("keeper", "=", "credit")]
        )._credit_release_fitting()
        self.assertEqual((by_hand.state, by_hand.hold_state), ("draft", "held"))
        self.assertEqual((refused.state, refused.hold_state), ("draft", "refused"))

    def test_release_is_triggered(self):
        cron = self.env.ref("customer_credit.ir_cron_credit_release")
        Trigger = self.env["ir.cron.trigger"]

        def triggered():
            count = Trigger.search_count([("cron_id", "=", cron.id)])
            return count - before

        before = Trigger.search_count([("cron_id", "=", cron.id)])
        account = self._account(limit=100)
        self._payment(1)
        self.assertEqual(triggered(), 0, "nothing is held")
        self._order(500).action_confirm()
        self._payment(1)
        self.assertEqual(triggered(), 1)
        account.credit_limit = 150
        self.assertEqual(triggered(), 2)

    # === BANNER === #

    def test_banner(self):
        self._account(limit=1000)
        self._invoice(300)
        order = self._order(500).with_user(self.salesman)
        picture = order.credit_picture
        self.assertEqual([picture[key] for key in ("limit", "used", "order", "remaining")], [1000, 300, 500, 200])
        self.assertFalse(order.credit_warning)
        order.order_line.price_unit = 800
        self.assertEqual(order.credit_picture["remaining"], -100)
        self.assertIn("100.00 over the limit", order.credit_warning)
        self.assertFalse(order.partner_credit_warning)
        with Form(order) as form:
            with form.order_line.edit(0) as line:
                line.price_unit = 100
            self.assertEqual(form.credit_picture["remaining"], 600)
        self.company.credit_mode = "off"
        order.invalidate_recordset()
        self.assertFalse(order.credit_picture)

    def test_messages_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._account(limit=1000)
        order = self._order(1500)
        order.action_confirm()
        chinese = order.hold_ids.sudo().reason_ids.with_context(lang="zh_CN").message
        self.assertIn("授信额度", chinese)
        self.assertIn("1,500.00", chinese)

    def test_bad_orders(self):
        self._account(limit=1000)
        order = self._order(10)
        order.order_line.unlink()
        self.assertFalse(self._codes(order), "an order without lines uses nothing")
        self.customer.active = False
        order = self._order(1500)
        order.action_confirm()
        self._held(order)
        with self.assertRaises(UserError):
            order.hold_ids.with_user(self.controller)._release("  ")

    # === SPEED === #

    def test_queries_of_confirming(self):
        """The keeper adds one statement, whatever the number of orders, documents and customers."""
        self._account(limit=100000)
        for _n in range(3):
            self._invoice(10)
        customers = self._customer("B") + self._customer("C") + self._customer("D")
        orders = [self._order(10, partner=partner).sudo() for partner in [self.customer, *customers]]
        orders = orders[0].concat(*orders[1:])
        self.env.flush_all()
        orders._hold_reasons(orders._hold_answers())

        def judge(batch):
            batch.invalidate_recordset()
            self.env["res.partner"].invalidate_model()
            # What the gate itself has read before the keepers.
            batch.mapped("hold_state")
            with self.assertQueryCount(1):
                batch._hold_reasons(batch._hold_answers())

        judge(orders[:1])
        judge(orders[:2])
        judge(orders)
