from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.portal.controllers import portal

from ..models import photo

PAGE = 20
FILTERS = {
    "all": [],
    "open": [("state", "!=", "closed")],
    "answer": [("state", "=", "notified"), ("customer_response", "=", False)],
    "closed": [("state", "=", "closed")],
}
WISHES = ("return", "exchange", "refund", "repair", "repackage", "compensation", "explanation")


class ComplaintPortal(portal.CustomerPortal):
    """Complaints of a dealer on the portal. Portal users have no right to the models: each route first makes sure that
    the complaint is one of the user's firm, then reads and writes for it what the route is there for."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "complaint_count" in counters:
            values["complaint_count"] = self._complaints().search_count(self._own_domain())
        return values

    def _complaints(self):
        return request.env["complaint.complaint"].sudo()

    def _customer(self):
        return request.env.user.partner_id.commercial_partner_id

    def _own_domain(self):
        return [("partner_id", "=", self._customer().id)]

    def _own(self, complaint_id, access_token=None):
        """Return a complaint of the user's firm, or the one whose token was given, to be read.

        :raise NotFound: for all others, whether they exist or not
        """
        complaint = self._complaints().browse(complaint_id).exists()
        known = complaint and not request.env.user._is_public() and complaint.partner_id == self._customer()
        told = complaint and access_token and consteq(complaint.access_token or "", access_token)
        if not (known or told):
            raise request.not_found()
        return complaint

    def _goods(self):
        """Return the order lines that the firm can complain about, the newest first."""
        return (
            request.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("order_partner_id", "child_of", self._customer().id),
                    ("state", "=", "sale"),
                    ("display_type", "=", False),
                    ("product_id", "!=", False),
                ],
                order="id desc",
                limit=200,
            )
        )

    def _filters(self):
        """Return {name: label} of what the list can be narrowed to."""
        env = request.env
        return {
            "all": env._("All"),
            "open": env._("Open"),
            "answer": env._("Waits for your answer"),
            "closed": env._("Closed"),
        }

    @http.route(["/my/complaints", "/my/complaints/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_complaints(self, page=1, filterby="all", **_kw):
        filters = self._filters()
        filterby = filterby if filterby in filters else "all"
        domain = self._own_domain() + FILTERS[filterby]
        total = self._complaints().search_count(domain)
        pager = portal.pager(url="/my/complaints", url_args={"filterby": filterby}, total=total, page=page, step=PAGE)
        complaints = self._complaints().search(domain, limit=PAGE, offset=pager["offset"])
        values = {
            **self._prepare_portal_layout_values(),
            "complaints": complaints,
            "filters": filters,
            "filterby": filterby,
            "page_name": "complaint",
            "default_url": "/my/complaints",
            "pager": pager,
        }
        return request.render("aftersales_complaint.portal_my_complaints", values)

    @http.route("/my/complaints/new", type="http", auth="user", website=True, methods=["GET", "POST"])
    def portal_complaint_new(self, **post):
        error = None
        if request.httprequest.method == "POST":
            try:
                with request.env.cr.savepoint():
                    complaint = self._file(post)
            except UserError as problem:
                error = problem.args[0]
            else:
                return request.redirect_query(f"/my/complaints/{complaint.id}", {"done": "filed"})
        complaint_model = self._complaints()
        wishes = dict(complaint_model._fields["wish"]._description_selection(request.env))
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "complaint_new",
            "error": error,
            "photos_lost": bool(request.httprequest.files.get("photos")),
            "max_photos": photo.MAX_PHOTOS,
            "max_megabytes": photo.MAX_BYTES // 1024 // 1024,
            "post": post,
            "kinds": request.env["complaint.kind"].sudo().search([]),
            "goods": self._goods(),
            "wishes": wishes,
        }
        return request.render("aftersales_complaint.portal_complaint_new", values)

    def _file(self, post):
        """File a complaint of the user's firm from the form.

        :raise UserError: saying what is wrong with the form
        """
        env = request.env
        subject = (post.get("subject") or "").strip()[:200]
        if not subject:
            raise UserError(env._("Say what it is about."))
        number = str(post.get("kind_id") or "")
        kind = env["complaint.kind"].sudo().search([("id", "=", int(number) if number.isdigit() else 0)])
        if not kind:
            raise UserError(env._("Choose what kind of complaint it is."))
        number = str(post.get("order_line_id") or "")
        goods = self._goods().filtered(lambda line: str(line.id) == number)
        if number and not goods:
            raise UserError(env._("Choose one of your own orders."))
        try:
            quantity = float(post.get("quantity") or 0)
        except ValueError:
            quantity = -1.0
        if not 0 <= quantity < 1e9:
            raise UserError(env._("The quantity is a number."))
        if kind.needs_product and not (goods and quantity):
            raise UserError(env._("A complaint about “%s” names the product and the quantity.", kind.name))
        files = self._photos()
        contact = env.user.partner_id
        company = goods.company_id or env.company
        line = {"kind_id": kind.id, "quantity": quantity, "order_line_id": goods.id, "product_id": goods.product_id.id}
        complaint = (
            self._complaints()
            .with_company(company)
            .create(
                {
                    "partner_id": self._customer().id,
                    "contact_id": contact.id if contact != self._customer() else False,
                    "company_id": company.id,
                    "order_id": goods.order_id.id,
                    "subject": subject,
                    "description": (post.get("description") or "").strip()[:20000],
                    "wish": post.get("wish") if post.get("wish") in WISHES else False,
                    "channel": "portal",
                    "line_ids": [Command.create(line)],
                }
            )
        )
        photos = (
            env["ir.attachment"]
            .sudo()
            .create(
                [
                    {
                        "name": name,
                        "raw": content,
                        "mimetype": mimetype,
                        "res_model": "complaint.line",
                        "res_id": complaint.line_ids.id,
                    }
                    for name, mimetype, content in files
                ]
            )
        )
        complaint.line_ids.attachment_ids = photos
        return complaint

    def _photos(self):
        """Return [(name, MIME type, content)] of what was uploaded.

        :raise UserError: for too many, too large, or what is no photo
        """
        env = request.env
        uploads = [upload for upload in request.httprequest.files.getlist("photos") if upload.filename]
        if len(uploads) > photo.MAX_PHOTOS:
            raise UserError(env._("At most %s photos.", photo.MAX_PHOTOS))
        found = []
        for upload in uploads:
            content = upload.read(photo.MAX_BYTES + 1)
            try:
                mimetype, ending = photo.kind(content)
            except ValueError as problem:
                if problem.args[0] == "size":
                    raise UserError(
                        env._("A photo has at most %s MB, and is not empty.", photo.MAX_BYTES // 1024 // 1024)
                    ) from problem
                raise UserError(env._("Photos are JPEG or PNG.")) from problem
            found.append((photo.name(upload.filename, ending), mimetype, content))
        return found

    @http.route("/my/complaints/<int:complaint_id>", type="http", auth="public", website=True)
    def portal_complaint(self, complaint_id, access_token=None, done=None, **_kw):
        return self._complaint_page(self._own(complaint_id, access_token), access_token, done=done)

    def _complaint_page(self, complaint, token=None, done=None, error=None):
        """Render a complaint that the caller has found to be the user's.

        :param str done: what the user has just done: filed, answered or rated
        :param str error: why it wasn't done
        """
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "complaint",
            "complaint": complaint,
            "own": not request.env.user._is_public() and complaint.partner_id == self._customer(),
            "token": token,
            "decided": complaint.state in ("notified", "closed"),
            "remedies": complaint.remedy_ids.filtered(lambda remedy: remedy.state in ("approved", "done")),
            "steps": complaint.step_ids.filtered(
                lambda step: step.kind == step.state_after or step.kind in ("accepted", "objected")
            ),
            "rating": self._rating(complaint),
            "done": done,
            "error": error,
        }
        return request.render("aftersales_complaint.portal_complaint", values)

    @http.route("/my/complaints/<int:complaint_id>/photo/<int:file_id>", type="http", auth="public")
    def portal_complaint_photo(self, complaint_id, file_id, access_token=None, **_kw):
        complaint = self._own(complaint_id, access_token)
        file = complaint.line_ids.attachment_ids.filtered(lambda file: file.id == file_id)
        if not file:
            raise request.not_found()
        return request.env["ir.binary"].sudo()._get_stream_from(file).get_response(as_attachment=True)

    @http.route("/my/complaints/<int:complaint_id>/respond", type="http", auth="user", website=True, methods=["POST"])
    def portal_complaint_respond(self, complaint_id, response=None, note=None, **_kw):
        complaint = self._own(complaint_id)
        return self._answer(complaint, "answered", lambda: complaint._respond(response, note))

    @http.route("/my/complaints/<int:complaint_id>/rate", type="http", auth="user", website=True, methods=["POST"])
    def portal_complaint_rate(self, complaint_id, rate=None, feedback=None, **_kw):
        complaint = self._own(complaint_id)
        return self._answer(complaint, "rated", lambda: complaint._rate(request.env.user.partner_id, rate, feedback))

    def _answer(self, complaint, done, act):
        """Let the customer act, and show the complaint afterwards, with what was wrong if it wasn't done."""
        try:
            with request.env.cr.savepoint():
                act()
        except UserError as problem:
            return self._complaint_page(complaint, error=problem.args[0])
        return request.redirect_query(f"/my/complaints/{complaint.id}", {"done": done})

    def _rating(self, complaint):
        return complaint.rating_ids.filtered("consumed")[:1]
