from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class CustomerTradeReport(models.Model):
    """What a customer bought: one row per company, commercial customer, month and salesperson (M).

    The documents follow the sales basis of the company. Amounts are untaxed, in the company's currency, each document
    converted at its own rate and rounded once. Credit notes are deducted:

    * on invoices, every posted credit note counts;
    * on orders, a posted credit note takes back what it credits of a confirmed order. A credit note that was followed
      by a new invoice of the same order lines takes nothing back, nor does one of a cancelled order, of a down
      payment, or of an invoice that no order was made for.

    Cost is the cost kept on the order line; where an invoice line comes from no order, the product's present cost.
    The day of an order is the day on the clock of the company (time zone of the company's own contact).
    """

    _name = "customer.trade.report"
    _description = "Customer Trade"
    _auto = False
    _order = "date desc, sales desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date(readonly=True, help="First day of the month.")
    month = fields.Char(readonly=True)
    basis = fields.Selection(
        [("order", "Confirmed orders"), ("invoice", "Posted invoices")],
        readonly=True,
    )
    order_count = fields.Integer(
        string="Orders", readonly=True, help="Orders, or invoices where the company's sales basis is invoices."
    )
    refund_count = fields.Integer(string="Credit Notes", readonly=True)
    sales = fields.Monetary(
        readonly=True, help="Untaxed, in the company's currency, credit notes deducted.", aggregator="sum"
    )
    cost = fields.Monetary(readonly=True, help="Cost of what was sold, in the company's currency.", aggregator="sum")
    margin = fields.Monetary(readonly=True, help="Sales less cost, in the company's currency.", aggregator="sum")
    returned = fields.Monetary(
        readonly=True,
        help="Part of the sales that credit notes took back, in the company's currency.",
        aggregator="sum",
    )

    _depends = {
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "margin",
            "partner_id",
            "state",
            "user_id",
        ],
        "sale.order.line": [
            "currency_id",
            "invoice_lines",
            "is_downpayment",
            "order_id",
            "product_uom_id",
            "product_uom_qty",
            "purchase_price",
            "qty_invoiced",
            "state",
        ],
        "account.move": [
            "company_id",
            "invoice_date",
            "invoice_user_id",
            "move_type",
            "partner_id",
            "reversed_entry_id",
            "state",
        ],
        "account.move.line": [
            "balance",
            "company_currency_id",
            "display_type",
            "move_id",
            "product_id",
            "product_uom_id",
            "quantity",
        ],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["uom_id"],
        "res.company": ["currency_id", "customer_sales_basis", "partner_id"],
        "res.currency": ["rounding"],
        "res.partner": ["commercial_partner_id", "tz"],
        "uom.uom": ["factor"],
    }

    @property
    def _table_query(self):
        # No window function and only the grouping keys in the where: a search on customer, company or salesperson
        # reaches the documents' indexes. Orders have even ids, invoices odd ones.
        return SQL(
            """
            SELECT MIN(document.id) AS id,
                   document.company_id,
                   company.currency_id,
                   document.partner_id,
                   document.user_id,
                   DATE_TRUNC('month', document.day)::date AS date,
                   TO_CHAR(DATE_TRUNC('month', document.day)::date, 'YYYY-MM') AS month,
                   company.customer_sales_basis AS basis,
                   SUM(document.orders)::integer AS order_count,
                   SUM(document.refunds)::integer AS refund_count,
                   SUM(document.sales) AS sales,
                   SUM(document.sales) - SUM(document.margin) AS cost,
                   SUM(document.margin) AS margin,
                   SUM(document.returned) AS returned
              FROM (%(documents)s) document
              JOIN res_company company ON company.id = document.company_id
          GROUP BY document.company_id, company.currency_id, document.partner_id, document.user_id,
                   DATE_TRUNC('month', document.day)::date, company.customer_sales_basis
            """,
            documents=SQL(" UNION ALL ").join(
                [*self._documents_sql("order"), *self._documents_sql("invoice")],
            ),
        )

    @api.model
    def _documents_sql(self, basis, company=None, customers=None, date_from=None, date_to=None, amounts=True):
        """Return the queries of the documents that make up trade: the one definition of sales, margin and returns.

        Every query gives one row per document: ``id, company_id, partner_id`` (commercial customer)``, user_id,
        day, orders`` (1 for an order or invoice)``, refunds`` (1 for a credit note that counts)``, sales, margin,
        returned``, amounts in company currency.

        :param str basis: 'order' or 'invoice'
        :param company: a single company, whatever its own basis; by default all companies that have this basis
        :param customers: ids of commercial customers, by default all
        :param date_from: first day that counts
        :param date_to: first day that no longer counts
        :param bool amounts: without, purchases alone are returned (no credit notes), as ``id, partner_id, day``:
            much faster on invoices, whose lines are then not read
        :return: list of :class:`~odoo.tools.SQL`, to be joined by UNION ALL
        """
        if basis == "order":
            orders = self._orders_sql(company, customers, date_from, date_to)
            if not amounts:
                return [SQL("SELECT id, partner_id, day FROM (%s) sale", orders)]
            return [orders, self._moves_sql(basis, ["out_refund"], company, customers, date_from, date_to)]
        invoice_types = ["out_invoice", "out_receipt"]
        if not amounts:
            return [self._move_days_sql(basis, invoice_types, company, customers, date_from, date_to)]
        return [
            self._moves_sql(basis, move_types, company, customers, date_from, date_to)
            for move_types in (invoice_types, ["out_refund"])
        ]

    @api.model
    def _orders_sql(self, company, customers, date_from, date_to):
        conditions = [SQL("sale.state = 'sale'")]
        if company:
            conditions.append(SQL("sale.company_id = %s", company.id))
            for operator, moment in zip(
                (SQL(">="), SQL("<")), company._customer_moments(date_from, date_to), strict=True
            ):
                if moment:
                    conditions.append(SQL("sale.date_order %s %s", operator, moment))
        else:
            conditions.append(SQL("company.customer_sales_basis = 'order'"))
        if customers is not None:
            conditions.append(self._customers_sql(customers))
        return SQL(
            """
            SELECT sale.id::bigint * 2 AS id,
                   sale.company_id,
                   customer.commercial_partner_id AS partner_id,
                   sale.user_id,
                   (sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(contact.tz, 'UTC'))::date AS day,
                   1 AS orders,
                   0 AS refunds,
                   %(sales)s AS sales,
                   %(margin)s AS margin,
                   0.0 AS returned
              FROM sale_order sale
              JOIN res_partner customer ON customer.id = sale.partner_id
              JOIN res_company company ON company.id = sale.company_id
              JOIN res_partner contact ON contact.id = company.partner_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE %(where)s
            """,
            sales=self._company_amount_sql(SQL("sale.amount_untaxed")),
            margin=self._company_amount_sql(SQL("sale.margin")),
            where=SQL(" AND ").join(conditions),
        )

    @api.model
    def _company_amount_sql(self, amount):
        """Convert an amount of an order into company currency, at the rate kept on the order, rounded once."""
        return SQL(
            "CASE WHEN sale.currency_id = company.currency_id THEN COALESCE(%s, 0)"
            " ELSE ROUND(COALESCE(%s, 0) / COALESCE(NULLIF(sale.currency_rate, 0), 1) / currency.rounding)"
            " * currency.rounding END",
            amount,
            amount,
        )

    @api.model
    def _customers_sql(self, customers):
        # Unnested, since PostgreSQL estimates an array of many values one by one.
        return SQL("customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))", list(customers))

    @api.model
    def _move_days_sql(self, basis, move_types, company, customers, date_from, date_to):
        return SQL(
            """
            SELECT move.id::bigint * 2 + 1 AS id, customer.commercial_partner_id AS partner_id, move.invoice_date AS day
              FROM account_move move
              JOIN res_partner customer ON customer.id = move.partner_id
             WHERE %s
            """,
            self._moves_where_sql(basis, move_types, company, customers, date_from, date_to),
        )

    @api.model
    def _moves_where_sql(self, basis, move_types, company, customers, date_from, date_to):
        conditions = [SQL("move.state = 'posted'"), SQL("move.move_type = ANY(%s)", move_types)]
        if company:
            conditions.append(SQL("move.company_id = %s", company.id))
        else:
            conditions.append(
                SQL("move.company_id IN (SELECT id FROM res_company WHERE customer_sales_basis = %s)", basis)
            )
        if customers is not None:
            conditions.append(self._customers_sql(customers))
        if date_from:
            conditions.append(SQL("move.invoice_date >= %s", date_from))
        if date_to:
            conditions.append(SQL("move.invoice_date < %s", date_to))
        return SQL(" AND ").join(conditions)

    @api.model
    def _moves_sql(self, basis, move_types, company, customers, date_from, date_to):
        refund = move_types == ["out_refund"]
        returned_share = self._credited_share_sql(basis) if refund else SQL("0")
        # Few tables are joined, so that PostgreSQL still looks for the best order of the joins (below its
        # join_collapse_limit of 8): from one customer's documents as well as over all. What only some lines need
        # is looked up line by line.
        return SQL(
            """
            SELECT line.move_id::bigint * 2 + 1 AS id,
                   line.company_id,
                   line.partner_id,
                   line.user_id,
                   line.day,
                   %(orders)s AS orders,
                   %(refunds)s AS refunds,
                   SUM(line.sales * line.share) AS sales,
                   SUM((line.sales - line.cost) * line.share) AS margin,
                   %(returned)s AS returned
              FROM (
                SELECT move.id AS move_id,
                       move.company_id,
                       customer.commercial_partner_id AS partner_id,
                       move.invoice_user_id AS user_id,
                       move.invoice_date AS day,
                       -line.balance AS sales,
                       %(sign)s * line.quantity * %(unit_cost)s AS cost,
                       %(returned_share)s AS returned_share,
                       %(share)s AS share
                  FROM account_move move
                  JOIN account_move_line line
                    ON line.move_id = move.id AND line.display_type IN ('product', 'rounding')
                  JOIN res_partner customer ON customer.id = move.partner_id
             LEFT JOIN sale_order_line_invoice_rel rel
                    ON rel.invoice_line_id = line.id
                   AND NOT EXISTS (
                        SELECT 1
                          FROM sale_order_line_invoice_rel other
                         WHERE other.invoice_line_id = rel.invoice_line_id
                           AND other.order_line_id < rel.order_line_id
                   )
             LEFT JOIN sale_order_line sold ON sold.id = rel.order_line_id
             LEFT JOIN product_product product ON product.id = line.product_id
                 WHERE %(where)s
              ) line
          GROUP BY line.move_id, line.company_id, line.partner_id, line.user_id, line.day
            """,
            orders=0 if refund else 1,
            refunds=SQL("CASE WHEN SUM(line.share) > 0 THEN 1 ELSE 0 END") if refund else 0,
            returned=SQL("-SUM(line.sales * line.returned_share)") if refund else 0,
            sign=-1 if refund else 1,
            unit_cost=self._unit_cost_sql(),
            returned_share=returned_share,
            share=returned_share if basis == "order" else 1,
            where=self._moves_where_sql(basis, move_types, company, customers, date_from, date_to),
        )

    @api.model
    def _unit_cost_sql(self):
        """Cost of one unit of an invoice line in company currency: that of its order line, else the product's."""
        product_unit = SQL("(SELECT uom_id FROM product_template WHERE id = product.product_tmpl_id)")
        return SQL(
            """
            COALESCE(
                CASE WHEN sold.id IS NULL
                     THEN (product.standard_price ->> move.company_id::text)::numeric
                        * CASE WHEN line.product_uom_id = %(product_unit)s THEN 1 ELSE %(product_ratio)s END
                     ELSE sold.purchase_price
                        * CASE WHEN line.product_uom_id = sold.product_uom_id THEN 1 ELSE %(sold_ratio)s END
                        / CASE WHEN sold.currency_id = line.company_currency_id THEN 1
                               ELSE (
                                SELECT COALESCE(NULLIF(sale.currency_rate, 0), 1)
                                  FROM sale_order sale
                                 WHERE sale.id = sold.order_id
                               )
                          END
                END, 0)
            """,
            product_unit=product_unit,
            product_ratio=self._unit_ratio_sql("line", product_unit),
            sold_ratio=self._unit_ratio_sql("line", SQL("sold.product_uom_id")),
        )

    @api.model
    def _unit_ratio_sql(self, alias, unit):
        """How many of another unit one unit of the invoice line `alias` is; 1 where a unit is missing."""
        return SQL(
            """
            COALESCE((
                SELECT unit.factor::numeric / NULLIF(other_unit.factor, 0)::numeric
                  FROM uom_uom unit, uom_uom other_unit
                 WHERE unit.id = %s AND other_unit.id = %s
            ), 1)
            """,
            SQL.identifier(alias, "product_uom_id"),
            unit,
        )

    @api.model
    def _credited_share_sql(self, basis):
        """Share, 0 to 1, of a credit note's line that really takes back something.

        Of an order line: what is now left to be invoiced of it, never more than what is credited. So nothing where
        the quantity was invoiced again.
        """
        return SQL(
            """
            CASE WHEN sold.id IS NOT NULL THEN
                CASE WHEN sold.state != 'sale' OR sold.is_downpayment THEN 0
                     ELSE LEAST(1, GREATEST(0, COALESCE(
                        (sold.product_uom_qty - COALESCE(sold.qty_invoiced, 0)) / NULLIF((
                            SELECT SUM(credited.quantity * %s)
                              FROM sale_order_line_invoice_rel credited_rel
                              JOIN account_move_line credited ON credited.id = credited_rel.invoice_line_id
                              JOIN account_move credit_note ON credit_note.id = credited.move_id
                             WHERE credited_rel.order_line_id = sold.id
                               AND credit_note.move_type = 'out_refund'
                               AND credit_note.state = 'posted'
                        ), 0), 1)))
                END
                WHEN move.reversed_entry_id IS NULL THEN 1
                WHEN EXISTS (
                    SELECT 1
                      FROM account_move_line origin
                      JOIN sale_order_line_invoice_rel origin_rel ON origin_rel.invoice_line_id = origin.id
                     WHERE origin.move_id = move.reversed_entry_id
                ) THEN 1
                ELSE %s
            END
            """,
            self._unit_ratio_sql("credited", SQL("sold.product_uom_id")),
            0 if basis == "order" else 1,
        )

    def action_open_documents(self):
        """Open the orders, or invoices, that the row sums up."""
        self.ensure_one()
        if self.basis == "invoice":
            return self._action_open_invoices(["out_invoice", "out_receipt"], self.env._("Invoices"))
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        bounds = self.company_id._customer_moments(self.date, self.date + relativedelta(months=1))
        action.update(
            domain=[
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("user_id", "=", self.user_id.id),
                ("state", "=", "sale"),
                ("date_order", ">=", fields.Datetime.to_string(bounds[0])),
                ("date_order", "<", fields.Datetime.to_string(bounds[1])),
            ],
            context={"create": False},
        )
        return action

    def action_open_refunds(self):
        """Open the credit notes that the row deducts."""
        self.ensure_one()
        return self._action_open_invoices(["out_refund"], self.env._("Credit Notes"))

    def _action_open_invoices(self, move_types, name):
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        action.update(
            name=name,
            domain=[
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("invoice_user_id", "=", self.user_id.id),
                ("move_type", "in", move_types),
                ("state", "=", "posted"),
                ("invoice_date", ">=", fields.Date.to_string(self.date)),
                ("invoice_date", "<", fields.Date.to_string(self.date + relativedelta(months=1))),
            ],
            context={"create": False},
        )
        return action
