from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import HoldCase


@tagged("post_install", "-at_install")
class TestDecisions(HoldCase):
    """C7: release and refusal, by the right people, on record."""

    def setUp(self):
        super().setUp()
        self.held = self.order(11)
        self.held.action_confirm()
        self.hold = self.held.sudo().hold_ids

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("sale_order_hold.ir_cron_expire_releases").method_direct_trigger()

    def test_deciders_are_asked_and_the_activity_ends(self):
        activities = self.hold.activity_ids
        self.assertIn(self.controller, activities.user_id)
        self.assertNotIn(self.salesman, activities.user_id)
        self.release(self.held)
        self.assertFalse(self.hold.activity_ids)

    def test_named_deciders(self):
        self.env.company.hold_decider_ids = self.controller
        other = self.order(11)
        other.action_confirm()
        self.assertEqual(other.sudo().hold_ids.activity_ids.user_id, self.controller)
        self.assertEqual(other.hold_deciders, "Conny Controller")

    def test_release_confirms(self):
        code = self.env.ref("sale_order_hold.code_payment_received")
        until = fields.Date.today() + timedelta(days=3)
        hold = self.release(self.held, amount=1200.0, valid_until=until, code=code)
        self.assertEqual((self.held.state, self.held.hold_state), ("sale", "released"))
        self.assertRecordValues(
            hold.sudo(),
            [
                {
                    "state": "released",
                    "decision_by": self.controller.id,
                    "decision_reason": "Paid by wire",
                    "decision_code_id": code.id,
                    "amount": 1100.0,
                    "amount_authorised": 1200.0,
                    "valid_until": until,
                    "automatic": False,
                }
            ],
        )
        answer = self.held.message_ids[:5].filtered(lambda message: "Paid by wire" in message.body)
        self.assertIn(self.salesman.partner_id, answer.notified_partner_ids)

    def test_release_without_confirming(self):
        self.release(self.held, confirm=False, valid_until=fields.Date.today() + timedelta(days=3))
        self.assertEqual((self.held.state, self.held.hold_state), ("draft", "released"))
        with self.subTest("a larger order is held again"):
            self.held.order_line.product_uom_qty = 12
            self.held.action_confirm()
            self.assertEqual((self.held.state, self.held.hold_state), ("draft", "held"))
        with self.subTest("as large as authorised it passes"):
            self.held.order_line.product_uom_qty = 11
            self.held.action_confirm()
            self.assertEqual((self.held.state, self.held.hold_state), ("sale", "released"))

    def test_validity_is_half_open(self):
        today = fields.Date.today()
        self.release(self.held, confirm=False, valid_until=today + timedelta(days=2))
        with freeze_time(today + timedelta(days=2)):
            self.run_cron()
            self.assertEqual(self.held.hold_state, "held")
            self.held.action_confirm()
            self.assertEqual(self.held.state, "draft")

    def test_last_valid_day(self):
        today = fields.Date.today()
        self.release(self.held, confirm=False, valid_until=today + timedelta(days=2))
        with freeze_time(today + timedelta(days=1)):
            self.run_cron()
            self.assertEqual(self.held.hold_state, "released")
            self.held.action_confirm()
            self.assertEqual(self.held.state, "sale")

    def test_days_begin_on_the_clock_of_the_company(self):
        self.env.company.partner_id.tz = "Asia/Shanghai"
        today = fields.Date.today()
        self.release(self.held, confirm=False, valid_until=today + timedelta(days=2))
        with freeze_time(f"{today + timedelta(days=1)} 17:00:00"):
            # In Shanghai the day on which the release no longer counts has begun.
            self.held.with_context(tz="America/Los_Angeles").action_confirm()
            self.assertEqual((self.held.state, self.held.hold_state), ("draft", "held"))

    def test_bad_input(self):
        hold = self.hold.with_user(self.controller)
        with self.assertRaisesRegex(UserError, "less than the order's"):
            hold._release("Why not", amount=1099.99)
        with self.assertRaisesRegex(UserError, "not in the future"):
            hold._release("Why not", valid_until=fields.Date.today())
        for reason in ("", "   ", None):
            with self.assertRaisesRegex(UserError, "Give the reason"):
                hold._release(reason)
        self.assertEqual((self.hold.state, self.held.state, self.held.hold_state), ("held", "draft", "held"))

    def test_decided_is_immutable(self):
        self.release(self.held)
        for vals in (
            {"state": "held"},
            {"decision_reason": "Other"},
            {"amount_authorised": 1e9},
            {"valid_until": False},
            {"order_id": self.order(1).id},
        ):
            with self.assertRaisesRegex(UserError, "kept as it is"):
                self.hold.write(vals)
        with self.assertRaises(UserError):
            self.hold.reason_ids.write({"figures": {}})
        with self.assertRaises(UserError):
            self.hold.reason_ids.unlink()
        with self.assertRaises(UserError):
            self.hold.unlink()
        with self.assertRaisesRegex(UserError, "doesn't wait"):
            self.hold.with_user(self.controller)._release("Again")
        with self.assertRaisesRegex(UserError, "doesn't wait"):
            self.hold.with_user(self.controller)._refuse("Again")

    def test_refusal_stands(self):
        self.hold.with_user(self.controller)._refuse("Pays too late")
        self.assertEqual((self.held.state, self.held.hold_state), ("draft", "refused"))
        todo = self.held.activity_ids.filtered(lambda activity: activity.user_id == self.salesman)
        self.assertIn("Pays too late", str(todo.note))
        with self.subTest("confirming again doesn't ask again"):
            self.held.action_confirm()
            self.assertEqual((self.held.state, self.held.hold_state), ("draft", "refused"))
            self.assertEqual(len(self.held.sudo().hold_ids), 1)
        with self.subTest("a changed order is another case"):
            self.held.order_line.product_uom_qty = 12
            self.held.action_confirm()
            self.assertEqual(self.held.hold_state, "held")
            self.assertEqual(len(self.held.sudo().hold_ids), 2)
        with self.subTest("a small one passes"):
            self.held.order_line.product_uom_qty = 2
            self.held.action_confirm()
            self.assertEqual((self.held.state, self.held.hold_state), ("sale", "clear"))

    def test_check_again(self):
        self.held.order_line.product_uom_qty = 9
        self.held.action_hold_check_again()
        self.assertEqual((self.held.state, self.held.hold_state, self.hold.state), ("draft", "clear", "lapsed"))

    def test_check_again_refreshes_the_figures(self):
        self.held.order_line.product_uom_qty = 15
        self.held.action_hold_check_again()
        self.assertEqual((self.hold.state, self.hold.amount), ("held", 1500.0))
        self.assertIn("1500.00", self.hold.message)

    def test_cancel_and_set_back(self):
        self.held.action_cancel()
        self.assertEqual((self.held.hold_state, self.hold.state), ("clear", "lapsed"))
        self.held.action_draft()
        self.held.action_confirm()
        self.assertEqual(self.held.hold_state, "held")

    def test_hold_by_hand(self):
        order = self.order(1)
        with self.assertRaises(AccessError):
            order.action_hold_force()
        with self.assertRaises(AccessError):
            order._hold_force("I say so")
        wizard = (
            self.env["sale.order.hold.force"]
            .with_user(self.controller)
            .create({"order_ids": order.ids, "note": "Check the licence"})
        )
        wizard.action_hold()
        self.assertEqual(order.hold_state, "held")
        self.assertIn("Check the licence", order.hold_message)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        self.release(order)
        self.assertEqual(order.state, "sale")

    def test_form(self):
        action = self.hold.with_user(self.controller).action_release()
        form = Form(self.env["sale.order.hold.decision"].with_user(self.controller).with_context(**action["context"]))
        self.assertEqual(form.amount, 1100.0)
        form.code_id = self.env.ref("sale_order_hold.code_payment_received")
        form.reason = "Seen on the bank statement"
        form.save().action_decide()
        self.assertEqual(self.held.state, "sale")

    def test_mass_release(self):
        second = self.order(12)
        second.action_confirm()
        holds = self.hold + second.sudo().hold_ids
        action = holds.with_user(self.controller).action_release()
        form = Form(self.env["sale.order.hold.decision"].with_user(self.controller).with_context(**action["context"]))
        form.code_id = self.env.ref("sale_order_hold.code_management")
        form.reason = "Year-end campaign"
        form.save().action_decide()
        self.assertEqual((self.held + second).mapped("state"), ["sale", "sale"])
        self.assertEqual(holds.mapped("amount_authorised"), [1100.0, 1200.0])

    def test_no_deletion(self):
        self.release(self.held, confirm=False)
        with self.assertRaisesRegex(UserError, "on record"):
            self.held.sudo().unlink()

    def test_sentence_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.order(1)
        order.with_user(self.controller)._hold_force("GSP")
        reason = order.sudo().hold_ids.reason_ids
        self.assertEqual(reason.message, "Held by Conny Controller: GSP")
        self.assertEqual(reason.with_context(lang="zh_CN").message, "Conny Controller 手工冻结：GSP")
