import io
from collections import Counter

import xlsxwriter
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, clean_context, format_date

from . import tiering
from .customer_tier_run_line import COPIED

OFFICER = "customer_tiering.group_tier_officer"
DIRECTOR = "customer_tiering.group_tier_director"
UNFINISHED = ("draft", "computing", "computed", "approved", "applying")
# Up to so many customers a person waits for the result; more are left to the scheduled action.
INLINE = 5000
BATCH = 5000
COPY_ROWS = 20000


class CustomerTierRun(models.Model):
    """A classification of all customers of a scheme in a company for a month: preview, approval, effect (T7).

    A run is computed as a whole, in one transaction and a constant number of queries: its lines say who moves and
    why. It then takes effect as it was shown, in batches that are committed one by one, so that an interrupted run goes
    on where it stopped. There is one unfinished run of a scheme in a company at a time.

    Its state and figures are set by the methods here alone, never by a client's write.
    """

    _name = "customer.tier.run"
    _description = "Tiering Run"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "month desc, id desc"

    scheme_id = fields.Many2one("customer.tier.scheme", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        "Month",
        required=True,
        default=lambda self: self.env.company._customer_today().replace(day=1) - relativedelta(months=1),
        help="The last month that counts; the figures are those at its end.",
    )
    month_name = fields.Char("Month Counted", compute="_compute_month_name")
    date_to = fields.Date(compute="_compute_date_to", help="First day that no longer counts.")
    state = fields.Selection(
        [
            ("draft", "New"),
            ("computing", "Being Computed"),
            ("computed", "Preview"),
            ("approved", "Approved"),
            ("applying", "Taking Effect"),
            ("applied", "In Effect"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    requested_by = fields.Many2one("res.users", readonly=True, copy=False)
    computed_on = fields.Datetime(readonly=True, copy=False)
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    approval_reason = fields.Text(readonly=True, copy=False)
    applied_by = fields.Many2one("res.users", readonly=True, copy=False)
    applied_on = fields.Datetime(readonly=True, copy=False)
    snapshot = fields.Json(readonly=True, copy=False, help="The rules and bounds by which the run was computed.")
    transitions = fields.Json(
        readonly=True, copy=False, help="How many customers go from which class to which: [from, to, number]."
    )
    customer_count = fields.Integer("Customers", readonly=True, copy=False)
    moved_count = fields.Integer("Moves", readonly=True, copy=False)
    up_count = fields.Integer("Up", readonly=True, copy=False)
    down_count = fields.Integer("Down", readonly=True, copy=False)
    in_count = fields.Integer("Enter", readonly=True, copy=False)
    out_count = fields.Integer("Leave", readonly=True, copy=False)
    waiting_count = fields.Integer(
        "Watched", readonly=True, copy=False, help="Customers whose figures speak for a move, but not long enough."
    )
    move_share = fields.Float(
        "Moves (%)", digits=(16, 1), compute="_compute_move_share", help="Share of the customers who change class."
    )
    needs_approval = fields.Boolean(
        readonly=True, copy=False, help="So many customers change class that a director has to approve it."
    )
    applied_line_id = fields.Integer(readonly=True, copy=False)
    turn = fields.Integer(readonly=True, copy=False, help="Counts whoever works on the run, one at a time.")
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    line_ids = fields.One2many("customer.tier.run.line", "run_id", string="Customers of the Run", readonly=True)
    matrix = fields.Json(compute="_compute_matrix")
    may_approve = fields.Boolean(compute="_compute_may_approve")

    _unfinished_unique = models.UniqueIndex(
        "(scheme_id, company_id) WHERE state IN ('draft', 'computing', 'computed', 'approved', 'applying')",
        "There is an unfinished run of this scheme in the company. Let it take effect or cancel it first.",
    )

    # === COMPUTE METHODS === #

    @api.depends("month")
    def _compute_date_to(self):
        for run in self:
            run.date_to = run.month and run.month.replace(day=1) + relativedelta(months=1)

    @api.depends("month")
    def _compute_month_name(self):
        for run in self:
            run.month_name = format_date(self.env, run.month, date_format="yyyy-MM") if run.month else ""

    @api.depends("scheme_id.name", "month_name")
    def _compute_display_name(self):
        for run in self:
            run.display_name = " · ".join(filter(None, [run.scheme_id.name, run.month_name]))

    @api.depends("customer_count", "moved_count")
    def _compute_move_share(self):
        for run in self:
            run.move_share = 100 * run.moved_count / run.customer_count if run.customer_count else 0

    @api.depends("state", "applied_line_id")
    def _compute_progress(self):
        for run in self:
            if run.state == "applying" and run.customer_count:
                run.progress = 100 - 100 * run._lines_left() / run.customer_count
            else:
                run.progress = 100 if run.state == "applied" else 0

    @api.depends("transitions", "snapshot")
    @api.depends_context("lang")
    def _compute_matrix(self):
        """The transitions as a table: classes from the best down, then none; rows from, columns to."""
        for run in self:
            if not run.transitions:
                run.matrix = False
                continue
            counts = {(before or 0, after or 0): count for before, after, count in run.transitions}
            used = {key for pair in counts for key in pair}
            places = [tier["id"] for tier in reversed(run.snapshot["tiers"])]
            others = sorted(used - {0, *places})
            tiers = self.env["customer.tier"].sudo().with_context(active_test=False).browse([*places, *others])
            names = dict(zip(tiers.ids, tiers.mapped("name"), strict=True)) | {0: self.env._("No class")}
            keys = [*places, *others, 0]
            run.matrix = {
                "names": [names[key] for key in keys],
                "ids": keys,
                "rows": [[counts.get((before, after), 0) for after in keys] for before in keys],
            }

    @api.depends("state", "needs_approval", "requested_by")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        director = self.env.user.has_group(DIRECTOR)
        for run in self:
            run.may_approve = (
                run.state == "computed" and run.needs_approval and director and run.requested_by != self.env.user
            )

    # === CONSTRAINTS === #

    @api.constrains("month", "company_id", "scheme_id")
    def _check_month(self):
        for run in self:
            if run.date_to > run.company_id._customer_today():
                raise ValidationError(
                    self.env._(
                        "%s has not ended yet. A run counts whole months.",
                        format_date(self.env, run.month, date_format="yyyy-MM"),
                    )
                )
            if run.scheme_id not in run.scheme_id.sudo()._for_company(run.company_id):
                raise ValidationError(
                    self.env._(
                        "The scheme %(scheme)s does not hold in %(company)s.",
                        scheme=run.scheme_id.name,
                        company=run.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Runs begin new and without figures, whatever defaults the user has stored or sends along."""
        self._check_officer()
        given = {
            name: self.env.context[f"default_{name}"]
            for name in ("scheme_id", "company_id", "month")
            if f"default_{name}" in self.env.context
        }
        vals_list = [{**given, **vals} for vals in vals_list]
        for vals in vals_list:
            if not self.env.su and (wrong := vals.keys() & self._protected()):
                raise AccessError(self.env._("Runs are computed, not written: %s", ", ".join(sorted(wrong))))
            if vals.get("month"):
                vals["month"] = fields.Date.to_date(vals["month"]).replace(day=1)
            if not self.env.su:
                vals["state"] = "draft"
        blank = self.with_context(clean_context(self.env.context))
        return super(CustomerTierRun, blank).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            if wrong := vals.keys() & self._protected():
                raise AccessError(self.env._("Runs are computed, not written: %s", ", ".join(sorted(wrong))))
            if vals.keys() & {"scheme_id", "company_id", "month"}:
                self._check_officer()
                if any(run.state != "draft" for run in self):
                    raise UserError(self.env._("A run that was computed keeps its scheme and month."))
        if vals.get("month"):
            vals = {**vals, "month": fields.Date.to_date(vals["month"]).replace(day=1)}
        result = super().write(vals)
        if "state" in vals:
            # A next run may be made in the same transaction, under the index of unfinished ones.
            self.flush_recordset(["state"])
        return result

    @api.model
    def _protected(self):
        """Return the names of the fields that the methods here alone set."""
        return {
            name
            for name, field in self._fields.items()
            if field.store and field.readonly and not name.startswith(("message_", "activity_")) and name != "id"
        } | {"state", "line_ids"}

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        if any(run.state not in ("draft", "cancelled") for run in self):
            raise UserError(self.env._("A run that was computed is kept. Cancel it instead."))

    def unlink(self):
        self.env["customer.tier.run.line"]._delete_of(self)
        return super().unlink()

    # === COMPUTING === #

    def _compute_run(self):
        """Compute the preview: one line per customer, whose class and reason the lines then keep.

        The figures are those of ``customer.metric`` in the company of the run. Customers who never bought and have no
        class in the scheme get no line.
        """
        self.ensure_one()
        self._take_turn(("draft", "computing", "computed", "approved"))
        company, scheme = self.company_id, self.scheme_id.sudo().with_company(self.company_id)
        self._check_latest()
        self.env["customer.tier.run.line"]._delete_of(self)
        before = self.env["customer.tier.membership"]._states(scheme, company)
        customer_ids = scheme._customer_ids(company)
        figures = self._figures(scheme, customer_ids)
        figures = {
            customer_id: row
            for customer_id, row in figures.items()
            if row[0] is not None or row[4] is not None or customer_id in before
        }
        leaving = [customer_id for customer_id in before if customer_id not in figures]
        snapshot = scheme._snapshot([row[0] for row in figures.values()])
        overrides = self.env["customer.tier.override"]._in_force(scheme, company)
        rows = self._judge_rows(snapshot, figures, leaving, before, overrides)
        counts, transitions = self._copy_lines(rows)
        moved = sum(counts[move] for move in ("up", "down", "in", "out"))
        total = sum(transitions.values())
        self.sudo().write(
            {
                "state": "computed",
                "computed_on": fields.Datetime.now(),
                "approved_by": False,
                "approved_on": False,
                "approval_reason": False,
                "snapshot": snapshot,
                "transitions": [[*pair, count] for pair, count in sorted(transitions.items(), key=str)],
                "customer_count": total,
                "moved_count": moved,
                "up_count": counts["up"],
                "down_count": counts["down"],
                "in_count": counts["in"],
                "out_count": counts["out"],
                "waiting_count": counts["waiting"],
                "applied_line_id": 0,
                "needs_approval": moved > scheme.approval_count and 100 * moved > scheme.approval_share * total,
            }
        )
        self._ask()

    def _take_turn(self, states):
        """Make sure that nobody else works on the run, and that it is in one of the states.

        The row is written before anything is read: who comes second gets a serialization failure, and Odoo repeats the
        request with fresh eyes.
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(SQL("UPDATE customer_tier_run SET turn = COALESCE(turn, 0) + 1 WHERE id = %s", self.id))
        self.invalidate_recordset()
        if self.sudo().state not in states:
            raise UserError(
                self.env._(
                    "%(run)s is already: %(state)s.",
                    run=self.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.sudo().state],
                )
            )

    def _check_latest(self):
        later = self.sudo().search(
            [
                ("scheme_id", "=", self.scheme_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "applied"),
                ("month", ">", self.month),
            ],
            limit=1,
        )
        if later:
            raise UserError(self.env._("A later month is in effect already: %s.", later.display_name))

    def _check_overrides(self):
        """Refuse a preview that shows other classes fixed by hand than those in force."""
        scheme, company = self.scheme_id.sudo(), self.company_id
        lines = (
            self.env["customer.tier.run.line"].sudo().search([("run_id", "=", self.id), ("override_id", "!=", False)])
        )
        shown = {line.partner_id.id: line.override_id.id for line in lines}
        in_force = self.env["customer.tier.override"]._in_force(scheme, company)
        if shown != {customer_id: override_id for customer_id, (override_id, _tier) in in_force.items()}:
            raise UserError(
                self.env._("Classes were fixed by hand, or released, after the preview was made. Compute it again.")
            )

    def _figures(self, scheme, customer_ids):
        """Return {customer id: (value, margin, leading value, leading margin, months of history, months counted,
        orders, days since the last order)}, values and margins exact; None without data.

        A constant number of queries. A figure that is an average per month is divided by the months since the first
        order where these are fewer: whoever is new bought nothing before.
        """
        metric, company = scheme.metric_id, self.company_id
        Metric = self.env["customer.metric"].with_company(company).sudo()._sharing()
        customers = self.env["res.partner"].browse(customer_ids)
        total = metric.total_metric_id
        code = (total or metric).code
        period, leading_period = scheme.months, scheme.leading_months
        Metric._fetch_trade(customers, self.date_to, {period, leading_period or period})
        found = Metric._values(
            customers,
            {code, "gross_margin", "orders", "days_since_order", "months_since_first_order"},
            self.date_to,
            period,
        )
        values, margins, history = found[code], found["gross_margin"], found["months_since_first_order"]
        orders, days = found["orders"], found["days_since_order"]
        leading = leading_margins = dict.fromkeys(customer_ids)
        if leading_period:
            found = Metric._values(customers, {code, "gross_margin"}, self.date_to, leading_period)
            leading, leading_margins = found[code], found["gross_margin"]
        exact, average = tiering.exact, tiering.average
        rounding = exact(company.currency_id.rounding)
        result = {}
        for customer_id in customer_ids:
            value, lead, known = exact(values[customer_id]), exact(leading[customer_id]), history[customer_id]
            months = period
            if total:
                months = min(known or period, period)
                value = average(value, months, rounding)
                lead = average(lead, min(months, leading_period or period), rounding)
            result[customer_id] = (
                value,
                exact(margins[customer_id]),
                lead,
                exact(leading_margins[customer_id]),
                known,
                months,
                orders[customer_id],
                days[customer_id],
            )
        return result

    def _judge_rows(self, snapshot, figures, leaving, before, overrides):
        """Yield the columns :data:`COPIED` of the line of every customer.

        :param before: see ``customer.tier.membership._states``
        :param overrides: {customer id: (override id, tier id)}
        """
        judge = self.env["customer.tier.scheme"]._judge(snapshot).judge
        table_rank = self.env["customer.tier.scheme"]._judge(snapshot).table.rank
        ids = [None, *(tier["id"] for tier in snapshot["tiers"])]
        ranks = {tier_id: rank for rank, tier_id in enumerate(ids)}
        new_months = snapshot["new_months"]
        recency, frequency, monetary = self._rfm(figures)
        run_id, month = self.id, self.month
        scale = tiering.SCALE
        State = tiering.State
        for position, (customer_id, row) in enumerate(figures.items()):
            value, margin, leading, leading_margin, history, months, orders, days = row
            known = before.get(customer_id)
            from_id, state, start = None, None, (False, None, 0, None)
            if known:
                from_id, seen, now, earlier, was_provisional = known
                start = earlier if seen == month else (not was_provisional, *now)
                if start[0] and start[1] in ranks and start[3] in ranks:
                    state = State(ranks[start[1]], start[2], ranks[start[3]])
            provisional = history is not None and history < new_months
            base, lifted, after = judge(None if provisional else state, value, margin)
            rule_id = ids[after.rank]
            to_id, override_id = rule_id, None
            if customer_id in overrides:
                override_id, to_id = overrides[customer_id]
                why = "override"
            elif provisional:
                why = "provisional"
            elif state is None:
                why = "first"
            elif after.rank != state.rank:
                why = "moved"
            elif after.votes:
                why = "waiting"
            elif after.rank != base + lifted:
                why = "tolerance"
            else:
                why = "stays"
            yield (
                run_id,
                customer_id,
                months,
                history,
                None if value is None else value / scale,
                value is not None,
                None if margin is None else margin / scale,
                margin is not None,
                None if leading is None else leading / scale,
                ids[table_rank(leading, leading_margin)],
                ids[base],
                lifted,
                *start,
                rule_id,
                after.votes,
                ids[after.target],
                from_id,
                to_id,
                _move(from_id, to_id, ranks),
                why,
                provisional,
                override_id,
                orders,
                days,
                recency[position],
                frequency[position],
                monetary[position],
            )
        for customer_id in leaving:
            from_id, seen, now, earlier, was_provisional = before[customer_id]
            start = earlier if seen == month else (not was_provisional, *now)
            override_id, to_id = overrides.get(customer_id, (None, None))
            yield (
                run_id,
                customer_id,
                *(None, None, None, False, None, False, None, None, None, False),
                *start,
                None,
                0,
                None,
                from_id,
                to_id,
                _move(from_id, to_id, ranks),
                "override" if override_id else "out",
                False,
                override_id,
                *(None,) * 5,
            )

    @api.model
    def _rfm(self, figures):
        """Return the scores 1 to 5 of recency, frequency and money, by quintiles of the scheme's customers."""
        rows = list(figures.values())
        return (
            tiering.quintile_scores([row[7] for row in rows], smaller_is_better=True),
            tiering.quintile_scores([row[6] for row in rows]),
            tiering.quintile_scores([row[0] for row in rows]),
        )

    def _copy_lines(self, rows):
        """Write the lines and return (counts by move and of who waits, counts by (from, to))."""
        move, why, before, after = (COPIED.index(name) for name in ("move", "why", "from_tier_id", "to_tier_id"))
        counts, transitions = Counter(), Counter()
        buffer = io.StringIO()
        for number, row in enumerate(rows, 1):
            counts[row[move]] += 1
            counts["waiting"] += row[why] == "waiting"
            transitions[row[before], row[after]] += 1
            buffer.write("\t".join(map(str, row)))
            buffer.write("\n")
            if number % COPY_ROWS == 0:
                self._copy_buffer(buffer)
                buffer = io.StringIO()
        self._copy_buffer(buffer)
        self.env["customer.tier.run.line"].invalidate_model()
        return counts, transitions

    def _copy_buffer(self, buffer):
        buffer.seek(0)
        self.env.cr.copy_from(buffer, "customer_tier_run_line", null="None", columns=COPIED)

    # === TAKING EFFECT === #

    def _apply_batch(self, batch=None):
        """Put the next lines into effect and return how many are left.

        The caller commits, or not: a batch that is rolled back is done again.

        :param int batch: number of lines at most
        """
        self.ensure_one()
        self._take_turn(("applying",))
        lines = self._lines_left(batch or BATCH)
        if lines:
            first, last = lines[0].id, lines[-1].id
            self.env["customer.tier.membership"]._take_over(self, first, last)
            self.env["customer.tier.history"]._record(self, first, last)
            self.env.invalidate_all()
            self.env["customer.tier.membership"]._bring_effects(
                self.company_id,
                [
                    (line.partner_id.id, line.from_tier_id.id, line.to_tier_id.id)
                    for line in lines.filtered(lambda line: line.move != "stay")
                ],
            )
            self.sudo().applied_line_id = last
        left = self._lines_left()
        if not left:
            self.sudo().write({"state": "applied", "applied_on": fields.Datetime.now()})
            self._end_activities()
        return left

    def _lines_left(self, batch=0):
        """Return the next lines that are not in effect yet, at most `batch` of them; without, the number of all."""
        Line = self.env["customer.tier.run.line"].sudo()
        domain = [("run_id", "=", self.id), ("id", ">", self.sudo().applied_line_id)]
        return Line.search(domain, order="id", limit=batch) if batch else Line.search_count(domain)

    # === BUSINESS METHODS === #

    @api.model
    def _check_officer(self):
        if not self.env.su and not self.env.user.has_group(OFFICER):
            raise AccessError(self.env._("Classes are computed by: %s.", self.env.ref(OFFICER).sudo().display_name))

    def _deciders(self):
        """Return who is told that the run waits: the responsible person, else the directors of the company."""
        self.ensure_one()
        if self.scheme_id.sudo().user_id:
            return self.scheme_id.sudo().user_id
        return (
            self.env.ref(DIRECTOR)
            .sudo()
            .all_user_ids.filtered(
                lambda user: (
                    user.active
                    and not user.share
                    and self.company_id in user.company_ids
                    and user != self.requested_by
                    and user.id != api.SUPERUSER_ID
                )
            )
        )

    def _ask(self):
        """Tell who decides that a preview waits; the activity itself is the message."""
        self._end_activities()
        if not self.needs_approval and self.requested_by.id != api.SUPERUSER_ID:
            return
        summary = (
            self.env._("Approve the moves: %s", self.display_name)
            if self.needs_approval
            else self.env._("Look at the preview: %s", self.display_name)
        )
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref("customer_tiering.mail_activity_type_tier_run").id,
                    "res_model_id": model_id,
                    "res_id": self.id,
                    "user_id": user.id,
                    "summary": summary,
                    "automated": True,
                }
                for user in self._deciders()
            ]
        )

    def _end_activities(self):
        self.sudo().activity_unlink(["customer_tiering.mail_activity_type_tier_run"])

    @api.model
    def _set_back(self, scheme, company, reason):
        """Something outside the run changed a class: a preview that no longer holds has to be computed again.

        A run that is new or being computed is written too: whoever computes it at this moment would not see the change.

        :raise UserError: while a run is taking effect
        """
        runs = self.sudo().search(
            [("scheme_id", "=", scheme.id), ("company_id", "=", company.id), ("state", "in", UNFINISHED)]
        )
        for run in runs:
            run._take_turn(UNFINISHED)
            if run.state in ("draft", "computing"):
                continue
            if run.state == "applying":
                raise UserError(
                    self.env._("%s is taking effect right now. Try again in a few minutes.", run.display_name)
                )
            run._end_activities()
            run.write({"state": "draft", "needs_approval": False, "approved_by": False, "approved_on": False})
            run.message_post(body=self.env._("To be computed again: %s", reason))

    def _action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === SCHEDULED === #

    @api.model
    def _cron_process(self, batch=None):
        """End what has run out, make the runs that are due, and go on with those that are under way.

        :param int batch: lines that take effect between two commits
        """
        Cron = self.env["ir.cron"]
        self.env["customer.tier.override"]._end_expired()
        self._make_due()
        Cron._commit_progress(remaining=1)
        for run in self.search([("state", "=", "computing")]):
            run.with_company(run.company_id)._compute_run()
            if run.requested_by == self.env.user and run.scheme_id.auto_apply and not run.needs_approval:
                run._start_applying()
            if not Cron._commit_progress(1, remaining=1):
                return
        for run in self.search([("state", "=", "applying")]):
            left = True
            while left:
                left = run.with_company(run.company_id)._apply_batch(batch)
                if not Cron._commit_progress(1, remaining=1 if left else 0):
                    return
        Cron._commit_progress(remaining=0)

    @api.model
    def _make_due(self):
        """Make the runs that are to be computed: one per company and monthly scheme that has customers, for the month
        that has ended.

        A month that has a run already, even a cancelled one, is left alone; previews of earlier months are cancelled.
        """
        due = self.browse()
        Scheme = self.env["customer.tier.scheme"].sudo()
        for company in self.env["res.company"].search([]):
            month = company._customer_today().replace(day=1) - relativedelta(months=1)
            schemes = (
                Scheme.with_company(company)
                ._for_company(company)
                .filtered(lambda scheme: scheme.auto_run and scheme.tier_ids)
            )
            runs = self.search([("company_id", "=", company.id), ("scheme_id", "in", schemes.ids)])
            for scheme in schemes - runs.filtered(lambda run, month=month: run.month >= month).scheme_id:
                if not scheme._customer_ids(company):
                    continue
                stale = runs.filtered(
                    lambda run, scheme=scheme: (
                        run.scheme_id == scheme and run.state in ("draft", "computing", "computed", "approved")
                    )
                )
                for run in stale:
                    run._cancel(self.env._("The next month has ended."))
                if runs.filtered(lambda run, scheme=scheme: run.scheme_id == scheme and run.state == "applying"):
                    continue
                due |= self.create({"scheme_id": scheme.id, "company_id": company.id, "month": month})
        due.write({"requested_by": self.env.uid, "state": "computing"})

    def _start_applying(self):
        self.sudo().write({"state": "applying", "applied_by": self.env.uid})

    def _cancel(self, reason):
        for run in self.sudo():
            run._take_turn(("draft", "computing", "computed", "approved"))
            run.state = "cancelled"
            run._end_activities()
            run.message_post(body=reason)
            self.env["customer.tier.run.line"]._delete_of(run)

    # === ACTION METHODS === #

    def action_compute(self):
        """Compute the preview, at once for some thousands of customers, else by the scheduled action."""
        self.ensure_one()
        self._check_officer()
        self.check_access("write")
        self._take_turn(("draft", "computed", "approved"))
        self.sudo().requested_by = self.env.user
        scheme = self.scheme_id.sudo()
        if len(scheme._customer_ids(self.company_id)) <= INLINE:
            self.sudo().with_company(self.company_id)._compute_run()
        else:
            self.sudo().state = "computing"
            self.env.ref("customer_tiering.ir_cron_process").sudo()._trigger()
        return True

    def action_apply(self):
        """Let the preview take effect as it was shown."""
        self.ensure_one()
        self._check_officer()
        self.check_access("write")
        if self.state in ("applying", "applied"):
            return True
        self._take_turn(("computed", "approved"))
        if self.needs_approval and self.state != "approved":
            raise UserError(
                self.env._(
                    "%(moved)s of %(count)s customers (%(share).1f %%) change class. A director has to approve this: "
                    "%(names)s.",
                    moved=self.moved_count,
                    count=self.customer_count,
                    share=self.move_share,
                    names=", ".join(self._deciders().mapped("name")) or "-",
                )
            )
        self._check_latest()
        self._check_overrides()
        self._start_applying()
        if self.customer_count <= INLINE:
            while self.sudo().with_company(self.company_id)._apply_batch():
                pass
        else:
            self.env.ref("customer_tiering.ir_cron_process").sudo()._trigger()
        return True

    def action_approve(self):
        """Open the window in which a director gives the reason of the approval."""
        return self._action_decide("approve")

    def action_cancel(self):
        """Open the window in which the reason of cancelling is given."""
        self._check_officer()
        return self._action_decide("cancel")

    def _action_decide(self, decision):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve the Moves") if decision == "approve" else self.env._("Cancel the Run"),
            "res_model": "customer.tier.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id, "default_decision": decision},
        }

    def _approve(self, reason):
        """Approve a mass move: a director does, other than who asked for the run (four eyes)."""
        self.ensure_one()
        if not self.env.user.has_group(DIRECTOR):
            raise AccessError(self.env._("Mass moves are approved by: %s.", self.env.ref(DIRECTOR).sudo().display_name))
        self.check_access("write")
        self._take_turn(("computed",))
        if not self.needs_approval:
            raise UserError(self.env._("%s needs no approval.", self.display_name))
        if self.requested_by == self.env.user:
            raise UserError(
                self.env._(
                    "Who asked for a run can't approve it. Others can: %s.",
                    ", ".join(self._deciders().mapped("name")) or "-",
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        self.sudo().write(
            {
                "state": "approved",
                "approved_by": self.env.uid,
                "approved_on": fields.Datetime.now(),
                "approval_reason": reason.strip(),
            }
        )
        self._end_activities()

    def action_lines(self):
        """Open the customers of the run, those who move first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_tiering.customer_tier_run_line_action")
        action.update(domain=[("run_id", "=", self.id)], display_name=self.display_name)
        action["context"] = {"search_default_moves": 1} if self.moved_count else {}
        return action

    def action_xlsx(self):
        """Download the run as a workbook."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": f"/customer_tiering/run/{self.id}.xlsx", "target": "download"}

    def _workbook(self):
        """Return the run as the bytes of an XLSX workbook: customers with the reason, moves, rules.

        Rows are written to a file one by one, so that memory does not grow with the customers.
        """
        self.ensure_one()
        output = io.BytesIO()
        book = xlsxwriter.Workbook(output, {"constant_memory": True})
        title = book.add_format({"bold": True, "bg_color": "#E7EEF4", "bottom": 1, "text_wrap": True, "valign": "top"})
        amount, percent = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "0.00"})
        Line = self.env["customer.tier.run.line"]
        labels = Line.fields_get(attributes=["string"])
        none = self.env._("No class")

        sheet = book.add_worksheet(self.env._("Customers"))
        columns = (
            ("partner_id", 34),
            ("from_tier_id", 9),
            ("to_tier_id", 9),
            ("move", 9),
            ("value", 16),
            ("margin", 11),
            ("months", 9),
            ("leading_name", 9),
            ("rule_name", 9),
            ("rfm", 7),
            ("order_count", 9),
            ("days_since_order", 9),
            ("sentence", 90),
        )
        for column, (name, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, labels[name]["string"], title)
        sheet.freeze_panes(1, 1)
        moves = dict(Line._fields["move"]._description_selection(self.env))
        row, last = 0, 0
        while lines := Line.search([("run_id", "=", self.id), ("id", ">", last)], order="id", limit=BATCH):
            last = lines[-1].id
            for line in lines:
                row += 1
                sheet.write_string(row, 0, line.partner_id.display_name)
                sheet.write_string(row, 1, line.from_tier_id.name or none)
                sheet.write_string(row, 2, line.to_tier_id.name or none)
                sheet.write_string(row, 3, moves[line.move])
                if line.has_value:
                    sheet.write_number(row, 4, line.value, amount)
                if line.has_margin:
                    sheet.write_number(row, 5, line.margin, percent)
                sheet.write_number(row, 6, line.months)
                sheet.write_string(row, 7, line.leading_name or none)
                sheet.write_string(row, 8, line.rule_name or none)
                sheet.write_string(row, 9, line.rfm or "")
                if line.has_value:
                    sheet.write_number(row, 10, line.order_count)
                    sheet.write_number(row, 11, line.days_since_order)
                sheet.write_string(row, 12, line.sentence or "")
            lines.invalidate_recordset()
        sheet.autofilter(0, 0, row, len(columns) - 1)

        matrix = self.matrix
        if matrix:
            sheet = book.add_worksheet(self.env._("Moves"))
            sheet.write_string(0, 0, self.env._("From \\ To"), title)
            for column, name in enumerate(matrix["names"], 1):
                sheet.write_string(0, column, name, title)
            for place, (name, counts) in enumerate(zip(matrix["names"], matrix["rows"], strict=True), 1):
                sheet.write_string(place, 0, name, title)
                for column, count in enumerate(counts, 1):
                    sheet.write_number(place, column, count)
        book.close()
        return output.getvalue()


def _move(from_id, to_id, ranks):
    """Name a move between two classes, given as ids."""
    if from_id == to_id:
        return "stay"
    if from_id is None:
        return "in"
    if to_id is None:
        return "out"
    return "up" if ranks.get(to_id, 0) > ranks.get(from_id, 0) else "down"
