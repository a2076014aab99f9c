from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import HoldCase


@tagged("post_install", "-at_install")
class TestDoors(HoldCase):
    """C6: whatever way an order is to become confirmed, it passes the gate or is held."""

    def assertHeld(self, order, state="draft"):
        self.assertEqual((order.state, order.hold_state), (state, "held"))
        self.assertEqual(
            order.sudo().hold_ids.filtered(lambda hold: hold.state == "held").mapped("amount"), [order.amount_total]
        )

    def test_button(self):
        small, big = self.order(10), self.order(11)
        self.assertEqual(small.action_confirm(), True)
        self.assertEqual((small.state, small.hold_state, small.hold_checked_amount), ("sale", "clear", 1000.0))
        answer = big.action_confirm()
        self.assertHeld(big)
        self.assertIn("2100.00 > 1000.00", answer["params"]["message"])
        self.assertIn("Conny Controller", answer["params"]["message"])
        self.assertIn("2100.00 > 1000.00", big.hold_message)

    def test_sent_order_stays_sent(self):
        order = self.order(11)
        order.action_quotation_sent()
        order.action_confirm()
        self.assertHeld(order, "sent")

    def test_batch_counts_what_came_before(self):
        first, second, third = self.order(8), self.order(8), self.order(2)
        (first + second + third).action_confirm()
        self.assertEqual((first + second + third).mapped("state"), ["sale", "draft", "sale"])
        self.assertHeld(second)

    def test_write_of_state(self):
        order, small = self.order(11), self.order(1)
        (order + small).write({"state": "sale", "client_order_ref": "kept"})
        self.assertHeld(order)
        self.assertEqual(small.state, "sale")
        self.assertEqual((order + small).mapped("client_order_ref"), ["kept", "kept"])

    def test_write_of_state_with_lines(self):
        order = self.order(1)
        order.write({"state": "sale", "order_line": [Command.update(order.order_line.id, {"product_uom_qty": 11})]})
        self.assertHeld(order)
        self.assertEqual(order.order_line.product_uom_qty, 11, "nothing of the input is lost")

    def test_create_as_confirmed(self):
        lines = [
            Command.create({"product_id": self.product.id, "product_uom_qty": 6, "price_unit": 100.0, "tax_ids": False})
        ]
        orders = (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create([{"partner_id": self.customer.id, "state": "sale", "order_line": lines} for _number in range(2)])
        )
        self.assertEqual(orders.mapped("state"), ["sale", "draft"])
        self.assertHeld(orders[1])
        self.assertEqual(orders[0].hold_checked_amount, 600.0)
        orders = orders.with_context(default_state="sale").create({"partner_id": self.customer.id, "order_line": lines})
        self.assertHeld(orders)

    def test_import_as_confirmed(self):
        result = (
            self.env["sale.order"]
            .with_user(self.salesman)
            .load(
                [
                    "partner_id/.id",
                    "state",
                    "order_line/product_id/.id",
                    "order_line/product_uom_qty",
                    "order_line/price_unit",
                ],
                [[str(self.customer.id), "sale", str(self.product.id), "11", "100"]],
            )
        )
        order = self.env["sale.order"].browse(result["ids"])
        self.assertHeld(order)

    def test_copy(self):
        order = self.order(11)
        order.action_confirm()
        self.release(order)
        copy = order.copy()
        self.assertEqual((copy.state, copy.hold_state, copy.hold_checked_amount), ("draft", "clear", 0.0))
        copy.action_confirm()
        self.assertHeld(copy)
        with self.subTest("a copy that claims to be confirmed"):
            self.assertHeld(order.copy({"state": "sale"}))

    def test_rpc_with_any_context(self):
        order = self.order(11)
        context = {
            "hold_passed": order.ids,
            "hold_edit": True,
            "bypass_risk": True,
            "skip_hold": True,
            "install_mode": True,
            "import_file": True,
            "no_check": True,
            "tracking_disable": True,
        }
        model = self.env["sale.order"].with_user(self.salesman)
        call_kw(model, "action_confirm", [order.ids], {"context": context})
        self.assertHeld(order)
        call_kw(model, "write", [order.ids, {"state": "sale"}], {"context": context})
        self.assertHeld(order)
        call_kw(model, "web_save", [order.ids, {"state": "sale"}], {"context": context, "specification": {}})
        self.assertHeld(order)
        for vals in (
            {"hold_state": "released"},
            {"hold_checked_amount": 1e9},
            {"hold_customer_id": 1},
            {"amount_total": 1.0},
            {"currency_rate": 1e9},
        ):
            with self.assertRaises(AccessError):
                call_kw(model, "write", [order.ids, vals], {"context": context})
            with self.assertRaises(AccessError):
                call_kw(model, "create", [[{"partner_id": self.customer.id, **vals}]], {"context": context})
        with self.assertRaises(AccessError):
            call_kw(
                model, "create", [[{"partner_id": self.customer.id}]], {"context": {"default_hold_state": "released"}}
            )

    def test_lines_are_worth_what_they_cost(self):
        order = self.order(11)
        with self.assertRaisesRegex(AccessError, "Set by the system"):
            order.write({"order_line": [Command.update(order.order_line.id, {"price_total": 1.0})]})
        with self.assertRaises(AccessError):
            order.order_line.write({"price_subtotal": 1.0})

    def test_private_methods_are_closed_to_rpc(self):
        order = self.order(11)
        order.action_confirm()
        model = self.env["sale.order"].with_user(self.salesman)
        for name in ("_hold_gate", "_hold_set_state", "_action_confirm", "_validate_order"):
            with self.assertRaises(AccessError):
                call_kw(model, name, [order.ids], {})
        for name in ("_release", "_decide", "_release_automatically"):
            with self.assertRaises(AccessError):
                call_kw(
                    self.env["sale.order.hold"].with_user(self.salesman), name, [order.sudo().hold_ids.ids, "x"], {}
                )

    def test_scheduled_job(self):
        order = self.order(11)
        action = self.env["ir.actions.server"].create(
            {
                "name": "Confirm",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": f"env['sale.order'].browse({order.id}).action_confirm()",
            }
        )
        action.with_user(self.env.ref("base.user_root")).run()
        self.assertHeld(order)

    def test_held_orders_take_no_part_in_confirmation(self):
        """Addons that act on all of self after super() see the passing orders only."""
        template = self.env["sale.order.template"].create(
            {
                "name": "Template",
                "mail_template_id": self.env.ref("sale.mail_template_sale_confirmation").id,
            }
        )
        small, big = (
            self.order(1, sale_order_template_id=template.id),
            self.order(11, sale_order_template_id=template.id),
        )
        small.order_line.product_uom_qty = 1
        mails = self.env["mail.message"].search_count([("res_id", "in", big.ids), ("model", "=", "sale.order")])
        (small + big).action_confirm()
        self.assertEqual((small + big).mapped("state"), ["sale", "draft"])
        messages = big.message_ids.filtered(lambda message: message.message_type in ("comment", "email"))
        self.assertFalse(messages, "no confirmation is sent for a held order")
        self.assertGreaterEqual(len(big.message_ids), mails)

    def test_queries_do_not_grow_with_the_batch(self):
        def queries(number, quantity):
            orders = self.env["sale.order"].union(*(self.order(quantity) for _order in range(number)))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            orders._hold_gate()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(2, 0)
        self.assertEqual(queries(10, 0), queries(20, 0), "passing")

        def held(number):
            orders = self.env["sale.order"].union(*(self.order(11) for _order in range(number)))
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            orders._hold_gate()
            self.env.flush_all()
            self.assertEqual(set(orders.mapped("hold_state")), {"held"})
            return self.env.cr.sql_log_count - before

        held(2)
        self.assertEqual(held(10), held(20), "held")

    def test_orders_without_lines_and_zero(self):
        order = self.order()
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))

    def test_foreign_currency(self):
        """A quotation counts at today's rate, a confirmed order at the rate of its confirmation."""
        currency = self.env["res.currency"].create({"name": "XQQ", "symbol": "Q"})
        rates = [("2020-01-01", 4.0), (fields.Date.today(), 2.0)]
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": day, "rate": rate, "company_id": self.env.company.id}
                for day, rate in rates
            ]
        )
        order = self.order(1)
        order.sudo().write({"currency_id": currency.id, "date_order": "2021-06-01"})
        self.assertEqual(order._hold_amount()[order.id], order.amount_total / 2)
        order.action_confirm()
        self.assertEqual(order._hold_amount()[order.id], order.amount_total / 2)

    def test_hold_customer_is_who_owes(self):
        group = self.env["res.partner"].create({"name": "Head Office", "is_company": True})
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": group.id, "type": "invoice"})
        order = self.order(1, partner_invoice_id=branch.id)
        self.assertEqual(order.hold_customer_id, group)
