import functools
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.tools import SQL

from .exposure import Collective, Exposure

# Up to so many customers, planning one statement for all figures takes longer than adding them up here.
FEW = 100
NO_ACCOUNT = (None,) * 10
BUCKETS = ("b0", "b1", "b2", "b3", "b4")
# What the documents add to the exposure of a customer: amounts, and days, of which the most count.
AMOUNTS = ("receivable", "overdue", "unapplied", "drafts", "orders")
DAYS = ("overdue_days", "oldest_days")


class Source(NamedTuple):
    """One kind of document that adds to the exposure, as SQL.

    :param dict columns: {figure: aggregate}; figures are those of AMOUNTS, DAYS and BUCKETS
    :param tables: what stands behind FROM
    :param customer: the expression of the commercial customer
    :param where: condition
    :param tables_of_one, where_of_one: the same for a single customer, ``v.id``, where something else is quicker
    :param columns_of_one: what is asked for a single customer besides
    """

    columns: dict
    tables: SQL
    customer: SQL
    where: SQL
    tables_of_one: SQL | None = None
    where_of_one: SQL | None = None
    columns_of_one: dict = {}


class ResPartner(models.Model):
    """The exposure engine: what customers owe and may owe (C5)."""

    _inherit = "res.partner"

    def _credit_exposure(
        self, company=None, excluding=None, ageing=False, everybody=False, flush=True, collective=False, answer=None
    ):
        """Return {customer id: Exposure} by one or two statements, whatever the number of customers (C5).

        Figures are those of the commercial entities: pass commercial partners.

        :param company: company that sells; default: the current one. Where it shares the credit of a group, the
            figures of all companies of the group are added up, in the currency of the one that keeps the accounts.
        :param excluding: sale orders that are being judged: they, and the draft invoices made from them, don't count
        :param bool ageing: fill ``Exposure.ageing`` too
        :param bool everybody: all customers that have any figure or a credit account, instead of those in ``self``
        :param bool flush: False where everything is in the database already
        :param bool collective: fill ``Exposure.collectives`` too: two statements more where some customer is in a
            credit group, one more where the company has a ceiling; none otherwise
        :param answer: to ``_credit_question``, where it was asked already
        """
        settings = self.env["res.company"]._credit_settings((company or self.env.company).id)
        ids = [] if everybody else self._credit_ids()
        if not ids and not everybody:
            return {}
        if flush:
            self._credit_flush()
        excluding_ids = excluding.ids if excluding else []
        if answer is None and not ageing and not everybody:
            question = self._credit_question(settings, excluding)
            answer = question and self.env.execute_query(SQL("SELECT %s", question))[0][0]
        if answer is not None:
            exposures = self._credit_exposure_few(settings, answer, excluding_ids)
        else:
            statement = self._credit_exposure_sql(settings, None if everybody else ids, excluding_ids, ageing)
            exposures = {row[0]: Exposure(*row[1:]) for row in self.env.execute_query(statement)}
        if ageing:
            exposures = {key: value._replace(ageing=tuple(value.ageing)) for key, value in exposures.items()}
        if len(exposures) < len(ids):
            nothing = Exposure(
                mode=settings.default_mode, base_limit=settings.default_limit, ageing=(0.0,) * 5 if ageing else None
            )
            for customer_id in ids:
                exposures.setdefault(customer_id, nothing)
        if collective:
            self._credit_add_collectives(settings, exposures, excluding_ids)
        return exposures

    def _credit_ids(self):
        """Return the ids of these partners in the database, each once."""
        return list({partner.id or partner._origin.id for partner in self} - {False, None})

    @api.model
    def _credit_add_collectives(self, settings, exposures, excluding):
        """Put the limits that hold for several customers together into ``exposures``."""
        group_ids = {figures.group_id for figures in exposures.values()} - {None}
        groups = self._credit_groups(settings, exposures, group_ids, excluding) if group_ids else {}
        everybody = ()
        if settings.ceiling is not None:
            company = self.env["res.company"].sudo().browse(settings.keeper_id)
            used = self._credit_exposure_total(settings, excluding)
            everybody = (Collective("ceiling", company.id, company.name, settings.ceiling, used),)
        if groups or everybody:
            for customer_id, figures in exposures.items():
                collectives = (*groups.get(figures.group_id, ()), *everybody)
                exposures[customer_id] = figures._replace(collectives=collectives)

    @api.model
    def _credit_groups(self, settings, exposures, group_ids, excluding):
        """Return {group id: its Collective in a tuple of one}, by one statement and one for the other members."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT g.id, g.name, g.credit_limit::float8, ARRAY_AGG(c.partner_id)
                  FROM credit_group g
                  JOIN credit_account c ON c.group_id = g.id AND c.active AND c.company_id = g.company_id
                 WHERE g.id = ANY (%s) AND g.active
                 GROUP BY g.id
                """,
                self._credit_array_sql(group_ids),
            )
        )
        others = [member for *_group, members in rows for member in members if member not in exposures]
        known = dict(exposures)
        if others:
            statement = self._credit_exposure_sql(settings, others, excluding)
            known.update((row[0], Exposure(*row[1:])) for row in self.env.execute_query(statement))
        return {
            group_id: (
                Collective(
                    "group",
                    group_id,
                    name,
                    limit,
                    round(sum(known[member].exposure for member in members if member in known), settings.digits),
                ),
            )
            for group_id, name, limit, members in rows
        }

    @api.model
    def _credit_exposure_total(self, settings, excluding=()):
        """Return the exposure of all customers together, by one statement that goes to no customer."""
        today = fields.Date.context_today(self)
        sources = self._credit_sources(settings, today, excluding, self.env["payment.transaction"]._credit_any())
        if settings.drafts:
            sources.append(self._credit_drafts(settings, excluding))
        sign = {"receivable": SQL("+"), "drafts": SQL("+"), "orders": SQL("+"), "unapplied": SQL("-")}
        parts = [
            SQL(
                "%s COALESCE((SELECT ROUND(%s, %s) FROM %s WHERE %s), 0)",
                sign[name],
                column,
                settings.digits,
                source.tables_of_one or source.tables,
                SQL("%s AND l.partner_id IS NOT NULL", source.where) if source.tables_of_one else source.where,
            )
            for source in sources
            for name, column in source.columns.items()
            if name in sign
        ]
        # PostgreSQL would take longer to compile it than to run it. In force until the transaction ends.
        return float(self.env.execute_query(SQL("SET LOCAL jit = off; SELECT %s", SQL(" ").join(parts)))[0][0])

    def _credit_flush(self):
        self.env["account.move.line"].flush_model(
            [
                "account_id",
                "amount_residual",
                "company_id",
                "date",
                "date_maturity",
                "display_type",
                "invoice_date",
                "move_id",
                "parent_state",
                "partner_id",
                "price_total",
                "reconciled",
                "sale_line_ids",
            ]
        )
        self.env["account.move"].flush_model(
            ["amount_total", "commercial_partner_id", "company_id", "invoice_currency_rate", "move_type", "state"]
        )
        self.env["sale.order"].flush_model(
            ["company_id", "currency_rate", "hold_customer_id", "state", "uninvoiced_amount"]
        )
        self.env["payment.transaction"].flush_model(["amount", "is_post_processed", "operation", "payment_id", "state"])
        self.env["credit.account"].flush_model()
        self.env["credit.temporary.limit"].flush_model()
        self.env["credit.guarantee"].flush_model()
        self.env["credit.group"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])

    # === A FEW CUSTOMERS: WHAT THE GATE WAITS FOR === #

    def _credit_question(self, settings, excluding=None):
        """Return the expression of all figures of a few customers; None where ``_credit_exposure_sql`` has to be asked.

        Finding the figures of one customer takes less time than planning a statement that joins and adds them up, and
        Odoo makes PostgreSQL forget its plans between requests. So each kind of document is asked for by itself, in
        one expression, and ``_credit_exposure_few`` does the rest.

        :param excluding: sale orders that are being judged
        """
        ids = self._credit_ids()
        if not 0 < len(ids) <= FEW or settings.foreign:
            return None
        # Of orders, only what is confirmed would count; leaving nothing out is quicker.
        confirmed = [order.id for order in excluding or () if order.state == "sale"]
        code, params, _names = self._credit_few_statement(settings, self.env["payment.transaction"]._credit_any())
        values = {
            "@today": fields.Date.context_today(self),
            "@ids": self._credit_array(ids),
            "@excluding": self._credit_array(confirmed),
        }
        return SQL(code, *(values.get(param, param) for param in params))

    def _credit_exposure_few(self, settings, answer, excluding):
        """Return what ``_credit_exposure_sql`` gives, from the answer to ``_credit_question``.

        :param excluding: ids of the orders being judged
        """
        _code, _params, names = self._credit_few_statement(settings, self.env["payment.transaction"]._credit_any())
        exposures, long_way = {}, []
        for customer_id, account, *documents in answer:
            figures = {}
            for found, columns in zip(documents, names):
                for name, value in zip(columns, found or ()):
                    if value:
                        figures[name] = figures.get(name, 0) + value
            (
                account_id,
                mode,
                limit,
                valid_until,
                frozen,
                days_limited,
                days,
                has_temporary,
                has_guarantees,
                group_id,
            ) = account or NO_ACCOUNT
            if has_temporary or has_guarantees or "has_drafts" in figures:
                # Draft invoices, temporary limits and guarantees are rare: they are looked into where there are any.
                long_way.append(customer_id)
                continue
            receivable, overdue, unapplied, drafts, orders = (
                round(figures.get(name, 0.0), settings.digits) for name in AMOUNTS
            )
            if not account:
                mode, limit = settings.default_mode, settings.default_limit
            exposures[customer_id] = Exposure(
                receivable=receivable,
                overdue=overdue,
                overdue_days=figures.get("overdue_days", 0),
                oldest_days=max(figures.get("oldest_days", 0), 0),
                unapplied=unapplied,
                draft_invoices=drafts,
                orders=orders,
                exposure=round(receivable + drafts + orders - unapplied, settings.digits),
                account_id=account_id,
                mode=mode,
                base_limit=(limit or 0.0) if mode == "amount" else 0.0,
                temporary_limit=0.0,
                valid_until=fields.Date.to_date(valid_until),
                frozen=bool(frozen),
                payment_days=(days or 0) if days_limited else None,
                group_id=group_id,
            )
        if long_way:
            statement = self._credit_exposure_sql(settings, long_way, excluding)
            exposures.update((row[0], Exposure(*row[1:])) for row in self.env.execute_query(statement))
        return exposures

    @api.model
    @tools.ormcache("settings", "transactions")
    def _credit_few_statement(self, settings, transactions):
        """Return the expression of ``_credit_question``, its parameters, with places for the values of a call, and
        the names of the figures in each of its columns behind the first two: the customer and the account.
        """
        sources = self._credit_sources(settings, "@today", "@excluding", transactions)
        account = SQL(
            """
            (SELECT json_build_array(c.id, c.mode, c.credit_limit, c.valid_until, c.frozen, c.limit_payment_days,
                        c.payment_days, c.has_temporary_limits, c.has_guarantees, c.group_id)
               FROM credit_account c
              WHERE c.company_id = %s AND c.active AND c.partner_id = v.id)
            """,
            settings.keeper_id,
        )
        documents = [
            SQL(
                "(SELECT json_build_array(%s) FROM %s WHERE %s)",
                SQL(", ").join((source.columns | source.columns_of_one).values()),
                source.tables_of_one or source.tables,
                source.where_of_one or SQL("%s AND %s = v.id", source.where, source.customer),
            )
            for source in sources
        ]
        statement = SQL(
            "(SELECT json_agg(json_build_array(v.id, %s)) FROM UNNEST(%s) AS v (id))",
            SQL(", ").join([account, *documents]),
            self._credit_array_sql("@ids"),
        )
        return statement.code, statement.params, [(*source.columns, *source.columns_of_one) for source in sources]

    # === ANY NUMBER OF CUSTOMERS === #

    def _credit_exposure_sql(self, settings, ids=None, excluding=(), ageing=False):
        """Return the statement behind ``_credit_exposure``: partner_id, then the fields of Exposure in order.

        Each kind of document is grouped by customer before the kinds are added up, so that the statement takes one
        pass over each, for one customer (by index) as for all of them.

        :param settings: CreditSettings
        :param ids: customers, or None for everybody
        """
        today = fields.Date.context_today(self)
        figures = [*AMOUNTS, *DAYS, *(BUCKETS if ageing else ())]
        sources = self._credit_sources(
            settings, today, excluding, self.env["payment.transaction"]._credit_any(), ageing=ageing
        )
        if settings.drafts:
            sources.append(self._credit_drafts(settings, excluding))

        def customers(column):
            return SQL("AND %s = ANY (%s)", column, self._credit_array_sql(ids)) if ids is not None else SQL()

        def column(source, name):
            empty = SQL("NULL::int") if name in DAYS else SQL("NULL::numeric")
            return SQL("%s AS %s", source.columns.get(name, empty), SQL.identifier(name))

        parts = [
            SQL(
                "SELECT %s AS partner_id, %s FROM %s WHERE %s %s GROUP BY 1",
                source.customer,
                SQL(", ").join(column(source, name) for name in figures),
                source.tables,
                source.where,
                customers(source.customer),
            )
            for source in sources
        ]
        sums = [
            SQL("MAX(%(figure)s) AS %(figure)s", figure=SQL.identifier(name))
            if name in DAYS
            else SQL(
                "ROUND(SUM(%(figure)s), %(digits)s) AS %(figure)s",
                figure=SQL.identifier(name),
                digits=settings.digits,
            )
            for name in figures
        ]
        return SQL(
            """
            SELECT COALESCE(f.partner_id, a.partner_id) AS partner_id,
                   COALESCE(f.receivable, 0)::float8 AS receivable,
                   COALESCE(f.overdue, 0)::float8 AS overdue,
                   COALESCE(f.overdue_days, 0) AS overdue_days,
                   GREATEST(f.oldest_days, 0) AS oldest_days,
                   COALESCE(f.unapplied, 0)::float8 AS unapplied,
                   COALESCE(f.drafts, 0)::float8 AS draft_invoices,
                   COALESCE(f.orders, 0)::float8 AS orders,
                   (COALESCE(f.receivable, 0) + COALESCE(f.drafts, 0) + COALESCE(f.orders, 0)
                    - COALESCE(f.unapplied, 0))::float8 AS exposure,
                   a.id AS account_id,
                   COALESCE(a.mode, %(mode)s) AS mode,
                   CASE WHEN a.id IS NULL THEN %(limit)s
                        WHEN a.mode = 'amount' THEN COALESCE(a.credit_limit, 0)::float8 ELSE 0 END AS base_limit,
                   COALESCE(a.temporary, 0)::float8 AS temporary_limit,
                   a.valid_until,
                   COALESCE(a.frozen, FALSE) AS frozen,
                   CASE WHEN a.limit_payment_days THEN COALESCE(a.payment_days, 0) END AS payment_days,
                   COALESCE(a.guarantees, 0)::float8 AS guarantees,
                   a.group_id
                   %(ageing)s
              FROM (SELECT partner_id, %(sums)s FROM (%(parts)s) u WHERE partner_id IS NOT NULL GROUP BY partner_id) f
         FULL JOIN (
                SELECT c.id, c.partner_id, c.mode, c.credit_limit, c.valid_until, c.frozen, c.limit_payment_days,
                       c.payment_days, c.group_id,
                       (SELECT SUM(t.amount) FROM credit_temporary_limit t
                         WHERE t.account_id = c.id AND %(in_force)s) AS temporary,
                       (SELECT SUM(g.amount_counted) FROM credit_guarantee g
                         WHERE g.account_id = c.id AND %(valid)s) AS guarantees
                  FROM credit_account c
                 WHERE c.company_id = %(keeper)s AND c.active %(accounts)s
              ) a ON a.partner_id = f.partner_id
            """,
            mode=settings.default_mode,
            limit=settings.default_limit,
            ageing=SQL(
                ", ARRAY[%s]::float8[] AS ageing",
                SQL(", ").join(SQL("COALESCE(%s, 0)", SQL.identifier("f", name)) for name in BUCKETS),
            )
            if ageing
            else SQL(),
            sums=SQL(", ").join(sums),
            parts=SQL(" UNION ALL ").join(parts),
            in_force=self.env["credit.temporary.limit"]._in_force_sql("t", today),
            valid=self.env["credit.guarantee"]._valid_sql("g", today),
            keeper=settings.keeper_id,
            accounts=customers(SQL("c.partner_id")),
        )

    # === WHAT COUNTS === #

    def _credit_sources(self, settings, today, excluding, transactions, ageing=False):
        """Return the Sources that add up to the exposure, without the draft invoices.

        :param bool transactions: whether there are online payments to look for
        :param bool ageing: with five amounts by days overdue
        """
        of_companies = functools.partial(self._credit_companies_sql, settings)
        amount = self._credit_converted_sql(settings, SQL("l.amount_residual"), SQL("l.company_id"))
        buckets = {}
        if ageing:
            days = SQL("(%s - l.date_maturity)", today)
            bands = [
                SQL("COALESCE(%s, 0) <= 0", days),
                SQL("%s BETWEEN 1 AND 30", days),
                SQL("%s BETWEEN 31 AND 60", days),
                SQL("%s BETWEEN 61 AND 90", days),
                SQL("%s > 90", days),
            ]
            buckets = {
                name: SQL("SUM(%s) FILTER (WHERE l.amount_residual > 0 AND %s)", amount, band)
                for name, band in zip(BUCKETS, bands)
            }
        receivable_ids = self.env["account.account"]._credit_receivable_ids()
        is_receivable = SQL("l.account_id = ANY (%s)", self._credit_array_sql(receivable_ids))
        open_lines = SQL("%s AND %s", self._open_receivable_sql("l", is_receivable), of_companies("l"))
        lines_of_one, has_drafts = open_lines, {}
        if settings.drafts:
            # One look at a customer's lines tells as well whether there are draft invoices to look into.
            lines_of_one = SQL(
                "%s AND %s", self._open_receivable_sql("l", is_receivable, drafts=True), of_companies("l")
            )
            has_drafts = {"has_drafts": SQL("BOOL_OR(l.parent_state = 'draft')")}
        sources = [
            Source(
                columns={
                    "receivable": SQL("SUM(%s) FILTER (WHERE l.amount_residual > 0)", amount),
                    "overdue": SQL(
                        "SUM(%s) FILTER (WHERE l.date_maturity < %s AND l.amount_residual > 0)", amount, today
                    ),
                    "unapplied": SQL("-SUM(%s) FILTER (WHERE l.amount_residual < 0)", amount),
                    "overdue_days": SQL(
                        "GREATEST(%s::date - MIN(l.date_maturity) FILTER (WHERE l.amount_residual > 0), 0)", today
                    ),
                    "oldest_days": SQL(
                        "%s::date - MIN(COALESCE(l.invoice_date, l.date)) FILTER (WHERE l.amount_residual > 0)", today
                    ),
                    **buckets,
                },
                tables=SQL("account_move_line l JOIN res_partner p ON p.id = l.partner_id"),
                customer=SQL("p.commercial_partner_id"),
                where=open_lines,
                tables_of_one=SQL("account_move_line l"),
                where_of_one=SQL(
                    "l.partner_id = ANY (ARRAY(SELECT p.id FROM res_partner p WHERE p.commercial_partner_id = v.id))"
                    " AND %s",
                    lines_of_one,
                ),
                columns_of_one=has_drafts,
            ),
            Source(
                columns={
                    "orders": SQL(
                        "SUM(%s)",
                        self._credit_converted_sql(
                            settings,
                            SQL(
                                "CASE WHEN o.currency_rate = 1 THEN o.uninvoiced_amount "
                                "ELSE ROUND(o.uninvoiced_amount / COALESCE(NULLIF(o.currency_rate, 0), 1), %s) END",
                                settings.digits,
                            ),
                            SQL("o.company_id"),
                        ),
                    )
                },
                tables=SQL("sale_order o"),
                customer=SQL("o.hold_customer_id"),
                where=SQL(
                    "o.state = 'sale' AND o.uninvoiced_amount > 0 AND %s AND o.id <> ALL (%s)",
                    of_companies("o"),
                    self._credit_array_sql(excluding),
                ),
            ),
        ]
        if transactions:
            # Online payments that are authorised, or done and not yet in the books.
            sources.append(
                Source(
                    columns={
                        "unapplied": SQL(
                            "SUM(%s)",
                            self._credit_converted_sql(
                                settings,
                                SQL("ROUND(t.amount / COALESCE(NULLIF(o.currency_rate, 0), 1), %s)", settings.digits),
                                SQL("o.company_id"),
                            ),
                        )
                    },
                    tables=SQL(
                        "payment_transaction t JOIN sale_order o ON o.id = ("
                        "SELECT MIN(r.sale_order_id) FROM sale_order_transaction_rel r WHERE r.transaction_id = t.id)"
                    ),
                    customer=SQL("o.hold_customer_id"),
                    where=SQL(
                        """
                        t.payment_id IS NULL
                        AND (t.state = 'authorized' OR t.state = 'done' AND t.is_post_processed IS NOT TRUE)
                        AND t.operation IS DISTINCT FROM 'validation' AND t.operation IS DISTINCT FROM 'refund'
                        AND NOT EXISTS (SELECT FROM payment_transaction c WHERE c.source_transaction_id = t.id)
                        AND o.state <> 'cancel' AND %s
                        """,
                        of_companies("o"),
                    ),
                )
            )
        return sources

    def _credit_drafts(self, settings, excluding):
        """Return the Source of draft invoices.

        What comes from an order that counts, or is being judged, is in the order's open amount already.
        """
        return Source(
            columns={
                "drafts": SQL(
                    "SUM(%s)",
                    self._credit_converted_sql(
                        settings,
                        SQL(
                            "ROUND(l.price_total / COALESCE(NULLIF(m.invoice_currency_rate, 0), 1), %s)",
                            settings.digits,
                        ),
                        SQL("m.company_id"),
                    ),
                )
            },
            tables=SQL("account_move m JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'"),
            customer=SQL("m.commercial_partner_id"),
            where=SQL(
                """
                m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt') AND %s
                AND m.amount_total <> 0
                AND NOT EXISTS (
                    SELECT FROM sale_order_line_invoice_rel r
                      JOIN sale_order_line s ON s.id = r.order_line_id
                      JOIN sale_order o ON o.id = s.order_id
                     WHERE r.invoice_line_id = l.id AND (o.state = 'sale' OR o.id = ANY (%s)))
                """,
                self._credit_companies_sql(settings, "m"),
                self._credit_array_sql(excluding),
            ),
        )

    @api.model
    def _credit_companies_sql(self, settings, alias):
        """Return the condition that a row belongs to a company whose figures are added up."""
        column = SQL.identifier(alias, "company_id")
        if len(settings.scope) == 1:
            return SQL("%s = %s", column, settings.scope[0])
        return SQL("%s = ANY (%s)", column, self._credit_array_sql(settings.scope))

    @api.model
    def _credit_array_sql(self, ids):
        """Return ids as one SQL value; thousands of single ones would take longer to parse than to look up."""
        return SQL("%s::int[]", ids if isinstance(ids, str) else self._credit_array(ids))

    @api.model
    def _credit_array(self, ids):
        return f"{{{','.join(map(str, ids))}}}"

    def _credit_converted_sql(self, settings, amount, company):
        """Convert the SQL of an amount of one company into the currency of the one that keeps the accounts."""
        if not settings.foreign:
            return amount
        cases = SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in self._credit_factors(settings))
        return SQL("%s * CASE %s %s END", amount, company, cases)

    @api.model
    def _credit_factors(self, settings):
        """Return [(company id, factor from its currency into the keeper's)] at today's rates."""
        keeper = self.env["res.company"].sudo().browse(settings.keeper_id)
        return [
            (company.id, company.currency_id._get_conversion_rate(company.currency_id, keeper.currency_id, keeper))
            for company in keeper.browse(settings.scope)
        ]
