from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from . import pareto

MONTHS = 12


class CustomerKeyAccount(models.Model):
    """A key account: one of the few customers that bring most of the margin (T5).

    Proposed by the 80/20 rule on the margin of the last twelve months, or by hand; confirmed by a director. The focus
    of service comes from ownership and loyalty, see ``customer.service.focus``.
    """

    _name = "customer.key.account"
    _description = "Key Account"
    _inherit = ["customer.standing"]
    _order = "state, rank, id"
    _editable = ("user_id", "review_date", "strategy")

    rank = fields.Integer(
        compute="_compute_figures", store=True, aggregator=None, help="Place by margin when it was proposed; 0: none."
    )
    margin = fields.Monetary(compute="_compute_figures", store=True, help="Margin of the months, in company currency.")
    share = fields.Float(
        "Share (%)", digits=(16, 2), compute="_compute_figures", store=True, help="Of the margin of all customers."
    )
    cumulative = fields.Float(
        "Cumulative Share (%)",
        digits=(16, 2),
        compute="_compute_figures",
        store=True,
        aggregator=None,
        help="Share of this customer and all that bring more.",
    )
    focus_id = fields.Many2one("customer.service.focus", string="Service", compute="_compute_focus_id")
    focus = fields.Text("Focus of Service", compute="_compute_focus_id")
    strategy = fields.Text(help="What we do for and with this customer.", tracking=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, company_id) WHERE state IN ('proposed', 'confirmed')",
        "This customer is a key account, or proposed as one, already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("figures")
    def _compute_figures(self):
        for account in self:
            figures = account.figures or {}
            account.rank = figures.get("rank") or 0
            account.margin = figures.get("margin") or 0.0
            account.share = figures.get("share") or 0.0
            account.cumulative = figures.get("cumulative") or 0.0

    @api.depends("partner_id.customer_ownership", "partner_id.customer_loyalty")
    @api.depends_context("lang")
    def _compute_focus_id(self):
        cells = {(cell.ownership, cell.loyalty): cell for cell in self.env["customer.service.focus"].search([])}
        for account in self:
            cell = cells.get((account.partner_id.customer_ownership, account.partner_id.customer_loyalty))
            account.focus_id = cell
            account.focus = cell and cell.focus

    # === BUSINESS METHODS === #

    @api.model
    def _places(self, company, value_share=80, customer_share=20):
        """Return (places of all customers of a company by margin, {customer id: pareto.Place}; the day they are of).

        The margin is the metric's, of the last twelve complete months.
        """
        date_to = company._customer_today().replace(day=1)
        traded = (
            self.env["customer.trade.report"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("date", ">=", fields.Date.subtract(date_to, months=MONTHS)),
                ],
                ["partner_id"],
            )
        )
        customers = self.env["res.partner"].sudo().union(*(partner for (partner,) in traded))
        values = (
            self.env["customer.metric"]
            .sudo()
            .with_company(company)
            ._values(customers, ["margin"], date_to=date_to, months=MONTHS)["margin"]
            if customers
            else {}
        )
        return pareto.places(values, value_share, customer_share), date_to

    @api.model
    def _measure(self, customers, company):
        places, date_to = self._places(company)
        total = sum(place.amount for place in places.values())
        return {
            customer_id: {
                "date_to": fields.Date.to_string(date_to),
                "months": MONTHS,
                "customers": len(places),
                **(
                    {
                        "rank": place.rank,
                        "margin": place.amount,
                        "share": 100 * place.amount / total,
                        "cumulative": place.cumulative,
                    }
                    if (place := places.get(customer_id))
                    else {}
                ),
            }
            for customer_id in customers.ids
        }

    def _why(self, figures):
        if not figures:
            return ""
        date = format_date(self.env, fields.Date.subtract(fields.Date.to_date(figures["date_to"]), days=1))
        if "rank" not in figures:
            return self.env._("No margin in the %(months)s months up to %(date)s.", months=figures["months"], date=date)
        return self.env._(
            "Rank %(rank)s of %(customers)s by margin in the %(months)s months up to %(date)s: %(margin)s, %(share)s "
            "%% of all; with those before it %(cumulative)s %%.",
            rank=figures["rank"],
            customers=figures["customers"],
            months=figures["months"],
            date=date,
            margin=format_amount(self.env, figures["margin"], self.company_id.currency_id),
            share=f"{figures['share']:.2f}",
            cumulative=f"{figures['cumulative']:.2f}",
        )

    @api.model
    def _propose_by_rule(self, company, value_share=80, customer_share=20):
        """Propose who brings most of the margin (80/20), see :func:`pareto.places`; return the new proposals."""
        places, _date_to = self._places(company, value_share, customer_share)
        few = [customer_id for customer_id, place in places.items() if place.within]
        return self._propose(self.env["res.partner"].browse(few), company)
