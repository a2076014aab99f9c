from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL

MONTHS = 12


class CustomerCrossRatioReport(models.Model):
    """What products earn on the money that lies in their stock (P4): one row per company and product.

    Sales, cost and margin are those of the orders of the last twelve months up to now, untaxed, in company currency at
    the rate kept on each order; cost is the cost kept on the order line. The average stock is that of the same time,
    weighted by how long each quantity lay there, at the product's present cost; goods of other owners don't count.

    * turnover = cost of what was sold / average stock, times a year
    * cross ratio = margin in per cent of sales x turnover

    Services, products without cost and those that were never in stock have no turnover: None, not zero.
    """

    _name = "customer.cross.ratio.report"
    _description = "Cross Ratio"
    _auto = False
    _order = "margin desc, id"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True, aggregator="count_distinct")
    categ_id = fields.Many2one("product.category", string="Category", readonly=True)
    quantity = fields.Float("Quantity in Stock", digits="Product Unit", readonly=True, aggregator=None)
    sales = fields.Monetary(readonly=True, help="Untaxed, of the orders of the last 12 months.")
    cost = fields.Monetary(readonly=True, help="Cost of what was sold in the last 12 months.")
    margin = fields.Monetary(readonly=True)
    margin_rate = fields.Float(
        "Margin (%)", digits=(16, 2), readonly=True, aggregator="avg", help="Margin of the group by its sales."
    )
    stock_value = fields.Monetary("Stock Now", readonly=True, help="At present cost.")
    average_stock = fields.Monetary(
        readonly=True, help="Of the last 12 months, by the days that it lay in stock, at present cost."
    )
    has_stock = fields.Boolean("With Stock Data", readonly=True)
    turnover = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Cost of what was sold, by the average stock: times a year.",
    )
    cross_ratio = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Margin in per cent of sales, times turnover; of a group: of its products with stock data together.",
    )

    _depends = {
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["categ_id", "is_storable"],
        "res.company": ["currency_id", "partner_id"],
        "res.currency": ["rounding"],
        "sale.order": ["company_id", "currency_id", "currency_rate", "date_order", "state"],
        "sale.order.line": ["display_type", "is_downpayment", "margin", "order_id", "price_subtotal", "product_id"],
        "stock.location": ["company_id", "usage"],
        "stock.move.line": [
            "date",
            "location_dest_id",
            "location_id",
            "owner_id",
            "product_id",
            "quantity_product_uom",
            "state",
        ],
        "stock.quant": ["location_id", "owner_id", "product_id", "quantity"],
    }

    @property
    def _table_query(self):
        date_to = fields.Datetime.now()
        date_from = date_to - relativedelta(months=MONTHS)
        return SQL(
            """
            SELECT figures.*,
                   100 * figures.margin / NULLIF(figures.sales, 0) AS margin_rate,
                   figures.average_stock IS NOT NULL AS has_stock,
                   figures.cost / figures.average_stock AS turnover,
                   100 * figures.margin / NULLIF(figures.sales, 0) * figures.cost / figures.average_stock AS cross_ratio
              FROM (
                SELECT product.id::bigint * 100000 + company.id AS id,
                       company.id AS company_id,
                       company.currency_id,
                       product.id AS product_id,
                       template.categ_id,
                       CASE WHEN template.is_storable THEN COALESCE(stock.quantity, 0) END AS quantity,
                       COALESCE(sold.sales, 0) AS sales,
                       COALESCE(sold.sales, 0) - COALESCE(sold.margin, 0) AS cost,
                       COALESCE(sold.margin, 0) AS margin,
                       CASE WHEN template.is_storable THEN ROUND(COALESCE(stock.quantity, 0) * unit.cost, 2) END
                           AS stock_value,
                       CASE WHEN template.is_storable AND stock.average * unit.cost > 0
                            THEN stock.average * unit.cost END AS average_stock
                  FROM (%(sold)s) sold
             FULL JOIN (%(stock)s) stock USING (company_id, product_id)
                  JOIN product_product product ON product.id = COALESCE(sold.product_id, stock.product_id)
                  JOIN product_template template ON template.id = product.product_tmpl_id
                  JOIN res_company company ON company.id = COALESCE(sold.company_id, stock.company_id)
            CROSS JOIN LATERAL (
                        SELECT (product.standard_price ->> company.id::text)::numeric AS cost
                       ) unit
              ) figures
            """,
            sold=self._sold_sql(date_from, date_to),
            stock=self._stock_sql(date_from, date_to),
        )

    def _sold_sql(self, date_from, date_to):
        """Return the query of (company_id, product_id, sales, margin) of confirmed orders."""
        in_company_currency = self.env["customer.trade.report"]._company_amount_sql
        return SQL(
            """
            SELECT sale.company_id, line.product_id, SUM(%(sales)s) AS sales, SUM(%(margin)s) AS margin
              FROM sale_order_line line
              JOIN sale_order sale ON sale.id = line.order_id
              JOIN res_company company ON company.id = sale.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE sale.state = 'sale' AND sale.date_order >= %(date_from)s AND sale.date_order <= %(date_to)s
               AND line.product_id IS NOT NULL AND line.display_type IS NULL
               AND NOT COALESCE(line.is_downpayment, FALSE)
          GROUP BY sale.company_id, line.product_id
            """,
            sales=in_company_currency(SQL("line.price_subtotal")),
            margin=in_company_currency(SQL("line.margin")),
            date_from=date_from,
            date_to=date_to,
        )

    def _stock_sql(self, date_from, date_to):
        """Return the query of (company_id, product_id, quantity now, average quantity).

        What came in at some moment wasn't there before: of the quantity now, its share of the time before that moment
        is taken off, and what went out is put back for the time that it was there.
        """
        own = SQL("location.usage IN ('internal', 'transit') AND location.company_id = company.id")
        moved = SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT company.id AS company_id, move.product_id, 0 AS quantity,
                       %(sign)s * move.quantity_product_uom::numeric
                       * (EXTRACT(EPOCH FROM move.date - %(date_from)s)
                       / EXTRACT(EPOCH FROM %(date_to)s - %(date_from)s))
                           AS not_yet
                  FROM stock_move_line move
                  JOIN stock_location location ON location.id = %(location)s
                  JOIN res_company company ON %(own)s
                 WHERE move.state = 'done' AND move.date > %(date_from)s AND move.date <= %(date_to)s
                   AND (move.owner_id IS NULL OR move.owner_id = company.partner_id)
                """,
                sign=sign,
                location=SQL.identifier("move", name),
                own=own,
                date_from=SQL("%s::timestamp", date_from),
                date_to=SQL("%s::timestamp", date_to),
            )
            for name, sign in (("location_dest_id", 1), ("location_id", -1))
        )
        return SQL(
            """
            SELECT company_id, product_id, SUM(quantity) AS quantity, SUM(quantity) - SUM(not_yet) AS average
              FROM (
                SELECT company.id AS company_id, quant.product_id, quant.quantity::numeric AS quantity, 0 AS not_yet
                  FROM stock_quant quant
                  JOIN stock_location location ON location.id = quant.location_id
                  JOIN res_company company ON %(own)s
                 WHERE quant.owner_id IS NULL OR quant.owner_id = company.partner_id
                 UNION ALL %(moved)s
              ) part
          GROUP BY company_id, product_id
            """,
            own=own,
            moved=moved,
        )

    def _read_group_select(self, aggregate_spec, query):
        """Rates of a group are those of its sums, not the mean of its rows' rates."""
        if aggregate_spec not in ("margin_rate:avg", "turnover:avg", "cross_ratio:avg"):
            return super()._read_group_select(aggregate_spec, query)
        sales, cost, margin, stock = (
            self._field_to_sql(self._table, name, query) for name in ("sales", "cost", "margin", "average_stock")
        )
        if aggregate_spec == "margin_rate:avg":
            return SQL("100 * SUM(%s) / NULLIF(SUM(%s), 0)", margin, sales)
        # What has no stock data would make the turnover of the others look better than it is.
        known = SQL("FILTER (WHERE %s IS NOT NULL)", stock)
        turnover = SQL("SUM(%s) %s / NULLIF(SUM(%s), 0)", cost, known, stock)
        if aggregate_spec == "turnover:avg":
            return turnover
        return SQL("100 * SUM(%s) %s / NULLIF(SUM(%s) %s, 0) * %s", margin, known, sales, known, turnover)
