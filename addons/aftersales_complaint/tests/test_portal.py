from odoo import Command, http
from odoo.tests import HttpCase, tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestPortal(HttpCase, ComplaintCommon):
    """A4: a dealer files with photos, follows, answers and rates; only the own firm's, on every route."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal, cls.stranger = cls.env["res.users"].create(
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
                for login, partner in (("dealer_one", cls.contact), ("dealer_two", cls.other_customer))
            ]
        )

    def _post(self, path, data, files=None):
        return self.url_open(path, data={"csrf_token": http.Request.csrf_token(self), **data}, files=files)

    def _form(self, **values):
        return {
            "subject": "Wet <script>alert(1)</script>",
            "kind_id": str(self.quality.id),
            "order_line_id": str(self.order_line.id),
            "quantity": "2",
            "description": "<img src=x onerror=alert(1)>",
            "wish": "refund",
            **values,
        }

    def _filed(self):
        return self.env["complaint.complaint"].search([("channel", "=", "portal")])

    def test_file_follow_answer_rate(self):
        self.authenticate("dealer_one", "dealer_one")
        photo = ("photos", ("../../<b>wet</b>.php", self._picture(), "text/html"))
        answer = self._post("/my/complaints/new", self._form(), [photo])
        answer.raise_for_status()
        complaint = self._filed()
        self.assertEqual((complaint.partner_id, complaint.contact_id), (self.customer, self.contact))
        self.assertTrue(complaint.user_id._is_internal())
        file = complaint.line_ids.attachment_ids
        self.assertEqual((file.mimetype, file.res_model), ("image/png", "complaint.line"))
        self.assertRegex(file.name, r"^[\w .-]+\.png$")
        self.assertIn("&lt;script&gt;", answer.text)
        self.assertNotIn("<script>alert(1)", answer.text)
        self.assertNotIn("<img src=x", answer.text)
        picture = self.url_open(f"/my/complaints/{complaint.id}/photo/{file.id}")
        self.assertEqual(picture.content, self._picture())
        self.assertIn("attachment", picture.headers["Content-Disposition"])
        with self.subTest("no answer before the decision"):
            self._post(f"/my/complaints/{complaint.id}/respond", {"response": "accepted"})
            self._post(f"/my/complaints/{complaint.id}/rate", {"rate": "5"})
            self.assertFalse(complaint.customer_response or complaint.rating_ids)
        self._take(complaint, "investigating")
        self.assertNotIn("Rain came in", self.url_open(f"/my/complaints/{complaint.id}").text)
        self._take(complaint, "decided")
        self.assertNotIn("You are right", self.url_open(f"/my/complaints/{complaint.id}").text)
        self._take(complaint, "notified")
        self.assertIn("You are right", self.url_open(f"/my/complaints/{complaint.id}").text)
        self._post(f"/my/complaints/{complaint.id}/respond", {"response": "accepted"})
        self.assertEqual(complaint.customer_response, "accepted")
        self._take(complaint, "closed")
        for rate in ("9", "4", "1"):
            self._post(f"/my/complaints/{complaint.id}/rate", {"rate": rate, "feedback": "Good"})
        self.assertEqual(complaint.rating_ids.mapped("rating"), [4])
        self.assertEqual(complaint.state, "closed")

    def test_objection(self):
        complaint = self._take(self._complaint(), "notified")
        self.authenticate("dealer_one", "dealer_one")
        self._post(f"/my/complaints/{complaint.id}/respond", {"response": "objected", "note": " "})
        self.assertEqual(complaint.state, "notified")
        self._post(f"/my/complaints/{complaint.id}/respond", {"response": "objected", "note": "Too little"})
        self.assertEqual((complaint.state, complaint.response_note), ("reopened", "Too little"))

    def test_bad_uploads(self):
        self.authenticate("dealer_one", "dealer_one")
        huge = self._picture() + b"\0" * (8 * 1024 * 1024)
        svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
        for name, content in (
            ("photo.png", b"<html><script>alert(1)</script></html>"),
            ("photo.svg", svg),
            ("photo.png", svg),
            ("photo.png", b""),
            ("photo.gif", self._picture("GIF")),
            ("photo.png", huge),
            ("photo.exe", b"MZ\x90\x00" * 50),
        ):
            with self.subTest(name, start=content[:10]):
                answer = self._post("/my/complaints/new", self._form(), [("photos", (name, content, "image/png"))])
                self.assertIn("alert-danger", answer.text)
                self.assertFalse(self._filed())
        with self.subTest("too many"):
            photos = [("photos", (f"{n}.png", self._picture(), "image/png")) for n in range(6)]
            self._post("/my/complaints/new", self._form(), photos)
            self.assertFalse(self._filed())

    def test_bad_forms(self):
        foreign = self._delivered(3, partner=self.other_customer).order_line
        self.authenticate("dealer_one", "dealer_one")
        for values in (
            {"subject": " "},
            {"kind_id": "x"},
            {"kind_id": "999999"},
            {"order_line_id": str(foreign.id)},
            {"order_line_id": "-1"},
            {"quantity": "nan"},
            {"quantity": "-1"},
            {"quantity": "1e99"},
            {"quantity": ""},
        ):
            with self.subTest(values):
                answer = self._post("/my/complaints/new", self._form(**values))
                self.assertIn("alert-danger", answer.text)
                self.assertFalse(self._filed())

    def test_others_on_every_route(self):
        complaint = self._take(self._complaint(), "notified")
        photo = self.env["ir.attachment"].create({"name": "wet.png", "raw": self._picture()})
        foreign = self._complaint(partner_id=self.other_customer.id, order_id=False, line_ids=False)
        self.assertTrue(complaint.access_token)
        base = f"/my/complaints/{complaint.id}"
        for login in ("dealer_two", None):
            self.authenticate(login, login)
            with self.subTest(login):
                self.assertEqual(self.url_open(base).status_code, 404)
                self.assertEqual(self.url_open(f"{base}?access_token=x").status_code, 404)
                self.assertEqual(self.url_open(f"{base}?access_token={foreign.access_token}").status_code, 404)
                self.assertEqual(self.url_open(f"{base}/photo/{photo.id}").status_code, 404)
                self._post(f"{base}/respond", {"response": "accepted", "access_token": complaint.access_token})
                self._post(f"{base}/rate", {"rate": "1", "access_token": complaint.access_token})
                self.assertFalse(complaint.customer_response or complaint.rating_ids)
        with self.subTest("the token of the mail opens the page to read"):
            page = self.url_open(f"{base}?access_token={complaint.access_token}")
            self.assertIn("You are right", page.text)
            self.assertNotIn(f"{base}/respond", page.text)
            self.assertEqual(
                self.url_open(f"{base}/photo/{photo.id}?access_token={complaint.access_token}").status_code, 404
            )
        self.authenticate("dealer_two", "dealer_two")
        listed = self.url_open("/my/complaints").text
        self.assertIn(foreign.name, listed)
        self.assertNotIn(complaint.name, listed)
        self.url_open("/my").raise_for_status()

    def test_list_can_be_narrowed(self):
        closed, waiting, new = (self._complaint(subject=subject) for subject in ("Late", "Wet", "Torn"))
        self._take(closed, "closed")
        self._take(waiting, "notified")
        self.authenticate("dealer_one", "dealer_one")
        for name, shown in (
            ("all", closed | waiting | new),
            ("open", waiting | new),
            ("answer", waiting),
            ("closed", closed),
            ("unknown", closed | waiting | new),
        ):
            with self.subTest(name):
                page = self.url_open(f"/my/complaints?filterby={name}").text
                found = (closed | waiting | new).filtered(lambda one, page=page: one.name in page)
                self.assertEqual(found, shown)

    def test_objection_is_one_of_the_steps_shown(self):
        complaint = self._take(self._complaint(), "notified")
        complaint.sudo()._respond("objected", "Not enough")
        self.authenticate("dealer_one", "dealer_one")
        self.assertIn("Objected by the Customer", self.url_open(f"/my/complaints/{complaint.id}").text)
