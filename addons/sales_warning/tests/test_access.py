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
