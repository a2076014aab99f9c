from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.customer_metrics.tests.chinese import install_chinese


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    """C6, C7: the main job, clicked in Chinese by a salesperson and by an accountant."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.company.credit_mode = "hold"
        person = {"lang": "zh_CN", "company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.salesman = new_test_user(
            cls.env,
            "credit_tour_sales",
            "sales_team.group_sale_salesman",
            name="销售王强",
            email="wang@example.com",
            **person,
        )
        cls.accountant = new_test_user(
            cls.env,
            "credit_tour_accountant",
            "customer_credit.group_credit_controller,account.group_account_invoice",
            name="会计李娜",
            email="li@example.com",
            **person,
        )
        cls.company.hold_decider_ids = cls.accountant
        cls.customer = cls.env["res.partner"].create({"name": "康泰大药房", "is_company": True})
        cls.env["credit.account"].create({"partner_id": cls.customer.id, "mode": "amount", "credit_limit": 1000.0})
        cls.product = cls.env["product.product"].create(
            {
                "name": "板蓝根颗粒 10g×20袋",
                "type": "service",
                "list_price": 100.0,
                "taxes_id": False,
            }
        )
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_line_ids": [Command.create({"product_id": cls.product.id, "quantity": 3, "tax_ids": False})],
            }
        )
        invoice.action_post()

    def test_hold_and_release(self):
        orders = self.env["sale.order"].search([])
        self.start_tour("/odoo/sales", "credit_hold_salesperson", login="credit_tour_sales")
        order = self.env["sale.order"].search([]) - orders
        self.assertEqual((order.state, order.hold_state, order.amount_total), ("draft", "held", 800.0))

        self.start_tour("/odoo/held-orders", "credit_hold_accountant", login="credit_tour_accountant")
        order.invalidate_recordset()
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))
        self.assertEqual(order.hold_ids.decision_by, self.accountant)
        self.assertEqual(order.hold_ids.decision_reason, "银行回单已见")

        self.start_tour(f"/odoo/sales/{order.id}", "credit_hold_growth", login="credit_tour_sales")
        order.invalidate_recordset()
        self.assertEqual((order.state, order.hold_state, order.amount_total), ("sale", "held", 900.0))
        self.assertEqual(sorted(order.hold_ids.mapped("state")), ["held", "released"])
