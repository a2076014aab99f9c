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
    def _policies_for(self, wanted):
        """Return {(customer, company, product): its policy}, empty where there is none and all is accepted: one query.

        :param wanted: iterable of (customer, company, product), one record each
        """
        wanted = set(wanted)
        companies = {company.id for _customer, company, _product in wanted}
        candidates = self.sudo().search(Domain("company_id", "in", [*companies, False]))
        candidates = candidates.sorted(
            lambda policy: (policy._specificity(), -policy.sequence, -policy.id), reverse=True
        )
        nowhere = self.env["res.company"]
        return {
            (customer, company, product): next(
                (
                    policy
                    for policy in candidates
                    if policy.company_id in (company, nowhere) and policy._applies_to(customer, product)
                ),
                candidates.browse(),
            )
            for customer, company, product in wanted
        }

    @api.model
    def _policy_for(self, customer, company, product):
        """Return the policy of a customer for a product: see :meth:`_policies_for`."""
        return self._policies_for([(customer, company, product)])[customer, company, product]

    @api.model
    def _problems(self, remedies):
        """Return {remedy id: sentences, with the figures, about what in a return lies outside its policy}.

        The ids may be new. The cost is a constant number of queries, whatever the number of remedies.

        :param remedies: complaint.remedy of the kind return, with a product
        """
        places = {
            remedy: (
                remedy.complaint_id.partner_id._origin,
                remedy.complaint_id.company_id._origin,
                remedy.product_id._origin,
            )
            for remedy in remedies
        }
        policies = self._policies_for(places.values())
        order_lines = remedies.order_line_id
        delivered_on, balances = order_lines._complaint_delivered_on(), order_lines._complaint_balance()
        past = self._past_returns(remedies.complaint_id)
        problems = {}
        for remedy, place in places.items():
            policy, line_id = policies[place], remedy.order_line_id._origin.id
            if not line_id or (policy and line_id not in delivered_on):
                problems[remedy.id] = [self.env._("no delivery is known")]
            elif policy:
                problems[remedy.id] = policy._problems_of(
                    remedy, delivered_on[line_id], balances[line_id].delivered, past.get(place[:2], ())
                )
            else:
                problems[remedy.id] = []
        return problems

    @api.model
    def _past_returns(self, complaints):
        """Return {(customer, company): returns that were promised in any of the periods that may count}: one query."""
        longest = max(self.sudo().search([]).mapped("period_days"), default=0)
        moments = [complaint.received_on or fields.Datetime.now() for complaint in complaints]
        returns = self.env["complaint.remedy"].search(
            Domain("kind", "=", "return")
            & Domain("state", "in", ["approved", "done"])
            & Domain("partner_id", "in", complaints.partner_id._origin.ids)
            & Domain("company_id", "in", complaints.company_id._origin.ids)
            & Domain("complaint_id.decided_on", ">=", min(moments) - timedelta(days=longest))
        )
        return returns.grouped(lambda remedy: (remedy.partner_id, remedy.company_id))

    def _problems_of(self, remedy, delivered_on, delivered, past):
        """Return sentences about what in a return lies outside this policy, from what was looked up for it."""
        self.ensure_one()
        complaint = remedy.complaint_id
        received_on = complaint.received_on or fields.Datetime.now()
        problems = []
        age = (received_on - delivered_on).days
        if age > self.days:
            problems.append(
                self.env._(
                    "delivered on %(date)s, %(age)s days before the complaint; the window is %(days)s days",
                    date=fields.Date.to_string(delivered_on.date()),
                    age=age,
                    days=self.days,
                )
            )
        share = 100 * remedy.quantity / delivered if delivered else 100.0
        if self.max_share and share > self.max_share:
            problems.append(
                self.env._("%(share).1f %% of the delivery; accepted are %(cap).1f %%", share=share, cap=self.max_share)
            )
        since = received_on - timedelta(days=self.period_days)
        counted = [
            other
            for other in past
            if other.complaint_id != complaint._origin and other.complaint_id.decided_on >= since
        ]
        counted += [other for other in complaint.remedy_ids if other.kind == "return" and other.state != "cancelled"]
        covered = [other for other in counted if self._applies_to(complaint.partner_id, other.product_id)]
        checks = [
            (self.max_quantity, sum(other.quantity for other in covered), self.env._("quantity")),
            (self.max_value, sum(other.goods_value for other in covered), self.env._("value")),
            (self.max_count, len({other.complaint_id for other in covered}), self.env._("returns")),
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
