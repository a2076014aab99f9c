import base64
import io
from email.message import EmailMessage

from PIL import Image

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ComplaintCommon

GATEWAY = "odoo.addons.mail.models.mail_thread"


@tagged("post_install", "-at_install")
class TestMail(ComplaintCommon):
    """Complaints by e-mail, and the mails to the customer at the steps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "service.example.com"})
        cls.company.alias_domain_id = cls.domain
        cls.contact.email = "shen@rivertown.example.com"
        cls.mailbox = (
            cls.env["complaint.mailbox"]
            .with_user(cls.manager)
            .create(
                {"name": "Service", "company_id": cls.company.id, "alias_name": "Complaints", "user_id": cls.user.id}
            )
        )
        cls.number = 0

    def _picture(self):
        stream = io.BytesIO()
        Image.new("RGB", (20, 20), "red").save(stream, "PNG")
        return stream.getvalue()

    def _mail(
        self, sender="Ms Shen <shen@rivertown.example.com>", subject="Wet boxes", body="<p>All wet</p>", files=()
    ):
        TestMail.number += 1
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = "complaints@service.example.com"
        mail["Subject"] = subject
        mail["Message-Id"] = f"<complaint-{TestMail.number}@rivertown.example.com>"
        mail.set_content("All wet")
        mail.add_alternative(body, subtype="html")
        for name, content, kind in files:
            maintype, subtype = kind.split("/")
            mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
        return mail.as_bytes()

    def _receive(self, raw):
        before = self.env["complaint.complaint"].search([])
        with mute_logger(GATEWAY):
            self.env["mail.thread"].with_user(self.env.ref("base.user_root")).message_process(None, raw)
        return self.env["complaint.complaint"].search([]) - before

    def test_known_customer(self):
        body = "<p>All <b>wet</b></p><script>alert(1)</script><img src='x' onerror='alert(2)'>"
        files = [
            ("../<b>wet</b>.png", self._picture(), "image/png"),
            ("paper.pdf", b"%PDF-1.4 paper", "application/pdf"),
            ("run.png", b"MZ\x90 not a picture", "image/png"),
            ("page.html", b"<script>alert(3)</script>", "application/octet-stream"),
            ("x.svg", b"<svg onload='alert(4)'/>", "image/svg+xml"),
        ]
        raw = self._mail(body=body, files=files)
        complaint = self._receive(raw)
        self.assertEqual((complaint.partner_id, complaint.contact_id), (self.customer, self.contact))
        self.assertEqual((complaint.channel, complaint.state, complaint.user_id), ("email", "received", self.user))
        self.assertEqual((complaint.mailbox_id, complaint.company_id), (self.mailbox, self.company))
        self.assertEqual(complaint.subject, "Wet boxes")
        self.assertIn("All *wet*", complaint.description)
        self.assertNotIn("alert", complaint.description)
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "complaint.complaint"), ("res_id", "=", complaint.id)]
        )
        self.assertEqual(set(kept.mapped("mimetype")), {"image/png", "application/pdf"})
        self.assertEqual(len(kept), 2)
        self.assertNotIn("<", "".join(kept.mapped("name")))
        for name in ("run.png", "page.html", "x.svg"):
            self.assertIn(name, complaint.description)
        written = " ".join(complaint.message_ids.mapped("body"))
        self.assertIn("wet", written)
        for script in ("<script", "onerror", "alert("):
            self.assertNotIn(script, written)
        with self.subTest("the same mail again"):
            self.assertFalse(self._receive(raw))
        with self.subTest("an answer to it"):
            answer = self._mail(subject="Re: Wet boxes", files=[("more.exe", b"MZ", "application/x-dosexec")])
            answer = answer.replace(b"Subject:", b"In-Reply-To: <complaint-%d@rivertown.example.com>\nSubject:" % 1, 1)
            reference = complaint.message_ids[-1].message_id
            answer = answer.replace(b"<complaint-1@rivertown.example.com>", reference.encode(), 1)
            count = len(complaint.message_ids)
            self.assertFalse(self._receive(answer))
            self.assertEqual(len(complaint.message_ids), count + 1)
            self.assertFalse(complaint.message_ids[0].attachment_ids)
            self.assertIn("more.exe", complaint.message_ids[0].body)

    def test_unknown_sender_is_filed(self):
        complaint = self._receive(self._mail(sender="Stranger <stranger@elsewhere.example.com>"))
        self.assertFalse(complaint.partner_id or complaint.contact_id)
        self.assertFalse(self.env["res.partner"].search([("email", "ilike", "stranger@")]))
        self.assertIn("stranger@elsewhere.example.com", complaint.email_from)
        self.assertEqual(complaint.next_step, "Find out which customer wrote")
        self.assertEqual(complaint.activity_ids.user_id, self.user)
        self.assertEqual(complaint.activity_ids.summary, complaint.next_step)
        with self.assertRaisesRegex(UserError, "Name the customer"):
            complaint.with_user(self.handler).action_acknowledge()
        with self.assertRaises(AccessError):
            complaint.with_user(self.user).partner_id = self.customer
        complaint.with_user(self.handler).partner_id = self.customer
        complaint.with_user(self.handler).action_acknowledge()
        with self.assertRaises(UserError):
            complaint.with_user(self.handler).partner_id = self.other_customer

    def test_colleagues_are_no_customers(self):
        self.handler.email = "handler@service.example.com"
        complaint = self._receive(self._mail(sender="handler@service.example.com"))
        self.assertTrue(complaint)
        self.assertFalse(complaint.partner_id)

    def test_sent_back(self):
        stranger = self._mail(sender="stranger@elsewhere.example.com")
        sent = self.env["mail.mail"].search([])
        self.mailbox.with_user(self.manager).unknown_senders = "bounce"
        self.assertFalse(self._receive(stranger))
        bounced = self.env["mail.mail"].search([]) - sent
        self.assertEqual(bounced.email_to, "stranger@elsewhere.example.com")
        self.assertTrue(self._receive(self._mail()))
        self.mailbox.with_user(self.manager).action_archive()
        self.assertFalse(self._receive(self._mail()))

    def test_malformed_mails_survive(self):
        head = b"To: complaints@service.example.com\nMessage-Id: <bad-%d@example.com>\n"
        mails = [
            b"From: shen@rivertown.example.com\nSubject: \xff\xfe\x00 broken\n\nbody \xff\x00 text",
            b"Subject: nobody wrote this\n\nbody",
            b"From: <<<>>>@@\nSubject: =?utf-8?B?!!!?=\n\nbody",
            (
                b"From: shen@rivertown.example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
                b"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\n!!not base64!!"
            ),
            b"From: shen@rivertown.example.com\nContent-Type: text/html; charset=klingon\n\n<p onload=alert(1)>x<p <",
            b"From: shen@rivertown.example.com\nSubject: " + b"x" * 5000 + b"\n\n" + b"y" * 100000,
            b"From: shen@rivertown.example.com\nContent-Type: multipart/alternative\n\nno boundary at all",
            b"From: shen@rivertown.example.com\n\n",
        ]
        for number, mail in enumerate(mails):
            with self.subTest(number):
                complaint = self._receive(head % number + mail)
                self.assertEqual(len(complaint), 1)
                self.assertTrue(complaint.user_id and complaint.subject and len(complaint.subject) <= 200)
                self.assertNotIn("\0", complaint.description or "")
                self.assertNotIn("onload", " ".join(complaint.message_ids.mapped("body")))

    def test_by_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "alias_domain_id": self.domain.id})
        self.env["complaint.mailbox"].create(
            {"name": "Branch", "company_id": branch.id, "alias_name": "branch-service"}
        )
        raw = self._mail().replace(b"complaints@service", b"branch-service@service")
        complaint = self._receive(raw)
        self.assertEqual(complaint.company_id, branch)
        self.assertNotIn(complaint, self.env["complaint.complaint"].with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            self.env["complaint.mailbox"].with_user(self.handler).create({"name": "Mine"})

    def test_mails_at_the_steps(self):
        complaint = self._complaint(contact_id=self.contact.id)
        self.assertFalse(complaint.message_ids.filtered("partner_ids"))
        complaint.with_user(self.handler).action_acknowledge()
        told = complaint.message_ids.filtered("partner_ids")
        self.assertEqual(told.partner_ids, self.contact)
        self.assertIn(complaint.name, told.subject)
        self.assertIn("Dear Ms Shen", told.body)
        self.assertIn("access_token", told.body)
        self._take(complaint, "decided")
        notice = complaint.with_user(self.handler)._notify("message", {"content": "Two boxes <b>come</b>\nto you"})
        self.assertIn("Two boxes &lt;b&gt;come", notice.message_id.body)
        self.assertIn("answer to your complaint", notice.message_id.subject)
        self._take(complaint, "closed")
        asked = complaint.message_ids.filtered("partner_ids")[0]
        rating = complaint.sudo().rating_ids
        self.assertIn(f"/rate/{rating.access_token}/5", asked.body)
        self.assertFalse(rating.consumed)
        complaint.sudo()._rate(self.contact, 4, "Quick")
        self.assertEqual((complaint.sudo().rating_ids, rating.rating, rating.consumed), (rating, 4, True))
        with self.subTest("switched off, or nobody to write to"):
            self.company.complaint_mail_acknowledge = self.company.complaint_mail_close = False
            quiet = self._take(self._complaint(), "closed")
            self.assertFalse(quiet.message_ids.filtered("partner_ids"))
            self.company.complaint_mail_acknowledge = self.company.complaint_mail_close = True
            self.customer.email = False
            quiet = self._take(self._complaint(), "closed")
            self.assertFalse(quiet.message_ids.filtered("partner_ids"))

    def test_picture_in_the_text(self):
        picture = base64.b64encode(self._picture())
        raw = (
            b"From: shen@rivertown.example.com\nTo: complaints@service.example.com\nMessage-Id: <inline@example.com>\n"
            b"Subject: See\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
            b"--x\nContent-Type: text/html\n\n<p>See <img src='cid:one'></p>\n"
            b"--x\nContent-Type: image/png; name=one.png\nContent-Id: <one>\nContent-Transfer-Encoding: base64\n"
            b"Content-Disposition: inline; filename=one.png\n\n" + picture + b"\n--x--\n"
        )
        complaint = self._receive(raw)
        self.assertIn("/web/image/", complaint.message_ids[-1].body)
