from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import clean_context

from .complaint_complaint import DECIDER, FOUND, HANDLER

KINDS = [
    ("return", "Return"),
    ("replacement", "Replacement"),
    ("credit", "Credit Note"),
    ("allowance", "Price Allowance"),
    ("compensation", "Compensation"),
    ("repackage", "Repackaging"),
]
OF_GOODS = ("return", "replacement", "credit", "repackage")
PROPOSAL = frozenset({"line_id", "kind", "quantity", "amount", "note"}) | frozenset(
    {"material_cost", "work_cost", "work_hours", "material_ids"}
)


class ComplaintRemedy(models.Model):
    """What is done for the customer (A1, A2): proposed by the investigation, approved by the decision, then made as a
    document of Odoo's own, traced both ways."""

    _name = "complaint.remedy"
    _description = "Remedy of a Complaint"
    _order = "complaint_id, id"

    complaint_id = fields.Many2one("complaint.complaint", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="complaint_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    complaint_state = fields.Selection(related="complaint_id.state", string="Complaint Is")
    kind = fields.Selection(KINDS, required=True)
    line_id = fields.Many2one(
        "complaint.line", index="btree_not_null", ondelete="restrict", domain="[('complaint_id', '=', complaint_id)]"
    )
    product_id = fields.Many2one(related="line_id.product_id", store=True)
    order_line_id = fields.Many2one(related="line_id.order_line_id", store=True, index="btree_not_null")
    quantity = fields.Float(digits="Product Unit", help="In the unit of the product.")
    amount = fields.Monetary(help="Of a compensation or an allowance, in company currency, without taxes.")
    material_cost = fields.Monetary("Materials", help="Of a repackaging, in company currency.")
    work_cost = fields.Monetary("Work", help="Of a repackaging, in company currency.")
    goods_value = fields.Monetary(
        compute="_compute_value",
        compute_sudo=True,
        store=True,
        help="The quantity at the price of the order, taxes included, in company currency.",
    )
    sales_value = fields.Monetary(
        compute="_compute_value",
        compute_sudo=True,
        store=True,
        help="The quantity at the price of the order, without taxes, in company currency.",
    )
    value = fields.Monetary(
        compute="_compute_value",
        compute_sudo=True,
        store=True,
        help="What the remedy costs us, in company currency; a return costs nothing by itself.",
    )
    note = fields.Char()
    state = fields.Selection(
        [("proposed", "Proposed"), ("approved", "Approved"), ("done", "Made"), ("cancelled", "Cancelled")],
        required=True,
        default="proposed",
        readonly=True,
        index=True,
    )
    policy_note = fields.Text(
        compute="_compute_policy_note", compute_sudo=True, help="What lies outside the return policy, with the figures."
    )
    exception_reason = fields.Text(readonly=True)
    exception_by = fields.Many2one("res.users", "Exception By", readonly=True, ondelete="restrict")
    exception_on = fields.Datetime(readonly=True)
    picking_ids = fields.Many2many("stock.picking", "complaint_remedy_picking_rel", string="Transfers", readonly=True)
    move_id = fields.Many2one("account.move", string="Credit Note", readonly=True, ondelete="restrict")
    documents = fields.Char(compute="_compute_documents", compute_sudo=True, help="Numbers of what was made.")
    condition = fields.Selection(
        [
            ("intact", "Intact"),
            ("package", "Packaging Damaged"),
            ("product", "Product Damaged"),
            ("opened", "Opened"),
            ("other", "Not What Was Returned"),
        ],
        readonly=True,
    )
    condition_note = fields.Text(readonly=True)
    received_quantity = fields.Float(digits="Product Unit", readonly=True)
    received_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _positive = models.Constraint(
        "CHECK (quantity >= 0 AND amount >= 0 AND material_cost >= 0 AND work_cost >= 0)",
        "Quantities and amounts are not below zero.",
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "product_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for remedy in self:
            remedy.display_name = " ".join(filter(None, (labels.get(remedy.kind), remedy.product_id.display_name)))

    @api.depends("kind", "quantity", "amount", "material_cost", "work_cost", "order_line_id", "product_id")
    def _compute_value(self):
        for remedy in self:
            goods = remedy.quantity * remedy._unit_value() if remedy.kind in OF_GOODS else 0.0
            remedy.goods_value = goods
            remedy.sales_value = remedy.quantity * remedy._unit_value(taxed=False) if remedy.kind in OF_GOODS else 0.0
            if remedy.kind in ("replacement", "credit"):
                remedy.value = goods
            elif remedy.kind in ("compensation", "allowance"):
                remedy.value = remedy.amount
            elif remedy.kind == "repackage":
                remedy.value = remedy.material_cost + remedy.work_cost
            else:
                remedy.value = 0.0

    def _unit_value(self, taxed=True):
        """Return what one unit of the product cost the customer, with taxes or without, in company currency."""
        self.ensure_one()
        line = self.order_line_id
        company = self.company_id or self.complaint_id.company_id
        if not line:
            return self.product_id.with_company(company).lst_price
        price = line.price_reduce_taxinc if taxed else line.price_reduce_taxexcl
        price = line.product_uom_id._compute_price(price, self.product_id.uom_id)
        return line.currency_id._convert(
            price, company.currency_id, company, line.order_id.date_order or fields.Datetime.now(), round=False
        )

    @api.depends("kind", "quantity", "line_id")
    def _compute_policy_note(self):
        problems = self._policy_problems()
        for remedy in self:
            remedy.policy_note = "\n".join(problems[remedy.id])

    def _policy_problems(self):
        """Return {remedy id: sentences about what is outside the return policy}: constant queries.

        Nothing for other remedies than returns, and for what was promised already.
        """
        returns = self.filtered(
            lambda remedy: remedy.kind == "return" and remedy.product_id and remedy.state == "proposed"
        )
        problems = self.env["complaint.return.policy"]._problems(returns) if returns else {}
        return {remedy.id: problems.get(remedy.id, []) for remedy in self}

    @api.depends("picking_ids.name", "move_id.name")
    def _compute_documents(self):
        for remedy in self:
            remedy.documents = ", ".join(filter(None, remedy._documents()))

    # === CONSTRAINTS === #

    @api.constrains("kind", "line_id", "quantity", "amount", "complaint_id")
    def _check_complete(self):
        for remedy in self.sudo():
            if remedy.line_id and remedy.line_id.complaint_id != remedy.complaint_id:
                raise ValidationError(self.env._("The line belongs to another complaint."))
            if remedy.kind in OF_GOODS and not (remedy.product_id and remedy.quantity):
                raise ValidationError(
                    self.env._("“%s” needs a line with its product, and a quantity.", remedy.display_name)
                )
            if remedy.kind in ("compensation", "allowance") and not remedy.amount:
                raise ValidationError(self.env._("“%s” needs an amount.", remedy.display_name))
            if (
                remedy.kind in OF_GOODS
                and remedy.product_id.uom_id.compare(remedy.quantity, remedy.line_id.quantity) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%(remedy)s: %(quantity)g, but the customer complains about %(claimed)g.",
                        remedy=remedy.display_name,
                        quantity=remedy.quantity,
                        claimed=remedy.line_id.quantity,
                    )
                )

    # === CRUD METHODS === #

    def _check_open(self):
        for complaint in self.sudo().complaint_id:
            if complaint.state not in FOUND or complaint.first_decider_id:
                raise UserError(
                    self.env._("%s: remedies are proposed while it is investigated.", complaint.display_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self.env["complaint.complaint"]._check_group(HANDLER)
        own = PROPOSAL | {"complaint_id"}
        # Nothing but the steps gives the other fields, defaults in the context neither.
        clean = self.with_context(clean_context(self.env.context))
        remedies = super(ComplaintRemedy, clean).create(
            [{k: v for k, v in vals.items() if k in own} for vals in vals_list]
        )
        remedies = remedies.with_env(self.env)
        remedies._check_open()
        remedies._check_returns()
        return remedies

    def write(self, vals):
        changed = vals.keys() & self._fields.keys()
        if changed - PROPOSAL:
            raise AccessError(
                self.env._("Only the steps of a complaint write: %s.", ", ".join(sorted(changed - PROPOSAL)))
            )
        self._check_open()
        result = super().write(vals)
        self._check_returns()
        if changed & {"kind", "line_id", "quantity"}:
            # What was excepted from the policy was this return, not another one.
            self.sudo()._write_step({"exception_reason": False, "exception_by": False, "exception_on": False})
        return result

    def _write_step(self, vals):
        """Write what the steps alone write, past the guard of :meth:`write`."""
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_open()
        if any(remedy.state != "proposed" for remedy in self):
            raise UserError(self.env._("What was promised is kept."))

    def _check_returns(self):
        """Raise if these returns bring back more than came, under lock."""
        self.sudo().filtered(lambda remedy: remedy.kind == "return").order_line_id._complaint_check_returns()

    # === BUSINESS METHODS === #

    def _figures(self):
        self.ensure_one()
        return {
            "kind": self.kind,
            "product": self.product_id.display_name or None,
            "quantity": self.quantity,
            "value": self.value,
            "exception": self.exception_reason or None,
            "documents": self._documents(),
        }

    def _documents(self):
        """Return the numbers of the documents that were made; False for one that has none yet: hook for bridges."""
        self.ensure_one()
        return self.picking_ids.mapped("name") + ([self.move_id.name] if self.move_id else [])

    def _check_allowed(self, user):
        """Raise, with the figures, if one of these can't be promised now: called by the decision."""
        self._check_returns()
        found = self._policy_problems()
        for remedy in self:
            problems = found[remedy.id]
            if problems and not remedy.exception_by:
                raise UserError(
                    self.env._(
                        "%(remedy)s is outside the return policy: %(problems)s. It needs an exception with a reason.",
                        remedy=remedy.display_name,
                        problems="; ".join(problems),
                    )
                )

    def _settle(self):
        """What was proposed is promised: called by the decision."""
        self.filtered(lambda remedy: remedy.state == "proposed")._write_step({"state": "approved"})

    def _approve_exception(self, reason):
        """Approve a return that is outside the policy: a decider who did not investigate, with a reason."""
        self.ensure_one()
        self.complaint_id._check_group(DECIDER)
        self.complaint_id.check_access("write")
        reason = (reason or "").strip()
        remedy = self.sudo()
        if not reason:
            raise UserError(self.env._("Say why the return is accepted all the same."))
        if remedy.complaint_id.state != "investigating":
            raise UserError(self.env._("Exceptions are approved while the complaint is investigated."))
        if self.env.user in remedy.complaint_id._investigators():
            raise AccessError(self.env._("You investigated this yourself: another person decides."))
        problems = remedy._policy_problems()[remedy.id]
        if not problems:
            raise UserError(self.env._("%s is within the return policy.", remedy.display_name))
        remedy._write_step(
            {"exception_reason": reason, "exception_by": self.env.uid, "exception_on": fields.Datetime.now()}
        )
        remedy.complaint_id._record(
            "exception", remedy.complaint_id.state, reason, {**remedy._figures(), "problems": problems}
        )

    def action_exception(self):
        """Open the window that asks for the reason of an exception."""
        self.ensure_one()
        action = self.complaint_id._open_wizard("exception", self.env._("Accept Outside the Policy"))
        action["context"]["default_remedy_id"] = self.id
        return action

    def action_make(self):
        """Make the documents of approved remedies."""
        for remedy in self:
            remedy.complaint_id._check_group(HANDLER)
            remedy.check_access("write")
            own = remedy.sudo()
            if own.state != "approved" or own.complaint_id.state not in ("decided", "notified"):
                raise UserError(self.env._("%s isn't approved, or is made already.", remedy.display_name))
            # Made first: what is on its way back is counted once.
            own._write_step({"state": "done"})
            getattr(own, f"_make_{own.kind}")()
            own.complaint_id._record("remedy", own.complaint_id.state, figures=own._figures())
        return True

    def _receive(self, condition, quantity, note):
        """Keep in which condition returned goods came, once."""
        self.ensure_one()
        self.complaint_id._check_group(HANDLER)
        self.check_access("write")
        remedy = self.sudo()
        if remedy.complaint_id.state == "closed":
            raise UserError(self.env._("%s is closed: it is kept as it is.", remedy.complaint_id.display_name))
        if remedy.kind != "return" or remedy.state != "done" or remedy.received_by:
            raise UserError(self.env._("The condition is kept once, of a return that was made."))
        if condition not in dict(self._fields["condition"].selection):
            raise UserError(self.env._("Choose the condition of the goods."))
        if not 0 <= quantity <= remedy.quantity:
            raise UserError(self.env._("Between 0 and %(quantity)g units can have come.", quantity=remedy.quantity))
        values = {
            "condition": condition,
            "received_quantity": quantity,
            "condition_note": (note or "").strip(),
            "received_by": self.env.uid,
        }
        remedy._write_step(values)
        remedy.complaint_id._record(
            "condition", remedy.complaint_id.state, note, {"condition": condition, "quantity": quantity}
        )

    def action_receive(self):
        """Open the window in which the condition of returned goods is kept."""
        self.ensure_one()
        action = self.complaint_id._open_wizard("receive", self.env._("Condition on Receipt"))
        action["context"].update(default_remedy_id=self.id, default_quantity=self.quantity)
        return action

    # === DOCUMENTS === #

    def _delivery_moves(self):
        """Return what delivered the order line, the named delivery line first and then the newest."""
        self.ensure_one()
        moves = self.order_line_id.move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move.location_dest_id.usage == "customer"
                and move.location_id.usage != "customer"
            )
        )
        return moves.sorted(lambda move: (move == self.line_id.move_id, move.date, move.id), reverse=True)

    def _make_return(self):
        remaining = self.quantity
        uom = self.product_id.uom_id
        wanted = {}
        for move in self._delivery_moves():
            back = move.returned_move_ids.filtered(lambda other: other.state != "cancel")
            free = move.product_uom._compute_quantity(move.quantity, uom) - sum(back.mapped("product_qty"))
            taken = min(free, remaining)
            if uom.compare(taken, 0) > 0:
                wanted[move] = taken
                remaining -= taken
        if uom.compare(remaining, 0) > 0:
            raise UserError(
                self.env._(
                    "Nothing that was delivered is left to take %(quantity)g of %(product)s back.",
                    quantity=remaining,
                    product=self.product_id.display_name,
                )
            )
        pickings = self.env["stock.picking"]
        for picking in {move.picking_id: True for move in wanted}:
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            for row in wizard.product_return_moves:
                quantity = wanted.get(row.move_id, 0.0)
                row.quantity = uom._compute_quantity(quantity, row.move_id.product_uom) if quantity else 0.0
                row.to_refund = True
            pickings |= wizard._create_return()
        self._trace(pickings)

    def _make_replacement(self):
        order_line = self.order_line_id
        company = self.company_id
        warehouse = order_line.order_id.warehouse_id or self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        operation = warehouse.out_type_id
        customer = order_line.order_id.partner_shipping_id or self.complaint_id.contact_id or self.partner_id
        returned = self._has_return()
        picking = (
            self.env["stock.picking"]
            .with_company(company)
            .create(
                {
                    "picking_type_id": operation.id,
                    "partner_id": customer.id,
                    "origin": self.complaint_id.name,
                    "location_id": operation.default_location_src_id.id,
                    "location_dest_id": customer.property_stock_customer.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.product_id.id,
                                "product_uom_qty": self.quantity,
                                "product_uom": self.product_id.uom_id.id,
                                "location_id": operation.default_location_src_id.id,
                                "location_dest_id": customer.property_stock_customer.id,
                                "company_id": company.id,
                                # What replaces returned goods is delivered on the order again; what replaces goods
                                # that never came isn't delivered twice.
                                "sale_line_id": order_line.id if returned else False,
                            }
                        )
                    ],
                }
            )
        )
        picking.action_confirm()
        picking.action_assign()
        self._trace(picking)

    def _has_return(self):
        return bool(
            self.complaint_id.remedy_ids.filtered(
                lambda other: (
                    other.kind == "return"
                    and other.state in ("approved", "done")
                    and other.line_id == self.line_id
                    and other.quantity >= self.quantity
                )
            )
        )

    def _make_credit(self):
        line = self.order_line_id
        invoice_line = line.invoice_lines.filtered(
            lambda row: row.parent_state == "posted" and row.move_id.move_type == "out_invoice"
        )[-1:]
        values = {"product_id": self.product_id.id, "product_uom_id": self.product_id.uom_id.id}
        values["quantity"] = self.quantity
        currency = self.currency_id
        if line:
            currency = line.currency_id
            values.update(
                price_unit=line.product_uom_id._compute_price(
                    line.price_unit * (1 - line.discount / 100), self.product_id.uom_id
                ),
                tax_ids=[Command.set(line.tax_ids.ids)],
            )
            if self._has_return():
                values["sale_line_ids"] = [Command.set(line.ids)]
        self._make_refund(values, invoice_line.move_id, currency)

    def _make_allowance(self):
        invoice = self.order_line_id.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )[-1:]
        self._make_refund(
            {"name": self.env._("Price allowance %s", self.complaint_id.name), "price_unit": self.amount}, invoice
        )

    def _make_compensation(self):
        self._make_refund({"name": self.env._("Compensation %s", self.complaint_id.name), "price_unit": self.amount})

    def _make_refund(self, line_values, invoice=None, currency=None):
        """Draft a credit note of one line; accounting posts it."""
        line_values.setdefault("tax_ids", [Command.clear()])
        order = self.order_line_id.order_id
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "out_refund",
                    "partner_id": (order.partner_invoice_id or self.partner_id).id,
                    "currency_id": (currency or self.currency_id).id,
                    "ref": self.complaint_id.name,
                    "invoice_origin": self.complaint_id.name,
                    "reversed_entry_id": invoice.id if invoice else False,
                    "complaint_id": self.complaint_id.id,
                    "invoice_line_ids": [Command.create(line_values)],
                }
            )
        )
        self._write_step({"move_id": move.id})

    def _trace(self, pickings):
        pickings.write({"complaint_id": self.complaint_id.id})
        self._write_step({"picking_ids": [Command.set(pickings.ids)]})
