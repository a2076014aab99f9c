from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, is_html_empty

# What was found is kept once somebody has decided on it.
DECISION_FIELDS = frozenset({"state", "penalty", "penalty_rate", "decided_by", "decided_on", "decision"})


class DealerAreaBreach(models.Model):
    """Goods that a dealer sold outside its area (窜货), with the evidence and the penalty of its contract (D6)."""

    _name = "dealer.area.breach"
    _description = "Sale Outside the Area"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "summary"

    summary = fields.Char(required=True, help="What was found, in one line.")
    contract_id = fields.Many2one(
        "dealer.contract",
        string="Contract",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('state', 'in', ('filed', 'in_force', 'expired', 'terminated'))]",
        help="Of the dealer whose goods they are.",
    )
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date("Found on", required=True, default=fields.Date.context_today)
    reporter_id = fields.Many2one(
        "res.users", string="Reported by", required=True, readonly=True, copy=False, default=lambda self: self.env.user
    )
    area_id = fields.Many2one("dealer.area", string="Found in", required=True, ondelete="restrict")
    place = fields.Char(help="Shop, street, web page.")
    harmed_id = fields.Many2one(
        "res.partner",
        string="Harmed Dealer",
        ondelete="restrict",
        compute="_compute_harmed_id",
        store=True,
        readonly=False,
    )
    product_ids = fields.Many2many("product.product", string="Products")
    lots = fields.Char("Lots or Codes", help="What shows whose goods they are.")
    quantity = fields.Float(digits="Product Unit")
    amount = fields.Monetary("Amount Concerned", help="What the goods are worth, in company currency.")
    evidence = fields.Html(help="Pictures, purchase receipts, codes; attach the files below.")
    penalty_rate = fields.Float(
        digits=(5, 2), compute="_compute_penalty", store=True, help="Per cent of the amount, as the contract says."
    )
    penalty = fields.Monetary(compute="_compute_penalty", store=True)
    state = fields.Selection(
        [("draft", "Reported"), ("confirmed", "Confirmed"), ("dismissed", "Dismissed")],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        tracking=True,
    )
    decided_by = fields.Many2one("res.users", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    decision = fields.Text(readonly=True, copy=False, help="Why it was decided so.")

    _amount_check = models.Constraint("CHECK (amount >= 0)", "The goods are worth zero or more.")

    # === COMPUTE METHODS === #

    @api.depends("contract_id.breach_penalty", "amount", "state")
    def _compute_penalty(self):
        """By the contract as it is when the breach is decided on; it stays then."""
        for breach in self:
            if breach.state != "draft":
                breach.penalty_rate, breach.penalty = breach.penalty_rate, breach.penalty
                continue
            breach.penalty_rate = breach.sudo().contract_id.breach_penalty
            amount = breach.amount * breach.penalty_rate / 100
            breach.penalty = breach.currency_id.round(amount) if breach.currency_id else amount

    @api.depends("area_id", "contract_id", "product_ids")
    def _compute_harmed_id(self):
        """The dealer who has the exclusive rights there."""
        for breach in self:
            if not breach.harmed_id and breach.area_id and breach.contract_id:
                breach.harmed_id = breach._exclusive_dealer()

    def _exclusive_dealer(self):
        self.ensure_one()
        others = (
            self.env["dealer.contract"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.contract_id.company_id.id),
                    ("exclusive", "=", True),
                    ("state", "in", ("filed", "in_force")),
                    ("partner_id", "!=", self.contract_id.partner_id.id),
                    ("area_ids", "parent_of", self.area_id.id),
                ]
            )
        )
        products = self.product_ids
        for other in others:
            mine, categories = other._range()
            paths = tuple(categories.mapped("parent_path"))
            if not products or (not mine and not categories):
                return other.partner_id
            if products & mine or any((product.categ_id.parent_path or "").startswith(paths) for product in products):
                return other.partner_id
        return self.env["res.partner"]

    # === CONSTRAINTS === #

    @api.constrains("contract_id", "area_id")
    def _check_area(self):
        for breach in self:
            areas = breach.sudo().contract_id.area_ids
            if not areas:
                raise ValidationError(
                    self.env._("%s has no areas: it allows sales everywhere.", breach.sudo().contract_id.display_name)
                )
            if any(breach.area_id.parent_path.startswith(area.parent_path) for area in areas):
                raise ValidationError(
                    self.env._(
                        "%(area)s lies within the areas of %(contract)s.",
                        area=breach.area_id.complete_name,
                        contract=breach.sudo().contract_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_names(vals.keys())
        # What the client gives along as defaults is no report.
        blank = self if self.env.su else self.with_context(clean_context(self.env.context))
        return super(DealerAreaBreach, blank).create(vals_list).with_env(self.env)

    def write(self, vals):
        own = {name for name in vals if not name.startswith(("message_", "activity_", "website_message_"))}
        if own and not self.env.su:
            self._check_names(own)
        if own and not (self.env.su and own <= self._late_fields()):
            for breach in self:
                if breach.state != "draft":
                    raise UserError(self.env._("“%s” is decided and kept as it is.", breach.summary))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for breach in self:
            if breach.state != "draft":
                raise UserError(self.env._("“%s” is decided and kept as it is.", breach.summary))

    def _server_fields(self):
        """Hook: fields that follow from what happens to a breach; nobody gives them."""
        return DECISION_FIELDS | {"reporter_id"}

    def _late_fields(self):
        """Hook: fields that the server writes after the decision."""
        return DECISION_FIELDS

    def _check_names(self, names):
        if refused := self._server_fields() & set(names):
            raise AccessError(self.env._("These fields follow from the decision: %s", ", ".join(sorted(refused))))

    # === DECISION === #

    def _decide(self, state, reason):
        """Decide whether a breach is proven.

        :param str state: ``confirmed`` or ``dismissed``
        :param str reason: why; compulsory
        :raise AccessError: if the user may not decide, or reported it
        :raise UserError: without evidence or amount
        """
        if not self.env.user.has_group("dealer_contracts.group_contract_manager"):
            raise AccessError(self.env._("Contract managers decide on sales outside the area."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        self.check_access("write")
        for breach in self.sudo():
            if breach.state != "draft":
                raise UserError(self.env._("“%s” is decided and kept as it is.", breach.summary))
            if breach.reporter_id == self.env.user:
                raise AccessError(self.env._("You reported “%s”; somebody else decides on it.", breach.summary))
            if state == "confirmed" and is_html_empty(breach.evidence) and not breach._evidence_files():
                raise UserError(self.env._("“%s” has no evidence: describe it, or attach pictures.", breach.summary))
            breach.write(
                {
                    "state": state,
                    "penalty_rate": breach.penalty_rate,
                    "penalty": breach.penalty,
                    "decided_by": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                    "decision": reason.strip(),
                }
            )
        return True

    def _evidence_files(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search_count(
                [("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", False)], limit=1
            )
        )

    def action_confirm(self):
        return self._decision_action("confirmed")

    def action_dismiss(self):
        return self._decision_action("dismissed")

    def _decision_action(self, state):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm") if state == "confirmed" else self.env._("Dismiss"),
            "res_model": "dealer.area.breach.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_breach_id": self.id, "default_state": state},
        }
