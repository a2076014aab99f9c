import base64
import io
from collections import OrderedDict
from urllib.parse import parse_qs, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.http import Stream
from odoo.tools import file_open
from odoo.tools.mimetypes import guess_mimetype

from . import pdf_document

# As large as PostgreSQL takes them: a greater number would end the transaction.
_ID = "<int(max=2147483647):id>"
# The addresses of Odoo's images and files that a document may show.
_ADDRESSES = Map(
    [
        Rule(f"/web/{kind}/{target}{rest}", endpoint="record")
        for kind in ("image", "content")
        for target in (
            f"{_ID}",
            f"{_ID}-<string:unique>",
            f"<string(minlength=3):model>/{_ID}/<string:field>",
            "<string(minlength=3):xmlid>",
        )
        for rest in (
            "",
            "/<string:filename>",
            "/<int:width>x<int:height>",
            "/<int:width>x<int:height>/<string:filename>",
        )
    ]
    + [Rule("/<string:addon>/static/<path:path>", endpoint="static")],
    merge_slashes=False,
)
_STATIC_KINDS = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".css", ".ttf", ".otf", ".woff", ".woff2")
_STYLESHEET = "report_weasyprint/static/src/report/report.css"


class IrActionsReport(models.Model):
    """Reports choose what makes their PDF files; for those of WeasyPrint wkhtmltopdf isn't needed at all."""

    _inherit = "ir.actions.report"

    pdf_engine = fields.Selection(
        [("wkhtmltopdf", "wkhtmltopdf"), ("weasyprint", "WeasyPrint")],
        string="PDF Engine",
        required=True,
        default="wkhtmltopdf",
        help="The program that turns the report into PDF. WeasyPrint is for reports on the layout for printed forms;"
        " those on the layouts of Odoo come out plain.",
    )

    # === READING THE ACTION === #

    def _get_readable_fields(self):
        return super()._get_readable_fields() | {"pdf_engine"}

    def report_action(self, docids, data=None, config=True):
        """Tell the web client the engine, by which it knows whether to ask for wkhtmltopdf."""
        if self.pdf_engine != "weasyprint":
            return super().report_action(docids, data=data, config=config)
        # The layouts among which Odoo lets one choose here are of no consequence for these reports.
        action = super().report_action(docids, data=data, config=False)
        return {**action, "pdf_engine": self.pdf_engine}

    # === RENDERING === #

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Render the records without stored file by WeasyPrint, each to a file of its own."""
        report_sudo = self._get_report(report_ref)
        if report_sudo.pdf_engine != "weasyprint":
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        data = dict(data or {}, report_type="pdf")
        data.setdefault("debug", False)
        if not res_ids or len(res_ids) != len(set(res_ids)):
            html = self.with_context(debug=False)._render_qweb_html(report_ref, res_ids, data=data)[0]
            return {False: {"stream": io.BytesIO(self._html_to_pdf(report_sudo, html)), "attachment": None}}

        streams = OrderedDict(
            (record.id, self._stored_stream(report_sudo, record))
            for record in self.env[report_sudo.model].browse(res_ids)
        )
        missing = [res_id for res_id, stream in streams.items() if not stream["stream"]]
        for res_id, content in self._render_weasyprint(report_sudo, report_ref, missing, data).items():
            streams[res_id]["stream"] = io.BytesIO(content)
        return streams

    def _stored_stream(self, report_sudo, record):
        """Return what Odoo keeps for a record: its attachment, and the file in it if the report is to be used again."""
        attachment = None
        if report_sudo.attachment and not self.env.context.get("report_pdf_no_attachment"):
            attachment = report_sudo.retrieve_attachment(record)
        reuse = attachment and report_sudo.attachment_use and attachment.mimetype == "application/pdf"
        return {"stream": io.BytesIO(attachment.raw) if reuse else None, "attachment": attachment}

    def _render_weasyprint(self, report_sudo, report_ref, res_ids, data):
        """Return {record id: PDF file}. The texts of all records are made at once."""
        if not res_ids:
            return {}
        report = self.with_context(debug=False)
        html = report._render_qweb_html(report_ref, res_ids, data=data)[0]
        if len(res_ids) == 1:
            return {res_ids[0]: self._html_to_pdf(report_sudo, html)}
        documents = pdf_document.split(html, report_sudo.model)
        if set(documents) != set(res_ids):
            # The template doesn't say which part belongs to which record.
            return {
                res_id: self._html_to_pdf(report_sudo, report._render_qweb_html(report_ref, [res_id], data=data)[0])
                for res_id in res_ids
            }
        return {res_id: self._document_to_pdf(report_sudo, documents[res_id]) for res_id in res_ids}

    def _html_to_pdf(self, report_sudo, html):
        """Return one PDF file of everything in the HTML of a report."""
        return self._document_to_pdf(report_sudo, pdf_document.split(html, None)[None])

    def _document_to_pdf(self, report_sudo, document):
        """Return the PDF file of an HTML element, on the paper of the report.

        :raise UserError: where WeasyPrint or one of the libraries it stands on is missing
        """
        ours = document.get("data-pdf-engine") == "weasyprint"
        with file_open(_STYLESHEET) as file:
            stylesheets = [] if ours else [file.read()]
        try:
            return pdf_document.render(
                document,
                fetch=self._fetch_for_pdf,
                pages=self._page(report_sudo, document, own_margins=ours),
                base_url=report_sudo._get_report_url(),
                stylesheets=stylesheets,
            )
        except pdf_document.Unavailable as error:
            raise UserError(
                self.env._(
                    "“%(report)s” can't be printed: WeasyPrint doesn't start on this server (%(error)s). Ask the"
                    " administrator to install the Python package weasyprint and the libraries of Pango; on Debian and"
                    " Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
                    report=report_sudo.name,
                    error=error,
                )
            ) from error

    def _page(self, report_sudo, document, own_margins):
        """Return the paper of a document.

        The margins of the company's paper format leave room for the headers of Odoo's own layouts; a layout with
        margins of its own keeps them unless the report has a paper format to itself.
        """
        paper = report_sudo.get_paperformat()
        width, height = paper.print_page_width or 210, paper.print_page_height or 297
        if self.env.context.get("landscape") or document.get("data-report-landscape"):
            width, height = max(width, height), min(width, height)
        sides = (15, 15) if paper.css_margins and not own_margins else (paper.margin_right, paper.margin_left)
        margins = (paper.margin_top, sides[0], paper.margin_bottom, sides[1])
        return pdf_document.Page(width, height, None if own_margins and not report_sudo.paperformat_id else margins)

    # === WHAT A DOCUMENT MAY SHOW === #

    @api.model
    def _fetch_for_pdf(self, url):
        """Return the file behind an address in a document, if it is of this database and the user may see it.

        The text of a document is written by users. So it is served with the rights of the present user without
        sudo; to a report that the system makes by itself, as to the public. What a report shows with other rights
        comes as data: URI from its template.

        :param str url: absolute address
        :return: (bytes, MIME type)
        :raise ValueError: for all other addresses
        """
        address = urlsplit(url)
        own = urlsplit(self._get_report_url())
        if address[:2] != own[:2]:
            raise ValueError("not of this database")
        try:
            endpoint, values = _ADDRESSES.bind("").match(address.path, method="GET")
        except HTTPException:
            raise ValueError("neither image nor attachment")
        if endpoint == "static":
            return self._fetch_static(**values)
        query = {name: texts[-1] for name, texts in parse_qs(address.query).items()}
        env = self.env(user=self.env.ref("base.public_user").id if self.env.uid == SUPERUSER_ID else None, su=False)
        try:
            return self._fetch_record(env, query.get("access_token"), **values)
        except UserError as error:
            raise ValueError("not for this user") from error

    def _fetch_static(self, addon, path):
        if ".." in (addon, *path.split("/")):
            raise ValueError("outside of the folder")
        try:
            stream = Stream.from_path(f"{addon}/static/{path}", filter_ext=_STATIC_KINDS)
        except (FileNotFoundError, ValueError):
            raise ValueError("no such file")
        return stream.read(), stream.mimetype or "application/octet-stream"

    def _fetch_record(self, env, token, model="ir.attachment", id=None, field="raw", xmlid=None, **_picture):
        record = env["ir.binary"]._find_record(xmlid, model, id, token, field=field)
        if record._name == "ir.attachment":
            if record.type != "binary":
                raise ValueError("outside of this database")
            content, mimetype = record.raw, record.mimetype
        else:
            if field not in record._fields or record._fields[field].type != "binary":
                raise ValueError("no file")
            record._check_field_access(record._fields[field], "read")
            content = base64.b64decode(record.with_context(bin_size=False)[field] or b"")
            mimetype = guess_mimetype(content)
        return content, mimetype
