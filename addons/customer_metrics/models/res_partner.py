from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _open_receivable_sql(self, alias_line, alias_account):
        """Return the SQL condition of an open receivable line: the one definition that views, metrics and the credit
        exposure share (M).

        A line is open when it stands on a receivable account, its entry is posted and something of it is not yet
        reconciled. `amount_residual` is in company currency: positive for what the customer owes, negative for credit
        notes and payments that were not applied yet. It is overdue when, besides, ``date_maturity < today`` and
        ``amount_residual > 0``.

        :param str alias_line: alias of account_move_line in the query
        :param str alias_account: alias of account_account, joined on the line's account
        :return: the condition, an :class:`~odoo.tools.SQL`
        """
        line = SQL.identifier(alias_line)
        return SQL(
            "(%s.account_type = 'asset_receivable' AND %s.parent_state = 'posted' AND %s.amount_residual <> 0)",
            SQL.identifier(alias_account),
            line,
            line,
        )
