from odoo import api, fields, models
from odoo.tools import SQL


class CustomerReceivableReport(models.Model):
    """Every line of a posted entry on a receivable account, with its due date and what became of it (M).

    `amount` and `residual` are in company currency: positive for what the customer owes, negative for credit notes
    and payments. The residuals of a customer add up to the customer's receivable.

    With a date under `customer_figures_date_to` in the context, the rows are those of the eve of that day: what was
    posted and reconciled later is left out.
    """

    _name = "customer.receivable.report"
    _description = "Customer Receivables"
    _auto = False
    _order = "date_maturity desc, id desc"
    _rec_name = "move_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    kind = fields.Selection(
        [("invoice", "Invoice"), ("refund", "Credit Note"), ("payment", "Payment"), ("entry", "Other Entry")],
        readonly=True,
    )
    state = fields.Selection(
        [("settled", "Settled"), ("open", "Not Due"), ("overdue", "Overdue"), ("credit", "Not Applied")],
        string="Status",
        readonly=True,
    )
    ageing = fields.Selection(
        [
            ("0", "Not due"),
            ("1", "1-30 days"),
            ("2", "31-60 days"),
            ("3", "61-90 days"),
            ("4", "Over 90 days"),
            ("credit", "Credits not applied"),
        ],
        readonly=True,
        help="Days since the due date of what is still open.",
    )
    invoice_date = fields.Date(string="Date", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    date_settled = fields.Date(
        string="Settlement Date", readonly=True, help="Day on which the last part was paid or credited."
    )
    days_late = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Days from the due date to the settlement, or to today while it is open. Zero when on time; empty for "
        "payments and credit notes.",
    )
    amount = fields.Monetary(readonly=True, aggregator="sum")
    residual = fields.Monetary(string="Open Amount", readonly=True, aggregator="sum")
    overdue = fields.Monetary(string="Overdue Amount", readonly=True, aggregator="sum")

    _depends = {
        "account.account": ["account_type"],
        "account.move": ["invoice_date", "invoice_user_id", "move_type", "origin_payment_id", "statement_line_id"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "balance",
            "company_id",
            "date",
            "date_maturity",
            "move_id",
            "parent_state",
            "partner_id",
        ],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id", "exchange_move_id", "max_date"],
        "res.company": ["currency_id", "partner_id"],
        "res.partner": ["commercial_partner_id", "tz"],
    }

    @property
    def _table_query(self):
        date_to = self._past_date_to()
        return SQL(
            """
            SELECT line.id,
                   line.id AS line_id,
                   line.move_id,
                   line.company_id,
                   company.currency_id,
                   customer.commercial_partner_id AS partner_id,
                   move.invoice_user_id AS user_id,
                   CASE WHEN move.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        WHEN move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL THEN 'payment'
                        ELSE 'entry'
                   END AS kind,
                   CASE WHEN NOT %(is_open)s THEN 'settled'
                        WHEN %(residual)s < 0 THEN 'credit'
                        WHEN line.date_maturity < %(today)s THEN 'overdue'
                        ELSE 'open'
                   END AS state,
                   CASE WHEN NOT %(is_open)s THEN NULL
                        WHEN %(residual)s < 0 THEN 'credit'
                        WHEN line.date_maturity IS NULL OR line.date_maturity >= %(today)s THEN '0'
                        WHEN line.date_maturity >= %(today)s - 30 THEN '1'
                        WHEN line.date_maturity >= %(today)s - 60 THEN '2'
                        WHEN line.date_maturity >= %(today)s - 90 THEN '3'
                        ELSE '4'
                   END AS ageing,
                   COALESCE(move.invoice_date, line.date) AS invoice_date,
                   line.date_maturity,
                   CASE WHEN NOT %(is_open)s THEN %(settled)s END AS date_settled,
                   CASE WHEN line.balance <= 0 OR line.date_maturity IS NULL THEN NULL
                        WHEN %(is_open)s THEN GREATEST(0, %(today)s - line.date_maturity)
                        ELSE GREATEST(0, %(settled)s - line.date_maturity)
                   END AS days_late,
                   line.balance AS amount,
                   %(residual)s AS residual,
                   CASE WHEN %(is_open)s AND %(residual)s > 0 AND line.date_maturity < %(today)s
                        THEN %(residual)s
                        ELSE 0
                   END AS overdue
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner customer ON customer.id = line.partner_id
              JOIN res_company company ON company.id = line.company_id
              JOIN res_partner contact ON contact.id = company.partner_id
             WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted' %(past)s
            """,
            is_open=SQL("(%s <> 0)", self._residual_sql(date_to))
            if date_to
            else self.env["res.partner"]._open_receivable_sql("line", "account"),
            residual=self._residual_sql(date_to),
            today=SQL("(%s - 1)", self._date_to_sql()),
            settled=SQL(
                """(
                    SELECT MAX(partial.max_date)
                      FROM account_partial_reconcile partial
                     WHERE partial.debit_move_id = line.id OR partial.credit_move_id = line.id
                )"""
            ),
            past=SQL("AND line.date < %s", date_to) if date_to else SQL(""),
        )

    @api.model
    def _past_date_to(self):
        """Return the day before which the rows are told, None for the present."""
        return fields.Date.to_date(self.env.context.get("customer_figures_date_to")) or None

    @api.model
    def _date_to_sql(self):
        """Return the SQL of the first day that no longer counts: of the context, else tomorrow for the company of the
        table `contact`."""
        date_to = self._past_date_to()
        if date_to:
            return SQL("%s::date", date_to)
        return SQL("((NOW() AT TIME ZONE COALESCE(contact.tz, 'UTC'))::date + 1)")

    @api.model
    def _residual_sql(self, date_to):
        """Return the SQL of what is open of `line`, or was open on the eve of a day."""
        if not date_to:
            return SQL("line.amount_residual")
        return SQL(
            """(
                line.amount_residual
                + COALESCE((
                    SELECT SUM(partial.amount)
                      FROM account_partial_reconcile partial
                     WHERE partial.debit_move_id = line.id AND %(later)s
                ), 0)
                - COALESCE((
                    SELECT SUM(partial.amount)
                      FROM account_partial_reconcile partial
                     WHERE partial.credit_move_id = line.id AND %(later)s
                ), 0)
            )""",
            later=self._settled_later_sql("partial", date_to),
        )

    @api.model
    def _settled_later_sql(self, alias, date_to):
        """Return the SQL condition that something was reconciled on a day or later.

        What a payment in a foreign currency brings more or less than the invoice is booked at the end of the month, and
        reconciled under that date; it was settled with the payment.

        :param str alias: alias of account_partial_reconcile in the query
        :param date_to: a date, or its SQL
        """
        return SQL(
            """(
                %(partial)s.max_date >= %(date_to)s
                AND NOT EXISTS (
                    SELECT
                      FROM account_move_line difference
                      JOIN account_partial_reconcile origin ON origin.exchange_move_id = difference.move_id
                     WHERE difference.id IN (%(partial)s.debit_move_id, %(partial)s.credit_move_id)
                       AND origin.max_date < %(date_to)s
                )
            )""",
            partial=SQL.identifier(alias),
            date_to=date_to,
        )

    def action_open_document(self):
        """Open the invoice, credit note, payment entry or journal entry of the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "views": [(False, "form")],
        }
