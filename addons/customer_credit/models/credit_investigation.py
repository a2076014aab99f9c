from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context

MAIL_PREFIXES = ("message_", "activity_", "website_message_")
SERVER_FIELDS = frozenset({"application_id", "investigator_id", "state", "done_on"})
# What the printed form asks, and what a decision stands on.
FACT_FIELDS = (
    "date",
    "registered_capital",
    "founded",
    "owner",
    "legal_form",
    "business_scope",
    "premises_kind",
    "premises",
    "warehouse_area",
    "staff",
    "vehicles",
    "turnover",
    "profit",
    "assets",
    "debts",
    "receivables",
    "bank",
    "bank_account",
    "bank_credit",
    "main_suppliers",
    "main_customers",
    "stopped_by_authorities",
    "sued_by_supplier",
    "bad_debt",
    "file_complete",
    "conclusion",
)


class CreditInvestigation(models.Model):
    """What was found out about a customer who applies for credit (C2). Confidential: salespeople don't read it."""

    _name = "credit.investigation"
    _description = "Credit Investigation"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _mail_post_access = "read"
    _rec_name = "application_id"

    application_id = fields.Many2one("credit.application", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(related="application_id.partner_id", store=True, index=True)
    company_id = fields.Many2one(related="application_id.company_id", store=True)
    currency_id = fields.Many2one(related="application_id.currency_id")
    investigator_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="restrict")
    date = fields.Date(required=True, default=fields.Date.context_today, help="Day of the investigation.")
    state = fields.Selection(
        [("draft", "Under Way"), ("done", "Done")], default="draft", required=True, readonly=True, tracking=True
    )
    done_on = fields.Datetime(readonly=True)

    registered_capital = fields.Monetary(help="In company currency.")
    founded = fields.Date()
    owner = fields.Char("Owner or Legal Representative")
    legal_form = fields.Char()
    business_scope = fields.Text()
    premises_kind = fields.Selection([("owned", "Owned"), ("rented", "Rented"), ("mixed", "Both")], string="Premises")
    premises = fields.Text("Description of the Premises")
    warehouse_area = fields.Float("Warehouse Area (m²)", digits=(16, 0), aggregator=None)
    staff = fields.Integer(aggregator=None)
    vehicles = fields.Integer(aggregator=None)
    turnover = fields.Monetary("Yearly Turnover", help="In company currency.")
    profit = fields.Monetary("Yearly Profit", help="In company currency.")
    assets = fields.Monetary(help="In company currency.")
    debts = fields.Monetary(help="In company currency.")
    receivables = fields.Monetary("Their Receivables", help="In company currency.")
    bank = fields.Char()
    bank_account = fields.Char()
    bank_credit = fields.Monetary("Credit from Banks", help="In company currency.")
    main_suppliers = fields.Text("Main Suppliers and References")
    main_customers = fields.Text()
    stopped_by_authorities = fields.Boolean(help="The authorities have stopped or closed the business.")
    sued_by_supplier = fields.Boolean(help="A supplier has gone to court for payment.")
    bad_debt = fields.Boolean(help="A claim on the customer had to be written off.")
    file_complete = fields.Boolean(help="Licences and application documents are complete and valid.")
    finding_ids = fields.One2many("credit.investigation.finding", "investigation_id", string="Findings")
    conclusion = fields.Text(help="What the investigation comes to.")
    attachment_ids = fields.Many2many("ir.attachment", string="Supporting Documents", copy=False)
    may_edit = fields.Boolean(compute="_compute_may_edit")

    @api.depends("state", "investigator_id")
    @api.depends_context("uid")
    def _compute_may_edit(self):
        for investigation in self:
            investigation.may_edit = investigation._is_open_to(self.env.user)

    @api.depends("application_id.name", "partner_id.name")
    def _compute_display_name(self):
        for investigation in self:
            investigation.display_name = investigation.application_id.display_name

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("An investigation begins with the button on the application."))
        blank = self.with_context(clean_context(self.env.context))
        return super(CreditInvestigation, blank).create(vals_list).with_env(self.env)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if names and not self.env.su:
            self._check_investigator()
            if SERVER_FIELDS & names:
                raise AccessError(self.env._("An investigation is ended by its button."))
        result = super().write(vals)
        if "attachment_ids" in vals:
            for investigation in self.sudo():
                investigation.attachment_ids._credit_claim(investigation)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Investigations stay with their application."))

    # === BUSINESS METHODS === #

    def _is_open_to(self, user):
        return self.state == "draft" and self.investigator_id == user and self.application_id.state == "investigation"

    def _check_investigator(self):
        """Raise unless the user is the investigator of these investigations, and they are under way."""
        for investigation in self:
            if investigation.investigator_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "%(application)s is investigated by %(user)s.",
                        application=investigation.display_name,
                        user=investigation.sudo().investigator_id.name,
                    )
                )
            if not investigation._is_open_to(self.env.user):
                raise UserError(
                    self.env._("The investigation of %s is done and kept as it is.", investigation.display_name)
                )

    def _facts(self):
        """Return, JSON-able, what this investigation says."""
        self.ensure_one()
        facts = {"state": self.state, "investigator": self.investigator_id.id}
        for name in FACT_FIELDS:
            value = self[name]
            facts[name] = fields.Date.to_string(value) if self._fields[name].type == "date" and value else value
        facts["findings"] = [
            [finding.kind, finding.source or "", finding.text or "", finding.verdict or ""]
            for finding in self.finding_ids
        ]
        facts["documents"] = sorted(self.attachment_ids.mapped(lambda file: file.checksum or ""))
        return facts

    def action_done(self):
        """End the investigation: it is kept as it is, and the application can be assessed."""
        self.check_access("write")
        self._check_investigator()
        for investigation in self:
            if not (investigation.conclusion or "").strip():
                raise UserError(self.env._("Write what the investigation of %s comes to.", investigation.display_name))
        self.sudo().write({"state": "done", "done_on": fields.Datetime.now()})
        self.application_id.sudo()._after_investigation()
        return True


class CreditInvestigationFinding(models.Model):
    """One source that was asked, and what it said (C2)."""

    _name = "credit.investigation.finding"
    _description = "Credit Investigation Finding"
    _order = "investigation_id, sequence, id"
    _rec_name = "source"

    investigation_id = fields.Many2one("credit.investigation", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="investigation_id.company_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("visit", "Visit"),
            ("bank", "Bank"),
            ("supplier", "Supplier"),
            ("customer", "Customer"),
            ("register", "Public Register"),
            ("own", "Own Experience"),
            ("other", "Other"),
        ],
        required=True,
        default="visit",
    )
    source = fields.Char("Who or What", required=True)
    text = fields.Text("Finding", required=True)
    verdict = fields.Selection([("good", "Good"), ("neutral", "Neutral"), ("bad", "Bad")], default="neutral")

    @api.model_create_multi
    def create(self, vals_list):
        findings = super().create(vals_list)
        findings._check_open()
        return findings

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_open_only(self):
        self._check_open()

    def _check_open(self):
        if not self.env.su:
            self.investigation_id._check_investigator()
