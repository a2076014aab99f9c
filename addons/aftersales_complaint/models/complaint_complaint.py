from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context

from .complaint_deadline import SEVERITIES

USER = "aftersales_complaint.group_complaint_user"
HANDLER = "aftersales_complaint.group_complaint_handler"
INVESTIGATOR = "aftersales_complaint.group_complaint_investigator"
DECIDER = "aftersales_complaint.group_complaint_decider"
MANAGER = "aftersales_complaint.group_complaint_manager"

STATES = [
    ("received", "Received"),
    ("acknowledged", "Acknowledged"),
    ("assessed", "Assessed"),
    ("investigating", "Investigating"),
    ("decided", "Decided"),
    ("notified", "Notified"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
]
OPEN = frozenset(state for state, _label in STATES) - {"closed"}
EARLY = frozenset({"received", "acknowledged"})
UNDECIDED = OPEN - {"decided", "notified"}
FOUND = frozenset({"assessed", "investigating", "reopened"})
# What the first of two signatures was put under.
SIGNED = frozenset({"decision", "decision_note", "remedy_ids", "line_ids", "order_id", "picking_id", "contact_id"}) | {
    "findings",
    "cause_id",
    "responsibility",
    "cost",
}

# Who writes what, and until when. All that isn't named here is written by the steps alone.
WRITABLE = {
    **dict.fromkeys(("subject", "description", "wish", "channel"), (EARLY, USER)),
    **dict.fromkeys(("contact_id", "order_id", "picking_id", "line_ids"), (UNDECIDED, USER)),
    **dict.fromkeys(("user_id", "next_step", "next_step_date"), (OPEN, HANDLER)),
    **dict.fromkeys(("severity", "complexity", "impact"), (EARLY | {"reopened"}, HANDLER)),
    # Not before somebody has taken the investigation: else who writes the findings could decide on them.
    **dict.fromkeys(("findings", "cause_id", "responsibility", "cost"), (frozenset({"investigating"}), INVESTIGATOR)),
    **dict.fromkeys(("decision", "decision_note"), (frozenset({"investigating"}), DECIDER)),
    # Whose complaint a mail is can be put right until it is acknowledged.
    "partner_id": (frozenset({"received"}), HANDLER),
    "remedy_ids": (FOUND, HANDLER),
    "duplicate_of_id": (UNDECIDED, HANDLER),
}
CREATABLE = frozenset(
    {"partner_id", "company_id", "subject", "description", "wish", "channel", "contact_id", "order_id", "picking_id"}
    | {
        "line_ids",
        "user_id",
        "next_step",
        "next_step_date",
        "severity",
        "complexity",
        "impact",
        "received_on",
        "mailbox_id",
        "email_from",
    }
)
# What the chatter and the portal keep on the record is no part of the complaint.
MAIL_PREFIXES = ("message_", "activity_", "website_message_")
DUPLICATE_DAYS = 30
# {figure: the field that is empty, or zero, as long as the figure isn't known}.
KNOWN_BY = {
    "hours_to_answer": "notified_on",
    "days_open": "closed_on",
    "cost": "cause_id",
    "rating_last_value": "rating_last_value",
}


class ComplaintComplaint(models.Model):
    """One complaint of one customer, with its lines (A3-A5).

    It goes received, acknowledged, assessed, investigating, decided, notified, closed; each step is a method that
    checks who takes it and keeps a record that can't be changed (see complaint_workflow). Nothing but the steps writes
    the state. Closed ones are kept as they are by everybody, the super-user included; who takes one up again makes a
    new complaint that refers to it.
    """

    _name = "complaint.complaint"
    _description = "Complaint"
    _inherit = ["portal.mixin", "rating.mixin", "mail.activity.mixin"]
    _order = "received_on desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject", "partner_id"]
    _mail_post_access = "read"

    name = fields.Char("Number", readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="The firm; the person who complains is the contact. Only a mail of an unknown sender is filed without.",
    )
    mailbox_id = fields.Many2one(
        "complaint.mailbox", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    email_from = fields.Char("Sender", readonly=True, copy=False, help="Who wrote the mail that was filed.")
    contact_id = fields.Many2one(
        "res.partner", ondelete="restrict", index="btree_not_null", domain="[('id', 'child_of', partner_id)]"
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Order",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('partner_id', 'child_of', partner_id), ('state', '=', 'sale')]",
    )
    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('partner_id', 'child_of', partner_id), ('state', '=', 'done')]",
    )
    # Who has no right to orders and deliveries finds complaints by their numbers.
    order_name = fields.Char(related="order_id.name", string="Order Number")
    delivery_name = fields.Char(related="picking_id.name", string="Delivery Number")
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("email", "E-mail"),
            ("portal", "Portal"),
            ("visit", "Visit"),
            ("letter", "Letter"),
            ("other", "Other"),
        ],
        required=True,
        default="phone",
    )
    subject = fields.Char(required=True, tracking=True)
    description = fields.Text(help="What happened, when and where, in the customer's words.")
    wish = fields.Selection(
        [
            ("return", "Return"),
            ("exchange", "Exchange"),
            ("refund", "Refund"),
            ("repair", "Repair"),
            ("repackage", "Repackaging"),
            ("compensation", "Compensation"),
            ("explanation", "Explanation"),
        ],
        string="Wish",
    )
    received_on = fields.Datetime(required=True, readonly=True, copy=False, default=fields.Datetime.now, index=True)
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="received",
        index=True,
        copy=False,
        tracking=True,
        group_expand="_group_expand_state",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        tracking=True,
        copy=False,
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Answers for the complaint until it is closed.",
    )
    next_step = fields.Char(copy=False, help="What is done next.")
    next_step_date = fields.Date("Next Step Until", copy=False, index="btree_not_null")
    line_ids = fields.One2many("complaint.line", "complaint_id", string="Lines")

    kind_id = fields.Many2one(
        "complaint.kind",
        string="Kind",
        compute="_compute_kind_id",
        store=True,
        index="btree_not_null",
        help="Of the first line; the lines say all.",
    )

    severity = fields.Selection(SEVERITIES, default="minor", required=True, tracking=True, index=True)
    complexity = fields.Selection(
        [("simple", "Simple"), ("normal", "Normal"), ("complex", "Complex")],
        default="normal",
    )
    impact = fields.Text(help="What it means for patients, the customer and the company.")

    investigator_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True, index="btree_not_null")
    findings = fields.Text(copy=False)
    cause_id = fields.Many2one("complaint.cause", copy=False, index="btree_not_null", ondelete="restrict")
    responsibility = fields.Selection(
        [
            ("own", "Ourselves"),
            ("supplier", "Supplier"),
            ("carrier", "Carrier"),
            ("customer", "Customer"),
            ("none", "Nobody"),
        ],
        copy=False,
    )
    cost = fields.Monetary(copy=False, help="Cost of the damage, in company currency.")
    remedy_ids = fields.One2many("complaint.remedy", "complaint_id", string="Remedies")

    decision = fields.Selection(
        [("accepted", "Accepted"), ("partly", "Partly Accepted"), ("refused", "Refused")], copy=False, readonly=False
    )
    decision_note = fields.Text(
        "Reason of the Decision", copy=False, help="The customer reads this in the answer and on the portal."
    )
    decision_amount = fields.Monetary(
        compute="_compute_decision_amount",
        compute_sudo=True,
        help="What the remedies are worth, in company currency. It is compared with the cap of the decider.",
    )
    first_decider_id = fields.Many2one("res.users", readonly=True, copy=False)
    decider_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False, tracking=True)
    decided_on = fields.Datetime(readonly=True, copy=False)
    acknowledged_on = fields.Datetime(readonly=True, copy=False)
    notified_on = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    customer_response = fields.Selection(
        [("accepted", "Accepted"), ("objected", "Objected")],
        "Customer's Answer",
        readonly=True,
        copy=False,
        tracking=True,
    )
    response_note = fields.Text("Customer's Words", readonly=True, copy=False)

    round = fields.Integer(default=1, readonly=True, copy=False, aggregator=None)
    origin_id = fields.Many2one(
        "complaint.complaint",
        string="Takes Up Again",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    follow_up_ids = fields.One2many("complaint.complaint", "origin_id", string="Taken Up Again By", readonly=True)
    duplicate_of_id = fields.Many2one(
        "complaint.complaint",
        string="Duplicate Of",
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id), ('id', '!=', id)]",
    )
    duplicate_ids = fields.Many2many(
        "complaint.complaint",
        string="Possible Duplicates",
        compute="_compute_duplicate_ids",
        help="Complaints of the same customer within 30 days about the same delivery, order line or product and lot.",
    )
    repeated = fields.Boolean(
        compute="_compute_repeated",
        search="_search_repeated",
        help="A line repeats an earlier complaint of the same customer about the same product, in the same way.",
    )
    corrective_action_ids = fields.Many2many(
        "complaint.corrective.action",
        "complaint_corrective_action_rel",
        "complaint_id",
        "action_id",
        string="Corrective Actions",
        readonly=True,
        copy=False,
    )
    corrective_action_count = fields.Integer(compute="_compute_corrective_action_count")
    step_ids = fields.One2many("complaint.step", "complaint_id", string="Steps", readonly=True)
    notice_ids = fields.One2many("complaint.notice", "complaint_id", string="Notices", readonly=True)

    acknowledge_deadline = fields.Datetime(readonly=True, copy=False)
    answer_deadline = fields.Datetime(readonly=True, copy=False)
    solution_deadline = fields.Datetime(readonly=True, copy=False)
    deadline = fields.Datetime(
        "Next Deadline",
        compute="_compute_deadline",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="The next of acknowledgement, answer and solution that is still owed.",
    )
    late = fields.Boolean(compute="_compute_late", search="_search_late")
    adrift = fields.Boolean(
        "Without Owner or Next Step",
        compute="_compute_adrift",
        search="_search_adrift",
        help="Open, and nobody who still works here answers for it, or its next step is missing or overdue.",
    )
    escalation_ids = fields.One2many("complaint.escalation", "complaint_id", readonly=True)
    hours_to_answer = fields.Float(
        compute="_compute_durations",
        store=True,
        aggregator="avg",
        help="Hours from the receipt to the notification of the customer.",
    )
    days_open = fields.Float(
        compute="_compute_durations",
        store=True,
        aggregator="avg",
        help="Days from the receipt to the closing.",
    )
    rating_last_value = fields.Float("Customer's Rating", help="1 to 5; zero as long as the customer hasn't rated.")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _name_unique = models.Constraint("UNIQUE (company_id, name)", "The number of a complaint is given once.")
    _owned = models.Constraint(
        "CHECK (state = 'closed' OR (user_id IS NOT NULL AND next_step_date IS NOT NULL"
        " AND COALESCE(next_step, '') <> ''))",
        "An open complaint has an owner and a next step with its day.",
    )
    _customer_known = models.Constraint(
        "CHECK (partner_id IS NOT NULL OR (state = 'received' AND channel = 'email'))",
        "Name the customer: only what has come by e-mail, and isn't acknowledged yet, is filed without.",
    )
    _closed_told = models.Constraint(
        "CHECK (state <> 'closed' OR (notified_on IS NOT NULL AND decided_on IS NOT NULL))",
        "No complaint is closed before the customer was told.",
    )
    _partner_idx = models.Index("(partner_id, company_id, received_on)")

    # === COMPUTE METHODS === #

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for complaint in self:
            complaint.display_name = " ".join(filter(None, (complaint.name, complaint.subject)))

    def _compute_access_url(self):
        super()._compute_access_url()
        for complaint in self:
            complaint.access_url = f"/my/complaints/{complaint.id}"

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """Name the order and the delivery where the lines are of one, and none is named yet."""
        for complaint in self:
            lines = complaint.line_ids.sudo()
            for name, named in (("order_id", lines.order_line_id.order_id), ("picking_id", lines.move_id.picking_id)):
                if not complaint[name] and len(named) == 1:
                    complaint[name] = named

    @api.depends("line_ids.kind_id")
    def _compute_kind_id(self):
        for complaint in self:
            complaint.kind_id = complaint.line_ids[:1].kind_id

    @api.depends("remedy_ids.value")
    def _compute_decision_amount(self):
        for complaint in self:
            complaint.decision_amount = sum(complaint.remedy_ids.mapped("value"))

    @api.depends(
        "state", "acknowledged_on", "notified_on", "acknowledge_deadline", "answer_deadline", "solution_deadline"
    )
    def _compute_deadline(self):
        for complaint in self:
            if complaint.state == "closed":
                complaint.deadline = False
            elif not complaint.acknowledged_on:
                complaint.deadline = complaint.acknowledge_deadline
            elif not complaint.notified_on:
                complaint.deadline = complaint.answer_deadline
            else:
                complaint.deadline = complaint.solution_deadline

    @api.depends("deadline")
    def _compute_late(self):
        now = fields.Datetime.now()
        for complaint in self:
            complaint.late = bool(complaint.deadline and complaint.deadline <= now)

    def _search_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("deadline", "<=", fields.Datetime.now())
        return Domain.OR([late if wanted else ~late | Domain("deadline", "=", False) for wanted in value])

    @api.depends("state", "user_id.active", "next_step", "next_step_date")
    def _compute_adrift(self):
        adrift = self.filtered_domain(self._adrift_domain())
        for complaint in self:
            complaint.adrift = complaint in adrift

    def _search_adrift(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR([self._adrift_domain() if wanted else ~self._adrift_domain() for wanted in value])

    @api.model
    def _adrift_domain(self):
        today = self.env.company._customer_today()
        return Domain("state", "!=", "closed") & (
            Domain("user_id", "=", False)
            | Domain("user_id.active", "=", False)
            | Domain("next_step", "=", False)
            | Domain("next_step_date", "=", False)
            | Domain("next_step_date", "<", fields.Date.to_string(today))
        )

    @api.depends("received_on", "notified_on", "closed_on")
    def _compute_durations(self):
        for complaint in self:
            start = complaint.received_on
            answered, closed = complaint.notified_on, complaint.closed_on
            complaint.hours_to_answer = (answered - start).total_seconds() / 3600 if start and answered else 0.0
            complaint.days_open = (closed - start).total_seconds() / 86400 if start and closed else 0.0

    @api.depends("partner_id", "picking_id", "line_ids.product_id", "line_ids.lot_id", "line_ids.order_line_id")
    def _compute_duplicate_ids(self):
        found = self._duplicates()
        for complaint in self:
            complaint.duplicate_ids = found[complaint.id]

    @api.depends("line_ids.repeated")
    def _compute_repeated(self):
        for complaint in self:
            complaint.repeated = any(complaint.line_ids.mapped("repeated"))

    def _search_repeated(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("line_ids.repeated", "=", True)
        return Domain.OR([found if wanted else ~found for wanted in value])

    @api.depends("corrective_action_ids")
    def _compute_corrective_action_count(self):
        for complaint in self:
            complaint.corrective_action_count = len(complaint.corrective_action_ids)

    def action_corrective_actions(self):
        """Open the corrective actions that this complaint led to, or begin one."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("aftersales_complaint.complaint_corrective_action_action"),
            "domain": [("complaint_ids", "in", self.ids)],
            "context": {
                "default_complaint_ids": self.ids,
                "default_cause_id": self.cause_id.id,
                "default_product_ids": self.line_ids.product_id.ids,
                "default_company_id": self.company_id.id,
            },
        }

    @api.depends("state", "investigator_id", "first_decider_id", "step_ids")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        decider = self.env.user.has_group(DECIDER)
        for complaint in self:
            complaint.may_decide = (
                decider
                and complaint.state == "investigating"
                and self.env.user not in complaint._investigators() | complaint.first_decider_id
            )

    def _investigators(self):
        """Return who has ever taken the investigation: when it is taken up again the findings may be the former's."""
        self.ensure_one()
        return self.investigator_id | self.step_ids.filtered(lambda step: step.kind == "investigating").user_id

    @api.model
    def _group_expand_state(self, states, domain):
        return [state for state, _label in STATES if state != "reopened"]

    def _duplicates(self):
        """Return {complaint id: complaints of the same customer within 30 days about the same thing}, for ids that may
        be new: two queries.

        The same is the same delivery, the same order line, or the same product and lot.
        """
        found = {complaint.id: self.browse() for complaint in self}
        keys = {complaint: complaint._duplicate_keys() for complaint in self if complaint.received_on}
        if not any(keys.values()):
            return found
        window = timedelta(days=DUPLICATE_DAYS)
        # The lines are looked up by what they are about; pairs of product and lot are told apart below.
        named = {
            name: {key[1] for own in keys.values() for key in own if key[0] == name} for name in ("picking", "line")
        }
        lots = {key[2] for own in keys.values() for key in own if key[0] == "lot"}
        others = self.search(
            Domain("partner_id", "in", self.partner_id._origin.ids)
            & Domain("company_id", "in", self.company_id._origin.ids)
            & Domain("received_on", ">=", min(complaint.received_on for complaint in keys) - window)
            & Domain("received_on", "<=", max(complaint.received_on for complaint in keys) + window)
            & Domain.OR(
                [
                    Domain("picking_id", "in", named["picking"]),
                    Domain("line_ids.order_line_id", "in", named["line"]),
                    Domain("line_ids.lot_id", "in", lots),
                ]
            )
        )
        by_key = {}
        for other in others:
            for key in other._duplicate_keys():
                by_key.setdefault((other.partner_id, other.company_id, key), []).append(other)
        for complaint, own in keys.items():
            place = (complaint.partner_id._origin, complaint.company_id._origin)
            same = {other for key in own for other in by_key.get((*place, key), ())}
            found[complaint.id] = others.filtered(
                lambda other, complaint=complaint, same=same: (
                    other in same
                    and other != complaint._origin
                    and abs(other.received_on - complaint.received_on) <= window
                )
            )
        return found

    def _duplicate_keys(self):
        self.ensure_one()
        keys = {("picking", self.picking_id._origin.id)} if self.picking_id else set()
        for line in self.line_ids:
            if line.order_line_id:
                keys.add(("line", line.order_line_id._origin.id))
            if line.product_id and line.lot_id:
                keys.add(("lot", line.product_id._origin.id, line.lot_id._origin.id))
        return keys

    # === CONSTRAINTS === #

    @api.constrains("partner_id", "contact_id", "order_id", "picking_id")
    def _check_belongs(self):
        for complaint in self.sudo():
            customer = complaint.partner_id
            if customer != customer.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(customer)s: complaints are those of the firm.",
                        contact=customer.display_name,
                        customer=customer.commercial_partner_id.display_name,
                    )
                )
            ordered = complaint.line_ids.order_line_id.order_partner_id
            for record in (
                complaint.contact_id,
                complaint.order_id.partner_id,
                complaint.picking_id.partner_id,
                *ordered,
            ):
                if record and record.commercial_partner_id != customer:
                    raise ValidationError(
                        self.env._(
                            "%(other)s does not belong to %(customer)s.",
                            other=record.display_name,
                            customer=customer.display_name,
                        )
                    )

    @api.constrains("user_id")
    def _check_owner(self):
        for complaint in self.sudo():
            if complaint.user_id.share:
                raise ValidationError(
                    self.env._("%s is not one of our people: an employee owns a complaint.", complaint.user_id.name)
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        given = {
            name: self.env.context[f"default_{name}"] for name in CREATABLE if f"default_{name}" in self.env.context
        }
        clean = self.with_context(clean_context(self.env.context))
        prepared = []
        for vals in vals_list:
            unknown = {
                name
                for name in vals
                if name not in CREATABLE and not name.startswith(MAIL_PREFIXES) and name in self._fields and vals[name]
            }
            if unknown - {"state", "name", "round"} or vals.get("state", "received") != "received":
                raise AccessError(
                    self.env._("A complaint begins as received; its steps alone write: %s.", ", ".join(sorted(unknown)))
                )
            prepared.append(clean._prepare_create({**given, **{k: v for k, v in vals.items() if k in CREATABLE}}))
        complaints = super(ComplaintComplaint, clean).create(prepared)
        complaints.sudo()._begin()
        return complaints.with_env(self.env)

    def _prepare_create(self, vals):
        """Complete the values of a complaint: the firm of the contact, number, owner and next step."""
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        partner = self.env["res.partner"].browse(vals.get("partner_id") or ()).sudo()
        if partner and partner != partner.commercial_partner_id:
            vals.setdefault("contact_id", partner.id)
            vals["partner_id"] = partner.commercial_partner_id.id
        if "received_on" in vals:
            received = fields.Datetime.to_datetime(vals["received_on"]) or fields.Datetime.now()
            if received > fields.Datetime.now():
                raise UserError(self.env._("A complaint isn't received in the future."))
        insider = self.env.user._is_internal() and not self.env.user._is_superuser()
        mailbox = self.env["complaint.mailbox"].sudo().browse(vals.get("mailbox_id") or ())
        vals["company_id"] = company.id
        if not vals.get("user_id"):
            owner = mailbox._owner() if mailbox else company._complaint_owner()
            vals["user_id"] = self.env.uid if insider and not mailbox else owner.id
        vals["next_step"] = vals.get("next_step") or self._next_step_text("received" if partner else "unknown")
        vals["next_step_date"] = vals.get("next_step_date") or company._customer_today()
        vals["name"] = self.env["ir.sequence"].sudo().with_company(company).next_by_code(self._name)
        vals["access_token"] = self._new_token()
        return vals

    def write(self, vals):
        changed = {
            name
            for name in vals
            if name in self._fields and not name.startswith(MAIL_PREFIXES) and self._fields[name].store is not None
        }
        if changed:
            self._check_write(changed)
        deadlines = {"severity", "partner_id"} & changed
        result = super().write(vals)
        if deadlines:
            self.sudo()._set_deadlines()
        if told := changed & {"user_id", "next_step", "next_step_date"}:
            # The database refuses an open complaint that lacks one of them.
            self.flush_recordset(told)
            self.sudo()._tell_owner()
        return result

    def _write_step(self, vals):
        """Write what the steps alone write, past the guard of :meth:`write`. Private, so no client calls it."""
        return super().write(vals)

    def _check_write(self, changed):
        """Raise unless the user may write these fields now: see WRITABLE."""
        closed = self.sudo().filtered(lambda complaint: complaint.state == "closed")
        if closed:
            raise UserError(
                self.env._("%s is closed: it is kept as it is. Take it up again instead.", closed[0].display_name)
            )
        own = changed - WRITABLE.keys()
        if "partner_id" in changed and self.sudo().filtered(lambda complaint: not complaint.email_from):
            own.add("partner_id")
        own = sorted(own)
        if own:
            raise AccessError(self.env._("Only the steps of a complaint write: %s.", ", ".join(own)))
        labels = dict(self._fields["state"]._description_selection(self.env))
        for name in sorted(changed):
            states, group = WRITABLE[name]
            for complaint in self.sudo():
                if complaint.state not in states:
                    raise UserError(
                        self.env._(
                            "%(field)s of %(complaint)s stays as it is: the complaint is %(state)s.",
                            field=self._fields[name]._description_string(self.env),
                            complaint=complaint.display_name,
                            state=labels[complaint.state],
                        )
                    )
            if not self.env.su:
                self._check_group(group)
        judged = changed & {"findings", "cause_id", "responsibility", "cost"}
        for complaint in self.sudo():
            if judged and not self.env.su and complaint.investigator_id not in (self.env.user, self.env["res.users"]):
                raise AccessError(
                    self.env._(
                        "%(complaint)s is investigated by %(user)s.",
                        complaint=complaint.display_name,
                        user=complaint.investigator_id.name,
                    )
                )
            if complaint.first_decider_id and changed & SIGNED:
                raise UserError(
                    self.env._("%s waits for the second signature: nothing is changed now.", complaint.display_name)
                )

    def _check_group(self, group):
        """Raise unless the user is in a group of this addon; it is asked of the user, whatever the environment."""
        if not self.env.user.has_group(group):
            raise AccessError(self.env._("This is for: %s.", self.env.ref(group).sudo().display_name))

    def _open_action(self):
        """Return the action that shows this complaint, beside a document made for it."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _read_group_select(self, aggregate_spec, query):
        """Leave complaints of which a figure isn't known yet out of its average: they aren't zeros."""
        name, _colon, function = aggregate_spec.partition(":")
        if name not in KNOWN_BY or function not in ("avg", "min", "max"):
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[name], "read")
        known = KNOWN_BY[name]
        return SQL(
            "%s(%s) FILTER (WHERE %s)",
            SQL(function.upper()),
            self._field_to_sql(self._table, name, query),
            SQL("%s > 0" if known == name else "%s IS NOT NULL", self._field_to_sql(self._table, known, query)),
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Complaints are kept for ever: none is deleted."))

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("A complaint is no template: file a new one."))
