from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from .statement import Statement, StatementLine


class ResPartner(models.Model):
    """Statements of account (C10): what is told to the customer, and asked to be confirmed."""

    _inherit = "res.partner"

    def _credit_statements(self, company, date_from, date_to):
        """Return {customer id: Statement} by two statements, whatever the number of customers.

        The caller has checked who asks, see ``_credit_check_statement``. Documents count by the date they have in the
        books; those of the branches of the company are among them, and those of contacts and branches of the customer.

        :param company: legal entity that sells; amounts are in its currency
        :param date_from, date_to: first and last day
        :raise UserError: when the period ends before it starts
        """
        if date_to < date_from:
            raise UserError(
                self.env._(
                    "The statement starts on %(start)s and ends on %(end)s; it has to end after it starts.",
                    start=format_date(self.env, date_from),
                    end=format_date(self.env, date_to),
                )
            )
        customers = self.commercial_partner_id
        if not customers:
            return {}
        self._credit_flush()
        end = date_to + timedelta(days=1)
        lines = self._credit_statement_sql(customers, company, end)
        sums = {
            customer_id: figures
            for customer_id, *figures in self.env.execute_query(self._credit_statement_sums_sql(lines, date_from, end))
        }
        rounded = company.currency_id.round
        rows = {}
        for customer_id, *values in self.env.execute_query(self._credit_statement_rows_sql(lines, date_from, end)):
            line = StatementLine(*values)
            # The sum over the period has to be told from where the period began.
            balance = rounded(line.balance + sums[customer_id][0])
            rows.setdefault(customer_id, []).append(line._replace(balance=balance))
        statements = {}
        for customer in customers:
            opening, debits, credits, closing, unapplied, *ageing = sums.get(customer.id) or [0.0] * 10
            statements[customer.id] = Statement(
                date_from=date_from,
                date_to=date_to,
                opening=opening,
                lines=tuple(rows.get(customer.id, ())),
                debits=debits,
                credits=credits,
                closing=closing,
                ageing=tuple(ageing),
                unapplied=unapplied,
            )
        return statements

    @api.model
    def _credit_statement_sql(self, customers, company, end):
        """Return the query of all receivable lines booked before ``end``, with what was open of them by then."""
        companies = self.env["res.company"].sudo().search([("id", "child_of", company.id)])
        return SQL(
            """
            SELECT customer.commercial_partner_id AS customer_id,
                   line.id,
                   line.move_id,
                   line.date,
                   line.date_maturity,
                   line.balance,
                   line.amount_currency,
                   line.currency_id,
                   line.balance - COALESCE((
                       SELECT SUM(partial.amount) FROM account_partial_reconcile partial
                        WHERE partial.debit_move_id = line.id AND partial.max_date < %(end)s
                   ), 0) + COALESCE((
                       SELECT SUM(partial.amount) FROM account_partial_reconcile partial
                        WHERE partial.credit_move_id = line.id AND partial.max_date < %(end)s
                   ), 0) AS residual
              FROM res_partner customer
              JOIN account_move_line line ON line.partner_id = customer.id
              JOIN account_account account ON account.id = line.account_id
             WHERE customer.commercial_partner_id = ANY (%(customers)s)
               AND line.company_id = ANY (%(companies)s)
               AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
               AND line.date < %(end)s
            """,
            customers=self._credit_array_sql(customers.ids),
            companies=self._credit_array_sql(companies.ids),
            end=end,
        )

    @api.model
    def _credit_statement_sums_sql(self, lines, date_from, end):
        days = SQL("(%s::date - 1 - line.date_maturity)", end)
        bands = [
            SQL("COALESCE(%s, 0) <= 0", days),
            SQL("%s BETWEEN 1 AND 30", days),
            SQL("%s BETWEEN 31 AND 60", days),
            SQL("%s BETWEEN 61 AND 90", days),
            SQL("%s > 90", days),
        ]
        return SQL(
            """
            SELECT customer_id,
                   COALESCE(SUM(balance) FILTER (WHERE date < %(start)s), 0),
                   COALESCE(SUM(balance) FILTER (WHERE date >= %(start)s AND balance > 0), 0),
                   COALESCE(-SUM(balance) FILTER (WHERE date >= %(start)s AND balance < 0), 0),
                   SUM(balance),
                   COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0),
                   %(ageing)s
              FROM (%(lines)s) line
          GROUP BY customer_id
            """,
            start=date_from,
            ageing=SQL(", ").join(
                SQL("COALESCE(SUM(residual) FILTER (WHERE residual > 0 AND %s), 0)", band) for band in bands
            ),
            lines=lines,
        )

    @api.model
    def _credit_statement_rows_sql(self, lines, date_from, end):
        return SQL(
            """
            SELECT line.customer_id,
                   line.date,
                   CASE WHEN line.balance > 0 THEN line.date_maturity END,
                   line.move_id,
                   move.name,
                   COALESCE(move.ref, ''),
                   CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        WHEN move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL THEN 'payment'
                        ELSE 'entry'
                   END,
                   GREATEST(line.balance, 0),
                   GREATEST(-line.balance, 0),
                   SUM(line.balance) OVER (
                       PARTITION BY line.customer_id ORDER BY line.date, line.move_id, line.date_maturity, line.id
                   ),
                   line.residual,
                   CASE WHEN line.currency_id <> company.currency_id THEN line.currency_id END,
                   CASE WHEN line.currency_id <> company.currency_id THEN line.amount_currency END
              FROM (%(lines)s) line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_company company ON company.id = move.company_id
             WHERE line.date >= %(start)s AND line.balance <> 0
          ORDER BY line.customer_id, line.date, line.move_id, line.date_maturity, line.id
            """,
            lines=lines,
            start=date_from,
        )

    def _credit_check_statement(self, company):
        """Raise unless the user may see all documents that these customers have in ``company``.

        That is who reads everybody's documents, credit readers, and the salesperson of the customer.
        """
        self.check_access("read")
        if self.env.su:
            return
        if company not in self.env.user.company_ids:
            raise AccessError(self.env._("You don't work for %s.", company.sudo().name))
        if self.env.user.has_group("customer_credit.group_credit_user"):
            return
        if hidden := self - self._filtered_customer_figures_visible():
            raise AccessError(
                self.env._(
                    "The statement of %s tells of all documents of the customer, of which you may read your own only.",
                    ", ".join(hidden[:5].mapped("display_name")),
                )
            )

    def action_credit_statement(self):
        """Ask for the period, then print statements of account of these customers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statement of Account"),
            "res_model": "credit.statement",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.commercial_partner_id.ids},
        }
