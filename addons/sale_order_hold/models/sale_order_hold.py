from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import clean_context, float_compare

DECISION_FIELDS = (
    "state",
    "decision_by",
    "decision_date",
    "decision_reason",
    "decision_code_id",
    "amount_authorised",
    "valid_until",
)


class SaleOrderHold(models.Model):
    """An order that a keeper of the gate objects to, with the figures, and what was decided (C6, C7).

    Holds are made and decided by the gate and by the methods here, never by a client's write; once decided
    they stay as they are.
    """

    _name = "sale.order.hold"
    _description = "Order Hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade", readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True, help="Who owed for the order when it was judged."
    )
    user_id = fields.Many2one(related="order_id.user_id", string="Salesperson", store=True, index=True)
    team_id = fields.Many2one(related="order_id.team_id", store=True)
    order_state = fields.Selection(related="order_id.state", string="Order Status")
    keeper = fields.Selection([("manual", "Held by Hand")], required=True, readonly=True)
    state = fields.Selection(
        [("held", "Held"), ("released", "Released"), ("refused", "Refused"), ("lapsed", "Lapsed")],
        default="held",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    reason_ids = fields.One2many("sale.order.hold.reason", "hold_id", string="Reasons", readonly=True)
    message = fields.Text("Why", compute="_compute_message")
    amount = fields.Monetary("Order Total", readonly=True, help="Order total that was judged, in company currency.")
    amount_authorised = fields.Monetary(
        "Authorised Amount", readonly=True, help="The order may be as large as this, in company currency."
    )
    valid_until = fields.Date(
        readonly=True, help="First day on which the release no longer counts for an order that isn't confirmed."
    )
    decision_by = fields.Many2one("res.users", string="Decided By", readonly=True, index="btree_not_null")
    decision_date = fields.Datetime("Decided On", readonly=True)
    decision_reason = fields.Text("Reason of the Decision", readonly=True)
    decision_code_id = fields.Many2one(
        "sale.order.hold.code", string="Kind of Decision", readonly=True, ondelete="restrict"
    )
    standing = fields.Boolean(
        default=True,
        readonly=True,
        help="Still bears on the order; off when the order has passed or was cancelled since.",
    )
    automatic = fields.Boolean(readonly=True, help="Released by the system since the reason was gone.")
    may_decide = fields.Boolean(compute="_compute_may_decide")

    _order_keeper_held_unique = models.UniqueIndex(
        "(order_id, keeper) WHERE state = 'held'", "An order waits for one decision of a keeper at a time."
    )

    # === COMPUTE METHODS === #

    @api.depends("reason_ids.message")
    @api.depends_context("lang")
    def _compute_message(self):
        for hold in self:
            hold.message = "\n".join(hold.reason_ids.mapped("message"))

    @api.depends("keeper")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        for hold in self:
            hold.may_decide = hold.state == "held" and self.env.user.has_group(hold._release_group())

    @api.depends("order_id.name", "keeper")
    def _compute_display_name(self):
        keepers = dict(self._fields["keeper"]._description_selection(self.env))
        for hold in self:
            hold.display_name = f"{hold.order_id.name} \N{MIDDLE DOT} {keepers.get(hold.keeper, '')}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Holds begin undecided, whatever defaults the user has stored or sends along."""
        undecided = {**dict.fromkeys(DECISION_FIELDS, False), "state": "held", "standing": True, "automatic": False}
        blank = self.with_context(clean_context(self.env.context))
        return super(SaleOrderHold, blank).create([{**undecided, **vals} for vals in vals_list]).with_env(self.env)

    def write(self, vals):
        frozen = {
            name
            for name in vals
            if self._fields[name].store
            and name != "standing"
            and not name.startswith(("message_", "activity_", "website_message_"))
        }
        if frozen and any(hold.state != "held" for hold in self):
            raise UserError(self.env._("A decided hold is kept as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Holds are records of what was decided; they aren't deleted."))

    # === FOR KEEPERS === #

    def _release_group(self):
        """Return the XML id of the group that decides this hold; keepers override it for theirs."""
        self.ensure_one()
        return "sale_order_hold.group_hold_controller"

    def _check_may_release(self, amount):
        """Raise AccessError or UserError if the user may not authorise ``amount`` (company currency) for this hold."""
        self.ensure_one()

    # === BUSINESS METHODS === #

    def _covers(self, amount):
        """Tell whether this is a release under which an order of ``amount`` may be confirmed or stay so."""
        if self.state != "released" or not self.standing or self.partner_id != self.order_id.hold_customer_id:
            return False
        still_valid = (
            self.order_id.state == "sale" or not self.valid_until or fields.Date.context_today(self) < self.valid_until
        )
        return still_valid and self.currency_id.compare_amounts(amount, self.amount_authorised) <= 0

    def _same_case(self, amount, reasons):
        """Tell whether this hold was about as large an order and the same reasons."""
        return self.currency_id.compare_amounts(amount, self.amount) == 0 and {
            reason.code for reason in reasons
        } <= set(self.reason_ids.mapped("code"))

    def _deciders(self):
        """Return the people who may decide some of these holds; those the company names come first and alone."""
        deciders = self.env["res.users"]
        for group, company in {(hold._release_group(), hold.company_id) for hold in self}:
            able = (
                self.env.ref(group)
                .sudo()
                .all_user_ids.filtered(
                    lambda user, company=company: user.active and not user.share and company in user.company_ids
                )
            )
            deciders |= (able & company.sudo().hold_decider_ids) or able
        return deciders

    def _ask_deciders(self):
        activity_type = self.env.ref("sale_order_hold.mail_activity_type_decide")
        # The activity itself is the message; a mail for each would bury the deciders.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": hold.id,
                    "user_id": user.id,
                    "summary": self.env._("Decide: %s", hold.order_id.name),
                    "automated": True,
                }
                for _key, holds in self.grouped(lambda hold: (hold._release_group(), hold.company_id)).items()
                for user in holds._deciders()
                for hold in holds
            ]
        )

    def _check_may_decide(self):
        """Raise unless the holds wait for a decision and the user is in the group that takes it."""
        self.check_access("read")
        for hold in self:
            if hold.state != "held":
                states = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(order)s doesn't wait for a decision: %(state)s.",
                        order=hold.order_id.sudo().name,
                        state=states[hold.state],
                    )
                )
            if not self.env.user.has_group(hold._release_group()):
                raise AccessError(
                    self.env._(
                        "%(order)s can be released or refused by: %(names)s.",
                        order=hold.order_id.sudo().name,
                        names=", ".join(hold.sudo()._deciders().mapped("name")) or "-",
                    )
                )

    def _release(self, reason, amount=None, valid_until=None, code=None, confirm=True):
        """Release the holds, and confirm the orders that are then free.

        :param str reason: why; compulsory
        :param float amount: authorised order total in company currency; default: as large as the order is
        :param date valid_until: first day on which the release no longer counts
        :param code: ``sale.order.hold.code`` of the decision
        """
        self._check_may_decide()
        for hold in self:
            authorised = hold.amount if amount is None else amount
            if float_compare(authorised, hold.amount, precision_rounding=hold.currency_id.rounding) < 0:
                raise UserError(
                    self.env._(
                        "The authorised amount %(authorised)s is less than the order's %(amount)s. "
                        "Authorise at least as much, or refuse.",
                        authorised=hold.currency_id.format(authorised),
                        amount=hold.currency_id.format(hold.amount),
                    )
                )
            if valid_until and valid_until <= fields.Date.context_today(self):
                raise UserError(self.env._("The release would end on %s, which is not in the future.", valid_until))
            hold._check_may_release(authorised)
            hold.sudo()._decide("released", reason, code, amount_authorised=authorised, valid_until=valid_until)
        self._after_release(confirm)

    def _release_automatically(self, reason):
        """Release held orders whose reason is gone; the caller has made sure of that, by the gate."""
        for hold in self.sudo():
            hold._decide("released", reason, None, amount_authorised=hold.amount, automatic=True)
        self._after_release(confirm=True)

    def _refuse(self, reason, code=None):
        """Refuse the orders; they stay quotations, or as large as they were."""
        self._check_may_decide()
        for hold in self.sudo():
            hold._decide("refused", reason, code)
            hold.order_id._hold_set_state()

    def _decide(self, state, reason, code, **values):
        self.ensure_one()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        self.write(
            {
                "state": state,
                "decision_by": self.env.uid,
                "decision_date": fields.Datetime.now(),
                "decision_reason": reason.strip(),
                "decision_code_id": code.id if code else False,
                **values,
            }
        )
        self.activity_unlink(["sale_order_hold.mail_activity_type_decide"])
        self._tell_salesperson()

    def _after_release(self, confirm):
        """Set the orders' states, and go on where the hold stopped them."""
        orders = self.sudo().order_id
        orders._hold_set_state()
        free = orders.filtered(lambda order: order.hold_state == "released")
        grown = free.filtered(lambda order: order.state == "sale")
        for order in grown:
            order.hold_checked_amount = order.amount_total
        grown._hold_lifted()
        if confirm:
            waiting = free.filtered(lambda order: order.state in ("draft", "sent"))
            # What the customer has signed or paid gets the confirmation that was put off.
            by_customer = waiting.filtered(lambda order: order.signature or order._is_paid())
            by_customer._validate_order()
            (waiting - by_customer).action_confirm()

    def _refresh(self, values):
        """Take over the figures of a new look at an order that still waits."""
        self.write({key: value for key, value in values.items() if key not in ("order_id", "company_id", "keeper")})

    def _end(self):
        """The holds no longer stand against their orders, which pass or are cancelled; what was decided is kept."""
        waiting = self.filtered(lambda hold: hold.state == "held")
        if waiting:
            waiting.write({"state": "lapsed"})
            waiting.activity_unlink(["sale_order_hold.mail_activity_type_decide"])
        if self:
            self.write({"standing": False})

    def _tell_salesperson(self):
        """Answer on the order, to the salesperson, with the reason."""
        order = self.order_id
        sentence = {
            "released": self.env._(
                "Released by %(user)s: %(reason)s", user=self.decision_by.name, reason=self.decision_reason
            ),
            "refused": self.env._(
                "Refused by %(user)s: %(reason)s", user=self.decision_by.name, reason=self.decision_reason
            ),
        }[self.state]
        body = Markup("<p>%s</p><p>%s</p>") % (sentence, self.message or "")
        order.message_post(
            body=body,
            author_id=self.decision_by.partner_id.id,
            partner_ids=order.user_id.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        if self.state == "refused" and order.user_id:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=order.user_id.id,
                summary=self.env._("Order refused"),
                note=sentence,
            )

    @api.model
    def _cron_expire_releases(self):
        """Bring orders whose release ran out before they were confirmed before the gate again."""
        orders = self.env["sale.order"].search([("hold_state", "=", "released"), ("state", "in", ("draft", "sent"))])
        today = fields.Date.context_today(self)
        expired = orders.filtered(
            lambda order: any(
                hold.state == "released" and hold.valid_until and hold.valid_until <= today for hold in order.hold_ids
            )
        )
        self.env["ir.cron"]._commit_progress(remaining=len(expired))
        for order in expired:
            order._hold_gate()
            self.env["ir.cron"]._commit_progress(1)

    # === ACTION METHODS === #

    def action_release(self):
        return self._decide_action("released")

    def action_refuse(self):
        return self._decide_action("refused")

    def _decide_action(self, decision):
        open_holds = self.filtered(lambda hold: hold.state == "held")
        if not open_holds:
            raise UserError(self.env._("None of these orders waits for a decision."))
        open_holds._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release") if decision == "released" else self.env._("Refuse"),
            "res_model": "sale.order.hold.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_ids": open_holds.ids, "default_decision": decision},
        }

    def action_check_again(self):
        """Judge the orders again with today's figures; a refusal stands as long as its reason does."""
        self.check_access("read")
        orders = self.sudo().order_id.filtered(lambda order: order.hold_state in ("held", "refused"))
        passing = orders._hold_gate()
        for order in passing.filtered(lambda order: order.state == "sale"):
            order.hold_checked_amount = order.amount_total
            order._hold_lifted()
        held = orders - passing
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if not held else "warning",
                "title": self.env._("Checked Again"),
                "message": self.env._(
                    "No longer held: %(passing)s. Still held: %(held)s.",
                    passing=", ".join(passing.mapped("name")) or "-",
                    held=", ".join(held.mapped("name")) or "-",
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }
