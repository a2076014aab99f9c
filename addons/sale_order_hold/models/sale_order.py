import functools
from contextlib import contextmanager

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from .hold_reason import Edit, HoldReason, check_protected, passed, passing

WAITING = ("draft", "sent")


class CreatedHeld(Exception):
    """Takes the creation of confirmed orders back; carries the positions of those that are held."""

    def __init__(self, positions):
        super().__init__()
        self.positions = positions


class SaleOrder(models.Model):
    """The gate (C6): an order becomes confirmed by ``state = 'sale'``, and that is written here only.

    ``write`` and ``create`` are the gate itself. ``action_confirm`` is wrapped beside, so that an order that
    is held takes no part in what other addons do when they confirm.
    """

    _inherit = "sale.order"

    hold_state = fields.Selection(
        [("clear", "Not Held"), ("held", "Held"), ("released", "Released"), ("refused", "Refused")],
        default="clear",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        help="Held: waits for a decision. Released: was held and may be confirmed. "
        "A confirmed order that is held has grown; what was added waits for the decision.",
    )
    hold_ids = fields.One2many(
        "sale.order.hold", "order_id", string="Holds", readonly=True, copy=False, groups="base.group_user"
    )
    hold_count = fields.Integer(compute="_compute_hold_count", groups="base.group_user")
    hold_message = fields.Text(compute="_compute_hold_message", compute_sudo=True, groups="base.group_user")
    hold_deciders = fields.Char(
        "Decided By",
        compute="_compute_hold_message",
        compute_sudo=True,
        groups="base.group_user",
        help="Who can release the order.",
    )
    hold_may_decide = fields.Boolean(compute="_compute_hold_message", compute_sudo=True, groups="base.group_user")
    hold_may_force = fields.Boolean(compute="_compute_hold_may_force", groups="base.group_user")
    hold_customer_id = fields.Many2one(
        "res.partner",
        string="Customer Who Owes",
        compute="_compute_hold_customer_id",
        store=True,
        index=True,
        help="The commercial entity of the invoice address.",
    )
    hold_checked_amount = fields.Monetary(
        "Amount Passed",
        compute="_compute_hold_checked_amount",
        store=True,
        copy=False,
        help="Order total, in the order's currency, that last passed the gate; 0 before confirmation.",
        prefetch="hold",
    )

    # Nearly every order is clear; those need not be kept in an index.
    _hold_state_idx = models.Index("(hold_state) WHERE hold_state <> 'clear'")

    def _auto_init(self):
        """Fill the stored columns of orders that are there already by SQL; the ORM would take them one by one."""
        cr = self.env.cr
        if not column_exists(cr, "sale_order", "hold_customer_id"):
            create_column(cr, "sale_order", "hold_customer_id", "int4")
            create_column(cr, "sale_order", "hold_checked_amount", "numeric")
            cr.execute(
                SQL(
                    """
                UPDATE sale_order o
                   SET hold_customer_id = p.commercial_partner_id,
                       hold_checked_amount = CASE WHEN o.state = 'sale' THEN o.amount_total ELSE 0 END
                  FROM res_partner p
                 WHERE p.id = o.partner_invoice_id
                """
                )
            )
        return super()._auto_init()

    def _register_hook(self):
        """Put the gate before every override of ``action_confirm``.

        Several addons act after super() on all of ``self`` (registrations, mails, grades), in a method that
        may lie outside of ours. They have to be called with the orders that pass, and only those.
        """
        super()._register_hook()
        model = self.env.registry[self._name]
        confirm = model.action_confirm
        if getattr(confirm, "hold_gate", False):
            return

        @functools.wraps(confirm)
        def action_confirm(orders):
            return orders._hold_confirm(confirm)

        action_confirm.hold_gate = True
        model.action_confirm = action_confirm

    # === COMPUTE METHODS === #

    @api.depends("partner_invoice_id.commercial_partner_id")
    def _compute_hold_customer_id(self):
        for order in self:
            order.hold_customer_id = order.partner_invoice_id.commercial_partner_id

    @api.depends("state")
    def _compute_hold_checked_amount(self):
        for order in self:
            order.hold_checked_amount = order.amount_total if order.state == "sale" else 0.0

    def _compute_hold_count(self):
        counts = dict(
            self.env["sale.order.hold"]._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        for order in self:
            order.hold_count = counts.get(order, 0)

    @api.depends("hold_state", "hold_ids.state", "hold_ids.reason_ids")
    @api.depends_context("lang", "uid")
    def _compute_hold_message(self):
        concerned = self.filtered(lambda order: order.hold_state in ("held", "refused"))
        (self - concerned).update({"hold_message": False, "hold_deciders": False, "hold_may_decide": False})
        user = self.env.user
        for order in concerned:
            holds = order._hold_current()
            order.hold_message = "\n".join(holds.reason_ids.mapped("message"))
            order.hold_deciders = ", ".join(holds._deciders()[:3].mapped("name"))
            order.hold_may_decide = any(user.has_group(hold._release_group()) for hold in holds)

    @api.depends_context("uid")
    def _compute_hold_may_force(self):
        self.hold_may_force = self._hold_user_may_force()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        check_protected(self, vals_list)
        # A user may have stored a default value for himself.
        vals_list = [{"hold_state": "clear", **vals} for vals in vals_list]
        default_state = self.env.context.get("default_state")
        if all(vals.get("state", default_state) != "sale" for vals in vals_list):
            orders = super().create(vals_list)
            if orders.filtered(lambda order: order.state == "sale"):
                raise UserError(self.env._("An order can't be confirmed by a default value."))
            return orders
        try:
            # What comes in as confirmed goes Odoo's ordinary way, and back if it is held.
            with self.env.cr.savepoint():
                orders = super().create([dict(vals) for vals in vals_list])
                confirmed = orders.filtered(lambda order: order.state == "sale")
                free = confirmed._hold_gate(record=False)
                confirmed.mapped("hold_checked_amount")
                if held := confirmed - free:
                    raise CreatedHeld([index for index, order in enumerate(orders) if order in held])
                return orders
        except CreatedHeld as taken_back:
            positions = set(taken_back.positions)
        orders = super().create(
            [{**vals, "state": "draft"} if index in positions else vals for index, vals in enumerate(vals_list)]
        )
        self.browse([orders[index].id for index in sorted(positions)])._hold_gate()
        return orders

    def write(self, vals):
        check_protected(self, [vals])
        if "state" in vals and vals["state"] != "sale":
            self.check_access("write")
            self._hold_check_leaving()
        if vals.get("state") == "sale":
            entering = self - passed(self)
            if entering:
                self.check_access("write")
                entering = entering.filtered(lambda order: order.state != "sale")
            if entering:
                # What comes along with the state is judged too, and kept where the order is held.
                if rest := {key: value for key, value in vals.items() if key != "state"}:
                    self.write(rest)
                confirmed = self - (entering - entering._hold_gate())
                with passing(confirmed):
                    return not confirmed or confirmed.write({"state": "sale"})
        if vals.get("state") in ("draft", "cancel"):
            self._hold_lapse()
        if "date_order" in vals and not self.env.su:
            # The date brings the rate, at which the order counts.
            if self.filtered(lambda order: order.state == "sale" and order.currency_id != order.company_id.currency_id):
                raise AccessError(self.env._("The date of a confirmed order in a foreign currency is kept."))
        judge = bool(self._hold_gate_fields() - {"order_line"} & vals.keys())
        confirmed = self._hold_confirmed(judge) if judge or "order_line" in vals else self.browse()
        if not confirmed:
            result = super().write(vals)
            if "state" in vals:
                # Computed now: later it would take in what is changed until then.
                self.mapped("hold_checked_amount")
            return result
        with confirmed._hold_edit(judge) as edit:
            return super(SaleOrder, self.with_context(hold_edit=edit)).write(vals)

    def _action_cancel(self):
        with passing(self, "leaving"):
            return super()._action_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided_hold(self):
        if decided := self.sudo().hold_ids.filtered(lambda hold: hold.decision_by):
            raise UserError(
                self.env._(
                    "%(orders)s can't be deleted, since decisions about them are on record. Cancel them instead.",
                    orders=", ".join(decided.order_id.mapped("name")),
                )
            )

    def _hold_protected_fields(self):
        """Fields that the gate judges by, or sets: the server computes them, a client may not write them.

        A stored computed field takes whatever an RPC client writes into it, read-only or not.
        """
        return {
            "hold_state",
            "hold_checked_amount",
            "hold_customer_id",
            "amount_untaxed",
            "amount_tax",
            "amount_total",
            "currency_rate",
        }

    # === THE GATE: FOR KEEPERS === #

    def _hold_questions(self):
        """Return {key: SQL}: what keepers have to know of the database, each an expression of one value.

        Everybody waits for the gate, and most of what a small statement costs is the way to the server and back. So
        what the keepers ask goes in one statement, together with the counter rows. Pending changes were flushed.
        """
        return {}

    def _hold_reasons(self, answers):
        """Return {order id: list of HoldReason} for this batch of orders; the method that keepers override.

        It is called as super-user, after pending changes were flushed and the counter row of each company and
        customer was written. Call super() first. Orders are judged in the order of the recordset: an order
        counts for the ones after it when it has no reason of level "hold", or when ``_hold_released`` says
        that the hold in question was released. An order may be confirmed already (it grew): it must not count twice.

        :param answers: {key: value} to ``_hold_questions``
        """
        return {order.id: order._hold_manual_reasons() for order in self}

    def _hold_manual_reasons(self):
        """Return the reasons of a hold by hand that stands undecided or refused."""
        self.ensure_one()
        if self.hold_state not in ("held", "refused"):
            return []
        return [
            HoldReason("manual", "manual", "hold", reason.figures) for reason in self._hold_current("manual").reason_ids
        ]

    def _hold_released(self, keeper):
        """Tell whether the order, as large as it is now, is covered by a release of the keeper's hold."""
        self.ensure_one()
        if self.hold_state == "clear":
            return False
        latest = self.hold_ids.filtered(lambda hold: hold.keeper == keeper and hold.state != "lapsed")[:1]
        return latest._covers(self._hold_amount()[self.id])

    def _hold_amount(self):
        """Return {order id: order total in company currency, rounded}."""
        return {order.id: order._hold_convert(order.amount_total) for order in self}

    def _hold_convert(self, amount):
        """Return an amount of the order's currency in company currency, rounded.

        A quotation counts at today's rate, at which it would be confirmed; Odoo takes 1 where no rate was entered.
        """
        if not self._hold_is_foreign():
            return amount
        company = self.company_id
        if self.state in WAITING:
            rate = self.currency_id._get_conversion_rate(company.currency_id, self.currency_id, company)
        else:
            rate = self.currency_rate
        return company.currency_id.round(amount / (rate or 1.0))

    def _hold_is_foreign(self):
        return self.currency_id.id != self.env["res.company"]._hold_currency_id(self.company_id.id)

    def _hold_lock_keys(self):
        """Return the set of (company id, customer id) whose counter rows are written before the keepers read.

        A keeper whose figures reach further than the company and the customer of the order adds keys.
        """
        return {(order.company_id.id, order.hold_customer_id.id) for order in self if order.hold_customer_id}

    def _hold_values(self, keeper, reasons):
        """Return the values of a new hold; apps add the figures they want to see in the queue."""
        self.ensure_one()
        return {
            "order_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": self.hold_customer_id.id,
            "keeper": keeper,
            "amount": self._hold_amount()[self.id],
            "reason_ids": [
                Command.clear(),
                *(Command.create({"code": reason.code, "figures": reason.figures}) for reason in reasons),
            ],
        }

    def _hold_open_amounts(self):
        """Return {order id: amount} that counts beside the total: an edit that raises it is judged like growth.

        Keepers that judge by something else than order totals override it.
        """
        return {}

    def _hold_gate_fields(self):
        """Fields of a confirmed order whose change brings it before the gate again."""
        return {
            "order_line",
            "partner_id",
            "partner_invoice_id",
            "company_id",
            "currency_id",
            "pricelist_id",
            "payment_term_id",
            "fiscal_position_id",
        }

    def _hold_lifted(self):
        """Called when what was added to confirmed orders is no longer held; addons make up for what they put off."""

    def _hold_after_edit(self, edit):
        """Called after the gate has looked at a change of confirmed orders; addons do what they postponed in it."""

    # === THE GATE: HOW IT WORKS === #

    def _hold_confirm(self, confirm):
        """Confirm the orders that pass by the method ``confirm``; tell the user about the others."""
        # As super-user, whose reading is quicker: Odoo checks the right to write when it confirms them.
        waiting = self.sudo().filtered(lambda order: order.state in WAITING).with_env(self.env)
        held = waiting - waiting._hold_gate()
        others = self - held
        result = True
        if others:
            with passing(others):
                result = confirm(others)
        return held._hold_notification(others) if held else result

    def _hold_gate(self, record=True):
        """Judge the orders together and return those that may be confirmed, in order.

        :param record: write down the holds of the others (and lapse what no longer holds)
        """
        if not self:
            return self
        # Limits and releases end on the company's clock, not on one that the client names.
        timezone = self.env["res.company"]._hold_timezone(self[:1].company_id.id)
        # The user keeps the environment of the super-user alive: else Odoo makes it again and again while it confirms.
        orders = self.with_env(self.env.user.env)
        if self.env.context.get("tz") != timezone:
            orders = orders.with_context(tz=timezone)
        orders.env.flush_all()
        reasons = orders._hold_reasons(orders._hold_answers())
        if not any(reasons.values()) and all(order.hold_state == "clear" for order in orders):
            # Odoo checks the right to write when it confirms them.
            return self
        # The gate works as super-user, and tells what it found.
        self.check_access("write")
        blocking = {order.id: order._hold_blocking(reasons[order.id]) for order in orders}
        free = self.filtered(lambda order: not blocking[order.id])
        if record:
            orders._hold_record(blocking)
            for order in free.sudo():
                order._hold_log_warnings([reason for reason in reasons[order.id] if reason.level == "warn"])
        return free

    def _hold_answers(self):
        """Write the counter rows and return {key: value} to what the keepers ask, by one statement."""
        questions = self._hold_questions()
        keys = self._hold_lock_keys()
        taking = SQL("WITH taken AS (%s)", self.env["sale.order.hold.lock"]._taking(keys)) if keys else SQL()
        values = SQL(", ").join(questions.values()) if questions else SQL("NULL")
        return dict(zip(questions, self.env.execute_query(SQL("%s SELECT %s", taking, values))[0]))

    def _hold_blocking(self, reasons):
        """Return {keeper: reasons} of those reasons that hold the order: no release of the keeper's covers it."""
        self.ensure_one()
        by_keeper = {}
        for reason in reasons:
            if reason.level == "hold":
                by_keeper.setdefault(reason.keeper, []).append(reason)
        return {keeper: found for keeper, found in by_keeper.items() if not self._hold_released(keeper)}

    def _hold_record(self, blocking):
        """Make the orders' holds those of ``blocking``, {order id: {keeper: reasons}}, and set their states."""
        Hold = self.env["sale.order.hold"]
        new_values, still = [], Hold
        for order in self:
            for keeper, reasons in blocking[order.id].items():
                values = order._hold_values(keeper, reasons)
                current = order._hold_current(keeper)
                if current.state == "held":
                    current._refresh(values)
                elif not (current and current._same_case(values["amount"], reasons)):
                    new_values.append(values)
                    continue
                still |= current
        gone = self._hold_current() - still
        new = Hold.create(new_values)
        gone._end()
        self._hold_set_state()
        new._ask_deciders()

    def _hold_set_state(self):
        """Set the orders' states by their holds."""
        by_state = {}
        for order in self:
            states = set(order._hold_current().mapped("state"))
            if states:
                state = "held" if "held" in states else "refused"
            else:
                amount = order._hold_amount()[order.id]
                state = "released" if any(hold._covers(amount) for hold in order.hold_ids) else "clear"
            if order.hold_state != state:
                by_state.setdefault(state, []).append(order.id)
        for state, ids in by_state.items():
            self.browse(ids).hold_state = state

    def _hold_current(self, keeper=None):
        """Return the holds (of one keeper) that stand against the orders, undecided or refused; one for each keeper."""
        return self.hold_ids.filtered(
            lambda hold: hold.standing and hold.state in ("held", "refused") and keeper in (None, hold.keeper)
        )

    def _hold_lapse(self):
        """The orders are cancelled or set back: no release counts any more, no keeper waits for a decision.

        What a person holds, a person lets go.
        """
        concerned = self.sudo().filtered(lambda order: order.hold_state != "clear")
        if concerned:
            by_hand = concerned._hold_current("manual")
            (concerned.hold_ids.filtered("standing") - by_hand)._end()
            by_order = dict(zip(by_hand.mapped("order_id.id"), by_hand.mapped("state")))
            for order in concerned:
                order.hold_state = by_order.get(order.id, "clear")

    def _hold_check_leaving(self):
        """Refuse a write that takes a confirmed order out of the sums while its deliveries and invoices go on."""
        if self.env.su:
            return
        leaving = self.filtered(lambda order: order.state == "sale")
        leaving -= passed(leaving, "leaving")
        if leaving:
            raise UserError(
                self.env._("%s is confirmed: it is taken back by cancelling it.", ", ".join(leaving.mapped("name")))
            )

    def _hold_confirmed(self, judge=False):
        """Return the confirmed orders among these; while a change is under way, add them to it and return none."""
        confirmed = self.filtered(lambda order: order.state == "sale")
        if edit := Edit.under_way(self.env):
            edit.touch(confirmed, judge)
            return self.browse()
        return confirmed

    @contextmanager
    def _hold_edit(self, judge=False):
        """Look at the confirmed orders once after the change that is made inside.

        :param judge: bring the orders before the gate even if they didn't grow
        """
        edit = Edit()
        edit.touch(self, judge)
        yield edit
        orders = self.browse(edit.order_ids).exists()
        raised = {
            order_id
            for order_id, amount in orders._hold_open_amounts().items()
            if amount > edit.open_before.get(order_id, amount)
        }
        orders._hold_recheck(orders.browse(edit.judged_ids | raised))
        orders._hold_after_edit(edit)

    def _hold_recheck(self, judged):
        """Bring confirmed orders that grew before the gate; take back what no longer holds for those that shrank.

        :param judged: orders that come before the gate even if they didn't grow
        """
        orders = self.sudo()
        for order in orders:
            growth = order.currency_id.compare_amounts(order.amount_total, order.hold_checked_amount)
            if growth > 0 or (order.amount_total > 0 and (order in judged or order._hold_not_for_growth())):
                settled = bool(order._hold_gate()) or growth < 0
            else:
                settled = growth < 0
                if settled or order.hold_state in ("held", "refused"):
                    by_hand = order._hold_manual_reasons()
                    order._hold_record({order.id: {"manual": by_hand} if by_hand else {}})
            if settled:
                order.hold_checked_amount = order.amount_total

    def _hold_not_for_growth(self):
        """Tell whether a keeper holds this confirmed order for another reason than its growth."""
        self.ensure_one()
        holds = self._hold_current().filtered(lambda hold: hold.keeper != "manual")
        if not holds:
            return False
        currency = self.company_id.currency_id
        passed = currency.round(self.hold_checked_amount / (self.currency_rate or 1.0))
        return any(currency.compare_amounts(hold.amount, passed) <= 0 for hold in holds)

    def _hold_log_warnings(self, warnings):
        if warnings:
            reason_model = self.env["sale.order.hold.reason"]
            sentences = [reason_model._message(reason.code, reason.figures) for reason in warnings]
            self._message_log(body=self.env._("Warning: %s", " ".join(sentences)))

    def _hold_notification(self, confirmed):
        """Return the action that tells the user which orders are held, why, and who can release them."""
        sentences = []
        for order in self:
            sentence = self.env._(
                "%(order)s is held: %(reasons)s",
                order=order.name,
                reasons=(order.sudo().hold_message or "").replace("\n", " "),
            )
            if order.sudo().hold_deciders:
                sentence += self.env._(" It can be released by %s.", order.sudo().hold_deciders)
            sentences.append(sentence)
        if confirmed:
            sentences.append(self.env._("Confirmed: %s.", ", ".join(confirmed.mapped("name"))))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held for Review"),
                "message": "\n".join(sentences),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === ACTION METHODS === #

    def action_hold_check_again(self):
        """Bring held or refused orders before the gate again, with today's figures."""
        self.check_access("read")
        concerned = self.filtered(lambda order: order.hold_state in ("held", "refused"))
        holds = concerned.sudo()._hold_current()
        return holds.with_env(self.env).action_check_again()

    def action_hold_release(self):
        return self._hold_decide("released")

    def action_hold_refuse(self):
        return self._hold_decide("refused")

    def _hold_decide(self, decision):
        holds = self.sudo()._hold_current().with_env(self.env)
        return holds._decide_action(decision)

    def action_hold_force(self):
        """Open the form to hold these orders by hand."""
        self._hold_check_may_force()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hold"),
            "res_model": "sale.order.hold.force",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }

    def action_view_holds(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale_order_hold.sale_order_hold_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {"create": False}}

    def _hold_user_may_force(self):
        user = self.env.user
        return (
            self.env.su
            or user.has_group("sale_order_hold.group_hold_controller")
            or user.has_group("sales_team.group_sale_manager")
        )

    def _hold_check_may_force(self):
        if not self._hold_user_may_force():
            raise AccessError(self.env._("Orders are held by hand by hold controllers and sales managers only."))

    def _hold_force(self, note):
        """Hold the orders by hand, whatever the keepers say."""
        self._hold_check_may_force()
        self.check_access("read")
        orders = self.sudo()
        if cancelled := orders.filtered(lambda order: order.state == "cancel"):
            raise UserError(self.env._("%s is cancelled and can't be held.", ", ".join(cancelled.mapped("name"))))
        reason = HoldReason("manual", "manual", "hold", {"user": self.env.user.name, "note": note})
        orders._hold_current("manual")._end()
        holds = orders.hold_ids.create([order._hold_values("manual", [reason]) for order in orders])
        orders._hold_set_state()
        holds._ask_deciders()
