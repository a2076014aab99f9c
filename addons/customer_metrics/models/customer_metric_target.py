from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

OF_TARGETS = ("attainment", "pace")


class CustomerMetric(models.Model):
    """Attainment and pace of targets, as metrics of their own (M).

    They look at whole months of the calendar: the last one is that of the last day counted, `months` of them in all.
    Months without a target count on neither side.
    """

    _inherit = "customer.metric"

    kind = fields.Selection(
        selection_add=[("attainment", "Attainment of targets"), ("pace", "Pace against targets")],
        ondelete={"attainment": "cascade", "pace": "cascade"},
    )
    source = fields.Selection(selection_add=[("target", "Targets")], ondelete={"target": "set default"})
    planned_metric_id = fields.Many2one(
        "customer.metric",
        string="Targets On",
        domain=[("plannable", "=", True)],
        ondelete="cascade",
        tracking=True,
        help="The metric whose targets are compared with what was reached.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_without_targets(self):
        used = self.env["customer.target"].sudo()._read_group([("metric_id", "in", self.ids)], ["metric_id"])
        used = self.browse().union(*(metric for (metric,) in used))
        used |= self.sudo().search([("planned_metric_id", "in", self.ids)]).planned_metric_id
        if used:
            raise UserError(
                self.env._(
                    "%(names)s cannot be deleted: there are targets, or figures on targets. Archive them instead.",
                    names=", ".join(used.mapped("name")),
                )
            )

    @api.constrains("kind", "planned_metric_id")
    def _check_planned_metric(self):
        for metric in self.filtered(lambda metric: metric.kind in OF_TARGETS):
            if not metric.planned_metric_id.plannable:
                raise ValidationError(
                    self.env._(
                        "“%s” needs a metric that can be planned: choose whose targets it looks at.", metric.name
                    )
                )

    @api.model
    def _derived(self, vals):
        if vals["kind"] in OF_TARGETS:
            return {"source": "target", "plannable": False, "whole_company": False, "unit": "percent"}
        return super()._derived(vals)

    @api.model
    def _target_span(self, date_to, months):
        """Return (first day of the first month, first day of the last month, first day after it)."""
        last = (date_to - timedelta(days=1)).replace(day=1)
        return last - relativedelta(months=months - 1), last, last + relativedelta(months=1)

    def _target_months(self, customers, date_from, date_to):
        """Return {customer id: {first day of the month: target}} of the targets on this metric: one query.

        :param customers: commercial entities, or None for all
        """
        self.ensure_one()
        domain = (
            Domain("company_id", "=", self.env.company.id)
            & Domain("metric_id", "=", self.id)
            & Domain("month", ">=", date_from)
            & Domain("month", "<", date_to)
            & self._customers_domain(customers)
        )
        found = {}
        for customer, month, amount in (
            self.env["customer.target"]
            .sudo()
            ._read_group(domain, ["partner_id.commercial_partner_id", "month:month"], ["amount:sum"])
        ):
            found.setdefault(customer.id, {})[fields.Date.to_date(month)] = amount
        return found

    def _target_rounding(self):
        """Return the smallest step of a target: of the currency, of added-up numbers .01, of counted things 1."""
        self.ensure_one()
        if self.unit == "money":
            return self.env.company.currency_id.rounding
        return 0.01 if self.kind == "records" and self.operation == "sum" else 1.0

    def _target_decimals(self):
        """Return the number of decimals of a target."""
        if self.unit == "money":
            return self.env.company.currency_id.decimal_places
        return 0 if self._target_rounding() == 1 else 2

    def _reached_of_targets(self, customers, date_to, months):
        """Return {customer id: (targets by month, sum reached in those months)}: one query for each."""
        first, _last, end = self._target_span(date_to, months)
        planned = self.planned_metric_id
        key = (planned.id, customers._ids, date_to, months)
        targets = self._once(("targets", *key), lambda: planned._target_months(customers, first, end))
        if not targets:
            return {}
        reached = self._once(("reached", *key), lambda: planned._month_values(customers, first, date_to))
        return {
            customer_id: (by_month, sum(reached.get(customer_id, {}).get(month, 0) or 0 for month in by_month))
            for customer_id, by_month in targets.items()
        }

    def _value_of_attainment(self, customers, date_to, months):
        """What was reached, in per cent of the targets of the whole months. No data without a target above zero."""
        values = {}
        for customer_id, (by_month, reached) in self._reached_of_targets(customers, date_to, months).items():
            target = sum(by_month.values())
            values[customer_id] = 100 * reached / target if target > 0 else None
        return values

    def _value_of_pace(self, customers, date_to, months):
        """What was reached, in per cent of what the targets ask for until now.

        Of the last month the share of its working days that has passed is asked for. No data before its first working
        day, nor without a target above zero.
        """
        found = self._reached_of_targets(customers, date_to, months)
        if not found:
            return {}
        _first, last, end = self._target_span(date_to, months)
        share = self._once(
            ("elapsed", date_to),
            lambda: self.env.company._customer_working_days(last, end).share(last, date_to, end),
        )
        values = {}
        for customer_id, (by_month, reached) in found.items():
            asked = sum(amount * (share if month == last else 1) for month, amount in by_month.items())
            values[customer_id] = 100 * reached / asked if asked > 0 else None
        return values

    def _documents_of_target(self, customer, date_to, months):
        """The targets of the months, each with what was reached and the documents behind that."""
        first, _last, end = self._target_span(date_to, months)
        domain = Domain("metric_id", "=", self.planned_metric_id.id) & self._window_domain(first, end, "month")
        today = self.env.company._customer_today()
        context = {} if date_to > today else {"customer_figures_date_to": fields.Date.to_string(date_to)}
        return self._rows_action("customer_metrics.customer_target_action", customer, domain, context=context)
