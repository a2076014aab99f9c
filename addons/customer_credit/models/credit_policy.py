from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .exposure import Rule

CHECKS = [
    ("excess", "Over the Limit"),
    ("overdue", "Overdue"),
    ("oldest", "Oldest Open Item"),
    ("order_max", "Largest Order"),
    ("expired", "Limit Expired"),
    ("terms", "Longer Payment Terms"),
    ("group", "Over the Group's Limit"),
    ("ceiling", "Over the Company's Ceiling"),
]
SEVERITY = {"hold": 2, "warn": 1, "off": 0}


class CreditPolicy(models.Model):
    """One check of the gate, for whom it holds, and what it does; the most specific one wins (C6)."""

    _name = "credit.policy"
    _description = "Credit Policy"
    _order = "check, partner_id, category_id, company_id, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    check = fields.Selection(CHECKS, required=True, default="excess")
    level = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")],
        string="Does",
        required=True,
        default="hold",
        help="What happens beyond the tolerance.",
    )
    early = fields.Boolean(
        "Warn Within the Tolerance",
        default=True,
        help="As long as the tolerance is not passed, the order is confirmed with a warning.",
    )
    tolerance_amount = fields.Monetary(
        help="Over a limit: tolerated excess. Overdue: tolerated overdue amount. In company currency."
    )
    tolerance_percent = fields.Float(
        "Tolerance (%)", digits=(16, 2), help="Tolerated excess in per cent of the limit; the larger tolerance counts."
    )
    days = fields.Integer(
        "Tolerated Days",
        help="Overdue: days the oldest overdue item may be late. Oldest open item: its age since the invoice date. "
        "Payment terms: days beyond those granted.",
    )
    amount = fields.Monetary("Largest Order", help="Orders with a larger total are stopped; in company currency.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")
    category_id = fields.Many2one("res.partner.category", string="Customer Tag", index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index=True, ondelete="cascade", domain="[('commercial_partner_id', '=', id)]"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    scope = fields.Char("Holds For", compute="_compute_scope")
    summary = fields.Char("Rule", compute="_compute_summary")

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for policy in self:
            policy.currency_id = (policy.company_id or self.env.company).currency_id

    @api.depends("company_id", "category_id", "partner_id")
    @api.depends_context("lang")
    def _compute_scope(self):
        for policy in self:
            names = [
                policy.partner_id.display_name if policy.partner_id else "",
                self.env._("Tag %s", policy.category_id.name) if policy.category_id else "",
                policy.company_id.name or "",
            ]
            policy.scope = ", ".join(filter(None, names)) or self.env._("Everybody")

    @api.depends("check", "tolerance_amount", "tolerance_percent", "days", "amount")
    @api.depends_context("lang", "company")
    def _compute_summary(self):
        for policy in self:
            money = policy.currency_id.format
            policy.summary = {
                "excess": self.env._(
                    "more than %(amount)s or %(percent)s %% over the limit",
                    amount=money(policy.tolerance_amount),
                    percent=f"{policy.tolerance_percent:g}",
                ),
                "overdue": self.env._(
                    "more than %(amount)s overdue for more than %(days)s days",
                    amount=money(policy.tolerance_amount),
                    days=policy.days,
                ),
                "oldest": self.env._("an item open for more than %s days", policy.days),
                "order_max": self.env._("an order of more than %s", money(policy.amount)),
                "expired": self.env._("the limit has expired"),
                "terms": self.env._("more than %s days longer than granted", policy.days),
                "group": self.env._(
                    "more than %(amount)s or %(percent)s %% over the limit of the credit group",
                    amount=money(policy.tolerance_amount),
                    percent=f"{policy.tolerance_percent:g}",
                ),
                "ceiling": self.env._(
                    "more than %(amount)s or %(percent)s %% over the ceiling of the company",
                    amount=money(policy.tolerance_amount),
                    percent=f"{policy.tolerance_percent:g}",
                ),
            }.get(policy.check, "")

    # === CONSTRAINTS === #

    @api.constrains("check", "company_id", "category_id", "partner_id", "active")
    def _check_contradiction(self):
        checks = dict(self._fields["check"]._description_selection(self.env))
        for policy in self.filtered("active"):
            other = self.sudo().search(
                [
                    ("id", "!=", policy.id),
                    ("check", "=", policy.check),
                    ("company_id", "=", policy.company_id.id),
                    ("category_id", "=", policy.category_id.id),
                    ("partner_id", "=", policy.partner_id.id),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(policy)s contradicts %(other)s: both are about %(check)s for %(scope)s. "
                        "Change that one, archive it, or narrow this one down.",
                        policy=policy.name,
                        other=other.name,
                        check=checks[policy.check],
                        scope=policy.scope,
                    )
                )

    @api.constrains("tolerance_amount", "tolerance_percent", "days", "amount", "check", "level")
    def _check_values(self):
        for policy in self:
            if min(policy.tolerance_amount, policy.tolerance_percent, policy.days, policy.amount) < 0:
                raise ValidationError(
                    self.env._("Amounts, per cent and days of the credit policy %s can't be below zero.", policy.name)
                )
            if policy.check == "order_max" and policy.level != "off" and not policy.amount:
                raise ValidationError(
                    self.env._("The credit policy %s has no largest order: every order would be stopped.", policy.name)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        self.env.registry.clear_cache()
        return policies

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # === BUSINESS METHODS === #

    @api.model
    @tools.ormcache("company_id")
    def _rules(self, company_id):
        """Return the Rules that may concern orders of a company, the most specific first.

        Customer beats tag, tag beats company; of two tags the stricter rule wins.
        """
        policies = self.sudo().with_context(active_test=True).search([("company_id", "in", (False, company_id))])
        return self._sorted_rules(policy._rule() for policy in policies)

    def _rule(self):
        """Return the policy as the gate reads it."""
        self.ensure_one()
        return Rule(
            id=self.id,
            name=self.name,
            check=self.check,
            level=self.level,
            early=self.early,
            amount=self.amount if self.check == "order_max" else self.tolerance_amount,
            percent=self.tolerance_percent,
            days=self.days,
            company_id=self.company_id.id,
            category_id=self.category_id.id,
            partner_id=self.partner_id.id,
        )

    @api.model
    def _sorted_rules(self, rules):
        """Return Rules in the order in which they win: the first one that concerns a customer holds."""
        return tuple(
            sorted(
                rules,
                key=lambda rule: (
                    not rule.partner_id,
                    not rule.category_id,
                    not rule.company_id,
                    -SEVERITY[rule.level],
                    rule.amount,
                    rule.percent,
                    rule.days,
                    rule.id,
                ),
            )
        )

    @api.model
    def _winning(self, company_id, customer_ids):
        """Return {customer id: {check: Rule}}: for each check the one rule that holds for the customer."""
        return self._winning_of(self._rules(company_id), customer_ids)

    @api.model
    def _winning_of(self, rules, customer_ids):
        """Return what ``_winning`` does, of any sorted Rules."""
        general = {}
        for rule in rules:
            if not rule.partner_id and not rule.category_id:
                general.setdefault(rule.check, rule)
        special = [rule for rule in rules if rule.partner_id or rule.category_id]
        if not special:
            return dict.fromkeys(customer_ids, general)
        tags = {}
        if any(rule.category_id for rule in special):
            tags = self._tags(customer_ids)
        winning = {}
        for customer_id in customer_ids:
            own = {}
            for rule in special:
                if rule.partner_id and rule.partner_id != customer_id:
                    continue
                if rule.category_id and rule.category_id not in tags.get(customer_id, ()):
                    continue
                own.setdefault(rule.check, rule)
            winning[customer_id] = {**general, **own}
        return winning

    @api.model
    def _tags(self, customer_ids):
        """Return {customer id: set of tag ids}, without going through the ORM's prefetching of customers."""
        self.env["res.partner"].flush_model(["category_id"])
        self.env.cr.execute(
            "SELECT partner_id, category_id FROM res_partner_res_partner_category_rel WHERE partner_id IN %s",
            [tuple(customer_ids)],
        )
        tags = {}
        for customer_id, tag_id in self.env.cr.fetchall():
            tags.setdefault(customer_id, set()).add(tag_id)
        return tags
