from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import ScorecardCase

SERVER_VALUES = {
    "state": "approved",
    "score": 100.0,
    "score_known": True,
    "coverage": 100.0,
    "provisional": False,
    "decision": "open",
    "next_date": "2099-01-01",
    "false_enthusiasm": False,
    "name": "EV999999",
    "submitted_on": "2020-01-01 00:00:00",
    "refusal_reason": "x",
    "score_change": 50.0,
}


@tagged("post_install", "-at_install")
class TestAttack(ScorecardCase):
    """What an evaluator or a manager may try by RPC to get a result that isn't due."""

    def values(self):
        return {
            **SERVER_VALUES,
            "band_id": self.bands["A"].id,
            "approved_by": self.manager.id,
            "submitted_by": self.second.id,
            "version_id": self.version.id,
            "rater_ids": [Command.clear()],
            "previous_id": False,
        }

    def test_server_fields_by_write(self):
        card = self._card()
        self._give(card, attitude=1)
        for user in (self.evaluator, self.manager):
            for name, value in self.values().items():
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    self.rpc(user, card, "write", {name: value})
                with self.subTest(user=user.login, save=name), self.assertRaises(AccessError):
                    self.rpc(user, card, "web_save", {name: value}, specification={})

    def test_server_fields_by_create(self):
        base = {"partner_id": self.customer.id, "template_id": self.template.id}
        for name, value in self.values().items():
            with self.subTest(name), self.assertRaises(AccessError):
                self.rpc(self.manager, self.env["customer.scorecard"], "create", {**base, name: value})

    def test_server_fields_by_defaults(self):
        """Context and stored defaults put nothing into an evaluation that the server sets."""
        for name in ("state", "score", "score_known", "decision", "coverage", "next_date"):
            call_kw(
                self.env["ir.default"].with_user(self.evaluator),
                "set",
                ["customer.scorecard", name, SERVER_VALUES[name], True],
                {},
            )
        for name, value in (("points", 5.0), ("answered", True), ("metric_points", 5), ("metric_known", True)):
            call_kw(
                self.env["ir.default"].with_user(self.evaluator),
                "set",
                ["customer.scorecard.answer", name, value, True],
                {},
            )
        call_kw(self.env["ir.default"].with_user(self.evaluator), "set", ["customer.scorecard", "grade", "A", True], {})
        context = {f"default_{name}": value for name, value in SERVER_VALUES.items()}
        context.update(default_points=5.0, default_answered=True, default_metric_points=5)
        leaf = self.criteria["stores"]
        for commands in ([], [Command.create({"criterion_id": leaf.id})]):
            card_id = self.rpc(
                self.evaluator,
                self.env["customer.scorecard"],
                "create",
                {"partner_id": self.customer.id, "template_id": self.template.id, "answer_ids": commands},
                context=context,
            )
            card = self.env["customer.scorecard"].browse(card_id)
            self.env.flush_all()
            card.invalidate_recordset()
            self.assertEqual(
                (card.state, card.next_date, card.decision or False), ("draft", False, card.band_id.decision)
            )
            by_hand = card.answer_ids.filtered(lambda answer: answer.kind == "manual")
            self.assertFalse(any(by_hand.mapped("answered")))
            self.assertEqual(set(by_hand.mapped("points")), {0.0})
            self.assertEqual((card.score, card.coverage, card.grade), (0.0, 0.0, False))

    def test_figures_are_not_given(self):
        card = self._card()
        orders = self._answer(card, "orders")
        for values in (
            {"metric_points": 5},
            {"metric_value": 99.0},
            {"metric_known": True},
            {"points": 5.0},
            {"answered": True},
            {"contribution": 99.0},
        ):
            for user in (self.evaluator, self.manager):
                with self.subTest(values=values, user=user.login), self.assertRaises(AccessError):
                    self.rpc(user, orders, "write", values)
        new = self.rpc(
            self.evaluator,
            self.env["customer.scorecard"],
            "create",
            {
                "partner_id": self.customer.id,
                "template_id": self.template.id,
                "answer_ids": [
                    Command.create(
                        {
                            "criterion_id": self.criteria["orders"].id,
                            "metric_points": 5,
                            "metric_known": True,
                            "points": 5.0,
                            "answered": True,
                        }
                    )
                ],
            },
        )
        orders = self._answer(self.env["customer.scorecard"].browse(new), "orders")
        self.assertEqual((orders.metric_points, orders.metric_value), (0, 0.0), "measured, not given")

    def test_points_given_to_a_figure_count_nothing(self):
        card = self._card()
        self._answer(card, "orders").first_points = "5"
        self.assertFalse(self._answer(card, "orders").points)

    def test_points_of_a_criterion_that_is_not_asked(self):
        foreign = self._metric_template().version_id.criterion_ids
        for criterion in (foreign, self.criteria["willingness"]):
            with self.subTest(criterion.name), self.assertRaises(UserError):
                self._card(answer_ids=[Command.create({"criterion_id": criterion.id})])
        card = self._card()
        with self.assertRaises(UserError):
            self.rpc(
                self.evaluator,
                card,
                "write",
                {"answer_ids": [Command.create({"criterion_id": foreign.id, "first_points": "5"})]},
            )

    def test_answer_of_another_card(self):
        """A command on one's own evaluation that changes an answer of somebody else's."""
        own, foreign = self._card(), self._card(self.other_customer, user=self.second)
        answer = self._answer(foreign, "attitude")
        with self.assertRaises(AccessError):
            self.rpc(self.evaluator, own, "write", {"answer_ids": [Command.update(answer.id, {"first_points": "5"})]})
        with self.assertRaises(AccessError):
            self.rpc(
                self.evaluator,
                self.env["customer.scorecard.answer"],
                "create",
                {"scorecard_id": foreign.id, "criterion_id": self.criteria["attitude"].id},
            )

    def test_evaluations_of_others(self):
        base = {"partner_id": self.customer.id, "template_id": self.template.id}
        for values in ({"user_id": self.second.id}, {"user_id": self.manager.id, "second_user_id": self.evaluator.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.rpc(self.evaluator, self.env["customer.scorecard"], "create", {**base, **values})
        card = self._card()
        with self.assertRaises(AccessError):
            self.rpc(self.evaluator, card, "write", {"user_id": self.second.id})
        card = self._card(second_user_id=self.second.id)
        for values in ({"second_user_id": False}, {"user_id": self.second.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.rpc(self.second, card, "write", values)

    def test_private_methods(self):
        card = self._submitted()
        for method in ("_approve", "_submit", "_refuse", "_create_for", "_measure", "_score", "_add_rater"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.evaluator, card, method)

    def test_submitted_ones_wait(self):
        card = self._submitted()
        for user in (self.evaluator, self.manager):
            for values in ({"summary": "x"}, {"date": "2020-01-01"}, {"user_id": self.second.id}):
                with self.subTest(user=user.login, values=values), self.assertRaises(UserError):
                    self.rpc(user, card, "write", values)
        with self.assertRaises(UserError):
            self.rpc(self.evaluator, self._answer(card, "attitude"), "write", {"first_points": "5"})

    def test_import(self):
        """A file that says approved isn't."""
        result = (
            self.env["customer.scorecard"]
            .with_user(self.manager)
            .load(
                ["partner_id/.id", "template_id/.id", "state", "score"],
                [[str(self.customer.id), str(self.template.id), "approved", "100"]],
            )
        )
        self.assertFalse(result["ids"])
        result = (
            self.env["customer.scorecard"]
            .with_user(self.manager)
            .load(["partner_id/.id", "template_id/.id"], [[str(self.customer.id), str(self.template.id)]])
        )
        card = self.env["customer.scorecard"].browse(result["ids"])
        self.assertEqual((card.state, len(card.answer_ids)), ("draft", 6))

    def test_versions_are_frozen_by_their_button(self):
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Other"}))
        for values in ({"state": "frozen"}, {"number": 7}, {"frozen_by": self.manager.id}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.rpc(self.manager, draft, "write", values)
        template = draft.template_id
        draft.with_user(self.manager).unlink()
        new = self.rpc(
            self.manager,
            self.env["customer.scorecard.version"],
            "create",
            {"template_id": template.id, "state": "frozen"},
            context={"default_state": "frozen"},
        )
        self.assertEqual(self.env["customer.scorecard.version"].browse(new).state, "draft")
        with self.assertRaises(AccessError):
            self.rpc(self.evaluator, self.template, "action_new_version")

    def test_runs_are_started_by_their_button(self):
        run_id = self.rpc(
            self.manager,
            self.env["customer.scorecard.run"],
            "create",
            {
                "name": "x",
                "template_id": self._metric_template().id,
                "state": "running",
                "user_id": self.director.id,
                "last_id": 5,
            },
            context={"default_state": "running"},
        )
        run = self.env["customer.scorecard.run"].browse(run_id)
        self.assertEqual((run.state, run.user_id, run.last_id), ("draft", self.manager, 0))
        for values in ({"state": "running"}, {"done": 5}, {"user_id": self.director.id}, {"last_id": 7}):
            with self.subTest(values), self.assertRaises(AccessError):
                self.rpc(self.manager, run, "write", values)
        attempts = [partial(self.rpc, self.evaluator, run, name) for name in ("action_start", "action_cancel")]
        for attempt in attempts:
            with self.assertRaises(AccessError):
                attempt()
