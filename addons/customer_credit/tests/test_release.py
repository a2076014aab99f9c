from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.customer_credit import uninstall_hook

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestReleaseInArrears(CreditCase):
    """C6: what fits again after a payment is released by the scheduled action."""

    def _held(self, *amounts, partner=None):
        orders = self.env["sale.order"]
        for amount in amounts:
            order = self._order(amount, partner=partner)
            order.action_confirm()
            self.assertEqual(order.hold_state, "held")
            orders += order
        return orders

    def _run(self, batch=100):
        path = "odoo.addons.customer_credit.models.sale_order_hold.BATCH"
        with patch(path, batch), self.enter_registry_test_mode():
            self.env.ref("customer_credit.ir_cron_credit_release").method_direct_trigger()
        self.env.invalidate_all()

    def test_scheduled_action_in_batches(self):
        """All holds of a customer are judged together, whatever the size of a batch."""
        account = self._account(limit=100)
        other = self._customer("Other")
        second = self._account(other, limit=100)
        orders = self._held(500, 400, 300)
        others = self._held(200, partner=other)
        self._run()
        self.assertEqual((orders + others).mapped("hold_state"), ["held"] * 4)
        account.credit_limit = 900
        second.credit_limit = 200
        self._run(batch=1)
        self.assertEqual(orders.mapped("state"), ["sale", "sale", "draft"])
        self.assertEqual(others.state, "sale")
        self.assertEqual(self._exposure().exposure, 900)

    def test_overdue_paid(self):
        invoice = self._invoice(100, due=-40)
        order = self._held(10)
        payment = self._payment(100)
        (invoice + payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._run()
        self.assertEqual(order.state, "sale")
        self.assertTrue(order.hold_ids.sudo().automatic)

    def test_one_that_fails_stops_nobody(self):
        account = self._account(limit=100)
        bad, good = self._held(500), self._held(400)
        account.credit_limit = 1000
        origin = type(bad)._action_confirm

        def _action_confirm(orders):
            if bad in orders:
                raise UserError(bad.name)
            return origin(orders)

        with patch.object(type(bad), "_action_confirm", _action_confirm):
            self._run()
        self.assertEqual((bad.state, bad.hold_state), ("draft", "held"))
        self.assertEqual(good.state, "sale")
        self.assertIn(f"Not released: {bad.name}", bad.hold_ids.sudo().message_ids[0].body)

    def test_growth_of_a_confirmed_order(self):
        account = self._account(limit=500)
        order = self._order(400)
        order.action_confirm()
        order.order_line.price_unit = 700
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))
        account.credit_limit = 700
        self._run()
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))
        self.assertEqual(order.hold_checked_amount, 700)

    def test_orders_when_the_addon_goes(self):
        self._account(limit=100)
        order, by_hand = self._held(500), self._held(400)
        by_hand.with_user(self.controller)._hold_force("Address unclear")
        uninstall_hook(self.env)
        self.assertEqual((order.hold_state, order.hold_ids.sudo().state), ("clear", "lapsed"))
        self.assertEqual(by_hand.hold_state, "held")
