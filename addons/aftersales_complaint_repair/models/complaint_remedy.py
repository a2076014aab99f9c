from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ComplaintRemedy(models.Model):
    """Repair as a remedy (A2): made as a repair order of Odoo's."""

    _inherit = "complaint.remedy"

    kind = fields.Selection(selection_add=[("repair", "Repair")], ondelete={"repair": "set repackage"})
    repair_id = fields.Many2one(
        "repair.order", string="Repair Order", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    repair_state = fields.Selection(related="repair_id.state", string="Repair Is", help="How far the repair is.")

    def _compute_value(self):
        super()._compute_value()
        for remedy in self.filtered(lambda remedy: remedy.kind == "repair"):
            remedy.goods_value = remedy.quantity * remedy._unit_value()
            remedy.value = remedy.material_cost + remedy.work_cost

    @api.constrains("kind", "line_id", "quantity")
    def _check_repair(self):
        for remedy in self.sudo().filtered(lambda remedy: remedy.kind == "repair"):
            if not (remedy.product_id and remedy.quantity):
                raise ValidationError(
                    self.env._("“%s” needs a line with its product, and a quantity.", remedy.display_name)
                )
            if remedy.product_id.uom_id.compare(remedy.quantity, remedy.line_id.quantity) > 0:
                raise ValidationError(
                    self.env._(
                        "%(remedy)s: %(quantity)g, but the customer complains about %(claimed)g.",
                        remedy=remedy.display_name,
                        quantity=remedy.quantity,
                        claimed=remedy.line_id.quantity,
                    )
                )

    def _make_repair(self):
        """Order the repair of what the line is about, of goods on their way back where a return was promised too."""
        complaint, line = self.complaint_id, self.line_id
        back = complaint.remedy_ids.filtered(
            lambda other: other.kind == "return" and other.line_id == line and other.picking_ids
        )
        repair = (
            self.env["repair.order"]
            .with_company(self.company_id)
            .create(
                {
                    "company_id": self.company_id.id,
                    "complaint_id": complaint.id,
                    "partner_id": self.partner_id.id,
                    "product_id": self.product_id.id,
                    "product_uom": self.product_id.uom_id.id,
                    "product_qty": self.quantity,
                    "lot_id": line.lot_id.id,
                    "picking_id": back.picking_ids[:1].id,
                    "user_id": complaint.user_id.id,
                    # The customer doesn't pay for the parts.
                    "under_warranty": True,
                    "internal_notes": complaint.findings,
                }
            )
        )
        self._write_step({"repair_id": repair.id})

    @api.depends("repair_id.name")
    def _compute_documents(self):
        super()._compute_documents()

    def _documents(self):
        return super()._documents() + self.repair_id.mapped("name")

    def _check_repaired(self):
        """Raise if a repair that was ordered isn't done."""
        for remedy in self:
            if remedy.repair_id and remedy.repair_id.state not in ("done", "cancel"):
                raise UserError(
                    self.env._(
                        "%(repair)s for %(complaint)s isn't repaired yet.",
                        repair=remedy.repair_id.name,
                        complaint=remedy.complaint_id.display_name,
                    )
                )
