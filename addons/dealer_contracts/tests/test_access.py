import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger

from .common import PIXEL, ContractData

BELONGING = ("line_ids", "article_ids", "party_ids", "approval_ids", "file_ids")


@tagged("post_install", "-at_install")
class TestConfidentiality(ContractData, TransactionCase):
    """Who reads contracts, all that belongs to them, and their attachments (D5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_data()
        cls.template = cls.framework
        cls.contract = cls._signed()
        cls.attachment = (
            cls.env["ir.attachment"]
            .with_user(cls.author)
            .create({"name": "secret.txt", "raw": b"secret", "res_model": "dealer.contract", "res_id": cls.contract.id})
        )
        cls.contract.message_post(body="secret message", subtype_xmlid="mail.mt_note")
        cls.env.flush_all()

    def reads(self, user):
        """Tell what a user gets at: every way agrees, or the test fails."""
        env = self.env(user=user, su=False)
        env.invalidate_all()
        Contract = env["dealer.contract"]
        ways = {}

        def attempt(name, call):
            try:
                ways[name] = bool(call())
            except AccessError:
                ways[name] = False

        contract = Contract.browse(self.contract.id)
        attempt("search", lambda: self.contract.id in Contract.search([]).ids)
        attempt("search by name", lambda: Contract.search([("name", "=", self.contract.sudo().name)]))
        attempt("name_search", lambda: Contract.name_search(self.contract.sudo().name))
        attempt("read", lambda: self.rpc(user, contract, "read", ["partner_id"]))
        attempt("web_read", lambda: self.rpc(user, contract, "web_read", {"partner_id": {}}))
        attempt(
            "group",
            lambda: any(count for _id, count in Contract._read_group([("id", "=", contract.id)], ["id"], ["__count"])),
        )
        attempt("attachment", lambda: env["ir.attachment"].browse(self.attachment.id).read(["raw"]))
        attempt("attachments", lambda: env["ir.attachment"].search([("res_model", "=", "dealer.contract")]))
        attempt(
            "messages",
            lambda: env["mail.message"].search([("model", "=", "dealer.contract"), ("res_id", "=", contract.id)]),
        )
        for name in BELONGING:
            rows = self.contract.sudo()[name]
            self.assertTrue(rows, name)
            attempt(name, lambda rows=rows: env[rows._name].search([("id", "in", rows.ids)]))
            attempt(f"{name} read", lambda rows=rows: env[rows._name].browse(rows.ids).read(["contract_id"]))
        self.assertEqual(len(set(ways.values())), 1, f"{user.login}: {ways}")
        return ways["read"]

    def test_who_reads(self):
        for user, may in (
            (self.author, True),
            (self.colleague, False),
            (self.custodian, True),
            (self.manager, True),
            (self.legal, True),
            (self.director, True),
            (self.salesman, False),
            (self.dealer_user, False),
            (self.other_user, False),
        ):
            with self.subTest(user=user.login):
                self.assertIs(self.reads(user), may)

    def test_approvers_read_what_they_are_asked(self):
        draft = self._draft()
        self.assertFalse(draft.with_user(self.legal).has_access("read"))
        draft.action_submit()
        self.assertTrue(draft.with_user(self.legal).has_access("read"))

    def test_strictly_confidential(self):
        self.contract.confidential = True
        self.assertFalse(self.reads(self.custodian))
        self.assertTrue(self.reads(self.manager))
        self.contract.with_user(self.manager).custodian_id = self.custodian
        self.assertTrue(self.reads(self.custodian), "its own custodian")

    def test_further_readers(self):
        self.contract.reader_ids = self.colleague
        self.assertTrue(self.reads(self.colleague))
        with self.assertRaises(AccessError):
            self.contract.with_user(self.colleague).write({"note": "x"})

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._user("stranger", "manager", company_id=other.id, company_ids=[(6, 0, other.ids)])
        self.assertFalse(self.reads(stranger))

    def test_bytes_are_nobodys(self):
        file = self.contract.sudo().file_ids[0]
        for user in (self.author, self.custodian, self.manager):
            with self.assertRaises(AccessError):
                file.with_user(user).read(["content"])

    def test_readings_are_logged(self):
        before = self.contract.sudo().reading_ids
        specification = {name: {} for name in ("name", "partner_id", "state", "date_start", "date_end", "amount_total")}
        for _time in range(2):
            self.rpc(self.custodian, self.contract, "web_read", specification)
        new = self.contract.sudo().reading_ids - before
        self.assertEqual((new.user_id, new.mapped("how")), (self.custodian, ["screen"]), "once an hour")
        self.rpc(self.manager, self.contract, "action_verify")
        self.assertIn("verify", (self.contract.sudo().reading_ids - before).mapped("how"))
        with self.assertRaises(AccessError):
            self.rpc(self.custodian, new, "read", ["user_id"])
        self.assertTrue(self.rpc(self.manager, new, "read", ["user_id"]))


@tagged("post_install", "-at_install")
class TestAddresses(ContractData, HttpCase):
    """Downloads in the office, and everything on the portal (D3, D5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_data()
        # The short one is printed faster.
        cls.template = cls.framework

    def get(self, url, **kwargs):
        return self.url_open(url, allow_redirects=False, **kwargs)

    def call(self, url, **params):
        response = self.url_open(url, json={"jsonrpc": "2.0", "method": "call", "params": params})
        return response.json().get("result")

    def test_office(self):
        contract = self._sent()
        file = contract._file("issued")
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", file._name), ("res_id", "=", file.id), ("res_field", "=", "content")])
        )
        addresses = (
            f"/dealer_contracts/file/{file.id}",
            f"/dealer_contracts/draft/{contract.id}",
            f"/dealer_contracts/paper/{contract.id}",
        )
        never = (
            f"/web/content/{attachment.id}",
            f"/web/content/dealer.contract.file/{file.id}/content",
            f"/web/image/dealer.contract.file/{file.id}/content",
        )
        for user, may in (
            (self.author, True),
            (self.colleague, False),
            (self.salesman, False),
            (self.dealer_user, False),
        ):
            self.authenticate(user.login, user.login)
            for address in addresses:
                with self.subTest(user=user.login, address=address):
                    response = self.get(address)
                    self.assertIs(response.status_code == 200, may, response.status_code)
            for address in never:
                with self.subTest(user=user.login, address=address):
                    response = self.get(address)
                    self.assertNotIn(b"%PDF", response.content)
        self.authenticate(self.colleague.login, self.colleague.login)
        with mute_logger("odoo.http"):  # the refusal
            response = self.get(f"/report/pdf/dealer_contracts.report_contract/{contract.id}")
        self.assertNotIn(b"%PDF", response.content)
        self.authenticate(self.author.login, self.author.login)
        response = self.get(addresses[0])
        self.assertEqual(response.content, file._checked_content())
        self.assertIn("download", contract.sudo().reading_ids.mapped("how"))
        self._flip(file)
        response = self.get(addresses[0])
        self.assertEqual(response.status_code, 409)
        self.assertNotIn(b"%PDF", response.content)

    def test_portal_ownership(self):
        contract = self._sent()
        other = self._sent(dealer=self.other_dealer)
        token = contract.sudo().access_token
        addresses = (
            f"/my/contracts/{contract.id}",
            f"/my/contracts/{contract.id}/file/issued",
        )
        for login, key, may in (
            ("portal_dealer", "", True),
            ("portal_other", "", False),
            ("contract_salesman", "", False),
            ("contract_author", "", True),
            (None, "", False),
            (None, f"?access_token={token}", True),
            ("portal_other", f"?access_token={token}", True),
            ("portal_other", f"?access_token={other.sudo().access_token}", False),
            (None, f"?access_token={other.sudo().access_token}", False),
            (None, "?access_token=False", False),
        ):
            self.authenticate(login, login)
            for address in addresses:
                with self.subTest(login=login, key=key[:20], address=address):
                    response = self.get(address + key)
                    self.assertIs(response.status_code == 200, may, response.status_code)
            with self.subTest(login=login, key=key[:20]):
                signed = self.call(f"/my/contracts/{contract.id}/sign{key}", name="X", signature=PIXEL, sha256="0")
                self.assertIn("error", signed)
                self.assertIs("isn't the one that was shown" in signed["error"], may and login != "contract_author")
        self.assertEqual(contract.state, "sent")

    def test_portal_list(self):
        contract, other = self._sent(), self._sent(dealer=self.other_dealer)
        draft = self._approved()
        self.authenticate("portal_dealer", "portal_dealer")
        page = self.get("/my/contracts").text
        self.assertIn(contract.name, page)
        self.assertNotIn(other.name, page)
        self.assertNotIn(draft.name, page)
        self.assertEqual(self.get(f"/my/contracts/{draft.id}").status_code, 303)

    def test_link_of_a_draft(self):
        """A contract that went back is out of reach, with its old link and its discussion."""
        contract = self._sent()
        token = contract.sudo().access_token
        contract.message_post(body="for the dealer", message_type="comment", subtype_xmlid="mail.mt_comment")

        def messages(key):
            return self.call("/mail/chatter_fetch", thread_model="dealer.contract", thread_id=contract.id, token=key)

        self.authenticate(None, None)
        self.assertIn("for the dealer", json.dumps(messages(token)))
        self.assertNotIn("for the dealer", json.dumps(messages("guess")))
        contract.action_revise()
        self.assertNotEqual(self.get(f"/my/contracts/{contract.id}?access_token={token}").status_code, 200)
        self.assertNotIn("for the dealer", json.dumps(messages(token)))
        contract.sudo()._portal_ensure_token()
        self.assertNotIn("for the dealer", json.dumps(messages(contract.sudo().access_token)))

    def test_portal_signature(self):
        contract = self._sent()
        self.authenticate("portal_dealer", "portal_dealer")
        page = self.get(f"/my/contracts/{contract.id}").text
        self.assertIn(contract.issued_sha256, page)
        self.assertNotIn("Internal", page)
        address = f"/my/contracts/{contract.id}/sign?sha256={contract.issued_sha256}"
        self.assertIn("error", self.call(address, name="赵强", signature=False))
        self.assertIn("error", self.call(address, name="赵强", signature="no picture"))
        result = self.call(address, name="赵强", signature=PIXEL)
        self.assertTrue(result.get("force_refresh"), result)
        contract.invalidate_recordset()
        self.assertEqual((contract.state, contract.signed_user_id), ("signed", self.dealer_user))
        self.assertTrue(contract.signed_from)
        self.assertIn("error", self.call(address, name="赵强", signature=PIXEL))
        sheet = self.get(f"/my/contracts/{contract.id}/file/signature")
        self.assertEqual(sheet.content[:4], b"%PDF")
        self.assertEqual(self.get(f"/my/contracts/{contract.id}/file/scan").status_code, 404)
        self.assertTrue({"portal", "download"} <= set(contract.sudo().reading_ids.mapped("how")))

    def test_own_people_do_not_sign_for_the_dealer(self):
        contract = self._sent()
        self.authenticate("contract_author", "contract_author")
        result = self.call(
            f"/my/contracts/{contract.id}/sign?access_token={contract.sudo().access_token}&sha256={contract.issued_sha256}",
            name="赵强",
            signature=PIXEL,
        )
        self.assertIn("not our own people", result["error"])

    def test_portal_verification(self):
        contract = self._sent()
        file = contract._file("issued")
        content = file._checked_content()
        self.authenticate("portal_dealer", "portal_dealer")

        def verify(content):
            page = self.get(f"/my/contracts/{contract.id}").text
            csrf = page.split('name="csrf_token" value="')[1].split('"')[0]
            response = self.url_open(
                f"/my/contracts/{contract.id}/verify",
                data={"csrf_token": csrf},
                files={"file": ("c.pdf", content, "application/pdf")},
            )
            return response.text

        self.assertIn("every byte is the same", verify(content))
        changed = bytearray(content)
        changed[100] ^= 1
        self.assertIn("not the contract that was sent", verify(bytes(changed)))
        self._flip(file)
        page = verify(content)
        self.assertIn("not the contract that was sent", page)
        self.assertIn("was changed", page)
        self.assertNotIn('id="sign"', page, "what was changed can't be signed")
        self.assertEqual(self.get(f"/my/contracts/{contract.id}/file/issued").status_code, 409)
