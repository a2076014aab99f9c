from odoo import api, fields, models
from odoo.tools import SQL


class CustomerPaymentReport(models.Model):
    """How punctually customers paid: one row per part of a receivable that fell due (M).

    A part is what one payment settled of it, with the day of that payment, or what is unpaid still, which counts as
    late until now. What credit notes took back was not due, nor are exchange differences. Paid on time or early counts
    as zero days late. Amounts are in company currency.

    As the customer receivables, the rows are those of the eve of the date `customer_figures_date_to` in the context.
    """

    _name = "customer.payment.report"
    _description = "Customer Payments"
    _auto = False
    _order = "date_maturity desc, id desc"
    _rec_name = "move_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    date_paid = fields.Date(string="Payment Date", readonly=True, help="Empty for what is still unpaid.")
    days_late = fields.Integer(readonly=True, aggregator="avg")
    amount = fields.Monetary(readonly=True, aggregator="sum")
    amount_on_time = fields.Monetary(string="Amount Paid on Time", readonly=True, aggregator="sum")
    amount_days = fields.Float(
        string="Amount x Days Late",
        digits=(16, 2),
        readonly=True,
        aggregator="sum",
        help="The sum of this column divided by that of the amounts gives the average days late, weighted by amount.",
    )

    _depends = {"customer.receivable.report": []}

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT part.id,
                   part.company_id,
                   company.currency_id,
                   part.partner_id,
                   move.invoice_user_id AS user_id,
                   part.move_id,
                   part.date_maturity,
                   part.date_paid,
                   part.late AS days_late,
                   part.amount,
                   CASE WHEN part.late = 0 THEN part.amount ELSE 0 END AS amount_on_time,
                   part.amount * part.late AS amount_days
              FROM (%(parts)s) part
              JOIN res_company company ON company.id = part.company_id
              JOIN account_move move ON move.id = part.move_id
            """,
            parts=self._parts_sql(self.env["customer.receivable.report"]._date_to_sql()),
        )

    @api.model
    def _parts_sql(self, date_to, company=None, customers=None, date_from=None):
        """Return the query of the parts of receivables that fell due: the one definition of punctuality.

        One row per part: ``id, company_id, partner_id`` (commercial customer)``, move_id, date_maturity, date_paid,
        amount, late`` (days).

        :param date_to: first day that no longer counts: a date, or its SQL, which may name the company's `contact`.
            What falls due on the day before is not late yet
        :param company: a single company, by default all
        :param customers: ids of commercial customers, by default all
        :param date_from: first due date that counts
        """
        due = self._due_sql(date_to, company, customers, date_from)
        # Plain joins and a grouping by keys that a search may name: the conditions of a search reach the indexes, and
        # over all customers PostgreSQL may hash.
        return SQL(
            """
            SELECT partial.id::bigint * 2 AS id,
                   due.company_id,
                   due.partner_id,
                   due.move_id,
                   due.date_maturity,
                   partial.max_date AS date_paid,
                   partial.amount,
                   GREATEST(0, partial.max_date - due.date_maturity) AS late
              FROM (%(due)s) due
              JOIN account_partial_reconcile partial
                ON partial.debit_move_id = due.line_id AND partial.max_date < due.date_to
              JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
              JOIN account_move counterpart_move ON counterpart_move.id = counterpart.move_id
             WHERE counterpart_move.move_type <> 'out_refund'
               AND NOT EXISTS (
                SELECT FROM account_partial_reconcile origin WHERE origin.exchange_move_id = counterpart.move_id
               )
         UNION ALL
            SELECT due.line_id::bigint * 2 + 1,
                   due.company_id,
                   due.partner_id,
                   due.move_id,
                   due.date_maturity,
                   NULL,
                   due.balance - COALESCE(SUM(partial.amount), 0),
                   due.date_to - 1 - due.date_maturity
              FROM (%(due)s) due
         LEFT JOIN account_partial_reconcile partial
                ON partial.debit_move_id = due.line_id AND NOT %(later)s
          GROUP BY due.line_id, due.company_id, due.partner_id, due.move_id, due.date_maturity, due.balance, due.date_to
            HAVING due.balance <> COALESCE(SUM(partial.amount), 0)
            """,
            due=due,
            later=self.env["customer.receivable.report"]._settled_later_sql("partial", SQL("due.date_to")),
        )

    @api.model
    def _due_sql(self, date_to, company, customers, date_from):
        conditions = [
            SQL("line.parent_state = 'posted'"),
            SQL("line.balance > 0"),
            SQL("line.date_maturity < %s::date - 1", date_to),
            SQL("account.account_type = 'asset_receivable'"),
            SQL(
                "NOT EXISTS (SELECT FROM account_partial_reconcile origin WHERE origin.exchange_move_id = line.move_id)"
            ),
        ]
        if company:
            conditions.append(SQL("line.company_id = %s", company.id))
        if customers is not None:
            conditions.append(SQL("customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))", list(customers)))
        if date_from:
            conditions.append(SQL("line.date_maturity >= %s", date_from))
        return SQL(
            """
            SELECT line.id AS line_id,
                   line.company_id,
                   customer.commercial_partner_id AS partner_id,
                   line.move_id,
                   line.date_maturity,
                   line.balance,
                   %s::date AS date_to
              FROM res_partner customer
              JOIN account_move_line line ON line.partner_id = customer.id
              JOIN account_account account ON account.id = line.account_id
              %s
             WHERE %s
            """,
            date_to,
            SQL("")
            if company
            else SQL(
                "JOIN res_company company ON company.id = line.company_id"
                " JOIN res_partner contact ON contact.id = company.partner_id"
            ),
            SQL(" AND ").join(conditions),
        )

    def action_open_document(self):
        """Open the invoice, or the entry, that fell due."""
        self.ensure_one()
        # Reading the row would go through all receivables.
        part_id, is_open = divmod(self.id, 2)
        if is_open:
            move_id = self.env["account.move.line"].browse(part_id).move_id.id
        else:
            move_id = self.env["account.partial.reconcile"].browse(part_id).debit_move_id.move_id.id
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": move_id,
            "views": [(False, "form")],
        }
