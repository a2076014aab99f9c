from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import EvalCase

CODES = ["audit", "dealer", "key_account", "screen", "small"]


@tagged("post_install", "-at_install")
class TestTemplates(EvalCase):
    """E1, E6: what is shipped is complete, frozen and translated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.templates = cls.env["customer.scorecard.template"].search([("code", "in", CODES)], order="code")

    def test_frozen_and_complete(self):
        self.assertEqual(self.templates.mapped("code"), CODES)
        for template in self.templates:
            with self.subTest(template=template.code):
                version = template.version_id
                self.assertEqual((version.state, version.number), ("frozen", 1))
                leaves = version.criterion_ids.filtered(lambda criterion: criterion.kind != "group")
                self.assertGreaterEqual(len(leaves), 5)
                self.assertEqual(sum(leaves.mapped("weight")), 100)
                for criterion in leaves:
                    self.assertEqual(criterion.anchor_ids.mapped("points"), [0, 1, 2, 3, 4, 5], criterion.code)
                    self.assertTrue(all(criterion.anchor_ids.mapped("description")), criterion.code)
                    figures = criterion.kind in ("metric", "mixed")
                    self.assertEqual(set(criterion.anchor_ids.mapped("metric_band")), {figures}, criterion.code)
                    self.assertEqual(bool(criterion.metric_id), figures)
                self.assertEqual(min(version.band_ids.mapped("score_from")), 0)
                self.assertTrue(all(version.band_ids.mapped("advice")))
                self.assertTrue(all(version.band_ids.mapped("review_months")))

    def test_bands_of_figures_follow_what_is_better(self):
        for criterion in self.templates.version_id.criterion_ids.filtered("metric_id"):
            bounds = criterion.anchor_ids.sorted("points").mapped("metric_from")
            rising = criterion.metric_id.better == "higher"
            self.assertEqual(bounds, sorted(bounds, reverse=not rising), criterion.code)
            self.assertEqual(len(set(bounds)), 6, criterion.code)

    def test_frozen_for_everybody(self):
        anchor = self.env.ref("customer_eval.scorecard_anchor_dealer_attitude_5")
        for user in (self.manager, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                anchor.with_user(user).description = "Mine"
        with self.assertRaises(UserError):
            self.env.ref("customer_eval.scorecard_criterion_dealer_action").weight = 1

    def test_willingness_is_first_and_heaviest(self):
        version = self.dealer.version_id
        groups = version.criterion_ids.filtered(lambda criterion: not criterion.parent_id).sorted("sequence")
        self.assertEqual(groups.mapped("code"), ["willingness", "ability", "reputation_group", "social"])
        weights = {
            group.code: sum(
                version.criterion_ids.filtered(lambda criterion, group=group: criterion.parent_id == group).mapped(
                    "weight"
                )
            )
            for group in groups
        }
        self.assertEqual(max(weights, key=weights.get), "willingness")
        attitude = version.criterion_ids.filtered(lambda criterion: criterion.code == "attitude")
        self.assertEqual(attitude.action_criterion_id.code, "action")

    def test_false_enthusiasm_of_a_dealer(self):
        card = self._card(4, attitude=5, action=1)
        self.assertTrue(card.false_enthusiasm)
        self.assertEqual(card.band_id.name, "C", "the floor of action caps the grade")
        self.assertEqual(card.decision, "observe")
        # 15 x 5 + 25 x 1 + 60 x 4 of 5 x 100
        self.assertEqual(card.score, 68)

    def test_bad_reputation_refuses(self):
        card = self._card(5, reputation=0)
        self.assertEqual((card.score, card.band_id.name, card.decision), (80, "D", "refuse"))
        self.assertEqual(card.uncapped_band_id.name, "B")

    def test_bands_of_a_dealer(self):
        self.assertEqual(
            [(band.name, band.score_from, band.decision) for band in self.dealer.version_id.band_ids],
            [("A", 85, "open"), ("B", 70, "open"), ("C", 55, "observe"), ("D", 0, "refuse")],
        )

    def test_never_traded_is_never_good(self):
        """Without a figure and without points there is no score."""
        screen = self.env.ref("customer_eval.scorecard_template_screen")
        card = self.env["customer.scorecard"]._create_for(self.customer, screen.version_id, self.company)
        self.assertFalse(card.score_known)
        self.assertFalse(card.band_id)
        self.assertFalse(card.decision)
        self.assertTrue(card.provisional)

    def test_chinese(self):
        """Every sentence of the shipped scorecards has its Chinese."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["customer_scorecard", "customer_eval"], ["zh_CN"])
        versions = self.templates.version_id
        for records, name in (
            (self.templates, "name"),
            (self.templates, "description"),
            (versions.criterion_ids, "name"),
            (versions.criterion_ids, "description"),
            (versions.criterion_ids.anchor_ids, "description"),
            (versions.band_ids, "advice"),
            (self.env["customer.reputation.kind"].search([]), "name"),
            (self.env["customer.prospect.combination"].search([]), "advice"),
        ):
            english = records.with_context(lang="en_US").mapped(name)
            chinese = records.with_context(lang="zh_CN").mapped(name)
            for one, other in zip(english, chinese, strict=True):
                self.assertTrue(any("\u4e00" <= letter <= "\u9fff" for letter in other), one)
        names = versions.criterion_ids.filtered(lambda criterion: criterion.code == "willingness")
        self.assertEqual(names.with_context(lang="zh_CN").mapped("name"), ["合作积极性"])
