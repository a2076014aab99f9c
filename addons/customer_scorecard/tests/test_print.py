import io
import json
from datetime import date

from openpyxl import load_workbook
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

LEAVES = [
    ("attitude", "合作态度", 30),
    ("action", "合作行动", 30),
    ("capital", "资金实力", 20),
    ("credit", "商业信誉", 20),
]


class PrintCommon:
    """Two customers, evaluated by 王丽 with one version of four criteria in two groups; 李强 approves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.company = cls.env["res.company"].create({"name": "华康医药有限公司"})

        def user(login, name, groups):
            return new_test_user(
                cls.env,
                login,
                groups,
                name=name,
                password=login,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )

        cls.evaluator = user(
            "print_evaluator", "王丽", "customer_scorecard.group_scorecard_user,base.group_allow_export"
        )
        cls.manager = user("print_manager", "李强", "customer_scorecard.group_scorecard_manager")
        cls.salesperson = user("print_sales", "张伟", "sales_team.group_sale_salesman,base.group_allow_export")
        cls.customer, cls.other_customer = cls.env["res.partner"].create(
            [
                {"name": "康泰大药房", "is_company": True, "user_id": cls.salesperson.id},
                {"name": "仁和诊所", "is_company": True},
            ]
        )
        cls.template = cls.env["customer.scorecard.template"].create({"name": "经销商评价"})
        cls.version = cls._version()
        cls.card = cls._card(cls.customer, [5, 1, None, 4])
        cls.other_card = cls._card(cls.other_customer, [3, 4, 0, 4])

    @classmethod
    def _version(cls):
        version = cls.env["customer.scorecard.version"].create({"template_id": cls.template.id})
        Criterion = cls.env["customer.scorecard.criterion"]
        groups = Criterion.create(
            [
                {"version_id": version.id, "name": name, "code": code, "kind": "group", "sequence": number}
                for number, (code, name) in enumerate([("will", "合作积极性"), ("ability", "经营能力")], 1)
            ]
        )
        cls.env["customer.scorecard.band"].create(
            [
                {"version_id": version.id, "name": "A", "score_from": 60, "decision": "open", "review_months": 12},
                {
                    "version_id": version.id,
                    "name": "C",
                    "score_from": 0,
                    "decision": "observe",
                    "advice": "先小批量试销",
                },
            ]
        )
        leaves = Criterion.create(
            [
                {
                    "version_id": version.id,
                    "parent_id": groups[number // 2].id,
                    "name": name,
                    "code": code,
                    "weight": weight,
                    "sequence": number,
                    "evidence": "never",
                }
                for number, (code, name, weight) in enumerate(LEAVES)
            ]
        )
        leaves[0].action_criterion_id = leaves[1]
        leaves[2].anchor_ids = [Command.create({"points": 0, "description": "一无所有"})]
        version.with_user(cls.manager).action_freeze()
        return version

    @classmethod
    def _card(cls, customer, points, day=date(2026, 3, 1)):
        card = (
            cls.env["customer.scorecard"]
            .with_user(cls.evaluator)
            .create(
                {
                    "partner_id": customer.id,
                    "template_id": cls.template.id,
                    "company_id": cls.company.id,
                    "date": day,
                    "summary": "付款及时。\n建议继续合作。",
                    "private_note": "绝密：夫妻不和",
                }
            )
        )
        for answer, given in zip(card.answer_ids.sorted("sequence"), points):
            if given is not None:
                answer.write({"first_points": str(given), "evidence": f"走访记录{given}", "private_note": "绝密：口风"})
        return card

    @classmethod
    def _pdf(cls, cards, user, lang="zh_CN"):
        """Return the text of the print-out that a user gets."""
        content, _kind = (
            cls.env["ir.actions.report"]
            .with_user(user)
            .with_context(force_report_rendering=True, lang=lang)
            ._render_qweb_pdf("customer_scorecard.report_scorecard", cards.ids)
        )
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)

    @classmethod
    def _sheets(cls, content):
        """Return {title: rows} of a workbook."""
        book = load_workbook(io.BytesIO(content))
        return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


@tagged("post_install", "-at_install")
class TestPrint(PrintCommon, TransactionCase):
    def test_form(self):
        text = self._pdf(self.card, self.evaluator)
        # (30 x 5 + 30 x 1 + 20 x 4) / 80 x 20 = 65.00; 80 of 100 answered.
        for shown in (
            "华康医药有限公司",
            "经销商评价",
            "康泰大药房",
            self.card.name,
            "王丽",
            "65.00",
            "80 %",
            "合作积极性",
            "走访记录5",
            "37.50",
            "付款及时。",
            "建议继续合作。",
        ):
            self.assertIn(shown, text)
        self.assertRegex(text, r"资金实力 20 – –", "what isn't answered is no zero")
        self.assertIn(self.card.with_context(lang="zh_CN").enthusiasm_note[:10], text)

    def test_private_notes_are_not_printed(self):
        for user in (self.evaluator, self.manager):
            self.assertNotIn("绝密", self._pdf(self.card, user))

    def test_who_may_print(self):
        with self.assertRaises(AccessError):
            self._pdf(self.card, self.salesperson)
        self.card.action_submit()
        self.card.with_user(self.manager).action_approve()
        text = self._pdf(self.card, self.salesperson)
        self.assertIn("65.00", text)
        self.assertIn("李强", text)
        with self.assertRaises(AccessError):
            self._pdf(self.other_card, self.salesperson)

    def test_each_evaluation_counts_its_own_pages(self):
        text = self._pdf(self.card + self.other_card, self.evaluator, lang="en_US")
        self.assertEqual(text.count("Page 1 of 1"), 2)

    def test_nothing_answered(self):
        empty = self._card(self.customer, [None] * 4)
        text = self._pdf(empty, self.evaluator, lang="en_US")
        self.assertNotIn("0.00", text)


@tagged("post_install", "-at_install")
class TestExport(PrintCommon, TransactionCase):
    def test_sheet(self):
        cards = self.card + self.other_card
        ((title, rows),) = self._sheets(cards._scores_xlsx()).items()
        self.assertEqual(title, "经销商评价 1")
        head = rows[0].index("合作积极性")
        self.assertEqual(rows[0][head:], ["合作积极性", "合作积极性", "经营能力", "经营能力"])
        self.assertEqual(rows[1][head:], ["合作态度", "合作行动", "资金实力", "商业信誉"])
        self.assertEqual(rows[2][head:], [30, 30, 20, 20])
        found = {row[1]: row[head:] for row in rows[3:]}
        self.assertEqual(found, {"康泰大药房": [5, 1, None, 4], "仁和诊所": [3, 4, 0, 4]})
        score = rows[0].index("Score")
        self.assertEqual([row[score] for row in rows[3:]], [65, 58])

    def test_sheet_for_each_version(self):
        first = self.card + self.other_card
        self.version.with_user(self.manager).action_new_version()
        self.template.draft_version_id.with_user(self.manager).action_freeze()
        second = self._card(self.customer, [1, 1, 1, 1])
        sheets = self._sheets((first + second)._scores_xlsx())
        self.assertEqual(
            {title: len(rows) - 3 for title, rows in sheets.items()}, {"经销商评价 1": 2, "经销商评价 2": 1}
        )

    def test_sheet_names(self):
        self.template.name = "A/B: [很长的名称很长的名称很长的名称很长的名称很长的名称]*"
        self.assertEqual(len(self._sheets(self.card._scores_xlsx())), 1)

    def test_text_is_no_formula(self):
        self.customer.name = "=HYPERLINK(1)"
        (rows,) = self._sheets(self.card._scores_xlsx()).values()
        self.assertEqual(rows[3][1], "=HYPERLINK(1)")
        sheet = load_workbook(io.BytesIO(self.card._scores_xlsx())).active
        self.assertEqual(sheet.cell(4, 2).data_type, "s")

    def test_what_is_unknown_stays_empty(self):
        empty = self._card(self.customer, [None] * 4)
        (rows,) = self._sheets(empty._scores_xlsx()).values()
        self.assertIsNone(rows[3][rows[0].index("Score")])

    def test_who_may_export(self):
        with self.assertRaises(UserError):
            self.card.with_user(self.manager)._scores_xlsx()
        with self.assertRaises(AccessError):
            self.card.with_user(self.salesperson)._scores_xlsx()

    def test_queries(self):
        partners = self.env["res.partner"].create(
            [{"name": f"客户{number}", "is_company": True} for number in range(40)]
        )
        cards = self.env["customer.scorecard"].with_user(self.manager)._create_for(partners, self.version, self.company)
        cards.answer_ids.first_points = "3"
        self.env.flush_all()

        def count(cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cards.with_user(self.evaluator)._scores_xlsx()
            return self.env.cr.sql_log_count - before

        count(cards[:5])
        self.assertLessEqual(count(cards), count(cards[:20]) + 1)


@tagged("post_install", "-at_install")
class TestExportRoute(PrintCommon, HttpCase):
    def _post(self, ids):
        return self.url_open(
            "/customer_scorecard/xlsx", data={"ids": json.dumps(ids), "csrf_token": Request.csrf_token(self)}
        )

    def test_download(self):
        self.authenticate("print_evaluator", "print_evaluator")
        response = self._post((self.card + self.other_card).ids)
        self.assertEqual(response.status_code, 200)
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        (rows,) = self._sheets(response.content).values()
        self.assertEqual(len(rows), 5)

    def test_message_of_an_error(self):
        self.authenticate("print_evaluator", "print_evaluator")
        response = self._post([])
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.json()["data"]["name"], "odoo.exceptions.UserError")

    def test_other_people(self):
        self.authenticate("print_sales", "print_sales")
        response = self._post(self.card.ids)
        self.assertEqual(response.json()["data"]["name"], "odoo.exceptions.AccessError")
