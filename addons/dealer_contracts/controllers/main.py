from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

from ..models.dealer_contract_paper import REPORT

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ContractFiles(http.Controller):
    """Files of contracts for people in the office: only who may read the contract, verified, logged."""

    @http.route("/dealer_contracts/file/<int:file_id>", type="http", auth="user", methods=["GET"])
    def file(self, file_id):
        """Return a kept file."""
        file = request.env["dealer.contract.file"].browse(file_id)
        try:
            file.check_access("read")
            file.contract_id.check_access("read")
            content = file._checked_content()
        except (AccessError, MissingError):
            raise request.not_found()
        except UserError as error:
            return request.make_response(str(error), [("Content-Type", "text/plain; charset=utf-8")], status=409)
        file.contract_id._note_reading("download", file.name)
        return request.make_response(
            content,
            [
                ("Content-Type", file.mimetype),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(file.name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )

    @http.route("/dealer_contracts/paper/<int:contract_id>", type="http", auth="user", methods=["GET"])
    def paper(self, contract_id):
        """Return the paper as it is printed now."""
        contract = request.env["dealer.contract"].browse(contract_id)
        try:
            contract.check_access("read")
        except (AccessError, MissingError):
            raise request.not_found()
        contract._note_reading("print")
        return request.make_response(
            contract.sudo()._render(REPORT),
            [("Content-Type", "application/pdf"), ("Content-Disposition", content_disposition(contract._file_name()))],
        )

    @http.route("/dealer_contracts/draft/<int:contract_id>", type="http", auth="user", methods=["GET"])
    def draft(self, contract_id):
        """Return a contract as a Word file."""
        contract = request.env["dealer.contract"].browse(contract_id)
        try:
            content = contract._docx()
        except (AccessError, MissingError):
            raise request.not_found()
        contract._note_reading("draft")
        name = contract._file_name().removesuffix(".pdf") + ".docx"
        return request.make_response(
            content,
            [("Content-Type", DOCX), ("Content-Disposition", content_disposition(name))],
        )
