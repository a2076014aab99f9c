"""What people try by RPC and by hand-written addresses, past the screens (D3, D5, D6, D7)."""

import base64
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, tagged
from odoo.tools import mute_logger

from .common import ContractData
from .test_exclusivity import AreaCase

PDF = b"%PDF-1.4"


@tagged("post_install", "-at_install")
class TestMisuse(ContractData, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_data()
        # The short one is printed faster.
        cls.template = cls.framework
        cls.others = (cls.colleague, cls.salesman, cls.dealer_user, cls.other_user)

    def found(self, user, model, domain):
        try:
            return self.rpc(user, self.env[model], "search_count", domain)
        except AccessError:
            return 0

    # === READING === #

    def test_kept_files_are_found_by_nobody(self):
        """The bytes are an attachment of a field that nobody may read: no search finds it, no read gives it."""
        contract = self._signed()
        files = contract.sudo().file_ids
        rows = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", files._name), ("res_id", "in", files.ids), ("res_field", "!=", False)])
        )
        self.assertEqual(len(rows), 2)
        for user in (self.author, self.custodian, self.manager, *self.others):
            with self.subTest(user=user.login):
                self.assertFalse(self.found(user, "ir.attachment", [["id", "in", rows.ids]]))
                by_model = [["res_model", "=", files._name], ["res_field", "=", "content"]]
                self.assertFalse(self.found(user, "ir.attachment", by_model))
                for names in (["raw"], ["datas"], ["checksum"], ["store_fname"]):
                    with self.assertRaises(AccessError):
                        self.rpc(user, rows, "read", names)
                with self.assertRaises(UserError):
                    self.rpc(user, rows, "write", {"res_field": False, "res_model": "res.partner"})
                with self.assertRaises(UserError):
                    self.rpc(user, rows, "unlink")

    def test_nobody_plants_a_kept_file(self):
        file = self._sent()._file("issued")
        before = file._checked_content()
        for user in (self.author, self.custodian, self.manager, *self.others):
            with self.subTest(user=user.login), self.assertRaises(AccessError), self.env.cr.savepoint():
                values = {
                    "res_model": file._name,
                    "res_id": file.id,
                    "res_field": "content",
                    "raw": "forged",
                    "name": "x",
                }
                self.rpc(user, self.env["ir.attachment"], "create", values)
        self.assertEqual(file._checked_content(), before)

    def test_what_others_find_around_a_contract(self):
        """Neither messages nor activities nor rows that belong to a contract, by whichever model."""
        contract = self._filed(commitment_ids=[Command.create({"name": "Minimum", "target": 987654})])
        contract.message_post(body="secret message", message_type="comment")
        contract.activity_schedule("mail.mail_activity_data_todo", user_id=self.author.id, summary="secret to-do")
        self.env["dealer.contract.loan"].with_user(self.custodian).create(
            {
                "contract_id": contract.id,
                "borrower_id": self.author.id,
                "purpose": "talks",
                "date_out": "2026-01-06",
                "date_due": "2026-02-06",
            }
        )
        contract._note_reading("print")
        of_contract = [["contract_id", "=", contract.id]]
        of_thread = [["res_model", "=", "dealer.contract"], ["res_id", "=", contract.id]]
        places = [
            ("mail.message", [["model", "=", "dealer.contract"], ["res_id", "=", contract.id]]),
            ("mail.message", [["body", "like", "secret message"]]),
            ("mail.activity", of_thread),
            ("mail.activity", [["summary", "=", "secret to-do"]]),
            ("dealer.contract.commitment", of_contract),
            ("dealer.contract.loan", of_contract),
            ("dealer.contract.approval", of_contract),
            ("dealer.contract.file", of_contract),
            ("dealer.contract.reading", of_contract),
        ]
        for user in self.others:
            for model, domain in places:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.found(user, model, domain), (user.login, model))
        for model, domain in places[4:9]:
            with self.subTest("the test can fail", model=model):
                self.assertTrue(self.found(self.manager, model, domain))

    def test_key_of_the_link_is_for_the_dealer(self):
        """Who reads a contract in the office doesn't get the key with which the dealer signs."""
        contract = self._sent()
        contract.reader_ids = self.colleague
        for user in (self.colleague, self.legal, self.custodian):
            with self.subTest(user=user.login):
                self.assertTrue(self.rpc(user, contract, "read", ["state"]))
                with self.assertRaises(AccessError):
                    self.rpc(user, contract, "read", ["access_token"])
                with self.assertRaises(AccessError):
                    self.rpc(user, contract.browse(), "search_count", [["access_token", "=like", "a%"]])
                with self.assertRaises(AccessError):
                    self.rpc(user, contract, "get_portal_url")
        self.assertIn(contract.sudo().access_token, contract.get_portal_url(), "the owner may hand it on")

    # === WRITING === #

    def test_rows_of_others_through_ones_own(self):
        """Commands for rows of another contract, given along with one's own."""
        own = self._draft()
        other = self._filed(user=self.colleague)
        article, party = other.sudo().article_ids[:1], other.sudo().party_ids[:1]
        for values in (
            {"article_ids": [[1, article.id, {"body": "forged"}]]},
            {"article_ids": [[4, article.id]]},
            {"article_ids": [[2, article.id]]},
            {"party_ids": [[1, party.id, {"bank_account": "666"}]]},
            {"line_ids": [[6, 0, other.sudo().line_ids.ids]]},
            {"follower_ids": [[4, other.id]]},
            {"follower_ids": [[0, 0, {"partner_id": self.dealer.id, "state": "in_force"}]]},
            {"follower_ids": [[0, 0, {"partner_id": self.dealer.id}]]},
            {"loan_ids": [[0, 0, {"borrower_id": self.author.id, "purpose": "x", "date_due": "2030-01-01"}]]},
            {"deposit_ids": [[0, 0, {"amount": 1, "reference": "x"}]]},
            {"settlement_ids": [[5]]},
            {"reading_ids": [[5]]},
        ):
            with self.subTest(values=values), self.assertRaises(UserError), self.env.cr.savepoint():
                self.rpc(self.author, own, "write", values)
            self.env.invalidate_all()
        self.assertFalse(own.sudo().follower_ids)

    def test_copy_is_a_draft_of_ones_own(self):
        contract = self._filed()
        copied = self.env["dealer.contract"].browse(self.rpc(self.author, contract, "copy"))
        self.assertEqual(copied.state, "draft")
        for name in ("name", "digest", "snapshot", "issued_sha256", "signed_by", "access_token", "date_end_signed"):
            self.assertFalse(copied.sudo()[name], name)
        for name in ("approval_ids", "file_ids", "reading_ids", "loan_ids", "reader_ids"):
            self.assertFalse(copied.sudo()[name], name)
        for values in ({"state": "in_force"}, {"name": "HT"}, {"snapshot": {}}, {"submitted_once": False}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                self.rpc(self.author, contract, "copy", values)
        for user in (self.colleague, self.salesman, self.dealer_user):
            with self.assertRaises(AccessError):
                self.rpc(user, contract, "copy")

    def test_standard_is_what_was_approved(self):
        """A draft of a clause is no standard: an article that names one departs from the standard."""
        clause = self.env.ref("dealer_contracts.clause_framework_zh_breach")
        draft = (
            self.env["dealer.contract.clause.version"]
            .with_user(self.legal)
            .create({"clause_id": clause.id, "body": "乙方概不负责。"})
        )
        contract = self._draft()
        article = contract.article_ids.filtered(lambda article: article.part == "breach")
        article.write({"version_id": draft.id, "body": draft.body})
        self.assertTrue(article.deviates)
        draft.action_approve()
        self.assertFalse(article.deviates)
        article.version_id = self.env.ref("dealer_contracts.clause_framework_zh_quality_version")
        article.body = article.version_id.body
        self.assertTrue(article.deviates, "the standard of another part")

    def test_messages_stay(self):
        """What was written in the log of a submitted contract isn't deleted, by its owner neither."""
        draft = self._draft()
        message = draft.message_post(body="a note")
        draft.action_submit()
        contract = self._sent()
        messages = contract.message_ids | message
        for user, row in ((self.author, messages[0]), (self.manager, messages[-1]), (self.author, message)):
            with self.subTest(user=user.login), self.assertRaises(UserError), self.env.cr.savepoint():
                self.rpc(user, row, "unlink")
            with self.subTest(user=user.login), self.assertRaises(UserError), self.env.cr.savepoint():
                self.rpc(user, row, "write", {"body": "forged"})
            with self.subTest(user=user.login), self.assertRaises(UserError), self.env.cr.savepoint():
                self.rpc(user, row, "write", {"res_id": 0, "model": False})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.rpc(self.author, contract, "write", {"message_ids": [[2, contract.message_ids[0].id]]})
        # As the screens do it, for the author of a comment.
        said = contract.message_post(body="as agreed", message_type="comment")
        with self.assertRaises(UserError), self.env.cr.savepoint():
            contract._message_update_content(said.sudo(), body="forged")
        own = self._draft()
        note = own.message_post(body="a note", message_type="comment")
        own._message_update_content(note.sudo(), body="a better note")
        self.assertIn("a better note", note.body)
        own.unlink()

    def test_scan_of_a_contract_that_one_may_not_read(self):
        """A custodian who isn't that of a strictly confidential contract can't sign it either."""
        contract = self._sent()
        contract.confidential = True
        checks = dict.fromkeys(("all_pages", "same_text", "our_seal", "their_seal", "signatures", "dated"), True)
        wizard = (
            self.env["dealer.contract.scan"]
            .with_user(self.custodian)
            .create(
                {
                    "contract_id": contract.id,
                    "scan": base64.b64encode(PDF),
                    "scan_name": "s.pdf",
                    "signed_by": "X",
                    "signed_on": "2026-01-05",
                    **checks,
                }
            )
        )
        with self.assertRaises(AccessError):
            self.rpc(self.custodian, wizard, "action_take")
        self.assertEqual(contract.state, "sent")

    def test_wizards_of_contracts_of_others(self):
        contract = self._filed()
        for user in (self.colleague, self.legal):
            for values in ({"kind": "termination", "reason": "x"}, {"kind": "notice"}):
                with self.subTest(user=user.login, values=values), self.assertRaises(AccessError):
                    wizard = self.env["dealer.contract.termination"].with_user(user)
                    wizard.create({"contract_id": contract.id, "date": "2026-01-10", **values}).action_apply()
        self.assertFalse(contract.notice_date)


@tagged("post_install", "-at_install")
class TestMisuseOfTerms(AreaCase):
    def test_breach_is_decided_by_nobodys_context(self):
        """A report is a report, whatever the client gives along."""
        contract = self._contract(area_ids=[Command.set(self.city.ids)], breach_penalty=30)
        values = {
            "summary": "Cartons in Ningbo",
            "contract_id": contract.id,
            "area_id": self.other_city.id,
            "amount": 12_000,
            "evidence": "<p>Lot 2511</p>",
        }
        context = {
            "default_state": "confirmed",
            "default_decided_by": self.manager.id,
            "default_penalty_way": "rebate",
            "default_reporter_id": self.manager.id,
        }
        Breach = self.env["dealer.area.breach"].with_user(self.author).with_context(**context)
        breach = Breach.create(values)
        self.assertEqual((breach.state, breach.reporter_id), ("draft", self.author))
        self.assertFalse(breach.decided_by or breach.penalty_way)
        copied = breach.copy()
        self.assertEqual((copied.state, copied.reporter_id), ("draft", self.author))
        for name, value in (("state", "confirmed"), ("penalty", 0), ("decided_by", self.manager.id)):
            with self.subTest(name=name), self.assertRaises(AccessError):
                breach.write({name: value})

    def test_rebate_continues_nothing_by_context(self):
        """Which settlements count for a rebate follows from the amendment alone."""
        other = self._rebate()
        contract = self._contract(state="draft")
        context = {"default_root_id": other.id, "default_origin_id": other.id}
        Rebate = self.env["dealer.contract.rebate"].with_user(self.author).with_context(**context)
        rebate = Rebate.create({**self._rebate_values(), "contract_id": contract.id})
        self.assertFalse(rebate.root_id or rebate.origin_id)
        own = self.env["dealer.contract"].with_user(self.author).with_context(**context)
        contract = own.create({"partner_id": self.customer.id, "rebate_ids": [Command.create(self._rebate_values())]})
        self.assertFalse(contract.rebate_ids.root_id or contract.rebate_ids.origin_id)
        with self.assertRaises(AccessError):
            contract.write({"rebate_ids": [Command.create({**self._rebate_values(), "root_id": other.id})]})


@tagged("post_install", "-at_install")
class TestAddressesOfOthers(ContractData, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_data()
        cls.template = cls.framework

    def test_addresses(self):
        """Hand-written addresses of a contract: the owner sees something, nobody else does."""
        contract = self._signed()
        contract.message_post(body="secret message", message_type="comment", subtype_xmlid="mail.mt_comment")
        addresses = (
            f"/report/html/dealer_contracts.report_contract/{contract.id}",
            f"/report/html/dealer_contracts.report_signature/{contract.id}",
            f"/report/pdf/dealer_contracts.report_signature/{contract.id}",
            f"/report/text/dealer_contracts.report_contract/{contract.id}",
            f"/web/content/dealer.contract/{contract.id}/signature",
            f"/web/content?model=dealer.contract&id={contract.id}&field=signature",
        )
        number = contract.name.encode()
        for login in ("contract_colleague", "contract_salesman", "portal_dealer", "portal_other", None):
            self.authenticate(login, login)
            for address in addresses:
                with self.subTest(login=login, address=address), mute_logger("odoo.http"):
                    content = self.url_open(address, allow_redirects=False).content
                    for secret in (b"%PDF", b"\x89PNG", number):
                        self.assertNotIn(secret, content)
            for address, params in (
                ("/mail/thread/messages", {"thread_model": "dealer.contract", "thread_id": contract.id}),
                ("/mail/chatter_fetch", {"thread_model": "dealer.contract", "thread_id": contract.id}),
                (
                    "/mail/data",
                    {
                        "fetch_params": [
                            [
                                "mail.thread",
                                {
                                    "thread_model": "dealer.contract",
                                    "thread_id": contract.id,
                                    "request_list": ["activities", "attachments", "followers", "suggestedRecipients"],
                                },
                            ]
                        ]
                    },
                ),
            ):
                with self.subTest(login=login, address=address), mute_logger("odoo.http"):
                    answer = self.url_open(address, json={"jsonrpc": "2.0", "method": "call", "params": params})
                    text = json.dumps(answer.json(), ensure_ascii=False)
                    # The dealer reads what is on the portal.
                    if login != "portal_dealer":
                        self.assertNotIn("secret message", text)
                    self.assertNotIn(contract.name, text)
        self.authenticate("contract_author", "contract_author")
        # Odoo begins a request anew that has to write.
        with mute_logger("odoo.http"):
            for address in addresses[:3]:
                self.assertEqual(self.url_open(address).status_code, 200, address)

    def test_portal_addresses_of_others(self):
        """Each address of a contract with the keys of another, and without any."""
        contract, other = self._signed(), self._signed(dealer=self.other_dealer)
        key = other.sudo().access_token
        for login in ("portal_other", "contract_salesman", "contract_colleague", None):
            self.authenticate(login, login)
            for address in ("", "/file/issued", "/file/signature", "/file/scan"):
                for query in ("", f"?access_token={key}", "?access_token=", "?access_token=None"):
                    url = f"/my/contracts/{contract.id}{address}{query}"
                    with self.subTest(login=login, url=url):
                        response = self.url_open(url, allow_redirects=False)
                        self.assertIn(response.status_code, (303, 404))
                        self.assertNotIn(contract.name.encode(), response.content)
        for number in (0, -1, 10**9):
            self.assertIn(self.url_open(f"/my/contracts/{number}", allow_redirects=False).status_code, (303, 404))
