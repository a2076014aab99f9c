from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context, format_date

from .customer_tier_run import DIRECTOR, OFFICER

# Models of standings; each extends customer.standing.
STANDINGS = ("customer.key.account", "customer.support.unit", "customer.special.care")
OPEN = ("proposed", "confirmed")
REVIEW = "customer_tiering.mail_activity_type_review"


class CustomerStanding(models.AbstractModel):
    """What a customer is besides its class: proposed from figures, decided by a director, ended with a reason (T4-T6).

    A proposal keeps the figures that it was made from. Who proposed, decided and ended it, when and why stays as it was
    written; what is done for the customer meanwhile (``_editable``) is kept up to date by officers. A model says:

    * ``_editable``: names of the fields that officers keep up to date while it is open
    * ``_same``: names of the fields that tell standings of one customer and company apart
    * ``_afterwards``: names of the fields that the model itself still writes when it has ended
    * :meth:`_measure`: the figures to keep, for many customers at once
    * :meth:`_confirmed`: what else happens when it is confirmed
    """

    _name = "customer.standing"
    _description = "Standing of a Customer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "partner_id"
    _editable = ("user_id", "review_date")
    _same = ("partner_id", "company_id")
    _afterwards = ()

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
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
            ("ended", "Ended"),
            ("lapsed", "Lapsed"),
        ],
        required=True,
        default="proposed",
        readonly=True,
        index=True,
        tracking=True,
        help="Lapsed: a proposal that newer figures no longer support.",
    )
    by_rule = fields.Boolean("Proposed by Rule", readonly=True)
    figures = fields.Json("Measured", readonly=True)
    why = fields.Text("Figures", compute="_compute_why", help="What it was proposed from, as it was then.")
    proposal_reason = fields.Text("Why It Was Proposed")
    user_id = fields.Many2one(
        "res.users", string="Responsible", domain=[("share", "=", False)], index="btree_not_null", tracking=True
    )
    review_date = fields.Date("Next Review", tracking=True)
    date_from = fields.Date("Since", readonly=True)
    date_to = fields.Date("Until", readonly=True, help="First day on which it no longer holds. Empty: no end.")
    decided_by = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Text("Reason of the Decision", readonly=True)
    ended_by = fields.Many2one("res.users", readonly=True)
    ended_on = fields.Datetime(readonly=True)
    end_reason = fields.Text("Why It Ended", readonly=True)
    tier_id = fields.Many2one("customer.tier", string="Class", compute="_compute_tier_id", compute_sudo=True)
    tier_color = fields.Integer(compute="_compute_tier_id", compute_sudo=True)
    nature = fields.Selection(related="partner_id.customer_nature")
    ownership = fields.Selection(related="partner_id.customer_ownership")
    loyalty = fields.Selection(related="partner_id.customer_loyalty")

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "company_id")
    def _compute_tier_id(self):
        for company, records in self.grouped("company_id").items():
            tiers = records.partner_id._customer_tiers(company or self.env.company)
            for record in records:
                tier = tiers.get(record.partner_id.id, self.env["customer.tier"])
                record.tier_id = tier
                record.tier_color = tier.color

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_why(self):
        for record in self:
            record.why = record._why(record.figures or {})

    # === CONSTRAINTS === #

    @api.constrains("partner_id")
    def _check_entity(self):
        for record in self:
            partner = record.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(customer)s. Choose the firm itself.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Make proposals; their figures are measured here, whatever the caller gives."""
        self._check_group(OFFICER)
        own = {"proposal_reason", *self._same, *self._editable}
        given = {name: self.env.context[f"default_{name}"] for name in own if f"default_{name}" in self.env.context}
        vals_list = [
            {key: value for key, value in {**self._default_same(), **given, **vals}.items() if key in own}
            for vals in vals_list
        ]
        wanted = {}
        for vals in vals_list:
            wanted.setdefault(vals["company_id"], set()).add(vals.get("partner_id"))
        figures = {
            company_id: self._measure(
                self.env["res.partner"].browse(sorted(filter(None, customer_ids))),
                self.env["res.company"].browse(company_id),
            )
            for company_id, customer_ids in wanted.items()
        }
        blank = self.with_context(clean_context(self.env.context))
        records = super(CustomerStanding, blank).create(vals_list)
        for record in records.sudo():
            record.figures = figures[record.company_id.id].get(record.partner_id.id) or {}
        return records.with_env(self.env)

    def write(self, vals):
        changed = {name for name in vals if name in self._fields and self._fields[name].store}
        changed = {name for name in changed if not name.startswith(("message_", "activity_"))}
        if changed - set(self._afterwards) and any(record.state not in OPEN for record in self):
            raise UserError(self.env._("This has been decided and ended: it is kept as it is."))
        if changed - set(self._editable) and not self.env.su:
            raise UserError(
                self.env._("Figures and decisions stay as they were made. Propose, decide or end it by the buttons.")
            )
        result = super().write(vals)
        if {"review_date", "user_id"} & changed:
            confirmed = self.filtered(lambda record: record.state == "confirmed").sudo()
            confirmed.activity_unlink([REVIEW])
            confirmed._remind()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Proposals and decisions are kept. Refuse or end them instead."))

    # === WHAT THE MODELS SAY === #

    @api.model
    def _measure(self, customers, company):
        """Return {customer id: figures to keep as JSON} of customers in a company: a constant number of queries."""
        return {}

    def _why(self, figures):
        """Say figures in words of the reader's language."""
        return ""

    def _confirmed(self):
        """Do what a confirmation brings; called on the records, which are confirmed by then, with super-user rights."""

    # === BUSINESS METHODS === #

    @api.model
    def _default_same(self):
        return {"company_id": self.env.company.id}

    @api.model
    def _check_group(self, group):
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "%(what)s: only for %(group)s.",
                    what=self._description,
                    group=self.env.ref(group).sudo().display_name,
                )
            )

    @api.model
    def _propose(self, customers, company, same=None):
        """Propose customers by rule and let open proposals of the rule lapse that it supports no longer.

        Who is proposed or confirmed already, or was refused or ended for the same reason within the last year, is not
        proposed again.

        :param customers: res.partner, commercial entities
        :param dict same: further values of the fields in ``_same``
        :return: the new proposals
        """
        self._check_group(OFFICER)
        same = same or {}
        scope = [("company_id", "=", company.id), *((name, "=", value) for name, value in same.items())]
        model = self.sudo().with_context(clean_context(self.env.context))
        stale = model.search([*scope, ("state", "=", "proposed"), ("by_rule", "=", True)])
        stale = stale.filtered(lambda record: record.partner_id not in customers)
        if stale:
            stale.write({"state": "lapsed", "ended_on": fields.Datetime.now(), "ended_by": self.env.uid})
        year_ago = fields.Date.subtract(company._customer_today(), years=1)
        known = model.search(
            [
                *scope,
                ("partner_id", "in", customers.ids),
                "|",
                ("state", "in", OPEN),
                "&",
                ("state", "in", ("refused", "ended")),
                "|",
                ("ended_on", ">=", year_ago),
                "&",
                ("state", "=", "refused"),
                ("decided_on", ">=", year_ago),
            ]
        ).partner_id
        new = customers - known
        if not new:
            return self.browse()
        records = model.create(
            [
                {
                    **same,
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "user_id": customer.sudo().user_id.id,
                }
                for customer in new
            ]
        )
        records.by_rule = True
        return self.browse(records.ids)

    def _decide(self, confirm, reason, date_to=None):
        """Confirm or refuse proposals, with a reason; directors only."""
        self._check_group(DIRECTOR)
        self.check_access("write")
        reason = self._reason(reason)
        if any(record.state != "proposed" for record in self):
            raise UserError(self.env._("Only what is proposed can be confirmed or refused."))
        for company, records in self.sudo().grouped("company_id").items():
            today = company._customer_today()
            if confirm and date_to and date_to <= today:
                raise UserError(self.env._("The end %s is not in the future.", format_date(self.env, date_to)))
            records.write(
                {
                    "state": "confirmed" if confirm else "refused",
                    "decided_by": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                    "decision_reason": reason,
                    **({"date_from": today, "date_to": date_to or False} if confirm else {}),
                }
            )
            if confirm:
                records._confirmed()
                records._remind()

    def _end(self, reason):
        """End what is confirmed, with a reason; directors, or by itself on its last day."""
        self._check_group(DIRECTOR)
        self.check_access("write")
        reason = self._reason(reason)
        if any(record.state != "confirmed" for record in self):
            raise UserError(self.env._("Only what is confirmed can be ended."))
        self.sudo()._close(reason)

    def _close(self, reason):
        self.write(
            {"state": "ended", "ended_by": self.env.uid, "ended_on": fields.Datetime.now(), "end_reason": reason}
        )
        self.activity_unlink([REVIEW])

    def _remind(self):
        """Give the responsible person an activity for the day of the review."""
        for record in self:
            if record.review_date and record.user_id:
                record.activity_schedule(REVIEW, record.review_date, user_id=record.user_id.id)

    def _reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        return reason.strip()

    @api.model
    def _cron_end_expired(self):
        """End what has run out, on the clock of each company."""
        for name in STANDINGS:
            model = self.env[name].sudo()
            dated = model.search([("state", "=", "confirmed"), ("date_to", "!=", False)])
            for company, records in dated.grouped("company_id").items():
                today = company._customer_today()
                expired = records.filtered(lambda record, today=today: record.date_to <= today)
                if expired:
                    expired._close(self.env._("The time that it was granted for is over."))

    # === ACTION METHODS === #

    def action_confirm(self):
        return self._action_decision("confirm", self.env._("Confirm"))

    def action_refuse(self):
        return self._action_decision("refuse", self.env._("Refuse"))

    def action_end(self):
        return self._action_decision("end", self.env._("End"))

    def _action_decision(self, decision, name):
        self._check_group(DIRECTOR)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "customer.standing.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_decision": decision,
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_count": len(self),
            },
        }

    def action_documents(self):
        """Open the trade of the customer that stands behind the figures."""
        self.ensure_one()
        self.check_access("read")
        figures = self.figures or {}
        date_to = fields.Date.to_date(figures.get("date_to")) or self.company_id._customer_today()
        return self.partner_id._action_tier_documents(self.company_id, date_to, figures.get("months") or 12)
