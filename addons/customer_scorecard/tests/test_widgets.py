from datetime import date

from odoo.tests import HttpCase, tagged

from .test_print import PrintCommon


@tagged("post_install", "-at_install")
class TestWidgets(PrintCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.module.module"].search([("name", "=", "customer_scorecard")])._update_translations(["zh_CN"])
        cls.evaluator.lang = "zh_CN"

    def test_answering(self):
        before = self._card(self.customer, [3, 4, 0, 4], day=date(2025, 9, 1))
        before.action_submit()
        before.with_user(self.manager).action_approve()
        url = f"/odoo/action-customer_scorecard.customer_scorecard_action/{self.card.id}"
        self.start_tour(url, "scorecard_widgets", login="print_evaluator")
        self.card.invalidate_recordset()
        self.assertEqual(self.card.score, 68)
        self.assertEqual(self.card.previous_id, before)

    def test_comparison(self):
        url = "/odoo/action-customer_scorecard.customer_scorecard_action"
        self.start_tour(url, "scorecard_compare", login="print_evaluator")
