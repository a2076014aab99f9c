from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from . import judging

CHURN_AMBER = 5.0
CHURN_RED = 1.0
CHURN_DAYS = 120
BASE_MONTHS = 12
PURCHASES_EXPECTED = 3
PURCHASES_CHANCE = 0.05


class WarningRule(models.Model):
    _inherit = "warning.rule"

    def _evaluate(self, customers, date_to):
        """Judge customers of the present company by the figures at the end of the day before a day.

        The number of queries does not depend on the customers.

        :param customers: commercial entities, by ascending id
        :param date date_to: first day that no longer counts
        :return: {customer id: (level, reason, figures)}: level "red", "amber" or None; figures a dict that fits in
            JSON, from which :meth:`_sentence` explains the level. Customers of whom nothing is known are missing: an
            open case of theirs is neither confirmed nor cleared
        """
        self.ensure_one()
        rule = self.sudo()
        if not customers or rule.kind == "incident":
            return {}
        if rule.kind == "evaluator":
            return getattr(rule, f"_evaluate_{rule.evaluator}")(customers, date_to)
        return rule._evaluate_metric(customers, date_to)

    @api.model
    def _metrics(self):
        """Return customer.metric such that its calls share their queries: those of a rule, or of a whole night."""
        metric = self.env["customer.metric"].sudo()
        return metric if metric.env.context.get("customer_metric_results") else metric._sharing()

    def _at_risk(self, customers, date_to):
        """Return {customer id: what is at stake, in company currency, or None}, for new cases of the present company.

        For rules on receivables what the customers owe, else their sales of the twelve months before a day.
        """
        self.ensure_one()
        owed = self.kind == "metric" and self.metric_id.source == "receivable"
        code = "receivable" if owed else "sales"
        return self._metrics()._values(customers, [code], date_to, BASE_MONTHS)[code]

    # === A FIGURE AND BOUNDS === #

    def _evaluate_metric(self, customers, date_to):
        """Compare a metric with two bounds: fixed ones, or ones that lie off another figure or the own average."""
        metric = self._metrics()
        code = self.metric_id.code
        values = metric._values(customers, [code], date_to, self.months)[code]
        bases = self._bases(customers, date_to, values, metric)
        bounds_of = self._bounds_of_base()
        comparison, threshold = self.comparison, self.threshold
        other = self.threshold_metric_id.code or False
        shares = {"red": self.red, "amber": self.amber, None: self.red if self.amber_off else self.amber}
        found = {}
        for customer_id, value in values.items():
            base = None if bases is None else bases.get(customer_id)
            if value is None or (base is None and bases is not None):
                continue
            amber, red = bounds_of(base)
            level = judging.level(value, comparison, amber, red)
            bound = red if level == "red" or amber is None else amber
            figures = {"metric": code, "value": value, "bound": bound, "comparison": comparison}
            if base is not None:
                figures["base"] = base[0] if threshold == "ranges" else base
                figures["threshold"] = threshold
                figures["threshold_metric"] = other
                figures["share"] = shares[level]
            found[customer_id] = (level, "bound", figures)
        return found

    def _bases(self, customers, date_to, values, metric):
        """Return {customer id: what the bounds lie off}, or None for fixed bounds.

        For mean moving ranges it is a pair: average and mean moving range.
        """
        if self.threshold == "constant":
            return None
        if self.threshold == "metric":
            code = self.threshold_metric_id.code
            return metric._values(customers, [code], date_to, self.months)[code]
        code = self.metric_id.code
        history = [
            metric._values(customers, [code], date_to - relativedelta(months=back), self.months)[code]
            for back in range(self.history_months, 0, -1)
        ]
        bases = {}
        for customer_id in values:
            known = [past[customer_id] for past in history if past[customer_id] is not None]
            if len(known) < 3:
                continue
            average = judging.mean(known)
            bases[customer_id] = average if self.threshold == "percent" else (average, judging.moving_range(known))
        return bases

    def _bounds_of_base(self):
        """Return the function that gives (amber, red) as values of the figure, of what the bounds lie off.

        An amber that does not exist is None.
        """
        sign = 1 if self.comparison == "above" else -1
        scale = {
            "constant": lambda base, bound: bound,
            "metric": lambda base, bound: base * bound / 100,
            "percent": lambda base, bound: base + sign * abs(base) * bound / 100,
            "ranges": lambda base, bound: base[0] + sign * base[1] * bound,
        }[self.threshold]
        amber, red = self.amber, self.red
        if self.amber_off:
            return lambda base: (None, scale(base, red))
        return lambda base: (scale(base, amber), scale(base, red))

    # === EVALUATORS === #

    def _evaluate_churn(self, customers, date_to):
        """Silence that does not fit the customer's rhythm (W4).

        Amber below 5 % of silence probability; red below 1 %, or after 120 days. Only customers with four purchase
        days, of whom the metric knows a probability, and who bought within the window: who left before is lost.
        """
        codes = ("silence_probability", "days_since_order", "usual_interval", "average_monthly_sales")
        metric = self._metrics()
        metric._fetch_trade(customers, date_to, [BASE_MONTHS])
        values = metric._values(customers, codes, date_to, BASE_MONTHS)
        longest = (date_to - (date_to - relativedelta(months=self.months))).days
        found = {}
        for customer_id in customers._ids:
            probability, days, interval, monthly = (values[code][customer_id] for code in codes)
            if probability is None or days >= longest:
                continue
            level = judging.level(probability, "below", CHURN_AMBER, CHURN_RED)
            if days > CHURN_DAYS:
                level = "red"
            figures = {"days": days, "interval": interval, "probability": probability, "monthly": monthly}
            found[customer_id] = (level, "churn", figures)
        return found

    def _evaluate_same_period(self, customers, date_to):
        """Sales per working day of the window against those of the same window a year earlier (W2).

        Near the Chinese new year the window of the year before is the one that lies as far from its festival.
        Alarming when the fall in per cent exceeds the bounds. No data without sales a year earlier.
        """
        Metric = self._metrics()
        company = self.env.company
        date_from = date_to - relativedelta(months=self.months)
        shift = judging.lunar_shift(date_from, date_to)
        step = timedelta(days=shift) if shift else relativedelta(years=1)
        before_from, before_to = date_from - step, date_to - step
        working = company._customer_working_days(min(before_from, date_from), date_to)
        days, before_days = working.count(date_from, date_to), working.count(before_from, before_to)
        if not days or not before_days:
            return {}
        now = Metric._trade(customers, date_from, date_to)
        before = Metric._trade(customers, before_from, before_to)
        found = {}
        for customer_id, (sales, *_rest) in before.items():
            if sales <= 0:
                continue
            present = now[customer_id][0] if customer_id in now else 0.0
            expected = sales * days / before_days
            fall = 100 - 100 * present / expected
            level = judging.level(fall, "above", None if self.amber_off else self.amber, self.red)
            figures = {
                "sales": present,
                "expected": expected,
                "before": sales,
                "fall": fall,
                "days": days,
                "before_days": before_days,
                "shift": shift or 0,
                "months": self.months,
            }
            found[customer_id] = (level, "same_period", figures)
        return found

    def _evaluate_frequency(self, customers, date_to):
        """Purchase days of the window against those that the year before it leads to expect (W2).

        The rate of the year before is one per working day. Alarming when there are fewer by more than the bounds in
        per cent and chance alone would bring so few in less than 5 % of the cases; at least three must be expected.
        """
        Metric = self._metrics()
        company = self.env.company
        date_from = date_to - relativedelta(months=self.months)
        base_from = date_from - relativedelta(months=BASE_MONTHS)
        working = company._customer_working_days(base_from, date_to)
        days, base_days = working.count(date_from, date_to), working.count(base_from, date_from)
        if not days or not base_days:
            return {}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, COUNT(DISTINCT day) FILTER (WHERE day >= %(start)s),
                       COUNT(DISTINCT day) FILTER (WHERE day < %(start)s)
                  FROM (%(purchases)s) purchase
              GROUP BY partner_id
                """,
                start=date_from,
                purchases=Metric._trade_documents(customers, base_from, date_to, amounts=False),
            )
        )
        wanted = set(customers._ids)
        found = {}
        for customer_id, count, base_count in rows:
            expected = base_count * days / base_days
            if customer_id not in wanted or expected < PURCHASES_EXPECTED:
                continue
            fall = 100 - 100 * count / expected
            level = judging.level(fall, "above", None if self.amber_off else self.amber, self.red)
            if level and judging.poisson_tail(count, expected) >= PURCHASES_CHANCE:
                level = None
            figures = {"count": count, "expected": expected, "fall": fall, "months": self.months}
            found[customer_id] = (level, "frequency", figures)
        return found

    def _evaluate_expense_rising(self, customers, date_to):
        """Expense that rose three months in a row, or that leaves the chart of the customer's months (W3).

        Looks at whole months. Three rises are amber; a last month above centre + 2.66 mean moving ranges of the months
        before it is red.
        """
        end = date_to.replace(day=1)
        start = end - relativedelta(months=max(self.history_months, judging.CHART_VALUES) + 1)
        months = []
        while start < end:
            months.append(start)
            start += relativedelta(months=1)
        metric = self.env.ref("customer_metrics.customer_metric_expense").sudo()
        spent = metric._month_values(customers, months[0], end)
        found = {}
        for customer_id, by_month in spent.items():
            first = min(by_month)
            series = [by_month.get(month, 0.0) or 0.0 for month in months if month >= first]
            last, past = series[-1], series[:-1]
            bound = judging.chart_bound(past) if past else None
            rises = judging.rises(series)
            level, reason = None, "expense_rises"
            if bound is not None and last > bound:
                level, reason = "red", "expense_chart"
            elif rises >= judging.RISES:
                level = "amber"
            figures = {"series": series[-judging.RISES - 1 :], "last": last, "bound": bound, "rises": rises}
            found[customer_id] = (level, reason, figures)
        return found

    # === IN WORDS === #

    @api.model
    def _sentence(self, reason, figures, company):
        """Return the reason of a warning as a sentence in the present language.

        Other reasons come with a method ``_sentence_<reason>(figures, company)``.
        """
        method = getattr(self, f"_sentence_{reason}", None)
        return method(figures or {}, company) if method else ""

    @api.model
    def _money(self, amount, company):
        return company.currency_id.format(amount or 0.0)

    @api.model
    def _number(self, value):
        return f"{value:.1f}".removesuffix(".0")

    @api.model
    def _in_unit(self, metric, value, company):
        if metric.unit == "money":
            return self._money(value, company)
        number = self._number(value)
        if metric.unit == "percent":
            return f"{number} %"
        return self.env._("%s days", number) if metric.unit == "days" else number

    @api.model
    def _sentence_bound(self, figures, company):
        by_code = (
            self.env["customer.metric"]
            .sudo()
            .with_context(active_test=False)
            .search([("code", "in", [figures["metric"], figures.get("threshold_metric") or ""])])
            .grouped("code")
        )
        metric = by_code.get(figures["metric"], self.env["customer.metric"])
        value = self._in_unit(metric, figures["value"], company)
        bound = self._in_unit(metric, figures["bound"], company)
        above = figures["comparison"] == "above"
        if "base" not in figures:
            if above:
                return self.env._("%(name)s %(value)s is above %(bound)s.", name=metric.name, value=value, bound=bound)
            return self.env._("%(name)s %(value)s is below %(bound)s.", name=metric.name, value=value, bound=bound)
        base = self._in_unit(metric, figures["base"], company)
        if figures["threshold"] == "metric":
            other = by_code.get(figures["threshold_metric"], self.env["customer.metric"])
            if not figures["base"]:
                return self.env._(
                    "%(name)s %(value)s; %(other)s is zero.", name=metric.name, value=value, other=other.name
                )
            return self.env._(
                "%(name)s %(value)s is %(share)s %% of %(other)s %(base)s.",
                name=metric.name,
                value=value,
                share=self._number(100 * figures["value"] / figures["base"]),
                other=other.name,
                base=base,
            )
        return self.env._(
            "%(name)s %(value)s lies beyond %(bound)s; the customer's own average is %(base)s.",
            name=metric.name,
            value=value,
            bound=bound,
            base=base,
        )

    @api.model
    def _sentence_churn(self, figures, company):
        return self.env._(
            "No purchase for %(days)s days, usually every %(interval)s days: such a silence has a chance of "
            "%(probability)s %%. About %(monthly)s a month are at stake.",
            days=figures["days"],
            interval=self._number(figures["interval"]),
            probability=f"{figures['probability']:.2f}" if figures["probability"] >= 0.005 else "< 0.01",
            monthly=self._money(figures["monthly"], company),
        )

    @api.model
    def _sentence_same_period(self, figures, company):
        return self.env._(
            "Sales of %(months)s months are %(sales)s, %(fall)s %% below the %(expected)s that the same period last "
            "year leads to expect (%(before)s in %(before_days)s working days, now %(days)s).",
            months=figures["months"],
            sales=self._money(figures["sales"], company),
            fall=self._number(figures["fall"]),
            expected=self._money(figures["expected"], company),
            before=self._money(figures["before"], company),
            before_days=figures["before_days"],
            days=figures["days"],
        )

    @api.model
    def _sentence_frequency(self, figures, company):
        return self.env._(
            "%(count)s purchases in %(months)s months, where %(expected)s were to be expected: %(fall)s %% fewer.",
            count=figures["count"],
            months=figures["months"],
            expected=self._number(figures["expected"]),
            fall=self._number(figures["fall"]),
        )

    @api.model
    def _sentence_expense_rises(self, figures, company):
        return self.env._(
            "Expense rose %(rises)s months in a row: %(series)s.",
            rises=figures["rises"],
            series=" → ".join(self._money(amount, company) for amount in figures["series"]),
        )

    @api.model
    def _sentence_expense_chart(self, figures, company):
        return self.env._(
            "Expense of the month %(last)s is above %(bound)s, the most that the months before lead to expect.",
            last=self._money(figures["last"], company),
            bound=self._money(figures["bound"], company),
        )

    @api.model
    def _sentence_left(self, _figures, _company):
        return self.env._("The rule no longer looks at this customer.")

    @api.model
    def _sentence_incident(self, figures, company):
        kind = self.env["warning.incident.kind"].sudo().browse(figures["kind_id"]).exists()
        return self.env._("%(kind)s: %(what)s", kind=kind.name or "", what=figures["what"])
