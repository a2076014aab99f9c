from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

from .rebate_bands import Part

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
PERIODS = [
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half Year"),
    ("year", "Year"),
    ("term", "Whole Term"),
]


class Turnover(NamedTuple):
    """What a customer bought in a period, returns deducted.

    :param amount: without taxes, in company currency
    :param quantity: in the units of the products
    """

    amount: Decimal = Decimal(0)
    quantity: Decimal = Decimal(0)


class DealerContractMeasure(models.AbstractModel):
    """Rows of a contract that go by the customer's turnover: rebates and commitments (D7).

    Turnover is what was invoiced to the customer with all its branches, without taxes, less credit notes. A credit note
    counts in the period of the invoice that it reverses: it takes back what that one earned. Down payments are no
    turnover, the invoices that use them up are; nor are credit notes that pay rebates.
    """

    _name = "dealer.contract.measure"
    _description = "Measure of Turnover"
    _inherit = ["dealer.contract.content"]

    name = fields.Char("Description", required=True)
    basis = fields.Selection(
        [("amount", "Amount"), ("quantity", "Quantity")],
        required=True,
        default="amount",
        help="Amount: invoiced without taxes, in company currency. Quantity: in the units of the products.",
    )
    period = fields.Selection(
        PERIODS, required=True, default="year", help="Counted from the first day on; turnover adds up in each of them."
    )
    product_ids = fields.Many2many("product.product", string="Products", help="None, nor categories: all products.")
    category_ids = fields.Many2many("product.category", string="Product Categories", help="With what is below them.")
    date_from = fields.Date("First Day", help="Empty: the first day of the contract.")
    company_currency_id = fields.Many2one(related="contract_id.company_id.currency_id", string="Company Currency")
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    state = fields.Selection(related="contract_id.state", string="Contract State", store=True)

    def _content_fields(self):
        """Return the fields that are part of what is agreed."""
        return ("name", "basis", "period", "product_ids", "category_ids", "date_from")

    # === PERIODS === #

    def _span(self):
        """Return (first day, first day after) of the time that counts; None where there is none (yet).

        What was earned before a contract ended stays earned.
        """
        self.ensure_one()
        contract = self.contract_id
        start, end = self.date_from or contract.date_start, contract._effective_end()
        return (start, end) if contract._has_begun() and start and end and start < end else None

    def _spans(self, date_to):
        """Return [(first day, first day after)] of the periods that have begun before a day.

        They are counted from the first day, so that a period beginning on the 31st doesn't wander.
        """
        span = self._span()
        if not span:
            return []
        start, end = span
        if self.period == "term":
            return [span] if start < date_to else []
        months = MONTHS[self.period]
        spans, number = [], 0
        while (begin := start + relativedelta(months=number)) < min(end, date_to):
            number += months
            spans.append((begin, min(start + relativedelta(months=number), end)))
        return spans

    # === TURNOVER === #

    def _turnover(self, spans, date_to):
        """Return what was bought in periods, by documents dated before a day: one query.

        :param dict spans: {id of a measure: [(first day, first day after)]}
        :param date date_to: the first day whose documents no longer count
        :return: {(id, first day): :class:`Turnover`}; periods without documents are missing
        """
        if not any(spans.values()):
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT measure_id, date_from, SUM(amount), SUM(quantity) FROM (%s) document GROUP BY 1, 2",
                self._documents_sql(spans, date_to),
            )
        )
        return {
            (measure_id, day): Turnover(Decimal(amount), Decimal(quantity))
            for measure_id, day, amount, quantity in rows
        }

    def _payment_parts(self, spans, date_to):
        """Return how the invoices of periods were paid until the eve of a day: one query.

        Each payment of an invoice counts for the share of it that these products are. What credit notes took back had
        not to be paid.

        :return: {(id, first day): [:class:`~.rebate_bands.Part`]}
        """
        if not any(spans.values()):
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                WITH document AS (%(documents)s),
                invoice AS (
                    SELECT document.move_id, line.id AS line_id, line.balance,
                           SUM(line.balance) OVER (PARTITION BY document.move_id) AS total,
                           document.date AS day
                      FROM (SELECT DISTINCT move_id, date FROM document WHERE move_type <> 'out_refund') document
                      JOIN account_move_line line ON line.move_id = document.move_id
                      JOIN account_account account ON account.id = line.account_id
                     WHERE account.account_type = 'asset_receivable' AND line.balance > 0
                ),
                settled AS (
                    SELECT invoice.move_id, invoice.line_id, invoice.day, partial.amount, partial.max_date,
                           counterpart_move.move_type = 'out_refund' AS returned
                      FROM invoice
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = invoice.line_id AND partial.max_date < %(date_to)s
                      JOIN account_move_line counterpart ON counterpart.id = partial.credit_move_id
                      JOIN account_move counterpart_move ON counterpart_move.id = counterpart.move_id
                ),
                part AS (
                    SELECT move_id, max_date - day AS days, amount FROM settled WHERE NOT returned
                 UNION ALL
                    SELECT invoice.move_id, NULL, invoice.balance - COALESCE(SUM(settled.amount), 0)
                      FROM invoice
                 LEFT JOIN settled ON settled.line_id = invoice.line_id
                  GROUP BY invoice.move_id, invoice.line_id, invoice.balance
                    HAVING invoice.balance <> COALESCE(SUM(settled.amount), 0)
                )
                SELECT document.measure_id, document.date_from, document.amount, part.days, part.amount,
                       (SELECT MAX(total) FROM invoice WHERE invoice.move_id = part.move_id)
                  FROM document
                  JOIN part ON part.move_id = document.move_id
                 WHERE document.move_type <> 'out_refund' AND document.amount > 0
                """,
                documents=self._documents_sql(spans, date_to),
                date_to=date_to,
            )
        )
        parts = {}
        for measure_id, day, amount, days, paid, total in rows:
            weight = Fraction(amount) * Fraction(paid) / Fraction(total)
            parts.setdefault((measure_id, day), []).append(Part(weight, days))
        return parts

    def _documents(self, spans, date_to):
        """Return [(id, first day, move id, amount, quantity)] of the documents behind the turnover, by date."""
        if not any(spans.values()):
            return []
        return self.env.execute_query(
            SQL(
                "SELECT measure_id, date_from, move_id, amount, quantity FROM (%s) document ORDER BY 1, 2, date, 3",
                self._documents_sql(spans, date_to),
            )
        )

    def _documents_sql(self, spans, date_to):
        """Return the query of the documents that make up the turnover of periods.

        One row for each period and document: ``measure_id, date_from, move_id, move_type, date, amount, quantity``.
        """
        self.env.flush_all()
        measures = self.browse(spans)
        facts = {
            measure.id: (
                measure.contract_id.company_id.id,
                measure.contract_id.partner_id.id,
                bool(measure.product_ids or measure.category_ids),
            )
            for measure in measures
        }
        rows = [(measure_id, *facts[measure_id], *span) for measure_id, found in spans.items() for span in found]
        products, categories = self._fields["product_ids"], self._fields["category_ids"]
        columns = [list(column) for column in zip(*rows, strict=True)]
        return SQL(
            """
            SELECT wanted.measure_id, wanted.date_from, move.id AS move_id, move.move_type, move.invoice_date AS date,
                   SUM(-line.balance) AS amount,
                   SUM(
                       CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END * line.quantity
                       * COALESCE(unit.factor::numeric / NULLIF(product_unit.factor, 0)::numeric, 1)
                   ) AS quantity
              FROM UNNEST(%(ids)s::int[], %(companies)s::int[], %(partners)s::int[], %(narrow)s::bool[],
                          %(starts)s::date[], %(ends)s::date[])
                   AS wanted(measure_id, company_id, partner_id, narrow, date_from, date_end)
              JOIN res_partner customer ON customer.commercial_partner_id = wanted.partner_id
              JOIN account_move move
                ON move.partner_id = customer.id
               AND move.company_id = wanted.company_id
               AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
               AND move.invoice_date < %(date_to)s
         LEFT JOIN account_move origin ON origin.id = move.reversed_entry_id
              JOIN account_move_line line
                ON line.move_id = move.id AND line.display_type = 'product' AND line.is_downpayment IS NOT TRUE
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN product_category category ON category.id = template.categ_id
         LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
         LEFT JOIN uom_uom product_unit ON product_unit.id = template.uom_id
             WHERE COALESCE(origin.invoice_date, move.invoice_date) >= wanted.date_from
               AND COALESCE(origin.invoice_date, move.invoice_date) < wanted.date_end
               AND NOT EXISTS (
                    SELECT FROM dealer_contract_settlement settlement
                     WHERE settlement.move_id IN (move.id, move.reversed_entry_id)
               )
               AND (
                    NOT wanted.narrow
                    OR EXISTS (
                        SELECT FROM %(product_table)s rel
                         WHERE rel.%(product_measure)s = wanted.measure_id AND rel.%(product)s = line.product_id
                    )
                    OR EXISTS (
                        SELECT FROM %(category_table)s rel
                          JOIN product_category above ON above.id = rel.%(category)s
                         WHERE rel.%(category_measure)s = wanted.measure_id
                           AND category.parent_path LIKE above.parent_path || '%%'
                    )
               )
          GROUP BY wanted.measure_id, wanted.date_from, move.id
            """,
            ids=columns[0],
            companies=columns[1],
            partners=columns[2],
            narrow=columns[3],
            starts=columns[4],
            ends=columns[5],
            date_to=date_to,
            product_table=SQL.identifier(products.relation),
            product_measure=SQL.identifier(products.column1),
            product=SQL.identifier(products.column2),
            category_table=SQL.identifier(categories.relation),
            category_measure=SQL.identifier(categories.column1),
            category=SQL.identifier(categories.column2),
        )
