import base64
import json

from odoo.tests import HttpCase, tagged

from .common import HoldCase

PIXEL = base64.b64encode(
    base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
).decode()


@tagged("post_install", "-at_install")
class TestPortal(HoldCase, HttpCase):
    """C6: the customer's signature and payment are kept while the order is reviewed."""

    def setUp(self):
        super().setUp()
        self.quotation = self.order(11, require_signature=True, require_payment=False)
        self.quotation.action_quotation_sent()
        self.token = self.quotation.sudo()._portal_ensure_token()
        self.env.flush_all()

    def sign(self, order):
        answer = self.url_open(
            f"/my/orders/{order.id}/accept",
            data=json.dumps({"params": {"access_token": order.access_token, "name": "Dealer Li", "signature": PIXEL}}),
            headers={"Content-Type": "application/json"},
        )
        order.invalidate_recordset()
        return answer.json()["result"]

    def test_signature_is_kept(self):
        self.assertTrue(self.sign(self.quotation)["force_refresh"])
        self.assertEqual((self.quotation.state, self.quotation.hold_state), ("sent", "held"))
        self.assertEqual(self.quotation.signed_by, "Dealer Li")
        page = self.url_open(f"/my/orders/{self.quotation.id}?access_token={self.token}").text
        self.assertIn("being reviewed", page)
        self.assertNotIn("1100.00 &gt; 1000.00", page, "the customer doesn't read internal reasons")
        self.release(self.quotation)
        self.assertEqual(self.quotation.state, "sale")
        page = self.url_open(f"/my/orders/{self.quotation.id}?access_token={self.token}").text
        self.assertNotIn("being reviewed", page)

    def test_signature_of_a_passing_order(self):
        order = self.order(1, require_signature=True, require_payment=False)
        order.action_quotation_sent()
        order.sudo()._portal_ensure_token()
        self.env.flush_all()
        self.sign(order)
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))

    def test_refused_on_portal(self):
        self.sign(self.quotation)
        self.quotation.sudo().hold_ids.with_user(self.controller)._refuse("Pays too late")
        self.env.flush_all()
        page = self.url_open(f"/my/orders/{self.quotation.id}?access_token={self.token}").text
        self.assertIn("We can't confirm this order as it is", page.replace("&#39;", "'"))
        self.assertNotIn("Pays too late", page)

    def test_online_payment(self):
        self.quotation.write({"require_signature": False, "require_payment": True})
        provider = self.env["payment.provider"].create(
            {"name": "Test Bank", "code": "none", "state": "test", "is_published": True}
        )
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "reference": "held-order",
                "amount": self.quotation.amount_total,
                "currency_id": self.quotation.currency_id.id,
                "partner_id": self.customer.id,
                "sale_order_ids": [self.quotation.id],
                "operation": "online_redirect",
            }
        )
        transaction._set_done()
        confirmed = transaction._check_amount_and_confirm_order()
        self.assertFalse(confirmed)
        self.assertEqual((self.quotation.state, self.quotation.hold_state), ("sent", "held"))
        self.assertEqual(transaction.state, "done", "the payment is kept")
        self.release(self.quotation)
        self.assertEqual(self.quotation.state, "sale")
