from datetime import date

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .chinese import install_chinese


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.planner = new_test_user(
            cls.env,
            "target_tour_planner",
            "customer_metrics.group_planner",
            lang="zh_CN",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.pharmacy, cls.clinic = cls.env["res.partner"].create(
            [{"name": name, "is_company": True} for name in ("网格大药房", "网格诊所")]
        )
        product = cls.env["product.product"].create({"name": "板蓝根颗粒", "type": "service", "taxes_id": False})
        cls.year = cls.company._customer_today().year
        # The same in every month of two years: a season without ups and downs.
        for customer, price in ((cls.pharmacy, 1200), (cls.clinic, 300)):
            for year in (cls.year - 2, cls.year - 1):
                for month in range(1, 13):
                    order = cls.env["sale.order"].create(
                        {
                            "partner_id": customer.id,
                            "company_id": cls.company.id,
                            "order_line": [Command.create({"product_id": product.id, "price_unit": price})],
                        }
                    )
                    order.action_confirm()
                    order.date_order = date(year, month, 15)

    def test_target_grid(self):
        self.start_tour("/odoo/customer-targets", "customer_metrics_target_grid", login="target_tour_planner")
        targets = self.env["customer.target"].search([("company_id", "=", self.company.id)], order="month")
        of_clinic = targets.filtered(lambda target: target.partner_id == self.clinic)
        self.assertEqual(targets, of_clinic)
        self.assertEqual(of_clinic.mapped("amount"), [20000] * 12)
        self.assertEqual(of_clinic[0].month, date(self.year, 1, 1))
        self.assertEqual(of_clinic.create_uid, self.planner)
