from odoo import fields, models
from odoo.tools import SQL


class DealerContractMissing(models.Model):
    """Customers that bought in the last twelve months and have no contract in force (D8), by company.

    A customer is a commercial entity with all its branches.
    """

    _name = "dealer.contract.missing"
    _description = "Customer Without Contract"
    _auto = False
    _order = "amount desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    order_count = fields.Integer("Orders", readonly=True, help="Confirmed in the last twelve months.")
    last_order = fields.Datetime(readonly=True)
    amount = fields.Monetary(
        "Ordered", readonly=True, help="In the last twelve months, without taxes, in company currency."
    )
    last_day = fields.Date("Contract Until", readonly=True, help="Last day of the latest contract that has ended.")
    status = fields.Selection(
        [("never", "Never Had One"), ("ended", "Ended"), ("coming", "On the Way")],
        readonly=True,
        help="On the way: a contract is being written, approved or signed.",
    )

    _depends = {
        "sale.order": ["state", "company_id", "partner_id", "date_order", "amount_untaxed", "currency_rate"],
        "dealer.contract": ["state", "company_id", "partner_id", "date_start", "date_end", "date_terminated"],
        "res.partner": ["commercial_partner_id", "user_id"],
        "res.company": ["currency_id", "partner_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            WITH today AS (
                SELECT company.id AS company_id, company.currency_id,
                       (NOW() AT TIME ZONE COALESCE(contact.tz, 'UTC'))::date AS day
                  FROM res_company company
                  JOIN res_partner contact ON contact.id = company.partner_id
            ),
            trade AS (
                SELECT sale.company_id, customer.commercial_partner_id AS partner_id, COUNT(*) AS order_count,
                       MAX(sale.date_order) AS last_order, MAX(sale.id) AS id,
                       SUM(ROUND(sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1), 2)) AS amount
                  FROM sale_order sale
                  JOIN res_partner customer ON customer.id = sale.partner_id
                 WHERE sale.state = 'sale' AND sale.date_order >= NOW() AT TIME ZONE 'UTC' - INTERVAL '12 months'
              GROUP BY sale.company_id, customer.commercial_partner_id
            ),
            contract AS (
                SELECT contract.company_id, contract.partner_id,
                       BOOL_OR(contract.state IN ('filed', 'in_force') AND contract.date_start <= today.day
                               AND contract.date_end > today.day) AS in_force,
                       BOOL_OR(contract.state IN ('draft', 'review', 'approved', 'sent', 'signed')
                               OR contract.state = 'filed' AND contract.date_start > today.day) AS coming,
                       MAX(COALESCE(contract.date_terminated, contract.date_end)) FILTER (
                           WHERE contract.state IN ('filed', 'in_force', 'expired', 'terminated')
                             AND COALESCE(contract.date_terminated, contract.date_end) <= today.day
                       ) - 1 AS last_day
                  FROM dealer_contract contract
                  JOIN today ON today.company_id = contract.company_id
              GROUP BY contract.company_id, contract.partner_id
            )
            SELECT trade.id, trade.company_id, today.currency_id, trade.partner_id, firm.user_id,
                   trade.order_count::integer, trade.last_order, trade.amount, contract.last_day,
                   CASE WHEN contract.coming THEN 'coming' WHEN contract.last_day IS NULL THEN 'never' ELSE 'ended'
                   END AS status
              FROM trade
              JOIN today ON today.company_id = trade.company_id
              JOIN res_partner firm ON firm.id = trade.partner_id
         LEFT JOIN contract ON contract.company_id = trade.company_id AND contract.partner_id = trade.partner_id
             WHERE contract.in_force IS NOT TRUE
            """
        )

    def action_make_contract(self):
        """Draft a contract with the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "dealer.contract",
            "view_mode": "form",
            "context": {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id},
        }

    def action_orders(self):
        """Open the orders of the last twelve months."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        since = fields.Datetime.subtract(fields.Datetime.now(), months=12)
        return {
            **action,
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("state", "=", "sale"),
                ("date_order", ">=", since),
            ],
            "context": {"create": False},
        }
