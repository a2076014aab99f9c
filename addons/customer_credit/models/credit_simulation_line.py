from odoo import api, fields, models


class CreditSimulationLine(models.Model):
    """An order that a simulation would have held, by the draft or by the policies in force, as it stood then."""

    _name = "credit.simulation.line"
    _description = "Order of a Credit Simulation"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "order_id"

    simulation_id = fields.Many2one("credit.simulation", required=True, index=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    order_id = fields.Many2one("sale.order", required=True, index=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date("Confirmed On", readonly=True)
    month = fields.Date(readonly=True)
    amount = fields.Monetary(readonly=True, help="What the order used of the limit.")
    credit_limit = fields.Monetary("Limit", readonly=True, aggregator=None, help="Of the draft, on that day.")
    exposure = fields.Monetary(
        "Used", readonly=True, aggregator=None, help="Without this order, when it was confirmed."
    )
    excess = fields.Monetary(readonly=True, help="How far the order brought the customer over the limit of the draft.")
    overdue = fields.Monetary(readonly=True, aggregator=None)
    overdue_days = fields.Integer("Days Overdue", readonly=True, aggregator="max")
    outcome = fields.Selection(
        [("both", "By Both"), ("draft", "By the Draft Only"), ("now", "By the Policies in Force Only")],
        string="Would Be Held",
        readonly=True,
    )
    codes = fields.Char("Codes", readonly=True)
    now_codes = fields.Char("Codes of the Policies in Force", readonly=True)
    reasons = fields.Char("Objections of the Draft", compute="_compute_reasons")
    now_reasons = fields.Char("Objections in Force", compute="_compute_reasons")
    paid_late = fields.Boolean(readonly=True, help="One of its invoices was paid late afterwards, or is late still.")
    days_late = fields.Integer(
        readonly=True, aggregator="avg", help="Most days that one of its invoices was late; empty without invoices."
    )
    held = fields.Integer("Held by the Draft", readonly=True)
    now_held = fields.Integer("Held by the Policies in Force", readonly=True)
    held_late = fields.Integer("Held by the Draft, Paid Late", readonly=True)
    now_late = fields.Integer("Held by the Policies in Force, Paid Late", readonly=True)

    @api.depends("codes", "now_codes")
    @api.depends_context("lang")
    def _compute_reasons(self):
        labels = dict(self.env["sale.order.hold.reason"]._fields["code"]._description_selection(self.env))

        def named(codes):
            return ", ".join(labels.get(code, code) for code in (codes or "").split(",") if code)

        for line in self:
            line.reasons = named(line.codes)
            line.now_reasons = named(line.now_codes)

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }


class CreditSimulationMonth(models.Model):
    """What a simulation came to in one month, of all its orders."""

    _name = "credit.simulation.month"
    _description = "Month of a Credit Simulation"
    _log_access = False
    _order = "month, id"
    _rec_name = "month"

    simulation_id = fields.Many2one("credit.simulation", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    month = fields.Date(required=True, readonly=True)
    orders = fields.Integer(readonly=True)
    amount = fields.Monetary(readonly=True)
    late = fields.Integer("Paid Late", readonly=True)
    late_amount = fields.Monetary("Amount Paid Late", readonly=True)
    held = fields.Integer("Held by the Draft", readonly=True)
    held_amount = fields.Monetary("Amount Held by the Draft", readonly=True)
    held_late = fields.Integer("Held by the Draft, Paid Late", readonly=True)
    held_late_amount = fields.Monetary("Amount Held by the Draft, Paid Late", readonly=True)
    now_held = fields.Integer("Held by the Policies in Force", readonly=True)
    now_amount = fields.Monetary("Amount Held by the Policies in Force", readonly=True)
    now_late = fields.Integer("Held by the Policies in Force, Paid Late", readonly=True)
    now_late_amount = fields.Monetary("Amount Held by the Policies in Force, Paid Late", readonly=True)

    _simulation_month_unique = models.UniqueIndex("(simulation_id, month)")
