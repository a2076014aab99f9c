from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class Results:
    """Query results that the metrics of one call share. Compared by identity, so that it may travel in a context."""

    __slots__ = ("by_key",)

    def __init__(self):
        self.by_key = {}


class CustomerMetric(models.Model):
    """Register of the customer figures: what each is called, what it means, and the method that computes it (M).

    The value of a metric comes from the method ``_metric_<code>(customers, date_to, months)`` of this model, which
    addons add by inheritance together with a record in their data. See :meth:`_values` for what it owes.
    """

    _name = "customer.metric"
    _description = "Customer Metric"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="Technical name, as in the method that computes the figure.")
    description = fields.Text(translate=True, help="What the figure means and how it is computed.")
    unit = fields.Selection(
        [("money", "Company currency"), ("percent", "%"), ("days", "Days"), ("count", "Number")],
        required=True,
        default="count",
    )
    better = fields.Selection(
        [("higher", "Higher"), ("lower", "Lower"), ("neutral", "Neither")], required=True, default="higher"
    )
    source = fields.Selection(
        [("trade", "Orders and invoices"), ("receivable", "Receivables")],
        required=True,
        default="trade",
        readonly=True,
        help="Where the documents behind the figure are found.",
    )
    whole_company = fields.Boolean(
        readonly=True,
        help="The figure compares with the whole company: only those who may see all documents are shown it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Whether the figure is shown on the customer.")

    _code_unique = models.Constraint("UNIQUE (code)", "There is already a metric with this code.")

    @api.constrains("code")
    def _check_code(self):
        for metric in self:
            if not callable(getattr(type(self), f"_metric_{metric.code}", None)):
                raise ValidationError(
                    self.env._(
                        "No addon computes the metric “%(code)s”. Metrics come with addons, they are not made up here.",
                        code=metric.code,
                    )
                )

    def write(self, vals):
        if "code" in vals and any(metric.code != vals["code"] for metric in self):
            raise UserError(self.env._("The code of a metric stands for a method and cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Metrics cannot be deleted: other figures are built on them. Archive them instead."))

    # === THE FIGURES === #

    @api.model
    def _values(self, customers, codes=None, date_to=None, months=12):
        """Return the values of many metrics for many customers.

        The figures are those of ``self.env.company`` and of its documents alone, whatever the present user may read:
        whoever shows them to somebody checks that before. The cost is a constant number of queries, whatever the
        number of customers.

        :param customers: res.partner recordset. The figures are those of the commercial entity: for a contact or a
            branch its entity's value is returned, under the id of the contact
        :param codes: iterable of metric codes, by default all active metrics
        :param date date_to: first day that no longer counts; the figures are those at the end of the day before.
            By default tomorrow, so that today counts
        :param int months: length of the window [date_to - months, date_to) of figures that look at a period
        :return: {code: {customer id: value or None}}; every customer has a value in every metric. None means that
            there is no data to tell from, which is never the same as zero. Money is in company currency, shares are
            in per cent 0..100, times in days
        :raise ValueError: for a code that no addon computes, or a window that is not positive
        """
        codes = self.search([]).mapped("code") if codes is None else list(codes)
        missing = [code for code in codes if not callable(getattr(type(self), f"_metric_{code}", None))]
        if missing:
            raise ValueError(f"Unknown customer metrics: {', '.join(missing)}")
        if months < 1:
            raise ValueError("A customer metric needs a window of at least one month")
        date_to = date_to or self.env.company._customer_today() + timedelta(days=1)
        # PostgreSQL takes seconds to compile these queries, which run in less. In force until the transaction ends.
        self.env.cr.execute("SET LOCAL jit = off")
        registry = self.sudo()
        if not isinstance(self.env.context.get("customer_metric_results"), Results):
            registry = registry._sharing()
        entity_ids = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, commercial_partner_id FROM res_partner WHERE id IN (SELECT UNNEST(%s::integer[])) %s",
                    customers.ids,
                    SQL(to_flush=self.env["res.partner"]._fields["commercial_partner_id"]),
                )
            )
        )
        entities = registry.env["res.partner"].browse(sorted(set(filter(None, entity_ids.values()))))
        values = {}
        for code in codes:
            found = getattr(registry, f"_metric_{code}")(entities, date_to, months) if entities else {}
            values[code] = {customer_id: found.get(entity_ids.get(customer_id)) for customer_id in customers.ids}
        return values

    @api.model
    def _sharing(self):
        """Return this model such that all calls of :meth:`_values` on it share their queries.

        For who asks for several windows at once; what changes meanwhile is not seen, so it is not to be kept.
        """
        return self.with_context(customer_metric_results=Results())

    def _once(self, key, query):
        """Return the result of `query()`, which runs once per key and call of :meth:`_values`, or :meth:`_sharing`."""
        results = self.env.context.get("customer_metric_results")
        if not isinstance(results, Results):
            return query()
        if key not in results.by_key:
            results.by_key[key] = query()
        return results.by_key[key]
