from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

EDITABLE = frozenset({"delegate_id", "company_id", "date_from", "date_to", "limited", "amount", "reason"})


class CreditDelegation(models.Model):
    """The right to decide on credit, lent to somebody else for some days, within what the lender may decide (C1)."""

    _name = "credit.delegation"
    _description = "Credit Delegation"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        string="Lent By",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="Lent To",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", required=True, help="First day on which the delegation no longer holds.")
    limited = fields.Boolean("Up to an Amount", help="Otherwise up to what the lender may decide.")
    amount = fields.Monetary("Limits Up To", help="In company currency.")
    reason = fields.Char()
    revoked_on = fields.Datetime(readonly=True, copy=False, tracking=True)
    in_force = fields.Boolean("In Force Today", compute="_compute_in_force")

    @api.depends("date_from", "date_to", "revoked_on")
    def _compute_in_force(self):
        for delegation in self:
            today = delegation.company_id._customer_today() if delegation.company_id else None
            delegation.in_force = bool(
                today
                and not delegation.revoked_on
                and delegation.date_from
                and delegation.date_to
                and delegation.date_from <= today < delegation.date_to
            )

    @api.depends("user_id", "delegate_id")
    def _compute_display_name(self):
        for delegation in self:
            delegation.display_name = f"{delegation.user_id.name} → {delegation.delegate_id.name}"

    @api.constrains("user_id", "delegate_id", "date_from", "date_to", "amount")
    def _check_delegation(self):
        for delegation in self:
            if delegation.user_id == delegation.delegate_id:
                raise ValidationError(self.env._("Nobody delegates to oneself."))
            if delegation.date_to <= delegation.date_from:
                raise ValidationError(
                    self.env._(
                        "The delegation starts on %(start)s and ends on %(end)s; it has to end after it starts.",
                        start=delegation.date_from,
                        end=delegation.date_to,
                    )
                )
            if delegation.amount < 0:
                raise ValidationError(self.env._("A delegation can't be up to less than zero."))
            if not delegation.delegate_id.has_group("customer_credit.group_credit_user"):
                raise ValidationError(
                    self.env._("%s can't read credit applications, so can't decide them.", delegation.delegate_id.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        """People delegate their own right, which they need to have in person."""
        if not self.env.su:
            vals_list = [
                {
                    **{name: vals[name] for name in EDITABLE & vals.keys()},
                    "user_id": self.env.uid,
                    "revoked_on": False,
                }
                for vals in vals_list
            ]
        delegations = super().create(vals_list)
        for delegation in delegations:
            if not self.env["credit.decision.level"]._own_authority(delegation.user_id.sudo(), delegation.company_id):
                raise AccessError(
                    self.env._(
                        "%s doesn't decide on credit applications, so has nothing to delegate.",
                        delegation.user_id.sudo().name,
                    )
                )
        return delegations

    def write(self, vals):
        names = {name for name in vals if not name.startswith(("message_", "activity_", "website_message_"))}
        if names and not self.env.su:
            raise UserError(self.env._("A delegation is kept as it is. Revoke it and make another."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Delegations are records; revoke them instead."))

    @api.model
    def _in_force(self, delegate, company):
        """Return what is lent to ``delegate`` in ``company`` today."""
        today = company.sudo()._customer_today()
        return self.sudo().search(
            [
                ("delegate_id", "=", delegate.id),
                ("company_id", "=", company.id),
                ("date_from", "<=", today),
                ("date_to", ">", today),
                ("revoked_on", "=", False),
            ]
        )

    @api.model
    def _last_ended(self, delegate, company):
        """Return the delegation that ended last, to say so to who comes too late."""
        today = company.sudo()._customer_today()
        return self.sudo().search(
            [
                ("delegate_id", "=", delegate.id),
                ("company_id", "=", company.id),
                "|",
                ("date_to", "<=", today),
                ("revoked_on", "!=", False),
            ],
            order="date_to desc, id desc",
            limit=1,
        )

    def action_revoke(self):
        """End delegations before their time; by the lender or a credit manager."""
        self.check_access("read")
        manager = self.env["credit.account"]._user_may_manage()
        for delegation in self:
            if delegation.user_id != self.env.user and not manager:
                raise AccessError(self.env._("The lender or a credit manager revokes a delegation."))
        self.filtered(lambda delegation: not delegation.revoked_on).sudo().write({"revoked_on": fields.Datetime.now()})
        return True
