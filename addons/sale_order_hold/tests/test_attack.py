import json
from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import HoldCase


@tagged("post_install", "-at_install")
class TestAttack(HoldCase):
    """C6, C7: what a salesperson, or a customer, may try by RPC to get past the gate."""

    def rpc(self, record, method, *args, user=None, context=None):
        """Call as a client does: values pass through JSON, ``record`` may be empty."""
        args = json.loads(json.dumps([record.ids, *args] if record else list(args)))
        kwargs = {"context": context} if context else {}
        return call_kw(self.env[record._name].with_user(user or self.salesman), method, args, kwargs)

    def line(self, quantity, **values):
        return {
            "product_id": self.product.id,
            "product_uom_qty": quantity,
            "price_unit": 100.0,
            "tax_ids": False,
            **values,
        }

    def confirmed(self, quantity):
        order = self.order(quantity)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        return order

    def assertGrowthHeld(self, order, checked):
        self.assertEqual((order.state, order.hold_state, order.hold_checked_amount), ("sale", "held", checked))

    # === GROWTH BY DETOURS === #

    def test_line_of_another_order(self):
        """A command on one order that changes a line of another one."""
        first, second = self.confirmed(2), self.confirmed(2)
        self.rpc(first, "write", {"order_line": [Command.update(second.order_line.id, {"product_uom_qty": 50})]})
        self.assertGrowthHeld(second, 200.0)
        self.assertEqual((first.hold_state, first.hold_checked_amount), ("clear", 200.0))

    def test_line_moved_between_confirmed_orders(self):
        first, second = self.confirmed(8), self.confirmed(1)
        self.rpc(
            first,
            "write",
            {"order_line": [Command.update(first.order_line.id, {"order_id": second.id, "product_uom_qty": 12})]},
        )
        self.assertGrowthHeld(second, 100.0)

    def test_line_with_order_from_the_context(self):
        order = self.confirmed(2)
        self.rpc(self.env["sale.order.line"], "create", [self.line(50)], context={"default_order_id": order.id})
        self.assertGrowthHeld(order, 200.0)

    def test_touching_a_held_order_does_not_clear_it(self):
        """An order held for another reason than its size stays held, whatever else is changed."""
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self.order(10, partner_id=other.id).action_confirm()
        order = self.confirmed(8)
        order.partner_invoice_id = other
        self.assertGrowthHeld(order, 800.0)
        self.rpc(order.order_line, "write", {"price_unit": 100.0})
        self.assertGrowthHeld(order, 800.0)
        self.rpc(order.order_line, "write", {"product_uom_qty": 7})
        self.assertEqual(order.hold_state, "held", "smaller, and still too much for this customer")
        order.partner_invoice_id = self.customer
        self.assertEqual(order.hold_state, "clear")

    # === STATES === #

    def test_confirmed_orders_go_back_by_cancelling_only(self):
        """A write that takes an order out of the sums while its deliveries go on."""
        order = self.confirmed(8)
        for state in ("draft", "sent", "cancel"):
            with self.subTest(state), self.assertRaises(UserError):
                self.rpc(order, "write", {"state": state})
        order.action_cancel()
        self.assertEqual(order.state, "cancel")
        order.action_draft()
        self.assertEqual(order.state, "draft")
        order.action_quotation_sent()
        self.rpc(order, "write", {"state": "cancel"})
        self.assertEqual(order.state, "cancel", "quotations don't matter")

    def test_hold_by_hand_outlives_cancelling(self):
        for decision in (None, "refused"):
            for detour in ("write", "buttons"):
                with self.subTest(decision=decision, detour=detour):
                    order = self.order(1)
                    order.with_user(self.controller)._hold_force("Clarify the address")
                    if decision:
                        order.sudo().hold_ids.with_user(self.controller)._refuse("No")
                    if detour == "write":
                        self.rpc(order, "write", {"state": "draft"})
                    else:
                        self.rpc(order, "action_cancel")
                        self.rpc(order, "action_draft")
                    self.rpc(order, "action_confirm")
                    self.assertEqual((order.state, order.hold_state), ("draft", decision or "held"))

    def test_released_hold_by_hand(self):
        order = self.order(1)
        order.with_user(self.controller)._hold_force("Clarify the address")
        order.action_cancel()
        order.action_draft()
        self.release(order)
        self.assertEqual(order.state, "sale")

    # === HOLDS === #

    def test_defaults_for_holds(self):
        """Defaults that would have holds made as released."""
        context = {
            "default_state": "released",
            "default_amount_authorised": 1e9,
            "default_valid_until": "2099-01-01",
            "default_keeper": "manual",
            "default_decision_by": self.salesman.id,
            "default_amount": 1.0,
        }
        order = self.order(11)
        for _turn in range(2):
            self.rpc(order, "action_confirm", context=context)
            self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        hold = order.sudo().hold_ids
        self.assertEqual(
            (hold.state, hold.amount, hold.amount_authorised, hold.decision_by.id), ("held", 1100.0, 0.0, False)
        )

    def test_defaults_of_the_user(self):
        """Everybody may store default values for himself."""

        def default(model, field, value):
            call_kw(self.env["ir.default"].with_user(self.salesman), "set", [model, field, value, True], {})

        default("sale.order.hold", "state", "released")
        default("sale.order.hold", "amount_authorised", 1e9)
        order = self.order(11)
        for _turn in range(2):
            order.action_confirm()
            self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        for field, value in {
            "hold_state": "released",
            "hold_checked_amount": 1e9,
            "hold_customer_id": self.env.user.partner_id.id,
        }.items():
            default("sale.order", field, value)
        order = self.order(11)
        self.assertEqual(
            (order.hold_state, order.hold_checked_amount, order.hold_customer_id), ("clear", 0.0, self.customer)
        )

    def test_release_is_for_the_customer_it_was_given_for(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        for change_first in (True, False):
            with self.subTest(change_first=change_first):
                order = self.order(11)
                order.action_confirm()
                if change_first:
                    order.partner_id = other
                hold = order.sudo().hold_ids
                self.release(order, confirm=False)
                order.partner_id = other
                order.action_confirm()
                self.assertEqual((order.state, order.hold_state), ("draft", "held"))
                self.assertEqual(
                    (hold.state, hold.partner_id), ("released", self.customer), "what was decided stays on record"
                )

    def test_check_again_is_for_held_orders(self):
        order = self.order(11)
        order.action_confirm()
        hold = order.sudo().hold_ids
        order.action_cancel()
        self.rpc(hold, "action_check_again")
        self.assertEqual((order.hold_state, len(order.sudo().hold_ids)), ("clear", 1), "cancelled orders aren't held")

    # === WHO === #

    def test_gate_is_for_those_who_may_confirm(self):
        """Calling the method on an order that one may not change tells nothing, and leaves nothing behind."""
        portal = new_test_user(self.env, "hold_portal", "base.group_portal")
        self.customer.email = portal.email
        portal.partner_id.parent_id = self.customer
        order = self.order(11, partner_id=portal.partner_id.id)
        order.message_subscribe(portal.partner_id.ids)
        reader = new_test_user(self.env, "hold_reader", "sale_order_hold.group_hold_controller")
        for user in (portal, self.colleague, reader):
            for method, args in (("action_confirm", ()), ("write", ({"state": "sale"},))):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(order, method, *args, user=user)
        self.assertFalse(order.sudo().hold_ids)

    # === NUMBERS === #

    def assertRefused(self, call):
        try:
            with self.env.cr.savepoint():
                call()
                self.env.flush_all()
        except (UserError, ValueError, ArithmeticError):
            return
        self.fail("taken for a number")

    def test_no_number(self):
        """JSON of Python knows NaN and Infinity; compared with a limit, both are harmless or invisible."""
        order, confirmed = self.order(1), self.confirmed(1)
        for value in (float("nan"), float("inf"), float("-inf")):
            for field in ("product_uom_qty", "price_unit", "discount"):
                for target in (order, confirmed):
                    with self.subTest(value=value, field=field, state=target.state):
                        self.assertRefused(partial(self.rpc, target.order_line, "write", {field: value}))
        order.action_confirm()
        self.assertEqual((order + confirmed).mapped("amount_total"), [100.0, 100.0])

    def test_no_number_authorised(self):
        order = self.order(11)
        order.action_confirm()
        Wizard = self.env["sale.order.hold.decision"]
        values = {
            "hold_ids": [Command.set(order.sudo().hold_ids.ids)],
            "code_id": self.env["sale.order.hold.code"].search([("decision", "=", "released")], limit=1).id,
            "reason": "x",
        }

        def release(amount):
            wizard_id = self.rpc(Wizard, "create", {**values, "amount": amount}, user=self.controller)
            self.rpc(Wizard.browse(wizard_id), "action_decide", user=self.controller)

        for value in (float("nan"), float("inf"), float("-inf"), -5.0):
            with self.subTest(value):
                self.assertRefused(partial(release, value))
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
