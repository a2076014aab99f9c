from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestResult(ScorecardCase):
    """What an evaluation comes to, from answers by hand and from figures (E1, E2, E4, E5)."""

    def test_new_card(self):
        card = self._card(self.contact)
        self.assertEqual(card.partner_id, self.customer, "a contact stands for its firm")
        self.assertEqual((card.state, card.version_id, card.user_id), ("draft", self.version, self.evaluator))
        self.assertTrue(card.name)
        self.assertEqual(
            card.answer_ids.mapped("criterion_id.code"),
            ["attitude", "action", "capital", "stores", "orders", "sales"],
            "in the order of the tree",
        )
        self.assertEqual(card.answer_ids.mapped("heading"), ["Willingness", False, "Business", False, False, False])

    def test_no_data_is_not_zero(self):
        """Who never ordered has no growth on last year: that isn't a growth of nothing."""
        growth = self.env["customer.metric"].search([("code", "=", "growth")])
        template = self._metric_template(metric=growth)
        card = self._card(template_id=template.id)
        answer = card.answer_ids
        self.assertEqual((answer.metric_known, answer.answered, answer.value_text), (False, False, "No data"))
        self.assertEqual((card.score_known, card.band_id, card.decision), (False, self.bands["A"].browse(), False))
        with self.assertRaisesRegex(UserError, "nothing is answered"):
            card.action_submit()

    def test_zero_is_not_no_data(self):
        self._order().date_order = fields_datetime(self.today - timedelta(days=500))
        card = self._card(template_id=self._metric_template().id)
        self.assertEqual((card.answer_ids.metric_known, card.answer_ids.value_text), (True, "0"))
        self.assertEqual((card.score_known, card.score, card.decision), (True, 0.0, "refuse"))

    def test_figures_are_measured(self):
        for _turn in range(2):
            self._order()
        card = self._card()
        orders, sales = self._answer(card, "orders"), self._answer(card, "sales")
        self.assertEqual((orders.metric_value, orders.metric_known, orders.metric_points), (2.0, True, 2))
        self.assertEqual((orders.points, orders.answered), (2.0, True))
        self.assertEqual((sales.metric_value, sales.metric_points, sales.points), (100.0, 4, 4.0))
        self.assertEqual((card.score, card.coverage), (53.33, 30.0), "(20 x 2 + 10 x 4) x 20 / 30")
        self.assertTrue(card.provisional)
        self._give(card, sales=1)
        self.assertEqual(sales.points, 2.5, "half by figure, half by hand")
        self._order()
        card.action_measure()
        self.assertEqual((orders.metric_value, orders.points), (3.0, 5.0))

    def test_value_text(self):
        self._order(amount=1200)
        card = self._card()
        self.assertIn("100", self._answer(card, "sales").value_text)
        self.assertIn(self.company.currency_id.symbol, self._answer(card, "sales").value_text)
        self.assertEqual(self._answer(card, "orders").value_text, "1")
        self.assertFalse(self._answer(card, "attitude").value_text)

    def test_figures_are_those_of_the_day(self):
        order = self._order()
        day = self.today - timedelta(days=10)
        card = self._card(date=str(day))
        before = self._answer(card, "orders").metric_value
        order.date_order = fields_datetime(day)
        card.action_measure()
        self.assertEqual((before, self._answer(card, "orders").metric_value), (0.0, 1.0), "its own day counts")
        card.date = day - timedelta(days=1)
        self.assertEqual(self._answer(card, "orders").metric_value, 0.0, "measured again for the other day")

    def test_the_sum(self):
        card = self._card()
        self._give(card, attitude=4, action=3, stores=5)
        self.assertEqual((card.score, card.coverage), (75.0, 60.0), "(25 x 4 + 25 x 3 + 10 x 5) x 20 / 60")
        self.assertEqual(sum(card.answer_ids.mapped("contribution")), card.score)
        self.assertEqual(card.band_id, self.bands["B"])
        self.assertEqual((card.answered_count, card.answer_count), (3, 6))
        explained = {line["criterion"]: line for line in card.explanation}
        self.assertEqual(
            explained["Attitude"],
            {
                "criterion": "Attitude",
                "group": "Willingness",
                "kind": "manual",
                "value": "",
                "points": 4.0,
                "weight": 25.0,
                "contribution": 33.33,
                "vetoed": False,
            },
        )
        self.assertEqual((explained["Capital"]["points"], explained["Capital"]["contribution"]), (None, None))
        self._answer(card, "attitude").first_points = False
        self.assertEqual((card.score, card.coverage), (71.43, 35.0), "taken back is unanswered, not zero")

    def test_veto_caps_the_grade_and_says_so(self):
        card = self._card()
        self._give(card, attitude=5, stores=5, action=1)
        self.assertEqual(card.score, 66.67)
        self.assertEqual((card.band_id, card.uncapped_band_id), (self.bands["C"], self.bands["B"]))
        self.assertEqual(card.capped_by, "Action: 1 points, below the floor of 2: C at best.")
        self.assertTrue(self._answer(card, "action").vetoed)
        self.assertFalse(self._answer(card, "stores").vetoed)
        self._give(card, action=2)
        self.assertEqual((card.score, card.band_id, card.capped_by), (75.0, self.bands["B"], ""))

    def test_false_enthusiasm(self):
        card = self._card()
        self._give(card, attitude=4, action=2)
        self.assertTrue(card.false_enthusiasm)
        self.assertIn("Attitude 4, but Action 2", card.enthusiasm_note)
        self._give(card, action=3)
        self.assertFalse(card.false_enthusiasm or card.enthusiasm_note)

    def test_provisional_opens_nothing(self):
        card = self._card()
        self._give(card, attitude=5, action=5)
        self.assertEqual((card.band_id, card.provisional, card.decision), (self.bands["A"], True, "observe"))
        self._order()
        self._order()
        self._order()
        card.action_measure()
        self._give(card, sales=5)
        self.assertEqual((card.coverage, card.provisional, card.decision), (80.0, False, "open"))
        self._give(card, action=1)
        self.assertEqual((card.band_id, card.decision), (self.bands["C"], "observe"), "capped")

    def test_two_raters(self):
        card = self._card(second_user_id=self.second.id)
        capital = self._answer(card, "capital")
        self._give(card, capital=4)
        self.assertEqual(capital.points, 4.0)
        capital.with_user(self.second).second_points = "1"
        self.assertEqual((capital.points, capital.disagree), (2.5, True))
        capital.with_user(self.second).write({"agreed_points": "2", "agreed_note": "Seen the bank's letter"})
        self.assertEqual(capital.points, 2.0)
        self.assertEqual(card.rater_ids, self.evaluator + self.second)

    def test_stored_points_are_exact(self):
        self._order(amount=1200)
        card = self._card()
        self._give(card, sales=3, attitude=3)
        card.invalidate_recordset()
        self.assertEqual(self._answer(card, "sales").points, 3.5)
        self.assertEqual(sum(card.answer_ids.mapped("contribution")), card.score)

    def test_picture_and_trend(self):
        first = self._approved(date=str(self.today - timedelta(days=400)), points=3)
        card = self._card()
        self._give(card, attitude=5, action=4)
        self.assertEqual(card.previous_id, first)
        picture = card.picture
        self.assertEqual(picture["axes"], ["Attitude", "Action", "Capital", "Stores", "Orders", "Sales"])
        now, before = picture["series"]
        self.assertEqual((now["label"], now["points"][:4]), (str(card.date), [5.0, 4.0, None, None]))
        self.assertEqual((before["label"], before["points"][:4]), (str(first.date), [3.0, 3.0, None, 3.0]))
        self.assertEqual(
            card.trend,
            [
                {
                    "id": first.id,
                    "date": str(first.date),
                    "score": first.score,
                    "grade": first.grade,
                    "same_version": True,
                }
            ],
        )
        self.assertTrue(card.change_known)
        self.assertEqual(card.score_change, card.score - first.score)

    def test_comparison_only_within_a_version(self):
        self._approved(date=str(self.today - timedelta(days=40)))
        self.version.with_user(self.manager).action_new_version()
        newer = self.template.draft_version_id
        newer.with_user(self.manager).action_freeze()
        card = self._card()
        self._give(card, attitude=5)
        self.assertEqual(card.version_id, newer)
        self.assertTrue(card.previous_id)
        self.assertFalse(card.change_known)
        self.assertEqual(card.score_change, 0.0)
        self.assertEqual(len(card.picture["series"]), 1, "no picture of what can't be compared")
        self.assertEqual([point["same_version"] for point in card.trend], [False])
        with self.assertRaisesRegex(UserError, "only within a version"):
            (card + card.previous_id).with_user(self.reader).get_comparison()

    def test_radar_by_groups_when_there_are_many(self):
        version = self._draft(self.env["customer.scorecard.template"].create({"name": "Many"}))
        group = version.criterion_ids.filtered(lambda criterion: criterion.code == "business")
        self.env["customer.scorecard.criterion"].create(
            [{"version_id": version.id, "name": f"N{number}", "parent_id": group.id} for number in range(6)]
            + [{"version_id": version.id, "name": "Alone", "sequence": 99}]
        )
        self.assertEqual(len(version._leaves()), 13)
        self.assertEqual([name for name, _weights in version._axes()], ["Willingness", "Business", "Alone"])
        version.with_user(self.manager).action_freeze()
        card = self._card(template_id=version.template_id.id)
        self._give(card, attitude=5, action=2)
        self.assertEqual(card.picture["series"][0]["points"], [3.5, None if not self._known(card) else 0.0, None])

    def _known(self, card):
        return self._answer(card, "orders").answered

    def test_comparison(self):
        cards = self._submitted(points=4) + self._submitted(self.other_customer, points=2)
        compared = cards.with_user(self.reader).get_comparison()
        self.assertEqual([each["name"] for each in compared["customers"]], cards.mapped("partner_id.name"))
        self.assertEqual([each["score"] for each in compared["customers"]], cards.mapped("score"))
        for place, card in enumerate(cards):
            shares = [line["contributions"][place] or 0 for line in compared["criteria"]]
            self.assertAlmostEqual(sum(shares), card.score, places=6)
        action = next(line for line in compared["criteria"] if line["name"] == "Action")
        self.assertEqual((action["group"], action["weight"], action["points"]), ("Willingness", 25.0, [4.0, 2.0]))
        capital = next(line for line in compared["criteria"] if line["name"] == "Capital")
        self.assertEqual((capital["points"], capital["contributions"]), ([None, None], [None, None]))
        with self.assertRaisesRegex(UserError, "two to five"):
            cards[0].get_comparison()
        with self.assertRaises(AccessError):
            cards.with_user(self.salesman).get_comparison()

    def test_average_leaves_out_what_has_no_score(self):
        self._submitted(points=4)
        self._card(self.other_customer)
        cards = self.env["customer.scorecard"].search([("template_id", "=", self.template.id)])
        known = cards.filtered("score_known")
        self.assertEqual(len(cards), 2)
        ((average, count),) = self.env["customer.scorecard"]._read_group(
            [("id", "in", cards.ids)], aggregates=["score:avg", "__count"]
        )
        self.assertEqual((average, count), (sum(known.mapped("score")) / len(known), 2))


def fields_datetime(day):
    return f"{day} 12:00:00"
