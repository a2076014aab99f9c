from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ComplaintReturnPolicy(models.Model):
    """Which returns are accepted without asking (A1): within a window of days since the delivery, and within caps on
    quantity, value and frequency per period. The most special policy holds: for a category before for all products,
    of a company before of all. A bridge adds the class of the customer. A cap of zero is none."""

    _name = "complaint.return.policy"
    _description = "Return Policy"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", ondelete="cascade", help="Empty: every company.")
    categ_id = fields.Many2one(
        "product.category", string="Product Category", ondelete="cascade", help="With those below it; empty: all."
    )
    days = fields.Integer(
        "Window (Days)", required=True, default=30, tracking=True, help="Days from the delivery to the complaint."
    )
    max_share = fields.Float(
        "Share of the Delivery (%)", tracking=True, help="Per cent, 0 to 100, of what the order line delivered."
    )
    period_days = fields.Integer("Period (Days)", required=True, default=90, tracking=True)
    max_quantity = fields.Float("Quantity per Period", tracking=True, help="Of all products under this policy.")
    max_value = fields.Float(
        "Value per Period", tracking=True, help="In company currency, at the price of the order, taxes included."
    )
    max_count = fields.Integer("Returns per Period", tracking=True, help="Complaints with a return.")
    active = fields.Boolean(default=True)

    _positive = models.Constraint(
        "CHECK (days >= 0 AND period_days > 0 AND max_share >= 0 AND max_quantity >= 0 AND max_value >= 0"
        " AND max_count >= 0)",
        "Windows and caps are not below zero; the period is at least one day.",
    )

    # === HOOKS === #

    def _specificity(self):
        """Return the key by which the most special policy wins: hook for bridges."""
        self.ensure_one()
        return (len((self.categ_id.parent_path or "").split("/")), bool(self.company_id))

    def _applies_to(self, customer, product):
        """Tell whether a policy holds for a customer and a product: hook for bridges (class of the customer)."""
        self.ensure_one()
        path = (product.categ_id.parent_path or "").split("/")
        return not self.categ_id or str(self.categ_id.id) in path

    # === THE VERDICT === #

    @api.model
    def _policy_for(self, customer, company, product):
        """Return the policy of a customer for a product; empty where there is none, and all is accepted."""
        candidates = self.sudo().search(Domain("company_id", "in", [company.id, False]))
        fitting = candidates.filtered(lambda policy: policy._applies_to(customer, product))
        if not fitting:
            return fitting
        return max(fitting, key=lambda policy: (policy._specificity(), -policy.sequence, -policy.id))

    def _problems(self, remedy):
        """Return sentences, with the figures, about what in a return lies outside this policy."""
        self.ensure_one()
        complaint = remedy.complaint_id
        order_line = remedy.order_line_id
        problems = []
        delivered_on = order_line._complaint_delivered_on().get(order_line.id)
        if not delivered_on:
            return [self.env._("no delivery is known")]
        company = complaint.company_id
        age = (complaint.received_on - delivered_on).days
        if age > self.days:
            problems.append(
                self.env._(
                    "delivered on %(date)s, %(age)s days before the complaint; the window is %(days)s days",
                    date=fields.Date.to_string(delivered_on.date()),
                    age=age,
                    days=self.days,
                )
            )
        delivered = order_line._complaint_balance()[order_line.id].delivered
        share = 100 * remedy.quantity / delivered if delivered else 100.0
        if self.max_share and share > self.max_share:
            problems.append(
                self.env._("%(share).1f %% of the delivery; accepted are %(cap).1f %%", share=share, cap=self.max_share)
            )
        past = self.env["complaint.remedy"].search(
            Domain("kind", "=", "return")
            & Domain("state", "in", ["approved", "done"])
            & Domain("complaint_id.partner_id", "=", complaint.partner_id.id)
            & Domain("complaint_id.company_id", "=", company.id)
            & Domain("complaint_id", "not in", (complaint._origin or complaint).ids)
            & Domain("complaint_id.decided_on", ">=", complaint.received_on - timedelta(days=self.period_days))
        )
        same = complaint.remedy_ids.filtered(lambda other: other.kind == "return" and other.state != "cancelled")
        covered = (past | same).filtered(
            lambda other: self._applies_to(other.complaint_id.partner_id, other.product_id)
        )
        checks = [
            (self.max_quantity, sum(covered.mapped("quantity")), self.env._("quantity")),
            (self.max_value, sum(covered.mapped("goods_value")), self.env._("value")),
            (self.max_count, len(covered.complaint_id), self.env._("returns")),
        ]
        for cap, total, what in checks:
            if cap and total > cap:
                problems.append(
                    self.env._(
                        "%(what)s of %(total)g within %(days)s days; accepted are %(cap)g",
                        what=what,
                        total=total,
                        days=self.period_days,
                        cap=cap,
                    )
                )
        return problems


class ComplaintReturnCounter(models.Model):
    """A row per company and customer, written before the deliveries and returns are counted, so that of two who act at
    once one fails to serialize, is repeated by Odoo and sees what the other did."""

    _name = "complaint.return.counter"
    _description = "Counter of Returns"
    _log_access = False

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    seq = fields.Integer(default=1)

    _customer_unique = models.Constraint("UNIQUE (partner_id, company_id)", "One counter per customer and company.")

    @api.model
    def _lock(self, pairs):
        """Write the rows of (customer id, company id), in one order for everybody."""
        pairs = sorted(set(pairs))
        if not pairs:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO complaint_return_counter (partner_id, company_id, seq)
                SELECT partner_id, company_id, 1
                  FROM UNNEST(%s::integer[], %s::integer[]) AS pair (partner_id, company_id)
              ORDER BY 1, 2
                    ON CONFLICT (partner_id, company_id) DO UPDATE SET seq = complaint_return_counter.seq + 1
                """,
                [partner for partner, _company in pairs],
                [company for _partner, company in pairs],
            )
        )
