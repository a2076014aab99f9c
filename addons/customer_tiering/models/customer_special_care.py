from odoo import api, fields, models

from .customer_standing_criterion import KINDS


class CustomerSpecialCare(models.Model):
    """A customer that needs care of its own: a domineering one, or a small one worth supporting (T6).

    With a strategy, measures, somebody responsible and a day on which it is looked at again.
    """

    _name = "customer.special.care"
    _description = "Customer of Special Care"
    _inherit = ["customer.standing"]
    _editable = ("user_id", "review_date", "strategy", "measures")
    _same = ("partner_id", "company_id", "kind")

    kind = fields.Selection(KINDS, required=True, default="worth", index=True)
    strategy = fields.Text(
        tracking=True, help="How we stand to this customer: what we want, what we grant, where we stop."
    )
    measures = fields.Text(tracking=True, help="Who does what until when.")
    review_due = fields.Boolean(compute="_compute_review_due", search="_search_review_due")

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id, kind) WHERE state IN ('proposed', 'confirmed')",
        "This customer is under this care, or proposed for it, already.",
    )

    @api.depends("review_date", "state")
    @api.depends_context("company")
    def _compute_review_due(self):
        today = self.env.company._customer_today()
        for care in self:
            care.review_due = bool(care.state == "confirmed" and care.review_date and care.review_date <= today)

    @api.model
    def _search_review_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = fields.Domain("state", "=", "confirmed") & fields.Domain(
            "review_date", "<=", self.env.company._customer_today()
        )
        return due if True in value else ~due

    # === BUSINESS METHODS === #

    @api.model
    def _default_same(self):
        return {**super()._default_same(), "kind": "worth"}

    @api.model
    def _measure(self, customers, company):
        checks = {
            kind: self.env["customer.standing.criterion"]._check_all(kind, customers, company) for kind, _name in KINDS
        }
        return {customer_id: {kind: checks[kind][customer_id] for kind in checks} for customer_id in customers.ids}

    def _why(self, figures):
        return self.env["customer.standing.criterion"]._explain(figures.get(self.kind) or [])

    @api.model
    def _propose_by_rule(self, company, kind):
        """Propose the customers of the last year that meet the criteria of a kind; return the new proposals."""
        since = fields.Date.subtract(company._customer_today(), months=12)
        traded = (
            self.env["customer.trade.report"]
            .sudo()
            ._read_group([("company_id", "=", company.id), ("date", ">=", since)], ["partner_id"])
        )
        customers = self.env["res.partner"].union(*(partner for (partner,) in traded))
        Criterion = self.env["customer.standing.criterion"]
        checks = Criterion._check_all(kind, customers, company)
        optional = self.env["customer.standing.rule"]._optional(kind)
        passing = [customer_id for customer_id, found in checks.items() if Criterion._passes(found, optional)]
        return self._propose(self.env["res.partner"].browse(passing), company, {"kind": kind})
