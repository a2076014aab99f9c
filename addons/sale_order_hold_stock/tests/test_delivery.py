from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sale_order_hold.tests.common import HoldCase


@tagged("post_install", "-at_install")
class TestDelivery(HoldCase):
    """C6: what was added to a confirmed order is delivered once it is released, not before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Vaccine", "type": "consu", "is_storable": True, "list_price": 100.0, "taxes_id": False}
        )

    def setUp(self):
        super().setUp()
        self.confirmed = self.order(4, 4)
        self.confirmed.action_confirm()

    def demand(self):
        return sum(
            self.confirmed.sudo()
            .picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
            .mapped("product_uom_qty")
        )

    def test_growth_is_delivered_after_release(self):
        self.assertEqual(self.demand(), 8)
        line = self.confirmed.order_line[0]
        line.product_uom_qty = 6
        self.assertEqual(self.demand(), 10)
        line.product_uom_qty = 20
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("held", 10))
        self.release(self.confirmed)
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("released", 24))

    def test_growth_in_the_order_form(self):
        line = self.confirmed.order_line[0]
        self.confirmed.write({"order_line": [Command.update(line.id, {"product_uom_qty": 20})]})
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("held", 8))
        self.confirmed.write({"order_line": [Command.update(line.id, {"product_uom_qty": 5})]})
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("clear", 9))

    def test_new_line(self):
        new = Command.create(
            {"product_id": self.product.id, "product_uom_qty": 16, "price_unit": 100.0, "tax_ids": False}
        )
        self.confirmed.write({"order_line": [new]})
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("held", 8))
        self.confirmed.sudo().hold_ids.with_user(self.controller)._refuse("Too much")
        self.assertEqual((self.confirmed.hold_state, self.demand()), ("refused", 8))

    def test_held_order_has_no_delivery(self):
        order = self.order(11)
        order.action_confirm()
        self.assertFalse(order.sudo().picking_ids)
        self.release(order)
        self.assertTrue(order.sudo().picking_ids)

    # === THE CHECKPOINT: WHAT WAS RELEASED GOES OUT, WHAT GOES OUT IS INVOICED === #

    def deliver(self, order=None):
        """Send out what the order's open deliveries ask for."""
        pickings = (order or self.confirmed).sudo().picking_ids.filtered(lambda picking: picking.state != "done")
        for move in pickings.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})

    def invoice(self, order=None):
        move = (order or self.confirmed).sudo()._create_invoices()
        move.action_post()
        self.assertEqual(move.state, "posted")
        return move

    def test_released_order_is_delivered_whatever_comes_later(self):
        """It isn't held a second time at delivery, though its customer has used up the limit meanwhile."""
        order = self.order(11)
        order.action_confirm()
        self.release(order)
        self.order(1).action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))
        self.deliver(order)
        self.assertEqual((order.hold_state, sum(order.order_line.mapped("qty_delivered"))), ("released", 11))

    def test_released_order_that_grew_is_delivered_as_released(self):
        """Only what was added is looked at again; the rest goes out meanwhile."""
        order = self.order(11)
        order.action_confirm()
        self.release(order)
        order.order_line.product_uom_qty = 12
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))
        self.deliver(order)
        self.assertEqual(order.order_line.qty_delivered, 11)
        self.release(order)
        self.deliver(order)
        self.assertEqual(order.order_line.qty_delivered, 12)

    def test_invoicing_of_delivered_goods_is_never_blocked(self):
        """Whoever holds or refuses what was added, and whoever holds the order by hand: what was sent out is owed."""
        self.product.invoice_policy = "delivery"
        self.deliver()
        self.confirmed.order_line[0].product_uom_qty = 20
        self.assertEqual(self.confirmed.hold_state, "held")
        self.assertEqual(self.invoice().amount_total, 800)
        self.confirmed.sudo().hold_ids.with_user(self.controller)._refuse("Too much")
        self.assertEqual(self.confirmed.hold_state, "refused")
        self.confirmed.order_line[0].product_uom_qty = 4
        self.confirmed.order_line[1].product_uom_qty = 5
        self.deliver()
        self.confirmed.sudo()._hold_force("Address unclear")
        self.assertEqual(self.confirmed.hold_state, "held")
        self.assertEqual(self.invoice().amount_total, 100)
