from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL


class CustomerMetric(models.Model):
    _inherit = "customer.metric"

    # === QUERIES === #

    @api.model
    def _receivable_open(self, customers, date_to):
        """Return {customer id: (receivable, overdue, due date of the oldest overdue line)} at the end of the day
        before date_to, in company currency: one query.

        Who has nothing on a receivable account is missing. For a day in the past the residuals are taken back to what
        they were.
        """

        def query():
            self._receivable_flush()
            today = date_to - timedelta(days=1)
            lines = self._receivable_open_sql(customers)
            if today < self.env.company._customer_today():
                parts = [
                    SQL("SELECT * FROM (%s) line WHERE date < %s", part, date_to)
                    for part in (lines, *self._receivable_settled_sql(customers, date_to))
                ]
                lines = SQL(
                    "SELECT partner_id, id, date_maturity, SUM(residual) AS residual FROM (%s) part GROUP BY 1, 2, 3",
                    SQL(" UNION ALL ").join(parts),
                )
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id,
                           SUM(residual),
                           SUM(residual) FILTER (WHERE residual > 0 AND date_maturity < %(today)s),
                           MIN(date_maturity) FILTER (WHERE residual > 0 AND date_maturity < %(today)s)
                      FROM (%(lines)s) receivable
                  GROUP BY partner_id
                    """,
                    today=today,
                    lines=lines,
                )
            )
            return {
                partner_id: (float(receivable), float(overdue or 0), oldest)
                for partner_id, receivable, overdue, oldest in rows
            }

        return self._once(("receivable_open", customers._ids, date_to), query)

    @api.model
    def _receivable_open_sql(self, customers):
        """Return the query of the open lines of customers, with what is open of them today."""
        return SQL(
            """
            SELECT customer.commercial_partner_id AS partner_id,
                   line.id,
                   line.date,
                   line.date_maturity,
                   line.amount_residual AS residual
              FROM res_partner customer
              JOIN account_move_line line ON line.partner_id = customer.id
              JOIN account_account account ON account.id = line.account_id
             WHERE customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))
               AND line.company_id = %s
               AND %s
            """,
            customers.ids,
            self.env.company.id,
            self.env["res.partner"]._open_receivable_sql("line", "account"),
        )

    @api.model
    def _receivable_settled_sql(self, customers, date_to):
        """Return the queries of what was reconciled on date_to or later: added to what is open, it gives what was open
        on the eve of that day."""
        return [
            SQL(
                """
                SELECT customer.commercial_partner_id AS partner_id,
                       line.id,
                       line.date,
                       line.date_maturity,
                       %s * partial.amount AS residual
                  FROM res_partner customer
                  JOIN account_move_line line ON line.partner_id = customer.id
                  JOIN account_account account ON account.id = line.account_id
                  JOIN account_partial_reconcile partial ON %s = line.id
                 WHERE customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))
                   AND line.company_id = %s
                   AND line.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND %s
                """,
                sign,
                side,
                customers.ids,
                self.env.company.id,
                self.env["customer.receivable.report"]._settled_later_sql("partial", date_to),
            )
            for sign, side in ((1, SQL("partial.debit_move_id")), (-1, SQL("partial.credit_move_id")))
        ]

    @api.model
    def _receivable_known(self, customers, date_to):
        """Return the set of the customers that had anything on a receivable account before date_to: one query."""

        def query():
            self._receivable_flush()
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT customer.commercial_partner_id
                      FROM res_partner customer
                     WHERE customer.commercial_partner_id IN (SELECT UNNEST(%s::integer[]))
                       AND EXISTS (
                        SELECT 1
                          FROM account_move_line line
                          JOIN account_account account ON account.id = line.account_id
                         WHERE line.partner_id = customer.id
                           AND line.company_id = %s
                           AND line.parent_state = 'posted'
                           AND line.date < %s
                           AND account.account_type = 'asset_receivable'
                       )
                    """,
                    customers.ids,
                    self.env.company.id,
                    date_to,
                )
            )
            return {partner_id for (partner_id,) in rows}

        return self._once(("receivable_known", customers._ids, date_to), query)

    @api.model
    def _receivable_punctuality(self, customers, date_to, months):
        """Return {customer id: (due, paid on time, amount x days late)} of what fell due in the window: one query.

        Every part of a receivable counts with its amount, in company currency, and with the day on which it was paid;
        what is still unpaid at the end of the day before date_to counts as late until then. What credit notes took
        back was not due. Early payments are not late, and do not make up for late ones.
        """

        def query():
            self._receivable_flush()
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, SUM(amount), SUM(amount) FILTER (WHERE late = 0), SUM(amount * late)
                      FROM (%s) part
                  GROUP BY partner_id
                    HAVING SUM(amount) > 0
                    """,
                    self.env["customer.payment.report"]._parts_sql(
                        date_to, self.env.company, customers.ids, date_to - relativedelta(months=months)
                    ),
                )
            )
            return {
                partner_id: (float(due), float(on_time or 0), float(amount_days))
                for partner_id, due, on_time, amount_days in rows
            }

        return self._once(("receivable_punctuality", customers._ids, date_to, months), query)

    def _receivable_flush(self):
        for model_name, field_names in self.env["customer.receivable.report"]._depends.items():
            self.env[model_name].flush_model(field_names)

    def _receivable_or_zero(self, customers, date_to):
        """Return {customer id: (receivable, overdue, oldest due date)}: zeros for who has nothing open any more."""
        found = self._receivable_open(customers, date_to)
        rest = customers.browse(customer_id for customer_id in customers._ids if customer_id not in found)
        known = self._receivable_known(rest, date_to)
        return {**found, **dict.fromkeys(known, (0.0, 0.0, None))}

    # === METRICS === #

    @api.model
    def _metric_receivable(self, customers, date_to, months):
        """Open invoices less open credit notes and payments that were not applied, in company currency."""
        return {
            customer_id: receivable
            for customer_id, (receivable, _overdue, _oldest) in self._receivable_or_zero(customers, date_to).items()
        }

    @api.model
    def _metric_overdue(self, customers, date_to, months):
        """Open receivables whose due date is past, in company currency; open credits are not deducted."""
        return {
            customer_id: overdue
            for customer_id, (_receivable, overdue, _oldest) in self._receivable_or_zero(customers, date_to).items()
        }

    @api.model
    def _metric_overdue_days(self, customers, date_to, months):
        """Days since the due date of the oldest overdue receivable; zero where nothing is overdue."""
        today = date_to - timedelta(days=1)
        return {
            customer_id: (today - oldest).days if oldest else 0
            for customer_id, (_receivable, _overdue, oldest) in self._receivable_or_zero(customers, date_to).items()
        }

    @api.model
    def _metric_days_late(self, customers, date_to, months):
        """Average days late of what fell due in the window, weighted by amount."""
        return {
            customer_id: amount_days / due
            for customer_id, (due, _on_time, amount_days) in self._receivable_punctuality(
                customers, date_to, months
            ).items()
        }

    @api.model
    def _metric_on_time(self, customers, date_to, months):
        """Part of what fell due in the window that was paid by its due date, in per cent of the amount."""
        return {
            customer_id: 100 * on_time / due
            for customer_id, (due, on_time, _amount_days) in self._receivable_punctuality(
                customers, date_to, months
            ).items()
        }
