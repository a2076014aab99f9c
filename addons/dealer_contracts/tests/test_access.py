import base64
import json
import warnings

from odoo import Command
from odoo.exceptions import AccessError
from odoo.http import Request
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
        cls.message = cls.contract.message_post(body="secret message", subtype_xmlid="mail.mt_note")
        exporters = cls.author + cls.colleague + cls.custodian + cls.manager + cls.salesman
        exporters.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
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
        own = [["id", "=", contract.id]]
        attempt("search", lambda: self.contract.id in Contract.search([]).ids)
        attempt("search by name", lambda: Contract.search([("name", "=", self.contract.sudo().name)]))
        attempt("name_search", lambda: Contract.name_search(self.contract.sudo().name))
        attempt("read", lambda: self.rpc(user, contract, "read", ["partner_id"]))
        attempt("web_read", lambda: self.rpc(user, contract, "web_read", {"partner_id": {}}))
        attempt(
            "group",
            lambda: any(count for _id, count in Contract._read_group([("id", "=", contract.id)], ["id"], ["__count"])),
        )
        attempt("search_read", lambda: self.rpc(user, Contract, "search_read", own, ["name"]))
        attempt(
            "web_search_read",
            lambda: self.rpc(user, Contract, "web_search_read", own, {"name": {}})["records"],
        )
        attempt("count", lambda: self.rpc(user, Contract, "search_count", own))
        attempt(
            "formatted_read_group",
            lambda: self.rpc(
                user, Contract, "formatted_read_group", own, groupby=["partner_id"], aggregates=["__count"]
            ),
        )
        attempt("web_read_group", lambda: self.rpc(user, Contract, "web_read_group", own, ["state"])["length"])
        with warnings.catch_warnings():
            # It is deprecated, and still answers.
            warnings.simplefilter("ignore", DeprecationWarning)
            attempt("read_group", lambda: self.rpc(user, Contract, "read_group", own, ["partner_id"], ["partner_id"]))
        if user.has_group("base.group_allow_export"):
            attempt("export", lambda: self.rpc(user, contract, "export_data", ["name", "article_ids/body"])["datas"])
        attempt("attachment", lambda: env["ir.attachment"].browse(self.attachment.id).read(["raw"]))
        attempt("attachments", lambda: env["ir.attachment"].search([("res_model", "=", "dealer.contract")]))
        attempt("attachment by id", lambda: env["ir.attachment"].search([("id", "=", self.attachment.id)]))
        attempt(
            "messages",
            lambda: env["mail.message"].search([("model", "=", "dealer.contract"), ("res_id", "=", contract.id)]),
        )
        attempt("message", lambda: env["mail.message"].browse(self.message.id).read(["body"]))
        attempt("found by its text", lambda: env["mail.message"].search([("body", "like", "secret message")]))
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

    def test_programs_are_logged(self):
        """Who takes the text by RPC or as a file is on record like who opens it; who reads a list isn't."""
        articles = self.contract.sudo().article_ids
        by_id = [["id", "in", articles.ids]]
        of_contract = [["id", "=", self.contract.id]]

        def call(record, method, *args, **kwargs):
            return lambda: self.rpc(self.custodian, record, method, *args, **kwargs)

        for title, request, how in (
            (
                "a list",
                call(self.contract.browse(), "search_read", of_contract, ["name", "state", "amount_total"]),
                None,
            ),
            ("articles without text", call(articles, "read", ["title"]), None),
            ("the text", call(articles, "read", ["body"]), "data"),
            ("as printed", call(articles, "web_read", {"text": {}}), "data"),
            ("by search", call(articles.browse(), "search_read", by_id, ["body"]), "data"),
            ("as a list", call(articles.browse(), "web_search_read", by_id, {"body": {}}), "data"),
            ("all fields", call(articles, "read"), "data"),
            ("the whole paper", call(self.contract, "read", ["snapshot"]), "data"),
            (
                "through the contract",
                call(self.contract, "web_read", {"article_ids": {"fields": {"body": {}}}}),
                "data",
            ),
            ("a file", call(self.contract, "export_data", ["name"]), "export"),
            ("a file of texts", call(articles, "export_data", ["body"]), "export"),
        ):
            with self.subTest(title):
                self.env.cr.execute("DELETE FROM dealer_contract_reading WHERE contract_id = %s", [self.contract.id])
                self.env.invalidate_all()
                self.assertTrue(request())
                readings = self.contract.sudo().reading_ids
                self.assertEqual(readings.mapped("how"), [how] if how else [])
                self.assertEqual(readings.user_id, self.custodian if how else self.env["res.users"])

    def test_attachments_by_programs_are_logged(self):
        """Who takes the content of an attachment by RPC is on record; its name alone is no reading."""
        for title, names, logged in (
            ("name", ["name", "mimetype"], 0),
            ("content", ["raw"], 1),
            ("again", ["datas"], 1),
        ):
            with self.subTest(title):
                self.rpc(self.custodian, self.attachment, "read", names)
                self.env.invalidate_all()
                found = self.contract.sudo().reading_ids.filtered(lambda row: row.how == "attachment")
                self.assertEqual(len(found), logged)
                self.assertEqual(found.user_id, self.custodian if logged else self.env["res.users"])

    def test_form_is_one_reading(self):
        """The web client reads the articles with the form: that is one reading, by the screen."""
        self.env.cr.execute("DELETE FROM dealer_contract_reading WHERE contract_id = %s", [self.contract.id])
        self.env.invalidate_all()
        names = ("name", "partner_id", "state", "date_start", "date_end", "amount_total")
        specification = {**{name: {} for name in names}, "article_ids": {"fields": {"title": {}, "text": {}}}}
        self.rpc(self.custodian, self.contract, "web_read", specification)
        self.assertEqual(self.contract.sudo().reading_ids.mapped("how"), ["screen"])

    def test_refused_reading_leaves_no_trace(self):
        """Who was refused didn't read."""
        before = len(self.contract.sudo().reading_ids)
        for request in (
            lambda: self.rpc(self.colleague, self.contract, "read", ["snapshot"]),
            lambda: self.rpc(self.colleague, self.contract.sudo().article_ids, "read", ["body"]),
            lambda: self.rpc(self.colleague, self.contract, "export_data", ["name"]),
            lambda: self.rpc(self.colleague, self.contract, "web_read", {name: {} for name in (*BELONGING, "name")}),
        ):
            with self.assertRaises(AccessError):
                request()
        self.env.invalidate_all()
        self.assertEqual(len(self.contract.sudo().reading_ids), before)


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

    @mute_logger("odoo.http")  # Odoo begins a request anew that has to write
    def test_opening_attachments_is_logged(self):
        """By every address that hands out the file; once an hour for each reader and file; never of who was refused."""
        contract = self._sent()
        first, second = (
            self.env["ir.attachment"]
            .with_user(self.author)
            .create(
                {
                    "name": name,
                    "raw": content,
                    "mimetype": mimetype,
                    "res_model": "dealer.contract",
                    "res_id": contract.id,
                }
            )
            for name, content, mimetype in (
                ("secret.txt", b"secret", "text/plain"),
                ("seal.png", base64.b64decode(PIXEL), "image/png"),
            )
        )
        [token] = second.sudo().generate_access_token()

        def readings(user):
            self.env.invalidate_all()
            return contract.sudo().reading_ids.filtered(
                lambda row: row.how == "attachment" and row.user_id.login == user
            )

        self.authenticate(self.custodian.login, self.custodian.login)
        for _time in range(2):
            self.assertEqual(self.get(f"/web/content/{first.id}").content, b"secret")
            self.assertEqual(self.get(f"/web/content/{first.id}?download=1").content, b"secret")
        [reading] = readings(self.custodian.login)
        self.assertEqual(reading.attachment_id, first)
        self.assertIn("secret.txt", reading.detail)
        self.assertIn("127.0.0.1", reading.detail)
        self.assertEqual(self.get(f"/web/image/{second.id}").status_code, 200)
        self.assertEqual(readings(self.custodian.login).attachment_id, first | second, "each file")
        self.env.cr.execute("UPDATE dealer_contract_reading SET date = date - interval '2 hours'")
        self.assertEqual(self.get(f"/web/content/{first.id}").content, b"secret")
        self.assertEqual(len(readings(self.custodian.login)), 3, "another hour")

        self.authenticate(self.manager.login, self.manager.login)
        zipped = self.url_open(
            "/mail/attachment/zip",
            data={"file_ids": f"{first.id},{second.id}", "zip_name": "all.zip", "csrf_token": Request.csrf_token(self)},
        )
        self.assertEqual(zipped.content[:2], b"PK")
        self.assertEqual(readings(self.manager.login).attachment_id, first | second, "all in one file")

        for login in (self.colleague.login, self.salesman.login, "portal_dealer"):
            self.authenticate(login, login)
            self.assertNotIn(b"secret", self.get(f"/web/content/{first.id}").content)
            self.assertFalse(readings(login), "who was refused read nothing")

        self.authenticate(None, None)
        self.assertEqual(self.get(f"/web/content/{second.id}?access_token={token}").status_code, 200)
        self.assertEqual(readings("public").attachment_id, second, "by the link of the file")

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

    def test_portal_is_harmless(self):
        """What somebody wrote into a clause or a name is text on the page as well."""
        evil = "<script>alert(1)</script> <img src='http://example.invalid/x.png'> {{7*7}} <t t-out='1+1'/>"
        contract = self._draft()
        contract.article_ids[0].body = evil
        contract.line_ids[0].name = evil
        contract.party_b_id.address = evil
        contract.action_submit()
        self._approve(contract)
        contract.action_send()
        self.authenticate("portal_dealer", "portal_dealer")
        page = self.get(f"/my/contracts/{contract.id}").text
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        self.assertIn("{{7*7}}", page)
        for bad in ("<script>alert(1)", "<img src='http://example.invalid", '<img src="http://example.invalid'):
            self.assertNotIn(bad, page)

    # === COMMENTS === #

    def post(self, contract, body, token=None):
        """Post as the page of the portal does; return the new message, none where it was refused."""
        with mute_logger("odoo.http"):
            result = self.call(
                "/mail/message/post",
                thread_model="dealer.contract",
                thread_id=contract.id,
                post_data={"body": body, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
                **({"token": token} if token else {}),
            )
        return self.env["mail.message"].browse(result["message_id"] if result else [])

    def test_comment(self):
        """The dealer comments on the portal, our people see and are told it; nobody else's contract takes it."""
        contract, other = self._sent(), self._sent(dealer=self.other_dealer)
        draft = self._approved()
        draft.sudo()._portal_ensure_token()
        token, other_token = contract.sudo().access_token, other.sudo().access_token
        self.authenticate("portal_dealer", "portal_dealer")
        # The page gives the discussion the key that the post goes with.
        self.assertIn(token, self.get(f"/my/contracts/{contract.id}").text)
        message = self.post(contract, "Please deliver within five days", token)
        self.assertEqual(
            (message.author_id, message.model, message.res_id, message.message_type),
            (self.dealer_user.partner_id, "dealer.contract", contract.id, "comment"),
        )
        self.assertIn(self.author.partner_id, message.sudo().notified_partner_ids, "the owner is told")
        for title, target, key in (
            ("another's", other, None),
            ("another's, with one's own key", other, token),
            ("a draft", draft, draft.sudo().access_token),
            ("no key", contract, "guess"),
        ):
            with self.subTest(title):
                self.assertFalse(self.post(target, "Not here", key))
        self.authenticate("portal_other", "portal_other")
        self.assertFalse(self.post(contract, "Not here", other_token))
        self.assertFalse(self.post(contract, "Not here"))
        self.authenticate(None, None)
        self.assertFalse(self.post(contract, "Not here"))
        self.assertFalse(self.env["mail.message"].sudo().search([("body", "like", "Not here")]))

        def read(user, about):
            self.authenticate(user.login, user.login)
            params = {"thread_model": "dealer.contract", "thread_id": about.id}
            with mute_logger("odoo.http"):
                return json.dumps(self.call("/mail/thread/messages", **params))

        for user in (self.author, self.custodian, self.manager, self.legal):
            self.assertIn("within five days", read(user, contract), user.login)
        for user in (self.colleague, self.salesman, self.other_user):
            self.assertNotIn("within five days", read(user, contract), user.login)

    def test_comment_by_the_link(self):
        """Who has the link alone comments as the dealer it was sent to; the signature of the link says who that is."""
        contract = self._sent()
        token = contract.sudo().access_token
        self.authenticate(None, None)
        contract.message_post(body="Our own business", subtype_xmlid="mail.mt_note")
        message = self.post(contract, "By the link", token)
        self.assertEqual(message.author_id, self.dealer)
        params = {"thread_model": "dealer.contract", "thread_id": contract.id, "token": token}
        shown = json.dumps(self.call("/mail/chatter_fetch", **params))
        self.assertIn("By the link", shown)
        self.assertNotIn("Our own business", shown)
