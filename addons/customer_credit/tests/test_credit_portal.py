import io
import json
import re
from datetime import timedelta

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestCreditPortal(CreditCase, HttpCase):
    """C10: a customer sees its own credit, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.env["res.partner"].create({"name": "Shop of Kangtai", "parent_id": cls.customer.id})
        cls.stranger = cls._customer("Renhe Clinic")
        cls.newcomer = cls._customer("Newcomer Pharmacy")
        cls.buyer = cls._portal_user("credit_portal", cls.shop)
        cls._portal_user("credit_portal_stranger", cls.stranger)
        cls._portal_user("credit_portal_new", cls.newcomer)

    @classmethod
    def _portal_user(cls, login, partner):
        partner.write({"email": f"{login}@example.com", "lang": "en_US"})
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _page(self, login="credit_portal", query=""):
        self.env.flush_all()
        self.authenticate(login, login)
        answer = self.url_open(f"/my/credit{query}")
        self.assertEqual(answer.status_code, 200)
        return re.sub(r"[\s\xa0]+", " ", re.sub(r"<[^>]+>", " ", answer.text))

    def _statement(self, company=None, **values):
        period = {"date_from": self.today - timedelta(days=90), "date_to": self.today, **values}
        query = "&".join(f"{key}={value}" for key, value in period.items())
        return self.url_open(f"/my/credit/{(company or self.company).id}/statement?{query}", allow_redirects=False)

    def _request(self, company=None, **values):
        page = self.url_open("/my/credit").text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]
        return self.url_open(
            f"/my/credit/{(company or self.company).id}/request",
            data={"csrf_token": token, **values},
            allow_redirects=False,
        )

    # === WHAT IS SHOWN === #

    def test_page(self):
        account = self._account(limit=5000, valid_until=self.today + timedelta(days=30))
        self.env["credit.temporary.limit"].create(
            {
                "account_id": account.id,
                "amount": 1500,
                "date_from": self.today,
                "date_to": self.today + timedelta(days=9),
                "reason": "Secret reason",
            }
        )
        invoice = self._invoice(1234.5, due=-8, date=-20)
        self._payment(200.25)
        order = self._order(700)
        order.action_confirm()
        page = self._page()
        for part in ("6,500.00", "1,500.00", "1,734.25", "4,765.75", "26.7 %", "1,234.50", invoice.name, order.name):
            self.assertIn(part, page)
        self.assertIn("Days overdue: 8", page)
        self.assertRegex(page, "-\N{ZERO WIDTH NO-BREAK SPACE}?200.25")
        self.assertNotIn("Secret reason", page)

    def test_guarantees_but_not_what_others_share(self):
        """C8, C10: its guarantees are shown to the customer; its group, and the company's ceiling, are not."""
        account = self._account(limit=5000)
        mortgage = self.env.ref("customer_credit.credit_guarantee_kind_mortgage")
        values = {"account_id": account.id, "kind_id": mortgage.id, "rate": 70, "date_from": self.today}
        guarantees = self.env["credit.guarantee"].create(
            [
                {**values, "amount": 1000, "reference": "Deed 4711", "note": "Secret note"},
                {**values, "amount": 777, "reference": "Deed of yore"},
                {**values, "amount": 888, "reference": "Deed of a draft"},
            ]
        )
        guarantees[:2].action_count()
        guarantees[1].action_end()
        self.env["credit.group"].create(
            {
                "name": "Wang family",
                "company_id": self.company.id,
                "credit_limit": 3210,
                "account_ids": [Command.set(account.ids)],
            }
        )
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 4320})
        self._order(4800).action_confirm()
        page = self._page()
        for part in ("5,700.00", "of it by guarantees:", "Deed 4711", "1,000.00", "700.00"):
            self.assertIn(part, page)
        for secret in ("Secret note", "Deed of yore", "Deed of a draft", "Wang", "3,210", "4,320"):
            self.assertNotIn(secret, page)

    def test_page_of_others(self):
        self._account(limit=5000)
        invoice = self._invoice(1234.5)
        for login in ("credit_portal_stranger", "credit_portal_new"):
            page = self._page(login)
            self.assertIn("No credit has been agreed", page)
            self.assertNotIn(invoice.name, page)
            self.assertNotIn("5,000.00", page)
        page = self._page("credit_portal_stranger", f"?partner_id={self.customer.id}&company_id={self.company.id}")
        self.assertNotIn("5,000.00", page)

    def test_frozen_expired_none_and_unlimited(self):
        account = self._account(limit=5000)
        account._freeze("Owner has fled")
        page = self._page()
        self.assertIn("Your orders aren't confirmed at present", page.replace("&#39;", "'"))
        self.assertNotIn("Owner has fled", page)
        account._unfreeze("back")
        account.valid_until = self.today
        self.assertIn("Your credit limit has expired", self._page())
        account.write({"mode": "none", "valid_until": False})
        page = self._page()
        self.assertIn("Ask for a Higher Limit", page)
        self.assertIn("<textarea", self.url_open("/my/credit").text)
        account.mode = "unlimited"
        page = self._page()
        self.assertIn("No limit set", page)
        self.assertNotIn("Ask for a Higher Limit", page)

    def test_switched_off(self):
        self._account(limit=5000)
        self.company.credit_mode = "off"
        self.assertIn("No credit has been agreed", self._page())

    def test_counter(self):
        self._account(limit=5000)
        self.env.flush_all()
        for login, count in (("credit_portal", 1), ("credit_portal_new", 0)):
            self.authenticate(login, login)
            result = self.make_jsonrpc_request("/my/counters", {"counters": ["credit_count"]})
            self.assertEqual(result["credit_count"], count)

    def test_login_needed(self):
        self.authenticate(None, None)
        for path in ("/my/credit", f"/my/credit/{self.company.id}/statement"):
            self.assertIn("/web/login", self.url_open(path).url)

    def test_two_companies(self):
        """Each company's figures by themselves; a company that doesn't know the customer isn't named."""
        second, third = self._company("Second Wholesale"), self._company("Third Wholesale")
        self._account(limit=5000)
        self._account(limit=800, company=second)
        self._invoice(300, company=second)
        page = self._page()
        first, other = page.index("Credit Test Wholesale"), page.index("Second Wholesale")
        self.assertIn("5,000.00", page[first:other] if first < other else page[first:])
        self.assertIn("500.00", page[other:] if first < other else page[other:first])
        self.assertNotIn("Third Wholesale", page)
        self.assertEqual(self._statement(second).status_code, 200)
        self.assertEqual(self._statement(third).status_code, 404)

    # === STATEMENT === #

    def test_statement(self):
        self._account(limit=5000)
        invoice = self._invoice(1234.5, due=-8, date=-20)
        self._invoice(77.7, partner=self.stranger)
        self._page()
        answer = self._statement()
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
        self.assertIn(invoice.name, text)
        self.assertIn("1,234.50", text)
        self.assertNotIn("77.70", text)
        book = load_workbook(io.BytesIO(self._statement(form="xlsx").content))
        self.assertEqual(book.sheetnames, ["Kangtai Pharmacy"])

    def test_statement_of_bad_period(self):
        self._account(limit=5000)
        self._page()
        for values in (
            {"date_from": "x"},
            {"date_from": "2026-99-01"},
            {"date_from": ""},
            {"date_from": self.today, "date_to": self.today - timedelta(days=1)},
            {"date_to": self.today + timedelta(days=1)},
            {"date_from": self.today - timedelta(days=3000)},
        ):
            with self.subTest(values):
                answer = self._statement(**values)
                self.assertEqual(answer.status_code, 303)
                self.assertIn("error=period", answer.headers["Location"])
        self.assertIn("Choose a period", self._page(query="?error=period"))

    def test_statement_by_attack(self):
        """Ids of other customers, companies and records bring nothing."""
        self._account(self.stranger, limit=5000)
        self._invoice(1234.5, partner=self.stranger)
        self._page()
        self.assertEqual(self._statement().status_code, 404, "nothing is known of this customer here")
        self._account(limit=10)
        self.env.flush_all()
        answer = self._statement(form="xlsx", partner_id=self.stranger.id, partner_ids=self.stranger.id)
        self.assertEqual(load_workbook(io.BytesIO(answer.content)).sheetnames, ["Kangtai Pharmacy"])
        other = self.env["credit.statement"].create({"partner_ids": self.stranger.ids})
        self.env.flush_all()
        for path in (
            f"/customer_credit/statement/{other.id}",
            f"/report/pdf/customer_credit.report_statement/{other.id}",
            f"/report/html/customer_credit.report_statement/{other.id}",
        ):
            with mute_logger("odoo.http"):
                self.assertEqual(self.url_open(path).status_code, 403, path)
        for model in ("credit.account", "credit.statement", "credit.temporary.limit"):
            self.assertEqual(self._call(model, "search_read", [[]]), "odoo.exceptions.AccessError")
        for name in ("_credit_portal", "_credit_statements", "_portal_request"):
            self.assertEqual(self._call("res.partner", name, [self.stranger.ids]), "odoo.exceptions.AccessError")

    def _call(self, model, method, args):
        """Return the name of the error that a call of the client comes to."""
        with mute_logger("odoo.http"):
            answer = self.url_open(
                "/web/dataset/call_kw",
                data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": {}}}),
                headers={"Content-Type": "application/json"},
            )
        return answer.json()["error"]["data"]["name"]

    # === A HIGHER LIMIT === #

    def _requests(self, record):
        kind = self.env.ref("customer_credit.mail_activity_type_credit_request")
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", kind.id), ("res_model", "=", record._name), ("res_id", "=", record.id)]
        )

    def test_request(self):
        account = self._account(limit=5000)
        self._page()
        answer = self._request(amount="8,000", reason="New <b>shop</b>")
        self.assertEqual(answer.status_code, 303)
        self.assertIn("done=request", answer.headers["Location"])
        activities = self._requests(account)
        self.assertIn(self.manager, activities.user_id)
        self.assertNotIn(self.controller, activities.user_id)
        self.assertTrue(all(self.company in user.company_ids for user in activities.user_id))
        self.assertIn("8,000.00", activities[0].summary)
        message = account.message_ids[0]
        self.assertEqual(message.author_id, self.shop)
        self.assertIn("&lt;b&gt;", message.body)
        self.assertEqual(account.credit_limit, 5000, "nothing is granted by asking")
        self.assertIn("Your request is being looked at", self._page())
        self.assertIn("still being looked at", self._request(amount="9000", reason="Again").text)
        self.assertEqual(self._requests(account), activities)
        activities.with_user(self.manager).filtered(lambda activity: activity.user_id == self.manager).action_done()
        self._requests(account).unlink()
        self.assertNotIn("Your request is being looked at", self._page())

    def test_request_begins_an_application(self):
        account = self._account(limit=5000)
        self.customer.user_id = self.salesman
        self._page()
        self._request(amount="8000", reason="New shop")
        application = self.env["credit.application"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            (application.state, application.kind, application.requested_limit, application.user_id),
            ("draft", "increase", 8000, self.salesman),
        )
        self.assertEqual((application.portal_user_id, application.reason), (self.buyer, "New shop"))
        self.assertEqual(self._requests(application).user_id, self.salesman)
        self.assertFalse(self._requests(account), "the salesperson has it")
        self.assertIn("still being looked at", self._request(amount="9000", reason="Again").text)
        application.with_user(self.salesman).write({"requested_days": 30})
        application.with_user(self.salesman).action_submit()
        self.assertIn("Your request is being looked at", self._page())
        application.with_user(self.salesman).action_cancel()
        self.assertNotIn("Your request is being looked at", self._page())

    def test_bad_requests(self):
        account = self._account(limit=5000)
        self._page()
        for amount in ("", "abc", "-5", "0", "nan", "inf", "1e300", "4999", "5000"):
            with self.subTest(amount):
                answer = self._request(amount=amount, reason="More")
                self.assertEqual(answer.status_code, 200)
                self.assertIn("alert-warning", answer.text)
                self.assertRegex(answer.text, r"<textarea[^>]*>More</textarea>", "what was written is kept")
        self.assertEqual(self._request(amount="6000", reason="  ").status_code, 200)
        self.assertFalse(self._requests(account))

    def test_request_by_attack(self):
        account = self._account(limit=5000)
        foreign = self._account(self.stranger, limit=70)
        second = self._company("Second Wholesale")
        self._account(self.stranger, limit=70, company=second)
        self._page()
        self.assertEqual(self._request(second, amount="8000", reason="x").status_code, 404)
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/my/credit/{self.company.id}/request", data={"amount": "8000", "reason": "x"}, allow_redirects=False
            )
        self.assertEqual(answer.status_code, 400, "without the token of a page of ours")
        self._request(amount="8000", reason="x", partner_id=self.stranger.id, account_id=foreign.id)
        self.assertTrue(self._requests(account))
        self.assertFalse(self._requests(foreign))

    def test_request_without_account(self):
        self.company.write({"credit_default_mode": "amount", "credit_default_limit": 100})
        self._invoice(60, partner=self.newcomer)
        self.newcomer.with_user(self.buyer).sudo()._portal_request(self.company, 900.0, "Regular orders")
        self.assertIn(self.manager, self._requests(self.newcomer).user_id)
        with self.assertRaisesRegex(UserError, "still being looked at"):
            self.newcomer._portal_request(self.company, 950.0, "Regular orders")
