from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Its condition follows from res.partner._open_receivable_sql(), else PostgreSQL could not use it. Lines of accounts
    # that are not reconcilable have no residual, so only what is open stands in the index: it stays small. Drafts are
    # in it for those who want to know whether there are any.
    _customer_open_idx = models.Index(
        "(partner_id, company_id)"
        " INCLUDE (account_id, amount_residual, date_maturity, date, invoice_date, parent_state)"
        " WHERE parent_state IN ('posted', 'draft') AND amount_residual <> 0"
    )
