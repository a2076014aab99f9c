from datetime import datetime

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

# What each may do with a record: read, write, create, unlink. Records that steps or nobody makes are read only.
NOTHING, READ = "", "r"
MATRIX = {
    "complaint.complaint": {"clerk": "", "user": "rwc", "handler": "rwc", "manager": "rwc"},
    "complaint.line": {"clerk": "", "user": "rwcu", "handler": "rwcu", "manager": "rwcu"},
    "complaint.remedy": {"clerk": "", "user": "r", "handler": "rwcu", "manager": "rwcu"},
    "complaint.material": {"clerk": "", "user": "r", "handler": "rwcu", "manager": "rwcu"},
    "complaint.step": {"clerk": "", "user": "r", "handler": "r", "manager": "r"},
    "complaint.notice": {"clerk": "", "user": "r", "handler": "r", "manager": "r"},
    "complaint.escalation": {"clerk": "", "user": "r", "handler": "r", "manager": "r"},
    "complaint.corrective.action": {"clerk": "", "user": "r", "handler": "rwc", "manager": "rwcu"},
    "complaint.delivered": {"clerk": "", "user": "r", "handler": "r", "manager": "r"},
    "complaint.mailbox": {"clerk": "", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.kind": {"clerk": "r", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.cause": {"clerk": "r", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.cap": {"clerk": "", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.deadline": {"clerk": "", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.escalation.level": {"clerk": "", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.return.policy": {"clerk": "", "user": "r", "handler": "r", "manager": "rwcu"},
    "complaint.return.counter": {"clerk": "", "user": "", "handler": "", "manager": ""},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}


@tagged("post_install", "-at_install")
class TestAccess(ComplaintCommon):
    """Who may do what with which model, in which company; merged customers; what is archived."""

    def test_matrix(self):
        portal = self.env["res.users"].create(
            {
                "name": "Dealer",
                "login": "matrix_portal",
                "partner_id": self.contact.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for model, people in MATRIX.items():
            allowed = {"portal": ("", portal)}
            allowed.update({name: (may, getattr(self, name)) for name, may in people.items()})
            for name, (may, user) in allowed.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model, name=name, operation=operation):
                        self.assertEqual(self.env[model].with_user(user).has_access(operation), letter in may)

    def test_companies(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        here = self._take(self._complaint(), "notified")
        there = (
            self.env["complaint.complaint"]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": branch.id,
                    "subject": "There",
                    "line_ids": [
                        Command.create({"kind_id": self.quality.id, "product_id": self.goods.id, "quantity": 1})
                    ],
                }
            )
        )
        self.assertNotEqual(here.name, False)
        own = self.env["ir.sequence"].search([("code", "=", "complaint.complaint"), ("company_id", "=", branch.id)])
        self.assertTrue(own and there.name.endswith("00001"))
        # Somebody of the branch, with all rights there.
        local = self._user("complaint_branch", "aftersales_complaint.group_complaint_manager")
        local.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        for record in (here, here.line_ids, here.step_ids, here.sudo().notice_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(local).read(["display_name"])
            self.assertFalse(record.with_user(local).search([("id", "in", record.ids)]))
        with self.assertRaises(AccessError):
            here.with_user(local).action_close()
        with self.assertRaises(AccessError):
            there.with_user(self.manager).read(["subject"])
        self.assertEqual(self.env["complaint.complaint"].with_user(local).search([]), there)
        with self.subTest("an order of another company"), self.assertRaises(UserError):
            there.with_user(local).sudo().order_id = self.order
        with self.subTest("caps are those of the company"):
            Cap = self.env["complaint.cap"]
            self.assertEqual(Cap._amount_of(self.decider, self.company), 500)
            self.assertEqual(Cap._amount_of(self.decider, branch), branch.complaint_cap)
        with self.subTest("managers and owners are those of the company"):
            self.assertIn(local, branch._complaint_managers())
            self.assertNotIn(local, self.company._complaint_managers())
            self.assertNotIn(self.manager, branch._complaint_managers())
        with self.subTest("figures"):
            self.assertEqual(self._value("complaints", date_to=datetime(2025, 7, 3).date(), company=branch), 1)

    def test_archived(self):
        kind = self.quality
        before = self._complaint()
        kind.with_user(self.manager).action_archive()
        self.cause.with_user(self.manager).action_archive()
        self.assertNotIn(kind, self.env["complaint.kind"].search([]))
        self.assertEqual(before.line_ids.kind_id, kind, "what was filed keeps its kind")
        self.assertEqual(before.line_ids.kind_id.display_name, kind.name)
        self.env["complaint.kind"].create({"name": "Unused"}).with_user(self.manager).unlink()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            kind.with_user(self.manager).unlink()
        with self.assertRaises(AccessError):
            kind.with_user(self.handler).action_unarchive()

    def test_merged_customers(self):
        twin = self.env["res.partner"].create({"name": "Rivertown (twin)", "is_company": True})
        kept = self._take(self._complaint(), "closed")
        moved = self._take(
            self._complaint(
                partner_id=twin.id,
                order_id=False,
                line_ids=[Command.create({"kind_id": self.quality.id, "product_id": self.goods.id, "quantity": 1})],
            ),
            "closed",
        )
        self.env["complaint.return.counter"]._lock([(twin.id, self.company.id), (self.customer.id, self.company.id)])
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((twin | self.customer).ids, self.customer)
        self.assertEqual((kept | moved).partner_id, self.customer)
        self.assertEqual(moved.line_ids.partner_id, self.customer)
        self.assertEqual(moved.state, "closed")
        step = moved.step_ids[-1]
        self.assertEqual((step.kind, step.figures["from"]), ("merged", "Rivertown (twin)"))
        self.assertNotIn("merged", kept.step_ids.mapped("kind"))
        with self.subTest("into a contact of another firm"):
            wizard.create({})._merge((self.customer | self.other_customer).ids, self.other_customer)
            self.assertEqual((kept | moved).partner_id, self.other_customer)
