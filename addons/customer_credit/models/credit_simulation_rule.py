from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .credit_policy import CHECKS
from .exposure import Rule

FIELDS = (
    "name",
    "check",
    "level",
    "early",
    "tolerance_amount",
    "tolerance_percent",
    "days",
    "amount",
    "company_id",
    "category_id",
    "partner_id",
)


class CreditPolicy(models.Model):
    _inherit = "credit.policy"

    def _simulation_values(self):
        """Return the values of a draft of this policy."""
        self.ensure_one()
        values = self.read(FIELDS, load=False)[0]
        return {**{name: values[name] for name in FIELDS}, "policy_id": self.id}


class CreditSimulationRule(models.Model):
    """A draft of a credit policy, tried out by a simulation; the fields mean what they mean there."""

    _name = "credit.simulation.rule"
    _description = "Draft Credit Policy"
    _order = "check, partner_id, category_id, company_id, id"

    simulation_id = fields.Many2one("credit.simulation", required=True, index=True, ondelete="cascade")
    policy_id = fields.Many2one(
        "credit.policy", string="Draft Of", readonly=True, ondelete="set null", help="Empty: it would be a new policy."
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    name = fields.Char(required=True)
    check = fields.Selection(CHECKS, required=True, default="excess")
    level = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")], string="Does", required=True, default="hold"
    )
    early = fields.Boolean("Warn Within the Tolerance", default=True)
    tolerance_amount = fields.Monetary()
    tolerance_percent = fields.Float("Tolerance (%)", digits=(16, 2))
    days = fields.Integer("Tolerated Days")
    amount = fields.Monetary("Largest Order")
    company_id = fields.Many2one("res.company")
    category_id = fields.Many2one("res.partner.category", string="Customer Tag", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", ondelete="cascade")
    changed = fields.Boolean(compute="_compute_changed", help="Differs from the policy in force.")

    @api.depends("policy_id", *FIELDS)
    def _compute_changed(self):
        for rule in self:
            rule.changed = not rule.policy_id or any(rule[name] != rule.policy_id[name] for name in FIELDS)

    @api.constrains("tolerance_amount", "tolerance_percent", "days", "amount", "check", "level")
    def _check_values(self):
        for rule in self:
            if min(rule.tolerance_amount, rule.tolerance_percent, rule.days, rule.amount) < 0:
                raise ValidationError(
                    self.env._("Amounts, per cent and days of the credit policy %s can't be below zero.", rule.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_draft()
        return rules

    def write(self, vals):
        self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        self._check_draft()

    def _check_draft(self):
        if any(rule.simulation_id.state != "draft" for rule in self):
            raise UserError(self.env._("A simulation that was started is kept as it is: duplicate it."))

    def _rules(self):
        """Return the drafts as sorted Rules, as the gate reads policies; those of other companies are left out."""
        return self.env["credit.policy"]._sorted_rules(
            Rule(
                id=rule.policy_id.id or 0,
                name=rule.name,
                check=rule.check,
                level=rule.level,
                early=rule.early,
                amount=rule.amount if rule.check == "order_max" else rule.tolerance_amount,
                percent=rule.tolerance_percent,
                days=rule.days,
                company_id=rule.company_id.id,
                category_id=rule.category_id.id,
                partner_id=rule.partner_id.id,
            )
            for rule in self
            if rule.company_id.id in (False, rule.simulation_id.company_id.id)
        )

    def _adopt(self):
        """Make the policies what their drafts say; return the names of those that changed."""
        changed = self.filtered("changed")
        for rule in changed:
            values = rule.read(FIELDS, load=False)[0]
            values = {name: values[name] for name in FIELDS}
            if rule.policy_id:
                rule.policy_id.write(values)
            else:
                self.env["credit.policy"].create(values)
        return changed.mapped("name")
