import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import ComplaintCommon

# What is refused for want of a right is one of these, too.
REFUSED = UserError


@tagged("post_install", "-at_install")
class TestDoors(ComplaintCommon):
    """By RPC, with whatever context: no way past a step, no figure of somebody else's making."""

    def rpc(self, model, method, *args, user=None, **kwargs):
        args = json.loads(json.dumps(list(args), default=str))
        return call_kw(self.env[model].with_user(user or self.handler), method, args, kwargs)

    def _flushed(self, *call, **kwargs):
        with self.cr.savepoint():
            self.rpc(*call, **kwargs)
            self.env.flush_all()

    # === WHAT THE CONTEXT SAYS === #

    def test_defaults_are_no_step(self):
        complaint = self._take(self._complaint(), "investigating")
        line = complaint.line_ids
        forged = {
            "default_state": "approved",
            "default_exception_by": self.handler.id,
            "default_exception_reason": "Old friend",
            "default_received_by": self.handler.id,
            "default_value": 1,
            "default_partner_id": self.other_customer.id,
        }
        values = {"complaint_id": complaint.id, "kind": "return", "line_id": line.id, "quantity": 1}
        (number,) = self.rpc("complaint.remedy", "create", [values], context=forged)
        remedy = self.env["complaint.remedy"].browse(number)
        self.assertEqual(
            (remedy.state, remedy.exception_by.id, remedy.exception_reason, remedy.received_by.id, remedy.partner_id),
            ("proposed", False, False, False, self.customer),
        )
        repackage = self._remedy(complaint, "repackage", 1)
        forged = {"default_move_id": self.order.picking_ids.move_ids.id, "default_unit_cost": 0.01, "default_cost": 1}
        values = {"remedy_id": repackage.id, "product_id": self.goods.id, "quantity": 1}
        (number,) = self.rpc("complaint.material", "create", [values], context=forged)
        material = self.env["complaint.material"].browse(number)
        self.assertEqual((material.move_id.id, material.cost), (False, 60))
        forged = {"default_state": "effective", "default_result": "Helped", "default_done_by": self.user.id}
        values = {"name": "Roof", "user_id": self.user.id, "due_date": "2025-07-31"}
        (number,) = self.rpc("complaint.corrective.action", "create", [values], context=forged)
        action = self.env["complaint.corrective.action"].browse(number)
        self.assertEqual((action.state, action.result, action.done_by.id), ("open", False, False))
        forged = {
            "default_partner_id": self.other_customer.id,
            "default_company_id": self.env.ref("base.main_company").id,
        }
        values = {"complaint_id": complaint.id, "kind_id": self.env.ref("aftersales_complaint.complaint_kind_price").id}
        (number,) = self.rpc("complaint.line", "create", [values], context=forged)
        line = self.env["complaint.line"].browse(number)
        self.assertEqual((line.partner_id, line.company_id), (self.customer, self.company))

    def test_a_complaint_begins_at_the_beginning(self):
        forged = {
            "default_state": "closed",
            "default_decider_id": self.decider.id,
            "default_notified_on": "2025-07-01 10:00:00",
            "default_name": "CP1999-1",
            "default_step_ids": [Command.create({"kind": "closed"})],
        }
        values = {"partner_id": self.customer.id, "subject": "Wet"}
        (number,) = self.rpc("complaint.complaint", "create", [values], context=forged)
        complaint = self.env["complaint.complaint"].browse(number)
        self.assertEqual((complaint.state, complaint.decider_id.id, complaint.notified_on), ("received", False, False))
        self.assertTrue(complaint.name.startswith("CP2025-"))
        self.assertEqual(complaint.step_ids.mapped("kind"), ["received"])
        for name, value in (
            ("decided_on", "2025-07-01 10:00:00"),
            ("step_ids", [Command.create({"kind": "closed"})]),
            ("notice_ids", [Command.create({"kind": "call", "person": "x", "content": "x"})]),
            ("rating_last_value", 5),
            ("hours_to_answer", 1),
            ("remedy_ids", [Command.create({"kind": "compensation", "amount": 5})]),
        ):
            with self.subTest(name), self.assertRaises(REFUSED):
                self._flushed("complaint.complaint", "create", [{**values, name: value}])

    def test_import(self):
        for names, row in (
            (["partner_id/.id", "subject", "state"], [str(self.customer.id), "Wet", "Closed"]),
            (["partner_id/.id", "subject", "decider_id/.id"], [str(self.customer.id), "Wet", str(self.decider.id)]),
        ):
            with self.subTest(names):
                before = self.env["complaint.complaint"].search_count([])
                result = self.rpc("complaint.complaint", "load", names, [row])
                self.assertFalse(result["ids"])
                self.assertEqual(self.env["complaint.complaint"].search_count([]), before)
        complaint = self._complaint()
        result = self.rpc("complaint.complaint", "load", [".id", "state"], [[str(complaint.id), "Closed"]])
        self.assertFalse(result["ids"])
        for model in ("complaint.step", "complaint.notice", "complaint.escalation"):
            with self.subTest(model):
                result = None
                try:
                    result = self.rpc(model, "load", ["complaint_id/.id", "kind"], [[str(complaint.id), "closed"]])
                except REFUSED:
                    continue
                self.assertFalse(result["ids"])

    # === WHAT IS WRITTEN BY HAND === #

    def test_figures_are_nobodys_to_write(self):
        complaint = self._take(self._complaint(), "investigating")
        line = complaint.line_ids
        other = self._take(self._complaint(), "acknowledged")
        for model, ids, values in (
            ("complaint.complaint", complaint.ids, {"rating_last_value": 5}),
            ("complaint.complaint", complaint.ids, {"rating_ids": [Command.create({"rating": 5, "consumed": True})]}),
            ("complaint.complaint", complaint.ids, {"hours_to_answer": 1}),
            ("complaint.complaint", complaint.ids, {"deadline": False}),
            ("complaint.complaint", complaint.ids, {"kind_id": self.quality.id}),
            ("complaint.complaint", complaint.ids, {"access_token": "x"}),
            ("complaint.complaint", complaint.ids, {"corrective_action_ids": [Command.clear()]}),
            ("complaint.line", line.ids, {"partner_id": self.other_customer.id}),
            ("complaint.line", line.ids, {"company_id": self.env.ref("base.main_company").id}),
            ("complaint.line", line.ids, {"complaint_id": other.id}),
        ):
            for user in (self.handler, self.manager):
                with self.subTest(model, values=list(values), user=user.login), self.assertRaises(REFUSED):
                    self._flushed(model, "write", ids, values, user=user)

    def test_ratings_are_the_customers(self):
        complaint = self._take(self._complaint(), "closed")
        complaint.sudo()._rate(self.contact, 1, "Bad")
        rating = complaint.sudo().rating_ids.filtered("consumed")
        model_id = self.env["ir.model"]._get_id("complaint.complaint")
        forged = {"res_model_id": model_id, "res_id": complaint.id, "rating": 5, "consumed": True}
        for user in (self.clerk, self.handler, self.manager):
            for method, args in (
                ("write", [rating.ids, {"rating": 5}]),
                ("write", [rating.ids, {"feedback": "Good"}]),
                ("write", [rating.ids, {"res_id": 0}]),
                ("unlink", [rating.ids]),
                ("reset", [rating.ids]),
                ("create", [[forged]]),
                ("create", [[{**forged, "res_model_id": False, "res_model": "complaint.complaint"}]]),
            ):
                with self.subTest(method, user=user.login), self.assertRaises(REFUSED):
                    self._flushed("rating.rating", method, *args, user=user)
        with self.subTest("administrators neither"):
            with self.assertRaises(REFUSED):
                rating.with_user(self.env.ref("base.user_admin")).rating = 5
        self.assertEqual((rating.rating, complaint.rating_last_value), (1, 1))

    def test_owner_works_here(self):
        dealer = self.env["res.users"].create(
            {
                "name": "Dealer",
                "login": "doors_portal",
                "partner_id": self.contact.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        complaint = self._complaint()
        with self.assertRaises(REFUSED):
            self._flushed("complaint.complaint", "write", complaint.ids, {"user_id": dealer.id})
        values = {"partner_id": self.customer.id, "subject": "Wet", "user_id": dealer.id}
        with self.assertRaises(REFUSED):
            self._flushed("complaint.complaint", "create", [values])

    # === WHO DECIDES === #

    def test_findings_are_the_investigators(self):
        """Who writes the findings before somebody takes the investigation decides on the own findings."""
        complaint = self._take(self._complaint(), "assessed")
        for user in (self.manager, self.investigator):
            with self.subTest(user.login), self.assertRaises(REFUSED):
                self._flushed("complaint.complaint", "write", complaint.ids, {"findings": "Nothing"}, user=user)
        complaint.with_user(self.investigator).action_investigate()
        with self.assertRaises(AccessError):
            self._flushed("complaint.complaint", "write", complaint.ids, {"cost": 1}, user=self.manager)

    def test_who_investigated_once_never_decides(self):
        """Another one takes the investigation up again, changes nothing, and the first one would decide."""
        complaint = self._take(self._complaint(), "assessed")
        own = complaint.with_user(self.manager)
        own.action_investigate()
        own.write({"findings": "Rain", "cause_id": self.cause.id, "responsibility": "own", "cost": 1})
        self._take(complaint, "notified")
        complaint.sudo().with_user(self.manager)._reopen("New photos")
        complaint.with_user(self.investigator).action_investigate()
        with self.assertRaisesRegex(AccessError, "another person decides"):
            self.rpc("complaint.complaint", "action_decide", complaint.ids, user=self.manager)
        self.assertFalse(own.may_decide)
        complaint.with_user(self.decider).action_decide()
        self.assertEqual(complaint.state, "decided")

    def test_what_is_signed_is_not_changed(self):
        complaint = self._take(self._complaint(), "investigating")
        self._remedy(complaint, "compensation", 0, amount=600)
        decider = complaint.with_user(self.decider)
        decider.write({"decision": "accepted", "decision_note": "Right"})
        decider.action_decide()
        self.assertEqual(complaint.first_decider_id, self.decider)
        for values, user in (
            ({"findings": "Nothing at all"}, self.investigator),
            ({"cost": 0}, self.investigator),
            ({"responsibility": "customer"}, self.investigator),
            ({"decision_note": "Else"}, self.second),
            ({"order_id": False}, self.handler),
        ):
            with self.subTest(values), self.assertRaises(REFUSED):
                self._flushed("complaint.complaint", "write", complaint.ids, values, user=user)
        with self.subTest("nor by its lines"), self.assertRaises(REFUSED):
            self._flushed("complaint.line", "write", complaint.line_ids.ids, {"quantity": 1})
        with self.subTest("a remedy more"), self.assertRaises(REFUSED):
            self._flushed(
                "complaint.remedy",
                "create",
                [{"complaint_id": complaint.id, "kind": "compensation", "amount": 5}],
                user=self.investigator,
            )

    def test_steps_by_the_window(self):
        """The window asks for words; the step behind it asks for the person and the state."""
        complaint = self._take(self._complaint(), "investigating")
        remedy = self._remedy(complaint, "compensation", 0, amount=5)
        for values, user in (
            ({"step": "notify", "kind": "call", "person": "x", "phone": "1", "text": "x"}, self.handler),
            ({"step": "reopen", "text": "x"}, self.manager),
            ({"step": "reopen", "text": "x"}, self.handler),
            ({"step": "exception", "text": "x", "remedy_id": remedy.id}, self.decider),
            ({"step": "receive", "condition": "intact", "quantity": 1, "remedy_id": remedy.id}, self.handler),
        ):
            with self.subTest(values["step"], user=user.login):
                wizard = self.rpc(
                    "complaint.step.wizard", "create", [{"complaint_id": complaint.id, **values}], user=user
                )
                with self.assertRaises(REFUSED):
                    self._flushed("complaint.step.wizard", "action_apply", wizard, user=user)
        self.assertEqual((complaint.state, complaint.notice_ids.ids), ("investigating", []))
        with self.assertRaises(AccessError):
            self.rpc(
                "complaint.step.wizard", "create", [{"complaint_id": complaint.id, "step": "notify"}], user=self.user
            )

    # === WHAT IS CLOSED === #

    def test_closed_by_every_door(self):
        complaint = self._take(self._complaint(), "investigating")
        back = self._remedy(complaint, "return", 2)
        self._take(complaint, "notified")
        back.with_user(self.handler).action_make()
        message = complaint.with_user(self.handler).message_post(body="Seen")
        self._take(complaint, "closed")
        admin = self.env.ref("base.user_admin")
        admin.write({"company_ids": [Command.link(self.company.id)]})
        number, line = complaint.id, complaint.line_ids.id
        doors = [
            ("complaint.complaint", "copy", [number]),
            ("complaint.complaint", "unlink", [number]),
            ("complaint.complaint", "write", [number], {"message_ids": [Command.delete(message.id)]}),
            ("complaint.complaint", "web_save", [number], {"subject": "x"}, {}),
            ("complaint.complaint", "action_close", [number]),
            ("complaint.complaint", "action_send_back", [number]),
            ("complaint.line", "create", [{"complaint_id": number, "kind_id": self.quality.id}]),
            ("complaint.line", "write", [line], {"description": "x"}),
            ("complaint.line", "copy", [line]),
            ("complaint.line", "unlink", [line]),
            ("complaint.remedy", "copy", back.ids),
            ("complaint.remedy", "write", back.ids, {"note": "x"}),
            ("complaint.remedy", "unlink", back.ids),
            ("complaint.remedy", "action_make", back.ids),
            ("complaint.step", "write", complaint.step_ids.ids, {"user_id": self.user.id}),
            ("complaint.step", "copy", complaint.step_ids[:1].ids),
            ("complaint.step", "unlink", complaint.step_ids.ids),
            ("complaint.notice", "write", complaint.notice_ids.ids, {"person": "x"}),
            ("complaint.notice", "copy", complaint.notice_ids.ids),
            ("complaint.notice", "unlink", complaint.notice_ids.ids),
            ("mail.message", "write", message.ids, {"body": "Never seen"}),
            ("mail.message", "write", message.ids, {"res_id": 0}),
            ("mail.message", "unlink", message.ids),
        ]
        before = self._state_of(complaint)
        for user in (self.manager, admin):
            for model, method, *args in doors:
                with self.subTest(f"{model}.{method}", user=user.login), self.assertRaises(REFUSED):
                    self._flushed(model, method, *args, user=user)
        self.env.invalidate_all()
        self.assertEqual(self._state_of(complaint), before)

    def _state_of(self, complaint):
        complaint = complaint.sudo()
        names = [name for name, field in complaint._fields.items() if field.store and not name.startswith("activity")]
        return [
            complaint.read(names),
            *(records.read() for records in (complaint.line_ids, complaint.remedy_ids, complaint.step_ids)),
            complaint.message_ids.mapped("body"),
        ]
