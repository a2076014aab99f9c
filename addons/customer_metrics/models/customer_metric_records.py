import ast
import logging
import re
from collections import defaultdict
from statistics import median

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_round, formatLang

_logger = logging.getLogger(__name__)

GROUP_MANAGER = "customer_metrics.group_metric_manager"
# What a metric made on screen consists of. Its evaluation reads all records, whoever looks at the figure.
DEFINITION = {
    "kind",
    "code",
    "unit",
    "months",
    "plannable",
    "source",
    "whole_company",
    "model_name",
    "domain",
    "customer_field",
    "date_field",
    "measure_field",
    "operation",
    "zero_without_records",
    "planned_metric_id",
}
ADDITIVE = ("count", "sum")
NUMBERS = ("integer", "float", "monetary")
NO_RECORDS = ("base.", "bus.", "ir.", "mail.")
CODE = re.compile(r"[a-z][a-z0-9_]{1,62}")


class CustomerMetric(models.Model):
    """Metrics made on screen without code: records of any model that leads to a customer, counted or added up (M).

    Their definition is evaluated as superuser, so only metrics managers write it, and it may name nothing that they
    could not read themselves, nor any field that is kept for a group.
    """

    _inherit = "customer.metric"

    kind = fields.Selection(selection_add=[("records", "Counted or added up records")], ondelete={"records": "cascade"})
    source = fields.Selection(selection_add=[("records", "Records")], ondelete={"records": "set default"})
    model_name = fields.Selection(
        selection="_selection_model_name",
        string="Records Of",
        tracking=True,
        help="What is counted. You can choose what you may read and what leads to a customer.",
    )
    domain = fields.Char(
        string="Filter",
        default="[]",
        tracking=True,
        help="Which records count. Only fixed values and Odoo's relative dates can be compared with.",
    )
    customer_field = fields.Char(
        string="Customer Is",
        tracking=True,
        help="Field of the record that holds the customer or one of its contacts and branches.",
    )
    date_field = fields.Char(
        string="Date Is",
        tracking=True,
        help="Field that tells in which period a record falls. Without it all records count, whatever the period.",
    )
    measure_field = fields.Char(string="Measure", tracking=True, help="Field that is added up or compared.")
    operation = fields.Selection(
        [
            ("count", "Number of records"),
            ("count_distinct", "Number of different values"),
            ("sum", "Sum"),
            ("avg", "Average"),
            ("min", "Smallest value"),
            ("max", "Largest value"),
        ],
        default="count",
        tracking=True,
    )
    zero_without_records = fields.Boolean(
        string="No Record Means Zero",
        tracking=True,
        help="A customer without any record has the value zero. Otherwise there is no data to tell from, unless there "
        "were records before the period.",
    )
    problem = fields.Char(
        compute="_compute_problem", help="Why the figure has no data at all: what it counts is no longer there."
    )

    # === SELECTION, COMPUTE, ONCHANGE === #

    @api.model
    def _selection_model_name(self):
        """The models that lead to a customer: kept in the database, with a stored link to a contact."""
        names = [name for name in self.env.registry if self._is_countable(name)]
        labels = {model.model: model.name for model in self.env["ir.model"].sudo().search([("model", "in", names)])}
        return sorted(((name, labels.get(name, name)) for name in names), key=lambda item: item[1].casefold())

    @api.model
    def _is_countable(self, model_name):
        """Tell whether records of a model can be counted: they are kept in the database and lead to a contact.

        Left out are Odoo's own workings, and messages, whose readers aren't found by access rights.
        """
        Model = self.env.get(model_name)
        return (
            Model is not None
            and not (Model._abstract or Model._transient or model_name.startswith(NO_RECORDS))
            and bool(self._customer_fields(model_name))
        )

    @api.model
    def _customer_fields(self, model_name):
        """Return the names of the stored fields of a model that hold one contact and are kept for no group."""
        return [
            field.name
            for field in self.env.registry[model_name]._fields.values()
            if field.store and field.type == "many2one" and field.comodel_name == "res.partner" and not field.groups
        ]

    @api.depends("kind", "model_name", "domain", "customer_field", "date_field", "measure_field", "operation")
    def _compute_problem(self):
        for metric in self:
            metric.problem = metric._find_problem() if metric.kind == "records" else False

    @api.onchange("model_name")
    def _onchange_model_name(self):
        """Propose the usual fields of the model."""
        if not self.model_name:
            return
        model_fields = self.env[self.model_name]._fields
        customers = self._customer_fields(self.model_name)
        self.domain = "[]"
        self.measure_field = False
        self.customer_field = next(
            (name for name in ("partner_id", "commercial_partner_id", "customer_id") if name in customers), customers[0]
        )
        self.date_field = next(
            (
                name
                for name in ("invoice_date", "date_order", "date", "date_start", "create_date")
                if name in model_fields and model_fields[name].store and not model_fields[name].groups
            ),
            False,
        )

    # === CONSTRAINTS AND CRUD === #

    @api.constrains(*DEFINITION - {"planned_metric_id"})
    def _check_records_definition(self):
        for metric in self.filtered(lambda metric: metric.kind == "records"):
            problem = metric._find_problem() or metric._find_refusal()
            if problem:
                raise ValidationError(
                    self.env._(
                        "The metric “%(name)s” can't be computed: %(problem)s", name=metric.name, problem=problem
                    )
                )

    def _check_readable(self):
        """Raise unless the present user may read all models that the definitions lead through.

        Not a constraint, as Odoo checks constraints as superuser.
        """
        for metric in self.filtered(lambda metric: metric.kind == "records"):
            Model = self.env[metric.model_name]
            refused = {metric.model_name} if not Model.has_access("read") else set()
            refused |= self._refused_models(Model, metric._records_filter())
            if refused:
                names = sorted(f"“{self.env[name]._description}”" for name in refused)
                raise AccessError(
                    self.env._(
                        "The metric “%(name)s” counts what you may not read yourself: %(models)s.",
                        name=metric.name,
                        models=", ".join(names),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        made_here = [vals for vals in vals_list if vals.get("kind", "method") != "method"]
        if made_here:
            self._check_manager()
        for vals in made_here:
            vals["code"] = self._new_code(vals.get("code"))
            vals.update(self._derived(vals))
        metrics = super().create(vals_list)
        metrics._check_readable()
        return metrics

    def write(self, vals):
        if not self.env.su and vals.keys() & DEFINITION:
            self._check_manager()
            if any(
                metric.kind == "method" and metric[name] != value
                for metric in self
                for name, value in vals.items()
                if name in DEFINITION and name not in ("code", "kind")
            ):
                raise UserError(self.env._("What a built-in metric means comes with its addon and cannot be changed."))
        result = super().write(vals)
        if vals.keys() & {"operation", "date_field"}:
            for metric in self.filtered(lambda metric: metric.kind == "records"):
                derived = metric._derived({name: metric[name] for name in ("kind", "operation", "date_field")})
                if metric.plannable != derived["plannable"]:
                    super(CustomerMetric, metric).write(derived)
        if vals.keys() & DEFINITION:
            self._check_readable()
        return result

    @api.model
    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("What a metric is made of is set by: %s.", self.env.ref(GROUP_MANAGER).sudo().full_name)
            )

    @api.model
    def _new_code(self, code):
        """Return the code of a metric made on screen, after checking one that was given."""
        code = (code or "").strip() or f"custom_{self.env['ir.sequence'].sudo().next_by_code('customer.metric')}"
        if self._is_built_in(code):
            raise ValidationError(self.env._("The code “%(code)s” belongs to a metric of an addon.", code=code))
        if not CODE.fullmatch(code):
            raise ValidationError(self.env._("“%s” is no code: use small letters, digits and underscores.", code))
        return code

    @api.model
    def _derived(self, vals):
        """Return the values that follow from the kind of a metric made on screen."""
        if vals["kind"] == "records":
            additive = vals.get("operation", "count") in ADDITIVE and bool(vals.get("date_field"))
            return {"source": "records", "plannable": additive, "whole_company": False}
        return {}

    # === VALIDATION === #

    def _find_problem(self):
        """Return why the definition can't be evaluated, as a sentence; None when it can. No query."""
        self.ensure_one()
        if not self._is_countable(self.model_name):
            return self.env._("Choose whose records are counted.")
        Model = self.env[self.model_name]
        if self.customer_field not in self._customer_fields(self.model_name):
            return self._sentence_field("customer_field", self.env._("a stored link to one contact"))
        if self.date_field:
            field = Model._fields.get(self.date_field)
            if not field or not field.store or field.type not in ("date", "datetime"):
                return self._sentence_field("date_field", self.env._("a stored date"))
            if field.groups:
                return self._sentence_groups(field)
        if not self.operation:
            return self.env._("Choose what is done with the records.")
        if self.operation != "count":
            field = Model._fields.get(self.measure_field or "")
            wanted = NUMBERS if self.operation != "count_distinct" else ()
            if not field or not field.store or not field.column_type or (wanted and field.type not in wanted):
                return self._sentence_field(
                    "measure_field", self.env._("a stored number") if wanted else self.env._("a stored field")
                )
            if field.groups:
                return self._sentence_groups(field)
        try:
            return self._find_domain_problem(Model, self._records_filter())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return self.env._(
                "The filter %(filter)s can't be read. Compare fields with fixed values, not with expressions.",
                filter=self.domain,
            )

    def _find_domain_problem(self, root, domain):
        """Return what is wrong with a filter: unknown fields, and fields that are kept for a group."""
        for condition in domain.iter_conditions():
            Target = root
            for name in condition.field_expr.split("."):
                field = Target._fields.get(name)
                if field is None:
                    if Target is not root and name.isdigit():
                        break
                    return self.env._(
                        "The filter names the field “%(field)s”, which “%(model)s” doesn't have.",
                        field=name,
                        model=Target._description,
                    )
                if field.groups:
                    return self._sentence_groups(field)
                if field.type == "properties":
                    break
                if field.type in ("date", "datetime"):
                    break  # what follows is a part of the date
                Target = self.env[field.comodel_name] if field.comodel_name else Target
            if condition.operator in ("any", "not any"):
                problem = self._find_domain_problem(Target, Domain(condition.value))
                if problem:
                    return problem
        return None

    def _sentence_field(self, name, wanted):
        return self.env._(
            "“%(label)s” is “%(value)s”, which is not %(wanted)s of “%(model)s”.",
            label=self._fields[name]._description_string(self.env),
            value=self[name] or "",
            wanted=wanted,
            model=self.env[self.model_name]._description,
        )

    def _sentence_groups(self, field):
        return self.env._(
            "The field “%(field)s” of “%(model)s” is kept for a group of users: a figure would show it to others.",
            field=field._description_string(self.env),
            model=self.env[field.model_name]._description,
        )

    def _find_refusal(self):
        """Return what the database says against the definition, None when it can be evaluated."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                today = self.env.company._customer_today()
                self._records_found(None, today, today)
        except (UserError, ValueError, TypeError, KeyError, psycopg2.Error) as error:
            return str(error)
        return None

    def _refused_models(self, root, domain):
        """Return the names of the models that a filter leads through and that the user may not read."""
        refused = set()
        for condition in domain.iter_conditions():
            Target = root
            for name in condition.field_expr.split("."):
                field = Target._fields.get(name)
                if field is None or not field.comodel_name or field.type == "properties":
                    break
                Target = self.env[field.comodel_name]
                if not Target.has_access("read"):
                    refused.add(Target._name)
            if condition.operator in ("any", "not any"):
                refused |= self._refused_models(Target, Domain(condition.value))
        return refused

    # === THE FIGURES === #

    def _records_filter(self):
        return Domain(ast.literal_eval((self.domain or "[]").strip()))

    def _records_currency_field(self, counted):
        """Return the name of the currency field of a measured amount, None where nothing has to be converted."""
        field = counted._fields.get(self.measure_field or "")
        if self.operation in ("count", "count_distinct") or not field or field.type != "monetary":
            return None
        return field.get_currency_field(counted)

    def _records_domain(self, customers, date_from, date_to):
        """Return the domain of the records of [date_from, date_to) that count in the present company.

        :param customers: commercial entities, or None for those of all customers
        :param date_from: None for no lower bound; without a date field neither bound applies
        """
        company = self.env.company
        Model = self.env[self.model_name]
        domain = self._records_filter() & Domain(self.customer_field, "!=", False)
        company_field = Model._fields.get("company_id")
        if company_field and company_field.store and company_field.comodel_name == "res.company":
            domain &= Domain("company_id", "in", [company.id, False])
        if self.date_field:
            start, end = date_from, date_to
            to_string = fields.Date.to_string
            if Model._fields[self.date_field].type == "datetime":
                start, end = company._customer_moments(date_from, date_to)
                to_string = fields.Datetime.to_string
            domain &= Domain(self.date_field, "<", to_string(end))
            if start:
                domain &= Domain(self.date_field, ">=", to_string(start))
        return domain & self._customers_domain(customers, self.customer_field)

    def _records_found(self, customers, date_from, date_to, by_month=False):
        """Return {customer id: {first day of the month, or None: value}} of the records that count: one query.

        Amounts in a foreign currency are converted at the rate of the last day counted, by month at that of its end.
        """
        company = self.env.company
        Model = self.env[self.model_name].sudo().with_context(tz=company._customer_timezone())
        currency_field = self._records_currency_field(Model)
        groupby = [f"{self.customer_field}.commercial_partner_id"]
        groupby += [f"{self.date_field}:month"] if by_month else []
        groupby += [currency_field] if currency_field else []
        aggregates = {
            "count": ["__count"],
            "avg": [f"{self.measure_field}:sum", f"{self.measure_field}:count"],
        }.get(self.operation, [f"{self.measure_field}:{self.operation}"])
        parts = defaultdict(lambda: defaultdict(list))
        rates = {}
        for customer, *keys in Model._read_group(
            self._records_domain(customers, date_from, date_to), groupby, aggregates
        ):
            month = fields.Date.to_date(keys.pop(0)) if by_month else None
            rate = 1.0
            if currency_field:
                rate = self._records_rate(keys.pop(0), month, date_to, rates)
            parts[customer.id][month].append((keys, rate))
        return {
            customer_id: {month: self._records_combine(found) for month, found in by_month.items()}
            for customer_id, by_month in parts.items()
        }

    def _records_rate(self, currency, month, date_to, rates):
        """Return the rate from a currency to the company's, asked for once per currency and month."""
        company = self.env.company
        if not currency or currency == company.currency_id:
            return 1.0
        end = min(month + relativedelta(months=1), date_to) if month else date_to
        if (currency, end) not in rates:
            rates[currency, end] = currency._get_conversion_rate(
                currency, company.currency_id, company, end - relativedelta(days=1)
            )
        return rates[currency, end]

    def _records_combine(self, parts):
        """Return the value of one customer from its groups, one per currency: (aggregates, rate)."""
        if self.operation in ("count", "count_distinct"):
            return sum(number for (number,), _rate in parts)
        if self.operation == "avg":
            number = sum(number for (_total, number), _rate in parts)
            value = sum((total or 0) * rate for (total, _number), rate in parts) / number if number else None
        elif self.operation == "sum":
            value = sum((total or 0) * rate for (total,), rate in parts)
        else:
            values = [value * rate for (value,), rate in parts if value is not None]
            value = (min if self.operation == "min" else max)(values) if values else None
        if value is not None and self.unit == "money":
            return float_round(value, precision_rounding=self.env.company.currency_id.rounding)
        return value

    def _value_of_records(self, customers, date_to, months):
        """What the records of the window come to. See the fields of the definition.

        :param customers: commercial entities, or None for all that have a record
        """
        problem = self._find_problem()
        if problem:
            _logger.info("The metric %s has no data: %s", self.code, problem)
            return {}
        date_from = date_to - relativedelta(months=months) if self.date_field else None
        values = {
            customer_id: by_month[None]
            for customer_id, by_month in self._records_found(customers, date_from, date_to).items()
        }
        if self.operation not in ADDITIVE or customers is None:
            return values
        if self.zero_without_records:
            known = customers._ids
        elif self.date_field:
            known = self._records_found(customers, None, date_to)
        else:
            known = ()
        return {**dict.fromkeys(known, 0), **values}

    def _by_month_of_records(self, customers, date_from, date_to):
        return {} if self._find_problem() else self._records_found(customers, date_from, date_to, by_month=True)

    # === THE DOCUMENTS BEHIND === #

    def _documents_of_records(self, customer, date_to, months):
        """The records that count, as far as the user may read them."""
        problem = self._find_problem()
        if problem:
            raise UserError(problem)
        if not self.env[self.model_name].sudo(False).has_access("read"):
            raise AccessError(
                self.env._("The figure is made of %s, which you may not read.", self.env[self.model_name]._description)
            )
        domain = self._records_domain(customer, date_to - relativedelta(months=months), date_to)
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model_name,
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
            "context": {"create": False},
        }

    # === ACTION METHODS === #

    def action_try_out(self):
        """Tell how many customers have a value today, and which, before others see the figure."""
        self.ensure_one()
        self._check_manager()
        date_to = self.env.company._customer_today() + relativedelta(days=1)
        values = sorted(
            value for value in self.sudo()._value_of_records(None, date_to, self.months).values() if value is not None
        )
        message = self.env._("No customer has a record.")
        if values:
            message = self.env._(
                "%(count)s customers have records: from %(low)s to %(high)s, %(middle)s in the middle.",
                count=len(values),
                low=self._format(values[0]),
                high=self._format(values[-1]),
                middle=self._format(median(values)),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "title": self.name, "message": message, "sticky": True},
        }

    def _format(self, value):
        """Return a value of this metric as text, with its unit, in the user's language."""
        if value is None:
            return "–"
        if self.unit == "money":
            return self.env.company.currency_id.format(value)
        text = formatLang(self.env, value, digits=0 if float(value).is_integer() else 1)
        return {"percent": self.env._("%s %%", text), "days": self.env._("%s days", text)}.get(self.unit, text)
