import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from . import tiering
from .customer_tier_run import UNFINISHED


class CustomerTierScheme(models.Model):
    """A way to classify customers: whom it is about, by which figure, over which period, into which classes (T2).

    Schemes stand beside each other; a customer may have a class in several. A scheme without company holds for all
    companies, each of which has runs, classes and history of its own. A company that wants other bands makes its own
    scheme with the same code, which then takes the place of the common one there.
    """

    _name = "customer.tier.scheme"
    _description = "Customer Tier Scheme"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="The first scheme in which a customer has a class gives the class that is shown everywhere."
    )
    code = fields.Char(
        copy=True, help="A company's own scheme takes the place of the common scheme with the same code there."
    )
    company_id = fields.Many2one("res.company", index=True, tracking=True, help="Empty: all companies.")
    description = fields.Text(translate=True)
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        tracking=True,
        help="Is told when a run waits for a decision; by default every director is.",
    )
    domain = fields.Char(
        "Customers",
        required=True,
        default="[]",
        tracking=True,
        help="Whom the scheme classifies. Customers who never bought get no class.",
    )
    method = fields.Selection(
        [
            ("value", "From a value"),
            ("value_share", "Share of the total value"),
            ("customer_share", "Share of the customers"),
            ("number", "Number of customers"),
        ],
        string="Classes By",
        required=True,
        default="value",
        tracking=True,
        help="From a value: a class begins at an amount. Share of the total value: the customers who together bring so "
        "many per cent of the whole. Share, or number, of the customers: so many of the best ones.",
    )
    metric_id = fields.Many2one(
        "customer.metric",
        string="Figure",
        required=True,
        ondelete="restrict",
        tracking=True,
        domain="[('better', '=', 'higher')]",
        default=lambda self: self.env.ref("customer_metrics.customer_metric_average_monthly_sales", False),
        help="The figure that decides. Average monthly sales or margin of a customer who is newer than the period are "
        "taken over the months since the first order.",
    )
    metric_unit = fields.Selection(related="metric_id.unit", string="Unit of the Figure")
    unit_amount = fields.Float(
        "Bands In",
        default=1.0,
        required=True,
        digits=(16, 2),
        tracking=True,
        help="The bands are written in multiples of this: 10,000 for amounts in ten thousands of the company's "
        "currency.",
    )
    unit_name = fields.Char("Unit", translate=True, help="How this unit is called, as in “10,000 CNY”.")
    months = fields.Integer("Period", default=12, required=True, tracking=True, help="Months that count.")
    leading_months = fields.Integer(
        "Leading Period",
        default=3,
        tracking=True,
        help="The class of these last months is shown beside the class: where the customer is going. 0: not shown.",
    )
    new_months = fields.Integer(
        "Provisional Below",
        default=3,
        tracking=True,
        help="A customer with fewer months of history has a provisional class, which follows the figures at once.",
    )
    tolerance = fields.Float(
        "Tolerance (%)",
        default=10.0,
        digits=(16, 2),
        tracking=True,
        help="A figure has to be further than this from a bound, or from a margin quota, to count for a move.",
    )
    up_after = fields.Integer(
        "Up After", default=2, required=True, tracking=True, help="Runs in a row that have to speak for a move up."
    )
    down_after = fields.Integer(
        "Down After", default=3, required=True, tracking=True, help="Runs in a row that have to speak for a move down."
    )
    unclassed_lift = fields.Boolean(
        "Lift the Unclassed",
        tracking=True,
        help="Customers below the lowest class get it when their margin exceeds the quota.",
    )
    unclassed_quota = fields.Float("Quota of the Unclassed (%)", digits=(16, 4), tracking=True)
    approval_share = fields.Float(
        "Approval Above (%)",
        default=10.0,
        digits=(16, 2),
        tracking=True,
        help="When more customers than this share change class, a director other than who asked for the run has to "
        "approve it. 100: never.",
    )
    approval_count = fields.Integer(
        "But From", default=10, tracking=True, help="No approval is asked for while fewer customers change class."
    )
    auto_run = fields.Boolean(
        "Monthly", default=True, tracking=True, help="A run is made for every month that has ended."
    )
    auto_apply = fields.Boolean(
        "Apply by Itself", tracking=True, help="Monthly runs that need no approval take effect without being looked at."
    )
    tier_ids = fields.One2many("customer.tier", "scheme_id", string="Classes", copy=True)
    run_ids = fields.One2many("customer.tier.run", "scheme_id", string="Runs")
    customer_count = fields.Integer(compute="_compute_pyramid")
    pyramid = fields.Json(
        compute="_compute_pyramid",
        help="How many customers each class has in this company, and which share of the figure they bring.",
    )
    open_run_id = fields.Many2one("customer.tier.run", string="Unfinished Run", compute="_compute_open_run_id")

    _code_company_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0)) WHERE code IS NOT NULL AND active",
        "There is already a scheme with this code in the company.",
    )

    # === COMPUTE METHODS === #

    @api.depends("tier_ids.name", "tier_ids.sequence", "tier_ids.color", "metric_unit")
    @api.depends_context("company", "uid", "lang")
    def _compute_pyramid(self):
        """Count the customers of every class whom the user may see, best class first, those without class last.

        Each row has ``id``, ``name``, ``band``, ``color``, ``count``, ``share`` (per cent of the customers) and
        ``part``: per cent of the figure of all of them, None where the figure can't be added up or is not positive.
        One query for all schemes.
        """
        Membership = self.env["customer.tier.membership"]
        found = {}
        if Membership.has_access("read"):
            for scheme, tier, count, total in Membership._read_group(
                [("scheme_id", "in", self.ids), ("company_id", "=", self.env.company.id)],
                ["scheme_id", "tier_id"],
                ["__count", "value:sum"],
            ):
                found.setdefault(scheme.id, {})[tier.id] = count, total or 0
        for scheme in self:
            counts = found.get(scheme.id, {})
            scheme.customer_count = sum(count for tier_id, (count, _total) in counts.items() if tier_id)
            customers = sum(count for count, _total in counts.values())
            whole = sum(total for _count, total in counts.values()) if scheme.metric_unit in ("money", "count") else 0
            tiers = scheme.tier_ids.sorted("sequence")
            # Archived classes that somebody still has, then those without.
            tiers |= self.env["customer.tier"].browse([tier_id for tier_id in counts if tier_id]) - tiers
            places = [*tiers, self.env["customer.tier"]]
            scheme.pyramid = [
                {
                    "id": tier.id,
                    "name": tier.name or self.env._("No class"),
                    "band": tier.band or "",
                    "color": tier.color,
                    "count": counts.get(tier.id, (0, 0))[0],
                    "share": 100 * counts.get(tier.id, (0, 0))[0] / customers if customers else 0,
                    "part": 100 * counts.get(tier.id, (0, 0))[1] / whole if whole > 0 else None,
                }
                for tier in places
                if customers
            ]

    @api.depends_context("company", "uid")
    def _compute_open_run_id(self):
        Run = self.env["customer.tier.run"]
        runs = Run
        if Run.has_access("read"):
            runs = Run.search(
                [
                    ("scheme_id", "in", self.ids),
                    ("company_id", "=", self.env.company.id),
                    ("state", "in", UNFINISHED),
                ]
            )
        open_runs = {run.scheme_id: run for run in runs}
        for scheme in self:
            scheme.open_run_id = open_runs.get(scheme)

    # === CONSTRAINTS === #

    @api.constrains("domain")
    def _check_domain(self):
        for scheme in self:
            # As the present user, who so names no field that is hidden from him.
            Partner = self.env["res.partner"].with_user(self.env.user)
            try:
                Partner.search_count(scheme._domain(), limit=1)
            except AccessError:
                raise
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The filter of the scheme %(scheme)s can't be used: %(error)s", scheme=scheme.name, error=error
                    )
                ) from error

    @api.constrains("months", "leading_months", "new_months", "up_after", "down_after", "tolerance", "unit_amount")
    def _check_rules(self):
        for scheme in self:
            if not 1 <= scheme.months <= 60:
                raise ValidationError(self.env._("The period of %s has to be 1 to 60 months.", scheme.name))
            if not 0 <= scheme.leading_months <= scheme.months or scheme.new_months < 0:
                raise ValidationError(
                    self.env._("The leading period of %s can't be longer than the period, nor below zero.", scheme.name)
                )
            if min(scheme.up_after, scheme.down_after) < 1:
                raise ValidationError(self.env._("%s: a move needs at least one run that speaks for it.", scheme.name))
            if not 0 <= scheme.tolerance < 100:
                raise ValidationError(self.env._("%s: the tolerance is from 0 to below 100 %%.", scheme.name))
            if scheme.unit_amount <= 0:
                raise ValidationError(self.env._("%s: bands are written in multiples of more than 0.", scheme.name))

    @api.constrains("unclassed_quota", "approval_share", "approval_count")
    def _check_per_cents(self):
        for scheme in self:
            if scheme.unclassed_quota < 0 or scheme.approval_count < 0 or not 0 <= scheme.approval_share <= 100:
                raise ValidationError(
                    self.env._("%s: quotas and numbers can't be below zero, nor shares above 100 %%.", scheme.name)
                )

    @api.constrains("method", "tier_ids")
    def _check_tiers(self):
        self.tier_ids._check_bound()

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for scheme, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%s (copy)", scheme.name)
            if not (default or {}).get("company_id"):
                vals["code"] = False
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        if self.env["customer.tier.history"].sudo().search_count([("scheme_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("A scheme by which customers were classified is kept. Archive it instead."))

    # === BUSINESS METHODS === #

    @api.model
    def _for_company(self, company):
        """Return the schemes that hold in a company: its own, and common ones without an own one of the same code."""
        schemes = self.search([("company_id", "in", (False, company.id))])
        own_codes = set(schemes.filtered("company_id").mapped("code"))
        return schemes.filtered(lambda scheme: scheme.company_id or not scheme.code or scheme.code not in own_codes)

    def _domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _customer_ids(self, company):
        """Return the ids of the commercial customers that the scheme classifies in a company, ascending."""
        self.ensure_one()
        Partner = self.env["res.partner"].sudo().with_company(company).with_context(active_test=True)
        domain = self._domain() & Domain("company_id", "in", (False, company.id))
        query = Partner._search(domain)
        query.add_where(
            SQL(
                "%s = %s",
                SQL.identifier(
                    Partner._table, "commercial_partner_id", to_flush=Partner._fields["commercial_partner_id"]
                ),
                SQL.identifier(Partner._table, "id"),
            )
        )
        return sorted(query.get_result_ids())

    def _snapshot(self, values):
        """Return the rules as they are now, with the bounds that follow from the figures of the customers.

        It is kept on the run: what was decided is explained by the rules of that day.

        :param values: exact figures of all customers, which the methods by share or number need
        :return: dict that fits in JSON: ``tiers`` from the lowest to the highest, each with ``id``, ``name``,
            ``bound`` and ``quota`` (None: no lift), bounds in company currency; classes that are empty are missing
        """
        self.ensure_one()
        tiers = self.tier_ids.sorted("sequence")  # the best first
        bounds = [tiering.exact(tier.bound) for tier in tiers]
        if self.method == "value":
            bounds = [round(tiering.exact(tier.bound) * self.unit_amount) for tier in tiers]
        elif self.method == "value_share":
            bounds = tiering.bounds_by_value_share(values, bounds)
        elif self.method == "customer_share":
            bounds = tiering.bounds_by_customer_share(values, bounds)
        else:
            bounds = tiering.bounds_by_count(values, [tier.bound for tier in tiers])
        return {
            "method": self.method,
            "unit_amount": self.unit_amount,
            "money": self.metric_id.unit == "money",
            "per_month": bool(self.metric_id.total_metric_id),
            "standard": self.metric_id.code == "average_monthly_sales",
            "months": self.months,
            "leading_months": self.leading_months,
            "new_months": self.new_months,
            "tolerance": self.tolerance,
            "up_after": self.up_after,
            "down_after": self.down_after,
            "unclassed_quota": self.unclassed_quota if self.unclassed_lift else None,
            "tiers": [
                {
                    "id": tier.id,
                    "name": tier.name,
                    "bound": bound / tiering.SCALE,
                    "quota": tier.margin_quota if tier.margin_lift else None,
                }
                for tier, bound in zip(reversed(tiers), reversed(bounds), strict=True)
                if bound is not None
            ],
        }

    @api.model
    def _judge(self, snapshot):
        """Return the :class:`~.tiering.Judge` of a snapshot."""
        exact = tiering.exact
        table = tiering.Table(
            [exact(tier["bound"]) for tier in snapshot["tiers"]],
            [exact(snapshot["unclassed_quota"]), *(exact(tier["quota"]) for tier in snapshot["tiers"])],
        )
        return tiering.Judge(table, exact(snapshot["tolerance"]), snapshot["up_after"], snapshot["down_after"])

    # === ACTION METHODS === #

    def action_new_run(self):
        """Make a run for the last month that has ended, and show it."""
        self.ensure_one()
        run = self.env["customer.tier.run"].create({"scheme_id": self.id, "company_id": self.env.company.id})
        return run._action_open()

    def action_open_run(self):
        """Open the run that is not finished yet."""
        self.ensure_one()
        return self.open_run_id._action_open()

    def action_customers(self):
        """Open the customers with their class in this scheme."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_tiering.customer_tier_membership_action")
        action.update(domain=[("scheme_id", "=", self.id)], context={})
        return action

    def action_copy_for_company(self):
        """Give the present company bands of its own: a copy that takes the place of this scheme there."""
        self.ensure_one()
        self.check_access("write")
        if self.company_id or not self.code:
            raise UserError(self.env._("Only a common scheme with a code can be replaced in one company."))
        company = self.env.company
        own = self.copy({"company_id": company.id})
        own.name = f"{self.name} – {company.name}"
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": own.id,
            "view_mode": "form",
        }
