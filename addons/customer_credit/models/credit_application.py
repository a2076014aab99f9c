import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context

STATES = [
    ("draft", "Draft"),
    ("submitted", "Submitted"),
    ("investigation", "Investigation"),
    ("assessed", "Assessed"),
    ("approved", "Approved"),
    ("in_force", "In Force"),
    ("returned", "Returned"),
    ("refused", "Refused"),
    ("expired", "Expired"),
    ("revoked", "Revoked"),
    ("superseded", "Superseded"),
    ("cancelled", "Cancelled"),
]
KINDS = [
    ("new", "New Limit"),
    ("increase", "Change of the Limit"),
    ("temporary", "Temporary or Seasonal Limit"),
    ("rerating", "Re-rating"),
]
EDITABLE_STATES = ("draft", "returned")
UNDER_WAY = ("submitted", "investigation", "assessed")
MAIL_PREFIXES = ("message_", "activity_", "website_message_")
# What the applicant writes, in a draft; all the rest is the server's.
DRAFT_FIELDS = frozenset(
    {
        "partner_id",
        "company_id",
        "kind",
        "requested_limit",
        "requested_days",
        "date_from",
        "date_to",
        "yearly",
        "reason",
        "guarantees",
        "attachment_ids",
    }
)
SERVER_DEFAULTS = {
    "state": "draft",
    "submitted_on": False,
    "scorecard_id": False,
    "assessor_id": False,
    "assessed_on": False,
    "score": 0.0,
    "grade": False,
    "average_monthly_sales": 0.0,
    "sales_known": False,
    "history_known": False,
    "proposal_held_back": False,
    "standard_line_id": False,
    "customer_class": False,
    "class_factor": 0.0,
    "proposed_limit": 0.0,
    "proposed_days": 0,
    "decided_limit": 0.0,
    "decided_days": 0,
    "decided_by": False,
    "decided_on": False,
    "valid_from": False,
    "valid_until": False,
    "review_date": False,
    "reminded_on": False,
    "temporary_limit_id": False,
    "rerating_id": False,
}


class CreditApplication(models.Model):
    """A request for credit on its way to a limit in force: asked for, investigated, assessed, decided (C1).

    Each step belongs to somebody else: :mod:`.credit_application_workflow`. Amounts are in the currency of the company
    that keeps the customer's credit account.
    """

    _name = "credit.application"
    _description = "Credit Application"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="Contacts and branches share the credit of the firm they belong to.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company.sudo()._credit_keeper(),
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    account_id = fields.Many2one(
        "credit.account", string="Credit Account", compute="_compute_account_id", compute_sudo=True
    )
    kind = fields.Selection(KINDS, required=True, default="new", tracking=True)
    requested_limit = fields.Monetary(
        tracking=True, help="The whole limit; of a temporary limit the amount added to it. In company currency."
    )
    requested_days = fields.Integer("Requested Payment Days", aggregator=None, tracking=True)
    date_from = fields.Date("From", help="First day of a temporary limit.")
    date_to = fields.Date("Until", help="First day on which a temporary limit is no longer added.")
    yearly = fields.Boolean("Every Year", help="A seasonal limit: the same days each year.")
    reason = fields.Text(help="What the credit is needed for.")
    guarantees = fields.Text("Guarantees Offered", help="Kind, guarantor, amount and term of each.")
    attachment_ids = fields.Many2many("ir.attachment", string="Supporting Documents", copy=False)
    user_id = fields.Many2one(
        "res.users", string="Applicant", required=True, readonly=True, index=True, default=lambda self: self.env.user
    )
    submitted_on = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        STATES, default="draft", required=True, readonly=True, index=True, copy=False, tracking=True
    )

    investigation_ids = fields.One2many(
        "credit.investigation",
        "application_id",
        string="Investigations",
        groups="customer_credit.group_credit_user",
    )
    investigation_id = fields.Many2one(
        "credit.investigation",
        string="Investigation",
        compute="_compute_investigation_id",
        compute_sudo=True,
        groups="customer_credit.group_credit_user",
        help="The latest one.",
    )
    investigator_id = fields.Many2one(
        "res.users", compute="_compute_investigation_id", compute_sudo=True, string="Investigator"
    )
    investigation_done = fields.Boolean(compute="_compute_investigation_id", compute_sudo=True)

    scorecard_id = fields.Many2one(
        "customer.scorecard",
        string="Assessment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    assessor_id = fields.Many2one("res.users", readonly=True, copy=False)
    assessed_on = fields.Datetime(readonly=True, copy=False)
    score = fields.Float(digits=(5, 2), readonly=True, copy=False, aggregator="avg", help="0 to 100.")
    grade = fields.Char(readonly=True, copy=False, index="btree_not_null")
    average_monthly_sales = fields.Monetary(
        readonly=True, copy=False, help="Over the twelve months before the assessment, in company currency."
    )
    sales_known = fields.Boolean(readonly=True, copy=False)
    history_known = fields.Boolean(
        "Has a Payment History", readonly=True, copy=False, help="Something fell due in the last twelve months."
    )
    proposal_held_back = fields.Selection(
        [
            ("provisional", "Provisional assessment"),
            ("new", "New customer"),
            ("no_standard", "No standard"),
            ("no_sales", "No sales"),
        ],
        readonly=True,
        copy=False,
        help="Why no credit is proposed whatever the grade.",
    )
    standard_line_id = fields.Many2one(
        "credit.standard.line", string="Standard", readonly=True, copy=False, ondelete="restrict"
    )
    customer_class = fields.Char(readonly=True, copy=False, help="Class of the customer on the day of the assessment.")
    class_factor = fields.Float(
        "Factor of the Class (%)",
        digits=(16, 2),
        readonly=True,
        copy=False,
        aggregator=None,
        help="By which the class changed what the standard grants; 0: not at all.",
    )
    proposed_limit = fields.Monetary(readonly=True, copy=False, help="By the credit standard, in company currency.")
    proposed_days = fields.Integer("Proposed Payment Days", readonly=True, copy=False, aggregator=None)
    calculation = fields.Text(compute="_compute_calculation", compute_sudo=True, help="How the proposal comes about.")

    decision_ids = fields.One2many("credit.decision", "application_id", string="Decisions")
    decided_limit = fields.Monetary(readonly=True, copy=False, tracking=True)
    decided_days = fields.Integer("Granted Payment Days", readonly=True, copy=False, aggregator=None)
    decided_by = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    decided_on = fields.Datetime(readonly=True, copy=False)
    valid_from = fields.Date(readonly=True, copy=False)
    valid_until = fields.Date(
        readonly=True, copy=False, index="btree_not_null", help="First day on which it no longer holds."
    )
    review_date = fields.Date(readonly=True, copy=False, help="From this day on people are reminded of the review.")
    reminded_on = fields.Date(readonly=True, copy=False)
    temporary_limit_id = fields.Many2one(
        "credit.temporary.limit", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    rerating_id = fields.Many2one(
        "credit.rerating",
        string="Mass Re-rating",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    may_edit = fields.Boolean(compute="_compute_may")
    may_investigate = fields.Boolean(compute="_compute_may")
    may_assess = fields.Boolean(compute="_compute_may")
    may_decide = fields.Boolean(compute="_compute_may")
    may_revoke = fields.Boolean(compute="_compute_may")

    _name_unique = models.Constraint("UNIQUE (name)", "The number of an application is given once.")
    _under_way_unique = models.UniqueIndex(
        "(partner_id, company_id, (kind = 'temporary')) WHERE state IN ('submitted', 'investigation', 'assessed')",
        "Another application of this customer is under way already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for application in self:
            application.display_name = " \N{MIDDLE DOT} ".join(
                filter(None, (application.name, application.partner_id.name))
            )

    @api.depends("partner_id", "company_id")
    def _compute_account_id(self):
        accounts = {
            (account.partner_id, account.company_id): account
            for account in self.env["credit.account"].search(
                [
                    ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                ]
            )
        }
        for application in self:
            key = (application.partner_id.commercial_partner_id._origin, application.company_id._origin)
            application.account_id = accounts.get(key)

    @api.depends("investigation_ids.state")
    def _compute_investigation_id(self):
        for application in self:
            investigation = application.investigation_ids.sorted("id")[-1:]
            application.investigation_id = investigation
            application.investigator_id = investigation.investigator_id
            application.investigation_done = investigation.state == "done"

    @api.depends(
        "proposed_limit", "proposed_days", "proposal_held_back", "standard_line_id", "class_factor", "grade", "score"
    )
    @api.depends_context("lang")
    def _compute_calculation(self):
        for application in self:
            application.calculation = application._calculation()

    def _calculation(self):
        """Return in sentences how the proposal came about; empty before the assessment."""
        self.ensure_one()
        if not self.assessed_on:
            return ""
        money = self.currency_id.format
        graded = self.env._("Score %(score).2f, grade %(grade)s.", score=self.score, grade=self.grade or "–")
        line = self.standard_line_id
        held_back = {
            "provisional": self.env._("Too little is known for a reliable score: no credit is proposed."),
            "new": self.env._("A new customer without payment history: no credit is proposed."),
            "no_standard": self.env._("The credit standard says nothing about this grade: no credit is proposed."),
            "no_sales": self.env._("There are no sales to reckon with: no credit is proposed."),
        }.get(self.proposal_held_back)
        if held_back:
            return f"{graded} {held_back}"
        if line.method == "fixed":
            sentence = self.env._(
                "%(graded)s The standard “%(standard)s” grants %(limit)s for %(days)s days.",
                graded=graded,
                standard=line.standard_id.name,
                limit=money(line.amount),
                days=line.days,
            )
        else:
            sentence = self.env._(
                "%(graded)s Average monthly sales %(sales)s × %(days)s / 30 days × %(factor)s %% = %(raw)s.",
                graded=graded,
                sales=money(self.average_monthly_sales),
                days=line.days,
                factor=f"{line.factor:g}",
                raw=money(line._raw_limit(self.average_monthly_sales, self.currency_id)),
            )
        class_factor = self.class_factor or None
        raw = line._raw_limit(self.average_monthly_sales, self.currency_id, class_factor)
        if class_factor:
            sentence += self.env._(
                " Class %(name)s: × %(factor)s %% = %(limit)s.",
                name=self.customer_class,
                factor=f"{class_factor:g}",
                limit=money(raw),
            )
        if line.cap and raw > line.cap:
            sentence += self.env._(" At most %s by the standard.", money(line.cap))
        return sentence

    @api.depends("state", "user_id", "scorecard_id", "investigation_ids.state")
    @api.depends_context("uid")
    def _compute_may(self):
        user = self.env.user
        investigator = user.has_group("customer_credit.group_credit_investigator")
        controller = user.has_group("customer_credit.group_credit_controller")
        manager = user.has_group("customer_credit.group_credit_manager")
        Level = self.env["credit.decision.level"]
        decides = {company: bool(Level._authorities(user, company)) for company in self.company_id}
        for application in self:
            applicant = application.user_id == user
            card = application.sudo().scorecard_id
            application.may_edit = applicant and application.state in EDITABLE_STATES
            application.may_investigate = investigator and not applicant and application.state == "submitted"
            application.may_assess = (
                controller
                and not applicant
                and (
                    (application.state == "investigation" and application.investigation_done)
                    or (application.state == "submitted" and application.kind == "temporary")
                )
                and (not card or card.user_id == user)
            )
            application.may_decide = (
                application.state == "assessed"
                and decides.get(application.company_id, False)
                and user not in application._involved()
            )
            application.may_revoke = manager and application.state in ("approved", "in_force")

    # === CONSTRAINTS === #

    @api.constrains("requested_limit", "requested_days", "date_from", "date_to", "kind")
    def _check_request(self):
        for application in self:
            if application.requested_limit < 0 or application.requested_days < 0:
                raise ValidationError(
                    self.env._("%s: limit and payment days can't be below zero.", application.display_name)
                )
            if (
                application.kind == "temporary"
                and application.date_from
                and application.date_to
                and application.date_to <= application.date_from
            ):
                raise ValidationError(
                    self.env._(
                        "%(application)s: the temporary limit starts on %(start)s and ends on %(end)s; "
                        "it has to end after it starts.",
                        application=application.display_name,
                        start=application.date_from,
                        end=application.date_to,
                    )
                )

    @api.constrains("company_id")
    def _check_keeper(self):
        for application in self:
            keeper = application.company_id.sudo()._credit_keeper()
            if keeper != application.company_id:
                raise ValidationError(
                    self.env._(
                        "The credit of %(company)s is kept by %(keeper)s: apply for it there.",
                        company=application.company_id.name,
                        keeper=keeper.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Applications begin as drafts of whoever makes them, whatever a client says or has stored as defaults."""
        prepared = []
        for vals in vals_list:
            if not self.env.su:
                self._check_names(set(vals) - DRAFT_FIELDS)
            own = {**SERVER_DEFAULTS, **vals}
            own["user_id"] = vals.get("user_id", self.env.uid) if self.env.su else self.env.uid
            own["name"] = self.env["ir.sequence"].sudo().next_by_code("credit.application")
            prepared.append(own)
        self._to_customers(prepared)
        defaults = {
            f"default_{name}": value
            for name in DRAFT_FIELDS
            if (value := self.env.context.get(f"default_{name}")) is not None
        }
        blank = self.with_context(**clean_context(self.env.context), **defaults)
        applications = super(CreditApplication, blank).create(prepared)
        applications._claim_files()
        return applications.with_env(self.env)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not self.env.su:
            self._check_names(names - DRAFT_FIELDS)
            self._check_applicant()
        vals = dict(vals)
        self._to_customers([vals])
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._claim_files()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        for application in self:
            if application.state not in ("draft", "cancelled") or application.sudo().decision_ids:
                raise UserError(
                    self.env._("%s is on record and isn't deleted. Cancel it instead.", application.display_name)
                )

    @api.model
    def _to_customers(self, vals_list):
        """Contacts stand for their firm."""
        partners = self.env["res.partner"].browse([vals["partner_id"] for vals in vals_list if vals.get("partner_id")])
        firms = {partner.id: partner.commercial_partner_id.id for partner in partners.sudo()}
        for vals in vals_list:
            if vals.get("partner_id"):
                vals["partner_id"] = firms[vals["partner_id"]]

    # === GUARDS === #

    @api.model
    def _check_names(self, names):
        """Raise for fields that are set by the steps alone."""
        forbidden = {name for name in names if name in self._fields and not name.startswith(MAIL_PREFIXES)}
        if forbidden:
            raise AccessError(
                self.env._(
                    "These are set by what happens to the application: %s.",
                    ", ".join(sorted(self._fields[name]._description_string(self.env) or name for name in forbidden)),
                )
            )

    def _check_applicant(self):
        for application in self:
            if application.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(application)s is the application of %(user)s.",
                        application=application.display_name,
                        user=application.sudo().user_id.name,
                    )
                )
            if application.state not in EDITABLE_STATES:
                raise UserError(self.env._("%s was submitted and is kept as it is.", application.display_name))

    def _involved(self):
        """Return the people who had a hand in this application, and so don't decide it (four eyes)."""
        application = self.sudo()
        return (
            application.user_id
            | application.assessor_id
            | application.investigation_ids.investigator_id
            | application.scorecard_id._authors()
        )

    def _claim_files(self):
        """Bind uploaded files to their application, so that who may not see it doesn't see them either."""
        for record in self.sudo():
            record.attachment_ids._credit_claim(record)

    # === ACTION METHODS === #

    def action_open_assessment(self):
        """Open the assessment."""
        self.ensure_one()
        return self.scorecard_id.get_formview_action()

    def action_open_account(self):
        """Open the customer's credit account."""
        self.ensure_one()
        return self.account_id.get_formview_action()

    # === WHAT A DECISION IS TAKEN ON === #

    def _facts(self):
        """Return, JSON-able, everything a decision on this application stands on."""
        self.ensure_one()
        application = self.sudo()
        account = application.account_id
        card = application.scorecard_id
        investigation = application.investigation_id
        return {
            "request": {
                "customer": application.partner_id.id,
                "kind": application.kind,
                "limit": application.requested_limit,
                "days": application.requested_days,
                "from": fields.Date.to_string(application.date_from) or None,
                "until": fields.Date.to_string(application.date_to) or None,
                "yearly": application.yearly,
                "reason": application.reason or "",
                "guarantees": application.guarantees or "",
                "documents": sorted(application.attachment_ids.mapped(lambda file: file.checksum or "")),
            },
            "investigation": investigation._facts() if investigation else None,
            "assessment": {
                "scorecard": card.id,
                "state": card.state,
                "score": application.score,
                "grade": application.grade or "",
                "points": {
                    answer.criterion_id.code: round(answer.points, 3) if answer.answered else None
                    for answer in card.answer_ids
                },
            },
            "proposal": {
                "standard": application.standard_line_id.id,
                "class": application.customer_class or "",
                "class_factor": application.class_factor,
                "held_back": application.proposal_held_back or None,
                "average_monthly_sales": application.average_monthly_sales if application.sales_known else None,
                "limit": application.proposed_limit,
                "days": application.proposed_days,
            },
            "account": account._credit_terms() if account else None,
        }

    def _fingerprint(self):
        """Return a hash of what a decision stands on: who decides hands back that of what he saw."""
        text = json.dumps(self._facts(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
