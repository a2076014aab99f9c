from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL, float_round

from .customer_metric import CUSTOMERS_AS_CONDITION


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    # === QUERIES === #

    @api.model
    def _trade_documents(self, customers, date_from, date_to, amounts=True):
        """Return the documents of the present company, as one SQL query. See customer.trade.report."""
        report = self.env["customer.trade.report"]
        for model_name, field_names in report._depends.items():
            self.env[model_name].flush_model(field_names)
        company = self.env.company
        ids = None if customers is None else customers.ids
        return SQL(" UNION ALL ").join(
            report._documents_sql(company.customer_sales_basis, company, ids, date_from, date_to, amounts)
        )

    @api.model
    def _trade(self, customers, date_from, date_to):
        """Return {customer id: (sales, margin, orders, returned)} of [date_from, date_to): one query.

        Customers without a document in the period are missing.
        """

        def query():
            rows = self.env.execute_query(
                SQL(
                    "SELECT partner_id, SUM(sales), SUM(margin), SUM(orders), SUM(returned)"
                    " FROM (%s) document GROUP BY partner_id",
                    self._trade_documents(customers, date_from, date_to),
                )
            )
            return {
                partner_id: (float(sales), float(margin), int(orders), float(returned))
                for partner_id, sales, margin, orders, returned in rows
            }

        return self._once(("trade", customers._ids, date_from, date_to), query)

    @api.model
    def _trade_total(self, date_from, date_to):
        """Return (sales, margin) of the whole company in [date_from, date_to): one query."""

        def query():
            [(sales, margin)] = self.env.execute_query(
                SQL(
                    "SELECT SUM(sales), SUM(margin) FROM (%s) document",
                    self._trade_documents(None, date_from, date_to),
                )
            )
            return float(sales or 0), float(margin or 0)

        return self._once(("trade_total", date_from, date_to), query)

    @api.model
    def _trade_span(self, customers, date_to):
        """Return {customer id: (day of the first, of the last order, or invoice, before date_to)}: one query.

        Who is missing never bought: a figure of such a customer has no data.
        """

        def query():
            rows = self.env.execute_query(
                SQL(
                    "SELECT partner_id, MIN(day), MAX(day) FROM (%s) document GROUP BY partner_id",
                    self._trade_days(customers, date_to),
                )
            )
            return {partner_id: (first, last) for partner_id, first, last in rows}

        return self._once(("trade_span", customers._ids, date_to), query)

    @api.model
    def _fetch_trade(self, customers, date_to, windows):
        """Look once at the documents for what :meth:`_trade` and :meth:`_trade_span` will be asked: one query.

        For who asks for several windows of many customers, on a model from :meth:`_sharing`; elsewhere it does nothing.

        :param customers: commercial entities, ascending
        :param windows: lengths in months of the windows that end before date_to
        """
        results = self.env.context.get("customer_metric_results")
        if not results or not customers:
            return
        starts = [date_to - relativedelta(months=months) for months in sorted(set(windows))]
        asked = customers if len(customers) <= CUSTOMERS_AS_CONDITION else None
        columns = [
            SQL(
                "COUNT(*) FILTER (WHERE day >= %(start)s), SUM(sales) FILTER (WHERE day >= %(start)s)::float8,"
                " SUM(margin) FILTER (WHERE day >= %(start)s)::float8, SUM(orders) FILTER (WHERE day >= %(start)s),"
                " SUM(returned) FILTER (WHERE day >= %(start)s)::float8",
                start=start,
            )
            for start in starts
        ]
        self.env.cr.execute("SET LOCAL jit = off")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, MIN(day) FILTER (WHERE orders > 0), MAX(day) FILTER (WHERE orders > 0), %(columns)s
                  FROM (
                    SELECT partner_id, day, orders, sales, margin, returned FROM (%(documents)s) document
                     UNION ALL
                    SELECT partner_id, day, 1, 0, 0, 0 FROM (%(earlier)s) purchase
                  ) document
              GROUP BY partner_id
                """,
                columns=SQL(", ").join(columns),
                documents=self._trade_documents(asked, starts[-1], date_to),
                earlier=self._trade_documents(asked, None, starts[-1], amounts=False),
            )
        )
        wanted = set(customers._ids)
        # They are entities themselves, which need not be looked up.
        self._once(("entities", customers._ids), lambda: dict(zip(customers._ids, customers._ids, strict=True)))
        span = {}
        trades = [{} for _start in starts]
        for row in rows:
            partner_id = row[0]
            if partner_id not in wanted:
                continue
            if row[1]:
                span[partner_id] = row[1:3]
            for number, trade in enumerate(trades):
                count, sales, margin, orders, returned = row[3 + 5 * number : 8 + 5 * number]
                if count:
                    trade[partner_id] = (sales, margin, int(orders), returned)
        self._once(("trade_span", customers._ids, date_to), lambda: span)
        for start, trade in zip(starts, trades, strict=True):
            self._once(("trade", customers._ids, start, date_to), lambda trade=trade: trade)

    @api.model
    def _trade_last_day(self, customers, date_to):
        """Return {customer id: day of the last order, or invoice, before date_to}; see :meth:`_trade_span`."""
        return {customer_id: last for customer_id, (_first, last) in self._trade_span(customers, date_to).items()}

    @api.model
    def _trade_days(self, customers, date_to):
        """Return the SQL query (partner_id, day) of all orders, or invoices, before date_to, without amounts."""
        return SQL(
            "SELECT partner_id, day FROM (%s) purchase",
            self._trade_documents(customers, None, date_to, amounts=False),
        )

    @api.model
    def _trade_months(self, customers, date_from, date_to):
        """Return {customer id: {first day of month: (sales, margin, orders)}} of [date_from, date_to): one query.

        :param customers: commercial entities, or None for all customers
        """

        def query():
            result = {}
            rows = self.env.execute_query(
                SQL(
                    "SELECT partner_id, DATE_TRUNC('month', day)::date, SUM(sales), SUM(margin), SUM(orders)"
                    " FROM (%s) document GROUP BY 1, 2",
                    self._trade_documents(customers, date_from, date_to),
                )
            )
            for partner_id, month, sales, margin, orders in rows:
                result.setdefault(partner_id, {})[month] = (float(sales), float(margin), int(orders))
            return result

        return self._once(("trade_months", customers and customers._ids, date_from, date_to), query)

    @api.model
    def _by_month_sales(self, customers, date_from, date_to):
        """Sales of each month, in company currency."""
        return self._part_of_months(self._trade_months(customers, date_from, date_to), 0)

    @api.model
    def _by_month_margin(self, customers, date_from, date_to):
        """Margin of each month, in company currency."""
        return self._part_of_months(self._trade_months(customers, date_from, date_to), 1)

    @api.model
    def _by_month_orders(self, customers, date_from, date_to):
        """Number of orders, or invoices, of each month."""
        return self._part_of_months(self._trade_months(customers, date_from, date_to), 2)

    @api.model
    def _part_of_months(self, found, number):
        return {
            customer_id: {month: parts[number] for month, parts in by_month.items()}
            for customer_id, by_month in found.items()
        }

    def _trade_or_zero(self, customers, date_to, months):
        """Return {customer id: (sales, margin, orders, returned)}: zeros for who bought before the window only."""
        trade = self._trade(customers, date_to - relativedelta(months=months), date_to)
        known = self._trade_last_day(customers, date_to)
        return {
            customer_id: trade.get(customer_id, (0.0, 0.0, 0, 0.0))
            for customer_id in customers._ids
            if customer_id in trade or customer_id in known
        }

    @api.model
    def _rounder(self):
        """Return the function that rounds amounts of the company's currency, quick on those rounded already."""
        currency = self.env.company.currency_id
        digits, rounding = currency.decimal_places, currency.rounding
        decimal = rounding == 10**-digits

        def rounded(amount):
            near = round(amount, digits)
            if decimal and abs(amount - near) < rounding / 1000:
                return near
            return float_round(amount, precision_rounding=rounding)

        return rounded

    # === METRICS === #

    @api.model
    def _metric_sales(self, customers, date_to, months):
        """Sales of the window, in company currency."""
        rounded = self._rounder()
        return {
            customer_id: rounded(sales)
            for customer_id, (sales, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_margin(self, customers, date_to, months):
        """Sales of the window less their cost, in company currency."""
        rounded = self._rounder()
        return {
            customer_id: rounded(margin)
            for customer_id, (_sales, margin, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_average_monthly_sales(self, customers, date_to, months):
        """Sales of the window divided by its months, in company currency."""
        rounding = self.env.company.currency_id.rounding
        return {
            customer_id: float_round(sales / months, precision_rounding=rounding)
            for customer_id, (sales, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_gross_margin(self, customers, date_to, months):
        """Margin in per cent of the window's sales; no data without positive sales."""
        trade = self._trade(customers, date_to - relativedelta(months=months), date_to)
        return {
            customer_id: 100 * margin / sales if sales > 0 else None
            for customer_id, (sales, margin, *_rest) in trade.items()
        }

    @api.model
    def _metric_orders(self, customers, date_to, months):
        """Number of orders, or invoices, of the window."""
        return {
            customer_id: orders
            for customer_id, (_sales, _margin, orders, _returned) in self._trade_or_zero(
                customers, date_to, months
            ).items()
        }

    @api.model
    def _metric_days_since_order(self, customers, date_to, months):
        """Days from the last order, or invoice, to the day before date_to; the window does not matter."""
        return {
            customer_id: (date_to - day).days - 1
            for customer_id, day in self._trade_last_day(customers, date_to).items()
        }

    @api.model
    def _metric_growth(self, customers, date_to, months):
        """Sales of the window against the same window a year earlier, in per cent; no data without sales then."""
        date_from = date_to - relativedelta(months=months)
        now = self._trade(customers, date_from, date_to)
        year = relativedelta(years=1)
        before = self._trade(customers, date_from - year, date_to - year)
        return {
            customer_id: 100 * (now[customer_id][0] if customer_id in now else 0) / sales - 100 if sales > 0 else None
            for customer_id, (sales, *_rest) in before.items()
        }

    @api.model
    def _metric_returns(self, customers, date_to, months):
        """What credit notes took back, in per cent of the sales before it; no data without such sales."""
        trade = self._trade(customers, date_to - relativedelta(months=months), date_to)
        return {
            customer_id: 100 * returned / (sales + returned) if sales + returned > 0 else None
            for customer_id, (sales, _margin, _orders, returned) in trade.items()
        }

    @api.model
    def _metric_sales_share(self, customers, date_to, months):
        """Sales of the window in per cent of the sales of all customers."""
        total, _margin = self._trade_total(date_to - relativedelta(months=months), date_to)
        if total <= 0:
            return {}
        return {
            customer_id: 100 * sales / total
            for customer_id, (sales, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_margin_share(self, customers, date_to, months):
        """Margin of the window in per cent of the margin on all customers."""
        _sales, total = self._trade_total(date_to - relativedelta(months=months), date_to)
        if total <= 0:
            return {}
        return {
            customer_id: 100 * margin / total
            for customer_id, (_sales, margin, *_rest) in self._trade_or_zero(customers, date_to, months).items()
        }

    @api.model
    def _metric_product_breadth(self, customers, date_to, months):
        """Number of different products bought in the window."""
        purchases = self._trade_documents(customers, date_to - relativedelta(months=months), date_to, amounts=False)
        if self.env.company.customer_sales_basis == "order":
            self.env["sale.order.line"].flush_model(["display_type", "product_id", "product_uom_qty"])
            lines = SQL(
                "sale_order_line line ON line.order_id = document.id / 2 AND line.display_type IS NULL"
                " AND NOT COALESCE(line.is_downpayment, FALSE) AND line.product_uom_qty > 0"
            )
        else:
            lines = SQL(
                "account_move_line line ON line.move_id = (document.id - 1) / 2 AND line.display_type = 'product'"
                " AND line.quantity > 0"
            )
        rows = self.env.execute_query(
            SQL(
                "SELECT document.partner_id, COUNT(DISTINCT line.product_id) FROM (%s) document JOIN %s"
                " GROUP BY document.partner_id",
                purchases,
                lines,
            )
        )
        found = dict(rows)
        known = self._trade_last_day(customers, date_to)
        return {
            customer_id: found.get(customer_id, 0)
            for customer_id in customers._ids
            if customer_id in found or customer_id in known
        }
