from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

PURPOSES = [
    ("plaque", "Special Support Unit"),
    ("domineering", "Domineering Customer"),
    ("worth", "Small Customer Worth Supporting"),
]
KINDS = [item for item in PURPOSES if item[0] != "plaque"]


class CustomerStandingCriterion(models.Model):
    """What a customer has to meet to be proposed for a standing: a metric and its bound, or an addon's question.

    A question is answered by the method ``_answer_<code>(customers, company)`` of this model, which returns
    {customer id: value or None}; values are compared with the bound like those of a metric, None is never met. Addons
    add a method together with a record in their data.
    """

    _name = "customer.standing.criterion"
    _description = "Criterion of a Standing"
    _order = "purpose, sequence, id"

    name = fields.Char(required=True, translate=True)
    purpose = fields.Selection(PURPOSES, required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code = fields.Char(readonly=True, help="The question of an addon that is asked instead of a metric.")
    metric_id = fields.Many2one("customer.metric", string="Metric", ondelete="restrict")
    comparison = fields.Selection([("min", "At Least"), ("max", "At Most")], required=True, default="min")
    bound = fields.Float(digits=(16, 4), help="In the unit of the metric: per cent, days, company currency, number.")
    required = fields.Boolean(
        default=True, help="Nobody is proposed without it. Of the others, as many as the rule asks for have to be met."
    )

    @api.constrains("code", "metric_id", "purpose")
    def _check_source(self):
        for criterion in self:
            if bool(criterion.code) == bool(criterion.metric_id):
                raise ValidationError(self.env._("Choose the metric of the criterion %s.", criterion.name))
            if criterion.code and not hasattr(type(self), f"_answer_{criterion.code}"):
                raise ValidationError(self.env._("No addon answers the question “%s”.", criterion.code))

    @api.model
    def _check_all(self, purpose, customers, company):
        """Check customers against the criteria of a purpose in a company; a constant number of queries.

        :return: {customer id: [{"id": criterion, "value": number or None, "bound": number, "comparison": ..,
            "required": .., "met": True, False or None without data}, ...]}, JSON to keep
        """
        criteria = self.sudo().with_context(active_test=True).search([("purpose", "=", purpose)])
        customers = customers.sudo().with_company(company)
        metrics = criteria.metric_id
        values = {}
        if customers:
            values = (
                self.env["customer.metric"]
                .sudo()
                .with_company(company)
                ._values(customers, metrics.mapped("code"), date_to=company._customer_today() + timedelta(days=1))
            )
        checks = {customer_id: [] for customer_id in customers.ids}
        for criterion in criteria:
            if criterion.metric_id:
                found = values.get(criterion.metric_id.code, {})
            else:
                found = getattr(self.sudo(), f"_answer_{criterion.code}")(customers, company)
            for customer_id in customers.ids:
                value = found.get(customer_id)
                checks[customer_id].append(
                    {
                        "id": criterion.id,
                        "value": value,
                        "bound": criterion.bound,
                        "comparison": criterion.comparison,
                        "required": criterion.required,
                        "met": criterion._is_met(value),
                    }
                )
        return checks

    def _is_met(self, value):
        """Return whether a value meets the criterion; None without a value."""
        if value is None:
            return None
        return value >= self.bound if self.comparison == "min" else value <= self.bound

    @api.model
    def _passes(self, checks, optional=0):
        """Return whether the checks of one customer suffice: all required ones met, and so many of the others."""
        required = [check["met"] for check in checks if check["required"]]
        others = [check["met"] for check in checks if not check["required"]]
        return bool(checks) and all(required) and sum(map(bool, others)) >= min(optional, len(others))

    @api.model
    def _explain(self, checks):
        """Say the checks of one customer, a line each, in the reader's language."""
        criteria = self.sudo().browse([check["id"] for check in checks]).exists()
        by_id = {criterion.id: criterion for criterion in criteria}
        marks = {True: "✓", False: "✗", None: "–"}
        lines = []
        for check in checks:
            criterion = by_id.get(check["id"])
            name = criterion.name if criterion else self.env._("Former criterion")
            if check["value"] is None:
                text = self.env._("no data")
            elif criterion and criterion.code and {check["value"], check["bound"]} <= {0, 1}:
                text = self.env._("yes") if check["value"] else self.env._("no")
            else:
                sign = "≥" if check["comparison"] == "min" else "≤"
                text = self.env._(
                    "%(value)s (asked for: %(sign)s %(bound)s)",
                    value=f"{check['value']:.2f}".rstrip("0").rstrip("."),
                    sign=sign,
                    bound=f"{check['bound']:g}",
                )
            lines.append(f"{marks[check['met']]} {name}: {text}")
        return "\n".join(lines)

    @api.ondelete(at_uninstall=False)
    def _unlink_own_only(self):
        if any(criterion.code for criterion in self):
            raise UserError(self.env._("Criteria that come with an addon can't be deleted. Archive them instead."))

    # === QUESTIONS === #

    @api.model
    def _answer_class(self, customers, company):
        """Whether the customer's class is one that special support is for: 1 or 0; None without a class."""
        tiers = customers._customer_tiers(company)
        return {
            customer.id: int(tier.allows_plaque) if (tier := tiers.get(customer.id)) else None for customer in customers
        }

    @api.model
    def _answer_loyal(self, customers, company):
        """Whether the customer is loyal: 1 or 0; None where nobody has said."""
        return {
            customer.id: int(customer.customer_loyalty == "loyal") if customer.customer_loyalty else None
            for customer in customers
        }

    @api.model
    def _answer_shop_area(self, customers, company):
        """Floor area of the shop in square metres; None where it isn't known."""
        return {customer.id: customer.shop_area or None for customer in customers}

    @api.model
    def _answer_busy_place(self, customers, company):
        """Whether the shop stands in a busy place: 1 or 0; None where nobody has said."""
        return {
            customer.id: int(customer.shop_location == "busy") if customer.shop_location else None
            for customer in customers
        }

    @api.model
    def _answer_low_class(self, customers, company):
        """Whether the customer is a small or middle one, that is not in a class that special support is for."""
        tiers = customers._customer_tiers(company)
        return {
            customer.id: int(not tier.allows_plaque) if (tier := tiers.get(customer.id)) else 1
            for customer in customers
        }
