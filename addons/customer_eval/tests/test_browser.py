from odoo.tests import HttpCase, tagged

from odoo.addons.customer_metrics.tests.chinese import chinese_user, install_chinese


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    """E1 to E3, E7: from an empty scorecard to the grade on the customer, clicked in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.manager = chinese_user(
            cls.env, "eval_tour_manager", "customer_scorecard.group_scorecard_manager", "经理张伟"
        )
        cls.director = chinese_user(
            cls.env, "eval_tour_director", "customer_scorecard.group_scorecard_manager", "总经理周建国"
        )
        cls.salesman = chinese_user(cls.env, "eval_tour_sales", "sales_team.group_sale_salesman", "销售李娜")
        cls.customer = cls.env["res.partner"].create(
            {"name": "康泰大药房", "is_company": True, "customer_rank": 1, "user_id": cls.salesman.id}
        )

    def test_from_the_scorecard_to_the_customer(self):
        templates = self.env["customer.scorecard.template"].search([])
        action = "customer_scorecard.customer_scorecard_template_action"
        self.start_tour(f"/odoo/action-{action}", "customer_eval_template", login=self.manager.login)
        template = self.env["customer.scorecard.template"].search([]) - templates
        version = template.version_id
        self.assertEqual((version.state, version.frozen_by), ("frozen", self.manager))
        self.assertEqual(version.criterion_ids.mapped("weight"), [40, 40, 20])
        self.assertEqual(version.criterion_ids[0].action_criterion_id, version.criterion_ids[1])

        self.company.eval_template_id = template
        url = f"/odoo/res.partner/{self.customer.id}"
        self.start_tour(url, "customer_eval_evaluate", login=self.manager.login)
        card = self.env["customer.scorecard"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((card.state, card.score, card.version_id), ("submitted", 72, version))
        self.assertTrue(card.false_enthusiasm)

        self.start_tour("/odoo/evaluations-to-approve", "customer_eval_approve", login=self.director.login)
        card.invalidate_recordset()
        self.assertEqual((card.state, card.approved_by), ("approved", self.director))

        self.start_tour(url, "customer_eval_customer", login=self.salesman.login)
