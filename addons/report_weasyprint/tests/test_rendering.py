import io
import os
import subprocess
import sys
from pathlib import Path

from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .. import models
from .common import WeasyprintCommon


@tagged("post_install", "-at_install")
class TestRendering(WeasyprintCommon, TransactionCase):
    def _sizes(self, pdf):
        """Return the (width, height) of the pages in whole millimetres."""
        return [
            (round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4))
            for page in PdfReader(io.BytesIO(pdf)).pages
        ]

    def test_chinese_text_and_running_parts(self):
        self.customer.comment = "".join(f"<p>第{number}条 双方同意按本合同约定执行。</p>" for number in range(1, 101))
        pages = self._pages(self._pdf(self.customer.with_user(self.employee)))
        self.assertEqual(len(pages), 3)
        for number, page in enumerate(pages, start=1):
            self.assertIn("华康医药有限公司", page)
            self.assertIn("K-001", page)
            self.assertIn(f"Page {number} of 3", page)
        self.assertIn("客户登记表", pages[0])
        self.assertIn("康泰大药房", pages[0])
        self.assertNotIn("客户登记表", pages[1])
        text = "".join(pages)
        self.assertTrue(all(f"第{number}条 双方同意按本合同约定执行。" in text for number in range(1, 101)))

    def test_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "report_weasyprint")])._update_translations(["zh_CN"])
        pages = self._pages(self._pdf(self.customer, lang="zh_CN"))
        self.assertIn("第 1 页，共 1 页", pages[0])

    def test_records_have_pages_and_titles_of_their_own(self):
        self.customer.comment = "<p>药品</p>" * 60
        records = self.other_customer + self.customer
        streams = (
            self.env["ir.actions.report"]
            .with_user(self.employee)
            .with_context(force_report_rendering=True)
            ._pre_render_qweb_pdf(self.report, records.ids)[0]
        )
        self.assertEqual(list(streams), records.ids)
        first, second = (self._pages(streams[record.id]["stream"].getvalue()) for record in records)
        self.assertIn("Page 1 of 1", first[0])
        self.assertIn("仁和诊所", first[0])
        self.assertIn("Page 2 of 2", second[1])
        self.assertIn("K-001", second[1])
        pages = self._pages(self._pdf(records))
        self.assertEqual([page for page in pages if "仁和诊所" in page], [pages[0]])
        self.assertIn("Page 2 of 2", pages[2])

    def test_template_without_ids(self):
        self.view.arch = """<t><t t-call="report_weasyprint.document"><t t-foreach="docs" t-as="doc">
            <div class="article"><p t-out="doc.name"/></div></t></t></t>"""
        pages = self._pages(self._pdf(self.customer + self.other_customer))
        self.assertEqual([page.strip() for page in pages], ["康泰大药房", "仁和诊所"])

    def test_paper(self):
        self.assertEqual(self._sizes(self._pdf(self.customer)), [(210, 297)])
        self.assertEqual(self._sizes(self._pdf(self.customer, landscape=True)), [(297, 210)])
        self.report.paperformat_id = self.env.ref("report_weasyprint.paperformat_a4_landscape")
        self.assertEqual(self._sizes(self._pdf(self.customer)), [(297, 210)])
        self.report.paperformat_id = self.env["report.paperformat"].create(
            {
                "name": "Card",
                "format": "custom",
                "page_width": 90,
                "page_height": 55,
                "orientation": "Portrait",
                "margin_top": 9,
            }
        )
        self.assertEqual(self._sizes(self._pdf(self.customer))[0], (90, 55))

    def test_margins_of_the_own_paper_format(self):
        def left(pdf):
            found = []
            PdfReader(io.BytesIO(pdf)).pages[0].extract_text(
                visitor_text=lambda text, cm, tm, font, size: (
                    text.strip() == "康泰大药房" and found.append(cm[0] * tm[4] + cm[4])
                )
            )
            return round(found[0] / 72 * 25.4)

        # The company's paper has no margin at the left, Odoo's layouts have one of their own.
        self.assertEqual(self.employee.company_id.paperformat_id.margin_left, 0)
        self.assertEqual(left(self._pdf(self.customer)), 18)
        self.report.paperformat_id = self.env.ref("report_weasyprint.paperformat_a4").copy({"margin_left": 40})
        self.assertEqual(left(self._pdf(self.customer)), 40)

    def test_equal_input_gives_equal_bytes(self):
        self.customer.comment = "<p>价格 <b>100.00</b> 元</p>"
        pdf = self._pdf(self.customer)
        self.assertEqual(pdf, self._pdf(self.customer))
        several = self.customer + self.other_customer
        self.assertEqual(self._pdf(several), self._pdf(several))
        self.assertNotEqual(PdfReader(io.BytesIO(pdf)).trailer["/ID"], None)
        self.assertNotIn("/CreationDate", PdfReader(io.BytesIO(pdf)).metadata)
        self.customer.comment = "<p>价格 <b>100.01</b> 元</p>"
        changed = self._pdf(self.customer)
        self.assertNotEqual(pdf, changed)
        self.assertNotEqual(
            PdfReader(io.BytesIO(pdf)).trailer["/ID"][0], PdfReader(io.BytesIO(changed)).trailer["/ID"][0]
        )

    def test_equal_bytes_in_another_process(self):
        program = """
import hashlib
import pdf_document as p

html = '<html><head></head><body><div class="article"><h1>购销合同</h1><b>壹佰元</b> <i>A</i></div></body></html>'
pdf = p.render(p.split(html.encode(), None)[None], None, p.Page(210, 297), "http://x")
print(hashlib.sha256(pdf).hexdigest())
"""
        folder = str(Path(models.__file__).parent)
        digests = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": folder},
                capture_output=True,
                check=True,
                text=True,
            ).stdout.strip()
            for seed in ("1", "2")
        }
        self.assertEqual(len(digests), 1, digests)

    def test_logo(self):
        def pictures(pdf):
            return len(PdfReader(io.BytesIO(pdf)).pages[0].images)

        self.assertEqual(pictures(self._pdf(self.customer)), 0, "Odoo's placeholder is no logo")
        self.company.logo = (
            b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        self.assertEqual(pictures(self._pdf(self.customer)), 1)

    def test_other_reports_are_left_to_odoo(self):
        self.report.pdf_engine = "wkhtmltopdf"
        called = []
        self.patch(type(self.report), "get_wkhtmltopdf_state", lambda *args: called.append(1) or "install")
        with self.assertRaises(UserError):
            self._pdf(self.customer)
        self.assertTrue(called)
        self.report.pdf_engine = "weasyprint"
        called.clear()
        self._pdf(self.customer)
        self.assertFalse(called, "WeasyPrint needs no wkhtmltopdf")

    def test_missing_library_is_named(self):
        def load():
            raise models.pdf_document.Unavailable("cannot load library 'libpango-1.0-0'")

        self.patch(models.pdf_document, "load", load)
        with self.assertRaisesRegex(UserError, "(?s)客户登记表.*libpango-1.0-0.*apt-get install"):
            self._pdf(self.customer)

    def test_layout_of_odoo(self):
        """An administrator may choose WeasyPrint for a report of Odoo itself."""
        self.view.arch = """<t><t t-call="web.html_container"><t t-foreach="docs" t-as="o">
            <t t-call="web.external_layout"><div class="page"><h2 t-out="o.name"/></div></t></t></t></t>"""
        self.company.external_report_layout_id = self.env.ref("web.external_layout_standard")
        with mute_logger("weasyprint"):
            (page,) = self._pages(self._pdf(self.customer))
        self.assertIn("康泰大药房", page)
        self.assertRegex(page, r"Page\s*1\s*/\s*1")

    def test_readable_by_the_client(self):
        action = self.report.report_action(self.customer)
        self.assertEqual((action["type"], action["pdf_engine"]), ("ir.actions.report", "weasyprint"))
        self.assertEqual(self.report._get_action_dict()["pdf_engine"], "weasyprint")
