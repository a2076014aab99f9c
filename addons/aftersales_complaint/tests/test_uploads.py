import base64
import json

from odoo import Command, http
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models import upload
from .common import ComplaintCommon

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PAGE = b"\xef\xbb\xbf  <HTML><script>alert(1)</script></HTML>"
PROGRAM = b"MZ\x90\x00" * 50


@tagged("post_install", "-at_install")
class TestUploads(HttpCase, ComplaintCommon):
    """A3, A4: what comes as a file is judged by its content, on every way, and read by those it is for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._user("upload_admin", "base.group_system,aftersales_complaint.group_complaint_manager")
        cls.stranger_company = cls.env["res.company"].create({"name": "Other Wholesale"})
        cls.dealer, cls.stranger = cls.env["res.users"].create(
            [
                {
                    "name": login,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
                for login, partner in (("upload_one", cls.contact), ("upload_two", cls.other_customer))
            ]
        )

    def rpc(self, model, method, *args, user=None, **kwargs):
        args = json.loads(json.dumps(list(args)))
        return call_kw(self.env[model].with_user(user or self.handler), method, args, kwargs)

    def _upload(self, record, name, content, user=None, **values):
        """Attach a file to a record as a client does; return it."""
        values = {
            "name": name,
            "datas": base64.b64encode(content).decode(),
            "res_model": record._name,
            "res_id": record.id,
            **values,
        }
        (file,) = self.rpc("ir.attachment", "create", [values], user=user)
        return self.env["ir.attachment"].browse(file)

    def test_photos_by_rpc(self):
        line = self._complaint().line_ids
        for name, content, values in (
            ("photo.png", PAGE, {}),
            ("photo.png", SVG, {"mimetype": "image/png"}),
            ("photo.svg", SVG, {"mimetype": "image/svg+xml"}),
            ("photo.png", PROGRAM, {"mimetype": "image/png"}),
            ("photo.png", b"", {}),
            ("photo.gif", self._picture("GIF"), {"mimetype": "image/png"}),
            ("photo.png", self._picture() + b"\0" * (8 * 1024 * 1024), {}),
            ("photo.png", self._picture(), {"type": "url", "url": "javascript:alert(1)"}),
        ):
            for user in (self.handler, self.admin):
                with self.subTest(name, start=content[:10], user=user.login), self.assertRaises(UserError):
                    self._upload(line, name, content, user, **values)
        file = self._upload(line, "../../<b>wet</b>.php", self._picture(), mimetype="text/html")
        self.assertEqual(file.mimetype, "image/png")
        self.assertRegex(file.name, r"^[\w .-]+\.png$")
        with self.subTest("what is there isn't exchanged for something else"), self.assertRaises(UserError):
            self.rpc("ir.attachment", "write", file.ids, {"datas": base64.b64encode(PAGE).decode()})
        with self.subTest("nor is its name"):
            self.rpc("ir.attachment", "write", file.ids, {"name": "../x/<script>.png"})
            self.assertEqual(file.name, "_script_.png")
        with self.subTest("nor does it become a link"), self.assertRaises(UserError):
            self.rpc("ir.attachment", "write", file.ids, {"type": "url", "url": "https://example.com"})

    def test_files_of_a_complaint(self):
        complaint = self._complaint()
        for name, content in (("x.png", PROGRAM), ("x.bat", b"del *"), ("x.PS1 ", b"rm"), ("x", b"#!/bin/sh\n")):
            for user in (self.handler, self.admin):
                with self.subTest(name, user=user.login), self.assertRaisesRegex(UserError, "Programs are not kept"):
                    self._upload(complaint, name, content, user)
        with self.subTest("huge"), self.assertRaisesRegex(UserError, "at most 25 MB"):
            self._upload(complaint, "big.txt", b"0" * (25 * 1024 * 1024 + 1))
        for name, content, mimetype in (
            ("page.html", PAGE, "text/html"),
            ("page.pdf", PAGE, "application/pdf"),
            ("drawing.svg", SVG, "image/svg+xml"),
            ("photo.png", SVG, "image/png"),
            ("wide.txt", PAGE.decode("utf-8-sig").encode("utf-16"), "text/html"),
        ):
            with self.subTest(name, mimetype=mimetype):
                file = self._upload(complaint, name, content, self.admin, mimetype=mimetype)
                self.assertEqual(file.mimetype, "text/plain")
        letter = self._upload(complaint, "a/b\\..\\Brief <1>\r\n.pdf", b"%PDF-1.7 letter", mimetype="application/pdf")
        self.assertEqual((letter.name, letter.mimetype), ("Brief _1___.pdf", "application/pdf"))

    def test_files_that_come_by_the_composer(self):
        """Uploaded before they belong to anything, judged when they come to the complaint."""
        complaint = self._complaint()
        pending = self._upload(self.env["mail.compose.message"], "x.png", PROGRAM)
        with self.assertRaisesRegex(UserError, "Programs are not kept"):
            self.rpc("complaint.complaint", "message_post", complaint.ids, body="x", attachment_ids=pending.ids)
        page = self._upload(self.env["mail.compose.message"], "x.html", PAGE, self.admin, mimetype="text/html")
        self.rpc(
            "complaint.complaint", "message_post", complaint.ids, body="x", attachment_ids=page.ids, user=self.admin
        )
        self.assertEqual((page.res_model, page.res_id, page.mimetype), (complaint._name, complaint.id, "text/plain"))

    def test_mail_is_kept_without_what_runs(self):
        complaint = self._complaint()
        message = complaint.sudo().message_post(
            body="See the pictures",
            message_type="email",
            attachments=[("photo.jpg", self._picture("JPEG")), ("../<b>.exe", PROGRAM), ("page.html", PAGE.decode())],
        )
        self.assertEqual(message.attachment_ids.mapped("name"), ["photo.jpg", "page.html"])
        self.assertEqual(message.attachment_ids.mapped("mimetype"), ["image/jpeg", "text/plain"])
        self.assertIn("See the pictures", message.body)
        self.assertIn("_b_.exe", message.body)

    def test_foreign_files_are_no_photos(self):
        """Linked to a line, another's file would be shown to the customer."""
        line = self._complaint().line_ids
        foreign = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
        secret = self._upload(foreign, "secret.png", self._picture())
        other = self.env["ir.attachment"].create({"name": "own.png", "raw": self._picture()})
        for file in (secret, other):
            with self.subTest(file.name), self.assertRaises(UserError):
                self.rpc("complaint.line", "write", line.ids, {"attachment_ids": [(4, file.id)]})
                self.env.flush_all()
        with self.subTest("but the user's own are"):
            (own,) = self.rpc(
                "ir.attachment", "create", [{"name": "p.png", "datas": base64.b64encode(self._picture()).decode()}]
            )
            self.rpc("complaint.line", "write", line.ids, {"attachment_ids": [(4, own)]})
            self.assertEqual(line.sudo().attachment_ids.mapped("res_id"), line.ids)

    def test_closed_ones_keep_their_files(self):
        complaint = self._complaint()
        photo = self._upload(complaint.line_ids, "wet.png", self._picture())
        file = self._upload(complaint, "note.txt", b"Wet")
        self._take(complaint, "closed")
        data = base64.b64encode(self._picture("JPEG")).decode()
        for kept in (photo, file):
            for values in (
                {"datas": data},
                {"name": "other.png"},
                {"res_id": 0},
                {"res_model": "res.partner", "res_id": self.customer.id},
                {"mimetype": "text/plain"},
                {"public": True},
                {"access_token": "x"},
                {"type": "url", "url": "https://example.com"},
            ):
                with self.subTest(kept.name, values=list(values)), self.assertRaises(UserError):
                    self.rpc("ir.attachment", "write", kept.ids, values, user=self.admin)
            with self.subTest(kept.name), self.assertRaises(UserError):
                self.rpc("ir.attachment", "unlink", kept.ids, user=self.admin)
        with self.subTest("a new photo"), self.assertRaises(UserError):
            self._upload(complaint.line_ids, "more.png", self._picture(), self.admin)

    def test_who_reads_files(self):
        """By number and by a wrong token; the routes of Odoo as well as ours."""
        complaint = self._complaint()
        photo = self._upload(complaint.line_ids, "wet.png", self._picture())
        complaint.sudo().line_ids.attachment_ids = photo
        self._take(complaint, "notified")
        note = self._upload(complaint, "internal.txt", b"Internal")
        stranger = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
        token = stranger.access_token
        ours = f"/my/complaints/{complaint.id}/photo/"
        paths = [f"{ours}{photo.id}?access_token={token}", f"{ours}{note.id}", f"{ours}{photo.id}"] + [
            path
            for file in (photo, note)
            for path in (
                f"/web/content/{file.id}",
                f"/web/content/{file.id}?access_token={complaint.access_token}",
                f"/web/content/ir.attachment/{file.id}/raw",
                f"/web/content/ir.attachment/{file.id}/datas?download=1",
                f"/mail/attachment/pdf_first_page/{file.id}",
            )
        ]
        for login in ("upload_two", "upload_one", None):
            self.authenticate(login, login)
            for path in paths:
                if login == "upload_one" and path == f"{ours}{photo.id}":
                    continue
                if login == "upload_one" and path.startswith(f"{ours}{photo.id}"):
                    continue
                with self.subTest(login, path=path), mute_logger("odoo.http"):
                    answer = self.url_open(path)
                    self.assertNotIn(photo.raw, answer.content)
                    self.assertNotIn(b"Internal", answer.content)
        self.authenticate("upload_one", "upload_one")
        answer = self.url_open(f"{ours}{photo.id}")
        self.assertEqual(answer.content, photo.raw)
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        with self.subTest("what isn't a photo of this complaint"):
            self.assertEqual(self.url_open(f"{ours}{note.id}").status_code, 404)

    def test_other_company(self):
        """The firm's complaint in another company of ours is not for the staff here, its files neither."""
        abroad = (
            self.env["complaint.complaint"]
            .with_company(self.stranger_company)
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.stranger_company.id,
                    "subject": "Abroad",
                    "line_ids": [
                        Command.create({"kind_id": self.quality.id, "product_id": self.goods.id, "quantity": 1})
                    ],
                }
            )
        )
        photo = self.env["ir.attachment"].create(
            {"name": "a.png", "raw": self._picture(), "res_model": "complaint.line", "res_id": abroad.line_ids.id}
        )
        for record in (abroad, abroad.line_ids, photo):
            with self.subTest(record._name), self.assertRaises(AccessError):
                self.rpc(record._name, "read", record.ids, ["display_name"], user=self.manager)
        with self.assertRaises(AccessError):
            self.rpc("ir.attachment", "write", photo.ids, {"name": "b.png"}, user=self.manager)

    def test_portal_by_rpc(self):
        complaint = self._complaint()
        photo = self._upload(complaint.line_ids, "wet.png", self._picture())
        for user in (self.dealer, self.stranger):
            for model, method, args in (
                ("ir.attachment", "read", [photo.ids, ["datas"]]),
                ("ir.attachment", "write", [photo.ids, {"name": "x"}]),
                ("ir.attachment", "unlink", [photo.ids]),
                ("complaint.line", "read", [complaint.line_ids.ids, ["attachment_ids"]]),
                ("complaint.complaint", "search_read", [[], ["access_token"]]),
                ("complaint.complaint", "message_post", [complaint.ids]),
                ("complaint.material", "search_read", [[]]),
            ):
                with self.subTest(user.login, call=(model, method)), self.assertRaises(AccessError):
                    self.rpc(model, method, *args, user=user)
            with self.subTest(user.login, upload=True), self.assertRaises(AccessError):
                self._upload(complaint, "x.txt", b"x", user)

    def test_form_with_scripts_and_paths(self):
        self.authenticate("upload_one", "upload_one")
        text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        answer = self.url_open(
            "/my/complaints/new",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "subject": text,
                "description": text,
                "kind_id": str(self.quality.id),
                "order_line_id": str(self.order_line.id),
                "quantity": "2",
                "wish": text,
                "partner_id": str(self.other_customer.id),
                "state": "closed",
            },
            files=[("photos", ("..\\..\\<img src=x onerror=alert(1)>.png", self._picture(), "image/svg+xml"))],
        )
        complaint = self.env["complaint.complaint"].search([("channel", "=", "portal")])
        self.assertEqual((complaint.partner_id, complaint.state, complaint.wish), (self.customer, "received", False))
        self.assertNotIn("<script>alert(1)", answer.text)
        self.assertNotIn("<img src=x", answer.text)
        file = complaint.line_ids.attachment_ids
        self.assertEqual(file.mimetype, "image/png")
        self.assertNotRegex(file.name, r"[<>\\/\"']")


@tagged("post_install", "-at_install")
class TestNames(ComplaintCommon):
    def test_plain_name(self):
        for given, name in (
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\letter.pdf", "letter.pdf"),
            ("投诉 照片 (1).jpg", "投诉 照片 (1).jpg"),
            ("a\"b'<c>\0.txt", "a_b__c__.txt"),
            ("", "file"),
            ("...", "file"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ):
            with self.subTest(given):
                self.assertEqual(upload.plain_name(given), name)
