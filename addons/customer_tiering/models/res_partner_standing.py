from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .customer_standing import OPEN, STANDINGS

READERS = "sales_team.group_sale_salesman,customer_tiering.group_tier_reader"


class ResPartner(models.Model):
    """What a customer is besides its class, as of today and in the present company."""

    _inherit = "res.partner"

    shop_area = fields.Float(
        "Shop Area (m²)", digits=(16, 1), tracking=True, help="Floor area of the shop, in square metres."
    )
    shop_location = fields.Selection(
        [("busy", "Busy Place"), ("ordinary", "Ordinary Place"), ("remote", "Remote Place")],
        string="Shop Location",
        tracking=True,
    )
    is_key_account = fields.Boolean(
        "Key Account", compute="_compute_standings", search="_search_is_key_account", groups=READERS
    )
    is_support_unit = fields.Boolean(
        "Special Support Unit", compute="_compute_standings", search="_search_is_support_unit", groups=READERS
    )
    is_domineering = fields.Boolean(
        "Domineering Customer", compute="_compute_standings", search="_search_is_domineering", groups=READERS
    )
    is_worth_supporting = fields.Boolean(
        "Small Customer Worth Supporting",
        compute="_compute_standings",
        search="_search_is_worth_supporting",
        groups=READERS,
    )
    support_unit_number = fields.Char(compute="_compute_standings", groups=READERS)
    standing_strategy = fields.Text("Strategy", compute="_compute_standings", groups=READERS)
    service_focus_id = fields.Many2one(
        "customer.service.focus", string="Focus of Service", compute="_compute_standings", groups=READERS
    )

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id.customer_ownership", "commercial_partner_id.customer_loyalty")
    @api.depends_context("company", "uid")
    def _compute_standings(self):
        """Read what is confirmed: three queries for any number of customers, as far as the user may read it."""
        found = {name: self._confirmed_standings(name) for name in STANDINGS}
        none = {name: self.env[name] for name in STANDINGS}
        for partner in self:
            entity_id = partner.commercial_partner_id.id
            account, unit, cares = (found[name].get(entity_id, none[name]) for name in STANDINGS)
            kinds = set(cares.mapped("kind"))
            partner.is_key_account = bool(account)
            partner.is_support_unit = bool(unit)
            partner.support_unit_number = unit[:1].name
            partner.is_domineering = "domineering" in kinds
            partner.is_worth_supporting = "worth" in kinds
            partner.service_focus_id = account[:1].focus_id
            partner.standing_strategy = (
                "\n".join(filter(None, [*account.mapped("strategy"), *cares.mapped("strategy")])) or False
            )

    def _confirmed_standings(self, name):
        """Return {customer id: confirmed standings of a model in this company}."""
        model = self.env[name]
        ids = self.commercial_partner_id._origin.ids
        if not ids or not model.has_access("read"):
            return {}
        records = model.search(
            [
                ("partner_id", "in", ids),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "confirmed"),
            ]
        )
        return {partner.id: standings for partner, standings in records.grouped("partner_id").items()}

    # === SEARCH METHODS === #

    @api.model
    def _search_standing(self, name, operator, value, *conditions):
        if operator != "in":
            return NotImplemented
        records = self.env[name]._search(
            [("company_id", "=", self.env.company.id), ("state", "=", "confirmed"), *conditions]
        )
        domain = Domain("commercial_partner_id", "in", records.subselect("partner_id"))
        return domain if True in value else ~domain

    @api.model
    def _search_is_key_account(self, operator, value):
        return self._search_standing("customer.key.account", operator, value)

    @api.model
    def _search_is_support_unit(self, operator, value):
        return self._search_standing("customer.support.unit", operator, value)

    @api.model
    def _search_is_domineering(self, operator, value):
        return self._search_standing("customer.special.care", operator, value, ("kind", "=", "domineering"))

    @api.model
    def _search_is_worth_supporting(self, operator, value):
        return self._search_standing("customer.special.care", operator, value, ("kind", "=", "worth"))


class CustomerTier(models.Model):
    _inherit = "customer.tier"

    allows_plaque = fields.Boolean(
        "Special Support",
        tracking=True,
        help="Customers of this class can become special support units; those of the others are small or middle ones.",
    )


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Of two standings of one kind one would be lost without a word."""
        for name in STANDINGS:
            model = self.env[name].sudo()
            standings = model.search([("partner_id", "in", partner_ids), ("state", "in", OPEN)])
            for doubles in standings.grouped(lambda row: tuple(row[same] for same in row._same[1:])).values():
                if len(doubles) > 1:
                    raise UserError(
                        self.env._(
                            "%(customers)s each have: %(what)s. End or refuse all but one of them first.",
                            customers=", ".join(doubles.partner_id.mapped("display_name")),
                            what=self.env["ir.model"]._get(name).sudo().name,
                        )
                    )
        return super()._merge(partner_ids, dst_partner, extra_checks)
