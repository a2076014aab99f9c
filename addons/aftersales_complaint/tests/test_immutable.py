import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestImmutable(ComplaintCommon):
    """What a client may call, and what nobody may: no way to a state but its step, closed ones are kept."""

    def rpc(self, record, method, *args, user=None, **kwargs):
        args = json.loads(json.dumps([record.ids, *args] if record else list(args)))
        return call_kw(self.env[record._name].with_user(user or self.manager), method, args, kwargs)

    def test_states_by_their_step_alone(self):
        complaint = self._complaint()
        for values in (
            {"state": "closed"},
            {"decider_id": self.decider.id},
            {"notified_on": "2025-07-01 00:00:00"},
            {"first_decider_id": False},
            {"acknowledged_on": "2025-07-01 00:00:00"},
            {"investigator_id": self.decider.id},
            {"answer_deadline": "2035-07-01 00:00:00"},
            {"round": 7},
            {"name": "X"},
            {"partner_id": self.other_customer.id},
            {"received_on": "2025-01-01 00:00:00"},
            {"step_ids": [Command.clear()]},
            {"notice_ids": [Command.create({"kind": "call", "person": "x", "content": "x"})]},
        ):
            with self.subTest(values):
                with self.assertRaises(AccessError):
                    self.rpc(complaint, "write", values)
                with self.assertRaises(AccessError):
                    complaint.sudo().write(values)
        with self.assertRaises(AccessError):
            self._complaint(state="closed")
        with self.assertRaises(AccessError):
            self._complaint(decider_id=self.manager.id)
        begun = self.env["complaint.complaint"].with_user(self.handler).with_context(default_state="closed")
        self.assertEqual(begun.create({"partner_id": self.customer.id, "subject": "x"}).state, "received")
        self.assertEqual(complaint.state, "received")

    def test_private_methods_are_no_rpc(self):
        complaint = self._complaint()
        for method in ("_write_step", "_step", "_record", "_notify", "_respond", "_reopen", "_decide"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(complaint, method, {})

    def test_matrix_of_people_and_steps(self):
        """Who is missing in the row of a step is refused, in the state from which the step would lead on."""
        people = {
            name: getattr(self, name) for name in ("clerk", "user", "handler", "investigator", "decider", "manager")
        }
        everybody = set(people)
        steps = [
            ("received", "action_acknowledge", {"handler", "investigator", "decider", "manager"}),
            ("acknowledged", "action_assess", {"handler", "investigator", "decider", "manager"}),
            ("assessed", "action_investigate", {"investigator", "manager"}),
            ("investigating", "action_decide", {"decider", "manager"}),
            ("notified", "action_close", {"handler", "investigator", "decider", "manager"}),
        ]
        for state, method, allowed in steps:
            complaint = self._complaint()
            if state != "received":
                self._take(complaint, state)
            if state == "acknowledged":
                complaint.with_user(self.handler).impact = "None"
            if state == "investigating":
                complaint.with_user(self.decider).write({"decision": "accepted", "decision_note": "Right"})
            for name in sorted(everybody - allowed):
                with self.subTest(method, name=name), self.assertRaises(AccessError):
                    self.rpc(complaint, method, user=people[name])
            self.assertEqual(complaint.state, state)
            with self.subTest(method, name="right person"):
                self.rpc(complaint, method, user=people[min(allowed)])
                self.assertNotEqual(complaint.state, state)

    def test_no_step_is_skipped(self):
        complaint = self._complaint()
        for method in ("action_assess", "action_investigate", "action_decide", "action_close"):
            with self.subTest(method), self.assertRaises(UserError):
                complaint.with_user(self.manager).impact = "None"
                self.rpc(complaint, method)
        self.assertEqual(complaint.state, "received")

    def test_closed_is_kept(self):
        complaint = self._complaint()
        photo = self.env["ir.attachment"].create({"name": "wet.png", "raw": self._picture()})
        complaint.sudo().line_ids.attachment_ids = photo
        self.assertEqual((photo.res_model, photo.res_id), ("complaint.line", complaint.line_ids.id))
        file = self.env["ir.attachment"].create(
            {"name": "note.txt", "raw": b"y", "res_model": complaint._name, "res_id": complaint.id}
        )
        message = complaint.with_user(self.handler).message_post(body="Seen")
        self._take(complaint, "closed")
        remedies, lines = complaint.sudo().remedy_ids, complaint.sudo().line_ids
        self.assertFalse(remedies)
        attempts = {
            "subject": lambda: complaint.sudo().write({"subject": "Nothing"}),
            "owner": lambda: complaint.sudo().write({"user_id": self.manager.id}),
            "as manager": lambda: self.rpc(complaint, "write", {"subject": "Nothing"}),
            "unlink": lambda: complaint.sudo().unlink(),
            "line": lambda: lines.write({"quantity": 1}),
            "new line": lambda: lines.create({"complaint_id": complaint.id, "kind_id": self.quality.id}),
            "unlink line": lines.unlink,
            "step": lambda: complaint.sudo().step_ids[0].write({"note": "x"}),
            "unlink step": complaint.sudo().step_ids.unlink,
            "new step": lambda: complaint.sudo().step_ids.create({"complaint_id": complaint.id, "kind": "closed"}),
            "notice": lambda: complaint.sudo().notice_ids.write({"content": "x"}),
            "unlink notice": complaint.sudo().notice_ids.unlink,
            "photo": lambda: photo.sudo().write({"raw": b"z"}),
            "take photo away": lambda: photo.sudo().write({"res_id": False}),
            "unlink photo": lambda: photo.sudo().unlink(),
            "unlink file": lambda: file.sudo().unlink(),
            "message": lambda: message.sudo().write({"body": "Never seen"}),
            "unlink message": lambda: message.sudo().unlink(),
            "remedy": lambda: self.env["complaint.remedy"].create(
                {"complaint_id": complaint.id, "kind": "compensation", "amount": 5}
            ),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()
        closing = complaint.step_ids[-1].figures
        self.assertEqual({row["name"] for row in closing["files"]}, {"wet.png", "note.txt"})

    def test_open_ones_are_not_deleted_either(self):
        with self.assertRaises(UserError):
            self._complaint().sudo().unlink()

    def test_users_see_their_own(self):
        complaint = self._complaint()
        own = self._complaint(user=self.user)
        self.assertEqual(self.env["complaint.complaint"].with_user(self.user).search([]), own)
        with self.assertRaises(AccessError):
            complaint.with_user(self.user).read(["subject"])
        with self.assertRaises(AccessError):
            self.env["complaint.complaint"].with_user(self.clerk).search([])

    def test_portal_has_no_rpc(self):
        portal = self.env["res.users"].create(
            {
                "name": "Dealer",
                "login": "dealer_portal",
                "partner_id": self.contact.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        complaint = self._complaint()
        for method, args in (("read", [["subject"]]), ("write", [{"subject": "x"}]), ("action_close", [])):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(complaint, method, *args, user=portal)
