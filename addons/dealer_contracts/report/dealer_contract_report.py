from odoo import api, models

from ..models.paper_docx import PARTY_ROWS
from ..models.paper_words import WORDS


class ReportContract(models.AbstractModel):
    """The paper of a contract: the same for every reader (D2)."""

    _name = "report.dealer_contracts.report_contract"
    _description = "Printed Contract"

    @api.model
    def _get_report_values(self, docids, data=None):
        contracts = self.env["dealer.contract"].browse(docids)
        contracts.check_access("read")
        if not self.env.su:
            contracts._note_reading("print")
        papers = {contract.id: contract._paper() for contract in contracts}
        return {
            "doc_ids": docids,
            "doc_model": "dealer.contract",
            "docs": contracts,
            "papers": papers,
            "marks": {contract.id: contract._watermark() for contract in contracts},
            "dictionary": WORDS,
            "party_rows": PARTY_ROWS,
            "page_words": self._page_words,
        }

    @api.model
    def _page_words(self, words):
        """Return the text of the footer before, between and after the two numbers."""
        before, rest = words["page"].split("{page}")
        between, after = rest.split("{pages}")
        return before, between, after


class ReportSignature(models.AbstractModel):
    """The certificate of a signature on the portal (D3)."""

    _name = "report.dealer_contracts.report_signature"
    _inherit = "report.dealer_contracts.report_contract"
    _description = "Certificate of Signature"

    @api.model
    def _get_report_values(self, docids, data=None):
        values = super()._get_report_values(docids, data)
        for contract in values["docs"]:
            if contract.signed_way != "portal":
                values["docs"] -= contract
        values["files"] = {contract.id: contract._file("issued").sudo() for contract in values["docs"]}
        return values
