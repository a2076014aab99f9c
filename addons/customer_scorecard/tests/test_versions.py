from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestVersions(ScorecardCase):
    """Templates, their versions, and what a version has to be before it is frozen (E1, E7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._draft(cls.env["customer.scorecard.template"].create({"name": "Other"}))
        cls.leaf = {criterion.code: criterion for criterion in cls.draft.criterion_ids}

    def assertNotFrozen(self, *sentences):
        with self.assertRaises(UserError) as raised:
            self.draft.with_user(self.manager).action_freeze()
        for sentence in sentences:
            self.assertIn(sentence, str(raised.exception))
        self.assertEqual(self.draft.state, "draft")

    def test_freeze(self):
        self.draft.with_user(self.manager).action_freeze()
        self.assertEqual((self.draft.state, self.draft.frozen_by), ("frozen", self.manager))
        self.assertTrue(self.draft.frozen_on)
        self.assertEqual(self.draft.template_id.version_id, self.draft)
        for user in (self.evaluator, self.reader, self.salesman):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.version.with_user(user).action_freeze()

    def test_everything_wrong_is_told(self):
        self.leaf["action"].veto_band_id = False
        self.leaf["orders"].metric_id = False
        self.leaf["sales"].write({"metric_share": 100, "months": 0})
        self.leaf["stores"].parent_id = self.leaf["capital"]
        self.draft.band_ids.filtered(lambda band: band.name == "D").unlink()
        self.assertNotFrozen(
            "“Action”: a floor needs the grade at best",
            "“Orders”: choose the figure",
            "“Sales”: the share of the figure",
            "“Sales”: the window",
            "“Stores”: it stands below something that is no group",
            "“Capital”: only a group can have criteria below it",
            "No grade begins at 0",
        )

    def test_problems_one_by_one(self):
        other = self.version
        changes = [
            (self.leaf["orders"], {"anchor_ids": [Command.clear()]}, "no step says from which figure"),
            (
                self.leaf["orders"],
                {"anchor_ids": [Command.create({"points": 1, "metric_band": True, "metric_from": 3})]},
                "two steps begin with the same figure",
            ),
            (self.leaf["orders"], {"two_raters": True}, "two raters need points that are given by hand"),
            (self.leaf["action"], {"veto_band_id": other.band_ids[0].id}, "belongs to another version"),
            (self.leaf["action"], {"veto_below": 0}, "a floor needs the grade at best"),
            (self.leaf["attitude"], {"action_criterion_id": self.criteria["action"].id}, "another criterion of this"),
            (self.leaf["attitude"], {"action_criterion_id": self.leaf["business"].id}, "another criterion of this"),
            (self.leaf["attitude"], {"action_criterion_id": self.leaf["attitude"].id}, "another criterion of this"),
            (self.leaf["attitude"], {"parent_id": self.criteria["business"].id}, "no group of this version"),
            (self.draft, {"enthusiasm_action_max": 4}, "threshold of action"),
            (self.draft, {"band_ids": [Command.clear()], "criterion_ids": []}, "No grade begins at 0"),
            (
                self.draft.criterion_ids.filtered(lambda each: each.kind != "group"),
                {"weight": 0},
                "no criterion with a weight",
            ),
        ]
        for record, values, sentence in changes:
            with self.subTest(sentence):
                self.env.flush_all()
                savepoint = self.env.cr.savepoint()
                if "band_ids" in values:
                    self.leaf["action"].write({"veto_band_id": False, "veto_below": 0})
                record.write(values)
                self.assertNotFrozen(sentence)
                savepoint.close(rollback=True)
                self.env.invalidate_all()
        self.draft.with_user(self.manager).action_freeze()

    def test_empty_group(self):
        self.env["customer.scorecard.criterion"].create(
            {"version_id": self.draft.id, "name": "Hollow", "kind": "group"}
        )
        self.assertNotFrozen("“Hollow”: the group is empty")

    @mute_logger("odoo.sql_db")
    def test_what_the_database_refuses(self):
        band = self.draft.band_ids[0]
        attempts = [
            (band, {"score_from": 60}),
            (band, {"score_from": 100}),
            (band, {"score_from": -1}),
            (band, {"name": "B"}),
            (band, {"review_months": -1}),
            (self.leaf["action"], {"weight": -1}),
            (self.leaf["action"], {"veto_below": 6}),
            (self.leaf["action"], {"code": "attitude"}),
            (self.leaf["orders"].anchor_ids[0], {"points": 6}),
            (self.leaf["orders"].anchor_ids[0], {"points": 5}),
            (self.draft, {"coverage_min": 101}),
            (self.draft, {"rater_tolerance": -1}),
        ]
        for record, values in attempts:
            with self.subTest(record=record._name, values=values):
                with self.assertRaises(Exception) as raised, self.env.cr.savepoint():
                    record.write(values)
                    self.env.flush_all()
                self.assertIn(type(raised.exception).__name__, ("CheckViolation", "UniqueViolation", "ValidationError"))

    def test_cycles(self):
        first = self.leaf["business"]
        second = self.env["customer.scorecard.criterion"].create(
            {"version_id": self.draft.id, "name": "Inner", "kind": "group", "parent_id": first.id}
        )
        with self.assertRaises(UserError):
            first.parent_id = second

    def test_weights_of_groups(self):
        self.assertEqual((self.leaf["willingness"].weight, self.leaf["business"].weight), (50.0, 50.0))
        self.leaf["orders"].weight = 45
        self.assertEqual((self.leaf["business"].weight, self.draft.weight), (75.0, 125.0))
        self.assertEqual(self.leaf["action"].share, 20.0)
        new = self.env["customer.scorecard.criterion"].create({"version_id": self.draft.id, "name": "New"})
        self.assertEqual(new.weight, 1.0)

    def test_three_levels(self):
        Criterion = self.env["customer.scorecard.criterion"]
        inner = Criterion.create(
            {
                "version_id": self.draft.id,
                "name": "Inner",
                "kind": "group",
                "parent_id": self.leaf["business"].id,
                "sequence": 1,
            }
        )
        leaf = Criterion.create(
            {"version_id": self.draft.id, "name": "Deep", "parent_id": inner.id, "weight": 5, "evidence": "never"}
        )
        self.assertEqual((inner.weight, self.leaf["business"].weight), (5.0, 55.0))
        self.assertEqual(
            self.draft._leaves().mapped("name"),
            ["Attitude", "Action", "Deep", "Capital", "Stores", "Orders", "Sales"],
        )
        self.draft.with_user(self.manager).action_freeze()
        card = self._card(template_id=self.draft.template_id.id)
        self.assertEqual(card.answer_ids[2].heading, "Business / Inner")
        card.answer_ids[2].first_points = "4"
        self.assertEqual(self._answer(card, leaf.code).points, 4.0)

    def test_codes(self):
        Criterion = self.env["customer.scorecard.criterion"]
        created = Criterion.create(
            [
                {"version_id": self.draft.id, "name": "1"},
                {"version_id": self.draft.id, "name": "2", "code": "c2"},
                {"version_id": self.draft.id, "name": "3"},
            ]
        )
        self.assertEqual(created.mapped("code"), ["c1", "c2", "c3"])

    def test_new_version(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.leaf["action"].with_context(lang="zh_CN").name = "行动"
        self.leaf["stores"].anchor_ids[0].with_context(lang="zh_CN").description = "没有仓库"
        self.draft.with_user(self.manager).action_freeze()
        action = self.draft.with_user(self.manager).action_new_version()
        newer = self.env["customer.scorecard.version"].browse(action["res_id"])
        self.assertEqual((newer.number, newer.state, newer.template_id), (2, "draft", self.draft.template_id))
        self.assertEqual(self._picture_of(newer), self._picture_of(self.draft))
        for lang in ("zh_CN", "en_US"):
            self.assertEqual(
                newer.with_context(lang=lang).criterion_ids.mapped("name"),
                self.draft.with_context(lang=lang).criterion_ids.mapped("name"),
            )
        self.assertFalse(newer.criterion_ids & self.draft.criterion_ids)
        self.assertEqual(newer.criterion_ids.parent_id.version_id, newer)
        self.assertEqual(newer.criterion_ids.veto_band_id.version_id, newer)
        self.assertEqual(newer.criterion_ids.action_criterion_id.version_id, newer)
        self.assertIn("没有仓库", newer.with_context(lang="zh_CN").criterion_ids.anchor_ids.mapped("description"))
        with self.assertRaisesRegex(UserError, "a draft already"):
            self.draft.with_user(self.manager).action_new_version()
        newer.criterion_ids[0].weight = 77
        card = self._card(template_id=self.draft.template_id.id)
        self.assertEqual(card.version_id, self.draft, "the draft isn't in use")
        newer.with_user(self.manager).action_freeze()
        self.assertEqual(self._card(template_id=self.draft.template_id.id).version_id, newer)
        self.assertEqual(card.version_id, self.draft, "an evaluation keeps its version")

    def _picture_of(self, version):
        return [
            (
                criterion.code,
                criterion.parent_id.code,
                criterion.name,
                criterion.kind,
                criterion.weight,
                criterion.metric_id,
                criterion.months,
                criterion.metric_share,
                criterion.evidence,
                criterion.two_raters,
                criterion.veto_below,
                criterion.veto_band_id.name,
                criterion.action_criterion_id.code,
                [
                    (anchor.points, anchor.description, anchor.metric_band, anchor.metric_from)
                    for anchor in criterion.anchor_ids
                ],
            )
            for criterion in version.criterion_ids
        ] + [
            (band.name, band.score_from, band.score_to, band.decision, band.review_months) for band in version.band_ids
        ]

    @mute_logger("odoo.sql_db")
    def test_one_draft_at_a_time(self):
        with self.assertRaises(Exception) as raised, self.env.cr.savepoint():
            self.draft.create({"template_id": self.draft.template_id.id})
        self.assertEqual(type(raised.exception).__name__, "UniqueViolation")

    def test_copy_of_a_template(self):
        duplicate = self.template.with_user(self.manager).copy()
        self.assertEqual(duplicate.name, "Dealer (copy)")
        self.assertFalse(duplicate.version_id)
        self.assertEqual(self._picture_of(duplicate.draft_version_id), self._picture_of(self.version))
        duplicate.write({"purpose": "general", "company_id": self.company.id})
        self.assertEqual(duplicate.draft_version_id.company_id, self.company)

    def test_purpose_and_company_are_settled(self):
        with self.assertRaises(UserError):
            self.template.company_id = self.company
        self.template.write({"company_id": False, "purpose": "general"})

    def test_template_without_version(self):
        with self.assertRaisesRegex(UserError, "no frozen version"):
            self._card(template_id=self.draft.template_id.id)

    def test_template_of_another_company(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        self.draft.template_id.company_id = company
        self.manager.company_ids += company
        self.draft.with_user(self.manager).action_freeze()
        with self.assertRaises(UserError):
            self._card(user=self.manager, template_id=self.draft.template_id.id)

    def test_bands_are_shown_with_their_ends(self):
        self.assertEqual(
            [(band.name, band.score_from, band.score_to) for band in self.draft.band_ids],
            [("A", 80.0, 100.0), ("B", 60.0, 80.0), ("C", 40.0, 60.0), ("D", 0.0, 40.0)],
        )

    def test_contacts_are_not_evaluated(self):
        card = self._card()
        with self.assertRaises(ValidationError):
            self.env["customer.scorecard"].sudo().browse(card.id).partner_id = self.contact

    def test_order_of_the_tree(self):
        """Groups stand above their criteria, whatever their sequences say."""
        self.leaf["business"].sequence = 1
        self.leaf["attitude"].sequence = 99
        self.env.flush_all()
        self.draft.invalidate_recordset()
        self.assertEqual(
            self.draft.criterion_ids.mapped("code"),
            ["business", "capital", "stores", "orders", "sales", "willingness", "action", "attitude"],
        )
        self.assertEqual(self.draft._leaves().mapped("code")[-2:], ["action", "attitude"])
