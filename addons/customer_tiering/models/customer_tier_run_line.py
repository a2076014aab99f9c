from odoo import api, fields, models
from odoo.tools import SQL

# Columns that a run writes, in this order.
COPIED = (
    "run_id",
    "partner_id",
    "months",
    "history_months",
    "value",
    "has_value",
    "margin",
    "has_margin",
    "leading_value",
    "leading_tier",
    "base_tier",
    "lifted",
    "before_known",
    "before_tier",
    "before_votes",
    "before_target",
    "rule_tier",
    "votes",
    "target_tier",
    "from_tier_id",
    "to_tier_id",
    "move",
    "why",
    "provisional",
    "override_id",
    "order_count",
    "days_since_order",
    "recency",
    "frequency",
    "monetary",
)
MOVES = [("up", "Up"), ("down", "Down"), ("in", "Enters"), ("out", "Leaves"), ("stay", "Stays")]
REASONS = [
    ("first", "First class"),
    ("moved", "Enough runs in a row"),
    ("waiting", "Not enough runs in a row"),
    ("tolerance", "Within the tolerance"),
    ("stays", "Same class"),
    ("provisional", "Provisional"),
    ("override", "Fixed by hand"),
    ("out", "No longer in the scheme"),
]


class UncheckedMany2one(fields.Many2one):
    """A link without foreign key: PostgreSQL would look up every link of 100,000 lines, which takes four times as long
    as writing them. What is linked takes its lines with it when deleted, see :meth:`CustomerTierRunLine._delete_of`.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the foreign key out."""


class CustomerTierRunLine(models.Model):
    """What a run found about one customer: the figures, the class, and why (T7).

    Lines are written by the run alone and stay as they are. Classes that nobody searches for are kept as plain ids.
    """

    _name = "customer.tier.run.line"
    _description = "Customer of a Tiering Run"
    _log_access = False
    _order = "run_id desc, value desc, id"
    _rec_name = "partner_id"

    run_id = UncheckedMany2one("customer.tier.run", required=True, readonly=True, ondelete="cascade")
    scheme_id = fields.Many2one(related="run_id.scheme_id")
    company_id = fields.Many2one(related="run_id.company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    month = fields.Date(related="run_id.month")
    partner_id = UncheckedMany2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    months = fields.Integer("Months Counted", readonly=True)
    history_months = fields.Integer("Months of History", readonly=True)
    value = fields.Float("Figure", digits=(16, 4), readonly=True, aggregator="avg")
    has_value = fields.Boolean(readonly=True, help="Without, there was nothing to tell from: no figure, not zero.")
    margin = fields.Float("Margin (%)", digits=(16, 4), readonly=True, aggregator="avg")
    has_margin = fields.Boolean(readonly=True)
    leading_value = fields.Float("Leading Figure", digits=(16, 4), readonly=True, aggregator="avg")
    leading_tier = fields.Integer("Leading Class (Id)", readonly=True, aggregator=None)
    base_tier = fields.Integer("Class by the Figure (Id)", readonly=True, aggregator=None)
    lifted = fields.Boolean("Lifted by Margin", readonly=True)
    before_known = fields.Boolean(readonly=True, help="Whether the rules had placed the customer before.")
    before_tier = fields.Integer("Class by Rule Before (Id)", readonly=True, aggregator=None)
    before_votes = fields.Integer(readonly=True, aggregator=None)
    before_target = fields.Integer(readonly=True, aggregator=None)
    rule_tier = fields.Integer("Class by Rule (Id)", readonly=True, aggregator=None)
    votes = fields.Integer(
        readonly=True, aggregator=None, help="Runs in a row that speak for a move: positive up, negative down."
    )
    target_tier = fields.Integer("Class They Speak For (Id)", readonly=True, aggregator=None)
    from_tier_id = UncheckedMany2one("customer.tier", string="From", readonly=True, ondelete="restrict")
    to_tier_id = UncheckedMany2one("customer.tier", string="To", readonly=True, ondelete="restrict")
    to_color = fields.Integer(related="to_tier_id.color", string="Color")
    move = fields.Selection(MOVES, readonly=True)
    why = fields.Selection(REASONS, string="Kind of Reason", readonly=True)
    provisional = fields.Boolean(readonly=True)
    override_id = UncheckedMany2one("customer.tier.override", string="Fixed By", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    days_since_order = fields.Integer("Days Since Order", readonly=True, aggregator="avg")
    recency = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: bought most lately.")
    frequency = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: orders most often.")
    monetary = fields.Integer(readonly=True, aggregator="avg", help="1 to 5 by quintiles; 5: largest figure.")
    rfm = fields.Char("RFM", compute="_compute_rfm")
    leading_name = fields.Char("Leading Class", compute="_compute_names")
    rule_name = fields.Char("Class by Rule", compute="_compute_names")
    sentence = fields.Char("Why", compute="_compute_sentence")

    _run_partner_unique = models.UniqueIndex("(run_id, partner_id)", "A run has one line per customer.")
    _run_idx = models.Index("(run_id, id)")

    # === COMPUTE METHODS === #

    @api.depends("run_id")
    def _compute_currency_id(self):
        for line in self:
            snapshot = line.run_id.snapshot or {}
            line.currency_id = line.company_id.currency_id if snapshot.get("money") else False

    @api.depends("recency", "frequency", "monetary")
    def _compute_rfm(self):
        for line in self:
            line.rfm = f"{line.recency}{line.frequency}{line.monetary}" if line.recency and line.monetary else False

    @api.depends("leading_tier", "rule_tier")
    def _compute_names(self):
        names = self._tier_names()
        for line in self:
            line.leading_name = names.get(line.leading_tier)
            line.rule_name = names.get(line.rule_tier)

    @api.depends("value", "margin", "base_tier", "rule_tier", "votes", "why", "to_tier_id")
    @api.depends_context("lang")
    def _compute_sentence(self):
        explain = self.env["customer.tier.history"]._sentence
        names = self._tier_names()
        for line in self:
            line.sentence = explain(line._explanation(), names)

    def _tier_names(self):
        """Return {tier id: name} of all classes that the lines name."""
        ids = {
            line[name]
            for line in self
            for name in ("leading_tier", "base_tier", "rule_tier", "target_tier", "before_tier")
        } | {*self.from_tier_id.ids, *self.to_tier_id.ids}
        tiers = self.env["customer.tier"].sudo().with_context(active_test=False).browse(ids - {0}).exists()
        return {tier.id: tier.name for tier in tiers}

    def _explanation(self):
        """Return the figures and rules behind the line as a dict that fits in JSON: what a sentence is made from."""
        self.ensure_one()
        snapshot = self.run_id.sudo().snapshot or {}
        ids = [0, *(tier["id"] for tier in snapshot.get("tiers", ()))]
        ranks = {tier_id: rank for rank, tier_id in enumerate(ids)}
        bounds = [None, *(tier["bound"] for tier in snapshot.get("tiers", ())), None]
        quotas = [snapshot.get("unclassed_quota"), *(tier["quota"] for tier in snapshot.get("tiers", ()))]
        rank = ranks.get(self.base_tier, 0)
        return {
            **{
                key: snapshot.get(key)
                for key in ("unit_amount", "standard", "per_month", "months", "tolerance", "up_after", "down_after")
            },
            "value": self.value if self.has_value else None,
            "margin": self.margin if self.has_margin else None,
            "counted": self.months,
            "history": self.history_months,
            "base": self.base_tier,
            "bound": bounds[rank],
            "next": bounds[rank + 1],
            "quota": quotas[rank],
            "lifted": self.lifted,
            "table": ids[rank + bool(self.lifted)],
            "before": self.before_tier,
            "rule": self.rule_tier,
            "votes": self.votes,
            "target": self.target_tier,
            "from": self.from_tier_id.id,
            "to": self.to_tier_id.id,
            "up": ranks.get(self.rule_tier, 0) > ranks.get(self.before_tier, 0),
            "why": self.why,
            "scheme": self.scheme_id.id,
            "override": self.override_id.id,
        }

    # === CRUD METHODS === #

    @api.model
    def _delete_of(self, records):
        """Delete the lines of runs or of customers."""
        column = "run_id" if records._name == "customer.tier.run" else "partner_id"
        if records:
            self.env.cr.execute(
                SQL("DELETE FROM customer_tier_run_line WHERE %s = ANY(%s)", SQL.identifier(column), list(records.ids))
            )
            self.invalidate_model()

    # === ACTION METHODS === #

    def action_documents(self):
        """Open the trade that the figure is made of, by month; each row opens its orders, invoices or credit notes.

        The sales of the rows, divided by the months counted, are the figure.
        """
        self.ensure_one()
        self.check_access("read")
        return self.partner_id._action_tier_documents(self.company_id, self.run_id.date_to, self.months)

    def action_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
        }
