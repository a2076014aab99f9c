from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.customer_tiering.tests.common import CustomerTieringCommon

MODELS = "odoo.addons.base.models.ir_model"


@tagged("post_install", "-at_install")
class TestCrossRatio(CustomerTieringCommon):
    """Margin by turnover; the year is that from 15 July 2024 to 15 July 2025, 365 days."""

    START = datetime(2024, 7, 15)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category, cls.other_category = cls.env["product.category"].create([{"name": "Herbs"}, {"name": "Tools"}])
        cls.herb, cls.dead = (cls._product(name) for name in ("Herb", "Dead"))
        cls.service = cls._product("Advice", is_storable=False, type="service")
        cls.stock = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1).lot_stock_id
        cls.outside = cls.env.ref("stock.stock_location_customers")

    @classmethod
    def _product(cls, name, cost=6, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "categ_id": cls.category.id,
                "list_price": 10,
                "standard_price": cost,
                "taxes_id": False,
                **values,
            }
        )

    @classmethod
    def _move(cls, product, quantity, day, source=None, target=None):
        """Move goods on a day of the year; without locations, out of stock to a customer."""
        with freeze_time(cls.START + timedelta(days=day)):
            move = cls.env["stock.move"].create(
                {
                    "product_id": product.id,
                    "product_uom": product.uom_id.id,
                    "product_uom_qty": quantity,
                    "location_id": (source or cls.stock).id,
                    "location_dest_id": (target or cls.outside).id,
                }
            )
            move._action_confirm()
            move.quantity = quantity
            move.picked = True
            move._action_done()

    @classmethod
    def _sell(cls, product, quantity, day=100, price=10, cost=6, state="sale", **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "date_order": cls.START + timedelta(days=day),
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "purchase_price": cost,
                        }
                    )
                ],
                **values,
            }
        )
        order.state = state
        return order

    def _row(self, product):
        return self.env["customer.cross.ratio.report"].search(
            [("product_id", "=", product.id), ("company_id", "=", self.company.id)]
        )

    def _store(self, product, quantity, **options):
        self.env["stock.quant"]._update_available_quantity(product, self.stock, quantity, **options)

    def test_margin_times_turnover(self):
        self._store(self.herb, 100)
        # 100 pieces for 73 days, 50 for the other 292: 60 on average.
        self._move(self.herb, 50, 73)
        self._sell(self.herb, 50)
        row = self._row(self.herb)
        self.assertEqual((row.quantity, row.sales, row.cost, row.margin), (50, 500, 300, 200))
        self.assertEqual((row.stock_value, row.average_stock), (300, 360))
        self.assertAlmostEqual(row.margin_rate, 40)
        self.assertAlmostEqual(row.turnover, 300 / 360)
        self.assertAlmostEqual(row.cross_ratio, 40 * 300 / 360)

    def test_what_came_in_was_not_there_before(self):
        supplier = self.env.ref("stock.stock_location_suppliers")
        self._move(self.herb, 100, 292, supplier, self.stock)
        self.assertEqual(self._row(self.herb).average_stock, 20 * 6)
        # Where it lies in the warehouse doesn't matter.
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": self.stock.id})
        self._move(self.herb, 100, 300, self.stock, shelf)
        self.assertEqual(self._row(self.herb).average_stock, 20 * 6)
        self.assertEqual(self._row(self.herb).quantity, 100)

    def test_goods_of_others_do_not_count(self):
        self._store(self.herb, 10)
        self._store(self.herb, 90, owner_id=self.customer)
        self.assertEqual(self._row(self.herb).stock_value, 60)

    def test_no_stock_data_is_none(self):
        self._sell(self.service, 1, price=100, cost=0)
        self._sell(self.herb, 1)
        # A stock of nothing is known; that of a service isn't. Odoo gives False for what is NULL.
        for product, stock_value in ((self.service, False), (self.herb, 0.0)):
            ((found, *unknown),) = self.env["customer.cross.ratio.report"]._read_group(
                [("product_id", "=", product.id)],
                [],
                ["stock_value:sum", "average_stock:sum", "turnover:avg", "cross_ratio:avg"],
            )
            self.assertEqual((type(found), found), (type(stock_value), stock_value), product.name)
            for figure in unknown:
                self.assertIs(figure, False, product.name)
            self.assertFalse(self._row(product).has_stock)
        self._store(self.dead, 10)
        self.assertTrue(self._row(self.dead).has_stock)
        ((turnover, margin_rate, cross_ratio),) = self.env["customer.cross.ratio.report"]._read_group(
            [("product_id", "=", self.dead.id)], [], ["turnover:avg", "margin_rate:avg", "cross_ratio:avg"]
        )
        self.assertIs(type(turnover), float, "it is known that nothing turned over")
        self.assertEqual((turnover, margin_rate, cross_ratio), (0, False, False))

    def test_a_group_is_its_sums(self):
        self._store(self.herb, 50)
        self._store(self.dead, 50)
        self._sell(self.herb, 50)
        self._sell(self.service, 1, price=1000, cost=0)
        ((sales, margin_rate, turnover, cross_ratio),) = self.env["customer.cross.ratio.report"]._read_group(
            [("categ_id", "=", self.category.id)],
            [],
            ["sales:sum", "margin_rate:avg", "turnover:avg", "cross_ratio:avg"],
        )
        self.assertEqual(sales, 1500)
        self.assertAlmostEqual(margin_rate, 100 * 1200 / 1500)
        # Cost of 300 by a stock of 600; the advice is no part of it.
        self.assertAlmostEqual(turnover, 0.5)
        self.assertAlmostEqual(cross_ratio, 40 * 0.5)

    def test_which_orders_count(self):
        self._store(self.herb, 10)
        self._sell(self.herb, 1, day=0)
        self._sell(self.herb, 10, day=-1)
        self._sell(self.herb, 10)._action_cancel()
        self._sell(self.herb, 10, state="sent")
        self.assertEqual(self._row(self.herb).sales, 10)

    def test_company_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        self._store(self.herb, 10)
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": currency.id})
        order = self._sell(self.herb, 1, pricelist_id=pricelist.id)
        self.assertEqual((order.currency_id, order.currency_rate), (currency, 0.5))
        row = self._row(self.herb)
        self.assertEqual((row.sales, row.margin), (20, 8))

    def test_who_reads(self):
        self._store(self.herb, 10)
        report = self.env["customer.cross.ratio.report"]
        domain = [("product_id", "=", self.herb.id)]
        leader = self._user("cross_leader", "sales_team.group_sale_salesman_all_leads")
        for user in (self.director, self.officer, self.reader, leader):
            self.assertEqual(len(report.with_user(user).search(domain)), 1, user.login)
        portal = self._user("cross_portal", "base.group_portal")
        for user in (self.seller, self.clerk, portal):
            with self.assertRaises(AccessError), mute_logger(MODELS):
                report.with_user(user).search(domain)
        with self.assertRaises(AccessError), mute_logger(MODELS):
            self._row(self.herb).with_user(self.director).write({"margin": 1})
        other = self.env["res.company"].create({"name": "Other"})
        self.reader.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(report.with_user(self.reader).search(domain))

    def test_queries_do_not_grow(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self.env["customer.cross.ratio.report"].search_fetch(
                [("categ_id", "=", self.category.id)], ["sales", "turnover", "cross_ratio"]
            )
            rows.mapped("cross_ratio")
            return len(rows), self.cr.sql_log_count - before

        # Each time once for the caches of the registry, which new products clear.
        self._store(self.herb, 10)
        queries()
        rows, few = queries()
        self.assertEqual(rows, 1)
        for number in range(5):
            self._store(self._product(f"Herb {number}"), 10)
        queries()
        self.assertEqual(queries(), (6, few))
