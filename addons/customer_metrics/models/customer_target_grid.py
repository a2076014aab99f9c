from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_is_zero, float_round, format_date

from .spread import season, spread

PAGE = 40
PAGE_MAX = 500
CELLS_MAX = 20000
# A customer who bought in fewer months of the last year has no season of its own.
SEASON_MONTHS_MIN = 6


class CustomerTarget(models.Model):
    """The grid in which targets are typed: customers x the months of a year.

    Its public methods serve the client action. They run as the user, whose rights and record rules hold.
    """

    _inherit = "customer.target"

    # === WHAT THE GRID SHOWS === #

    @api.model
    @api.readonly
    def get_grid(self, metric_id=None, year=None, options=None, offset=0, limit=PAGE):
        """Return a page of the grid.

        :param int metric_id: the planned metric, by default sales
        :param int year: by default the present one
        :param dict options: ``customers`` ('planned', 'customers' or 'all'), ``search`` (part of a name or reference),
            ``user_id`` (salesperson), ``compare`` ('last' year, 'reached' this year, or nothing)
        :return: dict with the choices (``metrics, salespeople``), the ``rows`` (id, name, ref, salesperson, amounts,
            compare: lists of twelve, null where there is none), their ``count`` on all pages and the ``totals`` of all
        """
        company = self.env.company
        options = options or {}
        metrics = self._grid_metrics()
        metric = metrics.filtered(lambda metric: metric.id == metric_id) or metrics[:1]
        year = int(year or company._customer_today().year)
        months = self._months_of(year)
        Partner = self.env["res.partner"]
        domain = self._grid_customers_domain(metric, year, options)
        customers = Partner.search_fetch(
            domain,
            ["name", "ref", "user_id"],
            offset=max(0, int(offset)),
            limit=min(PAGE_MAX, int(limit)),
            order="complete_name, id",
        )
        count = len(customers)
        if offset or count == limit:
            count = Partner.search_count(domain)
        amounts = self._grid_amounts(metric, year, customers)
        compared = self._grid_compared(metric, year, customers, options.get("compare"))
        return {
            "company": company.name,
            "metrics": [{"id": choice.id, "name": choice.name, "money": choice.unit == "money"} for choice in metrics],
            "salespeople": self._grid_salespeople(),
            "metric_id": metric.id,
            "year": year,
            "months": [format_date(self.env, month, date_format="MMM") for month in months],
            "current": company._customer_today().replace(day=1) in months and company._customer_today().month - 1,
            "currency_id": company.currency_id.id if metric.unit == "money" else False,
            "decimals": metric._target_decimals(),
            "may_write": bool(self.has_access("write") and self.has_access("create")),
            "count": count,
            "rows": [
                {
                    "id": customer.id,
                    "name": customer.name,
                    "ref": customer.ref or "",
                    "salesperson": customer.user_id.sudo().name or "",
                    "amounts": [amounts.get(customer.id, {}).get(month) for month in months],
                    "compare": [compared.get(customer.id, {}).get(month) for month in months],
                }
                for customer in customers
            ],
            "totals": self._grid_totals(metric, year, domain),
        }

    @api.model
    def _months_of(self, year):
        return [date(year, number, 1) for number in range(1, 13)]

    @api.model
    def _grid_metrics(self):
        """Return the metrics that can be planned."""
        Metric = self.env["customer.metric"]
        metrics = Metric.search([("plannable", "=", True)])
        if not metrics:
            raise UserError(self.env._("There is no metric that can be planned. Activate one first."))
        return metrics

    @api.model
    def _grid_metric(self, metric_id):
        metric = self._grid_metrics().filtered(lambda metric: metric.id == metric_id)
        if not metric:
            raise UserError(self.env._("This metric can't be planned."))
        return metric

    @api.model
    def _grid_salespeople(self):
        """Return the salespeople who have customers, as far as the user sees more than the own ones."""
        if not self.env["res.partner"]._sees_all_customer_figures():
            return []
        users = self.env["res.users"].search(
            [("share", "=", False), ("company_ids", "in", self.env.company.ids)], order="name"
        )
        return [{"id": user.id, "name": user.name} for user in users]

    @api.model
    def _grid_customers_domain(self, metric, year, options):
        """Return the domain of the customers that the grid shows to the user."""
        company = self.env.company
        domain = Domain("company_id", "in", [company.id, False])
        domain &= Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        if not self.env["res.partner"]._sees_all_customer_figures():
            domain &= Domain("user_id", "=", self.env.uid)
        elif options.get("user_id"):
            domain &= Domain("user_id", "=", int(options["user_id"]))
        text = (options.get("search") or "").strip()
        if text:
            domain &= Domain("name", "ilike", text) | Domain("ref", "ilike", text)
        which = options.get("customers") or "planned"
        planned = Domain("customer_target_ids", "any", self._grid_targets_domain(metric, year))
        if which == "planned":
            domain &= planned
        elif which == "customers":
            bought = Domain("state", "=", "sale") & Domain("company_id", "=", company.id)
            domain &= (
                planned
                | Domain("customer_rank", ">", 0)
                | Domain("sale_order_ids", "any", bought)
                | Domain("child_ids.sale_order_ids", "any", bought)
            )
        return domain

    @api.model
    def _grid_targets_domain(self, metric, year):
        return (
            Domain("company_id", "=", self.env.company.id)
            & Domain("metric_id", "=", metric.id)
            & Domain("month", ">=", fields.Date.to_string(date(year, 1, 1)))
            & Domain("month", "<", fields.Date.to_string(date(year + 1, 1, 1)))
        )

    @api.model
    def _grid_amounts(self, metric, year, customers):
        """Return {customer id: {month: target}}."""
        found = {}
        for target in self.search_fetch(
            self._grid_targets_domain(metric, year) & Domain("partner_id", "in", customers.ids),
            ["partner_id", "month", "amount"],
        ):
            found.setdefault(target.partner_id.id, {})[target.month] = target.amount
        return found

    @api.model
    def _grid_totals(self, metric, year, customers_domain):
        """Return the targets of all customers of the filter, by month."""
        domain = self._grid_targets_domain(metric, year) & Domain("partner_id", "any", customers_domain)
        found = {
            fields.Date.to_date(month): amount
            for month, amount in self._read_group(domain, ["month:month"], ["amount:sum"])
        }
        return [found.get(month) for month in self._months_of(year)]

    @api.model
    def _grid_compared(self, metric, year, customers, compare):
        """Return {customer id: {month of the year: figure}} that targets are compared with: one query."""
        visible = customers._filtered_customer_figures_visible()
        if compare not in ("last", "reached") or not visible:
            return {}
        back = relativedelta(years=1 if compare == "last" else 0)
        date_to = self.env.company._customer_today() + relativedelta(days=1)
        first = date(year, 1, 1) - back
        end = min(date_to, first + relativedelta(years=1))
        if first >= end:
            return {}
        found = metric._month_values(visible, first, end)
        return {
            customer_id: {month + back: value for month, value in by_month.items()}
            for customer_id, by_month in found.items()
        }

    # === SPREADING A YEAR === #

    @api.model
    @api.readonly
    def get_spread(self, metric_id, year, totals):
        """Return what each month gets of a year's targets, by the season of the last twelve complete months.

        The season is the customer's own where it bought in at least six of those months, else that of all customers
        together; without any, the months get the same. The months add up to the year exactly.

        :param totals: list of [customer id, target of the year]
        :return: {customer id: list of twelve amounts}; nothing is saved
        """
        metric = self._grid_metric(metric_id)
        totals = {int(customer_id): float(total) for customer_id, total in totals}
        customers = self.env["res.partner"].browse(totals).exists()
        customers.check_access("read")
        customers = customers._filtered_customer_figures_visible()
        months = self._season_months(int(year))
        first, end = min(months), max(months) + relativedelta(months=1)
        own = metric._month_values(customers, first, end) if customers else {}
        everybody = None
        rounding = metric._target_rounding()
        result = {}
        for customer in customers:
            weights = season(own.get(customer.id, {}), months)
            if sum(weight > 0 for weight in weights) < SEASON_MONTHS_MIN:
                if everybody is None:
                    everybody = self._season_of_all(metric, months)
                weights = everybody
            result[customer.id] = spread(totals[customer.id], weights, rounding)
        return result

    @api.model
    def _season_months(self, year):
        """Return, for each month of a year to be planned, the same month of the last year in which it is complete."""
        present = self.env.company._customer_today().replace(day=1)
        months = []
        for month in self._months_of(year):
            month -= relativedelta(years=1)
            while month >= present:
                month -= relativedelta(years=1)
            months.append(month)
        return months

    @api.model
    def _season_of_all(self, metric, months):
        """Return what all customers of the company together come to in each of the months: one query."""
        total = {}
        for by_month in metric._month_values(None, min(months), max(months) + relativedelta(months=1)).values():
            for month, value in by_month.items():
                total[month] = total.get(month, 0) + (value or 0)
        return season(total, months)

    # === SAVING === #

    @api.model
    def save_grid(self, metric_id, cells):
        """Write the cells that were changed in the grid, all or none: a constant number of queries.

        :param cells: list of dicts: ``partner_id``, ``month`` (first day), ``amount`` (null deletes the target) and
            ``was``, the amount that the user saw
        :return: dict with the number of targets ``created``, ``changed`` and ``deleted``
        :raise UserError: when somebody else changed a cell meanwhile
        """
        metric = self._grid_metric(metric_id)
        if len(cells) > CELLS_MAX:
            raise UserError(
                self.env._(
                    "%(count)s cells at once are too many: save %(most)s at most.", count=len(cells), most=CELLS_MAX
                )
            )
        wanted = {}
        for cell in cells:
            key = (int(cell["partner_id"]), fields.Date.to_date(cell["month"]).replace(day=1))
            wanted[key] = cell
        return self._write_cells(metric, wanted)

    @api.model
    def _write_cells(self, metric, wanted):
        """Write {(customer id, month): dict with amount, and was where a change by others counts}."""
        if not wanted:
            return {"created": 0, "changed": 0, "deleted": 0}
        rounding = metric._target_rounding()
        existing = self._existing(metric, wanted)
        self._check_not_changed(existing, wanted, rounding)
        new, deleted, changed = [], self.browse(), {}
        for key, cell in wanted.items():
            target, amount = existing.get(key), cell["amount"]
            if amount is None:
                deleted |= target or self.browse()
                continue
            amount = float_round(float(amount), precision_rounding=rounding)
            if not target:
                new.append({"partner_id": key[0], "metric_id": metric.id, "month": key[1], "amount": amount})
            elif not float_is_zero(target.amount - amount, precision_rounding=rounding):
                changed[target] = amount
        # Access is looked at once for all: each write would ask again.
        self.browse().union(*changed).check_access("write")
        for target, amount in changed.items():
            target.sudo().amount = amount
        self.create([{**vals, "company_id": self.env.company.id} for vals in new])
        deleted.unlink()
        return {"created": len(new), "changed": len(changed), "deleted": len(deleted)}

    @api.model
    def _existing(self, metric, keys):
        """Return {(customer id, month): target} of those that exist among the keys."""
        customer_ids, months = {customer_id for customer_id, _month in keys}, {month for _customer, month in keys}
        targets = self.search_fetch(
            Domain("company_id", "=", self.env.company.id)
            & Domain("metric_id", "=", metric.id)
            & Domain("partner_id", "in", list(customer_ids))
            & Domain("month", "in", list(months)),
            ["partner_id", "month", "amount"],
        )
        return {(target.partner_id.id, target.month): target for target in targets}

    @api.model
    def _check_not_changed(self, existing, wanted, rounding):
        """Raise when a cell no longer holds what the user saw."""
        others = []
        for key, cell in wanted.items():
            if "was" not in cell:
                continue
            target = existing.get(key)
            seen, present = cell["was"], target.amount if target else None
            if (seen is None) != (present is None) or (
                seen is not None and not float_is_zero(float(seen) - present, precision_rounding=rounding)
            ):
                others.append(key)
        if others:
            names = self.env["res.partner"].browse({customer_id for customer_id, _month in others[:10]})
            raise UserError(
                self.env._(
                    "Somebody else changed targets of %(customers)s meanwhile; nothing was saved. "
                    "Load the page again and enter yours anew.",
                    customers=", ".join(names.mapped("display_name")),
                )
            )
