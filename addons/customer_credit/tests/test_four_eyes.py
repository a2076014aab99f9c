"""C7: whoever sells an order, or entered it, doesn't release it."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestFourEyes(CreditCase):
    def _held(self, **values):
        self._account(limit=100.0)
        order = self._order(500.0, **values)
        order.action_confirm()
        return order.sudo().hold_ids

    def test_c7_seller_does_not_release(self):
        hold = self._held(user=self.salesman)
        hold.order_id.user_id = self.controller
        with self.assertRaisesRegex(AccessError, "somebody else releases it"):
            hold.with_user(self.controller)._release("Mine")
        hold.with_user(self.manager)._release("Fine")
        self.assertEqual(hold.order_id.state, "sale")

    def test_c7_who_entered_it_does_not_release(self):
        self.controller.group_ids += self.env.ref("sales_team.group_sale_salesman")
        hold = self._held(user=self.controller)
        hold.order_id.user_id = self.salesman
        with self.assertRaises(AccessError):
            hold.with_user(self.controller)._release("Mine")

    def test_c7_setting(self):
        self.company.credit_four_eyes = False
        hold = self._held(user=self.salesman)
        hold.order_id.user_id = self.controller
        hold.with_user(self.controller)._release("Small firm")
        self.assertEqual(hold.order_id.state, "sale")
