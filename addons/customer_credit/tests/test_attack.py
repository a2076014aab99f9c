import json

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestAttack(CreditCase):
    """C6, C7, C9: detours around the limit that a client, a careless user or bad luck may take."""

    def rpc(self, record, method, *args, user=None, context=None):
        """Call as a client does: values pass through JSON, ``record`` may be empty."""
        args = json.loads(json.dumps([record.ids, *args] if record else list(args)))
        kwargs = {"context": context} if context else {}
        return call_kw(self.env[record._name].with_user(user or self.salesman), method, args, kwargs)

    def _held(self, amount, **values):
        order = self._order(amount, **values)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        return order

    def _release(self, orders, user=None, **values):
        holds = orders.sudo().hold_ids.filtered(lambda hold: hold.state == "held")
        holds.with_user(user or self.controller)._release("Agreed", **values)

    # === FALSE FIGURES === #

    def test_what_is_invoiced_cannot_be_faked(self):
        self._account(limit=100)
        order = self._order(500)
        for values in ({"amount_invoiced": 500}, {"is_downpayment": True, "amount_invoiced": 500}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.rpc(order.order_line, "write", values)
        for field in ("uninvoiced_amount", "amount_total"):
            call_kw(self.env["ir.default"].with_user(self.salesman), "set", ["sale.order", field, 0.0, True], {})
        for field in ("price_total", "price_subtotal", "amount_invoiced"):
            call_kw(self.env["ir.default"].with_user(self.salesman), "set", ["sale.order.line", field, 1.0, True], {})
        self._held(500)

    def test_payments_of_others_cannot_be_borrowed(self):
        """An online payment under way counts for the order that it was made for."""
        self._account(limit=100)
        order = self._order(500)
        with self.assertRaises(AccessError):
            self.rpc(order, "write", {"transaction_ids": [Command.set([])]})

    def test_wrong_invoice_of_a_partial_delivery(self):
        """What was delivered is invoiced again after the wrong invoice was taken back, and the rest still comes."""
        order = self._order(1000, product=self.goods, quantity=10)
        order.action_confirm()
        line = order.order_line.sudo()
        line.qty_delivered = 3
        first = order.sudo()._create_invoices()
        first.action_post()
        line.qty_delivered = 6
        second = order.sudo()._create_invoices()
        second.action_post()
        second._reverse_moves([{"invoice_date": self.today}], cancel=True)
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.orders, figures.exposure), (300, 700, 1000))
        order.sudo()._create_invoices().action_post()
        figures = self._exposure()
        self.assertEqual((figures.receivable, figures.orders, figures.exposure), (600, 400, 1000))
        with self.subTest("a return besides"):
            line.qty_delivered = 4
            order.sudo()._create_invoices(final=True).action_post()
            figures = self._exposure()
            self.assertEqual((figures.receivable - figures.unapplied, figures.orders), (400, 400))

    # === GROWTH THAT THE TOTAL DOESN'T SHOW === #

    def test_exchange_of_invoiced_goods(self):
        """What was invoiced is taken out of the order and something else put in: the total stays, the debt doubles."""
        self._account(limit=1000)
        order = self._order(1000, quantity=10)
        order.action_confirm()
        order.sudo()._create_invoices().action_post()
        self.rpc(
            order,
            "write",
            {
                "order_line": [
                    Command.update(order.order_line.id, {"product_uom_qty": 1}),
                    Command.create(
                        {"product_id": self.product.id, "product_uom_qty": 9, "price_unit": 100, "tax_ids": False}
                    ),
                ]
            },
        )
        self.assertEqual((order.amount_total, order.uninvoiced_amount), (1000, 900))
        self.assertEqual(order.hold_state, "held")
        with self.subTest("touched"):
            self.rpc(order.order_line[1], "write", {"price_unit": 100})
            self.assertEqual(order.hold_state, "held")
        with self.subTest("taken back"):
            order.write(
                {
                    "order_line": [
                        Command.update(order.order_line[0].id, {"product_uom_qty": 10}),
                        Command.update(order.order_line[1].id, {"product_uom_qty": 0}),
                    ]
                }
            )
            self.assertEqual(order.hold_state, "clear")

    def test_delivery_is_no_growth(self):
        self._account(limit=1000)
        order = self._order(1000, quantity=10)
        order.action_confirm()
        self._invoice(500)
        self.rpc(order.order_line, "write", {"qty_delivered": 12})
        self.assertEqual((order.hold_state, order.uninvoiced_amount), ("clear", 1200))

    # === RELEASES === #

    def test_frozen_after_the_release(self):
        """A release for an excess doesn't cover a customer that is frozen since; one for the frozen customer does."""
        account = self._account(limit=100)
        order = self._held(500)
        self._release(order, confirm=False)
        account._freeze("Sued")
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        self.assertIn("frozen", order.sudo()._hold_current().reason_ids.mapped("code"))
        self._release(order)
        self.assertEqual(order.state, "sale")

    def test_terms_after_the_release(self):
        self._account(limit=100, limit_payment_days=True, payment_days=0)
        self.env.ref("customer_credit.credit_policy_terms").level = "hold"
        long = self.env["account.payment.term"].create(
            {
                "name": "A year",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 360})],
            }
        )
        order = self._held(500, payment_term_id=self.immediate.id)
        self._release(order, confirm=False)
        order.payment_term_id = long
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))

    def test_cap_counts_what_is_released_and_not_confirmed(self):
        """Two releases of 500 each, one after the other or at once, are 1,000 over the limit."""
        self._account(limit=100)
        self.env["credit.release.cap"].create(
            {"user_id": self.controller.id, "amount": 600, "company_id": self.company.id}
        )
        for at_once in (True, False):
            with self.subTest(at_once=at_once), self.env.cr.savepoint() as savepoint:
                first, second = self._held(600), self._held(600)
                if at_once:
                    with self.assertRaises(AccessError):
                        self._release(first + second)
                else:
                    self._release(first, confirm=False)
                    with self.assertRaises(AccessError):
                        self._release(second, confirm=False)
                savepoint.rollback()
        with self.subTest("confirmed in between"):
            first, second = self._held(600), self._held(600)
            self._release(first)
            with self.assertRaises(AccessError):
                self._release(second)

    # === CUSTOMERS === #

    def test_customer_with_account_stays_a_customer(self):
        """Made part of another customer, one would take over the other's limit and lose the freeze."""
        account = self._account(limit=100)
        account._freeze("Sued")
        big = self._customer("Big")
        self._account(big, mode="unlimited")
        partner = self.customer.with_user(self.biller)
        with self.assertRaises(ValidationError):
            partner.write({"is_company": False, "parent_id": big.id})
        with self.assertRaises(ValidationError):
            big.with_user(self.biller).write(
                {"child_ids": [Command.update(self.customer.id, {"parent_id": big.id, "is_company": False})]}
            )
        account.active = False
        partner.write({"is_company": False, "parent_id": big.id})
        self.assertEqual(self.customer.commercial_partner_id, big)

    def test_merge_keeps_the_account(self):
        account = self._account(limit=100)
        account._freeze("Sued")
        double, known = self._customer("Double"), self._customer("Known")
        self._account(known, mode="unlimited")
        wizard = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRaises(UserError):
            wizard._merge([self.customer.id, known.id], known)
        self.assertTrue(account.exists())
        self._invoice(70, partner=double)
        wizard._merge([double.id, self.customer.id], double)
        self.env.invalidate_all()
        figures = self._exposure(double)
        self.assertEqual((figures.frozen, figures.base_limit, figures.exposure), (True, 100, 70))

    def test_tags_that_policies_are_for(self):
        """A lax rule for a tag is no use if everybody may give the tag."""
        lax, other = self.env["res.partner.category"].create([{"name": "VIP"}, {"name": "South"}])
        self.env["credit.policy"].create({"name": "VIP", "check": "excess", "level": "off", "category_id": lax.id})
        partner = self.customer.with_user(self.biller)
        partner.category_id = other
        for attempt in (
            lambda: partner.write({"category_id": [Command.link(lax.id)]}),
            lambda: lax.with_user(self.biller).write({"partner_ids": [Command.link(partner.id)]}),
            lambda: (
                self.env["res.partner"]
                .with_user(self.biller)
                .create({"name": "New", "category_id": [Command.link(lax.id)]})
            ),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        self.customer.with_user(self.manager).category_id = lax + other
        partner.category_id = [Command.unlink(other.id)]
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            partner.category_id = [Command.clear()]
        self.assertEqual(self.customer.category_id, lax)

    def test_branch_with_orders_stays_with_its_customer(self):
        self._account(limit=1000)
        branches = self.env["res.partner"].create(
            [{"name": name, "parent_id": self.customer.id, "type": "invoice"} for name in ("North", "South", "West")]
        )
        north, south, _west = branches
        self._order(400, partner_invoice_id=north.id).action_confirm()
        self._invoice(300, partner=south)
        for values in ({"parent_id": False}, {"is_company": True}):
            with self.subTest(values), self.assertRaises(AccessError), self.env.cr.savepoint():
                north.with_user(self.biller).write(values)
        (branches - north).with_user(self.biller).write({"parent_id": False})
        self.assertEqual(self._exposure().exposure, 700, "an invoice stays with the customer that it was posted for")
        north.with_user(self.manager).write({"parent_id": False})
        self.assertEqual(self._exposure().exposure, 300)

    def test_old_rate_by_an_old_date(self):
        """The date of a confirmed order stays: its rate says what the order counts."""
        eur = self._rate("EUR", 1.0)
        self.env["res.currency.rate"].create(
            {
                "currency_id": eur.id,
                "company_id": self.company.id,
                "name": self.today,
                "inverse_company_rate": 7.0,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": eur.id, "company_id": self.company.id}
        )
        self._account(limit=5000)
        order = self._order(500, pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertEqual(self._exposure().orders, 3500)
        with self.assertRaises(AccessError):
            self.rpc(order, "write", {"date_order": "2026-01-01 00:00:00"})
        domestic = self._order(10)
        domestic.action_confirm()
        self.rpc(domestic, "write", {"date_order": "2026-01-01 00:00:00"})

    # === SETTINGS === #

    def test_payment_terms_changed_line_by_line(self):
        Term = self.env["account.payment.term"]
        self.assertEqual(Term._credit_days(self.immediate.id), 0)
        line = self.immediate.line_ids.create(
            {"payment_id": self.immediate.id, "value": "fixed", "value_amount": 0, "nb_days": 90}
        )
        self.assertEqual(Term._credit_days(self.immediate.id), 90)
        line.unlink()
        self.assertEqual(Term._credit_days(self.immediate.id), 0)
