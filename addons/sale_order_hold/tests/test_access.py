from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from .common import HoldCase


@tagged("post_install", "-at_install")
class TestAccess(HoldCase):
    """C7, C9: who sees, decides and changes what, tried by RPC."""

    def setUp(self):
        super().setUp()
        self.held = self.order(11)
        self.held.action_confirm()
        self.hold = self.held.sudo().hold_ids

    def rpc(self, user, method, *args, model="sale.order.hold", **kwargs):
        return call_kw(self.env[model].with_user(user), method, list(args), kwargs)

    def test_read(self):
        portal = new_test_user(self.env, "hold_portal", "base.group_portal")
        self.assertEqual(self.rpc(self.salesman, "search_count", [("id", "=", self.hold.id)]), 1)
        self.assertEqual(self.rpc(self.controller, "search_count", [("id", "=", self.hold.id)]), 1)
        self.assertEqual(self.rpc(self.colleague, "search_count", [("id", "=", self.hold.id)]), 0)
        with self.assertRaises(AccessError):
            self.rpc(self.colleague, "read", self.hold.ids, ["amount"])
        with self.assertRaises(AccessError):
            self.rpc(portal, "search_count", [("id", "=", self.hold.id)])
        reason_domain = [("hold_id", "=", self.hold.id)]
        self.assertEqual(self.rpc(self.colleague, "search_count", reason_domain, model="sale.order.hold.reason"), 0)
        self.assertEqual(
            self.rpc(self.controller, "read", self.held.ids, ["name"], model="sale.order")[0]["id"], self.held.id
        )

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        outsider = new_test_user(
            self.env,
            "hold_outsider",
            "sale_order_hold.group_hold_controller",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.assertEqual(self.rpc(outsider, "search_count", [("id", "=", self.hold.id)]), 0)
        with self.assertRaises(AccessError):
            self.hold.with_user(outsider)._release("x")
        self.assertNotIn(outsider, self.hold._deciders())

    def test_nobody_writes_holds(self):
        admin = self.env.ref("base.user_admin")
        for user in (self.salesman, self.controller, admin):
            for method, args in {
                "write": (self.hold.ids, {"state": "released"}),
                "unlink": (self.hold.ids,),
                "create": ([{"order_id": self.held.id, "keeper": "manual", "company_id": self.env.company.id}],),
                "copy": (self.hold.ids,),
            }.items():
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, method, *args)
            with self.assertRaises(AccessError):
                self.rpc(user, "write", self.hold.reason_ids.ids, {"figures": {}}, model="sale.order.hold.reason")

    def test_salesman_decides_nothing(self):
        for method in ("action_release", "action_refuse"):
            with self.assertRaisesRegex(AccessError, "Conny Controller"):
                self.rpc(self.salesman, method, self.hold.ids)
        with self.assertRaises(AccessError):
            self.rpc(
                self.salesman,
                "create",
                [{"hold_ids": self.hold.ids, "decision": "released"}],
                model="sale.order.hold.decision",
            )
        with self.assertRaises(AccessError):
            self.rpc(
                self.salesman, "create", [{"order_ids": self.held.ids, "note": "x"}], model="sale.order.hold.force"
            )
        self.assertEqual((self.held.state, self.hold.state), ("draft", "held"))

    def test_wizard_of_another(self):
        """A decision form that somebody else prepared doesn't decide for a salesperson."""
        code = self.env.ref("sale_order_hold.code_management")
        wizard = (
            self.env["sale.order.hold.decision"]
            .with_user(self.controller)
            .create({"hold_ids": self.hold.ids, "code_id": code.id, "reason": "x"})
        )
        with self.assertRaises(AccessError):
            self.rpc(self.salesman, "action_decide", wizard.ids, model="sale.order.hold.decision")
        with self.assertRaises(AccessError):
            wizard.with_user(self.salesman).sudo().with_user(self.salesman).hold_ids._release("x")
        self.assertEqual(self.hold.state, "held")

    def test_controller_changes_no_order(self):
        conny = new_test_user(self.env, "hold_only", "sale_order_hold.group_hold_controller")
        with self.assertRaises(AccessError):
            self.rpc(conny, "write", self.held.ids, {"client_order_ref": "x"}, model="sale.order")
        self.hold.with_user(conny)._release("May confirm by releasing only")
        self.assertEqual(self.held.state, "sale")
