from odoo import api, models


class ReportCreditFile(models.AbstractModel):
    """The printed credit file of a customer (客户信用档案)."""

    _name = "report.customer_credit.report_credit_file"
    _description = "Printed Credit File"

    @api.model
    def _get_report_values(self, docids, data=None):
        accounts = self.env["credit.account"].browse(docids).exists()
        accounts._check_file()
        return {
            "doc_ids": accounts.ids,
            "doc_model": "credit.account",
            "docs": accounts,
            "sections": {account.id: account.sudo()._credit_file_sections() for account in accounts},
        }
