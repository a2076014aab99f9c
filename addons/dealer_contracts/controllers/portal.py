import binascii

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.dealer_contract import ISSUED_STATES
from ..models.paper_words import WORDS

PER_PAGE = 20


class ContractPortal(CustomerPortal):
    """Contracts on the portal: read, comment, sign, download, verify (D3).

    Dealers have no rights on the model; each address asks here whether the contract is with the dealer and whether it
    is his: by his login, or by the link that was sent.
    """

    def _contract(self, contract_id, access_token=None):
        """Return the contract, with the rights of the system, if the visitor may see it.

        :raise MissingError: otherwise, whatever the reason
        """
        contract = request.env["dealer.contract"].sudo().browse(contract_id).exists()
        if not contract or contract.state not in ISSUED_STATES:
            raise MissingError(request.env._("There is no such contract."))
        if access_token and contract.access_token and consteq(contract.access_token, access_token):
            return contract
        user = request.env.user
        if user._is_internal():
            try:
                contract.sudo(False).check_access("read")
            except AccessError as error:
                raise MissingError(request.env._("There is no such contract.")) from error
            return contract
        if not user._is_public() and user.partner_id.commercial_partner_id == contract.partner_id:
            return contract
        raise MissingError(request.env._("There is no such contract."))

    def _contracts_domain(self):
        partner = request.env.user.partner_id.commercial_partner_id
        return [("partner_id", "=", partner.id), ("state", "in", ISSUED_STATES)]

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "contract_count" in counters:
            values["contract_count"] = request.env["dealer.contract"].sudo().search_count(self._contracts_domain())
        return values

    @http.route(["/my/contracts", "/my/contracts/page/<int:page>"], type="http", auth="user", website=True)
    def contracts(self, page=1):
        """List the contracts of the dealer."""
        Contract = request.env["dealer.contract"].sudo()
        domain = self._contracts_domain()
        found = pager(url="/my/contracts", total=Contract.search_count(domain), page=page, step=PER_PAGE)
        contracts = Contract.search(domain, order="id desc", limit=PER_PAGE, offset=found["offset"])
        return request.render(
            "dealer_contracts.portal_contracts",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "contracts",
                "contracts": contracts,
                "pager": found,
                "default_url": "/my/contracts",
            },
        )

    @http.route("/my/contracts/<int:contract_id>", type="http", auth="public", website=True)
    def contract(self, contract_id, access_token=None, message=None):
        """Show a contract."""
        try:
            contract = self._contract(contract_id, access_token)
        except MissingError:
            return request.redirect("/my")
        self._log(contract, "portal")
        file = contract._file("issued")
        paper = contract._paper()
        return request.render(
            "dealer_contracts.portal_contract",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "contract",
                "contract": contract,
                "object": contract,
                "token": contract.access_token,
                "paper": paper,
                "words": WORDS[paper["lang"]],
                "file": file,
                "intact": file._intact(),
                "sheet": contract._file("signature"),
                "message": message,
            },
        )

    @http.route("/my/contracts/<int:contract_id>/file/<string:kind>", type="http", auth="public", methods=["GET"])
    def contract_file(self, contract_id, kind, access_token=None):
        """Return a kept file: the paper, or the certificate of signature."""
        try:
            contract = self._contract(contract_id, access_token)
        except MissingError:
            raise request.not_found()
        file = contract._file(kind) if kind in ("issued", "signature") else None
        if not file:
            raise request.not_found()
        try:
            content = file._checked_content()
        except UserError as error:
            return request.make_response(str(error), [("Content-Type", "text/plain; charset=utf-8")], status=409)
        self._log(contract, "download", file.name)
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

    @http.route("/my/contracts/<int:contract_id>/sign", type="jsonrpc", auth="public", website=True)
    def contract_sign(self, contract_id, access_token=None, sha256=None, name=None, signature=None):
        """Take the dealer's signature on the paper whose hash the page had."""
        arguments = request.httprequest.args
        access_token = access_token or arguments.get("access_token")
        sha256 = sha256 or arguments.get("sha256")
        user = request.env.user
        try:
            contract = self._contract(contract_id, access_token)
            if user._is_internal():
                raise UserError(request.env._("The dealer signs here, not our own people."))
            contract._sign(
                name,
                signature,
                sha256,
                request.httprequest.remote_addr,
                user=None if user._is_public() else user,
            )
        except (MissingError, UserError) as error:
            return {"error": str(error)}
        except (TypeError, ValueError, binascii.Error):
            return {"error": request.env._("The signature is no picture.")}
        return {
            "force_refresh": True,
            "redirect_url": f"/my/contracts/{contract.id}?access_token={contract.access_token}&message=signed",
        }

    @http.route("/my/contracts/<int:contract_id>/verify", type="http", auth="public", website=True, methods=["POST"])
    def contract_verify(self, contract_id, access_token=None, file=None, **_csrf):
        """Compare a copy that the dealer has, and the kept file, with the hash of the paper."""
        try:
            contract = self._contract(contract_id, access_token)
        except MissingError:
            return request.redirect("/my")
        self._log(contract, "verify")
        same = file is not None and contract._is_paper(file.read())
        return request.redirect(
            f"/my/contracts/{contract.id}?access_token={contract.access_token}&message={'same' if same else 'other'}"
        )

    def _log(self, contract, how, detail=""):
        address = request.httprequest.remote_addr
        contract._note_reading(how, " ".join(filter(None, (detail, address))))
