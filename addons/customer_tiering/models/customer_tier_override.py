from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, format_date

from .customer_tier_run import DIRECTOR

ENDING = {"state", "ended_by", "ended_on", "end_reason"}


class CustomerTierOverride(models.Model):
    """A class fixed by hand, with reason and end (T7).

    It takes effect when it is made, and ends by itself; the rules go on in the background and decide again afterwards.
    What was fixed stays as it was written; it can be ended early.
    """

    _name = "customer.tier.override"
    _description = "Class Fixed by Hand"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    scheme_id = fields.Many2one("customer.tier.scheme", required=True, index=True, ondelete="restrict")
    tier_id = fields.Many2one(
        "customer.tier",
        string="Class",
        domain="[('scheme_id', '=', scheme_id)]",
        ondelete="restrict",
        help="Empty: no class.",
    )
    color = fields.Integer(related="tier_id.color")
    reason = fields.Text(required=True)
    date_from = fields.Date(
        "Fixed On", required=True, readonly=True, default=lambda self: self.env.company._customer_today()
    )
    date_to = fields.Date("Until", required=True, help="First day on which the rules decide again.")
    state = fields.Selection(
        [("active", "In Force"), ("ended", "Ended")],
        required=True,
        default="active",
        readonly=True,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Fixed By", required=True, readonly=True, default=lambda self: self.env.user
    )
    ended_by = fields.Many2one("res.users", readonly=True)
    ended_on = fields.Datetime(readonly=True)
    end_reason = fields.Text("Why It Ended Early", readonly=True)

    _active_unique = models.UniqueIndex(
        "(partner_id, company_id, scheme_id) WHERE state = 'active'",
        "The class of this customer is fixed by hand already. End that first.",
    )

    # === CONSTRAINTS === #

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for override in self:
            if override.date_to <= override.date_from:
                raise ValidationError(
                    self.env._("The end %s is not in the future.", format_date(self.env, override.date_to))
                )

    @api.constrains("partner_id", "tier_id", "scheme_id", "company_id")
    def _check_belongs(self):
        for override in self:
            partner = override.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(customer)s, who has the class.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )
            if override.tier_id and override.tier_id.scheme_id != override.scheme_id:
                raise ValidationError(
                    self.env._(
                        "The class %(tier)s is none of %(scheme)s.",
                        tier=override.tier_id.name,
                        scheme=override.scheme_id.name,
                    )
                )
            if override.scheme_id not in override.scheme_id.sudo()._for_company(override.company_id):
                raise ValidationError(
                    self.env._(
                        "The scheme %(scheme)s does not hold in %(company)s.",
                        scheme=override.scheme_id.name,
                        company=override.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_director()
        own = {"partner_id", "company_id", "scheme_id", "tier_id", "reason", "date_to"}
        given = {name: self.env.context[f"default_{name}"] for name in own if f"default_{name}" in self.env.context}
        blank = self.with_context(clean_context(self.env.context))
        overrides = super(CustomerTierOverride, blank).create(
            [{key: value for key, value in {**given, **vals}.items() if key in own} for vals in vals_list]
        )
        for override in overrides:
            if not override.reason.strip():
                raise UserError(self.env._("Give the reason of the decision."))
            # The day on the clock of the company that the class is for.
            super(CustomerTierOverride, override.sudo()).write(
                {"date_from": override.company_id._customer_today(), "user_id": self.env.uid}
            )
        overrides.sudo().with_context(clean_context(self.env.context))._begin()
        return overrides.with_env(self.env)

    def write(self, vals):
        changed = {name for name in vals if name in self._fields and self._fields[name].store}
        changed = {name for name in changed if not name.startswith(("message_", "activity_"))}
        if changed - ENDING or (changed and not self.env.su):
            raise UserError(
                self.env._("What was fixed by hand stays as it was written. End it and fix the class anew.")
            )
        if changed and any(override.state == "ended" for override in self):
            raise UserError(self.env._("This has ended already."))
        result = super().write(vals)
        if "state" in vals:
            # The class may be fixed anew in the same transaction, under the index of those in force.
            self.flush_recordset(["state"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was fixed by hand is kept. End it instead."))

    # === BUSINESS METHODS === #

    @api.model
    def _check_director(self):
        if not self.env.su and not self.env.user.has_group(DIRECTOR):
            raise AccessError(
                self.env._("Classes are fixed by hand by: %s.", self.env.ref(DIRECTOR).sudo().display_name)
            )

    @api.model
    def _in_force(self, scheme, company):
        """Return {customer id: (override id, class id or None)} of a scheme in a company today."""
        overrides = self.sudo().search(
            [
                ("scheme_id", "=", scheme.id),
                ("company_id", "=", company.id),
                ("state", "=", "active"),
                ("date_to", ">", company._customer_today()),
            ]
        )
        return {override.partner_id.id: (override.id, override.tier_id.id or None) for override in overrides}

    def _memberships(self):
        """Return {(customer, company, scheme): membership} of the overrides."""
        memberships = self.env["customer.tier.membership"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("scheme_id", "in", self.scheme_id.ids),
            ]
        )
        return {(row.partner_id, row.company_id, row.scheme_id): row for row in memberships}

    def _key(self):
        return self.partner_id, self.company_id, self.scheme_id

    def _set_back_runs(self):
        for key, overrides in self.grouped(lambda override: (override.scheme_id, override.company_id)).items():
            self.env["customer.tier.run"]._set_back(
                *key,
                self.env._(
                    "classes of %s were fixed by hand or released.", ", ".join(overrides.partner_id.mapped("name"))
                ),
            )

    def _begin(self):
        self._set_back_runs()
        memberships = self._memberships()
        missing = self.filtered(lambda override: override._key() not in memberships)
        if missing:
            self.env["customer.tier.membership"].create(
                [
                    {
                        "partner_id": override.partner_id.id,
                        "company_id": override.company_id.id,
                        "scheme_id": override.scheme_id.id,
                        # The rules have not placed the customer yet: the next run does.
                        "provisional": True,
                    }
                    for override in missing
                ]
            )
            memberships = self._memberships()
        self.env["customer.tier.membership"]._set_tiers(
            [(memberships[override._key()], override.tier_id, override) for override in self]
        )

    def _end(self, reason=None):
        """Let the rules decide again: the customers get the class that the rules have kept for them."""
        self._set_back_runs()
        memberships = self._memberships()
        Tier = self.env["customer.tier"]
        self.write(
            {
                "state": "ended",
                "ended_by": self.env.uid,
                "ended_on": fields.Datetime.now(),
                "end_reason": reason,
            }
        )
        self.env["customer.tier.membership"]._set_tiers(
            [
                (membership, Tier.browse(membership.rule_tier or ()).exists(), override)
                for override in self
                if (membership := memberships.get(override._key()))
            ],
            ended=True,
        )

    @api.model
    def _end_expired(self):
        """End what has run out, on the clock of each company."""
        for company, overrides in self.sudo().search([("state", "=", "active")]).grouped("company_id").items():
            today = company._customer_today()
            expired = overrides.filtered(lambda override, today=today: override.date_to <= today)
            if expired:
                expired._end()

    def _sentence(self, ended=False):
        """Say what was fixed by whom and why."""
        self.ensure_one()
        values = {
            "tier": self.tier_id.name or self.env._("no class"),
            "user": self.user_id.name,
            "reason": self.reason,
            "date": format_date(self.env, self.date_to),
        }
        if ended:
            return self.env._("No longer fixed at %(tier)s: the rules decide again.", **values)
        return self.env._("Fixed at %(tier)s until %(date)s by %(user)s: %(reason)s", **values)

    # === ACTION METHODS === #

    def action_end(self):
        """Open the window in which the reason of ending it early is given."""
        self.ensure_one()
        self._check_director()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Let the Rules Decide Again"),
            "res_model": "customer.tier.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_override_id": self.id, "default_decision": "end"},
        }

    def _end_early(self, reason):
        self.ensure_one()
        self._check_director()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        self.sudo()._end(reason.strip())
