from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestWorkflow(ScorecardCase):
    """Draft, submitted, approved, superseded, by the people who may (E3, E7)."""

    def asked(self, card):
        return card.sudo().activity_ids.user_id

    # === SUBMISSION === #

    def test_submit_tells_everything_that_is_missing(self):
        card = self._card(second_user_id=self.second.id)
        with self.assertRaisesRegex(UserError, "nothing is answered"):
            self._blank().action_submit()
        self._answer(card, "stores").first_points = "3"
        self._answer(card, "sales").first_points = "0"
        self._answer(card, "attitude").first_points = "5"
        self._answer(card, "capital").first_points = "4"
        with self.assertRaises(UserError) as raised:
            card.action_submit()
        message = str(raised.exception)
        for sentence in ("“Stores” needs evidence", "“Sales” needs evidence", "“Capital” needs the points of both"):
            self.assertIn(sentence, message)
        self.assertNotIn("Attitude", message, "never needs evidence")
        self.assertEqual(card.state, "draft")
        self._answer(card, "stores").evidence = "   "
        self.assertTrue(self._answer(card, "stores").evidence_missing, "blanks show for nothing")
        self._answer(card, "stores").evidence = "Two halls of 800 m2"
        self._answer(card, "sales").attachment_ids = [Command.create({"name": "ledger.txt", "raw": b"0"})]
        self._answer(card, "capital").with_user(self.second).second_points = "4"
        card.action_submit()
        self.assertEqual((card.state, card.submitted_by), ("submitted", self.evaluator))

    def _blank(self):
        card = self._card(self.other_customer)
        for answer in card.sudo().answer_ids:
            answer.write({"metric_known": False, "metric_points": 0})
        return card

    def test_evidence_at_the_extremes(self):
        card = self._card(second_user_id=self.second.id)
        capital = self._answer(card, "capital")
        for first, second, agreed, expected in (
            ("1", False, False, False),
            ("0", False, False, True),
            ("5", False, False, True),
            ("4", "5", False, True),
            ("4", "4", False, False),
            ("1", "4", "5", True),
        ):
            with self.subTest(first=first, second=second, agreed=agreed):
                capital.sudo().write({"first_points": first, "second_points": second, "agreed_points": agreed})
                self.assertIs(capital.evidence_missing, expected)

    def test_raters_agree_before_submission(self):
        card = self._card(second_user_id=self.second.id)
        self._give(card, attitude=4, action=4, capital=1)
        capital = self._answer(card, "capital")
        capital.with_user(self.second).second_points = "3"
        with self.assertRaisesRegex(UserError, "gave 1 and 3"):
            card.action_submit()
        capital.agreed_points = "2"
        with self.assertRaisesRegex(UserError, "say in a note"):
            card.action_submit()
        capital.agreed_note = "Between the two"
        card.action_submit()
        self.assertEqual((card.state, capital.points), ("submitted", 2.0))

    def test_raters_within_the_tolerance(self):
        card = self._card(second_user_id=self.second.id)
        self._give(card, attitude=4, action=4, capital=2)
        self._answer(card, "capital").with_user(self.second).second_points = "3"
        card.action_submit()
        self.assertEqual(self._answer(card, "capital").points, 2.5)

    def test_second_rater_is_somebody_else(self):
        with self.assertRaises(ValidationError):
            self._card(second_user_id=self.evaluator.id)
        with self.assertRaisesRegex(ValidationError, "isn't an evaluator"):
            self._card(second_user_id=self.reader.id)

    def test_second_rater_is_asked(self):
        card = self._card()
        card.second_user_id = self.second
        self.assertEqual(self.asked(card), self.second)
        self._give(card, attitude=4, action=4)
        card.action_submit()
        self.assertNotIn(self.second, self.asked(card))

    def test_not_in_the_future(self):
        card = self._card(date=str(self.today + timedelta(days=1)))
        self._give(card, attitude=4)
        with self.assertRaisesRegex(UserError, "future"):
            card.action_submit()

    def test_figures_are_measured_at_submission(self):
        card = self._card()
        self._give(card, attitude=4, action=4)
        self._order()
        card.action_submit()
        self.assertEqual(self._answer(card, "orders").metric_value, 1.0)
        self._order()
        card.with_user(self.manager).action_approve()
        self.assertEqual(self._answer(card, "orders").metric_value, 1.0, "frozen")

    def test_managers_are_asked(self):
        card = self._submitted()
        self.assertLessEqual(self.manager + self.director, self.asked(card))
        self.assertNotIn(self.evaluator, self.asked(card))
        card.with_user(self.manager).action_approve()
        self.assertFalse(self.asked(card))

    # === APPROVAL === #

    def test_four_eyes(self):
        """Whoever had a hand in an evaluation doesn't approve it."""
        own = self._submitted(user=self.manager)
        with self.assertRaisesRegex(UserError, "of one's own"):
            own.with_user(self.manager).action_approve()
        own.with_user(self.director).action_approve()
        self.assertEqual((own.state, own.approved_by), ("approved", self.director))

    def test_four_eyes_by_detours(self):
        card = self._card(self.other_customer, user=self.manager)
        self._give(card, attitude=5, action=5)
        card.with_user(self.manager).user_id = self.evaluator
        card.with_user(self.evaluator).action_submit()
        with self.assertRaisesRegex(UserError, "of one's own"):
            card.with_user(self.manager).action_approve()
        second = self._card(second_user_id=self.manager.id)
        self._give(second, attitude=5, action=5)
        second.with_user(self.manager).action_submit()
        with self.assertRaisesRegex(UserError, "of one's own"):
            second.with_user(self.manager).action_approve()

    def test_only_managers_approve(self):
        card = self._submitted()
        for user in (self.evaluator, self.second, self.reader, self.salesman):
            for method in ("action_approve", "action_refuse"):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    getattr(card.with_user(user), method)()

    def test_approval_supersedes(self):
        first = self._approved(date=str(self.today - timedelta(days=100)), points=4)
        second = self._approved(points=3)
        self.assertEqual((first.state, second.state), ("superseded", "approved"))
        self.assertEqual(second.previous_id, first)
        self.assertEqual(second.score_change, second.score - first.score)
        other = self._approved(self.other_customer)
        self.assertEqual((other.previous_id, second.state), (other.browse(), "approved"))
        template = self._metric_template()
        self._order()
        self._approved(template=template)
        self.assertEqual(second.state, "approved", "another template")

    def test_younger_one_is_approved_already(self):
        older = self._submitted(date=str(self.today - timedelta(days=10)))
        self._approved()
        with self.assertRaisesRegex(UserError, "is younger"):
            older.with_user(self.manager).action_approve()
        self.assertEqual(older.state, "submitted")

    def test_open_drafts_compare_with_what_is_approved_meanwhile(self):
        draft = self._card()
        self.assertFalse(draft.previous_id)
        approved = self._approved(date=str(self.today - timedelta(days=1)))
        self.assertEqual(draft.previous_id, approved)

    def test_next_date(self):
        for points, months in ((5, 12), (3, 3)):
            card = self._approved(points=points)
            with self.subTest(points=points, grade=card.grade):
                expected = card.band_id.review_months
                self.assertEqual(card.next_date, self.today + relativedelta(months=expected))
                self.assertEqual(bool(months), bool(expected))
        refused = self._approved(points=0)
        self.assertEqual((refused.grade, refused.next_date, refused.decision), ("D", False, "refuse"))

    def test_days_are_the_companys(self):
        """At 17:00 UTC the 2nd has begun in Shanghai."""
        self.company.partner_id.tz = "Asia/Shanghai"
        with freeze_time("2026-03-01 17:00:00"):
            card = self._card()
            self.assertEqual(str(card.date), "2026-03-02")
            self._give(card, attitude=4, action=4, stores=4, sales=4)
            card.action_submit()
            card.with_user(self.manager).action_approve()
        self.assertEqual(card.state, "approved")

    def test_a_year_later(self):
        with freeze_time("2025-03-01 08:00:00"):
            first = self._approved(points=4)
        with freeze_time("2026-03-02 08:00:00"):
            second = self._approved(points=2)
            self.assertEqual([point["date"] for point in second.trend], ["2025-03-01", "2026-03-02"])
            self.assertEqual([point["score"] for point in second.trend], [first.score, second.score])
            overdue = self.env["customer.scorecard"].search(
                [("next_date", "<", "2026-12-31"), ("state", "=", "approved"), ("partner_id", "=", self.customer.id)]
            )
        self.assertEqual(overdue, second)

    def test_many_at_once(self):
        """The good ones of a selection are approved, the others told; one evaluation supersedes another of them."""
        older = self._submitted(date=str(self.today - timedelta(days=30)))
        newer = self._submitted(points=3)
        other = self._submitted(self.other_customer)
        own = self._submitted(self.env["res.partner"].create({"name": "Own", "is_company": True}), user=self.manager)
        draft = self._card(self.other_customer)
        result = (newer + older + other + own + draft).with_user(self.manager).action_approve()
        self.assertEqual(
            [card.state for card in (older, newer, other, own, draft)],
            ["superseded", "approved", "approved", "submitted", "draft"],
        )
        self.assertEqual(newer.previous_id, older)
        self.assertIn(own.name, result["params"]["message"])
        self.assertIn(draft.name, result["params"]["message"])
        self.assertEqual(older.approved_by, self.manager)

    def test_evaluator_is_told(self):
        card = self._submitted()
        card.with_user(self.manager).action_approve()
        told = self.env["mail.notification"].search([("res_partner_id", "=", self.evaluator.partner_id.id)])
        self.assertTrue(told.mail_message_id.filtered(lambda message: card.name in (message.body or "")))

    # === BACK === #

    def test_send_back(self):
        card = self._submitted()
        action = card.with_user(self.manager).action_refuse()
        wizard = (
            self.env["customer.scorecard.refusal"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"reason": "The warehouse was never visited"})
        )
        wizard.action_refuse()
        self.assertEqual((card.state, card.refusal_reason), ("draft", "The warehouse was never visited"))
        self.assertEqual(self.asked(card), self.evaluator)
        self.assertIn("never visited", card.message_ids[0].body)
        card.action_submit()
        self.assertEqual((card.state, card.refusal_reason), ("submitted", False))
        self.assertNotIn(self.evaluator, self.asked(card))

    def test_send_back_needs_a_reason(self):
        card = self._submitted()
        with self.assertRaises(UserError):
            card.with_user(self.manager)._refuse("  ")

    def test_reset_and_cancel(self):
        card = self._submitted()
        card.action_reset()
        self.assertEqual((card.state, card.submitted_by), ("draft", card.user_id.browse()))
        self.assertFalse(self.asked(card))
        card.action_cancel()
        self.assertEqual(card.state, "cancelled")
        card.action_reset()
        card.action_submit()
        card.with_user(self.manager).action_approve()
        for method in ("action_reset", "action_cancel", "action_submit", "action_measure"):
            with self.subTest(method), self.assertRaises(UserError):
                getattr(card, method)()

    def test_not_somebody_elses(self):
        card = self._card()
        for method in ("action_submit", "action_cancel", "action_reset", "action_measure"):
            for user in (self.second, self.reader, self.salesman):
                with self.subTest(method=method, user=user.login), self.assertRaises(AccessError):
                    getattr(card.with_user(user), method)()

    def test_numbers_are_each_companys(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        self.manager.company_ids += company
        card = self._card(user=self.manager, company_id=company.id)
        self.assertEqual(card.name, "EV000001")
        self.assertEqual(self._card(user=self.manager, company_id=company.id).name, "EV000002")

    def test_hook(self):
        """What an app does after an approval sees all that were approved together."""
        seen = []
        model = type(self.env["customer.scorecard"])
        origin = model._after_approve

        def after(cards):
            seen.append((cards, cards.env.su, set(cards.mapped("state"))))
            return origin(cards)

        self.patch(model, "_after_approve", after)
        cards = self._submitted() + self._submitted(self.other_customer)
        cards.with_user(self.manager).action_approve()
        self.assertEqual(seen, [(cards, True, {"approved"})])
