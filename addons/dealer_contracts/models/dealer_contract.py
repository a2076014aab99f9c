from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context

STATES = [
    ("draft", "Draft"),
    ("review", "In Approval"),
    ("approved", "Approved"),
    ("sent", "Sent"),
    ("signed", "Signed"),
    ("filed", "Filed"),
    ("in_force", "In Force"),
    ("expired", "Expired"),
    ("terminated", "Terminated"),
    ("cancelled", "Cancelled"),
]
# Between the submission and the dispatch a change is possible, and costs the approvals.
UNDER_APPROVAL = ("review", "approved")
# From here on the dealer has the paper.
ISSUED_STATES = ("sent", "signed", "filed", "in_force", "expired", "terminated")
MAIL_PREFIXES = ("message_", "activity_", "website_message_")
# The server's, never given by people.
SERVER_FIELDS = frozenset(
    {
        "name",
        "state",
        "round",
        "digest",
        "snapshot",
        "submitted_by",
        "submitted_on",
        "submitted_once",
        "author_ids",
        "approval_ids",
        "file_ids",
        "loan_ids",
        "reading_ids",
        "issued_sha256",
        "sent_on",
        "signed_by",
        "signed_on",
        "signed_from",
        "signed_user_id",
        "signed_way",
        "signing_date",
        "signature",
        "filed_on",
        "notice_date",
        "notice_by",
        "date_end_signed",
        "date_terminated",
        "termination_reason",
        "origin_id",
        "root_id",
        "relation",
        "version",
        "access_token",
    }
)
# Not part of what is agreed; changed at any time by who may change the contract.
LATE_FIELDS = frozenset({"user_id", "custodian_id", "reader_ids", "confidential", "paper_place", "copies_kept", "note"})
# Readings that count once an hour, unless it was read in one of these ways meanwhile.
ONCE_AN_HOUR = {"screen": ("screen",), "data": ("screen", "data")}
# A contract that renews itself goes on as it was signed; its end alone moves.
PROLONGATION = {"date_end", "date_end_signed"}


class DealerContract(models.Model):
    """A contract with a dealer (D1-D5).

    Its content is data (terms, products, parties) and text (articles). From the submission on both are kept: a change
    leads back to draft and voids the approvals; once the paper is with the dealer nothing of it changes any more.
    Later agreements are contracts of their own, in a chain.
    """

    _name = "dealer.contract"
    _description = "Dealer Contract"
    _inherit = ["dealer.contract.terms", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char(
        "Number", readonly=True, copy=False, index="trigram", help="Given at the first submission: company and year."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="Contacts and branches stand for the firm they belong to.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id, ondelete="restrict"
    )
    template_id = fields.Many2one("dealer.contract.template", check_company=True, ondelete="restrict", index=True)
    lang = fields.Selection(related="template_id.lang", store=True)
    kind = fields.Selection(related="template_id.kind", store=True)
    date_signed = fields.Date("Date of Signing", copy=False, help="As planned, and printed on the paper.")
    date_start = fields.Date("In Force From", copy=False)
    date_end = fields.Date(
        "In Force Until", copy=False, help="The first day on which the contract is no longer in force."
    )
    date_last = fields.Date("Last Day", compute="_compute_date_last")
    date_end_signed = fields.Date(
        readonly=True, copy=False, help="The end as it was signed, before it went on by itself."
    )
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        group_expand=True,
    )
    line_ids = fields.One2many("dealer.contract.line", "contract_id", string="Products", copy=True)
    article_ids = fields.One2many("dealer.contract.article", "contract_id", string="Articles", copy=True)
    party_ids = fields.One2many("dealer.contract.party", "contract_id", string="Parties", copy=False)
    party_a_id = fields.Many2one("dealer.contract.party", compute="_compute_parties")
    party_b_id = fields.Many2one("dealer.contract.party", compute="_compute_parties")
    amount_total = fields.Monetary("Amount", compute="_compute_amount", store=True, help="Taxes included.")
    amount_words = fields.Char("In Words", compute="_compute_amount_words")
    exclusive = fields.Boolean(help="The only dealer of these products in these areas for this time.")
    area_ids = fields.Many2many("dealer.area", string="Areas", help="None: no limit of area.")
    category_ids = fields.Many2many("product.category", string="Product Range", help="None: all products.")
    pricelist_id = fields.Many2one("product.pricelist", check_company=True, ondelete="restrict")
    order_id = fields.Many2one(
        "sale.order", string="Made from Order", copy=False, readonly=True, index="btree_not_null"
    )

    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        copy=False,
    )
    custodian_id = fields.Many2one(
        "res.users", string="Custodian", index=True, domain="[('share', '=', False)]", tracking=True
    )
    reader_ids = fields.Many2many(
        "res.users",
        "dealer_contract_reader_rel",
        string="Further Readers",
        domain="[('share', '=', False)]",
        copy=False,
        help="People who may read this contract besides its owner, its custodian, its approvers and the managers.",
    )
    confidential = fields.Boolean(
        "Strictly Confidential", tracking=True, help="Custodians other than the contract's own don't see it."
    )
    paper_place = fields.Char("Place of the Originals", tracking=True, copy=False)
    copies_kept = fields.Integer("Originals Kept", tracking=True, copy=False)
    note = fields.Html("Internal Note", copy=False, help="Never printed, never on the portal.")

    round = fields.Integer(readonly=True, copy=False)
    submitted_once = fields.Boolean(readonly=True, copy=False)
    submitted_by = fields.Many2one("res.users", readonly=True, copy=False)
    submitted_on = fields.Datetime(readonly=True, copy=False)
    author_ids = fields.Many2many(
        "res.users", "dealer_contract_author_rel", string="Wrote on It", readonly=True, copy=False
    )
    digest = fields.Char("SHA-256 of the Content", readonly=True, copy=False)
    snapshot = fields.Json(readonly=True, copy=False)
    approval_ids = fields.One2many("dealer.contract.approval", "contract_id", string="Approvals", readonly=True)
    file_ids = fields.One2many("dealer.contract.file", "contract_id", string="Files", readonly=True)
    loan_ids = fields.One2many("dealer.contract.loan", "contract_id", string="Loans")
    reading_ids = fields.One2many("dealer.contract.reading", "contract_id", string="Readings", readonly=True)
    issued_sha256 = fields.Char(
        "SHA-256 of the Paper", readonly=True, copy=False, help="Of the file that the parties sign."
    )
    sent_on = fields.Datetime(readonly=True, copy=False)
    signed_way = fields.Selection(
        [("portal", "On the Portal"), ("paper", "On Paper")], string="Way of Signing", readonly=True, copy=False
    )
    signed_by = fields.Char(readonly=True, copy=False)
    signed_on = fields.Datetime(readonly=True, copy=False)
    signing_date = fields.Date("Signed on Day", readonly=True, copy=False)
    signed_from = fields.Char("Signed from Address", readonly=True, copy=False)
    signed_user_id = fields.Many2one("res.users", readonly=True, copy=False, help="Empty: by the link that was sent.")
    signature = fields.Image(readonly=True, copy=False, attachment=True, max_width=1024, max_height=1024)
    filed_on = fields.Datetime(readonly=True, copy=False)

    origin_id = fields.Many2one(
        "dealer.contract", string="Follows", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    root_id = fields.Many2one(
        "dealer.contract",
        string="First Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    relation = fields.Selection(
        [("amendment", "Amendment"), ("renewal", "Renewal")], string="Kind of Succession", readonly=True, copy=False
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    follower_ids = fields.One2many("dealer.contract", "origin_id", string="Followed by", readonly=True)
    notice_date = fields.Date("Notice Given on", readonly=True, copy=False)
    notice_by = fields.Selection([("a", "Us"), ("b", "The Dealer")], readonly=True, copy=False)
    date_terminated = fields.Date("Terminated on", readonly=True, copy=False)
    termination_reason = fields.Text(readonly=True, copy=False)

    # Who has it signs as the dealer: nobody in the office reads it.
    access_token = fields.Char(groups=fields.NO_ACCESS)

    part_problems = fields.Json(compute="_compute_part_problems", help="{part: [what is missing]}")
    missing = fields.Text(compute="_compute_part_problems")
    missing_count = fields.Integer(compute="_compute_part_problems")
    deviation_count = fields.Integer("Changed Clauses", compute="_compute_deviation_count")
    step_id = fields.Many2one("dealer.contract.approval", string="Next Step", compute="_compute_step_id")
    step_group_id = fields.Many2one("res.groups", string="Waits for", compute="_compute_step_id")
    may_approve = fields.Boolean(compute="_compute_rights")
    may_keep = fields.Boolean(compute="_compute_rights")
    may_own = fields.Boolean(compute="_compute_rights")
    may_write_text = fields.Boolean(compute="_compute_rights")

    _name_unique = models.Constraint("UNIQUE (company_id, name)", "The number of a contract is given once.")
    _dates_check = models.Constraint(
        "CHECK (date_end > date_start)", "A contract ends after it begins. The end is the first day without contract."
    )
    _term_idx = models.Index("(company_id, partner_id, state, date_start, date_end)")
    _end_idx = models.Index("(date_end) WHERE state IN ('filed', 'in_force')")

    # === COMPUTE METHODS === #

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = " · ".join(
                filter(None, (contract.name or self.env._("Draft"), contract.partner_id.name))
            )

    @api.depends("date_end")
    def _compute_date_last(self):
        for contract in self:
            contract.date_last = contract.date_end and contract.date_end - timedelta(days=1)

    def _compute_access_url(self):
        super()._compute_access_url()
        for contract in self:
            contract.access_url = f"/my/contracts/{contract.id}"

    @api.depends("party_ids.role")
    def _compute_parties(self):
        for contract in self:
            contract.party_a_id = contract.party_ids.filtered(lambda party: party.role == "a")[:1]
            contract.party_b_id = contract.party_ids.filtered(lambda party: party.role == "b")[:1]

    @api.depends("line_ids.price_subtotal")
    def _compute_amount(self):
        for contract in self:
            contract.amount_total = sum(contract.line_ids.mapped("price_subtotal"))

    @api.depends("article_ids.deviates")
    def _compute_deviation_count(self):
        for contract in self:
            contract.deviation_count = len(contract.article_ids.filtered("deviates"))

    @api.depends("approval_ids.state", "state")
    def _compute_step_id(self):
        for contract in self:
            contract.step_id = contract._pending_step() if contract.state == "review" else False
            contract.step_group_id = contract.step_id.group_id

    @api.depends("state", "approval_ids.state", "author_ids", "user_id", "custodian_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        custodian = self.env.user.has_group("dealer_contracts.group_contract_custodian")
        author = self.env.user.has_group("dealer_contracts.group_contract_user")
        manager = self.env.user.has_group("dealer_contracts.group_contract_manager")
        for contract in self:
            contract.may_approve = contract.state == "review" and not contract._approval_obstacle()
            contract.may_own = manager or contract.user_id == self.env.user
            contract.may_keep = custodian or contract.custodian_id == self.env.user
            contract.may_write_text = author and contract.state == "draft"

    # === CONSTRAINTS === #

    @api.constrains("shelf_life_share", "late_rate", "breach_penalty", "copies", "notice_days", "renewal_months")
    def _check_figures(self):
        for contract in self:
            if not 0 <= contract.shelf_life_share <= 100 or not 0 <= contract.breach_penalty <= 100:
                raise ValidationError(self.env._("Shelf life and penalty are per cent: 0 to 100."))
            if min(contract.late_rate, contract.copies, contract.notice_days, contract.renewal_months) < 0:
                raise ValidationError(self.env._("Rates, days, months and numbers of originals aren't negative."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Make drafts with the clauses and terms of their template and both parties' data.

        Firms take the place of their contacts. What the server sets can't be given along.
        """
        prepared = []
        for vals in vals_list:
            if not self.env.su:
                self._check_names(vals.keys())
            vals = {**vals, "partner_id": self._firm(vals.get("partner_id"))}
            template = self.env["dealer.contract.template"].browse(vals.get("template_id"))
            prepared.append({**self._template_values(template, vals), **vals})
        blank = self if self.env.su else self.with_context(clean_context(self.env.context))
        contracts = super(DealerContract, blank).create(prepared).with_env(self.env)
        for contract in contracts:
            contract.sudo().author_ids = [Command.link(self.env.uid)]
            if not contract.article_ids:
                contract._make_articles()
            if not contract.party_ids:
                contract._make_parties()
        return contracts

    def write(self, vals):
        names = {name for name in vals if not name.startswith(MAIL_PREFIXES)}
        if not self.env.su:
            self._check_names(names)
            if "user_id" in names and not self.env.user.has_group("dealer_contracts.group_contract_manager"):
                raise AccessError(self.env._("Contract managers give a contract to another owner."))
            if names & {"custodian_id", "paper_place", "copies_kept"}:
                self._check_custodian(drafts=True)
        if self.env.su and vals.keys() == PROLONGATION:
            return super().write(vals)
        content = names - LATE_FIELDS - SERVER_FIELDS - self._late_fields()
        if content:
            self._before_change()
        if vals.get("partner_id"):
            vals = {**vals, "partner_id": self._firm(vals["partner_id"])}
        result = super().write(vals)
        if "template_id" in vals:
            self._make_articles()
        if vals.keys() & {"partner_id", "company_id"}:
            self._make_parties()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_new(self):
        for contract in self:
            if contract.submitted_once or contract.state != "draft":
                raise UserError(
                    self.env._("%s was submitted and stays on record. Cancel it instead.", contract.display_name)
                )

    # === GUARDS === #

    def _late_fields(self):
        """Hook: further fields that aren't part of what is agreed and may change at any time."""
        return frozenset()

    def _check_names(self, names):
        refused = SERVER_FIELDS & set(names)
        if refused:
            raise AccessError(
                self.env._("These fields follow from the steps of a contract: %s", ", ".join(sorted(refused)))
            )

    def _before_change(self):
        """Make sure that what a contract says may change, and note who does it.

        The server's own code passes here too: a change under approval leads back to draft and voids the approvals.
        """
        for contract in self:
            if contract.state in UNDER_APPROVAL and self.env.su:
                contract._void_approvals(self.env._("The contract was changed."))
            elif contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%(contract)s is no draft (%(state)s): what it says is kept as it is. Take it back to draft,"
                        " which voids the approvals, or make an amendment.",
                        contract=contract.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[contract.state],
                    )
                )
        self._note_author()

    def _check_can_update_message_content(self, messages):
        """What was said about a submitted contract stays as it was said, on the screens too."""
        super()._check_can_update_message_content(messages)
        if self.sudo().submitted_once:
            raise UserError(self.env._("%s was submitted: its log is kept as it is.", self.sudo().display_name))

    def _note_author(self):
        """Remember who wrote on drafts: they can't approve them."""
        user = self.env.user
        for contract in self.sudo():
            if user not in contract.author_ids and not user._is_superuser():
                contract.author_ids = [Command.link(user.id)]

    def _check_custodian(self, drafts=False):
        """Raise unless the user keeps the originals of these contracts.

        :param bool drafts: accept whoever may write, as long as a contract isn't with the dealer
        """
        self.check_access("read")
        custodian = self.env.user.has_group("dealer_contracts.group_contract_custodian")
        for contract in self:
            if self.env.su or custodian or contract.custodian_id == self.env.user:
                continue
            if drafts and contract.state in ("draft", *UNDER_APPROVAL):
                continue
            raise AccessError(self.env._("Originals are kept by custodians: %s.", contract.display_name))

    def _lock(self):
        """Make other transactions that lock these contracts fail and begin anew, with a fresh view of the data."""
        self.flush_recordset()
        self.env.cr.execute("UPDATE dealer_contract SET write_date = write_date WHERE id = ANY(%s)", [self.ids])

    # === MAKING THE CONTENT === #

    @api.model
    def _firm(self, partner_id):
        partner = self.env["res.partner"].browse(partner_id)
        return (partner.commercial_partner_id or partner).id

    def _template_values(self, template, given=()):
        """Return the standard terms of a template, without those that are given."""
        if not template:
            return {}
        return {
            name: template._fields[name].convert_to_write(template[name], template)
            for name in self._term_fields()
            if name not in given
        }

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """Show the standard terms that the draft is going to have."""
        self.update(self._template_values(self.template_id))

    @api.onchange("pricelist_id")
    def _onchange_pricelist_id(self):
        if self.pricelist_id:
            self.currency_id = self.pricelist_id.currency_id

    def _make_articles(self):
        """Give drafts the approved clauses of their templates, in order."""
        values = []
        for contract in self:
            contract.article_ids.unlink()
            values += [
                {
                    "contract_id": contract.id,
                    "sequence": 10 * (place + 1),
                    "part": line.clause_id.part,
                    "title": line.clause_id.name,
                    "version_id": line.version_id.id,
                    "body": line.version_id.body,
                }
                for place, line in enumerate(contract.template_id.line_ids.sorted("sequence"))
                if line.version_id
            ]
        self.env["dealer.contract.article"].create(values)

    def _make_parties(self):
        """Take over both parties' data."""
        Party = self.env["dealer.contract.party"]
        self.party_ids.unlink()
        Party.create(
            [
                {"contract_id": contract.id, **Party._values(role, partner)}
                for contract in self
                for role, partner in (("a", contract.company_id.partner_id), ("b", contract.partner_id))
            ]
        )

    def action_refresh_parties(self):
        """Take over what the records of both parties say now."""
        self._before_change()
        self.party_ids._fill()
        return True

    def action_fill_from_pricelist(self):
        """Add the products of the price list, with their prices today, that aren't in the contract yet."""
        self._before_change()
        for contract in self:
            items = contract.pricelist_id.item_ids.filtered(
                lambda item: item.applied_on in ("0_product_variant", "1_product")
            )
            products = items.product_id | items.product_tmpl_id.product_variant_ids.filtered("sale_ok")
            products -= contract.line_ids.product_id
            prices = contract.pricelist_id._get_products_price(products, 1.0)
            contract._add_lines([(product, 0.0, prices[product.id], product.uom_id) for product in products])
            if not products:
                raise UserError(
                    self.env._("The price list has no products of its own that aren't in the contract already.")
                )
        return True

    def _add_lines(self, rows):
        """Add (product, quantity, price, unit) to a draft."""
        self.ensure_one()
        last = max(self.line_ids.mapped("sequence"), default=0)
        self.env["dealer.contract.line"].create(
            [
                {
                    "contract_id": self.id,
                    "product_id": product.id,
                    "quantity": quantity,
                    "price_unit": price,
                    "uom_id": unit.id,
                    "sequence": last + place + 1,
                }
                for place, (product, quantity, price, unit) in enumerate(rows)
            ]
        )

    # === OPENING === #

    def web_read(self, specification):
        """Note who opens a contract; reading lists isn't opening."""
        if len(self) == 1 and self._origin == self and len(specification) > 5:
            self.check_access("read")
            # First, so that the articles that are read with it aren't another reading.
            self._note_reading("screen")
        return super().web_read(specification)

    # The log is written: no connection for reading alone, where Odoo would begin anew each time.
    web_read._readonly = False

    def _read_format(self, fnames, load="_classic_read"):
        """Note who asks a program for the paper; ``read``, ``search_read`` and ``web_search_read`` end here."""
        result = super()._read_format(fnames, load)
        if "snapshot" in fnames and not self.env.su:
            self._note_reading("data")
        return result

    def export_data(self, fields_to_export):
        """Note who takes contracts out of the house."""
        result = super().export_data(fields_to_export)
        self._note_reading("export")
        return result

    def _note_reading(self, how, detail=False):
        """Write into the log that the user read these contracts; opening them counts once an hour.

        :param str how: a value of the log's field of that name
        :param detail: the file, or the network address
        """
        # What a form shows before it is saved is nobody's paper yet.
        contracts = self._origin
        if how in ONCE_AN_HOUR:
            recent = (
                self.env["dealer.contract.reading"]
                .sudo()
                .search(
                    [
                        ("contract_id", "in", contracts.ids),
                        ("user_id", "=", self.env.uid),
                        ("how", "in", ONCE_AN_HOUR[how]),
                        ("date", ">", fields.Datetime.subtract(fields.Datetime.now(), hours=1)),
                    ]
                )
            )
            contracts -= recent.contract_id
        if not contracts:
            return
        values = [
            {"contract_id": contract.id, "user_id": self.env.uid, "how": how, "detail": detail}
            for contract in contracts
        ]
        self.env["dealer.contract.reading"]._note(values)

    def action_chain(self):
        """Open all contracts of the chain that this one belongs to."""
        self.ensure_one()
        root = self.root_id or self
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Versions"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": ["|", ("id", "=", root.id), ("root_id", "=", root.id)],
        }
