from odoo import api, fields, models
from odoo.tools import SQL


class CustomerTierMembership(models.Model):
    _inherit = "customer.tier.membership"

    @api.model
    def _main_sql(self):
        """Return the query of (company_id, partner_id, tier_id): the class in the first scheme that gives one, as
        ``res.partner.customer_tier_id`` shows it."""
        return SQL(
            """
            SELECT DISTINCT ON (membership.company_id, membership.partner_id)
                   membership.company_id, membership.partner_id, membership.tier_id
              FROM customer_tier_membership membership
              JOIN customer_tier_scheme scheme ON scheme.id = membership.scheme_id AND scheme.active
             WHERE membership.tier_id IS NOT NULL
          ORDER BY membership.company_id, membership.partner_id, scheme.sequence, scheme.id
            """
        )


class CustomerAnalysisReport(models.Model):
    """Customer trade by what the customers are: class, nature, ownership, loyalty (P4).

    One row per company, customer, month and salesperson, with the figures of ``customer.trade.report``. What the
    customer is, is as of today. Who reads it sees all documents of the company.
    """

    _name = "customer.analysis.report"
    _description = "Customer Analysis"
    _auto = False
    _order = "date desc, margin desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, aggregator="count_distinct")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date("Month", readonly=True, help="First day of the month.")
    tier_id = fields.Many2one("customer.tier", string="Class", readonly=True, help="The customer's class today.")
    nature = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_nature"]._description_selection(self.env),
        readonly=True,
    )
    ownership = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_ownership"]._description_selection(self.env),
        readonly=True,
    )
    loyalty = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["customer_loyalty"]._description_selection(self.env),
        readonly=True,
    )
    key_account = fields.Boolean("Is Key Account", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    sales = fields.Monetary(readonly=True, help="Untaxed, in company currency, credit notes deducted.")
    cost = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True)
    margin_rate = fields.Float(
        "Margin (%)", digits=(16, 2), readonly=True, aggregator="avg", help="Margin of the group by its sales."
    )

    _depends = {
        "customer.trade.report": ["company_id", "partner_id", "user_id", "date", "sales", "cost", "margin"],
        "customer.tier.membership": ["company_id", "partner_id", "scheme_id", "tier_id"],
        "customer.tier.scheme": ["active", "sequence"],
        "customer.key.account": ["company_id", "partner_id", "state"],
        "res.partner": ["customer_nature", "customer_ownership", "customer_loyalty"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT trade.id, trade.company_id, trade.currency_id, trade.partner_id, trade.user_id, trade.date,
                   main.tier_id,
                   partner.customer_nature AS nature,
                   partner.customer_ownership AS ownership,
                   partner.customer_loyalty AS loyalty,
                   account.id IS NOT NULL AS key_account,
                   trade.order_count, trade.sales, trade.cost, trade.margin,
                   100 * trade.margin / NULLIF(trade.sales, 0) AS margin_rate
              FROM (%(trade)s) trade
              JOIN res_partner partner ON partner.id = trade.partner_id
         LEFT JOIN (%(main)s) main ON main.partner_id = trade.partner_id AND main.company_id = trade.company_id
         LEFT JOIN customer_key_account account ON account.partner_id = trade.partner_id
                   AND account.company_id = trade.company_id AND account.state = 'confirmed'
            """,
            trade=self.env["customer.trade.report"]._table_query,
            main=self.env["customer.tier.membership"]._main_sql(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """A rate of a group is that of its sums, not the mean of its rows' rates."""
        if aggregate_spec != "margin_rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        margin, sales = (self._field_to_sql(self._table, name, query) for name in ("margin", "sales"))
        return SQL("100 * SUM(%s) / NULLIF(SUM(%s), 0)", margin, sales)
