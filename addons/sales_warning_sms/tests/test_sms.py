from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.sales_warning.tests.common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestSms(SalesWarningCommon):
    """W6: a text message to the owner when a case opens."""

    def _messages(self):
        return self.env["sms.sms"].sudo().search([("partner_id", "=", self.seller.partner_id.id)])

    def test_the_owner_is_told_once(self):
        self.seller.partner_id.phone = "+8613800138000"
        self._overdue_rule(action_ids=[Command.create({"kind": "sms", "level": "red"})])
        case = self._case()
        message = self._messages()
        self.assertEqual((message.state, message.number), ("outgoing", "+8613800138000"))
        self.assertIn("40", message.body)
        self.assertIn(case.partner_id.name, message.body)
        self._nights(self.TODAY, self.TODAY)
        self.assertEqual(self._messages(), message)

    def test_red_only(self):
        self.seller.partner_id.phone = "+8613800138000"
        self._overdue_rule(action_ids=[Command.clear(), Command.create({"kind": "sms", "level": "red"})], red=100)
        self._invoice(self.TODAY - timedelta(days=40), 500)
        self._night()
        self.assertEqual(self._cases().level, "amber")
        self.assertFalse(self._messages())

    def test_without_a_number(self):
        self.seller.partner_id.phone = False
        self._overdue_rule(action_ids=[Command.create({"kind": "sms"})])
        case = self._case()
        self.assertEqual(case.acted_level, "red", "the rest of the night goes on")
        self.assertFalse(self._messages().filtered("number"))
