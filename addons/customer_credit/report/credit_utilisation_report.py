from odoo import api, fields, models
from odoo.tools import SQL

from ..models.res_partner import SEARCHED

# A customer of a company: one number out of two.
CUSTOMERS = 2**31


class CreditUtilisationReport(models.Model):
    """How far customers have used their limits today: one row per customer that has a credit account or any figure.

    The figures are those of the gate. Amounts are in the currency of the company that keeps the credit; where companies
    share it, their documents are added up.
    """

    _name = "credit.utilisation.report"
    _description = "Credit Utilisation"
    _auto = False
    _order = "exposure desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    grade = fields.Char(readonly=True, help="Grade of the last credit assessment.")
    mode = fields.Selection(
        [("unlimited", "Unlimited"), ("none", "No Credit"), ("amount", "Limit")], string="Credit", readonly=True
    )
    frozen = fields.Boolean(readonly=True)
    over_limit = fields.Boolean(string="Over the Limit", readonly=True)
    band = fields.Selection(
        [
            ("0", "No limit"),
            ("1", "Up to 50 %"),
            ("2", "50 to 80 %"),
            ("3", "80 to 100 %"),
            ("4", "Over the limit"),
        ],
        string="Used Part",
        readonly=True,
    )
    limit_total = fields.Monetary(string="Limit", readonly=True, aggregator="sum", help="Empty where there is none.")
    exposure = fields.Monetary(string="Used", readonly=True, aggregator="sum")
    limited_exposure = fields.Monetary(
        string="Used of Limits", readonly=True, aggregator="sum", help="What customers with a limit use."
    )
    remaining = fields.Monetary(readonly=True, aggregator="sum")
    excess = fields.Monetary(readonly=True, aggregator="sum", help="How far customers are over their limits.")
    overdue = fields.Monetary(readonly=True, aggregator="sum")
    overdue_days = fields.Integer(string="Days Overdue", readonly=True, aggregator="max")
    utilisation = fields.Float(
        string="Used (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="What customers with a limit use, in per cent of their limits together.",
    )

    _depends = {"crm.team.member": ["active", "crm_team_id", "user_id"], "res.partner": ["user_id"]}

    @property
    def _table_query(self):
        # The figures are made of many tables; the exposure engine knows which.
        self.env["res.partner"]._credit_flush()
        companies = self.env.companies.sudo()
        keepers = companies.browse(sorted({company._credit_keeper().id for company in companies}))
        parts = [self._company_query(keeper) for keeper in keepers]
        return SQL(" UNION ALL ").join(SQL("(%s)", part) for part in parts)

    @api.model
    def _company_query(self, keeper):
        settings = self.env["res.company"]._credit_settings(keeper.id)
        limit = SEARCHED["credit_limit_total"]
        over = SQL("e.mode <> 'unlimited' AND e.exposure > %s", limit)
        return SQL(
            """
            SELECT %(keeper)s::bigint * %(customers)s + e.partner_id AS id,
                   %(keeper)s::int AS company_id,
                   %(currency)s::int AS currency_id,
                   e.partner_id,
                   partner.user_id,
                   member.crm_team_id AS team_id,
                   %(grade)s AS grade,
                   e.mode,
                   e.frozen,
                   %(over)s AS over_limit,
                   CASE WHEN e.mode = 'unlimited' THEN '0'
                        WHEN %(over)s THEN '4'
                        WHEN e.exposure > 0.8 * (%(limit)s) THEN '3'
                        WHEN e.exposure > 0.5 * (%(limit)s) THEN '2'
                        ELSE '1'
                   END AS band,
                   CASE WHEN e.mode <> 'unlimited' THEN (%(limit)s)::numeric END AS limit_total,
                   e.exposure::numeric AS exposure,
                   CASE WHEN e.mode <> 'unlimited' THEN e.exposure::numeric END AS limited_exposure,
                   CASE WHEN e.mode <> 'unlimited' THEN ROUND((%(remaining)s)::numeric, %(digits)s) END AS remaining,
                   CASE WHEN %(over)s THEN ROUND(-(%(remaining)s)::numeric, %(digits)s) ELSE 0 END AS excess,
                   e.overdue::numeric AS overdue,
                   e.overdue_days,
                   CASE WHEN e.mode <> 'unlimited' THEN %(utilisation)s END AS utilisation
              FROM (%(exposure)s) e
              JOIN res_partner partner ON partner.id = e.partner_id
         LEFT JOIN LATERAL (
                SELECT m.crm_team_id FROM crm_team_member m
                 WHERE m.user_id = partner.user_id AND m.active ORDER BY m.id LIMIT 1
              ) member ON TRUE
            """,
            keeper=keeper.id,
            customers=CUSTOMERS,
            currency=settings.currency_id,
            grade=self._grade_sql(),
            over=over,
            limit=limit,
            remaining=SEARCHED["credit_remaining"],
            utilisation=SEARCHED["credit_utilisation"],
            digits=settings.digits,
            exposure=self.env["res.partner"]._credit_exposure_sql(settings),
        )

    @api.model
    def _grade_sql(self):
        """Return the SQL of the customer's grade: the hook of what grades them. ``e.account_id`` is the account."""
        if "grade" in self.env["credit.account"]._fields:
            return SQL("(SELECT a.grade FROM credit_account a WHERE a.id = e.account_id)")
        return SQL("NULL::varchar")

    def _read_group_select(self, aggregate_spec, query):
        """Of several customers together the used part is that of their limits together, no average of percentages."""
        if aggregate_spec == "utilisation:avg":
            return SQL(
                "100.0 * SUM(%s)::float8 / NULLIF(SUM(%s)::float8, 0)",
                self._field_to_sql(self._table, "limited_exposure", query),
                self._field_to_sql(self._table, "limit_total", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    def action_open_customer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "view_mode": "form",
            "res_id": self.partner_id.id,
        }
