from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

DEFAULT_MONTHS = 12
CUSTOMERS_AS_CONDITION = 5000


class Results:
    """Query results that the metrics of one call share. Compared by identity, so that it may travel in a context."""

    __slots__ = ("by_key",)

    def __init__(self):
        self.by_key = {}


class CustomerMetric(models.Model):
    """Register of the customer figures: what each is called, what it means, and how it is computed (M).

    The value of a built-in metric comes from the method ``_metric_<code>(customers, date_to, months)`` of this model,
    which addons add by inheritance together with a record in their data. See :meth:`_values` for what it owes. Other
    kinds are records alone: ``_value_of_<kind>(customers, date_to, months)``, called on the record, computes them.

    A metric of which months can be planned (`plannable`) has, besides, a method
    ``_by_month_<code>(customers, date_from, date_to)``: see :meth:`_month_values`.
    """

    _name = "customer.metric"
    _inherit = ["mail.thread"]
    _description = "Customer Metric"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="Technical name, as in the method that computes the figure.")
    kind = fields.Selection(
        [("method", "Built in")],
        required=True,
        default="method",
        readonly=True,
        tracking=True,
        help="How the figure is computed: by an addon, or by a definition made here.",
    )
    description = fields.Text(translate=True, help="What the figure means and how it is computed.")
    unit = fields.Selection(
        [("money", "Company currency"), ("percent", "%"), ("days", "Days"), ("count", "Number")],
        required=True,
        default="count",
        tracking=True,
    )
    better = fields.Selection(
        [("higher", "Higher"), ("lower", "Lower"), ("neutral", "Neither")],
        required=True,
        default="higher",
        tracking=True,
    )
    source = fields.Selection(
        [("trade", "Orders and invoices"), ("receivable", "Receivables")],
        required=True,
        default="trade",
        readonly=True,
        help="Where the documents behind the figure are found.",
    )
    months = fields.Integer(
        string="Window (Months)",
        required=True,
        default=DEFAULT_MONTHS,
        tracking=True,
        help="Length of the period that the figure looks at where nothing else is asked for.",
    )
    plannable = fields.Boolean(
        string="Can Be Planned",
        readonly=True,
        help="The figure of a period is the sum of those of its months, so months can be given targets.",
    )
    whole_company = fields.Boolean(
        readonly=True,
        help="The figure compares with the whole company: only those who may see all documents are shown it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True, help="Whether the figure is shown on the customer.")

    _code_unique = models.Constraint("UNIQUE (code)", "There is already a metric with this code.")
    _months_positive = models.Constraint("CHECK (months >= 1)", "The window of a metric is at least one month.")

    # === CONSTRAINTS AND CRUD === #

    @api.constrains("code", "kind", "plannable")
    def _check_code(self):
        for metric in self:
            built_in = self._is_built_in(metric.code)
            if metric.kind == "method" and not built_in:
                raise ValidationError(
                    self.env._(
                        "No addon computes the metric “%(code)s”. Choose what it is made of, or another code.",
                        code=metric.code,
                    )
                )
            if metric.kind != "method" and built_in:
                raise ValidationError(
                    self.env._("The code “%(code)s” belongs to a metric of an addon.", code=metric.code)
                )
            if metric.kind == "method" and metric.plannable and not hasattr(type(self), f"_by_month_{metric.code}"):
                raise ValidationError(
                    self.env._("The metric “%(code)s” isn't known by month: it can't be planned.", code=metric.code)
                )

    def write(self, vals):
        if "code" in vals and any(metric.code != vals["code"] for metric in self):
            raise UserError(self.env._("The code of a metric stands for its definition and cannot be changed."))
        if "kind" in vals and any(metric.kind != vals["kind"] for metric in self):
            raise UserError(self.env._("The kind of a metric cannot be changed. Make a new metric instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_custom_only(self):
        built_in = self.filtered(lambda metric: metric.kind == "method")
        if built_in:
            raise UserError(
                self.env._(
                    "%(names)s cannot be deleted: other figures are built on them. Archive them instead.",
                    names=", ".join(built_in.mapped("name")),
                )
            )

    # === THE FIGURES === #

    @api.model
    def _values(self, customers, codes=None, date_to=None, months=None):
        """Return the values of many metrics for many customers.

        The figures are those of ``self.env.company`` and of its documents alone, whatever the present user may read:
        whoever shows them to somebody checks that before. The cost is a constant number of queries, whatever the
        number of customers.

        :param customers: res.partner recordset. The figures are those of the commercial entity: for a contact or a
            branch its entity's value is returned, under the id of the contact
        :param codes: iterable of metric codes, by default all active metrics
        :param date date_to: first day that no longer counts; the figures are those at the end of the day before.
            By default tomorrow, so that today counts
        :param int months: length of the window [date_to - months, date_to) of figures that look at a period; by
            default each metric's own, which is 12 for the built-in ones
        :return: {code: {customer id: value or None}}; every customer has a value in every metric. None means that
            there is no data to tell from, which is never the same as zero. Money is in company currency, shares are
            in per cent 0..100, times in days
        :raise ValueError: for a code that there is no metric for, or a window that is not positive
        """
        codes = self.search([]).mapped("code") if codes is None else list(codes)
        if months is not None and months < 1:
            raise ValueError("A customer metric needs a window of at least one month")
        registry = self.sudo().with_context(active_test=True)
        if not isinstance(self.env.context.get("customer_metric_results"), Results):
            registry = registry._sharing()
        computations = registry._computations(codes)
        date_to = date_to or self.env.company._customer_today() + timedelta(days=1)
        # PostgreSQL takes seconds to compile these queries, which run in less. In force until the transaction ends.
        self.env.cr.execute("SET LOCAL jit = off")
        ids = customers.ids
        entity_ids = registry._once(("entities", customers._ids), lambda: self._entity_ids(ids))
        entities = registry.env["res.partner"].browse(sorted(set(filter(None, entity_ids.values()))))
        values = {}
        for code, (compute, own_months) in computations.items():
            found = compute(entities, date_to, months or own_months) if entities else {}
            values[code] = {customer_id: found.get(entity_ids.get(customer_id)) for customer_id in ids}
        return values

    @api.model
    def _entity_ids(self, customer_ids):
        """Return {customer id: id of its commercial entity}: one query."""
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, commercial_partner_id FROM res_partner WHERE id IN (SELECT UNNEST(%s::integer[])) %s",
                    customer_ids,
                    SQL(to_flush=self.env["res.partner"]._fields["commercial_partner_id"]),
                )
            )
        )

    @api.model
    def _sharing(self):
        """Return this model such that all calls of :meth:`_values` on it share their queries.

        For who asks for several windows at once; what changes meanwhile is not seen, so it is not to be kept.
        """
        return self.with_context(customer_metric_results=Results())

    @api.model
    def _is_built_in(self, code):
        return callable(getattr(type(self), f"_metric_{code}", None))

    @api.model
    def _computations(self, codes):
        """Return {code: (function of customers, date_to and months; months by default)}.

        :raise ValueError: for a code that there is no metric for
        """
        made_here = [code for code in codes if not self._is_built_in(code)]
        by_code = {}
        if made_here:
            by_code = self.with_context(active_test=False).search([("code", "in", made_here)]).grouped("code")
        missing = [code for code in made_here if code not in by_code]
        if missing:
            raise ValueError(f"Unknown customer metrics: {', '.join(missing)}")
        computations = {}
        for code in codes:
            if code in by_code:
                metric = by_code[code].with_env(self.env)
                computations[code] = (getattr(metric, f"_value_of_{metric.kind}"), metric.months)
            else:
                computations[code] = (getattr(self, f"_metric_{code}"), DEFAULT_MONTHS)
        return computations

    def _month_values(self, customers, date_from, date_to):
        """Return what a metric that can be planned comes to in each month of [date_from, date_to): one query.

        As :meth:`_values`, for the documents of ``self.env.company`` whatever the present user may read.

        :param customers: commercial entities, or None for all customers
        :return: {customer id: {first day of the month: value}}; months, and customers, without a document are missing
        """
        self.ensure_one()
        metric = self.sudo()
        if metric.kind != "method":
            return getattr(metric, f"_by_month_of_{metric.kind}")(customers, date_from, date_to)
        return getattr(metric, f"_by_month_{metric.code}")(customers, date_from, date_to)

    def _once(self, key, query):
        """Return the result of `query()`, which runs once per key and call of :meth:`_values`, or :meth:`_sharing`."""
        results = self.env.context.get("customer_metric_results")
        if not isinstance(results, Results):
            return query()
        if key not in results.by_key:
            results.by_key[key] = query()
        return results.by_key[key]

    @api.model
    def _customers_domain(self, customers, field_name="partner_id"):
        """Return the condition that records belong to commercial entities, or to their contacts and branches.

        None for where there are so many that it would cost more than it saves, or where all are asked for: a caller
        finds the customers that it wants by their ids.
        """
        if customers is None or len(customers) > CUSTOMERS_AS_CONDITION:
            return Domain.TRUE
        return Domain(f"{field_name}.commercial_partner_id", "in", customers.ids)

    # === THE DOCUMENTS BEHIND === #

    def _documents_action(self, customer, date_to=None, months=None):
        """Return the action that opens the documents that a customer's figure is made of.

        The columns of the list add up to the figure, or to the sums that it is the quotient of. Users see the
        documents that they may read; whoever shows the figure checks that they may see it.

        :param customer: one res.partner; its commercial entity's documents are shown
        :param date_to, months: as for :meth:`_values`
        """
        self.ensure_one()
        date_to = date_to or self.env.company._customer_today() + timedelta(days=1)
        entity = customer.commercial_partner_id
        metric = self.sudo()
        action = getattr(metric, f"_documents_of_{metric.source}")(entity, date_to, months or metric.months)
        title = f"{metric.name} – {entity.display_name}"
        return {**action, "name": title, "display_name": title}
