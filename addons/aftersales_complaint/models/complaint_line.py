from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, clean_context

from .complaint_complaint import UNDECIDED

# What a line has of its complaint, kept for searching.
OF_THE_COMPLAINT = frozenset({"company_id", "partner_id"})


class ComplaintLine(models.Model):
    """One thing that a complaint is about: product, lot, order and delivery line, quantity, kind, wish, photos."""

    _name = "complaint.line"
    _description = "Line of a Complaint"
    _order = "complaint_id, id"
    _check_company_auto = True

    complaint_id = fields.Many2one("complaint.complaint", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="complaint_id.partner_id", store=True, index=True)
    state = fields.Selection(related="complaint_id.state")
    kind_id = fields.Many2one("complaint.kind", required=True, index=True, ondelete="restrict")
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="restrict", check_company=True)
    lot_id = fields.Many2one(
        "stock.lot",
        string="Lot",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('product_id', '=', product_id)]",
    )
    order_line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('order_partner_id', 'child_of', partner_id), ('state', '=', 'sale'), ('display_type', '=', False)]",
    )
    move_id = fields.Many2one(
        "stock.move",
        string="Delivery Line",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('sale_line_id', '=', order_line_id), ('state', '=', 'done')]",
    )
    delivered_id = fields.Many2one(
        "complaint.delivered",
        string="Delivered Goods",
        compute="_compute_delivered_id",
        compute_sudo=True,
        readonly=False,
        domain="[('partner_id', '=', partner_id), ('company_id', '=', company_id)]",
        help="Names order, delivery, product and lot at once.",
    )
    delivered_quantity = fields.Float(
        "Delivered",
        compute="_compute_balance",
        compute_sudo=True,
        digits="Product Unit",
        help="On the order line, in the unit of the product.",
    )
    returned_quantity = fields.Float(
        "Returned",
        compute="_compute_balance",
        compute_sudo=True,
        digits="Product Unit",
        help="Of the order line: what came back, is on its way back, or is promised to be taken back.",
    )
    quantity = fields.Float(digits="Product Unit", help="In the unit of the product.")
    uom_id = fields.Many2one(related="product_id.uom_id")
    wish = fields.Selection(related="complaint_id.wish")
    description = fields.Text()
    attachment_ids = fields.Many2many("ir.attachment", "complaint_line_attachment_rel", string="Photos")
    repeated_count = fields.Integer(
        compute="_compute_repeated_count",
        compute_sudo=True,
        help="Other complaints of the last 12 months, of any customer, about this product and lot.",
    )

    repeated = fields.Boolean(
        compute="_compute_repeated",
        search="_search_repeated",
        help="The same customer complained about the same product in the same way shortly before: see the settings.",
    )

    _quantity_positive = models.Constraint("CHECK (quantity >= 0)", "A quantity is not below zero.")

    @api.depends("kind_id", "product_id", "lot_id")
    def _compute_display_name(self):
        for line in self:
            names = (line.kind_id.name, line.product_id.display_name, line.lot_id.name)
            line.display_name = " · ".join(filter(None, names))

    @api.depends("product_id", "lot_id")
    def _compute_repeated_count(self):
        counts = {
            (product.id, lot.id): complaints
            for product, lot, complaints in self._read_group(
                [("product_id", "in", self.product_id.ids), ("complaint_id.received_on", ">=", "-12m")],
                ["product_id", "lot_id"],
                ["complaint_id:count_distinct"],
            )
        }
        for line in self:
            own = 1 if line._origin.id else 0
            line.repeated_count = max(0, counts.get((line.product_id.id, line.lot_id.id), 0) - own)

    @api.depends("move_id", "lot_id")
    def _compute_delivered_id(self):
        rows = self.env["complaint.delivered"]
        if moves := self.move_id._origin:
            rows = rows.search([("move_id", "in", moves.ids)])
        found = {(row.move_id, row.lot_id): row for row in rows}
        for line in self:
            line.delivered_id = found.get((line.move_id._origin, line.lot_id._origin), rows.browse())

    @api.depends("order_line_id")
    def _compute_balance(self):
        balances = self.order_line_id._complaint_balance()
        for line in self:
            balance = balances.get(line.order_line_id._origin.id)
            line.delivered_quantity = balance.delivered if balance else 0.0
            line.returned_quantity = balance.returned + balance.pending if balance else 0.0

    @api.depends("product_id", "kind_id", "partner_id")
    def _compute_repeated(self):
        repeated = set()
        if self.ids:
            self._flush_repeated()
            repeated = {row[0] for row in self.env.execute_query(self._repeated_sql(self.ids))}
        for line in self:
            line.repeated = line._origin.id in repeated

    def _search_repeated(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_repeated()
        found = Domain("id", "in", self._repeated_sql())
        return Domain.OR([found if wanted else ~found for wanted in value])

    @api.model
    def _flush_repeated(self):
        self.flush_model(["complaint_id", "kind_id", "partner_id", "product_id", "company_id"])
        self.env["complaint.complaint"].flush_model(["received_on", "duplicate_of_id"])
        self.env["res.company"].flush_model(["complaint_repeat_days"])

    @api.model
    def _repeated_sql(self, ids=None):
        """Return the query of the ids of lines that repeat an earlier complaint: the same customer, company, product
        and kind, within the days that the company sets. A double of the same complaint is no repetition."""
        return SQL(
            """
            SELECT line.id
              FROM complaint_line line
              JOIN complaint_complaint complaint ON complaint.id = line.complaint_id
              JOIN res_company company ON company.id = line.company_id
             WHERE %s
               AND complaint.duplicate_of_id IS NULL
               AND EXISTS (
                   SELECT 1
                     FROM complaint_line former
                     JOIN complaint_complaint earlier ON earlier.id = former.complaint_id
                    WHERE former.partner_id = line.partner_id
                      AND former.company_id = line.company_id
                      AND former.product_id = line.product_id
                      AND former.kind_id = line.kind_id
                      AND (earlier.received_on, earlier.id) < (complaint.received_on, complaint.id)
                      AND earlier.id <> COALESCE(complaint.origin_id, 0)
                      AND earlier.received_on
                          >= complaint.received_on - company.complaint_repeat_days * INTERVAL '1 day'
               )
            """,
            SQL("TRUE") if ids is None else SQL("line.id = ANY(%s)", list(ids)),
        )

    @api.onchange("delivered_id")
    def _onchange_delivered_id(self):
        for line in self:
            if goods := line.delivered_id:
                line.update({name: goods[name] for name in ("order_line_id", "move_id", "product_id", "lot_id")})

    @api.onchange("order_line_id")
    def _onchange_order_line_id(self):
        for line in self:
            if line.order_line_id:
                line.product_id = line.sudo().order_line_id.product_id
            if line.sudo().move_id.sale_line_id != line.order_line_id:
                line.move_id = False

    @api.constrains("kind_id", "product_id", "quantity", "order_line_id", "move_id", "lot_id", "complaint_id")
    def _check_line(self):
        for line in self.sudo():
            customer = line.complaint_id.partner_id
            if line.kind_id.needs_product and not (line.product_id and line.quantity):
                raise ValidationError(
                    self.env._("A complaint about “%s” names the product and the quantity.", line.kind_id.name)
                )
            order_line = line.order_line_id
            if order_line and order_line.order_partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(order)s is no order of %(customer)s.",
                        order=order_line.order_id.name,
                        customer=customer.display_name,
                    )
                )
            if order_line and line.product_id != order_line.product_id:
                raise ValidationError(self.env._("%s is not what that order line sold.", line.product_id.display_name))
            if line.move_id and (line.move_id.sale_line_id != order_line or line.move_id.state != "done"):
                raise ValidationError(self.env._("The delivery line belongs to another order line, or isn't done."))
            if line.lot_id and line.lot_id.product_id != line.product_id:
                raise ValidationError(self.env._("The lot %s belongs to another product.", line.lot_id.name))

    # === CRUD METHODS === #

    def _check_open(self):
        for complaint in self.sudo().complaint_id:
            if complaint.state not in UNDECIDED or complaint.first_decider_id:
                raise UserError(self.env._("%s is decided: its lines stay as they are.", complaint.display_name))

    @api.model_create_multi
    def create(self, vals_list):
        clean = self.with_context(clean_context(self.env.context))
        lines = super(ComplaintLine, clean).create(
            [{k: v for k, v in vals.items() if k not in OF_THE_COMPLAINT} for vals in vals_list]
        )
        lines._check_open()
        lines._own_photos()
        return lines.with_env(self.env)

    def write(self, vals):
        self._check_open()
        moved = vals.keys() & OF_THE_COMPLAINT
        if "complaint_id" in vals and self.complaint_id.ids not in ([], [vals["complaint_id"]]):
            moved.add("complaint_id")
        if moved:
            raise UserError(self.env._("A line stays with its complaint: %s.", ", ".join(sorted(moved))))
        result = super().write(vals)
        self._own_photos()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_open()

    def _own_photos(self):
        """Let photos belong to their line, so that who may read the line reads them."""
        for line in self.sudo():
            # Nobody's file but the user's own comes along.
            loose = line.attachment_ids.filtered(
                lambda file: (
                    file.res_model in (False, self._name)
                    and not file.res_id
                    and (self.env.su or file.create_uid == self.env.user)
                )
            )
            if loose:
                loose.write({"res_model": self._name, "res_id": line.id})

    def _follow_up_values(self):
        self.ensure_one()
        return {
            "kind_id": self.kind_id.id,
            "product_id": self.product_id.id,
            "lot_id": self.lot_id.id,
            "order_line_id": self.order_line_id.id,
            "move_id": self.move_id.id,
            "quantity": self.quantity,
            "description": self.description,
        }
