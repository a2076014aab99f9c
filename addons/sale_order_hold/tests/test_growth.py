from odoo.fields import Command
from odoo.tests import tagged

from .common import HoldCase


@tagged("post_install", "-at_install")
class TestGrowth(HoldCase):
    """C6, C7: a change of a confirmed order passes the same gate."""

    def setUp(self):
        super().setUp()
        self.confirmed = self.order(4, 4)
        self.confirmed.action_confirm()
        self.assertEqual(self.confirmed.state, "sale")

    def assertState(self, state, hold_state, checked):
        order = self.confirmed
        self.assertEqual((order.state, order.hold_state, order.hold_checked_amount), (state, hold_state, checked))

    def test_growth_within_limit(self):
        self.confirmed.order_line[0].product_uom_qty = 6
        self.assertState("sale", "clear", 1000.0)

    def test_growth_past_limit(self):
        for name, change in {
            "line quantity": lambda order: order.order_line[0].write({"product_uom_qty": 20}),
            "line price": lambda order: order.order_line[0].write({"price_unit": 1000.0}),
            "order with lines": lambda order: order.write(
                {"order_line": [Command.update(order.order_line[0].id, {"product_uom_qty": 20})]}
            ),
            "new line": lambda order: order.write(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": 16,
                                "price_unit": 100.0,
                                "tax_ids": False,
                            }
                        )
                    ]
                }
            ),
            "new line by itself": lambda order: (
                self.env["sale.order.line"]
                .with_user(self.salesman)
                .create(
                    {
                        "order_id": order.id,
                        "product_id": self.product.id,
                        "product_uom_qty": 16,
                        "price_unit": 100.0,
                        "tax_ids": False,
                    }
                )
            ),
        }.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                change(self.confirmed)
                self.assertState("sale", "held", 800.0)
                hold = self.confirmed.sudo().hold_ids
                self.assertEqual((len(hold), hold.state, hold.amount), (1, "held", self.confirmed.amount_total))
                savepoint.rollback()

    def test_discount_line_removed(self):
        self.confirmed.order_line = [
            Command.create(
                {"product_id": self.product.id, "product_uom_qty": 3, "price_unit": -100.0, "tax_ids": False}
            )
        ]
        self.assertState("sale", "clear", 500.0)
        self.confirmed.order_line[0].product_uom_qty = 9
        self.assertState("sale", "clear", 1000.0)
        self.confirmed.order_line[2].write({"price_unit": 0.0})
        self.assertState("sale", "held", 1000.0)

    def test_exchange_between_lines_is_looked_at_once(self):
        first, second = self.confirmed.order_line
        self.confirmed.write(
            {
                "order_line": [
                    Command.update(first.id, {"product_uom_qty": 8}),
                    Command.update(second.id, {"product_uom_qty": 0}),
                ]
            }
        )
        self.assertState("sale", "clear", 800.0)
        self.assertFalse(self.confirmed.sudo().hold_ids)

    def test_taken_back(self):
        line = self.confirmed.order_line[0]
        line.product_uom_qty = 20
        line.product_uom_qty = 3
        self.assertState("sale", "clear", 700.0)
        self.assertEqual(self.confirmed.sudo().hold_ids.state, "lapsed")
        line.product_uom_qty = 6
        self.assertState("sale", "clear", 1000.0)

    def test_lowered_amount_is_the_new_mark(self):
        self.confirmed.order_line[0].product_uom_qty = 1
        self.order(5).action_confirm()
        self.confirmed.order_line[0].product_uom_qty = 4
        self.assertState("sale", "held", 500.0)

    def test_released_growth(self):
        self.confirmed.order_line[0].product_uom_qty = 20
        hold = self.release(self.confirmed, amount=2500.0)
        self.assertState("sale", "released", 2400.0)
        self.assertEqual(hold.decision_by, self.controller)
        with self.subTest("within the authorised amount"):
            self.confirmed.order_line[0].product_uom_qty = 21
            self.assertState("sale", "released", 2500.0)
        with self.subTest("past it"):
            self.confirmed.order_line[0].product_uom_qty = 22
            self.assertState("sale", "held", 2500.0)
            self.assertEqual(sorted(self.confirmed.sudo().hold_ids.mapped("state")), ["held", "released"])

    def test_refused_growth(self):
        self.confirmed.order_line[0].product_uom_qty = 20
        self.confirmed.sudo().hold_ids.with_user(self.controller)._refuse("Too much")
        self.assertState("sale", "refused", 800.0)
        self.confirmed.order_line[0].product_uom_qty = 4
        self.assertState("sale", "clear", 800.0)

    def test_change_of_customer(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self.order(10, partner_id=other.id).action_confirm()
        self.confirmed.write({"partner_invoice_id": other.id})
        self.assertState("sale", "held", 800.0)

    def test_delivered_quantity_is_no_growth(self):
        self.confirmed.order_line[0].qty_delivered = 4
        self.assertState("sale", "clear", 800.0)

    def test_hold_by_hand_survives_a_smaller_order(self):
        self.confirmed.with_user(self.controller)._hold_force("Clarify the address")
        self.confirmed.order_line[0].product_uom_qty = 2
        self.assertState("sale", "held", 600.0)
