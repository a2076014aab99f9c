from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import ScorecardCase

SECRET = "his brother-in-law is under investigation"


@tagged("post_install", "-at_install")
class TestAccess(ScorecardCase):
    """Who sees and does what, by the calls of a client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draft = cls._card()
        cls._give(cls.draft, attitude=4)
        cls.approved = cls._submitted(private_note=SECRET, summary="Sound")
        cls.approved.with_user(cls.manager).action_approve()
        cls.others = cls._approved(cls.other_customer)
        cls.cards = cls.draft + cls.approved + cls.others

    def seen(self, user, model="customer.scorecard", domain=None):
        domain = domain or [("id", "in", self.cards.ids)]
        return self.env[model].browse(self.rpc(user, self.env[model], "search", domain))

    def may(self, user, call):
        """Tell whether a call passes; whatever else than access goes wrong is an error of the test."""
        try:
            with self.env.cr.savepoint():
                call()
        except AccessError:
            return False
        return True

    def test_who_sees_which(self):
        for user, expected in (
            (self.evaluator, self.cards),
            (self.second, self.cards),
            (self.manager, self.cards),
            (self.reader, self.cards),
            (self.salesman, self.approved),
            (self.colleague, self.others),
        ):
            with self.subTest(user.login):
                self.assertEqual(self.seen(user), expected)
                answers = self.seen(user, "customer.scorecard.answer", [("scorecard_id", "in", self.cards.ids)])
                self.assertEqual(answers.scorecard_id, expected)
                for card in self.cards:
                    readable = self.may(user, partial(self.rpc, user, card, "read", ["score", "state", "summary"]))
                    self.assertIs(readable, card in expected)
                    readable = self.may(user, partial(self.rpc, user, card.answer_ids, "read", ["points", "evidence"]))
                    self.assertIs(readable, card in expected)

    def test_superseded_ones_stay_visible(self):
        newer = self._approved(points=3)
        self.cards |= newer
        self.assertEqual(self.approved.state, "superseded")
        self.assertEqual(self.seen(self.salesman), self.approved + newer)
        self.assertEqual(len(newer.with_user(self.salesman).trend), 2)

    def test_customer_changes_hands(self):
        self.customer.user_id = self.colleague
        self.assertFalse(self.seen(self.salesman))
        self.assertEqual(self.seen(self.colleague), self.approved + self.others)

    def test_salesperson_of_all_documents(self):
        chief = new_test_user(self.env, "scorecard_chief", "sales_team.group_sale_salesman_all_leads")
        self.assertEqual(self.seen(chief), self.approved + self.others)

    def test_nobody_else(self):
        employee = new_test_user(self.env, "scorecard_employee", "base.group_user")
        biller = new_test_user(self.env, "scorecard_biller", "account.group_account_invoice")
        public = self.env.ref("base.public_user")
        models = [
            f"customer.scorecard{suffix}"
            for suffix in ("", ".answer", ".template", ".version", ".criterion", ".anchor", ".band", ".run")
        ]
        for user in (self.portal, public, employee, biller):
            for model in models:
                for method, args in (("search_read", ([],)), ("create", ({},)), ("name_search", ("",))):
                    with self.subTest(user=user.login, model=model, method=method), self.assertRaises(AccessError):
                        self.rpc(user, self.env[model], method, *args)
            for method, args in (
                ("read", (["score"],)),
                ("get_comparison", ()),
                ("action_submit", ()),
                ("action_approve", ()),
                ("action_cancel", ()),
                ("message_post", ()),
            ):
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, self.approved, method, *args)

    def test_who_changes_what(self):
        Template = self.env["customer.scorecard.template"]
        attempts = {
            "answer": partial(self._rpc, self._answer(self.draft, "attitude"), "write", {"first_points": "2"}),
            "summary": partial(self._rpc, self.draft, "write", {"summary": "x"}),
            "new": partial(
                self._rpc,
                self.env["customer.scorecard"],
                "create",
                {"partner_id": self.customer.id, "template_id": self.template.id},
            ),
            "template": partial(self._rpc, Template, "create", {"name": "x"}),
            "version": partial(
                self._rpc, self.env["customer.scorecard.version"], "create", {"template_id": self.template.id}
            ),
            "run": partial(
                self._rpc, self.env["customer.scorecard.run"], "create", {"name": "x", "template_id": self.template.id}
            ),
            "freeze": partial(self._rpc, self.version, "action_freeze"),
        }
        expected = {
            self.evaluator: {"answer", "summary", "new"},
            self.second: {"new"},
            self.reader: set(),
            self.salesman: set(),
            self.manager: {"summary", "new", "template", "version", "run", "freeze"},
        }
        for user, allowed in expected.items():
            for name, call in attempts.items():
                with self.subTest(user=user.login, what=name):
                    try:
                        passed = self.may(user, partial(call, user))
                    except UserError:
                        passed = True  # it went wrong for another reason
                    self.assertIs(passed, name in allowed)

    def _rpc(self, record, method, *args):
        user = args[-1]
        return self.rpc(user, record, method, *args[:-1])

    def test_second_rater_gives_second_points_alone(self):
        card = self._card(second_user_id=self.second.id)
        capital = self._answer(card, "capital")
        for user, field, allowed in (
            (self.evaluator, "first_points", True),
            (self.evaluator, "second_points", False),
            (self.second, "second_points", True),
            (self.second, "first_points", False),
            (self.manager, "first_points", False),
            (self.manager, "second_points", False),
            (self.director, "agreed_points", False),
        ):
            with self.subTest(user=user.login, field=field):
                self.assertIs(self.may(user, partial(self.rpc, user, capital, "write", {field: "3"})), allowed)
                by_card = [Command.update(capital.id, {field: "2"})]
                self.assertIs(self.may(user, partial(self.rpc, user, card, "write", {"answer_ids": by_card})), allowed)

    def test_second_points_need_two_raters(self):
        card = self._card(second_user_id=self.second.id)
        with self.assertRaises(UserError):
            self.rpc(self.second, self._answer(card, "attitude"), "write", {"second_points": "3"})

    # === PRIVATE NOTES === #

    def private(self):
        answer = self._answer(self.draft, "attitude")
        answer.private_note = SECRET
        self.draft.private_note = SECRET
        self.env.flush_all()
        return answer

    def test_private_notes_are_private(self):
        """Not by reading, searching, sorting, grouping, exporting or by way of other fields."""
        (self.reader + self.salesman).group_ids += self.env.ref("base.group_allow_export")
        answer = self.private()
        attempts = []
        for record, user, path in (
            (self.draft, self.reader, "private_note"),
            (self.draft, self.reader, "answer_ids.private_note"),
            (answer, self.reader, "private_note"),
            (answer, self.reader, "scorecard_id.private_note"),
            (self.approved, self.salesman, "private_note"),
            (self.approved, self.salesman, "answer_ids.private_note"),
            (self.approved.answer_ids[:1], self.salesman, "private_note"),
        ):
            model = self.env[record._name]
            domain = [(path, "ilike", "brother")]
            attempts += [
                (user, f"search {path}", partial(self.rpc, user, model, "search", domain)),
                (user, f"count {path}", partial(self.rpc, user, model, "search_count", domain)),
                (user, f"name_search {path}", partial(self.rpc, user, model, "name_search", "", domain)),
                (user, f"export {path}", partial(self.rpc, user, record, "export_data", [path.replace(".", "/")])),
            ]
            if "." not in path:
                attempts += [
                    (user, f"read {path}", partial(self.rpc, user, record, "read", [path])),
                    (user, f"search_read {path}", partial(self.rpc, user, model, "search_read", [], [path])),
                    (user, f"order {path}", partial(self.rpc, user, model, "search", [], order=path)),
                    (
                        user,
                        f"group {path}",
                        partial(self.rpc, user, model, "formatted_read_group", [], [path], ["__count"]),
                    ),
                    (
                        user,
                        f"web_read {path}",
                        partial(self.rpc, user, record, "web_read", specification={path: {}}),
                    ),
                ]
        for user, name, call in attempts:
            with self.subTest(user=user.login, attempt=name):
                if "order" in name:
                    # Odoo may also ignore an order that it can't apply.
                    if self.may(user, call):
                        self.fail("sorted by what is secret")
                    continue
                self.assertFalse(self.may(user, call))

    def test_private_notes_read_by_those_who_may(self):
        answer = self.private()
        for user in (self.evaluator, self.second, self.manager):
            with self.subTest(user.login):
                self.assertEqual(self.rpc(user, self.draft, "read", ["private_note"])[0]["private_note"], SECRET)
                self.assertEqual(self.rpc(user, answer, "read", ["private_note"])[0]["private_note"], SECRET)
                found = self.seen(user, domain=[("private_note", "ilike", "brother")])
                self.assertEqual(found, self.draft + self.approved)

    def test_private_notes_nowhere_else(self):
        """Neither in what a reader gets by default, nor in the chatter, its tracking, names, exports of all fields."""
        (self.reader + self.salesman).group_ids += self.env.ref("base.group_allow_export")
        answer = self.private()
        self.draft.private_note = SECRET + " again"
        self._give(self.draft, action=4, stores=4, sales=4)
        self.draft.action_submit()
        self.draft.with_user(self.manager)._refuse("Look again")
        self.env.flush_all()
        everything = []
        for user in (self.reader, self.salesman):
            for record in (self.draft, self.approved, answer):
                if not record.with_user(user).has_access("read"):
                    continue
                everything.append(str(self.rpc(user, record, "read")))
                names = [
                    name
                    for name, description in self.rpc(user, record, "fields_get").items()
                    if description["type"] != "binary"
                ]
                self.assertNotIn("private_note", names)
                everything.append(str(self.rpc(user, record, "export_data", ["id", "display_name"])))
        messages = self.env["mail.message"].search(
            [("model", "=", "customer.scorecard"), ("res_id", "in", self.cards.ids)]
        )
        self.assertTrue(messages)
        everything += [
            str(messages.mapped("body")),
            str(messages.sudo().tracking_value_ids.mapped("new_value_text")),
            str(messages.sudo().tracking_value_ids.mapped("new_value_char")),
            str(self.env["mail.activity"].search([("res_model", "=", "customer.scorecard")]).mapped("note")),
            str(self.draft.explanation) + str(self.draft.picture) + str(self.draft.display_name),
        ]
        self.assertNotIn("brother", "\n".join(everything))

    # === FIGURES === #

    def test_figures_of_the_whole_company(self):
        """What share of the company's sales somebody has tells a salesperson what the company sells."""
        metric = self.env["customer.metric"].search([("whole_company", "=", True)], limit=1)
        self.assertTrue(metric)
        template = self.env["customer.scorecard.template"].create({"name": "Share"})
        version = self.env["customer.scorecard.version"].create(
            {
                "template_id": template.id,
                "band_ids": [Command.create({"name": "A", "score_from": 0})],
                "criterion_ids": [
                    Command.create(
                        {
                            "name": "Share",
                            "kind": "metric",
                            "metric_id": metric.id,
                            "anchor_ids": [Command.create({"points": 3, "metric_band": True, "metric_from": 0})],
                        }
                    )
                ],
            }
        )
        version.with_user(self.manager).action_freeze()
        self._order()
        card = self._approved(template=template)
        self.assertTrue(card.answer_ids.metric_known)
        self.assertTrue(card.answer_ids.with_user(self.reader).value_text)
        answer = card.answer_ids.with_user(self.salesman)
        self.assertFalse(answer.value_text)
        self.assertEqual(answer.points, 3.0)
        with self.assertRaises(AccessError):
            self.rpc(self.salesman, card.answer_ids, "read", ["metric_value"])

    # === COMPANIES === #

    def test_companies(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        self.manager.company_ids += company
        foreign = self._card(user=self.manager, company_id=company.id)
        for user in (self.evaluator, self.reader):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, foreign, "read", ["score"])
            with self.assertRaises(AccessError):
                self.rpc(user, foreign.answer_ids, "read", ["points"])
        template = self.env["customer.scorecard.template"].create({"name": "Foreign", "company_id": company.id})
        version = self._draft(template)
        for record in (template, version, version.criterion_ids, version.band_ids, version.criterion_ids.anchor_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                self.rpc(self.evaluator, record, "read", ["display_name"])

    # === FILES === #

    def test_files_follow_their_answer(self):
        card = self._card()
        stores = self._answer(card, "stores")
        file_id = self.rpc(
            self.evaluator, self.env["ir.attachment"], "create", {"name": "deed.txt", "raw": "owner", "public": True}
        )
        file = self.env["ir.attachment"].browse(file_id)
        self.rpc(self.evaluator, stores, "write", {"attachment_ids": [Command.link(file_id)], "first_points": "3"})
        self.assertEqual((file.res_model, file.res_id, file.public), (stores._name, stores.id, False))
        self._give(card, attitude=4, action=4)
        expected = {self.evaluator: True, self.second: True, self.reader: True, self.manager: True, self.portal: False}
        for state, seen_by_salesman in (("draft", False), ("approved", True)):
            if state == "approved":
                card.action_submit()
                card.with_user(self.manager).action_approve()
            for user, readable in {**expected, self.salesman: seen_by_salesman, self.colleague: False}.items():
                with self.subTest(user=user.login, state=state):
                    self.assertIs(self.may(user, partial(self.rpc, user, file, "read", ["raw"])), readable)
                    found = self.rpc(user, self.env["ir.attachment"], "search", [("id", "=", file_id)])
                    self.assertIs(bool(found), readable)

    def test_files_of_others_are_not_taken(self):
        stores = self._answer(self.draft, "stores")
        elsewhere = self.env["ir.attachment"].create(
            {"name": "x", "raw": b"x", "res_model": "res.partner", "res_id": self.customer.id}
        )
        loose = self.env["ir.attachment"].with_user(self.second).create({"name": "y", "raw": b"y"})
        for file, error in ((elsewhere, UserError), (loose, AccessError)):
            with self.subTest(file.name), self.assertRaises(error):
                self.rpc(self.evaluator, stores, "write", {"attachment_ids": [Command.link(file.id)]})
