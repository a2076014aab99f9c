from odoo import api, fields, models
from odoo.tools import format_date

CODES = [
    ("excess", "Over the credit limit"),
    ("none", "No credit granted"),
    ("overdue", "Overdue"),
    ("oldest", "Oldest open item"),
    ("order_max", "Largest order"),
    ("expired", "Credit limit expired"),
    ("terms", "Longer payment terms"),
    ("frozen", "Customer frozen"),
    ("rate", "No exchange rate"),
    ("group", "Over the limit of the group"),
    ("ceiling", "Over the company's ceiling"),
]


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"

    code = fields.Selection(selection_add=CODES, ondelete={code: "cascade" for code, _name in CODES})

    @api.model
    def _message(self, code, figures):
        if code not in dict(CODES):
            return super()._message(code, figures)
        sentence = self._credit_sentence(code, figures)
        if policy := self._credit_policy_name(figures):
            sentence += self.env._(" (Policy: %s)", policy)
        return sentence

    @api.model
    def _credit_policy_name(self, figures):
        """Return the name of the policy that won, in the reader's language while the policy is still there."""
        policy = self.env["credit.policy"].sudo().browse(figures.get("policy_id") or []).exists()
        return policy.name or figures.get("policy")

    @api.model
    def _credit_sentence(self, code, figures):
        def money(key):
            return self._amount(figures, key)

        def day(key):
            return format_date(self.env, figures.get(key)) if figures.get(key) else ""

        if code == "excess":
            return self.env._(
                "Credit limit %(limit)s, used %(exposure)s, this order %(order)s: %(excess)s over the limit.",
                limit=money("limit"),
                exposure=money("exposure"),
                order=money("order_amount"),
                excess=money("excess"),
            )
        if code == "none":
            return self.env._(
                "No credit is granted: used %(exposure)s, this order %(order)s. "
                "%(excess)s would have to be paid in advance.",
                exposure=money("exposure"),
                order=money("order_amount"),
                excess=money("excess"),
            )
        if code == "overdue":
            return self.env._(
                "%(overdue)s overdue, the oldest for %(days)s days.",
                overdue=money("overdue"),
                days=figures.get("overdue_days", 0),
            )
        if code == "oldest":
            return self.env._(
                "The oldest open item is %(days)s days old; %(tolerated)s days are tolerated.",
                days=figures.get("days", 0),
                tolerated=figures.get("tolerated", 0),
            )
        if code == "order_max":
            return self.env._(
                "The order's total is %(total)s; the largest order allowed is %(largest)s.",
                total=money("total"),
                largest=money("largest"),
            )
        if code == "expired":
            return (
                self.env._(
                    "The credit limit of %(limit)s expired on %(date)s.", limit=money("limit"), date=day("valid_until")
                )
                if figures.get("limit") is not None
                else self.env._("The credit expired on %s.", day("valid_until"))
            )
        if code == "terms":
            return self.env._(
                "Payment terms of %(days)s days; %(granted)s days are granted.",
                days=figures.get("days", 0),
                granted=figures.get("granted", 0),
            )
        if code == "frozen":
            return self.env._(
                "The customer is frozen since %(date)s: %(note)s", date=day("date"), note=figures.get("note", "")
            )
        if code == "group":
            return self.env._(
                "Credit group %(name)s: limit %(limit)s, used by all its customers %(exposure)s, this order %(order)s: "
                "%(excess)s over the limit of the group.",
                name=figures.get("name", ""),
                limit=money("collective_limit"),
                exposure=money("collective_exposure"),
                order=money("order_amount"),
                excess=money("collective_excess"),
            )
        if code == "ceiling":
            return self.env._(
                "Ceiling of %(name)s %(limit)s, used by all customers %(exposure)s, this order %(order)s: "
                "%(excess)s over the ceiling.",
                name=figures.get("name", ""),
                limit=money("collective_limit"),
                exposure=money("collective_exposure"),
                order=money("order_amount"),
                excess=money("collective_excess"),
            )
        return self.env._(
            "There is no exchange rate from %(currency)s to %(company_currency)s. Enter one, then check again.",
            currency=figures.get("currency", ""),
            company_currency=figures.get("company_currency", ""),
        )
