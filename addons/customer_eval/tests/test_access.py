from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import EvalCase

SECRET = "gambles in Macau"
SHOWN = ["eval_grade", "eval_decision", "eval_score", "eval_trend_text", "eval_history", "eval_picture"]


@tagged("post_install", "-at_install")
class TestAccess(EvalCase):
    """Who may do what, by RPC as a client would."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = new_test_user(
            cls.env,
            "eval_portal",
            "base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.portal.partner_id.parent_id = cls.customer
        cls.public = cls.env.ref("base.public_user")
        cls.card = cls._card(3)
        cls.card.private_note = SECRET
        cls.card.answer_ids[:1].private_note = SECRET
        cls.card.with_user(cls.evaluator).action_submit()
        cls.card.with_user(cls.manager).action_approve()
        cls.draft = cls._card(5)
        cls.other_card = cls._approved(4, cls.other_customer)
        cls.submitted = cls._card(4, cls._customer("Third"))
        cls.submitted.with_user(cls.evaluator).action_submit()
        cls.event = cls._event(3)
        cls.other_event = cls._event(-2, customer=cls.other_customer)
        cls.check = cls.env["customer.prospect.check"].create({"partner_id": cls.customer.id})
        cls.other_check = cls.env["customer.prospect.check"].create(
            {"partner_id": cls.other_customer.id, "user_id": cls.colleague.id}
        )
        cls.env.flush_all()

    def rpc(self, user, model, method, *args, **kwargs):
        self.env.invalidate_all()
        records = self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return call_kw(records, method, list(args), kwargs)

    def may(self, user, model, method, *args, **kwargs):
        """Tell whether the call goes through; what it did is taken back."""
        try:
            with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                with self.env.cr.savepoint() as savepoint:
                    self.rpc(user, model, method, *args, **kwargs)
                    self.env.flush_all()
                    savepoint.rollback()
        except AccessError:
            return False
        finally:
            self.env.invalidate_all()
        return True

    # === EVALUATIONS === #

    def test_evaluations(self):
        """read own customer's approved, read a draft, read another's approved; make; answer; submit; approve"""
        model = "customer.scorecard"
        answer = self.draft.answer_ids[0]
        new = {"partner_id": self.customer.id, "template_id": self.dealer.id}
        expected = {
            self.manager: "yyyynyy",
            self.evaluator: "yyyyyyn",
            self.reader: "yyynnnn",
            self.salesman: "ynnnnnn",
            self.colleague: "nnynnnn",
            self.clerk: "nnnnnnn",
            self.portal: "nnnnnnn",
            self.public: "nnnnnnn",
        }
        for user, allowed in expected.items():
            got = "".join(
                "y" if result else "n"
                for result in (
                    self.may(user, model, "read", self.card.ids, ["score"]),
                    self.may(user, model, "read", self.draft.ids, ["score"]),
                    self.may(user, model, "read", self.other_card.ids, ["score"]),
                    self.may(user, model, "create", [new]),
                    self.may(user, "customer.scorecard.answer", "write", answer.ids, {"first_points": "4"}),
                    self.may(user, model, "action_submit", self.draft.ids),
                    self.may(user, model, "action_approve", self.submitted.ids),
                )
            )
            with self.subTest(user=user.login):
                self.assertEqual(got, allowed)

    def test_search_finds_only_what_may_be_read(self):
        ours = self.card + self.draft + self.other_card
        for user, seen in (
            (self.manager, ours),
            (self.evaluator, ours),
            (self.reader, ours),
            (self.salesman, self.card),
            (self.colleague, self.other_card),
        ):
            with self.subTest(user=user.login):
                rows = self.rpc(user, "customer.scorecard", "search_read", [("id", "in", ours.ids)], ["score"])
                self.assertEqual({row["id"] for row in rows}, set(ours.ids) & set(seen.ids))
                groups = self.rpc(
                    user, "customer.scorecard", "formatted_read_group", [("id", "in", ours.ids)], ["grade"], ["__count"]
                )
                self.assertEqual(sum(group["__count"] for group in groups), len(seen))

    def test_own_evaluation_is_approved_by_another(self):
        self.draft.user_id = self.manager
        self.assertTrue(self.rpc(self.manager, "customer.scorecard", "action_submit", self.draft.ids))
        with self.assertRaises(UserError):
            self.rpc(self.manager, "customer.scorecard", "action_approve", self.draft.ids)
        self.assertEqual(self.draft.state, "submitted")

    # === PRIVATE NOTES === #

    def test_private_notes(self):
        """Neither read, nor searched, nor exported by readers and salespeople; nor in the chatter."""
        (self.reader + self.salesman).group_ids += self.env.ref("base.group_allow_export")
        for user in (self.reader, self.salesman):
            for model, ids in (
                ("customer.scorecard", self.card.ids),
                ("customer.scorecard.answer", self.card.answer_ids.ids),
            ):
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.may(user, model, "read", ids, ["private_note"]))
                    self.assertFalse(self.may(user, model, "search_count", [("private_note", "ilike", "Macau")]))
                    self.assertFalse(self.may(user, model, "export_data", ids, ["private_note"]))
                    self.assertFalse(self.may(user, model, "search", [], order="private_note"))
                    self.assertNotIn("private_note", self.rpc(user, model, "fields_get"))
                    everything = self.rpc(user, model, "read", ids)
                    self.assertNotIn(SECRET, str(everything))
                    self.assertFalse(self.rpc(user, model, "name_search", "Macau"))
        self.assertIn(SECRET, str(self.rpc(self.evaluator, "customer.scorecard", "read", self.card.ids)))
        messages = self.env["mail.message"].search(
            [("model", "=", "customer.scorecard"), ("res_id", "=", self.card.id)]
        )
        self.assertTrue(messages)
        self.assertNotIn(SECRET, str(messages.mapped("body")))
        self.assertNotIn(SECRET, str(messages.tracking_value_ids.mapped("new_value_char")))
        self.assertNotIn(SECRET, str(messages.tracking_value_ids.mapped("new_value_text")))

    # === THE CUSTOMER === #

    def test_customer_figures(self):
        for user, mine, others in (
            (self.manager, "C", "B"),
            (self.reader, "C", "B"),
            (self.salesman, "C", False),
            (self.colleague, False, "B"),
        ):
            with self.subTest(user=user.login):
                rows = self.rpc(user, "res.partner", "read", (self.customer + self.other_customer).ids, SHOWN)
                self.assertEqual([row["eval_grade"] for row in rows], [mine, others])
                for row in rows:
                    if not row["eval_grade"]:
                        self.assertFalse(row["eval_score"] or row["eval_trend_text"] or row["eval_history"])
        for user in (self.clerk, self.portal, self.public):
            for name in (*SHOWN, "reputation_event_ids", "prospect_check_ids", "eval_reputation", "prospect_class"):
                with self.subTest(user=user.login, name=name):
                    self.assertFalse(self.may(user, "res.partner", "read", self.customer.ids, [name]))
            self.assertFalse(self.may(user, "res.partner", "search_count", [("eval_decision", "=", "refuse")]))
            self.assertFalse(self.may(user, "res.partner", "search_count", [("reputation_event_ids.impact", "<", 0)]))

    def test_salesperson_guesses_nothing(self):
        """Neither by searching nor by the figures of the reputation."""
        found = self.rpc(self.salesman, "res.partner", "search", [("eval_grade", "=", "B")])
        self.assertNotIn(self.other_customer.id, found)
        row = self.rpc(
            self.salesman, "res.partner", "read", self.other_customer.ids, ["eval_reputation", "reputation_event_ids"]
        )
        self.assertEqual((row[0]["eval_reputation"], row[0]["reputation_event_ids"]), (0, []))

    # === REPUTATION, PROSPECTS === #

    def test_reputation_events(self):
        """read own customer's, read another's; create; change what one recorded, what another did; delete"""
        model = "customer.reputation.event"
        values = {
            "partner_id": self.customer.id,
            "kind_id": self.env.ref("customer_eval.customer_reputation_kind_award").id,
            "source": "Newspaper",
        }
        own = self.env[model].with_user(self.evaluator).create(values)
        for user, allowed in {
            self.manager: "yyyyyy",
            self.evaluator: "yyyynn",
            self.reader: "yynnnn",
            self.salesman: "ynnnnn",
            self.colleague: "nynnnn",
            self.clerk: "nnnnnn",
            self.portal: "nnnnnn",
            self.public: "nnnnnn",
        }.items():
            got = "".join(
                "y" if result else "n"
                for result in (
                    self.may(user, model, "read", self.event.ids, ["impact"]),
                    self.may(user, model, "read", self.other_event.ids, ["impact"]),
                    self.may(user, model, "create", [values]),
                    self.may(user, model, "write", own.ids, {"impact": 4}),
                    self.may(user, model, "write", self.event.ids, {"impact": 4}),
                    self.may(user, model, "unlink", own.ids),
                )
            )
            with self.subTest(user=user.login):
                self.assertEqual(got, allowed)

    def test_recorded_by_is_a_fact(self):
        values = {
            "partner_id": self.customer.id,
            "kind_id": self.env.ref("customer_eval.customer_reputation_kind_award").id,
            "source": "Newspaper",
            "user_id": self.manager.id,
        }
        [event_id] = self.rpc(self.evaluator, "customer.reputation.event", "create", [values])
        event = self.env["customer.reputation.event"].browse(event_id)
        self.assertEqual(event.user_id, self.evaluator)
        self.rpc(self.evaluator, "customer.reputation.event", "write", event.ids, {"user_id": self.manager.id})
        self.assertEqual(event.user_id, self.evaluator)

    def test_prospect_checks(self):
        """read own customer's, read another's; create; change own customer's, another's; delete"""
        model = "customer.prospect.check"
        for user, allowed in {
            self.manager: "yyyyyy",
            self.evaluator: "yyyyyn",
            self.reader: "yynnnn",
            self.salesman: "ynyynn",
            self.colleague: "nynnyn",
            self.clerk: "nnnnnn",
            self.portal: "nnnnnn",
            self.public: "nnnnnn",
        }.items():
            values = {"partner_id": self.customer.id, "money": "yes", "user_id": self.manager.id}
            got = "".join(
                "y" if result else "n"
                for result in (
                    self.may(user, model, "read", self.check.ids, ["money"]),
                    self.may(user, model, "read", self.other_check.ids, ["money"]),
                    self.may(user, model, "create", [values]),
                    self.may(user, model, "write", self.check.ids, {"money": "yes"}),
                    self.may(user, model, "write", self.other_check.ids, {"money": "yes"}),
                    self.may(user, model, "unlink", self.check.ids),
                )
            )
            with self.subTest(user=user.login):
                self.assertEqual(got, allowed)

    def test_kinds_and_combinations_are_the_managers(self):
        kind = self.env.ref("customer_eval.customer_reputation_kind_award")
        combination = self.env["customer.prospect.combination"].search([], limit=1)
        for user, allowed in (
            (self.manager, True),
            (self.evaluator, False),
            (self.reader, False),
            (self.salesman, False),
            (self.clerk, False),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.may(user, "customer.reputation.kind", "write", kind.ids, {"impact": 1}), allowed)
                self.assertEqual(
                    self.may(user, "customer.prospect.combination", "write", combination.ids, {"advice": "x"}), allowed
                )
                self.assertFalse(self.may(user, "customer.prospect.combination", "unlink", combination.ids))

    def test_many_are_evaluated_by_evaluators(self):
        customers = (self.customer + self.other_customer).ids
        others = (self.reader, self.salesman, self.portal)
        for user, allowed in ((self.evaluator, True), *((other, False) for other in others)):
            with self.subTest(user=user.login):
                self.assertEqual(self.may(user, "res.partner", "action_evaluate_many", customers), allowed)

    # === OTHER COMPANIES === #

    def test_other_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "eval_stranger",
            "customer_scorecard.group_scorecard_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for record in (self.card, self.event, self.check):
            with self.subTest(model=record._name):
                self.assertFalse(self.may(stranger, record._name, "read", record.ids, ["partner_id"]))
        [row] = self.rpc(stranger, "res.partner", "read", self.customer.ids, [*SHOWN, "reputation_event_ids"])
        self.assertFalse(row["eval_grade"] or row["reputation_event_ids"])

    # === WHAT CRONS AND BUTTONS CALL === #

    def test_server_methods_are_not_rpc(self):
        for method in ("_cron_chase_due", "_chase", "_close_chase", "_trend_of"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.rpc(self.manager, "customer.scorecard", method, self.card.ids)

    def test_settings_are_the_administrators(self):
        for user in (self.manager, self.evaluator, self.salesman):
            with self.subTest(user=user.login):
                self.assertFalse(self.may(user, "res.company", "write", self.company.ids, {"eval_chase": "evaluator"}))
