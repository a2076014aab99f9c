from odoo.tests import Form, tagged

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestForm(ScorecardCase):
    """Filling in an evaluation on the screen: questions, figures and result come while one answers (E1, E4)."""

    def test_answer_as_you_go(self):
        for _turn in range(3):
            self._order()
        form = Form(self.env["customer.scorecard"].with_user(self.evaluator))
        form.partner_id = self.customer
        form.template_id = self.template
        self.assertEqual(len(form.answer_ids), 6)
        self.assertEqual(form.score, 93.33, "figures are measured at once")
        with form.answer_ids.edit(0) as line:
            line.first_points = "5"
            line.evidence = "Signed"
        self.assertEqual(form.score, 96.36)
        self.assertEqual(form.answered_count, 3)
        with form.answer_ids.edit(1) as line:
            line.first_points = "1"
        self.assertIn("below the floor of 2", form.capped_by)
        self.assertIn("false enthusiasm", form.enthusiasm_note)
        with form.answer_ids.edit(0) as line:
            line.first_points = False
        self.assertFalse(form.enthusiasm_note)
        card = form.save()
        self.assertEqual((card.state, card.score), ("draft", form.score))
        self.assertEqual(self._answer(card, "action").first_points, "1")
        self.assertEqual(self._answer(card, "attitude").evidence, "Signed")
        self.assertEqual(sum(card.answer_ids.mapped("contribution")), card.score)
        with Form(card) as form:
            with form.answer_ids.edit(0) as line:
                line.first_points = "3"
        self.assertEqual(self._answer(card, "attitude").points, 3.0)

    def test_change_of_mind(self):
        other = self._metric_template()
        form = Form(self.env["customer.scorecard"].with_user(self.evaluator))
        form.template_id = self.template
        with form.answer_ids.edit(0) as line:
            line.first_points = "5"
        form.partner_id = self.customer
        self.assertEqual(form.answer_ids._records[0]["first_points"], "5", "the customer changes figures alone")
        form.template_id = other
        self.assertEqual(len(form.answer_ids), 1)
        form.template_id = self.template
        self.assertEqual(len(form.answer_ids), 6)
        self.assertEqual(form.save().version_id, self.version)

    def test_template_by_hand(self):
        """A manager makes a template on the screen, without code, and freezes it."""
        with Form(self.env["customer.scorecard.template"].with_user(self.manager)) as form:
            form.name = "By hand"
        template = form.save()
        action = template.action_open_version()
        version = self.env["customer.scorecard.version"].with_user(self.manager).browse(action["res_id"])
        with Form(version) as form:
            with form.band_ids.new() as band:
                band.name = "All"
                band.score_from = 0
        criterion = Form(
            self.env["customer.scorecard.criterion"].with_user(self.manager).with_context(default_version_id=version.id)
        )
        criterion.name = "Impression"
        criterion.weight = 3
        with criterion.anchor_ids.new() as step:
            step.points = 5
            step.description = "Splendid"
        criterion.save()
        version.action_freeze()
        card = self._card(template_id=template.id)
        self.assertEqual(card.answer_ids.anchors, {"5": "Splendid"})
        self.assertEqual(version.state, "frozen")

    def test_assigned_by_a_manager(self):
        form = Form(self.env["customer.scorecard"].with_user(self.manager))
        form.partner_id = self.customer
        form.template_id = self.template
        form.user_id = self.evaluator
        card = form.save()
        self.assertEqual((card.user_id, card.rater_ids), (self.evaluator, self.env["res.users"]))
        self._give(card, attitude=4, action=4)
        card.with_user(self.evaluator).action_submit()
        card.with_user(self.manager).action_approve()
        self.assertEqual(card.state, "approved")

    def test_approved_form_is_closed(self):
        card = self._approved()
        form = Form(card.with_user(self.evaluator))
        with self.assertRaises(AssertionError):
            form.date = "2020-01-01"
