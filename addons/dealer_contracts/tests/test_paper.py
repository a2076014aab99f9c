import base64
import hashlib
import io
from pathlib import Path
from unittest.mock import patch

from docx import Document
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PIXEL, ContractCase

REPORT = "dealer_contracts.action_report_contract"


@tagged("post_install", "-at_install")
class TestPaper(ContractCase):
    """PDF and Word files, kept bytes, hashes (D2, D3)."""

    def pages(self, content):
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    def plain(self, text):
        return "".join(text.split())

    # === THE PAPER === #

    def test_pages(self):
        contract = self._sent()
        pages = self.pages(contract._file("issued")._checked_content())
        total = len(pages)
        self.assertGreaterEqual(total, 4)
        cover = self.plain(pages[0])
        for text in ("经销商购销合同", contract.name, "华东医药批发有限公司", "杭州康泰药业有限公司", "2026年1月5日"):
            self.assertIn(text, cover)
        self.assertIn("目录", self.plain(pages[1]))
        for number, page in enumerate(pages[1:], 2):
            self.assertIn(f"第{number}页/共{total}页", self.plain(page))
            self.assertIn(contract.name, page)
            self.assertIn("杭州康泰药业有限公司", page)
        text = self.plain("".join(pages))
        for piece in (
            "第一条",
            "第十条",
            "人民币壹万肆仟壹佰零肆元整",
            "12,500.00",
            "1,604.00",
            "200.5",
            "10g×20袋",
            "法定代表人：陈大明",
            "10012000",
            "91310000132211811X",
        ):
            self.assertIn(self.plain(piece), text)

    def test_contents_name_the_pages(self):
        contract = self._sent()
        pages = [self.plain(page) for page in self.pages(contract._file("issued")._checked_content())]
        for article in contract._paper()["articles"]:
            heading = article["number"] + article["title"]
            place = next(number for number, page in enumerate(pages, 1) if number > 2 and heading in page)
            line = pages[1].split(heading)[1]
            self.assertRegex(line, rf"^\.*{place}(第|目|$|\D)")

    def test_short_one_has_no_cover(self):
        contract = self._draft(template_id=self.framework.id)
        pages = self.pages(contract.sudo()._render(REPORT))
        self.assertLessEqual(len(pages), 2)
        self.assertIn("年度经销合作协议", self.plain(pages[0]))
        self.assertIn("第一条", self.plain(pages[0]))

    def test_watermark(self):
        contract = self._draft()

        def text(contract):
            return self.plain("".join(self.pages(contract.sudo()._render(REPORT))))

        self.assertIn("草稿", text(contract))
        contract.action_submit()
        self.assertIn("审批中", text(contract))
        self.assertNotIn("草稿", text(contract))
        self._approve(contract)
        self.assertIn("待发出", text(contract))
        contract.action_send()
        for mark in ("草稿", "审批中", "待发出"):
            self.assertNotIn(mark, text(contract))
        filed = self._filed()
        filed._terminate(filed.date_start, "Agreed")
        self.assertIn("已终止", text(filed))

    def test_equal_bytes(self):
        """The same contract is the same file: for every reader, in every language, at every time."""
        contract = self._sent()
        kept = contract._file("issued")._checked_content()
        self.env.invalidate_all()
        for user, lang in ((self.author, "en_US"), (self.legal, "zh_CN"), (self.manager, False)):
            reports = self.env["ir.actions.report"].with_user(user)
            reports = reports.with_context(lang=lang, force_report_rendering=True, tz="Asia/Shanghai")
            content, _kind = reports._render_qweb_pdf(REPORT, contract.ids)
            self.assertEqual(content, kept)
        self.dealer.name = "Renamed"
        self.assertEqual(contract.sudo()._render(REPORT), kept)

    def test_english(self):
        contract = self._sent(template_id=self.english.id)
        pages = self.pages(contract.with_context(lang="zh_CN")._file("issued")._checked_content())
        self.assertIn("Page 2 of", pages[1])
        self.assertIn("Article 10", " ".join("".join(pages).split()))
        self.assertIn("fourteen thousand, one hundred and four and 00/100", " ".join("".join(pages).split()))

    def test_many_products(self):
        """A table over several pages repeats its head."""
        contract = self._draft()
        contract._add_lines([(self.product, 1.0, 1.0, self.product.uom_id)] * 120)
        pages = self.pages(contract.sudo()._render(REPORT))
        heads = [page for page in pages if "品牌/生产企业" in self.plain(page)]
        self.assertGreaterEqual(len(heads), 3)

    def test_signatures_stand_under_text(self):
        """Wherever the pages break, the page that is signed says something of the contract, and the block is whole."""
        for template in (self.framework, self.env.ref("dealer_contracts.template_framework_en"), self.english):
            for lines in (0, 6, 12):
                with self.subTest(template=template.name, lines=lines):
                    contract = self._draft(
                        template_id=template.id, no_policy=False, policy_promotion="\n".join(["支持"] * (lines + 1))
                    )
                    pages = [self.plain(page) for page in self.pages(contract.sudo()._render(REPORT))]
                    last = contract._paper()["articles"][-1]["paragraphs"][-1]
                    self.assertIn(self.plain(last["number"] + last["text"])[-12:], pages[-1])
                    self.assertIn("杭州康泰药业有限公司", pages[-1].replace(pages[-1][:60], ""))
                    self.assertIn("91310000132211811X", pages[-1])

    def test_prices_without_quantities(self):
        """A framework that lists prices alone has no empty columns: on the paper, in the Word file."""
        contract = self._draft(template_id=self.framework.id)
        text = self.plain("".join(self.pages(contract.sudo()._render(REPORT))))
        self.assertIn("规格单位数量单价金额", text)
        contract.line_ids.quantity = 0
        text = self.plain("".join(self.pages(contract.sudo()._render(REPORT))))
        self.assertIn("规格单位单价", text)
        self.assertIn("12.50", text)
        cells = [
            cell.text
            for table in Document(io.BytesIO(contract._docx())).tables
            for row in table.rows
            for cell in row.cells
        ]
        self.assertFalse({"数量", "金额"} & set(cells))
        self.assertIn("12.50", cells)

    def test_harmless(self):
        """Whatever is written into a clause or a name is text: nothing of it runs, nothing is fetched."""
        evil = (
            "<script>alert(1)</script> <img src='http://example.invalid/x.png'> <a href='file:///etc/passwd'>p</a>"
            " {{7*7}} ${7*7} <t t-out='env'/> {party_a} <style>body{display:none}</style>"
        )
        contract = self._draft(delivery_place=evil)
        contract.article_ids[0].body = evil
        contract.line_ids[0].name = evil
        contract.party_b_id.address = evil
        report = self.env["ir.actions.report"]
        with patch.object(type(report), "_fetch_record", side_effect=AssertionError("fetched")):
            contract.action_submit()
            self._approve(contract)
            contract.action_send()
        content = contract._file("issued")._checked_content()
        text = self.plain("".join(self.pages(content)))
        self.assertIn("<script>alert(1)</script>", text)
        self.assertIn("{{7*7}}", text)
        self.assertNotIn("49", text.replace("(49", ""))
        self.assertIn("华东医药批发有限公司<style>", text)
        for bad in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile", b"/URI"):
            self.assertNotIn(bad, content)
        self.assertNotIn("root:", text)
        document = Document(io.BytesIO(contract._docx()))
        self.assertIn("<script>alert(1)</script>", "\n".join(paragraph.text for paragraph in document.paragraphs))

    def test_docx(self):
        contract = self._draft()
        content = contract._docx()
        document = Document(io.BytesIO(content))
        text = "\n".join(paragraph.text for paragraph in document.paragraphs)
        for piece in ("经销商购销合同", "第一条  合同标的", "人民币壹万肆仟壹佰零肆元整"):
            self.assertIn(piece, text)
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        self.assertIn("板蓝根颗粒", cells)
        self.assertIn("法定代表人：陈大明", cells)
        self.assertIn("草 稿", document.sections[0].header.paragraphs[0].text)

    # === DISPATCH === #

    def test_letter_in_the_language_of_the_dealer(self):
        """Whoever sends it in whichever language: the dealer's representative gets the letter in his."""
        for dealer_lang, user_lang, subject, text in (
            ("zh_CN", "en_US", "待签署", "已可签署"),
            ("en_US", "zh_CN", "for signature", "is ready for your signature"),
        ):
            with self.subTest(dealer=dealer_lang, user=user_lang):
                self.dealer.lang = dealer_lang
                self.dealer.child_ids.lang = dealer_lang
                self.author.lang = user_lang
                contract = self._approved(template_id=self.framework.id)
                contract.with_context(lang=user_lang).action_send()
                letter = contract.message_ids.filtered(lambda message: self.dealer in message.partner_ids)
                self.assertIn(subject, letter.subject)
                self.assertIn(text, letter.body)

    # === BYTES === #

    def test_hash(self):
        contract = self._sent()
        file = contract._file("issued")
        content = file._checked_content()
        digest = hashlib.sha256(content).hexdigest()
        self.assertEqual((file.sha256, contract.issued_sha256, file.size), (digest, digest, len(content)))
        self.assertTrue(contract._is_paper(content))
        self.assertFalse(contract._is_paper(content + b"\n"))

    def test_one_flipped_byte_is_noticed_everywhere(self):
        contract = self._sent()
        file = contract._file("issued")
        self.assertEqual(contract.action_verify()["params"]["type"], "success")
        self._flip(file)
        self.assertEqual(contract.action_verify()["params"]["type"], "danger")
        self.assertEqual(file.with_user(self.author).action_verify()["params"]["type"], "danger")
        self.assertIn("CHANGED", contract.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "isn't the one that was kept"):
            file._checked_content()
        with self.assertRaisesRegex(UserError, "isn't the one that was kept"):
            contract.sudo()._sign("赵强", PIXEL, contract.issued_sha256, "192.0.2.7", self.dealer_user)
        with self.assertRaisesRegex(UserError, "isn't the one that was kept"):
            contract.sudo()._take_scan("s.pdf", b"%PDF-1.4", "X", "2026-01-05")
        self.assertEqual(contract.state, "sent")
        signed = self._signed()
        self._flip(signed._file("signature"))
        keeper = signed.with_user(self.custodian)
        keeper.write({"custodian_id": self.custodian.id, "paper_place": "A"})
        with self.assertRaisesRegex(UserError, "isn't the one that was kept"):
            keeper.action_file()

    def test_any_byte(self):
        """The first, the last, one in between: whichever byte it is, and a byte more or less."""
        contract = self._sent()
        file = contract._file("issued")
        content = file._checked_content()
        domain = [("res_model", "=", file._name), ("res_id", "=", file.id), ("res_field", "=", "content")]
        attachment = self.env["ir.attachment"].sudo().search(domain)
        path = Path(attachment._full_path(attachment.store_fname) + "y")
        self.env.cr.execute("UPDATE ir_attachment SET store_fname = store_fname || 'y' WHERE id = %s", [attachment.id])
        self.addCleanup(path.unlink, missing_ok=True)

        def flipped(place):
            changed = bytearray(content)
            changed[place] ^= 1
            return bytes(changed)

        path.write_bytes(content)
        attachment.invalidate_recordset()
        self.assertTrue(file._intact())
        places = (0, 1, len(content) // 3, len(content) - 2, len(content) - 1)
        for changed in (*map(flipped, places), content[:-1], content + b"\n", b""):
            path.write_bytes(changed)
            self.assertFalse(file._intact())
            with self.assertRaisesRegex(UserError, "isn't the one that was kept"):
                file._checked_content()

    def test_lost_file_is_noticed(self):
        contract = self._sent()
        file = contract._file("issued")
        self.env.cr.execute(
            "DELETE FROM ir_attachment WHERE res_model = %s AND res_id = %s", ["dealer.contract.file", file.id]
        )
        self.env.invalidate_all()
        self.assertEqual(contract.action_verify()["params"]["type"], "danger")
        with self.assertRaises(UserError):
            file._checked_content()

    def test_attachments_stay(self):
        contract = self._sent()
        content = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "dealer.contract.file"),
                    ("res_id", "=", contract._file("issued").id),
                    ("res_field", "!=", False),
                ]
            )
        )
        self.assertEqual(len(content), 1)
        scan = (
            self.env["ir.attachment"]
            .with_user(self.author)
            .create({"name": "note.txt", "raw": b"x", "res_model": "dealer.contract", "res_id": contract.id})
        )
        for file in (content, scan):
            for values in ({"raw": b"y"}, {"name": "z"}, {"res_id": 0}, {"res_model": "res.partner"}):
                with self.assertRaises(UserError):
                    file.sudo().write(values)
                with self.assertRaises(UserError):
                    file.with_user(self.manager).write(values)
            with self.assertRaises(UserError):
                file.sudo().unlink()
            with self.assertRaises(UserError):
                file.sudo().write({"public": True})
        with self.assertRaises(UserError):
            self.env["ir.attachment"].with_user(self.author).create(
                {"name": "n", "raw": b"x", "res_model": "dealer.contract", "res_id": contract.id, "public": True}
            )

    # === SIGNATURE === #

    def test_signature(self):
        contract = self._signed()
        self.assertEqual(
            (contract.state, contract.signed_way, contract.signed_by, contract.signed_from, contract.signed_user_id),
            ("signed", "portal", "赵强", "192.0.2.7", self.dealer_user),
        )
        sheet = contract._file("signature")
        text = self.plain("".join(self.pages(sheet._checked_content())))
        for piece in (contract.issued_sha256, "赵强", "192.0.2.7", "LeaLegal", "DiRector", contract.name):
            self.assertIn(piece, text)

    def test_signature_is_for_what_was_shown(self):
        contract = self._sent()
        for sha256 in (None, "0" * 64):
            with self.assertRaisesRegex(UserError, "isn't the one that was shown"):
                contract.sudo()._sign("赵强", PIXEL, sha256, "192.0.2.7")
        with self.assertRaisesRegex(UserError, "needs a name"):
            contract.sudo()._sign("  ", PIXEL, contract.issued_sha256, "192.0.2.7")
        contract.sudo()._sign("赵强", PIXEL, contract.issued_sha256, "192.0.2.7")
        with self.assertRaisesRegex(UserError, "Signed"):
            contract.sudo()._sign("赵强", PIXEL, contract.issued_sha256, "192.0.2.7")

    def test_old_paper_after_revision(self):
        contract = self._sent()
        old = contract.issued_sha256
        contract.action_revise()
        contract.delivery_days = 3
        contract.action_submit()
        self._approve(contract)
        contract.action_send()
        self.assertNotEqual(contract.issued_sha256, old)
        self.assertEqual(len(contract.sudo().file_ids), 2)
        self.assertEqual(contract._file("issued").sha256, contract.issued_sha256)
        with self.assertRaises(UserError):
            contract.sudo()._sign("赵强", PIXEL, old, "192.0.2.7")

    # === SIGNED BY HAND === #

    def _scan(self, contract, user, content=None, **checks):
        content = content or contract._file("issued")._checked_content()
        checks = (
            dict.fromkeys(("all_pages", "same_text", "our_seal", "their_seal", "signatures", "dated"), True) | checks
        )
        return (
            self.env["dealer.contract.scan"]
            .with_user(user)
            .create(
                {
                    "contract_id": contract.id,
                    "scan": base64.b64encode(content),
                    "scan_name": "scan.pdf",
                    "signed_by": "赵强",
                    "signed_on": "2026-01-06",
                    **checks,
                }
            )
        )

    def test_scan(self):
        contract = self._sent()
        with self.assertRaisesRegex(UserError, "custodians"):
            self._scan(contract, self.author).action_take()
        for check in ("all_pages", "same_text", "our_seal", "their_seal", "signatures", "dated"):
            with self.assertRaisesRegex(UserError, "Not checked yet"):
                self._scan(contract, self.custodian, **{check: False}).action_take()
        for content in (b"MZ no scan", b"%PDF-1.7 broken"):
            with self.assertRaises(UserError), mute_logger("pypdf._reader"):
                self._scan(contract, self.custodian, content=content).action_take()
        with self.assertRaisesRegex(UserError, "future"):
            self._scan(contract, self.custodian, signed_on="2999-01-01").action_take()
        self._scan(contract, self.custodian).action_take()
        self.assertEqual((contract.state, contract.signed_way), ("signed", "paper"))
        self.assertEqual(str(contract.signing_date), "2026-01-06")
        self.assertTrue(contract._file("scan")._intact())
        keeper = contract.with_user(self.custodian)
        with self.assertRaisesRegex(UserError, "Custodian, Place of the Originals, Originals Kept"):
            keeper.action_file()
        keeper.write({"custodian_id": self.custodian.id, "paper_place": "Safe 2", "copies_kept": 2})
        keeper.action_file()
        self.assertIn(contract.state, ("filed", "in_force"))
