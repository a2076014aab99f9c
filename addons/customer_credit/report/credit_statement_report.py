from odoo import api, models


class ReportStatement(models.AbstractModel):
    """The printed statement of account (对账单); the figures are checked and made here, whoever asks (C10)."""

    _name = "report.customer_credit.report_statement"
    _description = "Printed Statement of Account"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["credit.statement"].browse(docids).exists()
        docs.check_access("read")
        return {
            "doc_ids": docs.ids,
            "doc_model": "credit.statement",
            "docs": docs,
            "statements": {doc.id: doc._statements() for doc in docs},
            "currencies": {currency.id: currency.name for currency in self.env["res.currency"].search([])},
        }
