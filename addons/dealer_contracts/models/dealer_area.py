from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AreaRow(NamedTuple):
    """An area as addresses are compared with it."""

    path: str
    country_id: int | None
    state_id: int | None
    city: str | None


def city_key(city):
    """Return what two ways to write a city have in common: 杭州市 is 杭州."""
    return (city or "").strip().removesuffix("市").casefold() or None


class DealerArea(models.Model):
    """An area that a dealer may sell in: a node of the tree of countries, provinces and cities (D6).

    Addresses belong to the narrowest area whose country, province and city they have; an area without any of these
    groups others.
    """

    _name = "dealer.area"
    _description = "Sales Area"
    _parent_store = True
    _order = "parent_path"
    _rec_names_search = ["complete_name"]

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one("dealer.area", string="Part of", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("dealer.area", "parent_id", string="Parts")
    complete_name = fields.Char(
        "Area",
        compute="_compute_complete_name",
        search="_search_complete_name",
        recursive=True,
        help="With the areas that it is part of, in the reader's language.",
    )
    country_id = fields.Many2one(
        "res.country", compute="_compute_place", store=True, readonly=False, recursive=True, precompute=True
    )
    state_id = fields.Many2one(
        "res.country.state",
        string="Province",
        compute="_compute_place",
        store=True,
        readonly=False,
        recursive=True,
        precompute=True,
        domain="[('country_id', '=?', country_id)]",
    )
    city = fields.Char(help="As addresses have it; 市 at the end makes no difference.")

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for area in self:
            area.complete_name = f"{area.parent_id.complete_name} / {area.name}" if area.parent_id else area.name

    def _search_complete_name(self, operator, value):
        # The names of a map are few, and in every language other ones.
        areas = self.with_context(active_test=False).search_fetch([], ["name", "parent_id"])
        return Domain("id", "in", areas.filtered_domain([("complete_name", operator, value)]).ids)

    @api.depends("complete_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for area in self:
            area.display_name = area.complete_name

    @api.depends("parent_id.country_id", "parent_id.state_id")
    def _compute_place(self):
        """A part lies in the country and province of the whole."""
        for area in self:
            area.country_id = area.parent_id.country_id or area.country_id
            area.state_id = area.parent_id.state_id or area.state_id

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("An area can't be a part of itself."))

    @api.constrains("country_id", "state_id", "city")
    def _check_place(self):
        for area in self:
            if area.state_id and area.country_id and area.state_id.country_id != area.country_id:
                raise ValidationError(
                    self.env._(
                        "%(state)s doesn't lie in %(country)s.", state=area.state_id.name, country=area.country_id.name
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create(vals_list)
        self.env.registry.clear_cache()
        return areas

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    # === WHERE AN ADDRESS LIES === #

    @api.model
    @tools.ormcache()
    def _place_rows(self):
        """Return {id: :class:`AreaRow`} of all areas; they change seldom, the gate asks with every order."""
        areas = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch([], ["parent_path", "country_id", "state_id", "city", "active"])
        )
        return {
            area.id: AreaRow(
                area.parent_path, area.country_id.id or None, area.state_id.id or None, city_key(area.city)
            )
            for area in areas
        }

    @api.model
    @tools.ormcache("country_id", "state_id", "city")
    def _of_address(self, country_id, state_id, city):
        """Return the id of the narrowest area that an address belongs to; None if there is none."""
        key = city_key(city)
        best = None
        for area_id, row in self._place_rows().items():
            given = ((row.country_id, country_id), (row.state_id, state_id), (row.city, key))
            wanted = [(expected, found) for expected, found in given if expected]
            if wanted and all(expected == found for expected, found in wanted):
                # A part that adds nothing to the place of the whole only groups what is below it.
                rank = (len(wanted), -row.path.count("/"), -area_id)
                best = max(best, (rank, area_id)) if best else (rank, area_id)
        return best and best[1]

    @api.model
    def _path(self, area_id):
        row = self._place_rows().get(area_id)
        return row and row.path
