from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from .common import SalesWarningCommon

QUIET = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule", "odoo.http")


@tagged("post_install", "-at_install")
class TestAccess(HttpCase, SalesWarningCommon):
    """Who sees and does what, as real users over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.reader | cls.handler | cls.manager | cls.director | cls.seller | cls.other_seller | cls.clerk:
            user.password = user.login + "_secret"
        cls.portal.password = cls.portal.login + "_secret"

    def setUp(self):
        super().setUp()
        self._invoice(self.TODAY - timedelta(days=40), 500, partner=self.other_customer)
        self.case = self._case()
        self.other_case = self._cases(self.other_customer)
        self.both = self.case | self.other_case

    def _call(self, user, method, model="warning.case", args=(), kwargs=None):
        self.authenticate(user.login, user.login + "_secret")
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs or {}},
        )

    def _allowed(self, user, method, args=(), model="warning.case"):
        try:
            with mute_logger(*QUIET), self.env.cr.savepoint():
                self._call(user, method, model, args)
                return True
        except JsonRpcException:
            return False

    def test_who_sees_what(self):
        domain = [("id", "in", self.both.ids)]
        for user, expected in (
            (self.seller, self.case),
            (self.other_seller, self.other_case),
            (self.clerk, self.Case),
            (self.leader, self.Case),
            (self.reader, self.both),
            (self.handler, self.both),
            (self.manager, self.both),
            (self.director, self.both),
        ):
            self.assertEqual(self.Case.with_user(user).search(domain).sudo(), expected, user.login)
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            self.Case.with_user(self.portal).search(domain)

    def test_what_they_do_over_rpc(self):
        ids = [self.case.ids]
        forced = [self.case.ids, {"state": "closed"}]
        matrix = {
            "seller": (True, True, False, False),
            "other_seller": (False, False, False, False),
            "reader": (True, False, False, False),
            "handler": (True, True, False, False),
            "manager": (True, True, False, False),
            "clerk": (False, False, False, False),
            "portal": (False, False, False, False),
        }
        for name, expected in matrix.items():
            user = getattr(self, name)
            found = (
                self._allowed(user, "read", [self.case.ids, ["state"]]),
                self._allowed(user, "action_investigate", ids),
                self._allowed(user, "write", forced),
                self._allowed(user, "_close", [self.case.ids, "false"]),
            )
            self.assertEqual(found, expected, name)

    def test_the_own_customers_only_over_rpc(self):
        found = self._call(self.seller, "search_read", args=[[], ["partner_id"]])
        self.assertEqual([row["id"] for row in found], self.case.ids)
        history = self._call(self.seller, "search_read", "warning.case.log", args=[[], ["case_id"]])
        self.assertEqual({row["case_id"][0] for row in history}, set(self.case.ids))
        for model in ("warning.case", "warning.case.log", "warning.rule", "warning.incident", "warning.run"):
            for method, args in (("search_read", [[]]), ("read_group", [[], ["id:count"], []])):
                self.assertFalse(self._allowed(self.portal, method, args, model), f"{method} {model}")

    def test_closing_a_red_case_over_rpc(self):
        def close(user, **values):
            wizard = {"case_ids": [[6, 0, self.case.ids]], "decision": "close", "outcome": "confirmed", **values}
            with mute_logger(*QUIET), self.env.cr.savepoint():
                [wizard_id] = self._call(user, "create", "warning.case.decision", [[wizard]])
                return self._call(user, "action_confirm", "warning.case.decision", [[wizard_id]])

        explained = {"cause": "Fell out with the boss", "measures": "The director calls on them"}
        for user, values, refusal in (
            (self.seller, {}, "UserError"),
            (self.seller, {"cause": "Fell out"}, "UserError"),
            (self.seller, {"measures": "A call"}, "UserError"),
            (self.director, {}, "UserError"),
            (self.seller, {**explained, "outcome": False}, "UserError"),
            (self.other_seller, explained, "AccessError"),
            (self.reader, explained, "AccessError"),
            (self.clerk, explained, "AccessError"),
            (self.portal, explained, "AccessError"),
        ):
            with self.assertRaisesRegex(JsonRpcException, refusal):
                close(user, **values)
        self.assertEqual((self.case.state, self.case.cause), ("open", False))
        close(self.seller, **explained)
        self.assertEqual((self.case.state, self.case.closed_by), ("closed", self.seller))
        self.assertFalse(self._allowed(self.seller, "write", [self.case.ids, {"cause": "Another"}]))

    def test_what_is_written_directly_over_rpc(self):
        case = [self.case.ids]
        for values in (
            {"state": "closed"},
            {"level": "amber"},
            {"worst_level": "amber"},
            {"user_id": self.seller.id},
            {"outcome": "false"},
            {"snooze_until": "2030-01-01"},
            {"deadline": "2030-01-01"},
            {"reason": "churn"},
            {"figures": {}},
            {"clean_runs": 2},
            {"stops_expense": False},
            {"cause": "x", "state": "closed"},
        ):
            for user in (self.seller, self.handler, self.director):
                self.assertFalse(self._allowed(user, "write", [*case, values]), f"{user.login} {values}")
        self.assertFalse(self._allowed(self.reader, "write", [*case, {"cause": "x"}]))
        self.assertFalse(self._allowed(self.other_seller, "write", [*case, {"cause": "x"}]))
        self.assertTrue(self._allowed(self.seller, "write", [*case, {"cause": "x"}]))
        rule = self.case.rule_id
        for user in (self.seller, self.handler):
            self.assertFalse(self._allowed(user, "write", [rule.ids, {"red": 999}], "warning.rule"))
            self.assertFalse(self._allowed(user, "action_switch_off", [rule.ids], "warning.rule"))
        self.assertFalse(self._allowed(self.director, "write", [rule.ids, {"state": "off"}], "warning.rule"))
        [made] = self._call(
            self.manager, "create", "warning.rule", [[{"name": "x", "metric_id": rule.metric_id.id, "state": "on"}]]
        )
        self.assertEqual(self.env["warning.rule"].browse(made).state, "draft")
        log = self.case.log_ids[:1]
        self.assertFalse(self._allowed(self.director, "write", [log.ids, {"note": "x"}], "warning.case.log"))
        self.assertFalse(self._allowed(self.director, "unlink", [case[0]]))

    def test_others_models(self):
        for model, create in (
            ("warning.case", {}),
            ("warning.case.log", {}),
            ("warning.run", {}),
            ("warning.digest", {}),
        ):
            for user in (self.seller, self.handler, self.manager, self.director, self.portal):
                self.assertFalse(self._allowed(user, "create", [create], model), f"{user.login} {model}")
                self.assertFalse(self._allowed(user, "unlink", [[1]], model), f"{user.login} {model}")

    def test_the_form_of_a_customer_opens_for_everybody(self):
        for user in (self.seller, self.clerk, self.reader):
            self.customer.with_user(user).get_view(view_type="form")
            count = self.customer.with_user(user).warning_count
            self.assertEqual(count, 0 if user == self.clerk else 1, user.login)
