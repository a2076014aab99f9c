from odoo import api, fields, models
from odoo.tools import SQL


class CreditOverrideReport(models.Model):
    """Orders that were released although credit objected: who, why, for how much (C7). One row per release.

    Amounts are in the currency of the order's company; the excess is in that of the company that keeps the credit.
    """

    _name = "credit.override.report"
    _description = "Credit Overrides"
    _auto = False
    _order = "decision_date desc, id desc"
    _rec_name = "order_id"

    hold_id = fields.Many2one("sale.order.hold", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    credit_currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", readonly=True)
    decision_by = fields.Many2one("res.users", string="Released By", readonly=True)
    decision_date = fields.Datetime(string="Released On", readonly=True)
    decision_code_id = fields.Many2one("sale.order.hold.code", string="Kind of Decision", readonly=True)
    automatic = fields.Boolean(readonly=True, help="Released by the system since the reason was gone.")
    objection = fields.Selection(
        selection=lambda self: self.env["sale.order.hold.reason"]._fields["code"]._description_selection(self.env),
        readonly=True,
        help="The first of the reasons why the order was held.",
    )
    amount = fields.Monetary(string="Order Total", readonly=True, aggregator="sum")
    amount_authorised = fields.Monetary(string="Authorised Amount", readonly=True, aggregator="sum")
    excess = fields.Monetary(
        string="Over the Limit", currency_field="credit_currency_id", readonly=True, aggregator="sum"
    )
    waited = fields.Float(
        string="Days Waited", digits=(16, 1), readonly=True, aggregator="avg", help="From being held to the release."
    )

    _depends = {
        "sale.order.hold": [
            "amount",
            "amount_authorised",
            "automatic",
            "company_id",
            "credit_currency_id",
            "credit_excess",
            "decision_by",
            "decision_code_id",
            "decision_date",
            "keeper",
            "order_id",
            "partner_id",
            "state",
            "team_id",
            "user_id",
        ],
        "sale.order.hold.reason": ["code", "hold_id"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT hold.id,
                   hold.id AS hold_id,
                   hold.order_id,
                   hold.company_id,
                   company.currency_id,
                   COALESCE(hold.credit_currency_id, company.currency_id) AS credit_currency_id,
                   hold.partner_id,
                   hold.user_id,
                   hold.team_id,
                   hold.decision_by,
                   hold.decision_date,
                   hold.decision_code_id,
                   COALESCE(hold.automatic, FALSE) AS automatic,
                   (SELECT reason.code FROM sale_order_hold_reason reason
                     WHERE reason.hold_id = hold.id ORDER BY reason.id LIMIT 1) AS objection,
                   hold.amount,
                   hold.amount_authorised,
                   GREATEST(hold.credit_excess, 0) AS excess,
                   EXTRACT(EPOCH FROM hold.decision_date - hold.create_date) / 86400 AS waited
              FROM sale_order_hold hold
              JOIN res_company company ON company.id = hold.company_id
             WHERE hold.keeper = 'credit' AND hold.state = 'released'
            """
        )

    @api.model
    def _action_hold(self, hold):
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order.hold",
            "view_mode": "form",
            "res_id": hold.id,
        }

    def action_open_hold(self):
        self.ensure_one()
        return self._action_hold(self.hold_id)
