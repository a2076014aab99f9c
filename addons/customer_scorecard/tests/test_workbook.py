import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ScorecardCase
from .test_versions import TestVersions


@tagged("post_install", "-at_install")
class TestWorkbook(ScorecardCase):
    """Templates travel as workbooks, and a wrong one says where it is wrong (E7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Import = cls.env["customer.scorecard.import"].with_user(cls.manager)
        cls.version.criterion_ids[0].read(["name"])

    def exported(self, version=None, **context):
        return self.Import.with_context(**context)._workbook((version or self.version).with_context(**context))

    def imported(self, content, template=None, **context):
        wizard = self.Import.with_context(**context).create(
            {"file": base64.b64encode(content), "template_id": template.id if template else False}
        )
        return self.env["customer.scorecard.version"].browse(wizard.action_import()["res_id"])

    def picture(self, version):
        return TestVersions._picture_of(self, version) + [
            (
                version.coverage_min,
                version.enthusiasm_attitude_min,
                version.enthusiasm_action_max,
                version.rater_tolerance,
                version.note,
                [band.advice for band in version.band_ids],
                [band.color for band in version.band_ids],
                version.criterion_ids.mapped("description"),
            )
        ]

    def changed(self, *changes, content=None):
        """The workbook of the version with cells changed: (sheet number, cell, value)."""
        book = openpyxl.load_workbook(io.BytesIO(content or self.exported()))
        for sheet, cell, value in changes:
            book.worksheets[sheet][cell] = value
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    def column(self, heading, sheet=1):
        book = openpyxl.load_workbook(io.BytesIO(self.exported()))
        return next(cell.column_letter for cell in book.worksheets[sheet][1] if cell.value == heading)

    def test_round_trip(self):
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Odd"}))
        draft.write({"coverage_min": 55.5, "rater_tolerance": 0.5, "note": "=1+1", "enthusiasm_action_max": 1})
        draft.band_ids[0].write({"score_from": 79.99, "color": 4, "advice": "Line 1\nLine 2"})
        draft.criterion_ids.filtered(lambda each: each.code == "stores").write(
            {"description": '=HYPERLINK("http://x")', "name": "1.5 x safety stock", "weight": 33.33}
        )
        draft.criterion_ids.filtered(lambda each: each.code == "orders").anchor_ids[0].metric_from = -12.3456
        for version in (self.version, draft):
            with self.subTest(version.display_name):
                again = self.imported(self.exported(version))
                self.assertEqual(self.picture(again), self.picture(version))
                self.assertEqual((again.state, again.template_id.name), ("draft", version.template_id.name))
                self.assertNotEqual(again.template_id, version.template_id)

    def test_into_a_template(self):
        again = self.imported(self.exported(), self.template)
        self.assertEqual((again.template_id, again.number, again.state), (self.template, 2, "draft"))
        with self.assertRaisesRegex(UserError, "a draft already"):
            self.imported(self.exported(), self.template)
        again.with_user(self.manager).action_freeze()
        self.assertEqual(self.template.version_id, again)

    def test_languages(self):
        """A Chinese workbook is understood on an English screen, and the other way round."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "customer_scorecard")])._update_translations(["zh_CN"])
        for written, read in (("zh_CN", "en_US"), ("en_US", "zh_CN"), ("zh_CN", "zh_CN")):
            with self.subTest(written=written, read=read):
                content = self.exported(lang=written)
                again = self.imported(content, lang=read)
                self.assertEqual(self.picture(again), self.picture(self.version))

    def test_technical_names_are_understood(self):
        content = self.changed((1, "E3", "manual"), (2, "C2", "open"), (1, self.column("Two Raters") + "3", "no"))
        self.assertTrue(self.imported(content))

    def assertRefused(self, content, *sentences):
        before = {
            model: self.env[model].search_count([])
            for model in ("customer.scorecard.template", "customer.scorecard.version", "customer.scorecard.criterion")
        }
        with self.assertRaises(UserError) as raised, self.env.cr.savepoint():
            self.imported(content)
        for sentence in sentences:
            self.assertIn(sentence, str(raised.exception))
        for model, count in before.items():
            self.assertEqual(self.env[model].search_count([]), count, "nothing is imported")

    def test_wrong_cells(self):
        weight, kind, figure = self.column("Weight"), self.column("Scored"), self.column("Figure")
        floor, grade = self.column("Floor"), self.column("Grade at Best")
        action, bound = self.column("Shown by Action (Code)"), self.column("Figure From: 2 Points")
        table = [
            ((1, f"{weight}4", "much"), f"Sheet “Criteria”, row 4, column {weight} (Weight): “much” is no number."),
            ((1, f"{weight}4", -1), f"row 4, column {weight} (Weight): -1 is not between 0 and"),
            ((1, f"{weight}4", True), f"row 4, column {weight} (Weight): “True” is no number"),
            ((1, f"{weight}4", "1e999"), f"column {weight} (Weight)"),
            ((1, f"{kind}3", "guess"), f"row 3, column {kind} (Scored): “guess” is none of: Group, By hand"),
            ((1, f"{kind}3", None), f"row 3, column {kind} (Scored): something has to stand here."),
            ((1, f"{figure}7", "no such"), f"row 7, column {figure} (Figure): “no such” is none of"),
            ((1, "A3", None), "row 3, column A (Code): something has to stand here."),
            ((1, "C3", " "), "row 3, column C (Name): something has to stand here."),
            ((1, "A3", "action"), "column A (Code): “action” stands there twice"),
            ((1, "B3", "nowhere"), "row 3, column B (Group (Code)): no criterion of this sheet has the code “nowhere”"),
            ((1, "B3", "capital"), "row 3, column B (Group (Code)): “capital” is no group"),
            ((1, f"{floor}3", 2.5), f"row 3, column {floor} (Floor): “2.5” is no whole number."),
            ((1, f"{floor}3", 6), f"row 3, column {floor} (Floor): 6 is not between 0 and 5."),
            ((1, f"{grade}3", "Z"), f"row 3, column {grade} (Grade at Best): no grade of the sheet of grades"),
            ((1, f"{action}3", "zzz"), f"row 3, column {action} (Shown by Action (Code)): no criterion"),
            ((1, f"{bound}7", "1,5"), f"row 7, column {bound} (Figure From: 2 Points): “1,5” is no number."),
            ((1, "D1", "Sense"), "Sheet “Criteria”, row 1, column D: there is no column “Sense”."),
            ((1, "D1", "Name"), "Sheet “Criteria”, row 1, column D: the column “Name” stands there twice."),
            ((1, "C1", None), "Sheet “Criteria”, row 1: the column “Name” is missing."),
            ((2, "B2", 100), "Sheet “Grades”, row 2, column B (From): 100 is not between 0 and 99.99."),
            ((2, "B3", 80), "Sheet “Grades”, row 3, column B (From): “80.0” stands there twice."),
            ((2, "A3", "A"), "Sheet “Grades”, row 3, column A (Grade): “A” stands there twice."),
            ((2, "C3", "shoot"), "Sheet “Grades”, row 3, column C (Decision): “shoot” is none of: None, Open"),
            ((0, "A2", None), "Sheet “Template”, row 2, column A (Name): something has to stand here."),
            ((0, "D2", 101), "Sheet “Template”, row 2, column D (Coverage Needed (%)): 101 is not between 0 and 100."),
            ((0, "A3", "Second"), "Sheet “Template”, row 3, column A (Name)"),
        ]
        for change, sentence in table:
            with self.subTest(sentence):
                self.assertRefused(self.changed(change), "Nothing was imported", sentence)

    def test_all_that_is_wrong_is_told(self):
        weight = self.column("Weight")
        content = self.changed(*[(1, f"{weight}{row}", "x") for row in (3, 4, 5)], (2, "B2", "y"))
        self.assertRefused(content, "row 3, column", "row 4, column", "row 5, column", "Sheet “Grades”, row 2")

    def test_groups_in_a_circle(self):
        content = self.changed((1, "A9", "g1"), (1, "B9", "g2"), (1, "C9", "G1"), (1, "E9", "Group"))
        content = self.changed(
            (1, "A10", "g2"), (1, "B10", "g1"), (1, "C10", "G2"), (1, "E10", "Group"), content=content
        )
        rows = len(self.version.criterion_ids) + 1
        self.assertEqual(rows, 9)
        content = self.changed(
            (1, "A10", "g1"),
            (1, "B10", "g2"),
            (1, "C10", "G1"),
            (1, "E10", "Group"),
            (1, "A11", "g2"),
            (1, "B11", "g1"),
            (1, "C11", "G2"),
            (1, "E11", "Group"),
        )
        self.assertRefused(
            content, "row 10, column B (Group (Code)): the group stands below itself", "row 11, column B"
        )

    def test_no_workbook(self):
        for content in (b"name,weight\nx,1\n", b"", b"PK\x03\x04broken", bytes(3_000_000)):
            with self.subTest(content[:10]):
                wizard = self.Import.create({"file": base64.b64encode(content) or False})
                with self.assertRaises(UserError):
                    wizard.action_import()

    def test_missing_sheet(self):
        book = openpyxl.load_workbook(io.BytesIO(self.exported()))
        del book["Grades"]
        stream = io.BytesIO()
        book.save(stream)
        self.assertRefused(stream.getvalue(), "The sheet “Grades” is missing.")

    def test_too_many_rows(self):
        rows = range(10, 1100)
        content = self.changed(
            *[(1, f"A{row}", f"x{row}") for row in rows],
            *[(1, f"C{row}", "x") for row in rows],
            *[(1, f"E{row}", "By hand") for row in rows],
        )
        self.assertRefused(content, "Sheet “Criteria”, row 1002: there are more than 1000 rows.")
        content = self.changed(*[(1, f"C{row}", "x") for row in range(10, 60)])
        self.assertRefused(content, "row 10, column A (Code)", "… and 80 more.")

    def test_formulas_are_their_values(self):
        """Nothing a name begins with becomes a formula in the export."""
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "=cmd()"}))
        book = openpyxl.load_workbook(io.BytesIO(self.exported(draft)))
        self.assertEqual((book.worksheets[0]["A2"].value, book.worksheets[0]["A2"].data_type), ("=cmd()", "s"))

    def test_rights(self):
        for user in (self.evaluator, self.reader, self.salesman, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, self.env["customer.scorecard.import"], "create", {"template_id": self.template.id})
        action = self.version.with_user(self.reader).action_export()
        self.assertIn("/web/content/customer.scorecard.import/", action["url"])
        record = self.env["customer.scorecard.import"].browse(int(action["url"].split("/")[4]))
        file = self.rpc(self.reader, record, "read", ["file"], context={"bin_size": False})[0]["file"]
        self.assertTrue(base64.b64decode(file).startswith(b"PK"))
        with self.assertRaises(AccessError):
            self.rpc(self.evaluator, record, "read", ["file"])
