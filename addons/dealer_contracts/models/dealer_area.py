from odoo import fields, models


class DealerArea(models.Model):
    """An area that a dealer may sell in: a node of the tree of countries, provinces and cities."""

    _name = "dealer.area"
    _description = "Sales Area"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"

    name = fields.Char(required=True, translate=True)
    parent_id = fields.Many2one("dealer.area", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    complete_name = fields.Char("Area", compute="_compute_complete_name", recursive=True, store=True)

    def _compute_complete_name(self):
        for area in self:
            area.complete_name = area.name
