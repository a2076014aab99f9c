from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL


class Standing(NamedTuple):
    """A contract as the gate sees it.

    :param date_end: first day on which it is (or was) no longer in force
    :param areas: ids of its areas; none for all
    :param products: ids of its products
    :param categories: ids of its product range; with no products either: all products
    :param prices: (product id, unit id, price with taxes) that it agrees on, in its currency

    The terms of a contract that isn't in force any more are left out.
    """

    number: str
    in_force: bool
    date_end: object
    currency_id: int
    areas: frozenset = frozenset()
    products: frozenset = frozenset()
    categories: frozenset = frozenset()
    prices: tuple = ()

    def covers_product(self, product):
        if not self.products and not self.categories:
            return True
        return product.id in self.products or within(product.product_tmpl_id.categ_id.parent_path, self.categories)

    def covers_area(self, path):
        return not self.areas or within(path, self.areas)


def within(path, ids):
    """Tell whether a node, by its path in the tree, is one of these nodes or below one."""
    return not ids.isdisjoint(map(int, (path or "").split("/")[:-1]))


class DealerContract(models.Model):
    """What the gate of orders asks contracts (D4)."""

    _inherit = "dealer.contract"

    # {areas, products, categories: [ids], prices: [[product, unit, price]]}, so that the gate reads one row of one
    # table: it does so with every order.
    standing = fields.Json(
        compute="_compute_standing",
        store=True,
        copy=False,
        prefetch=False,
    )

    @api.depends("area_ids", "category_ids", "line_ids.product_id", "line_ids.uom_id", "line_ids.price_unit")
    def _compute_standing(self):
        for contract in self:
            contract.standing = {
                "areas": contract.area_ids.ids,
                "categories": contract.category_ids.ids,
                "products": contract.line_ids.product_id.ids,
                "prices": [
                    [line.product_id.id, line.uom_id.id, line.price_unit]
                    for line in contract.line_ids
                    if line.price_unit > 0
                ],
            }

    def _terms_server_fields(self):
        return super()._terms_server_fields() | {"standing"}

    @api.model
    def _standings_question(self, company_id, customer_ids, today, partner_ids=()):
        """Return the expression of what the gate has to know of contracts; ``_standings_of`` reads its value.

        :param customer_ids: whose contracts
        :param today: on the clock of the company
        :param partner_ids: delivery addresses
        """
        return SQL(
            """
            (SELECT JSON_BUILD_ARRAY(
                        JSON_AGG(JSON_BUILD_ARRAY(
                            partner_id, name, COALESCE(date_terminated, date_end), currency_id,
                            CASE WHEN state IN ('filed', 'in_force') AND date_end > %s
                                 THEN COALESCE(standing, '{}') END)),
                        (SELECT JSON_OBJECT_AGG(id, JSON_BUILD_ARRAY(dealer_area_id, country_id, state_id, city))
                           FROM res_partner
                          WHERE id = ANY(%s)))
               FROM dealer_contract
              WHERE company_id = %s
                AND partner_id = ANY(%s)
                AND state IN ('filed', 'in_force', 'expired', 'terminated')
                AND date_start <= %s)
            """,
            today,
            list(partner_ids),
            company_id,
            list(customer_ids),
            today,
        )

    @api.model
    def _standings(self, question):
        """Ask a ``_standings_question``, where the gate doesn't, and return what ``_standings_of`` does."""
        self._flush_standing()
        self.env["res.partner"].flush_model(["dealer_area_id", "country_id", "state_id", "city"])
        return self._standings_of(self.env.execute_query(SQL("SELECT %s", question))[0][0])

    @api.model
    def _standings_of(self, answer):
        """Read the answer to a ``_standings_question``.

        :return: {customer id: [:class:`Standing`]} of contracts that are in force or were, and {partner id: area id} of
            the addresses
        """
        contracts, places = answer
        Area = self.env["dealer.area"]
        areas = {
            int(partner_id): own or Area._of_address(country_id, state_id, city)
            for partner_id, (own, country_id, state_id, city) in (places or {}).items()
        }
        standings = defaultdict(list)
        for customer_id, number, end, currency_id, says in contracts or ():
            terms = ()
            if says is not None:
                terms = (
                    *(frozenset(says.get(name, ())) for name in ("areas", "products", "categories")),
                    tuple(says.get("prices", ())),
                )
            standings[customer_id].append(
                Standing(number or "", says is not None, fields.Date.to_date(end), currency_id, *terms)
            )
        return standings, areas

    @api.model
    def _flush_standing(self):
        self.flush_model(["company_id", "partner_id", "state", "date_start", "date_end", "date_terminated"])
        self.flush_model(["name", "currency_id", "standing", "pricelist_id", "payment_term_id"])

    def _begin(self):
        """Orders that waited for the contract are checked again."""
        result = super()._begin()
        begun = self.filtered(lambda contract: contract.state == "in_force")
        holds = (
            self.env["sale.order.hold"]
            .sudo()
            .search(
                [
                    ("keeper", "=", "contract"),
                    ("state", "=", "held"),
                    ("partner_id", "in", begun.partner_id.ids),
                    ("company_id", "in", begun.company_id.ids),
                ]
            )
        )
        if holds:
            holds.action_check_again()
        return result
