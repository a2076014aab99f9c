from dateutil.relativedelta import relativedelta

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request

from odoo.addons.customer_metrics.controllers.xlsx import XLSX
from odoo.addons.portal.controllers.portal import CustomerPortal

YEARS_MAX = 3


class CreditPortal(CustomerPortal):
    """A customer's own credit (C10). Every route starts from the commercial entity of who is logged in; ids in an
    address only choose among what belongs to it.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "credit_count" in counters:
            values["credit_count"] = len(self._credit_customer()._credit_portal())
        return values

    def _credit_customer(self):
        return request.env.user.partner_id.commercial_partner_id

    @http.route("/my/credit", type="http", auth="user", website=True)
    def portal_credit(self, error=None, done=None, **kwargs):
        """Show the credit with each company."""
        return request.render("customer_credit.portal_my_credit", self._credit_page(error=error, done=done))

    def _credit_page(self, error=None, message=None, done=None, asked=None):
        customer = self._credit_customer()
        credits = customer._credit_portal()
        lines = request.env["account.move.line"].sudo().union(*(credit.lines for credit in credits))
        today = fields.Date.context_today(customer)
        return {
            **self._prepare_portal_layout_values(),
            "page_name": "credit",
            "credits": credits,
            "customer": customer,
            "readable": request.env["res.partner"]._credit_portal_moves(lines),
            "today": today,
            "date_from": today + relativedelta(months=-1, day=1),
            "date_to": today + relativedelta(day=1, days=-1),
            "error": error,
            "message": message,
            "done": done,
            "asked": asked or {},
        }

    # A file is no page of the website: its address has no language.
    @http.route("/my/credit/<int:company_id>/statement", type="http", auth="user", methods=["GET"])
    def portal_credit_statement(self, company_id, date_from=None, date_to=None, form="pdf", **kwargs):
        """Return the statement of account with one company for a period, as PDF or XLSX."""
        customer = self._credit_customer()
        credits = customer._credit_portal()
        company = next(
            (company for credit in credits for company in credit.sellers if company.id == company_id),
            None,
        )
        if not company:
            raise request.not_found()
        period = self._credit_period(customer, date_from, date_to)
        if not period:
            return request.redirect("/my/credit?error=period")
        statement = (
            request.env["credit.statement"]
            .sudo()
            .create(
                {
                    "partner_ids": customer.ids,
                    "company_id": company.id,
                    "date_from": period[0],
                    "date_to": period[1],
                }
            )
        )
        if form == "xlsx":
            content, kind = statement._statement_xlsx(), XLSX
        else:
            form, kind = "pdf", "application/pdf"
            content = (
                request.env["ir.actions.report"]
                .sudo()
                .with_company(company)
                .with_context(force_report_rendering=True)
                ._render_qweb_pdf("customer_credit.report_statement", statement.ids)[0]
            )
        return request.make_response(
            content,
            headers=[
                ("Content-Type", kind),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{statement._title()}.{form}")),
            ],
        )

    def _credit_period(self, customer, date_from, date_to):
        """Return the first and last day that were asked for; None where they make no period."""
        try:
            start, end = fields.Date.to_date(date_from), fields.Date.to_date(date_to)
        except ValueError:
            return None
        today = fields.Date.context_today(customer)
        if not start or not end or not today - relativedelta(years=YEARS_MAX) <= start <= end <= today:
            return None
        return start, end

    @http.route("/my/credit/<int:company_id>/request", type="http", auth="user", methods=["POST"], website=True)
    def portal_credit_request(self, company_id, amount="", reason="", **kwargs):
        """Ask for a higher limit."""
        customer = self._credit_customer()
        credit = next((credit for credit in customer._credit_portal() if credit.company.id == company_id), None)
        if not credit:
            raise request.not_found()
        try:
            value = float(amount.replace(",", "").replace("，", "").replace(" ", "") or 0)
        except ValueError:
            value = 0.0
        try:
            with request.env.cr.savepoint():
                customer._portal_request(credit.company, value, reason)
        except UserError as error:
            asked = {"company_id": company_id, "amount": amount, "reason": reason}
            return request.render(
                "customer_credit.portal_my_credit",
                self._credit_page(error="request", message=str(error), asked=asked),
            )
        return request.redirect("/my/credit?done=request")
