from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .exposure import Collective, Exposure
from .judgement import judge

BATCH = 2000
EDITABLE = frozenset(
    {
        "name",
        "company_id",
        "date_from",
        "date_to",
        "late_days",
        "rule_ids",
        "limit_basis",
        "standard_id",
        "limit_percent",
        "limit_days",
        "limit_factor",
        "limit_cap",
        "note",
    }
)
MAIL_PREFIXES = ("message_", "activity_", "website_message_")
# Columns of a month that add up over the batches.
MONTH_COLUMNS = (
    "orders",
    "amount",
    "late",
    "late_amount",
    "held",
    "held_amount",
    "held_late",
    "held_late_amount",
    "now_held",
    "now_amount",
    "now_late",
    "now_late_amount",
)


class CreditSimulation(models.Model):
    """What other policies, or other limits, would have held of the orders of the last months (C6).

    Each confirmed order is judged as it stood when it was confirmed: with what its customer owed then, was late with,
    and had ordered before. What it says is compared with the policies in force, judged on the same figures, and with
    how the order was paid in the end. Nothing of the orders is touched.

    What is booked on the day of an order counts from the next day on. Limits, and who is in which group, are those of
    today; what was frozen, drafted or paid online then is not known any more and counts for nothing.
    """

    _name = "credit.simulation"
    _description = "Credit Simulation"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    date_from = fields.Date(
        "Orders From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(months=12),
    )
    date_to = fields.Date(
        "Orders Until",
        required=True,
        default=fields.Date.context_today,
        help="First day whose orders are no longer judged.",
    )
    late_days = fields.Integer(
        "Late After (Days)", help="An order was paid late when one of its invoices was, by more than so many days."
    )
    rule_ids = fields.One2many(
        "credit.simulation.rule",
        "simulation_id",
        string="Draft Policies",
        copy=True,
        default=lambda self: self._default_rules(),
    )
    limit_basis = fields.Selection(
        [("account", "Limits of today"), ("sales", "Average monthly sales")],
        string="Limits From",
        required=True,
        default="account",
        help="For customers that have a limit. Unlimited ones, and those without credit, stay so.",
    )
    limit_percent = fields.Float("Part of the Limits (%)", default=100.0, digits=(16, 2))
    limit_days = fields.Integer("Payment Days", default=30)
    limit_factor = fields.Float("Factor (%)", default=100.0, digits=(16, 2))
    limit_cap = fields.Monetary("Largest Limit", help="0: none.")
    note = fields.Text("Notes")
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", readonly=True, copy=False, default=lambda self: self.env.user
    )
    total = fields.Integer("Customers in All", readonly=True, copy=False, aggregator=None)
    done = fields.Integer("Customers Done", readonly=True, copy=False, aggregator=None)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the customers that are done.")
    last_id = fields.Integer(readonly=True, copy=False, help="The customer at which the last batch ended.")
    line_ids = fields.One2many("credit.simulation.line", "simulation_id", string="Orders", readonly=True, copy=False)
    month_ids = fields.One2many("credit.simulation.month", "simulation_id", string="Months", readonly=True, copy=False)
    orders = fields.Integer("Orders Judged", compute="_compute_totals")
    held = fields.Integer("Held by the Draft", compute="_compute_totals")
    held_amount = fields.Monetary("Amount Held by the Draft", compute="_compute_totals")
    held_late = fields.Integer("Of These Paid Late", compute="_compute_totals")
    now_held = fields.Integer("Held by the Policies in Force", compute="_compute_totals")
    now_amount = fields.Monetary("Amount Held by the Policies in Force", compute="_compute_totals")
    now_late = fields.Integer("Of These, Paid Late", compute="_compute_totals")
    late = fields.Integer("Paid Late in All", compute="_compute_totals")

    # === DEFAULTS AND COMPUTE METHODS === #

    def _default_rules(self):
        """Begin with the policies in force, one draft for each."""
        policies = self.env["credit.policy"].search([("company_id", "in", (False, self.env.company.id))])
        return [Command.create(policy._simulation_values()) for policy in policies]

    @api.depends("company_id")
    def _compute_currency_id(self):
        for simulation in self:
            company = simulation.company_id or self.env.company
            simulation.currency_id = company._credit_keeper().currency_id

    @api.depends("total", "done", "state")
    def _compute_progress(self):
        for simulation in self:
            if simulation.state == "done":
                simulation.progress = 100
            else:
                simulation.progress = 100 * simulation.done / simulation.total if simulation.total else 0

    @api.depends("month_ids")
    def _compute_totals(self):
        names = ("orders", "held", "held_amount", "held_late", "now_held", "now_amount", "now_late", "late")
        found = {
            simulation.id: values
            for simulation, *values in self.env["credit.simulation.month"]._read_group(
                [("simulation_id", "in", self.ids)], ["simulation_id"], [f"{name}:sum" for name in names]
            )
        }
        for simulation in self:
            simulation.update(dict(zip(names, found.get(simulation.id, [0] * len(names)))))

    @api.constrains("date_from", "date_to", "limit_percent", "limit_factor", "limit_days", "limit_cap")
    def _check_values(self):
        for simulation in self:
            if simulation.date_to <= simulation.date_from:
                raise ValidationError(
                    self.env._(
                        "The orders of “%(name)s” begin on %(start)s and end on %(end)s; "
                        "they have to end after they begin.",
                        name=simulation.name,
                        start=simulation.date_from,
                        end=simulation.date_to,
                    )
                )
            numbers = (
                simulation.limit_percent,
                simulation.limit_factor,
                simulation.limit_days,
                simulation.limit_cap,
                simulation.late_days,
            )
            if min(numbers) < 0:
                raise ValidationError(
                    self.env._(
                        "Amounts, per cent and days of the simulation “%s” can't be below zero.", simulation.name
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Simulations begin as drafts."""
        fresh = {"state": "draft", "total": 0, "done": 0, "last_id": 0, "user_id": self.env.uid}
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals if name in EDITABLE or name.startswith(MAIL_PREFIXES)},
                    **fresh,
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not self.env.su:
            if names - EDITABLE:
                raise AccessError(self.env._("A simulation is started and stopped by its buttons."))
            if names - {"name", "note"} and any(simulation.state != "draft" for simulation in self):
                raise UserError(self.env._("A simulation that was started is kept as it is: duplicate it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(simulation.state == "running" for simulation in self):
            raise UserError(self.env._("Stop the simulation before deleting it."))

    # === THE RUN === #

    @api.model
    def _cron_run(self, batch=None):
        """Go on with the simulations in batches of customers; what was committed is not repeated.

        :param int batch: customers of a batch, 2,000 by default
        """
        cron = self.env["ir.cron"]
        simulations = self.search([("state", "=", "running")], order="id")
        remaining = sum(max(simulation.total - simulation.done, 1) for simulation in simulations)
        cron._commit_progress(remaining=remaining)
        for simulation in simulations:
            together = None
            while simulation.state == "running":
                if together is None:
                    together = simulation._used_together()
                made = simulation._step(batch, together)
                remaining = max(remaining - made, 0)
                if not cron._commit_progress(made, remaining=remaining) and remaining:
                    return

    def _step(self, batch=None, together=None):
        """Judge the orders of one batch of customers; return their number, 0 at the end. The caller commits."""
        self.ensure_one()
        ids = self._customer_ids(self.last_id, batch or BATCH)
        if not ids:
            self.write({"state": "done", "total": self.done})
            self._tell_responsible()
            return 0
        lines, months = self._judge(ids, self._used_together() if together is None else together)
        self._store_lines(lines)
        self._store_months(months)
        self.write({"last_id": ids[-1], "done": self.done + len(ids)})
        return len(ids)

    def _tell_responsible(self):
        self._message_log(
            body=self.env._(
                "Of %(orders)s orders the draft would have held %(held)s (%(late)s of them were paid late); "
                "the policies in force hold %(now)s (%(now_late)s paid late).",
                orders=self.orders,
                held=self.held,
                late=self.held_late,
                now=self.now_held,
                now_late=self.now_late,
            )
        )
        # The activity itself is the message; there is no need of a mail besides.
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user_id.id, summary=self.env._("Look at the simulation")
        )

    def _settings(self):
        return self.env["res.company"]._credit_settings(self.company_id.id)

    def _period(self):
        """Return the moments, as Odoo stores them, between which orders are judged."""
        return self.company_id._customer_moments(self.date_from, self.date_to)

    def _customer_ids(self, after=0, count=None):
        """Return the ids of customers with orders to judge, in order."""
        start, end = self._period()
        self.env["sale.order"].flush_model(["company_id", "date_order", "hold_customer_id", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT o.hold_customer_id FROM sale_order o
                 WHERE o.state = 'sale' AND o.company_id = %s AND o.date_order >= %s AND o.date_order < %s
                   AND o.hold_customer_id > %s
                 ORDER BY 1 %s
                """,
                self.company_id.id,
                start,
                end,
                after or 0,
                SQL("LIMIT %s", count) if count else SQL(),
            )
        )
        return [row[0] for row in rows]

    def _judge(self, ids, together):
        """Judge the orders of customers; return rows of ``credit.simulation.line``, and {month: Counter}.

        :param dict together: what ``_used_together`` returns
        """
        settings = self._settings()
        policy_model = self.env["credit.policy"]
        draft_rules = policy_model._winning_of(self.rule_ids._rules(), ids)
        rules = policy_model._winning(self.company_id.id, ids)
        accounts = self._accounts(settings, ids)
        draft_limits = self._draft_limits(settings, ids, accounts)
        terms_days = self.env["account.payment.term"]._credit_days
        digits = settings.digits
        lines, months = [], {}
        for row in self.env.execute_query(self._figures_sql(settings, ids)):
            (
                order_id,
                customer_id,
                user_id,
                term_id,
                day,
                amount,
                net,
                overdue,
                unapplied,
                oldest_due,
                oldest_item,
                days_late,
            ) = row
            account = accounts.get(customer_id) or Account(None, settings.default_mode, settings.default_limit)
            figures = Exposure(
                overdue=float(overdue),
                overdue_days=(day - oldest_due).days if oldest_due else 0,
                oldest_days=max((day - oldest_item).days, 0) if oldest_item else 0,
                unapplied=float(unapplied),
                exposure=round(float(net), digits),
                mode=account.mode,
                base_limit=account.limit,
                temporary_limit=account.temporary_on(day),
                guarantees=account.guaranteed_on(day),
                valid_until=account.valid_until,
                payment_days=account.payment_days,
                collectives=together.get(order_id, ()),
            )
            amount = float(amount)
            arguments = (amount, day, digits)
            more = {
                "total": lambda amount=amount: amount,
                "days": lambda term_id=term_id: terms_days(term_id) if term_id else 0,
            }
            base = draft_limits.get((customer_id, day.replace(day=1)), draft_limits.get(customer_id, account.limit))
            draft_figures = figures if base == account.limit else figures._replace(base_limit=base)
            common, draft = judge(draft_figures, draft_rules[customer_id], *arguments, **more)
            _common, now = judge(figures, rules[customer_id], *arguments, **more)
            draft = [code for code, level, _rule, _more in draft if level == "hold"]
            now = [code for code, level, _rule, _more in now if level == "hold"]
            late = int(days_late is not None and days_late > self.late_days)
            month = months.setdefault(day.replace(day=1), Counter())
            month.update(orders=1, amount=amount, late=late, late_amount=amount * late)
            if draft:
                month.update(held=1, held_amount=amount, held_late=late, held_late_amount=amount * late)
            if now:
                month.update(now_held=1, now_amount=amount, now_late=late, now_late_amount=amount * late)
            if draft or now:
                lines.append(
                    (
                        order_id,
                        customer_id,
                        user_id,
                        day,
                        amount,
                        common["limit"],
                        common["exposure"],
                        common["excess"],
                        figures.overdue,
                        figures.overdue_days,
                        "both" if draft and now else "draft" if draft else "now",
                        ",".join(draft) or None,
                        ",".join(now) or None,
                        bool(late),
                        days_late,
                    )
                )
        return lines, months

    def _accounts(self, settings, ids):
        """Return {customer id: Account} of the customers that have a credit account."""
        for model in ("credit.account", "credit.temporary.limit", "credit.guarantee"):
            self.env[model].flush_model()
        found = self.env["credit.account"].search_fetch(
            [("partner_id", "in", ids), ("company_id", "=", settings.keeper_id)],
            [
                "partner_id",
                "mode",
                "credit_limit",
                "valid_until",
                "limit_payment_days",
                "payment_days",
                "has_temporary_limits",
                "has_guarantees",
            ],
        )
        return {
            account.partner_id.id: Account(
                account.id,
                account.mode,
                account._base_limit(),
                account.valid_until or None,
                account.payment_days if account.limit_payment_days else None,
                account.temporary_limit_ids if account.has_temporary_limits else (),
                account.guarantee_ids.filtered(lambda guarantee: guarantee.state == "active")
                if account.has_guarantees
                else (),
            )
            for account in found
        }

    def _draft_limits(self, settings, ids, accounts):
        """Return the base limits of the draft: {customer id: limit} or {(customer id, first of a month): limit}.

        Addons that grant limits by a standard of their own override it.
        """
        limited = {customer_id: account.limit for customer_id, account in accounts.items() if account.mode == "amount"}
        if self.limit_basis == "account":
            return {customer_id: limit * self.limit_percent / 100 for customer_id, limit in limited.items()}
        limits = {}
        for month, values in self._monthly_sales(limited):
            for customer_id, sales in values.items():
                limit = max(sales or 0.0, 0.0) * self.limit_days / 30 * self.limit_factor / 100
                limit = min(limit, self.limit_cap) if self.limit_cap else limit
                limits[(customer_id, month)] = round(limit, settings.digits)
        return limits

    def _monthly_sales(self, ids):
        """Yield (first of a month, {customer id: average monthly sales before it, or None}) for the months judged."""
        metric = self.env["customer.metric"].with_company(self.company_id)
        customers = self.env["res.partner"].browse(sorted(ids))
        month = self.date_from.replace(day=1)
        while month < self.date_to:
            yield month, metric._values(customers, ["average_monthly_sales"], month, 12)["average_monthly_sales"]
            month += relativedelta(months=1)

    def _used_together(self):
        """Return {order id: Collectives of its moment} for the limits that several customers share."""
        settings = self._settings()
        checked = {
            rule.check
            for rule in (*self.rule_ids._rules(), *self.env["credit.policy"]._rules(self.company_id.id))
            if rule.level != "off"
        }
        found = {}
        if "group" in checked:
            groups = self.env["credit.group"].search([("company_id", "=", settings.keeper_id)])
            for group in groups:
                for order_id, used in self._sums(settings, group.account_ids.partner_id.ids):
                    found[order_id] = (
                        Collective("group", group.id, group.name, group.credit_limit, round(used, settings.digits)),
                    )
        if "ceiling" in checked and settings.ceiling is not None:
            keeper = self.env["res.company"].browse(settings.keeper_id)
            for order_id, used in self._sums(settings, None):
                ceiling = Collective("ceiling", keeper.id, keeper.name, settings.ceiling, round(used, settings.digits))
                found[order_id] = (*found.get(order_id, ()), ceiling)
        return found

    def _sums(self, settings, ids):
        """Yield (order id, what all these customers together used when it was confirmed)."""
        if ids is not None and not ids:
            return
        statement = SQL(
            """
            WITH %s
            SELECT order_id, used::float8 FROM (
                SELECT order_id, wanted, COALESCE(SUM(net) OVER (
                           ORDER BY day, kind, moment, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                       ), 0) AS used
                  FROM (%s) event
              ) judged WHERE wanted
            """,
            self._tables_sql(settings, ids, punctuality=False),
            self._events_sql(net_only=True),
        )
        yield from self.env.execute_query(statement)

    # === FIGURES OF THE PAST === #

    def _figures_sql(self, settings, ids):
        """Return the statement of the figures at which each order of these customers was confirmed.

        Columns: order id, customer, salesperson, payment terms, day, amount, exposure, overdue, unapplied, due date of
        the oldest overdue item, date of the oldest open item, most days that one of its invoices was late.
        """
        return SQL(
            """
            WITH %(tables)s,
            judged AS (
                SELECT * FROM (
                    SELECT order_id, wanted, SUM(net) OVER before AS net, SUM(overdue) OVER before AS overdue,
                           SUM(unapplied) OVER before AS unapplied
                      FROM (%(events)s) event
                    WINDOW before AS (
                        PARTITION BY customer ORDER BY day, kind, moment, id
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                    )
                ) running WHERE wanted
            ),
            oldest AS (
                SELECT o.id, MIN(l.due) FILTER (WHERE l.due < o.day) AS due, MIN(l.item) AS item
                  FROM ordered o
                  JOIN line l ON l.customer = o.customer AND l.balance > 0 AND l.date < o.day
                 WHERE o.wanted AND (l.settled IS NULL OR l.settled >= o.day)
              GROUP BY o.id
            ),
            outcome AS (
                SELECT b.order_id, MAX(COALESCE(l.paid, %(today)s::date) - l.due) AS days_late
                  FROM billed b
                  JOIN line l ON l.move_id = b.move_id AND l.balance > 0 AND l.due IS NOT NULL
                 WHERE l.settled IS NULL OR l.paid IS NOT NULL
              GROUP BY b.order_id
            )
            SELECT o.id, o.customer, o.user_id, o.payment_term_id, o.day, o.start, COALESCE(j.net, 0),
                   COALESCE(j.overdue, 0), COALESCE(j.unapplied, 0), oldest.due, oldest.item, outcome.days_late
              FROM ordered o
              JOIN judged j ON j.order_id = o.id
         LEFT JOIN oldest ON oldest.id = o.id
         LEFT JOIN outcome ON outcome.order_id = o.id
             WHERE o.wanted
             ORDER BY o.moment, o.id
            """,
            tables=self._tables_sql(settings, ids),
            events=self._events_sql(),
            today=fields.Date.context_today(self),
        )

    def _tables_sql(self, settings, ids, punctuality=True):
        """Return the common tables: ``ordered`` and ``billed`` (orders, and what of them was invoiced when), ``line``
        (what stood on receivable accounts) and ``part`` (what was set off).

        A line's date is the day on which it came into the books, but an exchange difference came with the payment that
        it belongs to. ``settled`` is the day on which nothing of it was open any more, ``paid`` the day of the last
        payment, credit notes left out.

        :param ids: customers, or None for all
        :param bool punctuality: with what was set off
        """
        partner = self.env["res.partner"]
        self._flush_ledger()
        array = partner._credit_array_sql
        converted = partner._credit_converted_sql
        start, end = self._period()
        zone = self.env["res.company"]._hold_timezone(self.company_id.id)
        differences = self.env["account.partial.reconcile"].search_count([("exchange_move_id", "!=", False)], limit=1)

        def in_company(amount, rate, company):
            return converted(
                settings,
                SQL("ROUND(%s / COALESCE(NULLIF(%s, 0), 1), %s)", amount, rate, settings.digits),
                company,
            )

        tables = [
            SQL(
                """
                owner AS (SELECT id, commercial_partner_id AS customer FROM res_partner %s)
                """,
                SQL("WHERE commercial_partner_id = ANY (%s)", array(ids)) if ids is not None else SQL(),
            ),
            SQL(
                """
                placed AS MATERIALIZED (
                    SELECT o.id, o.hold_customer_id AS customer, o.date_order AS moment, o.payment_term_id, o.user_id,
                           (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day,
                           o.currency_rate, o.company_id,
                           %(total)s AS total, %(open)s AS open,
                           o.company_id = %(company)s AND o.date_order >= %(start)s AND o.date_order < %(end)s AS wanted
                      FROM sale_order o
                     WHERE o.state = 'sale' AND %(companies)s %(customers)s
                )
                """,
                zone=zone,
                total=in_company(SQL("o.amount_total"), SQL("o.currency_rate"), SQL("o.company_id")),
                open=in_company(SQL("o.uninvoiced_amount"), SQL("o.currency_rate"), SQL("o.company_id")),
                company=self.company_id.id,
                start=start,
                end=end,
                companies=partner._credit_companies_sql(settings, "o"),
                customers=SQL("AND o.hold_customer_id = ANY (%s)", array(ids)) if ids is not None else SQL(),
            ),
            SQL(
                """
                billed AS MATERIALIZED (
                    SELECT o.id AS order_id, o.customer, m.id AS move_id, m.date, %(amount)s AS amount
                      FROM placed o
                      JOIN sale_order_line s ON s.order_id = o.id
                      JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                      JOIN account_move_line l ON l.id = r.invoice_line_id
                      JOIN account_move m ON m.id = l.move_id
                     WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                  GROUP BY o.id, o.customer, o.currency_rate, o.company_id, m.id, m.date
                ),
                ordered AS MATERIALIZED (
                    SELECT o.*, CASE WHEN b.last IS NULL THEN o.open ELSE o.total END AS start, b.last,
                           o.total - b.amount - o.open AS dropped
                      FROM placed o
                 LEFT JOIN (
                        SELECT order_id, MAX(date) AS last, SUM(amount) AS amount FROM billed GROUP BY order_id
                    ) b ON b.order_id = o.id
                )
                """,
                amount=in_company(
                    SQL("SUM(CASE m.move_type WHEN 'out_refund' THEN -l.price_total ELSE l.price_total END)"),
                    SQL("o.currency_rate"),
                    SQL("o.company_id"),
                ),
            ),
        ]
        if differences:
            tables.append(
                SQL(
                    """
                    difference AS MATERIALIZED (
                        SELECT exchange_move_id AS move_id, MIN(max_date) AS day
                          FROM account_partial_reconcile WHERE exchange_move_id IS NOT NULL GROUP BY 1
                    )
                    """
                )
            )
        tables.append(
            SQL(
                """
                booked AS MATERIALIZED (
                    SELECT c.customer, l.id, l.move_id, %(date)s AS date, l.date_maturity AS due,
                           COALESCE(l.invoice_date, l.date) AS item, %(balance)s AS balance,
                           l.amount_residual = 0 AS closed
                      FROM owner c
                      JOIN account_move_line l ON l.partner_id = c.id
                      %(difference)s
                     WHERE l.account_id = ANY (%(accounts)s) AND l.parent_state = 'posted' AND l.balance <> 0
                       AND %(companies)s
                )
                """,
                date=SQL("LEAST(l.date, d.day)") if differences else SQL("l.date"),
                balance=converted(settings, SQL("l.balance"), SQL("l.company_id")),
                difference=SQL("LEFT JOIN difference d ON d.move_id = l.move_id") if differences else SQL(),
                accounts=array(self.env["account.account"]._credit_receivable_ids()),
                companies=partner._credit_companies_sql(settings, "l"),
            )
        )
        if not punctuality:
            tables.append(SQL("line AS (SELECT * FROM booked)"))
            return SQL(", ").join(tables)
        day = SQL("LEAST(r.max_date, own.day, other.day)") if differences else SQL("r.max_date")

        def part(side, opposite, sign):
            return SQL(
                """
                SELECT l.customer, l.id AS line_id, GREATEST(%(day)s, l.date) AS day, l.date, l.due, l.balance,
                       %(amount)s AS amount, m.move_type = 'out_refund' AS credited
                  FROM booked l
                  JOIN account_partial_reconcile r ON %(side)s = l.id
                  JOIN account_move_line counterpart ON counterpart.id = %(opposite)s
                  JOIN account_move m ON m.id = counterpart.move_id
                  %(difference)s
                 WHERE l.balance %(sign)s 0
                """,
                day=day,
                amount=converted(settings, SQL("r.amount"), SQL("r.company_id")),
                side=side,
                opposite=opposite,
                sign=sign,
                difference=SQL(
                    "LEFT JOIN difference own ON own.move_id = l.move_id "
                    "LEFT JOIN difference other ON other.move_id = counterpart.move_id"
                )
                if differences
                else SQL(),
            )

        debit, credit = SQL("r.debit_move_id"), SQL("r.credit_move_id")
        tables.append(
            SQL(
                """
                part AS MATERIALIZED (%(debits)s UNION ALL %(credits)s),
                line AS MATERIALIZED (
                    SELECT b.*, CASE WHEN b.closed THEN p.settled END AS settled,
                           CASE WHEN b.closed THEN p.paid END AS paid
                      FROM booked b
                 LEFT JOIN (
                        SELECT line_id, MAX(day) AS settled, MAX(day) FILTER (WHERE NOT credited) AS paid
                          FROM part WHERE balance > 0 GROUP BY line_id
                    ) p ON p.line_id = b.id
                )
                """,
                debits=part(debit, credit, SQL(">")),
                credits=part(credit, debit, SQL("<")),
            )
        )
        return SQL(", ").join(tables)

    @api.model
    def _events_sql(self, net_only=False):
        """Return the query of what changed the figures of a customer, and when: what is booked counts from the next
        day, an order from its moment.

        :param bool net_only: the exposure alone, without what is overdue and what is not set off
        """

        def event(table, day, where=None, **figures):
            return SQL(
                "SELECT customer, %s AS day, 0 AS kind, NULL::timestamp AS moment, 0 AS id, %s AS net, %s AS overdue,"
                " %s AS unapplied, NULL::int AS order_id, FALSE AS wanted FROM %s %s",
                day,
                *(figures.get(name, SQL("0::numeric")) for name in ("net", "overdue", "unapplied")),
                SQL.identifier(table),
                SQL("WHERE %s", where) if where else SQL(),
            )

        events = [
            event(
                "line",
                SQL("date + 1"),
                net=SQL("balance"),
                unapplied=SQL("GREATEST(-balance, 0)"),
            ),
            event("billed", SQL("date + 1"), net=SQL("-amount")),
            # What will not be invoiced any more: it was taken off the order, or came back.
            event("ordered", SQL("last + 1"), SQL("last IS NOT NULL AND dropped <> 0"), net=SQL("-dropped")),
            SQL("SELECT customer, day, 1, moment, id, start, 0::numeric, 0::numeric, id, wanted FROM ordered"),
        ]
        if not net_only:
            events += [
                event(
                    "line",
                    SQL("GREATEST(due, date) + 1"),
                    SQL("balance > 0 AND due IS NOT NULL"),
                    overdue=SQL("balance"),
                ),
                event(
                    "part",
                    SQL("GREATEST(day, due) + 1"),
                    SQL("balance > 0 AND due IS NOT NULL"),
                    overdue=SQL("-amount"),
                ),
                event("part", SQL("day + 1"), SQL("balance < 0"), unapplied=SQL("-amount")),
            ]
        return SQL(" UNION ALL ").join(events)

    def _flush_ledger(self):
        self.env["res.partner"]._credit_flush()
        self.env["account.move"].flush_model(["date"])
        self.env["account.move.line"].flush_model(["balance"])
        self.env["account.partial.reconcile"].flush_model()
        self.env["sale.order"].flush_model(["amount_total", "date_order", "payment_term_id", "user_id"])
        # PostgreSQL would take seconds to compile the statements. In force until the transaction ends.
        self.env.cr.execute("SET LOCAL jit = off")

    # === RESULTS === #

    def _store_lines(self, lines):
        if not lines:
            return
        columns = list(zip(*lines))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO credit_simulation_line (
                    simulation_id, company_id, order_id, partner_id, user_id, date, amount, credit_limit, exposure,
                    excess, overdue, overdue_days, outcome, codes, now_codes, paid_late, days_late, held, now_held,
                    held_late, now_late, month)
                SELECT %s, %s, v.*, (v.outcome <> 'now')::int, (v.outcome <> 'draft')::int,
                       (v.outcome <> 'now' AND v.paid_late)::int, (v.outcome <> 'draft' AND v.paid_late)::int,
                       date_trunc('month', v.date)::date
                  FROM UNNEST(%s::int[], %s::int[], %s::int[], %s::date[], %s::numeric[], %s::numeric[], %s::numeric[],
                              %s::numeric[], %s::numeric[], %s::int[], %s::varchar[], %s::varchar[], %s::varchar[],
                              %s::bool[], %s::int[])
                    AS v (order_id, partner_id, user_id, date, amount, credit_limit, exposure, excess, overdue,
                          overdue_days, outcome, codes, now_codes, paid_late, days_late)
                """,
                self.id,
                self.company_id.id,
                *(list(column) for column in columns),
            )
        )
        self.env["credit.simulation.line"].invalidate_model()
        self.invalidate_recordset(["line_ids"])

    def _store_months(self, months):
        """Add what a batch came to, to the months."""
        digits = self._settings().digits
        names = SQL(", ").join(map(SQL.identifier, MONTH_COLUMNS))
        sums = SQL(", ").join(
            SQL("%(name)s = credit_simulation_month.%(name)s + excluded.%(name)s", name=SQL.identifier(name))
            for name in MONTH_COLUMNS
        )
        for month, counts in sorted(months.items()):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO credit_simulation_month (simulation_id, company_id, month, %s) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (simulation_id, month) DO UPDATE SET %s",
                    names,
                    self.id,
                    self.company_id.id,
                    month,
                    SQL(", ").join(SQL("%s", round(counts[name], digits)) for name in MONTH_COLUMNS),
                    sums,
                )
            )
        self.env["credit.simulation.month"].invalidate_model()
        self.invalidate_recordset(["month_ids"])

    # === ACTION METHODS === #

    @api.model
    def _check_manager(self):
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Simulations are made by credit managers only."))

    def action_start(self):
        """Start the run: the scheduled action judges the orders."""
        self._check_manager()
        self.check_access("write")
        for simulation in self:
            if simulation.state != "draft":
                raise UserError(self.env._("“%s” was started already; duplicate it to run it again.", simulation.name))
            total = len(simulation.sudo()._customer_ids())
            if not total:
                raise UserError(self.env._("There is no confirmed order in the period of “%s”.", simulation.name))
            simulation.sudo().write({"state": "running", "total": total, "user_id": self.env.uid})
        self.env.ref("customer_credit.ir_cron_credit_simulation").sudo()._trigger()
        return True

    def action_cancel(self):
        """Stop the run; what it has found so far stays."""
        self._check_manager()
        self.check_access("write")
        if any(simulation.state != "running" for simulation in self):
            raise UserError(self.env._("Only what is running can be stopped."))
        self.sudo().write({"state": "cancelled"})
        return True

    def action_lines(self):
        """Show the orders that the draft or the policies in force would have held."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_simulation_line_action")
        return {**action, "domain": [("simulation_id", "=", self.id)], "display_name": self.name}

    def action_months(self):
        """Show the months as a graph."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_simulation_month_action")
        return {**action, "domain": [("simulation_id", "=", self.id)], "display_name": self.name}

    def action_adopt(self):
        """Put the draft policies into force; limits stay as they are."""
        self.ensure_one()
        self._check_manager()
        if self.state != "done":
            raise UserError(self.env._("Let the simulation run to its end before its policies are put into force."))
        changed = self.rule_ids._adopt()
        self.message_post(body=self.env._("Put into force: %s", ", ".join(changed) or self.env._("nothing differed")))
        return self.env["ir.actions.act_window"]._for_xml_id("customer_credit.credit_policy_action")


class Account:
    """The credit account of a customer as a simulation reads it."""

    def __init__(self, id, mode, limit, valid_until=None, payment_days=None, temporary=(), guarantees=()):
        self.id = id
        self.mode = mode
        self.limit = limit if mode == "amount" else 0.0
        self.valid_until = valid_until
        self.payment_days = payment_days
        self.temporary = temporary
        self.guarantees = guarantees

    def temporary_on(self, day):
        return sum(limit.amount for limit in self.temporary if limit._is_in_force(day))

    def guaranteed_on(self, day):
        return sum(
            guarantee.amount_counted
            for guarantee in self.guarantees
            if guarantee.date_from <= day and (not guarantee.date_to or day < guarantee.date_to)
        )
