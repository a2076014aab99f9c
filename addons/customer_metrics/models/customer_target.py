from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

SPAN_YEARS = (2000, 2100)


class CustomerTarget(models.Model):
    """What a figure of a customer shall reach in a month (M).

    A target on sales is a sales plan, one on expenses a budget. Metrics compare it with what was reached.
    """

    _name = "customer.target"
    _description = "Customer Target"
    _order = "month desc, partner_id, id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="A contact or a branch stands for its company.",
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson", store=True)
    metric_id = fields.Many2one(
        "customer.metric",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("plannable", "=", True)],
        default=lambda self: self.env.ref("customer_metrics.customer_metric_sales", raise_if_not_found=False),
    )
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="Any day of the month; its first is kept.",
    )
    month_label = fields.Char(string="Year and Month", compute="_compute_month_label")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True)
    amount = fields.Monetary(
        string="Target",
        required=True,
        aggregator="sum",
        help="In the company's currency, or in the unit of the metric.",
    )
    reached = fields.Monetary(compute="_compute_reached", help="What the metric came to in the month, until today.")
    attainment = fields.Float(
        string="Attainment (%)", compute="_compute_reached", digits=(16, 1), help="What was reached, in per cent."
    )

    _unique_month = models.UniqueIndex(
        "(company_id, metric_id, partner_id, month)", "There is already a target of this customer for this month."
    )
    _month_first_day = models.Constraint("CHECK (EXTRACT(DAY FROM month) = 1)", "A target is for a whole month.")
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A target is zero or more.")

    # === COMPUTE === #

    @api.depends("metric_id.unit", "company_id.currency_id")
    def _compute_currency_id(self):
        for target in self:
            target.currency_id = target.company_id.currency_id if target.metric_id.unit == "money" else False

    @api.depends("month")
    def _compute_month_label(self):
        for target in self:
            target.month_label = target.month and target.month.strftime("%Y-%m")

    @api.depends("metric_id", "partner_id", "company_id", "month", "amount")
    @api.depends_context("uid", "customer_figures_date_to")
    def _compute_reached(self):
        """One query per metric and company, whatever the number of targets."""
        visible = self.partner_id._filtered_customer_figures_visible()
        self.reached = self.attainment = 0
        shown = self.filtered(lambda target: target.partner_id in visible and target.metric_id and target.month)
        for (company, metric), targets in shown.grouped(lambda target: (target.company_id, target.metric_id)).items():
            date_to = fields.Date.to_date(self.env.context.get("customer_figures_date_to"))
            date_to = date_to or company._customer_today() + relativedelta(days=1)
            first = min(targets.mapped("month")).replace(day=1)
            end = min(date_to, max(targets.mapped("month")) + relativedelta(months=1))
            if first >= end:
                continue
            entities = targets.partner_id.commercial_partner_id
            found = metric.with_company(company)._month_values(entities, first, end)
            for target in targets:
                by_month = found.get(target.partner_id.commercial_partner_id.id, {})
                target.reached = by_month.get(target.month.replace(day=1)) or 0
                target.attainment = 100 * target.reached / target.amount if target.amount else 0

    @api.depends("partner_id", "month_label")
    def _compute_display_name(self):
        for target in self:
            target.display_name = " ".join(filter(None, [target.partner_id.display_name, target.month_label]))

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("metric_id")
    def _check_metric(self):
        for target in self:
            if not target.metric_id.plannable:
                raise ValidationError(
                    self.env._(
                        "“%s” can't be planned: its figure of a period isn't the sum of those of the months.",
                        target.metric_id.name,
                    )
                )

    @api.constrains("month")
    def _check_month(self):
        for target in self:
            if not SPAN_YEARS[0] <= target.month.year < SPAN_YEARS[1]:
                raise ValidationError(
                    self.env._("A target for %s is surely a slip of the pen.", format_date(self.env, target.month))
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._normalised(vals_list))

    def write(self, vals):
        return super().write(*self._normalised([vals]))

    @api.model
    def _normalised(self, vals_list):
        """Let targets be for the first day of their month, and for the commercial entity."""
        normalised = self.env["res.partner"]._with_commercial_partners(vals_list)
        for vals in normalised:
            if vals.get("month"):
                vals["month"] = fields.Date.to_date(vals["month"]).replace(day=1)
        return normalised

    # === ACTION METHODS === #

    def action_open_documents(self):
        """Open the documents of the month that count for the target."""
        self.ensure_one()
        self.partner_id._check_customer_figures()
        return self.metric_id.with_company(self.company_id)._documents_action(
            self.partner_id, self.month + relativedelta(months=1), 1
        )
