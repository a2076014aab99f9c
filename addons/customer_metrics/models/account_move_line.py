from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Its condition is part of res.partner._open_receivable_sql(), else PostgreSQL could not use it. Lines of accounts
    # that are not reconcilable have no residual, so only what is open stands in the index: it stays small.
    _customer_open_idx = models.Index(
        "(partner_id, company_id) INCLUDE (account_id, move_id, date_maturity, amount_residual)"
        " WHERE parent_state = 'posted' AND amount_residual <> 0"
    )
