from odoo.tests import tagged

from odoo.addons.customer_eval.tests.common import EvalCase


@tagged("post_install", "-at_install")
class TestPlaqueScore(EvalCase):
    """The score of the evaluation as a criterion for the plaque."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.criterion = cls.env.ref("customer_tiering_eval.customer_standing_criterion_plaque_score")
        (cls.env["customer.standing.criterion"].search([("purpose", "=", "plaque")]) - cls.criterion).active = False

    def _met(self, customer):
        checks = self.env["customer.standing.criterion"]._check_all("plaque", customer, self.company)
        return [check["met"] for check in checks[customer.id]]

    def test_the_bound_itself_is_enough(self):
        card = self._approved(4)
        self.assertFalse(card.provisional)
        for bound, met in ((card.score, True), (card.score + 0.01, False)):
            self.criterion.bound = bound
            self.assertEqual(self._met(self.customer), [met], bound)

    def test_the_latest_one_counts(self):
        self.criterion.bound = 70
        self._approved(5)
        self.assertEqual(self._met(self.customer), [True])
        self._approved(1)
        self.assertEqual(self._met(self.customer), [False])

    def test_without_evaluation_there_is_no_data(self):
        self.assertEqual(self._met(self.customer), [None])
        self._card(5)
        self.assertEqual(self._met(self.customer), [None], "a draft decides nothing")

    def test_another_company_evaluates_by_itself(self):
        self._approved(5)
        other = self.env["res.company"].create({"name": "Other"})
        found = self.env["customer.standing.criterion"]._answer_eval_score(self.customer, other)
        self.assertFalse(found.get(self.customer.id))

    def test_the_proposal_keeps_the_score(self):
        card = self._approved(5)
        unit = self.env["customer.support.unit"].create({"partner_id": self.customer.id, "company_id": self.company.id})
        self.assertEqual(unit.figures["checks"][0]["value"], card.score)
        self.assertIn("Good reputation", unit.why)

    def test_the_class_stands_on_the_evaluation(self):
        card = self._card()
        self.assertFalse(card.customer_tier_id)
        scheme = self.env.ref("customer_tiering.customer_tier_scheme_retail")
        membership = (
            self.env["customer.tier.membership"]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "scheme_id": scheme.id,
                    "tier_id": scheme.tier_ids[0].id,
                }
            )
        )
        card.invalidate_recordset()
        self.assertEqual(card.customer_tier_id, membership.tier_id)
