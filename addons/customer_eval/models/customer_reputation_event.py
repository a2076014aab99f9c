from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .trend import weight


class CustomerReputationEvent(models.Model):
    """Something that happened and says whether a customer's word can be trusted (E3).

    Its impact fades with the half-life of the company. Events feed the metric ``reputation``, and by it the
    reputation criterion of scorecards.
    """

    _name = "customer.reputation.event"
    _description = "Reputation Event"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(related="kind_id.name")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="Events count for the company as a whole: a contact or branch is replaced by its company.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._customer_today(),
        tracking=True,
        help="The day on which it happened.",
    )
    kind_id = fields.Many2one("customer.reputation.kind", required=True, ondelete="restrict", tracking=True)
    impact = fields.Integer(
        compute="_compute_impact",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        aggregator=False,
        help="From -5 (ruins the name) to +5 (makes the name).",
    )
    impact_today = fields.Float(
        "Counts Today", compute="_compute_impact_today", digits=(4, 2), help="What is left of the impact today."
    )
    source = fields.Char(
        required=True, tracking=True, help="Who said it or where it stands: a person, a document, a newspaper."
    )
    description = fields.Text("What Happened")
    user_id = fields.Many2one(
        "res.users", string="Recorded By", required=True, readonly=True, default=lambda self: self.env.user
    )

    _impact_range = models.Constraint("CHECK (impact BETWEEN -5 AND 5)", "The impact lies between -5 and +5.")
    _customer_idx = models.Index("(company_id, partner_id, date)")

    # === COMPUTE METHODS === #

    @api.depends("kind_id")
    def _compute_impact(self):
        for event in self:
            event.impact = event.kind_id.impact

    @api.depends("impact", "date", "company_id")
    def _compute_impact_today(self):
        for event in self:
            company = event.company_id or self.env.company
            age = (company._customer_today() - event.date).days if event.date else 0
            event.impact_today = event.impact * weight(age, company.eval_half_life_months)

    @api.depends("kind_id", "date", "partner_id")
    def _compute_display_name(self):
        for event in self:
            parts = [event.kind_id.name, format_date(self.env, event.date)]
            event.display_name = " \N{MIDDLE DOT} ".join(filter(None, parts))

    # === CONSTRAINTS === #

    @api.constrains("date", "company_id")
    def _check_date(self):
        for event in self:
            if event.date > event.company_id._customer_today():
                raise ValidationError(
                    self.env._("%(date)s lies ahead: record what has happened.", date=format_date(self.env, event.date))
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._entity_vals(vals) for vals in vals_list]
        if not self.env.su:
            # Who recorded it is a fact, not a wish.
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "user_id" in vals and not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "user_id"}
        return super().write(self._entity_vals(vals))

    @api.model
    def _entity_vals(self, vals):
        """Return ``vals`` with the commercial entity in place of its contact or branch."""
        if not vals.get("partner_id"):
            return vals
        partner = self.env["res.partner"].browse(vals["partner_id"])
        return {**vals, "partner_id": partner.commercial_partner_id.id}
