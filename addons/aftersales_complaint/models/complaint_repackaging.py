from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context


class ComplaintMaterial(models.Model):
    """A material that a repackaging uses up (A2), proposed and decided with its remedy."""

    _name = "complaint.material"
    _description = "Material of a Repackaging"
    _order = "remedy_id, id"
    _check_company_auto = True

    remedy_id = fields.Many2one("complaint.remedy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="remedy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        string="Material",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    quantity = fields.Float(digits="Product Unit", required=True, default=1, help="In the unit of the material.")
    uom_id = fields.Many2one(related="product_id.uom_id")
    unit_cost = fields.Monetary(
        compute="_compute_unit_cost",
        compute_sudo=True,
        store=True,
        help="Cost of one unit when it was proposed, in company currency.",
    )
    cost = fields.Monetary(
        "Cost of Materials", compute="_compute_cost", compute_sudo=True, store=True, help="In company currency."
    )
    move_id = fields.Many2one("stock.move", string="Stock Move", readonly=True, copy=False, ondelete="restrict")

    _quantity_positive = models.Constraint("CHECK (quantity > 0)", "A material is used in some quantity.")

    @api.depends("product_id", "company_id")
    def _compute_unit_cost(self):
        for company, materials in self.grouped("company_id").items():
            for material in materials:
                material.unit_cost = material.product_id.with_company(company).standard_price

    @api.depends("quantity", "unit_cost")
    def _compute_cost(self):
        for material in self:
            material.cost = material.quantity * material.unit_cost

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        own = {"remedy_id", "product_id", "quantity"}
        clean = self.with_context(clean_context(self.env.context))
        materials = super(ComplaintMaterial, clean).create(
            [{k: v for k, v in vals.items() if k in own} for vals in vals_list]
        )
        materials._check_open()
        return materials.with_env(self.env)

    def write(self, vals):
        # The remedy of a material stays, and its move is the step's.
        fixed = vals.keys() & {"remedy_id", "move_id", "unit_cost", "cost"}
        if fixed:
            raise UserError(self.env._("Only the repackaging writes: %s.", ", ".join(sorted(fixed))))
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        self._check_open()

    def _check_open(self):
        remedies = self.sudo().remedy_id
        remedies._check_open()
        for remedy in remedies:
            if remedy.kind != "repackage" or remedy.state != "proposed":
                raise UserError(
                    self.env._("Materials belong to a repackaging that is proposed, not to %s.", remedy.display_name)
                )

    def _keep_move(self, move):
        """Write the move that used a material up, past the guard of :meth:`write`."""
        self.ensure_one()
        super().write({"move_id": move.id})


class ComplaintRemedy(models.Model):
    """Repackaging (A2): materials leave the stock by a transfer of Odoo's, work is priced, both are the cost."""

    _inherit = "complaint.remedy"

    material_ids = fields.One2many("complaint.material", "remedy_id", string="Used Materials")
    material_cost = fields.Monetary(
        compute="_compute_material_cost",
        compute_sudo=True,
        store=True,
        readonly=False,
        help="Of a repackaging, in company currency: that of the materials where there are any.",
    )
    work_hours = fields.Float("Hours", help="Hours of work of a repackaging.")

    _hours_positive = models.Constraint("CHECK (work_hours >= 0)", "Hours of work are not below zero.")

    @api.depends("material_ids.cost")
    def _compute_material_cost(self):
        for remedy in self:
            if remedy.material_ids:
                remedy.material_cost = sum(remedy.material_ids.mapped("cost"))

    def action_repackaging(self):
        """Open the window with the materials and the work of a repackaging."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("aftersales_complaint.complaint_remedy_action_repackaging"),
            "res_id": self.id,
        }

    def _figures(self):
        figures = super()._figures()
        if self.kind == "repackage":
            figures.update(
                materials=[
                    {"product": row.product_id.display_name, "quantity": row.quantity, "cost": row.cost}
                    for row in self.material_ids
                ],
                material_cost=self.material_cost,
                hours=self.work_hours or None,
                work_cost=self.work_cost,
            )
        return figures

    def _make_repackage(self):
        """Have the materials leave the stock by one transfer into production; without materials there is none."""
        materials = self.material_ids
        if not materials:
            return
        company = self.company_id
        warehouse = self.order_line_id.order_id.warehouse_id or self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        source = warehouse.lot_stock_id
        picking = (
            self.env["stock.picking"]
            .with_company(company)
            .create(
                {
                    "picking_type_id": warehouse.int_type_id.id,
                    "origin": self.complaint_id.name,
                    "location_id": source.id,
                    "location_dest_id": self._repackaging_location(materials[0].product_id).id,
                }
            )
        )
        for material in materials:
            product = material.product_id.with_company(company)
            move = self.env["stock.move"].create(
                {
                    "picking_id": picking.id,
                    "company_id": company.id,
                    "product_id": product.id,
                    "product_uom_qty": material.quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": source.id,
                    "location_dest_id": self._repackaging_location(product).id,
                }
            )
            material._keep_move(move)
        picking.action_confirm()
        picking.action_assign()
        self._trace(picking)

    def _repackaging_location(self, product):
        """Return where used materials of a product go in this company: its location of production."""
        location = product.with_company(self.company_id).property_stock_production
        if not location:
            raise UserError(
                self.env._("%s has no location of production, where used materials go.", product.display_name)
            )
        return location


class ComplaintComplaint(models.Model):
    _inherit = "complaint.complaint"

    repackaging_cost = fields.Monetary(
        compute="_compute_repackaging_cost",
        compute_sudo=True,
        store=True,
        help="Materials and work of the repackagings that were made, in company currency.",
    )

    @api.depends("remedy_ids.kind", "remedy_ids.state", "remedy_ids.value")
    def _compute_repackaging_cost(self):
        for complaint in self:
            complaint.repackaging_cost = sum(
                remedy.value for remedy in complaint.remedy_ids if remedy.kind == "repackage" and remedy.state == "done"
            )
