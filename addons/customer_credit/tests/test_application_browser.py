"""C1 to C4: from application to limit in force, clicked in Chinese by four people."""

from odoo.tests import HttpCase, tagged

from odoo.addons.customer_metrics.tests.chinese import chinese_user, install_chinese


@tagged("post_install", "-at_install")
class TestApplicationBrowser(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.salesman = chinese_user(cls.env, "credit_apply_sales", "sales_team.group_sale_salesman", "销售王强")
        cls.investigator = chinese_user(
            cls.env, "credit_apply_investigator", "customer_credit.group_credit_investigator", "调查员赵敏"
        )
        cls.accountant = chinese_user(
            cls.env, "credit_apply_accountant", "customer_credit.group_credit_controller", "会计李娜"
        )
        cls.director = chinese_user(
            cls.env, "credit_apply_director", "customer_credit.group_credit_manager", "总经理周建国"
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "仁心大药房", "is_company": True, "user_id": cls.salesman.id}
        )

    def test_c1_four_people(self):
        before = self.env["credit.application"].search([])
        self.start_tour("/odoo/credit-applications", "credit_application_salesperson", login=self.salesman.login)
        application = self.env["credit.application"].search([]) - before
        self.assertEqual((application.state, application.user_id), ("submitted", self.salesman))
        url = f"/odoo/credit-applications/{application.id}"
        steps = (
            ("investigator", self.investigator, "investigation"),
            ("accountant", self.accountant, "assessed"),
            ("director", self.director, "in_force"),
        )
        for name, user, state in steps:
            self.start_tour(url, f"credit_application_{name}", login=user.login)
            application.invalidate_recordset()
            self.assertEqual(application.state, state)
        account = self.env["credit.account"].search([("partner_id", "=", self.customer.id)])
        self.assertRecordValues(
            account, [{"mode": "amount", "credit_limit": 20000.0, "payment_days": 15, "grade": "AA"}]
        )
        self.assertEqual(application.decision_ids.user_id, self.director)
