from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.customer_scorecard.models.customer_scorecard_run import read_filter

BATCH = 100
EDITABLE = frozenset({"name", "company_id", "domain", "valid_until"})
MAIL_PREFIXES = ("message_", "activity_", "website_message_")


class CreditRerating(models.Model):
    """New grades and limits for all customers of a filter, shown before they are approved and applied (C4).

    Figures are measured again, points given by hand are carried over from the last assessment. Preview and application
    go in batches that are committed with their place, so what is stopped goes on from there.
    """

    _name = "credit.rerating"
    _description = "Mass Re-rating"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company.sudo()._credit_keeper(),
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    domain = fields.Char("Customers", required=True, default="[]", help="Which customers with a limit are rated again.")
    valid_until = fields.Date(help="First day on which the new limits no longer hold; empty: as before.")
    user_id = fields.Many2one(
        "res.users", string="Responsible", required=True, readonly=True, copy=False, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("computing", "Computing"),
            ("preview", "Preview"),
            ("applying", "Applying"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    last_id = fields.Integer(readonly=True, copy=False)
    total = fields.Integer("Customers in All", readonly=True, copy=False, aggregator=None)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the customers that are done.")
    line_ids = fields.One2many("credit.rerating.line", "rerating_id", string="Customers Rated", readonly=True)
    change_count = fields.Integer("Changes", compute="_compute_counts")
    limit_before = fields.Monetary("Limits Before", compute="_compute_counts")
    limit_after = fields.Monetary("Limits After", compute="_compute_counts")
    approved_by = fields.Many2one("res.users", readonly=True, copy=False)
    approved_on = fields.Datetime(readonly=True, copy=False)
    approval_reason = fields.Text(copy=False)
    delegation_id = fields.Many2one("credit.delegation", readonly=True, copy=False, ondelete="restrict")
    error = fields.Text(readonly=True, copy=False, help="What stopped the run.")

    # === COMPUTE METHODS === #

    @api.depends("line_ids.state", "line_ids.new_limit", "line_ids.old_limit")
    def _compute_counts(self):
        sums = {
            (rerating.id, state): (count, before, after)
            for rerating, state, count, before, after in self.env["credit.rerating.line"]._read_group(
                [("rerating_id", "in", self.ids)],
                groupby=["rerating_id", "state"],
                aggregates=["__count", "old_limit:sum", "new_limit:sum"],
            )
        }
        for rerating in self:
            rerating.change_count = sum(
                sums.get((rerating._origin.id, state), (0,))[0] for state in ("change", "applied", "conflict")
            )
            found = [sums.get((rerating._origin.id, state), (0, 0.0, 0.0)) for state in ("change", "same", "applied")]
            rerating.limit_before = sum(before for _count, before, _after in found)
            rerating.limit_after = sum(after for _count, _before, after in found)

    @api.depends("total", "state", "line_ids.state")
    def _compute_progress(self):
        counts = {
            (rerating.id, state): count
            for rerating, state, count in self.env["credit.rerating.line"]._read_group(
                [("rerating_id", "in", self.ids)], groupby=["rerating_id", "state"], aggregates=["__count"]
            )
        }
        for rerating in self:
            number = {state: counts.get((rerating._origin.id, state), 0) for state, _name in LINE_STATES}
            if rerating.state == "computing":
                done, total = sum(number.values()), rerating.total
            elif rerating.state == "applying":
                done, total = number["applied"] + number["conflict"], rerating.change_count
            else:
                done, total = int(rerating.state in ("preview", "done")), 1
            rerating.progress = 100.0 * done / total if total else 0.0

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Runs begin as drafts of whoever makes them."""
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals if name in EDITABLE or name.startswith(MAIL_PREFIXES)},
                    "user_id": self.env.uid,
                    "state": "draft",
                    "last_id": 0,
                    "total": 0,
                    "approved_by": False,
                    "approved_on": False,
                    "error": False,
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not self.env.su:
            if names - EDITABLE - {"approval_reason"}:
                raise AccessError(self.env._("A re-rating goes on by its buttons."))
            if names & EDITABLE and any(rerating.state != "draft" for rerating in self):
                raise UserError(self.env._("A re-rating that was started is kept as it is."))
            if "approval_reason" in names and any(rerating.state != "preview" for rerating in self):
                raise UserError(self.env._("The reason of the approval is given while the preview waits for it."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(rerating.state != "draft" for rerating in self):
            raise UserError(self.env._("A re-rating that was started is kept as it is."))

    # === COMPUTING === #

    def _check_manager(self):
        self.check_access("write")
        if not self.env["credit.account"]._user_may_manage():
            raise AccessError(self.env._("Re-ratings are started and cancelled by credit managers."))

    def _accounts_domain(self):
        """Return the Domain of the credit accounts to be rated."""
        self.ensure_one()
        # The filter of the responsible person finds what that person may see.
        customers = (
            self.env["res.partner"]
            .with_user(self.user_id)
            .with_context(allowed_company_ids=self.company_id.ids)
            ._search(read_filter(self) & Domain("commercial_partner_id", "!=", False))
        )
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("mode", "!=", "unlimited")
            & Domain("partner_id", "in", customers)
        )

    def action_start(self):
        """Have the preview computed by the scheduled action."""
        self._check_manager()
        for rerating in self:
            if rerating.state != "draft":
                raise UserError(self.env._("“%s” was started already.", rerating.name))
            total = rerating.env["credit.account"].sudo().search_count(rerating._accounts_domain())
            if not total:
                raise UserError(self.env._("The filter of “%s” finds no customer with a limit.", rerating.name))
            rerating.sudo().write({"state": "computing", "total": total})
        self.env.ref("customer_credit.ir_cron_rerating").sudo()._trigger()
        return True

    def _compute_step(self, batch=BATCH):
        """Rate the next customers; return how many, 0 at the end. The caller commits. Called as super-user."""
        self.ensure_one()
        accounts = self.env["credit.account"].search(
            self._accounts_domain() & Domain("id", ">", self.last_id), order="id", limit=batch
        )
        if not accounts:
            self.write({"state": "preview"})
            return 0
        known = {
            card.partner_id: card
            for card in self.env["customer.scorecard"].search(
                [
                    ("purpose", "=", "credit"),
                    ("state", "=", "approved"),
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "in", accounts.partner_id.ids),
                ],
                order="date, id",
            )
        }
        rated = accounts.filtered(lambda account: account.partner_id in known)
        cards = self._rate(rated.partner_id, known)
        self.env["credit.rerating.line"].create(
            [self._line_values(account, *cards.get(account.partner_id, (None,) * 3)) for account in accounts]
        )
        self.last_id = accounts[-1].id
        return len(accounts)

    def _rate(self, customers, known):
        """Return {customer: (new scorecard, (Proposal, average monthly sales), why held back)}.

        Points given by hand are those of the scorecards in ``known``.
        """
        if not customers:
            return {}
        company = self.company_id
        today = company._customer_today()
        Application = self.env["credit.application"]
        template = Application.new({"company_id": company.id})._credit_template(
            self.env.ref("customer_credit.scorecard_template_credit")
        )
        cards = self.env["customer.scorecard"]._create_for(customers, template.version_id, company, user=self.user_id)
        before = {
            (card.partner_id, answer.criterion_id.code): answer
            for card in known.values()
            for answer in card.answer_ids
            if answer.first_points or answer.agreed_points or answer.second_points
        }
        carried = {}
        for answer in cards.answer_ids:
            last = before.get((answer.scorecard_id.partner_id, answer.criterion_id.code))
            if last:
                points = (last.first_points, last.second_points, last.agreed_points)
                carried.setdefault(points, self.env["customer.scorecard.answer"])
                carried[points] |= answer
        for (first, second, agreed), answers in carried.items():
            answers.write(
                {
                    "first_points": first,
                    "second_points": second,
                    "agreed_points": agreed,
                    "evidence": self.env._("Carried over from the assessment before."),
                }
            )
        metrics = self.env["customer.metric"].with_company(company)
        values = metrics._values(customers, ["average_monthly_sales", "on_time"], months=12)
        Standard = self.env["credit.standard"]
        classes = Standard._customer_classes(customers, company)
        standard = Standard._current(company, today)
        result = {}
        for card in cards:
            customer = card.partner_id
            average = values["average_monthly_sales"][customer.id]
            proposal = standard._propose(card.band_id.name, average, company.currency_id, classes.get(customer.id))
            held_back = (
                "new"
                if values["on_time"][customer.id] is None
                else "provisional"
                if card.provisional
                else proposal.held_back
            )
            result[customer] = (card, (proposal, average), held_back)
        return result

    def _line_values(self, account, card, proposed, held_back):
        values = {
            "rerating_id": self.id,
            "account_id": account.id,
            "old_grade": account.grade,
            "old_limit": account._base_limit(),
            "old_days": account.payment_days,
        }
        if not card:
            return {
                **values,
                "state": "skipped",
                "new_grade": account.grade,
                "new_limit": account._base_limit(),
                "new_days": account.payment_days,
                "note": self.env._("Never assessed: nothing to carry over."),
            }
        proposal, average = proposed
        limit = 0.0 if held_back else proposal.limit
        days = 0 if held_back else proposal.days
        same = (
            card.band_id.name == account.grade
            and not self.currency_id.compare_amounts(limit, account._base_limit())
            and days == account.payment_days
        )
        return {
            **values,
            "state": "same" if same else "change",
            "scorecard_id": card.id,
            "new_grade": card.band_id.name,
            "new_limit": limit,
            "new_days": days,
            "held_back": held_back or False,
            "standard_line_id": proposal.line.id,
            "average_monthly_sales": average or 0.0,
            "sales_known": average is not None,
        }

    # === APPROVING AND APPLYING === #

    def action_approve(self):
        """Approve what the preview shows; it is then applied by the scheduled action.

        :raise AccessError: for who may not decide on the largest of the new limits, or started the run
        """
        self.ensure_one()
        self.check_access("read")
        self.env.cr.execute("SELECT id FROM credit_rerating WHERE id = %s FOR UPDATE", [self.id])
        company = self.company_id.sudo()
        authorities = self.env["credit.decision.level"]._authorities(self.env.user, company)
        if not authorities:
            raise AccessError(self.env._("You aren't among those who decide on credit applications."))
        if self.state != "preview":
            raise UserError(self.env._("“%s” doesn't wait for an approval.", self.name))
        authorities = [authority for authority in authorities if authority.delegation.user_id != self.user_id]
        if self.user_id == self.env.user or not authorities:
            raise AccessError(self.env._("Who started a re-rating doesn't approve it."))
        reason = (self.approval_reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give the reason of the decision."))
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "change" and line.included)
        amount = max(lines.mapped("new_limit"), default=0.0)
        days = max(lines.mapped("new_days"), default=0)
        authority = next((each for each in authorities if each.covers(amount, days)), None)
        if not authority:
            raise AccessError(
                self.env._(
                    "The largest new limit is %(amount)s for %(days)s days, which is more than you may decide on.",
                    amount=self.currency_id.format(amount),
                    days=days,
                )
            )
        rerating = self.sudo()
        rerating.write(
            {
                "state": "applying",
                "approved_by": self.env.uid,
                "approved_on": fields.Datetime.now(),
                "delegation_id": authority.delegation.id,
            }
        )
        self.env.ref("customer_credit.ir_cron_rerating").sudo()._trigger()
        return True

    def action_cancel(self):
        """Give a re-rating up that isn't applied yet; nothing has changed by it."""
        self._check_manager()
        for rerating in self:
            if rerating.state not in ("draft", "computing", "preview"):
                raise UserError(self.env._("“%s” has been approved already.", rerating.name))
        reratings = self.sudo()
        reratings.line_ids.scorecard_id.write({"state": "cancelled"})
        reratings.write({"state": "cancelled"})
        return True

    def _apply_step(self, batch=BATCH):
        """Bring the next approved changes into force; return how many, 0 at the end. Called as super-user."""
        self.ensure_one()
        lines = self.env["credit.rerating.line"].search(
            [("rerating_id", "=", self.id), ("state", "=", "change"), ("included", "=", True)], order="id", limit=batch
        )
        if not lines:
            rest = self.line_ids.filtered(lambda line: line.state == "change")
            rest.scorecard_id.write({"state": "cancelled"})
            rest.write({"state": "skipped", "note": self.env._("Left out.")})
            same = self.line_ids.filtered(lambda line: line.state == "same").scorecard_id
            same.filtered(lambda card: card.state == "draft")._credit_approve_carried()
            self.write({"state": "done"})
            return 0
        lines.with_user(self.approved_by).sudo()._apply()
        return len(lines)

    # === CRON === #

    @api.model
    def _cron_reratings(self, batch=BATCH):
        """Go on with the re-ratings in batches; what was committed is not repeated."""
        cron = self.env["ir.cron"]
        reratings = self.search([("state", "in", ("computing", "applying"))], order="id")
        remaining = sum(max(rerating.total, 1) for rerating in reratings)
        cron._commit_progress(remaining=remaining)
        for rerating in reratings:
            while rerating.state in ("computing", "applying"):
                step = rerating._compute_step if rerating.state == "computing" else rerating._apply_step
                try:
                    with self.env.cr.savepoint():
                        made = step(batch)
                except UserError as error:
                    # A run that can't go on must not keep the others from it.
                    self.env.invalidate_all()
                    rerating.write({"state": "cancelled", "error": str(error)})
                    made = 0
                remaining = max(remaining - made, 0)
                if not cron._commit_progress(made, remaining=remaining) and remaining:
                    return
                rerating.invalidate_recordset()


LINE_STATES = [
    ("change", "Changes"),
    ("same", "Stays"),
    ("skipped", "Left Out"),
    ("applied", "Applied"),
    ("conflict", "Changed Meanwhile"),
]


class CreditReratingLine(models.Model):
    """What a re-rating changes for one customer (C4)."""

    _name = "credit.rerating.line"
    _description = "Mass Re-rating Line"
    _order = "rerating_id, id"
    _rec_name = "partner_id"

    rerating_id = fields.Many2one("credit.rerating", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="rerating_id.company_id", store=True)
    currency_id = fields.Many2one(related="rerating_id.currency_id")
    account_id = fields.Many2one("credit.account", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True)
    scorecard_id = fields.Many2one("customer.scorecard", string="Assessment", readonly=True, ondelete="restrict")
    included = fields.Boolean(default=True, help="What is left out stays as it is.")
    old_grade = fields.Char("Grade Before", readonly=True)
    new_grade = fields.Char("Grade After", readonly=True)
    old_limit = fields.Monetary("Limit Before", readonly=True)
    new_limit = fields.Monetary("Limit After", readonly=True)
    limit_change = fields.Monetary("Change", compute="_compute_limit_change", store=True)
    old_days = fields.Integer("Days Before", readonly=True, aggregator=None)
    new_days = fields.Integer("Days After", readonly=True, aggregator=None)
    held_back = fields.Selection(
        selection=lambda self: self.env["credit.application"]._fields["proposal_held_back"].selection,
        string="Why No Credit",
        readonly=True,
    )
    standard_line_id = fields.Many2one("credit.standard.line", string="Standard", readonly=True, ondelete="restrict")
    average_monthly_sales = fields.Monetary(readonly=True)
    sales_known = fields.Boolean(readonly=True)
    state = fields.Selection(LINE_STATES, required=True, readonly=True, default="change", index=True)
    note = fields.Char(readonly=True)
    application_id = fields.Many2one("credit.application", readonly=True, ondelete="restrict")

    _account_unique = models.Constraint("UNIQUE (rerating_id, account_id)", "A re-rating rates each customer once.")

    @api.depends("old_limit", "new_limit")
    def _compute_limit_change(self):
        for line in self:
            line.limit_change = line.new_limit - line.old_limit

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"included"}:
                raise AccessError(self.env._("A re-rating goes on by its buttons."))
            if any(line.rerating_id.state != "preview" for line in self):
                raise UserError(self.env._("Customers are left out while the preview waits for its approval."))
        return super().write(vals)

    def _apply(self):
        """Bring the changes into force whose accounts are as the preview saw them; called as the approver."""
        self.account_id._claim()
        Application = self.env["credit.application"]
        busy = {
            application.partner_id: application
            for application in Application.search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("state", "in", ("submitted", "investigation", "assessed")),
                ]
            )
        }
        good = self.browse()
        for line in self:
            account = line.account_id
            if (
                not account.active
                or account.mode == "unlimited"
                or line.currency_id.compare_amounts(account._base_limit(), line.old_limit)
                or account.payment_days != line.old_days
            ):
                line.write({"state": "conflict", "note": self.env._("The credit changed since the preview.")})
            elif line.partner_id in busy:
                line.write(
                    {
                        "state": "conflict",
                        "note": self.env._("%s is under way.", busy[line.partner_id].name),
                    }
                )
            else:
                good |= line
        good.scorecard_id._credit_approve_carried()
        rerating = self.rerating_id
        today = rerating.company_id._customer_today()
        applications = Application.create([line._application_values(today) for line in good])
        authorities = self.env["credit.decision.level"]._authorities(rerating.approved_by, rerating.company_id)
        authority = next((each for each in authorities if each.delegation == rerating.delegation_id), None)
        self.env["credit.decision"].create(
            [
                application._decision_values(
                    "approved",
                    rerating.approval_reason,
                    authority,
                    decided_limit=application.decided_limit,
                    decided_days=application.decided_days,
                    valid_from=application.valid_from,
                    valid_until=application.valid_until,
                )
                for application in applications
            ]
        )
        for line, application in zip(good, applications):
            line.write({"state": "applied", "application_id": application.id})
        applications._put_in_force()

    def _application_values(self, today):
        rerating = self.rerating_id
        card = self.scorecard_id
        now = fields.Datetime.now()
        return {
            "partner_id": self.partner_id.id,
            "company_id": rerating.company_id.id,
            "kind": "rerating",
            "user_id": rerating.user_id.id,
            "reason": rerating.name,
            "state": "approved",
            "submitted_on": rerating.approved_on,
            "scorecard_id": card.id,
            "assessor_id": rerating.user_id.id,
            "assessed_on": now,
            "score": card.score,
            "grade": self.new_grade,
            "average_monthly_sales": self.average_monthly_sales,
            "sales_known": self.sales_known,
            "history_known": self.held_back != "new",
            "proposal_held_back": self.held_back,
            "standard_line_id": self.standard_line_id.id,
            "proposed_limit": self.new_limit,
            "proposed_days": self.new_days,
            "requested_limit": self.new_limit,
            "requested_days": self.new_days,
            "decided_limit": self.new_limit,
            "decided_days": self.new_days,
            "decided_by": rerating.approved_by.id,
            "decided_on": rerating.approved_on,
            "valid_from": today,
            "valid_until": rerating.valid_until or self.account_id.valid_until,
            "review_date": rerating.valid_until,
            "rerating_id": rerating.id,
        }
