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
