from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestDigest(SalesWarningCommon):
    """One message per person and day."""

    def _send(self):
        # The scheduled action commits; here its steps are kept in the transaction of the test.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60.0)
        before = self.env["mail.message"].sudo().search([], order="id desc", limit=1).id or 0
        self.env["warning.digest"].sudo()._send_due()
        return self.env["mail.message"].sudo().search([("id", ">", before), ("message_type", "=", "user_notification")])

    def test_one_message_for_all(self):
        (self.seller | self.other_seller).lang = "en_US"
        second = self.env["res.partner"].create({"name": "Second", "is_company": True, "user_id": self.seller.id})
        self._limit(self.customer, 100)
        for customer in (self.customer, second):
            self._invoice(self.TODAY - timedelta(days=40), 500, partner=customer)
        self._invoice(self.TODAY - timedelta(days=10), 500, partner=self.other_customer)
        self._overdue_rule()
        self._rule("limit")
        self._night()
        messages = self._send()
        to = {message.partner_ids: message for message in messages}
        self.assertEqual(set(to), {self.seller.partner_id, self.other_seller.partner_id})
        body = to[self.seller.partner_id].body
        self.assertEqual(body.count("/odoo/sales-warnings/"), 3)
        self.assertIn("Overdue Receivable", body)
        self.assertIn("Receivable over the Credit Limit", body)
        self.assertNotIn("Hillside", body)
        self.assertFalse(self._send(), "once a day")

    def test_who_is_asked_when_nobody_acts_is_told_once_too(self):
        second = self.env["res.partner"].create({"name": "Second", "is_company": True, "user_id": self.seller.id})
        for customer in (self.customer, second):
            self._invoice(self.TODAY - timedelta(days=40), 500, partner=customer)
        self._overdue_rule()
        self._night()
        before = self.env["mail.message"].sudo().search([], order="id desc", limit=1).id
        self._night(self.TODAY + timedelta(days=4))
        mails = self.env["mail.message"].sudo().search([("id", ">", before), ("partner_ids", "!=", False)])
        self.assertFalse(mails, "no mail for each case that goes up the line")
        with freeze_time(self.TODAY + timedelta(days=4)):
            messages = self._send()
        to = {message.partner_ids: message for message in messages}
        self.assertEqual(set(to), {self.seller.partner_id, self.leader.partner_id})
        self.assertEqual(to[self.leader.partner_id].body.count("/odoo/sales-warnings/"), 2)

    def test_the_closed_and_the_snoozed_are_silent(self):
        case = self._case()
        case.with_user(self.seller)._snooze(self.TODAY + timedelta(days=7), "Money is under way")
        self.assertFalse(self._send())

    def test_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "sales_warning")])._update_translations(["zh_CN"])
        self.seller.lang = "zh_CN"
        self._case()
        message = self._send()
        self.assertIn("预警", message.subject)
        self.assertIn("高于", message.body)
