import base64
import io
from datetime import date, datetime

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import target_sheet
from .common import CustomerMetricsCommon

TITLES = (("ID",), ("Reference", "编号"), ("Customer", "客户"))


def sheet(*rows):
    """Return the bytes of a sheet with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


@tagged("post_install", "-at_install")
class TestSheet(BaseCase):
    def test_round_trip(self):
        months = [date(2025, number, 1) for number in range(1, 13)]
        content = target_sheet.write(
            ["ID", "Reference", "Customer"],
            months,
            [(7, "A1", "=HYPERLINK(1)", [1.5, None, 0, *[None] * 9]), (8, None, None, [None] * 12)],
            2,
        )
        [first, second] = target_sheet.read(content, TITLES)
        self.assertEqual((first.number, first.customer_id.value, first.ref.value), (2, 7, "A1"))
        self.assertEqual(first.name.value, "=HYPERLINK(1)")  # a text, no formula
        self.assertEqual([first.months[month].value for month in months[:3]], [1.5, None, 0])
        self.assertEqual(first.months[months[2]].place, "F2")
        self.assertEqual(second.customer_id.value, 8)

    def test_titles(self):
        rows = target_sheet.read(
            sheet(
                ["Note", "2025/2", "客户", datetime(2025, 3, 17), "2025年4月"],
                ["x", 1, "Rivertown", 2, 3],
                [None] * 5,
                ["", " "],
            ),
            TITLES,
        )
        self.assertEqual(len(rows), 1)
        self.assertIsNone(rows[0].customer_id)
        self.assertEqual(
            {month: cell.place for month, cell in rows[0].months.items()},
            {date(2025, 2, 1): "B2", date(2025, 3, 1): "D2", date(2025, 4, 1): "E2"},
        )

    def test_what_is_no_sheet(self):
        for key, content in (
            ("file", b"customer;2025-01"),
            ("file", b"PK\x03\x04broken"),
            ("file", b""),
            ("titles", sheet(["2025-01"], [1])),
            ("titles", sheet()),
            ("months", sheet(["Customer", "2025-13"], ["a", 1])),
            ("double", sheet(["Customer", "2025-01", "2025/1"], ["a", 1, 1])),
        ):
            with self.assertRaises(target_sheet.SheetError) as caught:
                target_sheet.read(content, TITLES)
            self.assertEqual(str(caught.exception), key)


@tagged("post_install", "-at_install")
class TestTargetSheet(CustomerMetricsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.planner = cls._user("planner", "customer_metrics.group_planner")
        cls.sales = cls.env.ref("customer_metrics.customer_metric_sales")
        cls.Target = cls.env["customer.target"].with_user(cls.planner).with_company(cls.company)
        cls.customer.ref = "C-001"
        cls.other_customer.ref = "2002"

    def _import(self, *rows, user=None):
        return self.Target.with_user(user or self.planner)._import_sheet(self.sales.id, sheet(*rows))

    def _amounts(self, partner=None):
        targets = self.env["customer.target"].search([("partner_id", "=", (partner or self.customer).id)])
        return {target.month.month: target.amount for target in targets}

    def test_import(self):
        self._target(date(2025, 1, 1), 100)
        self._target(date(2025, 2, 1), 100)
        result = self._import(
            ["ID", "Reference", "Customer", "2025-01", "2025-02", "2025-03"],
            [self.customer.id, None, None, 150, None, "1,234.50"],
            [None, 2002, None, 0, 20, None],
        )
        self.assertEqual(result, {"created": 3, "changed": 1, "deleted": 0, "customers": 2})
        self.assertEqual(self._amounts(), {1: 150, 2: 100, 3: 1234.5})  # empty leaves February as it is
        self.assertEqual(self._amounts(self.other_customer), {1: 0, 2: 20})

    def test_export_comes_back_unchanged(self):
        self._target(date(2025, 1, 1), 100.25)
        self._target(date(2025, 12, 1), 7, partner=self.other_customer)
        content = self.Target._export_sheet(self.sales.id, 2025, {})
        result = self.Target._import_sheet(self.sales.id, content)
        self.assertEqual(result, {"created": 0, "changed": 0, "deleted": 0, "customers": 2})
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
        self.assertEqual(rows[0][:5], ("ID", "Reference", "Customer", "2025-01", "2025-02"))
        self.assertEqual(rows[1][:4], (self.other_customer.id, "2002", "Hillside Clinic", None))
        self.assertEqual(rows[2][:4], (self.customer.id, "C-001", "Rivertown Pharmacy Chain", 100.25))

    def test_chinese_titles(self):
        self._target(date(2025, 1, 1), 100)
        if not self.env["res.lang"]._lang_get("zh_CN"):
            self.skipTest("Chinese is not installed")
        content = self.Target.with_context(lang="zh_CN")._export_sheet(self.sales.id, 2025, {})
        self.assertEqual(self.Target.with_context(lang="en_US")._import_sheet(self.sales.id, content)["customers"], 1)

    def test_errors_name_row_and_column(self):
        self.env["res.partner"].create([{"name": "Twin", "is_company": True}] * 2)
        result = self._import(
            ["Reference", "Customer", "2025-01", "2025-02"],
            ["C-001", None, "many", 5],
            ["C-404", None, 1, 1],
            [None, "Twin", 1, 1],
            [None, None, 1, 1],
            ["2002", "Rivertown Pharmacy Chain", 1, -1],
            [None, "Rivertown Pharmacy Chain", 3, None],
            [None, "rivertown pharmacy chain", True, None],
        )
        self.assertEqual(
            result["errors"],
            [
                "A3: there is no customer “C-404”.",
                "B4: 2 customers are called “Twin”. Give the ID or the reference.",
                "Row 5: no customer is named.",
                (
                    "B6: “Rivertown Pharmacy Chain” doesn't belong to the customer of this row, "
                    "which is “Hillside Clinic”."
                ),
                "B8: there is no customer “rivertown pharmacy chain”.",
                "C2: “many” is no amount.",
                "D6: -1 is below zero; a target is not.",
                "C7: the customer has a target for this month in C2 already.",
                "C8: “True” is no amount.",
            ],
        )
        self.assertEqual(self._amounts(), {})  # not even the good cells
        self.assertIn(
            "no target in the sheet", self._import(["Customer", "2025-01"], ["Hillside Clinic"])["errors"][-1]
        )

    def test_many_errors_are_cut_short(self):
        result = self._import(["Customer", "2025-01"], *([f"Nobody {number}", 1] for number in range(45)))
        self.assertEqual(len(result["errors"]), 31)
        self.assertEqual(result["errors"][-1], "… and 15 more.")

    def test_queries_do_not_grow(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        counts = {}
        for number, month in ((1, "2025-03"), (10, "2025-01"), (20, "2025-02")):
            rows = [[customer.id, 10] for customer in customers[:number]]
            content = sheet(["ID", month], *rows)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Target._import_sheet(self.sales.id, content)
            self.env.flush_all()
            counts[number] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[10], counts[20])
        self.assertLessEqual(counts[20], 16)

    def test_wizard(self):
        wizard = (
            self.env["customer.target.import"]
            .with_user(self.planner)
            .create(
                {
                    "metric_id": self.sales.id,
                    "file": base64.b64encode(sheet(["Reference", "2025-01"], ["C-001", 12], ["nobody", 1])),
                }
            )
        )
        action = wizard.action_import()
        self.assertEqual((action["res_model"], action["res_id"]), ("customer.target.import", wizard.id))
        self.assertIn("A3", wizard.errors)
        self.assertEqual(self._amounts(), {})
        wizard.file = base64.b64encode(sheet(["Reference", "2025-01"], ["C-001", 12]))
        self.assertEqual(wizard.action_import()["tag"], "display_notification")
        self.assertEqual(self._amounts(), {1: 12})
        wizard.file = base64.b64encode(b"no sheet")
        with self.assertRaisesRegex(UserError, "no XLSX"):
            wizard.action_import()
        wizard.file = False
        with self.assertRaisesRegex(UserError, "Choose a file"):
            wizard.action_import()

    def test_access(self):
        seller = self._user("seller", "sales_team.group_sale_salesman")
        self.customer.user_id = seller
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self._import(["Reference", "2025-01"], ["C-001", 12], user=seller)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
            self.env["customer.target.import"].with_user(seller).create({"metric_id": self.sales.id})
        # A salesperson exports the own customers.
        self._target(date(2025, 1, 1), 1)
        self._target(date(2025, 1, 1), 2, partner=self.other_customer)
        content = self.Target.with_user(seller)._export_sheet(self.sales.id, 2025, {"customers": "all"})
        rows = target_sheet.read(content, TITLES)
        self.assertEqual([row.customer_id.value for row in rows], self.customer.ids)


@tagged("post_install", "-at_install")
class TestExportRoute(HttpCase):
    def test_download(self):
        company = self.env.ref("base.main_company")
        customer = self.env["res.partner"].create({"name": "康泰大药房", "is_company": True})
        metric = self.env.ref("customer_metrics.customer_metric_sales")
        self.env["customer.target"].create(
            {
                "partner_id": customer.id,
                "metric_id": metric.id,
                "month": "2025-03-01",
                "amount": 5,
                "company_id": company.id,
            }
        )
        other = self.env["res.company"].create({"name": "Elsewhere"})
        url = f"/customer_metrics/targets?metric_id={metric.id}&year=2025&company_id="
        response = self.url_open(f"{url}{company.id}")
        self.assertIn("/web/login", response.url)
        new_test_user(self.env, "export_planner", "customer_metrics.group_planner")
        new_test_user(self.env, "export_clerk", "base.group_user")
        self.authenticate("export_planner", "export_planner")
        response = self.url_open(f"{url}{company.id}")
        self.assertEqual(response.status_code, 200)
        rows = target_sheet.read(response.content, self.env["customer.target"]._sheet_accepted_titles())
        self.assertIn(customer.id, [row.customer_id.value for row in rows])
        self.assertEqual(self.url_open(f"{url}{other.id}").status_code, 404)
        self.authenticate("export_clerk", "export_clerk")
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            self.assertEqual(self.url_open(f"{url}{company.id}").status_code, 403)
