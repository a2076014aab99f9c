from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.customer_metrics.tests.chinese import chinese_user, install_chinese


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    """W6, W7: rule, back-test, on, case, handled; an incident; clicked in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.rule = cls.env.ref("sales_warning.warning_rule_frequency")
        cls.rule.write({"state": "draft", "name": "采购频次下降（测试）"})
        cls.manager = chinese_user(cls.env, "warning_tour_manager", "sales_warning.group_warning_manager", "经理周建国")
        cls.salesman = chinese_user(cls.env, "warning_tour_sales", "sales_team.group_sale_salesman", "销售李娜")
        cls.product = cls.env["product.product"].create(
            {"name": "板蓝根颗粒 10g×20袋", "type": "service", "taxes_id": False}
        )
        cls.shop = cls.env["res.partner"].create({"name": "康泰大药房", "is_company": True, "user_id": cls.salesman.id})
        today = cls.company._customer_today()
        # Every week for a year and a half, then no more for four months.
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.shop.id,
                    "date_order": today - timedelta(days=back),
                    "order_line": [Command.create({"product_id": cls.product.id, "price_unit": 1000})],
                }
                for back in range(120, 660, 7)
            ]
        )
        orders.write({"state": "sale"})

    def test_from_the_rule_to_the_result(self):
        self.start_tour(f"/odoo/warning-rules/{self.rule.id}", "sales_warning_rule", login=self.manager.login)
        self.assertEqual(self.rule.state, "on")
        case = self.env["warning.case"].search([("partner_id", "=", self.shop.id)])
        self.assertEqual((case.level, case.user_id), ("red", self.salesman))
        self.start_tour("/odoo/my-warnings", "sales_warning_handle", login=self.salesman.login)
        case.invalidate_recordset()
        self.assertEqual((case.state, case.outcome, case.closed_by), ("closed", "confirmed", self.salesman))
        self.start_tour(f"/odoo/res.partner/{self.shop.id}", "sales_warning_incident", login=self.salesman.login)
        incident = self.env["warning.incident"].search([("partner_id", "=", self.shop.id)])
        self.assertEqual((incident.reported_by, incident.case_id.level), (self.salesman, "red"))
