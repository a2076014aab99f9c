import operator as op

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .exposure import Exposure

READERS = (
    "sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly,"
    "customer_credit.group_credit_user"
)
# Up to so many customers, planning one statement for all figures takes longer than adding up those of two.
FEW = 100
LIMIT_FIELDS = frozenset({"credit_limit", "use_partner_credit_limit"})
OPERATORS = {"<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge, "=": op.eq, "!=": op.ne}
# What one customer-independent column of the exposure statement is called by the fields that are searched.
SEARCHED = {
    "credit_exposure": SQL("e.exposure"),
    "credit_limit_total": SQL("e.base_limit + e.temporary_limit"),
    "credit_remaining": SQL("e.base_limit + e.temporary_limit - e.exposure"),
    "credit_utilisation": SQL("100 * e.exposure / NULLIF(e.base_limit + e.temporary_limit, 0)"),
    "credit_overdue": SQL("e.overdue"),
    "credit_overdue_days": SQL("e.overdue_days"),
}
LIMITED_ONLY = frozenset({"credit_limit_total", "credit_remaining", "credit_utilisation"})


class ResPartner(models.Model):
    """Exposure of customers (C5), and the guard on Odoo's own limit (C9)."""

    _inherit = "res.partner"

    credit_account_id = fields.Many2one(
        "credit.account", string="Credit Account", compute="_compute_credit_figures", compute_sudo=True, groups=READERS
    )
    credit_currency_id = fields.Many2one(
        "res.currency", compute="_compute_credit_currency_id", compute_sudo=True, groups=READERS
    )
    credit_mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")],
        string="Credit",
        compute="_compute_credit_figures",
        compute_sudo=True,
        groups=READERS,
    )
    credit_exposure = fields.Monetary(
        "Credit Used",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_exposure",
        groups=READERS,
        help="Receivable, draft invoices and orders not yet invoiced, less unapplied payments, of the commercial "
        "entity with all its contacts and branches; in company currency.",
    )
    credit_limit_total = fields.Monetary(
        "Credit Limit Today",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_limit_total",
        groups=READERS,
        help="Limit with the temporary limits of today, in company currency.",
    )
    credit_remaining = fields.Monetary(
        "Credit Remaining",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_remaining",
        groups=READERS,
    )
    credit_utilisation = fields.Float(
        "Credit Used (%)",
        digits=(16, 1),
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_utilisation",
        groups=READERS,
    )
    credit_overdue = fields.Monetary(
        "Overdue",
        currency_field="credit_currency_id",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_overdue",
        groups=READERS,
    )
    credit_overdue_days = fields.Integer(
        "Days Overdue",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_overdue_days",
        groups=READERS,
    )
    credit_frozen = fields.Boolean(
        "Frozen", compute="_compute_credit_figures", compute_sudo=True, search="_search_credit_frozen", groups=READERS
    )
    credit_over_limit = fields.Boolean(
        "Over the Limit",
        compute="_compute_credit_figures",
        compute_sudo=True,
        search="_search_credit_over_limit",
        groups=READERS,
    )
    credit_picture = fields.Json(compute="_compute_credit_picture", compute_sudo=True, groups=READERS)
    credit_may_manage = fields.Boolean(compute="_compute_credit_may_manage")
    credit_controlled = fields.Boolean(compute="_compute_credit_controlled")

    # === COMPUTE METHODS === #

    @api.depends_context("company")
    def _compute_credit_currency_id(self):
        self.credit_currency_id = self.env["res.company"]._credit_settings(self.env.company.id).currency_id

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_figures(self):
        customers = self.commercial_partner_id
        exposures = customers._credit_exposure()
        for partner in self:
            customer = partner.commercial_partner_id
            figures = exposures.get(customer.id or customer._origin.id) or Exposure()
            partner.credit_account_id = figures.account_id
            partner.credit_mode = figures.mode
            partner.credit_exposure = figures.exposure
            partner.credit_limit_total = figures.limit or 0.0
            partner.credit_remaining = figures.remaining or 0.0
            partner.credit_utilisation = figures.utilisation or 0.0
            partner.credit_overdue = figures.overdue
            partner.credit_overdue_days = figures.overdue_days
            partner.credit_frozen = figures.frozen
            partner.credit_over_limit = figures.limited and figures.remaining < 0

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_picture(self):
        exposures = self.commercial_partner_id._credit_exposure(ageing=True)
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        today = fields.Date.context_today(self)
        for partner in self:
            customer = partner.commercial_partner_id
            figures = exposures.get(customer.id or customer._origin.id)
            partner.credit_picture = figures and self._credit_picture(figures, settings, today)

    @api.model
    def _credit_picture(self, figures, settings, today, order=0.0):
        """Return what the bar and the table on screen show of an Exposure, JSON-able.

        :param float order: the document looked at, in the same currency, not yet in ``figures``
        """
        limit = figures.limit
        return {
            "currency_id": settings.currency_id,
            "mode": figures.mode,
            "control": settings.mode,
            "frozen": figures.frozen,
            "limit": limit,
            "base_limit": figures.base_limit,
            "temporary_limit": figures.temporary_limit,
            "valid_until": figures.valid_until and fields.Date.to_string(figures.valid_until),
            "expired": figures.expired(today),
            "receivable": figures.receivable,
            "draft_invoices": figures.draft_invoices,
            "orders": figures.orders,
            "unapplied": figures.unapplied,
            "used": figures.exposure,
            "order": order,
            "remaining": None if limit is None else round(limit - figures.exposure - order, 6),
            "overdue": figures.overdue,
            "overdue_days": figures.overdue_days,
            "oldest_days": figures.oldest_days,
            "payment_days": figures.payment_days,
            "ageing": list(figures.ageing) if figures.ageing else None,
        }

    @api.depends_context("uid")
    def _compute_credit_may_manage(self):
        self.credit_may_manage = self.env.user.has_group("customer_credit.group_credit_manager")

    @api.depends_context("company")
    def _compute_credit_controlled(self):
        self.credit_controlled = self._credit_guarded()

    # === SEARCH METHODS === #

    def _search_credit_exposure(self, operator, value):
        return self._credit_search_figure("credit_exposure", operator, value)

    def _search_credit_limit_total(self, operator, value):
        return self._credit_search_figure("credit_limit_total", operator, value)

    def _search_credit_remaining(self, operator, value):
        return self._credit_search_figure("credit_remaining", operator, value)

    def _search_credit_utilisation(self, operator, value):
        return self._credit_search_figure("credit_utilisation", operator, value)

    def _search_credit_overdue(self, operator, value):
        return self._credit_search_figure("credit_overdue", operator, value)

    def _search_credit_overdue_days(self, operator, value):
        return self._credit_search_figure("credit_overdue_days", operator, value)

    def _search_credit_frozen(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._credit_search(SQL("e.frozen"))

    def _search_credit_over_limit(self, operator, value):
        if operator != "in":
            return NotImplemented
        default = self._credit_default_exposure()
        return self._credit_search(
            SQL("e.mode <> 'unlimited' AND e.exposure > e.base_limit + e.temporary_limit"),
            default.limited and default.remaining < 0,
        )

    def _credit_search_figure(self, name, operator, value):
        if operator == "in":
            return Domain.OR(self._credit_search_figure(name, "=", item) for item in value)
        if operator not in OPERATORS or not isinstance(value, (int, float)):
            return NotImplemented
        value = value or 0
        default = self._credit_default_exposure()
        figures = {
            "credit_exposure": 0.0,
            "credit_limit_total": default.limit or 0.0,
            "credit_remaining": default.remaining or 0.0,
            "credit_utilisation": default.utilisation or 0.0,
            "credit_overdue": 0.0,
            "credit_overdue_days": 0,
        }
        column = SEARCHED[name]
        if name in LIMITED_ONLY:
            column = SQL("CASE WHEN e.mode <> 'unlimited' THEN COALESCE(%s, 0) ELSE 0 END", column)
        return self._credit_search(
            SQL("%s %s %s", column, SQL(operator if operator != "!=" else "<>"), value),
            OPERATORS[operator](figures[name], value),
        )

    def _credit_search(self, condition, default=False):
        """Return the Domain of the partners whose customer's figures meet an SQL condition on alias ``e``.

        :param bool default: whether customers that have neither figures nor a credit account meet it
        """
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        if default:
            condition = SQL("NOT (%s)", condition)
        customers = SQL("(SELECT e.partner_id FROM (%s) e WHERE %s)", self._credit_exposure_sql(settings), condition)
        self._credit_flush()
        domain = Domain("commercial_partner_id", "in", customers)
        return ~domain if default else domain

    @api.model
    def _credit_default_exposure(self):
        settings = self.env["res.company"]._credit_settings(self.env.company.id)
        return Exposure(mode=settings.default_mode, base_limit=settings.default_limit)

    # === EXPOSURE === #

    def _credit_exposure(self, company=None, excluding=None, ageing=False, everybody=False, flush=True):
        """Return {customer id: Exposure} by one or two statements, whatever the number of customers (C5).

        Figures are those of the commercial entities: pass commercial partners.

        :param company: company that sells; default: the current one. Where it shares the credit of a group, the
            figures of all companies of the group are added up, in the currency of the one that keeps the accounts.
        :param excluding: sale orders that are being judged: they, and the draft invoices made from them, don't count
        :param bool ageing: fill ``Exposure.ageing`` too
        :param bool everybody: all customers that have any figure or a credit account, instead of those in ``self``
        :param bool flush: False where everything is in the database already
        """
        settings = self.env["res.company"]._credit_settings((company or self.env.company).id)
        ids = [] if everybody else list({partner.id or partner._origin.id for partner in self} - {False, None})
        if not ids and not everybody:
            return {}
        if flush:
            self._credit_flush()
        excluding_ids = excluding.ids if excluding else []
        if 0 < len(ids) <= FEW and not ageing and not settings.foreign:
            exposures = self._credit_exposure_few(settings, ids, excluding_ids)
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
        return exposures

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
            ["commercial_partner_id", "company_id", "invoice_currency_rate", "move_type", "state"]
        )
        self.env["sale.order"].flush_model(
            ["company_id", "currency_rate", "hold_customer_id", "state", "uninvoiced_amount"]
        )
        self.env["payment.transaction"].flush_model(["amount", "is_post_processed", "operation", "payment_id", "state"])
        self.env["credit.account"].flush_model()
        self.env["credit.temporary.limit"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])

    def _credit_exposure_few(self, settings, ids, excluding):
        """Return what ``_credit_exposure_sql`` gives, for a few customers, added up here.

        Finding the figures of one customer takes less time than planning one statement that adds them up, and Odoo
        makes PostgreSQL forget its plans between requests. The gate waits for both.
        """
        today = fields.Date.context_today(self)
        figures = {}
        accounts = {}
        code, params = self._credit_few_statement(settings, self.env["payment.transaction"]._credit_any())
        values = {"@today": today, "@ids": self._credit_array(ids), "@excluding": self._credit_array(excluding)}
        self.env.cr.execute(code, [values.get(param, param) for param in params])
        for customer_id, *row, account in self.env.cr.fetchall():
            if account:
                accounts[customer_id] = account
                continue
            known = figures.get(customer_id, row)
            figures[customer_id] = (
                row
                if known is row
                else [one if other is None else other if one is None else one + other for one, other in zip(known, row)]
            )
        drafts = {}
        if with_drafts := [customer_id for customer_id, row in figures.items() if row[5]]:
            # Draft invoices are rare: they are looked into where there are any.
            rows = self.env.execute_query(self._credit_drafts_sql(settings, with_drafts, excluding))
            drafts = {row[0]: row[6] for row in rows}
        exposures = {}
        for customer_id in figures.keys() | accounts.keys():
            receivable, overdue, due_since, open_since, unapplied, _count, orders = figures.get(
                customer_id, (None,) * 7
            )
            receivable, overdue, unapplied, draft_invoices, orders = (
                round(amount or 0.0, settings.digits)
                for amount in (receivable, overdue, unapplied, drafts.get(customer_id), orders)
            )
            exposure = Exposure(
                receivable=receivable,
                overdue=overdue,
                overdue_days=(today - due_since).days if due_since else 0,
                oldest_days=max((today - open_since).days, 0) if open_since else 0,
                unapplied=unapplied,
                draft_invoices=draft_invoices,
                orders=orders,
                exposure=round(receivable + draft_invoices + orders - unapplied, settings.digits),
                mode=settings.default_mode,
                base_limit=settings.default_limit,
            )
            if account := accounts.get(customer_id):
                account_id, mode, limit, valid_until, frozen, days_limited, days, temporary = account
                exposure = exposure._replace(
                    account_id=account_id,
                    mode=mode,
                    base_limit=(limit or 0.0) if mode == "amount" else 0.0,
                    temporary_limit=temporary or 0.0,
                    valid_until=fields.Date.to_date(valid_until) or None,
                    frozen=bool(frozen),
                    payment_days=(days or 0) if days_limited else None,
                )
            exposures[customer_id] = exposure
        return exposures

    @api.model
    @tools.ormcache("settings", "transactions")
    def _credit_few_statement(self, settings, transactions):
        """Return the statement of ``_credit_exposure_few`` and its parameters, with places for the values of a call."""
        customers = SQL("AND c.partner_id = ANY (%s)", self._credit_array_sql("@ids"))
        account = SQL(
            """
            SELECT a.partner_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, json_build_array(
                       a.id, a.mode, a.credit_limit, a.valid_until, a.frozen, a.limit_payment_days, a.payment_days,
                       a.temporary)
              FROM (%s) a
            """,
            self._credit_accounts_sql(settings, "@today", customers),
        )
        parts = self._credit_parts_sql(settings, "@today", "@ids", "@excluding", few=True)
        statement = SQL(" UNION ALL ").join([*parts, account])
        return statement.code, statement.params

    def _credit_exposure_sql(self, settings, ids=None, excluding=(), ageing=False):
        """Return the statement behind ``_credit_exposure``: partner_id, then the fields of Exposure in order.

        Each kind of document is grouped by customer before the kinds are added up, so that the statement takes one
        pass over each, for one customer (by index) as for all of them.

        :param settings: CreditSettings
        :param ids: customers, or None for everybody
        """
        today = fields.Date.context_today(self)
        customers = SQL("AND c.partner_id = ANY (%s)", self._credit_array_sql(ids)) if ids is not None else SQL()
        return SQL(
            """
            SELECT COALESCE(f.partner_id, a.partner_id) AS partner_id,
                   COALESCE(f.receivable, 0)::float8 AS receivable,
                   COALESCE(f.overdue, 0)::float8 AS overdue,
                   COALESCE(%(today)s - f.due_since, 0) AS overdue_days,
                   GREATEST(COALESCE(%(today)s - f.open_since, 0), 0) AS oldest_days,
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
                   CASE WHEN a.limit_payment_days THEN COALESCE(a.payment_days, 0) END AS payment_days
                   %(ageing)s
              FROM (SELECT partner_id, %(sums)s FROM (%(parts)s) u WHERE partner_id IS NOT NULL GROUP BY partner_id) f
         FULL JOIN (%(accounts)s) a ON a.partner_id = f.partner_id
            """,
            today=today,
            mode=settings.default_mode,
            limit=settings.default_limit,
            ageing=SQL(
                ", ARRAY[%s]::float8[] AS ageing",
                SQL(", ").join(SQL("COALESCE(f.b%s, 0)", SQL(str(n))) for n in range(5)),
            )
            if ageing
            else SQL(),
            sums=SQL(", ").join(
                [
                    *(
                        SQL("ROUND(SUM(%s), %s) AS %s", SQL(name), settings.digits, SQL(name))
                        for name in ["receivable", "overdue", "unapplied", "drafts", "orders"]
                    ),
                    SQL("MIN(due_since) AS due_since"),
                    SQL("MIN(open_since) AS open_since"),
                    *(
                        SQL("ROUND(SUM(b%s), %s) AS b%s", SQL(str(n)), settings.digits, SQL(str(n)))
                        for n in range(5)
                        if ageing
                    ),
                ]
            ),
            parts=SQL(" UNION ALL ").join(self._credit_parts_sql(settings, today, ids, excluding, ageing)),
            accounts=self._credit_accounts_sql(settings, today, customers),
        )

    def _credit_parts_sql(self, settings, today, ids=None, excluding=(), ageing=False, few=False):
        """Return the statements whose rows add up to the exposure.

        Columns: partner_id, receivable, overdue, due_since, open_since, unapplied, drafts, orders, and with ``ageing``
        five amounts by days overdue.

        :param bool few: for a few customers; drafts is the number of draft invoices to look into, and a column
            follows for the credit account
        """
        companies = self._credit_array_sql(settings.scope)

        def customers(column):
            return SQL("AND %s = ANY (%s)", column, self._credit_array_sql(ids)) if ids is not None else SQL()

        def converted(amount, company):
            return self._credit_converted_sql(settings, amount, company)

        amount = converted(SQL("l.amount_residual"), SQL("l.company_id"))
        buckets = [SQL("NULL::numeric")] * 5
        if ageing:
            days = SQL("(%s - l.date_maturity)", today)
            bands = [
                SQL("COALESCE(%s, 0) <= 0", days),
                SQL("%s BETWEEN 1 AND 30", days),
                SQL("%s BETWEEN 31 AND 60", days),
                SQL("%s BETWEEN 61 AND 90", days),
                SQL("%s > 90", days),
            ]
            buckets = [SQL("SUM(%s) FILTER (WHERE l.amount_residual > 0 AND %s)", amount, band) for band in bands]
        empty = SQL(", NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric") if ageing else SQL()
        if few:
            empty = SQL(", NULL::json")
        # The few receivable accounts are found once, not for every line of a customer with thousands.
        parts = [
            SQL(
                """
            SELECT p.commercial_partner_id AS partner_id,
                   SUM(%(amount)s) FILTER (WHERE l.amount_residual > 0) AS receivable,
                   SUM(%(amount)s) FILTER (WHERE l.date_maturity < %(today)s AND l.amount_residual > 0) AS overdue,
                   MIN(l.date_maturity) FILTER (
                       WHERE l.date_maturity < %(today)s AND l.amount_residual > 0) AS due_since,
                   MIN(COALESCE(l.invoice_date, l.date)) FILTER (WHERE l.amount_residual > 0) AS open_since,
                   -SUM(%(amount)s) FILTER (WHERE l.amount_residual < 0) AS unapplied,
                   NULL::numeric AS drafts, NULL::numeric AS orders %(buckets)s
              FROM account_move_line l
              JOIN LATERAL (
                       SELECT 'asset_receivable' AS account_type
                        WHERE l.account_id = ANY (ARRAY(
                                  SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
                   ) a ON TRUE
              JOIN res_partner p ON p.id = l.partner_id
             WHERE %(open)s AND l.company_id = ANY (%(companies)s) %(customers)s
          GROUP BY p.commercial_partner_id
            """,
                amount=amount,
                today=today,
                open=self._open_receivable_sql("l", "a"),
                companies=companies,
                buckets=SQL("").join(SQL(", %s AS b%s", value, SQL(str(n))) for n, value in enumerate(buckets))
                if ageing
                else empty,
                customers=customers(SQL("p.commercial_partner_id")),
            ),
            SQL(
                """
            SELECT o.hold_customer_id, NULL, NULL, NULL, NULL, NULL, NULL, SUM(%(amount)s) %(empty)s
              FROM sale_order o
             WHERE o.state = 'sale' AND o.uninvoiced_amount > 0 AND o.company_id = ANY (%(companies)s)
               AND o.id <> ALL (%(excluding)s) %(customers)s
          GROUP BY o.hold_customer_id
            """,
                amount=converted(
                    SQL(
                        "CASE WHEN o.currency_rate = 1 THEN o.uninvoiced_amount "
                        "ELSE ROUND(o.uninvoiced_amount / COALESCE(NULLIF(o.currency_rate, 0), 1), %s) END",
                        settings.digits,
                    ),
                    SQL("o.company_id"),
                ),
                companies=companies,
                excluding=self._credit_array_sql(excluding),
                empty=empty,
                customers=customers(SQL("o.hold_customer_id")),
            ),
        ]
        if self.env["payment.transaction"]._credit_any():
            # Online payments that are authorised, or done and not yet in the books.
            parts.append(
                SQL(
                    """
                SELECT o.hold_customer_id, NULL, NULL, NULL, NULL, SUM(%(amount)s), NULL, NULL %(empty)s
                  FROM payment_transaction t
                  JOIN sale_order o ON o.id = (
                           SELECT MIN(r.sale_order_id) FROM sale_order_transaction_rel r WHERE r.transaction_id = t.id)
                 WHERE t.payment_id IS NULL
                   AND (t.state = 'authorized' OR t.state = 'done' AND t.is_post_processed IS NOT TRUE)
                   AND t.operation IS DISTINCT FROM 'validation' AND t.operation IS DISTINCT FROM 'refund'
                   AND NOT EXISTS (SELECT FROM payment_transaction c WHERE c.source_transaction_id = t.id)
                   AND o.state <> 'cancel' AND o.company_id = ANY (%(companies)s) %(customers)s
              GROUP BY o.hold_customer_id
                """,
                    amount=converted(
                        SQL("ROUND(t.amount / COALESCE(NULLIF(o.currency_rate, 0), 1), %s)", settings.digits),
                        SQL("o.company_id"),
                    ),
                    companies=companies,
                    empty=empty,
                    customers=customers(SQL("o.hold_customer_id")),
                )
            )
        if settings.drafts and few:
            parts.append(
                SQL(
                    """
                SELECT m.commercial_partner_id, NULL, NULL, NULL, NULL, NULL, COUNT(*), NULL, NULL::json
                  FROM account_move m
                 WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt')
                   AND m.company_id = ANY (%s) %s
              GROUP BY m.commercial_partner_id
                """,
                    companies,
                    customers(SQL("m.commercial_partner_id")),
                )
            )
        elif settings.drafts:
            parts.append(self._credit_drafts_sql(settings, ids, excluding, empty))
        return parts

    def _credit_drafts_sql(self, settings, ids=None, excluding=(), empty=None):
        """Return the statement for draft invoices, with the columns of ``_credit_parts_sql``.

        What comes from an order that counts, or is being judged, is in the order's open amount already.
        """
        return SQL(
            """
            SELECT m.commercial_partner_id, NULL, NULL, NULL, NULL, NULL, SUM(%(amount)s), NULL %(empty)s
              FROM account_move m
              JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
             WHERE m.state = 'draft' AND m.move_type IN ('out_invoice', 'out_receipt')
               AND m.company_id = ANY (%(companies)s) %(customers)s
               AND NOT EXISTS (
                   SELECT FROM sale_order_line_invoice_rel r
                     JOIN sale_order_line s ON s.id = r.order_line_id
                     JOIN sale_order o ON o.id = s.order_id
                    WHERE r.invoice_line_id = l.id AND (o.state = 'sale' OR o.id = ANY (%(excluding)s)))
          GROUP BY m.commercial_partner_id
            """,
            amount=self._credit_converted_sql(
                settings,
                SQL("ROUND(l.price_total / COALESCE(NULLIF(m.invoice_currency_rate, 0), 1), %s)", settings.digits),
                SQL("m.company_id"),
            ),
            companies=self._credit_array_sql(settings.scope),
            customers=SQL("AND m.commercial_partner_id = ANY (%s)", self._credit_array_sql(ids))
            if ids is not None
            else SQL(),
            excluding=self._credit_array_sql(excluding),
            empty=empty or SQL(),
        )

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

    def _credit_accounts_sql(self, settings, today, customers):
        """Return the statement for the credit accounts, with the temporary limits in force on ``today``."""
        return SQL(
            """
            SELECT c.id, c.partner_id, c.mode, c.credit_limit, c.valid_until, c.frozen, c.limit_payment_days,
                   c.payment_days,
                   (SELECT SUM(t.amount) FROM credit_temporary_limit t
                     WHERE t.account_id = c.id AND %(in_force)s) AS temporary
              FROM credit_account c
             WHERE c.company_id = %(keeper)s AND c.active %(customers)s
            """,
            in_force=self.env["credit.temporary.limit"]._in_force_sql("t", today),
            keeper=settings.keeper_id,
            customers=customers,
        )

    @api.model
    def _credit_factors(self, settings):
        """Return [(company id, factor from its currency into the keeper's)] at today's rates."""
        keeper = self.env["res.company"].sudo().browse(settings.keeper_id)
        return [
            (company.id, company.currency_id._get_conversion_rate(company.currency_id, keeper.currency_id, keeper))
            for company in keeper.browse(settings.scope)
        ]

    # === WHO HAS CREDIT STAYS A CUSTOMER === #

    @api.constrains("parent_id", "is_company")
    def _check_credit_account(self):
        """What belongs to another customer counts there: the account, and a freeze, would be without effect."""
        accounts = self.env["credit.account"].sudo().search([("partner_id", "in", self.ids)])
        for partner in accounts.partner_id:
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(customer)s has a credit account, so it can't become part of %(other)s. "
                        "A credit manager archives the account first.",
                        customer=partner.name,
                        other=partner.commercial_partner_id.display_name,
                    )
                )

    # === THE GUARD ON ODOO'S LIMIT === #

    @api.model_create_multi
    def create(self, vals_list):
        guarded = self._credit_guarded() and any(LIMIT_FIELDS & vals.keys() for vals in vals_list)
        if not guarded:
            return super().create(vals_list)
        for vals in vals_list:
            if vals.get("credit_limit"):
                self._credit_check_limit(vals["credit_limit"])
                if not vals.get("parent_id"):
                    self._credit_check_manager()
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list):
            if vals.get("credit_limit") and partner.commercial_partner_id == partner:
                self._credit_check_manager()
                partner._credit_set_limit(vals["credit_limit"])
            elif vals.get("credit_limit") and partner.commercial_partner_id.credit_limit != vals["credit_limit"]:
                self._credit_check_manager()
        return partners

    def write(self, vals):
        if not (LIMIT_FIELDS & vals.keys() and self._credit_guarded()):
            return super().write(vals)
        limit = vals.get("credit_limit")
        if "credit_limit" in vals:
            self._credit_check_limit(limit)
        # Odoo copies the limit of a customer to its contacts; those count for nothing and may be equal to it.
        customers = self.filtered(lambda partner: partner.commercial_partner_id == partner)
        contacts = (self - customers).sudo()
        changed = customers.sudo().filtered(lambda partner: self._credit_limit_changes(partner, vals))
        if changed or contacts.filtered(
            lambda contact: self._credit_limit_changes(contact.commercial_partner_id, vals)
        ):
            self._credit_check_manager()
        result = super().write(vals)
        if not vals.get("use_partner_credit_limit", True):
            accounts = self.env["credit.account"].search(
                [("partner_id", "in", changed.ids), ("company_id", "=", self.env.company._credit_keeper().id)]
            )
            accounts.action_archive()
        elif "credit_limit" in vals and changed:
            changed.with_env(self.env)._credit_set_limit(limit)
        return result

    @api.model
    def _credit_limit_changes(self, partner, vals):
        if "credit_limit" in vals and (vals["credit_limit"] or 0.0) != partner.credit_limit:
            return True
        return (
            "use_partner_credit_limit" in vals and vals["use_partner_credit_limit"] != partner.use_partner_credit_limit
        )

    @api.model
    def _credit_guarded(self):
        """Tell whether Odoo's limit belongs to the credit accounts here; while the control is off it doesn't."""
        return self.env["res.company"]._credit_settings(self.env.company.id).mode != "off"

    @api.model
    def _credit_check_limit(self, limit):
        if (limit or 0.0) < 0:
            raise ValidationError(self.env._("A credit limit can't be below zero; it is %s.", limit))

    def _credit_check_manager(self):
        if not self.env.su and not self.env.user.has_group("customer_credit.group_credit_manager"):
            raise AccessError(
                self.env._(
                    "Credit limits are changed by credit managers only (group %s). "
                    "Ask one of them, or apply for a limit.",
                    self.env.ref("customer_credit.group_credit_manager").sudo().display_name,
                )
            )

    def _credit_set_limit(self, limit):
        """Make ``limit`` the base limit of these customers' credit accounts in the current company."""
        Account = self.env["credit.account"]
        keeper = self.env.company._credit_keeper()
        accounts = {
            account.partner_id: account
            for account in Account.search([("partner_id", "in", self.ids), ("company_id", "=", keeper.id)])
        }
        values = {"mode": "amount", "credit_limit": limit or 0.0}
        known = Account.union(*(accounts[partner] for partner in self if partner in accounts))
        known.write(values)
        Account.create(
            [
                {**values, "company_id": keeper.id, "partner_id": partner.id}
                for partner in self
                if partner not in accounts and limit
            ]
        )

    def _credit_mirror(self, limit):
        """Write Odoo's own field, past the guard; only credit accounts call this."""
        return super().write({"credit_limit": limit})

    # === ACTION METHODS === #

    def action_credit_account(self):
        """Open the customer's credit account in this company; a new one for who may make it."""
        self.ensure_one()
        customer = self.commercial_partner_id
        keeper = self.env.company._credit_keeper()
        account = self.env["credit.account"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", keeper.id)], limit=1
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit Account"),
            "res_model": "credit.account",
            "view_mode": "form",
            "res_id": account.id,
            "context": {"default_partner_id": customer.id, "default_company_id": keeper.id},
        }

    def action_credit_documents(self):
        """Open the documents behind one figure, named by the context key ``credit_figure`` (C5)."""
        self.ensure_one()
        figure = self.env.context.get("credit_figure")
        actions = {
            "receivable": self._credit_lines_action,
            "overdue": self._credit_lines_action,
            "unapplied": self._credit_lines_action,
            "orders": self._credit_orders_action,
            "draft_invoices": self._credit_drafts_action,
            "holds": self._credit_holds_action,
        }
        return actions.get(figure, self._credit_lines_action)(figure)

    def _credit_scope(self):
        return self.env["res.company"]._credit_settings(self.env.company.id).scope

    def _credit_lines_action(self, figure):
        names = {
            "overdue": self.env._("Overdue"),
            "unapplied": self.env._("Unapplied Payments"),
            "receivable": self.env._("Receivable"),
        }
        domain = [
            ("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self._credit_scope()),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("amount_residual", "<" if figure == "unapplied" else ">", 0),
        ]
        if figure == "overdue":
            domain.append(("date_maturity", "<", fields.Date.context_today(self)))
        return {
            "type": "ir.actions.act_window",
            "name": names.get(figure, names["receivable"]),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "views": [(self.env.ref("customer_credit.account_move_line_view_list_credit").id, "list"), (False, "form")],
            "domain": domain,
            "context": {"create": False, "edit": False},
        }

    def _credit_orders_action(self, figure):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Orders Not Yet Invoiced"),
            "res_model": "sale.order",
            "view_mode": "list,form",
            "views": [(self.env.ref("customer_credit.sale_order_view_list_credit").id, "list"), (False, "form")],
            "domain": [
                ("hold_customer_id", "=", self.commercial_partner_id.id),
                ("company_id", "in", self._credit_scope()),
                ("state", "=", "sale"),
                ("uninvoiced_amount", ">", 0),
            ],
            "context": {"create": False},
        }

    def _credit_drafts_action(self, figure):
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", self._credit_scope()),
            ("state", "=", "draft"),
            ("move_type", "in", ("out_invoice", "out_receipt")),
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Draft Invoices"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": domain,
            "context": {"create": False},
        }

    def _credit_holds_action(self, figure):
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_order_hold.sale_order_hold_action")
        return {**action, "domain": [("partner_id", "=", self.commercial_partner_id.id)], "context": {"create": False}}
