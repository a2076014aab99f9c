from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

# The prices that a contract in force agrees on.
AGREED = """
    CASE WHEN found.in_force THEN (
        SELECT JSON_AGG(JSON_BUILD_ARRAY(line.product_id, line.uom_id, line.price_unit))
          FROM dealer_contract_line line
         WHERE line.contract_id = found.id AND line.price_unit > 0
    ) END
"""


class Standing(NamedTuple):
    """A contract as the gate sees it.

    :param date_end: first day on which it is (or was) no longer in force
    :param areas: paths of its areas; none for all
    :param products: ids of its products
    :param categories: paths of its product range; with no products either: all products
    :param prices: (product id, unit id, price with taxes) that it agrees on, in its currency; empty unless asked for
    """

    number: str
    in_force: bool
    date_end: object
    areas: tuple
    products: frozenset
    categories: tuple
    currency_id: int = None
    prices: tuple = ()

    def covers_product(self, product):
        if not self.products and not self.categories:
            return True
        path = product.categ_id.parent_path or ""
        return product.id in self.products or path.startswith(self.categories)

    def covers_area(self, path):
        return not self.areas or bool(path and path.startswith(self.areas))


class DealerContract(models.Model):
    """What the gate of orders asks contracts (D4)."""

    _inherit = "dealer.contract"

    @api.model
    def _standings(self, company_id, customer_ids, today, prices=False):
        """Return {customer id: [:class:`Standing`]} of the contracts that are in force or were: one query.

        :param bool prices: with the agreed prices
        """
        self._flush_standing()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT found.partner_id, found.name, found.in_force, found.date_end,
                       CASE WHEN found.in_force THEN ARRAY(
                           SELECT area.parent_path
                             FROM dealer_area_dealer_contract_rel rel
                             JOIN dealer_area area ON area.id = rel.dealer_area_id
                            WHERE rel.dealer_contract_id = found.id
                       ) END,
                       CASE WHEN found.in_force THEN ARRAY(
                           SELECT line.product_id FROM dealer_contract_line line WHERE line.contract_id = found.id
                       ) END,
                       CASE WHEN found.in_force THEN ARRAY(
                           SELECT category.parent_path
                             FROM dealer_contract_product_category_rel rel
                             JOIN product_category category ON category.id = rel.product_category_id
                            WHERE rel.dealer_contract_id = found.id
                       ) END,
                       found.currency_id, %(prices)s
                  FROM (
                    SELECT id, partner_id, name, currency_id, COALESCE(date_terminated, date_end) AS date_end,
                           state IN ('filed', 'in_force') AND date_end > %(today)s AS in_force
                      FROM dealer_contract
                     WHERE company_id = %(company)s
                       AND partner_id = ANY(%(customers)s)
                       AND state IN ('filed', 'in_force', 'expired', 'terminated')
                       AND date_start <= %(today)s
                  ) found
                """,
                company=company_id,
                customers=list(customer_ids),
                today=today,
                prices=SQL(AGREED) if prices else SQL("NULL"),
            )
        )
        standings = defaultdict(list)
        for customer_id, number, in_force, end, areas, products, categories, currency_id, agreed in rows:
            standings[customer_id].append(
                Standing(
                    number or "",
                    in_force,
                    end,
                    tuple(areas or ()),
                    frozenset(products or ()),
                    tuple(categories or ()),
                    currency_id,
                    tuple(agreed or ()),
                )
            )
        return standings

    @api.model
    def _flush_standing(self):
        self.flush_model(["company_id", "partner_id", "state", "date_start", "date_end", "date_terminated"])
        self.flush_model(["name", "currency_id", "area_ids", "category_ids", "pricelist_id", "payment_term_id"])
        self.env["dealer.contract.line"].flush_model(["contract_id", "product_id", "uom_id", "price_unit"])

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
