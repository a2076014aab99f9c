from odoo import fields, models
from odoo.tools import SQL

DAYS = 100000
YEARS = 2


class CreditHeldReport(models.Model):
    """What was held for credit, day by day: one row per hold and day, from when it was held until it was decided.

    Rows reach back two years. Days are those of the company's time zone; amounts are in company currency.
    """

    _name = "credit.held.report"
    _description = "Value Held for Credit"
    _auto = False
    _order = "day desc, id desc"
    _rec_name = "order_id"

    day = fields.Date(readonly=True)
    hold_id = fields.Many2one("sale.order.hold", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    value = fields.Monetary(
        string="Held in the Evening",
        readonly=True,
        aggregator="avg",
        help="Of several days together: the average over the days on which something was held.",
    )
    entered = fields.Monetary(string="Newly Held", readonly=True, aggregator="sum")
    released = fields.Monetary(readonly=True, aggregator="sum")
    refused = fields.Monetary(readonly=True, aggregator="sum")
    lapsed = fields.Monetary(readonly=True, aggregator="sum", help="Changed, cancelled or passed without a decision.")

    _depends = {
        "res.company": ["currency_id", "partner_id"],
        "res.partner": ["tz"],
        "sale.order.hold": [
            "amount",
            "company_id",
            "decision_date",
            "keeper",
            "order_id",
            "partner_id",
            "state",
            "team_id",
            "user_id",
        ],
    }

    @property
    def _table_query(self):
        # A hold that lapsed is written for the last time when it lapses.
        return SQL(
            """
            SELECT hold.id::bigint * %(days)s + (d.day - DATE '2000-01-01') AS id,
                   d.day,
                   hold.id AS hold_id,
                   hold.order_id,
                   hold.company_id,
                   hold.currency_id,
                   hold.partner_id,
                   hold.user_id,
                   hold.team_id,
                   CASE WHEN hold.state = 'held' OR d.day < hold.last_day THEN hold.amount ELSE 0 END AS value,
                   CASE WHEN d.day = hold.first_day THEN hold.amount ELSE 0 END AS entered,
                   CASE WHEN hold.state = 'released' AND d.day = hold.last_day THEN hold.amount ELSE 0 END AS released,
                   CASE WHEN hold.state = 'refused' AND d.day = hold.last_day THEN hold.amount ELSE 0 END AS refused,
                   CASE WHEN hold.state = 'lapsed' AND d.day = hold.last_day THEN hold.amount ELSE 0 END AS lapsed
              FROM (
                SELECT h.id, h.order_id, h.company_id, h.partner_id, h.user_id, h.team_id, h.state, h.amount,
                       company.currency_id,
                       %(first)s AS first_day,
                       GREATEST(%(first)s, CASE WHEN h.state = 'held' THEN %(today)s ELSE %(last)s END) AS last_day,
                       %(today)s - %(reach)s AS since
                  FROM sale_order_hold h
                  JOIN res_company company ON company.id = h.company_id
                  JOIN res_partner contact ON contact.id = company.partner_id
                 WHERE h.keeper = 'credit'
              ) hold
        CROSS JOIN LATERAL (
                SELECT generate_series(
                    GREATEST(hold.first_day, hold.since), hold.last_day, INTERVAL '1 day'
                )::date AS day
              ) d
            """,
            days=DAYS,
            reach=365 * YEARS,
            first=self._day_sql(SQL("h.create_date")),
            last=self._day_sql(SQL("COALESCE(h.decision_date, h.write_date)")),
            today=SQL("(NOW() AT TIME ZONE COALESCE(contact.tz, 'UTC'))::date"),
        )

    def _day_sql(self, moment):
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(contact.tz, 'UTC'))::date", moment)

    def _read_group_select(self, aggregate_spec, query):
        """Of several days together, tell how much was held on a day, not on an order."""
        if aggregate_spec == "value:avg":
            value = self._field_to_sql(self._table, "value", query)
            day = self._field_to_sql(self._table, "day", query)
            return SQL("SUM(%s) / NULLIF(COUNT(DISTINCT %s) FILTER (WHERE %s > 0), 0)", value, day, value)
        return super()._read_group_select(aggregate_spec, query)

    def action_open_hold(self):
        self.ensure_one()
        return self.env["credit.override.report"]._action_hold(self.hold_id)
