from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestWorkflow(ComplaintCommon):
    """A3: each state is reached through its step, by the right person."""

    def test_whole_way(self):
        complaint = self._take(self._complaint(), "closed")
        self.assertEqual(complaint.state, "closed")
        self.assertEqual(
            complaint.step_ids.mapped(lambda step: (step.kind, step.user_id)),
            [
                ("received", self.handler),
                ("acknowledged", self.handler),
                ("assessed", self.handler),
                ("investigating", self.investigator),
                ("decided", self.decider),
                ("notified", self.handler),
                ("closed", self.handler),
            ],
        )
        decided = complaint.step_ids.filtered(lambda step: step.kind == "decided")
        self.assertEqual(decided.figures["findings"], "Rain came in")
        self.assertTrue(complaint.name.startswith("CP2025-"))
        self.assertEqual((complaint.investigator_id, complaint.decider_id), (self.investigator, self.decider))

    def test_own_investigation(self):
        complaint = self._take(self._complaint(), "assessed")
        complaint.with_user(self.manager).action_investigate()
        own = complaint.with_user(self.manager)
        own.write(
            {
                "findings": "Rain",
                "cause_id": self.cause.id,
                "responsibility": "own",
                "decision": "accepted",
                "decision_note": "Right",
            }
        )
        with self.assertRaisesRegex(AccessError, "another person decides"):
            own.action_decide()
        with self.assertRaisesRegex(AccessError, "investigated by"):
            complaint.with_user(self.investigator).findings = "Nothing at all"
        complaint.with_user(self.decider).action_decide()
        self.assertEqual(complaint.state, "decided")

    def test_four_eyes_above_the_cap(self):
        complaint = self._take(self._complaint(), "investigating")
        remedy = self._remedy(complaint, "compensation", 0, amount=500.01)
        decider = complaint.with_user(self.decider)
        decider.write({"decision": "accepted", "decision_note": "Right"})
        decider.action_decide()
        self.assertEqual((complaint.state, complaint.first_decider_id), ("investigating", self.decider))
        with self.assertRaisesRegex(AccessError, "signed already"):
            decider.action_decide()
        with self.subTest("what was signed stays"), self.assertRaises(UserError):
            remedy.write({"amount": 5})
        with self.subTest("what was signed stays"), self.assertRaises(UserError):
            complaint.with_user(self.second).write({"decision_note": "Else"})
        with self.subTest("investigator"), self.assertRaises(AccessError):
            complaint.with_user(self.investigator).action_decide()
        complaint.with_user(self.second).action_decide()
        self.assertEqual((complaint.state, complaint.decider_id), ("decided", self.second))
        self.assertEqual(complaint.step_ids.mapped("kind")[-2:], ["signed", "decided"])
        self.assertEqual(complaint.step_ids[-1].figures["amount"], 500.01)

    def test_second_signature_needs_the_cap(self):
        complaint = self._take(self._complaint(), "investigating")
        self._remedy(complaint, "compensation", 0, amount=6000)
        decider = complaint.with_user(self.decider)
        decider.write({"decision": "accepted", "decision_note": "Right"})
        decider.action_decide()
        with self.assertRaisesRegex(AccessError, "above your cap"):
            complaint.with_user(self.second).action_decide()
        complaint.with_user(self.manager).action_decide()
        self.assertEqual(complaint.state, "decided")

    def test_cap_reached_is_enough(self):
        complaint = self._take(self._complaint(), "investigating")
        self._remedy(complaint, "compensation", 0, amount=500)
        self._take(complaint, "decided")
        self.assertEqual(complaint.decider_id, self.decider)

    def test_no_closing_without_proof(self):
        complaint = self._take(self._complaint(), "decided")
        with self.assertRaisesRegex(UserError, "is Decided"):
            complaint.with_user(self.handler).action_close()
        handler = complaint.with_user(self.handler)
        with self.assertRaisesRegex(UserError, "whom you spoke to"):
            handler._notify("call", {"content": "Told", "person": "Ms Shen"})
        with self.assertRaisesRegex(UserError, "tracking number"):
            handler._notify("letter", {"content": "Told", "person": "Ms Shen"})
        with self.assertRaisesRegex(UserError, "what the customer is told"):
            handler._notify("message", {"content": " "})
        self.assertEqual(complaint.state, "decided")
        notice = handler._notify("message", {"content": "We make it good"})
        self.assertEqual(notice.message_id.partner_ids, self.customer)
        with self.subTest("a message that came back"):
            notice.message_id.notification_ids.notification_status = "bounce"
            with self.assertRaisesRegex(UserError, "nothing shows that the customer was told"):
                handler.action_close()
        with self.subTest("the proof is kept"), self.assertRaises(UserError):
            notice.message_id.sudo().unlink()
        handler._notify("letter", {"content": "Told", "person": "Ms Shen", "tracking_number": "EMS 1"})
        handler.action_close()
        self.assertEqual(complaint.state, "closed")

    def test_notice_before_reopening_is_no_proof(self):
        complaint = self._take(self._complaint(), "notified")
        complaint.with_user(self.user).sudo()._respond("objected", "Too little")
        self.assertEqual((complaint.state, complaint.round), ("reopened", 2))
        complaint.with_user(self.investigator).action_investigate()
        complaint.with_user(self.decider).action_decide()
        self.assertEqual(complaint.state, "decided")
        with self.assertRaisesRegex(UserError, "is Decided"):
            complaint.with_user(self.handler).action_close()

    def test_promises_are_made_before_closing(self):
        complaint = self._take(self._complaint(), "investigating")
        remedy = self._remedy(complaint, "compensation", 0, amount=50)
        self._take(complaint, "notified")
        with self.assertRaisesRegex(UserError, "isn't done yet"):
            complaint.with_user(self.handler).action_close()
        remedy.with_user(self.handler).action_make()
        complaint.with_user(self.handler).action_close()
        self.assertEqual(remedy.sudo().move_id.complaint_id, complaint)

    def test_closed_is_taken_up_by_a_new_one(self):
        complaint = self._take(self._complaint(), "closed")
        with self.assertRaises(AccessError):
            complaint.with_user(self.handler)._reopen("Again")
        follow_up = complaint.with_user(self.manager)._reopen("Again")
        self.assertEqual((follow_up.state, follow_up.origin_id), ("reopened", complaint))
        self.assertEqual((complaint.state, follow_up.line_ids.quantity), ("closed", 2))
        with self.assertRaisesRegex(UserError, "already"):
            complaint.with_user(self.manager)._reopen("Again")

    def test_owner_and_next_step_always(self):
        complaint = self._complaint()
        self.assertTrue(complaint.user_id and complaint.next_step and complaint.next_step_date)
        self.assertFalse(complaint.adrift)
        for values in ({"user_id": False}, {"next_step": False}, {"next_step": ""}, {"next_step_date": False}):
            with self.subTest(values), self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                complaint.with_user(self.handler).write(values)
                complaint.flush_recordset()
        found = self.env["complaint.complaint"].search([("adrift", "=", True)])
        self.assertNotIn(complaint, found)
        self.handler.active = False
        self.assertIn(complaint, self.env["complaint.complaint"].search([("adrift", "=", True)]))
        complaint.invalidate_recordset()
        self.assertTrue(complaint.adrift)

    def test_duplicates(self):
        first = self._complaint()
        other = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
        second = self._complaint()
        self.assertEqual(second.duplicate_ids, first)
        self.assertFalse(other.duplicate_ids)

    def test_another_customers_order(self):
        order = self._delivered(1, partner=self.other_customer)
        with self.assertRaises(ValidationError):
            self._complaint(order_id=order.id)
        with self.assertRaises(ValidationError):
            self._complaint(
                line_ids=[
                    Command.create(
                        {
                            "kind_id": self.quality.id,
                            "product_id": self.goods.id,
                            "quantity": 1,
                            "order_line_id": order.order_line.id,
                        }
                    )
                ]
            )
