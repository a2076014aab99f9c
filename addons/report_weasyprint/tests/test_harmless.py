import base64
import io
import socket
import tempfile
from pathlib import Path

from markupsafe import Markup
from pypdf import PdfReader

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import WeasyprintCommon

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@tagged("post_install", "-at_install")
class TestHarmless(WeasyprintCommon, TransactionCase):
    """The text of documents is written by users: whatever it holds, it reaches neither network nor disk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Unlike comment, this field of a test is printed without Odoo's own cleaning of HTML.
        cls.view.arch = cls.view.arch.replace('t-out="doc.comment"', "t-out=\"env.context.get('clause')\"")
        Attachment = cls.env["ir.attachment"]
        cls.picture = Attachment.create({"name": "seal.png", "raw": base64.b64decode(PIXEL)})
        cls.manager = new_test_user(cls.env, "form_manager", "base.group_system")
        cls.secret = Attachment.create(
            {
                "name": "secret.png",
                "raw": base64.b64decode(PIXEL),
                "res_model": "ir.config_parameter",
                "res_id": cls.env["ir.config_parameter"].search([], limit=1).id,
            }
        )

    @mute_logger("weasyprint")
    def _print(self, clause, user=None, sudo=False):
        """Print a document with a clause; fail on any attempt to open a connection. Return (pdf, text, pictures)."""
        attempts = []

        def refuse(*args):
            attempts.append(args)
            raise OSError("No network here")

        self.patch(socket.socket, "connect", refuse)
        self.patch(socket, "getaddrinfo", refuse)
        report = self.env["ir.actions.report"].with_user(user or self.employee)
        pdf = (
            (report.sudo() if sudo else report)
            .with_context(force_report_rendering=True, clause=Markup(clause))
            ._render_qweb_pdf(self.report.report_name, self.customer.ids)[0]
        )
        self.assertFalse(attempts, "The document went to the network")
        pages = PdfReader(io.BytesIO(pdf)).pages
        return pdf, "".join(self._pages(pdf)), sum(len(page.images) for page in pages)

    def test_script(self):
        _pdf, text, _pictures = self._print("<script>document.write('坏')</script><p onclick='x()'>甲方</p>")
        self.assertIn("甲方", text)
        self.assertNotIn("document", text)
        self.assertNotIn("坏", text)

    def test_network(self):
        _pdf, text, pictures = self._print(
            """<img src="http://127.0.0.1:9/a.png"/><img src="https://evil.example/a.png"/>
            <img src="//evil.example/b.png"/>
            <link rel="stylesheet" href="http://evil.example/a.css"/>
            <style>@import url(http://evil.example/b.css); @font-face {font-family: x; src: url(http://evil.example/f.ttf)}
            p {background: url(http://evil.example/c.png); font-family: x}</style>
            <iframe src="http://evil.example/"></iframe><object data="http://evil.example/d.svg"></object>
            <svg width="9" height="9"><image href="http://evil.example/e.png" width="9" height="9"/></svg>
            <base href="http://evil.example/"/><img src="f.png"/><p>乙方</p>"""
        )
        self.assertIn("乙方", text)
        self.assertEqual(pictures, 0)

    def test_disk(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "a.png").write_bytes(base64.b64decode(PIXEL))
        (folder / "a.css").write_text("p::before {content: '从磁盘'}")
        place = folder.as_uri()
        pdf, text, pictures = self._print(
            f"""<img src="{place}/a.png"/><img src="{folder}/a.png"/><link rel="stylesheet" href="{place}/a.css"/>
            <link rel="attachment" href="{place}/a.css"/><a rel="attachment" href="{place}/a.css">附件</a>
            <svg width="9" height="9"><image href="{place}/a.png" width="9" height="9"/></svg>
            <img src="/web/static/../../../../../../../../../../..{folder}/a.png"/>
            <img src="/web/static/src/%2e%2e/%2e%2e/__manifest__.py"/><p>丙方</p>"""
        )
        self.assertIn("丙方", text)
        self.assertNotIn("从磁盘", text)
        self.assertEqual(pictures, 0)
        self.assertEqual(dict(PdfReader(io.BytesIO(pdf)).attachments), {})

    def test_links(self):
        pdf, text, _pictures = self._print(
            """<a href="file:///etc/passwd">一</a><a href=" javascript:alert(1)">二</a><a href="data:text/html,x">三</a>
            <a href="https://example.com/ok">四</a><a href="mailto:a@example.com">五</a>
            <a href="/odoo/contacts">六</a>"""
        )
        self.assertTrue(all(word in text for word in "一二三四五六"))
        links = {
            note.get_object()["/A"]["/URI"]
            for page in PdfReader(io.BytesIO(pdf)).pages
            for note in page.get("/Annots", [])
        }
        self.assertEqual(links, {"https://example.com/ok", "mailto:a@example.com", "http://odoo.example/odoo/contacts"})

    def test_template_code(self):
        _pdf, text, _pictures = self._print(
            "<p>{{ object.env.cr.dbname }}</p><p>${7*191}</p><t t-out='7*193'/><p t-out='7*197'>丁方</p>"
            "<p t-esc='7*199'/>"
        )
        self.assertIn("{{ object.env.cr.dbname }}", text)
        self.assertIn("丁方", text)
        for number in (7 * 191, 7 * 193, 7 * 197, 7 * 199):
            self.assertNotIn(str(number), text)

    def test_pictures_of_the_database(self):
        self.employee.image_1920 = PIXEL
        public = self.env["ir.attachment"].create(
            {"name": "public.png", "raw": base64.b64decode(PIXEL), "public": True}
        )
        for address in (
            f"data:image/png;base64,{PIXEL}",
            f"/web/image/{public.id}",
            f"/web/image/{public.id}-abc/seal.png",
            f"/web/content/{public.id}",
            f"http://odoo.example/web/image/ir.attachment/{public.id}/raw/10x10",
            f"/web/image/res.users/{self.employee.id}/image_128/x.png?unique=1",
            f"/web/image/{self.picture.id}?access_token={self.picture.generate_access_token()[0]}",
            "/web/static/img/placeholder.png",
        ):
            with self.subTest(address):
                self.assertEqual(self._print(f'<img src="{address}"/>')[2], 1)

    def test_pictures_that_are_not_for_the_user(self):
        self.env["ir.attachment"].create(
            {"name": "link", "type": "url", "url": "http://evil.example/a.png", "public": True}
        )
        link = self.env["ir.attachment"].search([("name", "=", "link")])
        for address in (
            f"/web/image/{self.secret.id}",
            f"/web/content/ir.attachment/{self.secret.id}/raw",
            f"/web/image/{self.secret.id}?access_token=guess",
            f"/web/image/{link.id}",
            "/web/image/2147483647",
            "/web/image/99999999999999",
            "/web/image/no.such.model/1/image_128",
            "/web/image/res.users/1/login",
            "/web/image/res.users/1/password",
            "/web/image/nonsense",
            "/web/session/logout",
            "/report/pdf/x/1",
            "/web/static/src/../../__manifest__.py",
        ):
            with self.subTest(address):
                _pdf, text, pictures = self._print(f'<img src="{address}"/><p>戊方</p>')
                self.assertIn("戊方", text)
                self.assertEqual(pictures, 0)

    def test_rights_of_the_reader_even_with_sudo(self):
        clause = f'<img src="/web/image/{self.secret.id}"/>'
        self.assertEqual(self._print(clause, self.manager)[2], 1)
        self.assertEqual(self._print(clause, self.employee, sudo=True)[2], 0, "sudo isn't for what a user wrote")
        self.assertEqual(self._print(clause, self.env.ref("base.user_root"))[2], 0, "nor are the rights of the system")
