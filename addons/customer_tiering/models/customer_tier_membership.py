from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CustomerTierMembership(models.Model):
    """The class that a customer has in a scheme and company now, and where the rules have got to (T7).

    ``tier_id`` is in force; ``rule_tier`` is what the rules alone say, which goes on in the background while the class
    is fixed by hand. The columns ``start_*`` keep where the rules stood before the last month, so that a second run for
    the same month begins where the first one did.

    Written by runs and overrides only.
    """

    _name = "customer.tier.membership"
    _description = "Class of a Customer"
    _log_access = False
    _order = "scheme_id, tier_id, value desc, id"
    _rec_name = "tier_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one("customer.tier.scheme", required=True, readonly=True, index=True, ondelete="cascade")
    tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        group_expand="_group_expand_tiers",
    )
    color = fields.Integer(related="tier_id.color")
    since = fields.Date(readonly=True, help="Day on which the customer got this class.")
    month = fields.Date(readonly=True, help="Month of the last run.")
    run_id = fields.Many2one("customer.tier.run", string="Last Run", readonly=True, index="btree_not_null")
    provisional = fields.Boolean(readonly=True)
    override_id = fields.Many2one("customer.tier.override", string="Fixed By", readonly=True, ondelete="set null")
    value = fields.Float("Figure", digits=(16, 4), readonly=True, aggregator="avg")
    has_value = fields.Boolean(readonly=True)
    margin = fields.Float("Margin (%)", digits=(16, 4), readonly=True, aggregator="avg")
    has_margin = fields.Boolean(readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    leading_tier_id = fields.Many2one(
        "customer.tier", string="Leading Class", readonly=True, help="The class of the last months alone."
    )
    trend = fields.Selection(
        [("up", "Up"), ("same", "Steady"), ("down", "Down")],
        compute="_compute_trend",
        help="Where the leading class points to.",
    )
    recency = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: bought most lately.")
    frequency = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: orders most often.")
    monetary = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: largest figure.")
    rfm = fields.Char("RFM", compute="_compute_rfm")
    rule_tier = fields.Integer(readonly=True, aggregator=None)
    votes = fields.Integer(readonly=True, aggregator=None)
    target_tier = fields.Integer(readonly=True, aggregator=None)
    start_known = fields.Boolean(readonly=True)
    start_tier = fields.Integer(readonly=True, aggregator=None)
    start_votes = fields.Integer(readonly=True, aggregator=None)
    start_target = fields.Integer(readonly=True, aggregator=None)
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    nature = fields.Selection(related="partner_id.customer_nature")
    line_id = fields.Many2one("customer.tier.run.line", compute="_compute_line_id")
    sentence = fields.Char("Why", compute="_compute_sentence")

    # A constraint and not an index: merging customers in Odoo looks for constraints.
    _partner_company_scheme_unique = models.Constraint(
        "UNIQUE (partner_id, company_id, scheme_id)", "A customer has one class in a scheme and company."
    )

    # === COMPUTE METHODS === #

    @api.depends("tier_id.name", "scheme_id.name")
    def _compute_display_name(self):
        for membership in self:
            tier = membership.tier_id.name or self.env._("No class")
            membership.display_name = f"{membership.scheme_id.name}: {tier}"

    @api.depends("recency", "frequency", "monetary")
    def _compute_rfm(self):
        for row in self:
            row.rfm = f"{row.recency}{row.frequency}{row.monetary}" if row.recency and row.monetary else False

    @api.depends("tier_id", "leading_tier_id", "run_id")
    def _compute_trend(self):
        for row in self:
            if not row.run_id.sudo().snapshot or not row.run_id.sudo().snapshot.get("leading_months"):
                row.trend = False
                continue
            ranks = {tier["id"]: rank for rank, tier in enumerate(row.run_id.sudo().snapshot["tiers"], 1)}
            now, leading = ranks.get(row.tier_id.id, 0), ranks.get(row.leading_tier_id.id, 0)
            row.trend = "up" if leading > now else "down" if leading < now else "same"

    @api.depends("run_id", "partner_id")
    def _compute_line_id(self):
        lines = (
            self.env["customer.tier.run.line"]
            .sudo()
            .search([("run_id", "in", self.run_id.ids), ("partner_id", "in", self.partner_id.ids)])
        )
        by_key = {(line.run_id, line.partner_id): line for line in lines}
        for row in self:
            row.line_id = by_key.get((row.run_id, row.partner_id))

    @api.depends("line_id", "override_id", "tier_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for row in self:
            if row.override_id:
                row.sentence = row.override_id.sudo()._sentence()
            else:
                row.sentence = row.line_id.sudo().sentence

    @api.model
    def _group_expand_tiers(self, tiers, domain):
        """Show the columns of a scheme's empty classes too, once one scheme is chosen."""
        schemes = tiers.scheme_id
        if len(schemes) == 1:
            return self.env["customer.tier"].search([("scheme_id", "=", schemes.id)])
        return tiers

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_su()
        return super().create(vals_list)

    def write(self, vals):
        self._check_su()
        return super().write(vals)

    def unlink(self):
        self._check_su()
        return super().unlink()

    def _check_su(self):
        if not self.env.su:
            raise UserError(self.env._("Classes change by runs, or are fixed by hand with a reason and an end."))

    # === BUSINESS METHODS === #

    @api.model
    def _states(self, scheme, company):
        """Return {customer id: (class in force, month, state now, state before that month, whether provisional)}.

        Classes are ids or None. A state now is (class by rule, votes, class they speak for); before the month it is
        (whether known, ...) likewise. One query.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, tier_id, month,
                       rule_tier, COALESCE(votes, 0), target_tier,
                       COALESCE(start_known, FALSE), start_tier, COALESCE(start_votes, 0), start_target,
                       COALESCE(provisional, FALSE)
                  FROM customer_tier_membership
                 WHERE scheme_id = %s AND company_id = %s
              ORDER BY partner_id
                """,
                scheme.id,
                company.id,
            )
        )
        return {
            partner_id: (
                tier_id,
                month,
                (rule or None, votes, target or None),
                (start_known, start or None, start_votes, start_target or None),
                provisional,
            )
            for (
                partner_id,
                tier_id,
                month,
                rule,
                votes,
                target,
                start_known,
                start,
                start_votes,
                start_target,
                provisional,
            ) in rows
        }

    @api.model
    def _take_over(self, run, first, last):
        """Put the lines with ids from first to last of a run into force: three statements at most."""
        today = run.company_id._customer_today()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_tier_membership AS membership (
                    partner_id, company_id, scheme_id, tier_id, since, month, run_id, provisional, override_id,
                    value, has_value, margin, has_margin, leading_tier_id, recency, frequency, monetary,
                    rule_tier, votes, target_tier, start_known, start_tier, start_votes, start_target
                )
                SELECT partner_id, %(company)s, %(scheme)s, to_tier_id, %(today)s, %(month)s, run_id, provisional,
                       override_id, value, has_value, margin, has_margin, NULLIF(leading_tier, 0),
                       recency, frequency, monetary,
                       rule_tier, votes, target_tier, before_known, before_tier, before_votes, before_target
                  FROM customer_tier_run_line
                 WHERE run_id = %(run)s AND id BETWEEN %(first)s AND %(last)s AND why <> 'out'
                ON CONFLICT (partner_id, company_id, scheme_id) DO UPDATE SET
                    tier_id = EXCLUDED.tier_id,
                    since = CASE WHEN membership.tier_id IS DISTINCT FROM EXCLUDED.tier_id
                                 THEN EXCLUDED.since ELSE membership.since END,
                    month = EXCLUDED.month, run_id = EXCLUDED.run_id, provisional = EXCLUDED.provisional,
                    override_id = EXCLUDED.override_id, value = EXCLUDED.value, has_value = EXCLUDED.has_value,
                    margin = EXCLUDED.margin, has_margin = EXCLUDED.has_margin,
                    leading_tier_id = EXCLUDED.leading_tier_id, recency = EXCLUDED.recency,
                    frequency = EXCLUDED.frequency, monetary = EXCLUDED.monetary, rule_tier = EXCLUDED.rule_tier,
                    votes = EXCLUDED.votes, target_tier = EXCLUDED.target_tier, start_known = EXCLUDED.start_known,
                    start_tier = EXCLUDED.start_tier, start_votes = EXCLUDED.start_votes,
                    start_target = EXCLUDED.start_target
                """,
                company=run.company_id.id,
                scheme=run.scheme_id.id,
                today=today,
                month=run.month,
                run=run.id,
                first=first,
                last=last,
            )
        )
        # Asked for first: fresh tables have no statistics, and PostgreSQL would join them row by row.
        leaving = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM customer_tier_run_line"
                " WHERE run_id = %s AND id BETWEEN %s AND %s AND why = 'out'",
                run.id,
                first,
                last,
            )
        )
        if leaving:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM customer_tier_membership"
                    " WHERE partner_id = ANY(%s) AND company_id = %s AND scheme_id = %s",
                    [partner_id for (partner_id,) in leaving],
                    run.company_id.id,
                    run.scheme_id.id,
                )
            )

    @api.model
    def _bring_effects(self, company, moves):
        """Put into force what the new classes bring.

        :param moves: (customer id, id of the class before, id of the class now), ids 0, False or None for no class
        """
        Tier = self.env["customer.tier"].sudo()
        Partner = self.env["res.partner"].sudo()
        by_tier = {}
        for customer_id, before_id, after_id in moves:
            by_tier.setdefault(after_id or 0, {})[customer_id] = Tier.browse(before_id or ())
        for tier_id, left in by_tier.items():
            tier = Tier.browse(tier_id or ())
            tier._enter(Partner.with_company(company).browse(left), company, left)

    @api.model
    def _set_tiers(self, changes, ended=False):
        """Put classes into force outside a run: what is fixed by hand begins or ends.

        :param changes: (membership, class or an empty recordset, override) each
        :param bool ended: whether the override ends
        """
        Override = self.env["customer.tier.override"]
        moves = {}
        for membership, tier, override in changes:
            membership.override_id = Override if ended else override
            before = membership.tier_id
            if before == tier:
                continue
            membership.write({"tier_id": tier.id, "since": membership.company_id._customer_today()})
            self.env["customer.tier.history"]._record_override(membership, before, override, ended)
            moves.setdefault(membership.company_id, []).append((membership.partner_id.id, before.id, tier.id))
        for company, company_moves in moves.items():
            self._bring_effects(company, company_moves)

    # === ACTION METHODS === #

    def action_documents(self):
        """Open the trade behind the figure, see ``customer.tier.run.line``."""
        self.ensure_one()
        self.check_access("read")
        line = self.line_id.sudo()
        if not line:
            raise UserError(self.env._("No run has looked at this customer yet."))
        return self.partner_id._action_tier_documents(self.company_id, line.run_id.date_to, line.months)

    def action_history(self):
        self.ensure_one()
        return self.partner_id._action_tier_history()

    def action_override(self):
        """Open the window in which the class is fixed by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fix the Class"),
            "res_model": "customer.tier.override",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_scheme_id": self.scheme_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
            "context": {"tier_with_scheme": False},
        }
