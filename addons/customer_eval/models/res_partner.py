from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .customer_prospect_combination import CLASSES

READERS = "customer_scorecard.group_scorecard_reader,sales_team.group_sale_salesman"
# What has been approved once is the customer's history.
MADE = ("approved", "superseded")
# So many evaluations are made while somebody waits.
MANY = 200
DECISIONS = [("open", "Open"), ("observe", "Observe"), ("refuse", "Refuse")]
DIRECTIONS = [("up", "Rising"), ("flat", "Steady"), ("down", "Falling")]


class ResPartner(models.Model):
    """The customer's evaluation: that of the commercial entity, made in the present company with the template that
    the company has chosen (E3, E5). Everybody sees what he may read: salespeople that of their own customers.
    """

    _inherit = "res.partner"

    eval_visible = fields.Boolean(compute="_compute_eval_visible", groups=READERS)
    eval_may_evaluate = fields.Boolean(compute="_compute_eval_visible", groups=READERS)
    eval_card_id = fields.Many2one(
        "customer.scorecard",
        string="Latest Evaluation",
        compute="_compute_eval",
        groups=READERS,
        help="The latest approved one.",
    )
    eval_grade = fields.Char("Grade", compute="_compute_eval", search="_search_eval_grade", groups=READERS)
    eval_decision = fields.Selection(
        DECISIONS,
        string="Decision",
        compute="_compute_eval",
        search="_search_eval_decision",
        groups=READERS,
        help="What the grade means for business with the customer: open, observe or refuse.",
    )
    eval_advice = fields.Text("Advice", compute="_compute_eval", groups=READERS)
    eval_score_known = fields.Boolean(compute="_compute_eval", groups=READERS)
    eval_score = fields.Float(
        "Score",
        digits=(5, 2),
        compute="_compute_eval",
        groups=READERS,
        help="Score of the latest evaluation, 0 to 100.",
    )
    eval_date = fields.Date("Evaluated On", compute="_compute_eval", groups=READERS)
    eval_next_date = fields.Date("Next Evaluation", compute="_compute_eval", groups=READERS)
    eval_overdue = fields.Boolean(
        "Evaluation Overdue",
        compute="_compute_eval",
        search="_search_eval_overdue",
        groups=READERS,
        help="The day of the next evaluation has passed.",
    )
    eval_provisional = fields.Boolean("Provisional", compute="_compute_eval", groups=READERS)
    eval_false_enthusiasm = fields.Boolean(
        "False Enthusiasm",
        compute="_compute_eval",
        search="_search_eval_false_enthusiasm",
        groups=READERS,
        help="High words and low deeds: often the beginning of a fraud.",
    )
    eval_direction = fields.Selection(
        DIRECTIONS,
        string="Trend",
        compute="_compute_eval",
        groups=READERS,
        help="The latest score beside the decayed mean of those before it, 3 points apart at least. "
        "Only evaluations with the same version of the scorecard are compared.",
    )
    eval_trend_score = fields.Float(
        "Trend Score",
        digits=(5, 2),
        compute="_compute_eval",
        groups=READERS,
        help="Mean of all scores, in which a score counts for half after each half-life.",
    )
    eval_trend_text = fields.Char("Trend in Words", compute="_compute_eval", groups=READERS)
    eval_count = fields.Integer("Evaluations", compute="_compute_eval", groups=READERS)
    eval_picture = fields.Json("Radar", compute="_compute_eval_pictures", groups=READERS)
    eval_history = fields.Json("Trend Line", compute="_compute_eval_pictures", groups=READERS)

    reputation_event_ids = fields.One2many(
        "customer.reputation.event",
        "partner_id",
        string="Reputation Events",
        groups=READERS,
        domain=lambda self: [("company_id", "in", self.env.companies.ids)],
    )
    eval_reputation_known = fields.Boolean(compute="_compute_eval_reputation", groups=READERS)
    eval_reputation = fields.Float(
        "Reputation",
        digits=(4, 2),
        compute="_compute_eval_reputation",
        groups=READERS,
        help="Sum of the reputation events, each fading with time, from -5 to +5.",
    )
    prospect_check_ids = fields.One2many(
        "customer.prospect.check",
        "partner_id",
        string="Prospect Checks",
        groups=READERS,
        domain=lambda self: [("company_id", "in", self.env.companies.ids)],
    )
    prospect_check_id = fields.Many2one(
        "customer.prospect.check", string="Latest Prospect Check", compute="_compute_prospect", groups=READERS
    )
    prospect_class = fields.Selection(
        CLASSES,
        string="Prospect Class",
        compute="_compute_prospect",
        search="_search_prospect_class",
        groups=READERS,
        help="By money, authority and need.",
    )
    prospect_advice = fields.Text(compute="_compute_prospect", groups=READERS)

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id.user_id")
    @api.depends_context("uid")
    def _compute_eval_visible(self):
        reader = self.env.su or self.env.user.has_group("customer_scorecard.group_scorecard_reader")
        evaluator = self.env.user.has_group("customer_scorecard.group_scorecard_user")
        for partner in self:
            partner.eval_visible = reader or partner.commercial_partner_id.sudo().user_id == self.env.user
            partner.eval_may_evaluate = evaluator

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "company", "lang")
    def _compute_eval(self):
        made = self._eval_cards()
        today = self.env.company._customer_today()
        for partner in self:
            cards = made.get(self._entity_id(partner)) or self.env["customer.scorecard"]
            card = cards.filtered(lambda card: card.state == "approved")[-1:]
            partner.eval_card_id = card
            partner.eval_grade = card.band_id.name
            partner.eval_decision = card.decision if card.decision in dict(DECISIONS) else False
            partner.eval_advice = card.band_id.advice
            partner.eval_score_known = card.score_known
            partner.eval_score = card.score
            partner.eval_date = card.date
            partner.eval_next_date = card.next_date
            partner.eval_overdue = bool(card.next_date) and card.next_date < today
            partner.eval_provisional = card.provisional
            partner.eval_false_enthusiasm = card.false_enthusiasm
            partner.eval_count = len(cards)
            found = cards._trend_of(card)
            partner.eval_direction = found and found.direction
            partner.eval_trend_score = found.score if found else 0.0
            partner.eval_trend_text = self._eval_trend_sentence(card, found)

    @api.depends("eval_card_id")
    @api.depends_context("uid", "company", "lang")
    def _compute_eval_pictures(self):
        for partner in self:
            partner.eval_picture = partner.eval_card_id.picture
            partner.eval_history = partner.eval_card_id.trend

    @api.depends("commercial_partner_id", "reputation_event_ids")
    @api.depends_context("uid", "company")
    def _compute_eval_reputation(self):
        visible = self.filtered(lambda partner: partner.id and partner.eval_visible)
        values = {}
        if visible:
            values = self.env["customer.metric"]._values(visible, ["reputation"])["reputation"]
        for partner in self:
            value = values.get(partner.id)
            partner.eval_reputation_known = value is not None
            partner.eval_reputation = value or 0.0

    @api.depends("commercial_partner_id", "prospect_check_ids")
    @api.depends_context("uid", "company", "lang")
    def _compute_prospect(self):
        Check = self.env["customer.prospect.check"]
        latest = {}
        if Check.has_access("read"):
            checks = Check.search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ],
                order="date, id",
            )
            latest = {check.partner_id.id: check for check in checks}
        for partner in self:
            check = latest.get(self._entity_id(partner), Check)
            partner.prospect_check_id = check
            partner.prospect_class = check.prospect_class
            partner.prospect_advice = check.next_step

    # === SEARCH METHODS === #

    def _search_eval_grade(self, operator, value):
        if operator in ("ilike", "=ilike", "like", "=like"):
            return self._eval_search(Domain("band_id.name", operator, value))
        if operator != "in":
            return NotImplemented
        return self._eval_search_in(value, lambda names: Domain("band_id.name", "in", names))

    def _search_eval_decision(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._eval_search_in(value, lambda decisions: Domain("decision", "in", decisions), [*dict(DECISIONS)])

    def _search_eval_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._eval_search(Domain("next_date", "<", self.env.company._customer_today()))

    def _search_eval_false_enthusiasm(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._eval_search(Domain("false_enthusiasm", "=", True))

    def _search_prospect_class(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The class of the latest check: an older one doesn't count any more.
        self.env["customer.prospect.check"].check_access("read")
        checks = self.env["customer.prospect.check"].search_fetch(
            [("company_id", "=", self.env.company.id)], ["partner_id", "prospect_class"], order="date, id"
        )
        latest = {check.partner_id.id: check.prospect_class for check in checks}
        domain = Domain(
            "commercial_partner_id", "in", [partner_id for partner_id, found in latest.items() if found in value]
        )
        if False in value:
            domain |= Domain("commercial_partner_id", "not in", list(latest))
        return domain

    def _eval_search_in(self, values, domain_of, all_values=None):
        """Return the domain of customers whose evaluation has one of the values; False stands for none."""
        wanted = [value for value in values if value]
        domain = self._eval_search(domain_of(wanted)) if wanted else Domain.FALSE
        if any(not value for value in values):
            some = domain_of(all_values) if all_values else Domain("band_id", "!=", False)
            domain |= ~self._eval_search(some)
        return domain

    def _eval_search(self, domain):
        """Return the domain of the customers whose latest evaluation, as far as the user may read it, fits."""
        cards = self.env["customer.scorecard"]._search(
            Domain("company_id", "=", self.env.company.id)
            & Domain("template_id", "=", self.env.company._eval_template().id)
            & Domain("state", "=", "approved")
            & domain
        )
        return Domain("commercial_partner_id", "in", cards.subselect("partner_id"))

    # === BUSINESS === #

    def _entity_id(self, partner):
        entity = partner.commercial_partner_id
        return entity._origin.id or entity.id

    def _eval_cards(self):
        """Return {customer id: the evaluations made of it, oldest first}, as far as the user may read them: one
        query, whatever the number of customers."""
        Card = self.env["customer.scorecard"]
        template = self.env.company._eval_template()
        customers = self.commercial_partner_id._origin
        if not template or not customers or not Card.has_access("read"):
            return {}
        cards = Card.search(
            [
                ("company_id", "=", self.env.company.id),
                ("template_id", "=", template.id),
                ("state", "in", MADE),
                ("partner_id", "in", customers.ids),
            ],
            order="date, id",
        )
        return {partner.id: found for partner, found in cards.grouped("partner_id").items()}

    @api.model
    def _eval_trend_sentence(self, card, found):
        """Say in one sentence where the scores are going."""
        if not found:
            return False
        if found.direction is None:
            return self.env._("First evaluation, nothing to compare it with.")
        sentences = {
            "up": self.env._(
                "Rising: %(score)s, after %(before)s on average before.",
                score=f"{card.score:.2f}",
                before=f"{found.before:.2f}",
            ),
            "flat": self.env._(
                "Steady: %(score)s, after %(before)s on average before.",
                score=f"{card.score:.2f}",
                before=f"{found.before:.2f}",
            ),
            "down": self.env._(
                "Falling: %(score)s, after %(before)s on average before.",
                score=f"{card.score:.2f}",
                before=f"{found.before:.2f}",
            ),
        }
        return sentences[found.direction]

    # === ACTION METHODS === #

    def action_evaluate(self):
        """Open a new evaluation of this customer with the company's template."""
        self.ensure_one()
        template = self.env.company._eval_template()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Evaluate"),
            "res_model": "customer.scorecard",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_template_id": template.id,
            },
        }

    def action_evaluate_many(self):
        """Make a draft evaluation of each of these customers, and open them."""
        if not self.env.user.has_group("customer_scorecard.group_scorecard_user"):
            raise AccessError(self.env._("Customers are evaluated by evaluators."))
        self.check_access("read")
        customers = self.commercial_partner_id
        version = self.env.company._eval_template().version_id
        if not version:
            raise UserError(self.env._("No scorecard is chosen in the settings, or none of its versions is frozen."))
        if len(customers) > MANY:
            raise UserError(
                self.env._(
                    "%(count)s customers are selected. Up to %(many)s are evaluated at once here; "
                    "for more, a manager starts a mass evaluation.",
                    count=len(customers),
                    many=MANY,
                )
            )
        cards = self.env["customer.scorecard"]._create_for(customers, version, self.env.company)
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_scorecard.customer_scorecard_action")
        return {**action, "domain": [("id", "in", cards.ids)], "context": {}}

    def action_evaluations(self):
        """Open the evaluations of this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_scorecard.customer_scorecard_action")
        return {
            **action,
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.commercial_partner_id.id},
            "display_name": self.env._("Evaluations of %s", self.commercial_partner_id.display_name),
        }
