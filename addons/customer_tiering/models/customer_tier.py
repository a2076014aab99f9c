from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class CustomerTier(models.Model):
    """A class of a scheme: from where it begins, the margin that lifts out of it, and what it brings (T2, T8).

    The effects are data. Those that Odoo itself knows (price list, activity plan) are put into force when a customer
    enters the class, see :meth:`_enter`; the others are there for whoever asks, see ``res.partner._customer_tiers``.
    """

    _name = "customer.tier"
    _description = "Customer Class"
    _inherit = ["mail.thread"]
    _order = "scheme_id, sequence, id"

    name = fields.Char("Class", required=True, tracking=True)
    scheme_id = fields.Many2one("customer.tier.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(compute="_compute_sequence", store=True, help="Place in the scheme; the best class is 1.")
    bound = fields.Float(
        "Begins At",
        digits=(16, 4),
        required=True,
        tracking=True,
        help="By value: the class begins at this many units, and ends before the next one begins. By share: per cent "
        "that this class and the better ones hold together. By number: customers of this class and the better ones.",
    )
    margin_lift = fields.Boolean(
        "Lift", tracking=True, help="Customers of this band move up one class when their margin exceeds the quota."
    )
    margin_quota = fields.Float("Margin Quota (%)", digits=(16, 4), tracking=True)
    band = fields.Char(compute="_compute_band", help="The band in words.")
    color = fields.Integer()
    description = fields.Text(translate=True, help="What the class means, shown on the customer.")
    visits_per_month = fields.Integer("Visits a Month", tracking=True, help="0: no rule.")
    return_days = fields.Integer(
        "Return Window", tracking=True, help="Days since the delivery in which returns are accepted. 0: no rule."
    )
    credit_factor = fields.Float(
        "Credit Factor (%)",
        digits=(16, 2),
        tracking=True,
        help="What the credit standard multiplies a limit by. 0: no rule.",
    )
    service_level = fields.Char(translate=True, tracking=True)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        company_dependent=True,
        ondelete="restrict",
        domain="[('company_id', 'in', (False, allowed_company_ids[0]))]",
        help="Becomes the customer's price list on entering the class, in this company.",
    )
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        company_dependent=True,
        ondelete="restrict",
        domain="[('res_model', '=', 'res.partner'), ('company_id', 'in', (False, allowed_company_ids[0]))]",
        help="Is started for the customer on entering the class, in this company; what has nobody assigned goes to the "
        "customer's salesperson.",
    )
    customer_count = fields.Integer("Customers", compute="_compute_customer_count")

    _bound_unique = models.UniqueIndex(
        "(scheme_id, bound) WHERE active", "Two classes of a scheme can't begin at the same place."
    )

    # === COMPUTE METHODS === #

    @api.depends("bound", "active", "scheme_id.method", "scheme_id.tier_ids.bound")
    def _compute_sequence(self):
        for scheme, tiers in self.grouped("scheme_id").items():
            ranked = (scheme.tier_ids | tiers).sorted("bound", reverse=scheme.method == "value")
            places = {tier: place for place, tier in enumerate(ranked, 1)}
            for tier in tiers:
                tier.sequence = places[tier]

    @api.depends("bound", "scheme_id.method", "scheme_id.unit_name", "scheme_id.tier_ids.bound")
    @api.depends_context("lang")
    def _compute_band(self):
        for tier in self:
            ranked = tier.scheme_id.tier_ids.sorted("sequence")
            place = list(ranked.ids).index(tier.id) if tier.id in ranked.ids else 0
            better = ranked[place - 1] if place else None
            start = f"{tier.bound:g}"
            stop = f"{better.bound:g}" if better else ""
            method = tier.scheme_id.method
            if method == "value":
                tier.band = f"[{start}, {stop})" if better else f"≥ {start}"
            elif method == "number":
                tier.band = f"{int(better.bound) + 1 if better else 1}–{int(tier.bound)}"
            else:
                tier.band = f"{stop or 0}–{start} %"

    @api.depends_context("company")
    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.tier.membership"]._read_group(
                [("tier_id", "in", self.ids), ("company_id", "=", self.env.company.id)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.customer_count = counts.get(tier, 0)

    @api.depends("name", "scheme_id.name")
    @api.depends_context("tier_with_scheme")
    def _compute_display_name(self):
        with_scheme = self.env.context.get("tier_with_scheme")
        for tier in self:
            tier.display_name = f"{tier.name} ({tier.scheme_id.name})" if with_scheme else tier.name

    # === CONSTRAINTS === #

    @api.constrains("bound", "margin_quota", "visits_per_month", "return_days", "credit_factor")
    def _check_bound(self):
        for tier in self:
            method = tier.scheme_id.method
            if tier.bound < 0 or (method != "value" and not tier.bound):
                raise ValidationError(self.env._("The class %s has to begin above zero.", tier.name))
            if method in ("value_share", "customer_share") and tier.bound > 100:
                raise ValidationError(self.env._("The class %s can't hold more than 100 %%.", tier.name))
            if min(tier.margin_quota, tier.visits_per_month, tier.return_days, tier.credit_factor) < 0:
                raise ValidationError(
                    self.env._("Quotas, visits, days and factors of the class %s can't be below zero.", tier.name)
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        used = [("from_tier_id", "in", self.ids)], [("to_tier_id", "in", self.ids)]
        if any(
            self.env[model].sudo().search_count(domain, limit=1)
            for model in ("customer.tier.history", "customer.tier.run.line")
            for domain in used
        ):
            raise UserError(self.env._("A class that customers have had is kept. Archive it instead."))

    # === EFFECTS === #

    def _enter(self, customers, company, left):
        """Put into force what a class brings, for customers who enter it in a company (T8).

        Called once per class, for whatever number of customers; bridges extend it. With an empty class (self), the
        customers have none any more.

        :param customers: res.partner, commercial entities, with super-user rights
        :param left: {customer id: class that the customer had before, or an empty recordset}
        """
        self._enter_pricelist(customers, company, left)
        self._enter_activities(customers, company)

    def _enter_pricelist(self, customers, company, left):
        customers = customers.with_company(company)
        pricelist = self.with_company(company).pricelist_id
        if not pricelist:
            # What the class before brought goes with it; what somebody chose by hand stays.
            brought = {tier: tier.with_company(company).pricelist_id for tier in self.browse().union(*left.values())}
            if not any(brought.values()):
                return
            customers = customers.filtered(
                lambda customer: (
                    (before := brought.get(left[customer.id]))
                    and customer.specific_property_product_pricelist == before
                )
            )
        customers = customers.filtered(lambda customer: customer.specific_property_product_pricelist != pricelist)
        if customers:
            customers.write({"specific_property_product_pricelist": pricelist.id})

    def _enter_activities(self, customers, company):
        plan = self.with_company(company).activity_plan_id
        if not plan or not customers:
            return
        today = company._customer_today()
        model_id = self.env["ir.model"]._get_id("res.partner")
        # The activities are the message; a mail for each would bury their readers.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": step.activity_type_id.id,
                    "res_model_id": model_id,
                    "res_id": customer.id,
                    "summary": step.summary,
                    "note": step.note,
                    "user_id": responsible.id,
                    "date_deadline": step._get_date_deadline(today),
                    "automated": True,
                }
                for step in plan.template_ids
                for customer in customers
                if (
                    responsible := step.responsible_id
                    if step.responsible_type == "other"
                    else customer.user_id or self.scheme_id.user_id
                )
            ]
        )

    # === ACTION METHODS === #

    def action_open(self):
        """Open the form with what the class brings."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
