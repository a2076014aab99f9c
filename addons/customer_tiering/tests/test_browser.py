from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged

from odoo.addons.customer_metrics.tests.chinese import chinese_user, install_chinese


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    """T2, T7: from the scheme over preview and effect to the class on the customer, clicked in Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.scheme = cls.env.ref("customer_tiering.customer_tier_scheme_retail")
        cls.scheme.write({"approval_share": 10, "approval_count": 1})
        cls.director = chinese_user(cls.env, "tier_tour_director", "customer_tiering.group_tier_director", "总监周建国")
        cls.second = chinese_user(cls.env, "tier_tour_second", "customer_tiering.group_tier_director", "总监王敏")
        cls.salesman = chinese_user(cls.env, "tier_tour_sales", "sales_team.group_sale_salesman", "销售李娜")
        cls.product = cls.env["product.product"].create(
            {"name": "板蓝根颗粒 10g×20袋", "type": "service", "taxes_id": False}
        )
        cls.lifted = cls._shop("康泰大药房", 12, 2.3)
        cls.plain = cls._shop("仁和诊所", 2, 3)
        cls.small = cls._shop("百姓药店", 0.4, 3)

    @classmethod
    def _shop(cls, name, monthly, margin):
        """A shop that bought `monthly` x 10,000 on the tenth of each of the last twelve months."""
        shop = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "customer_nature": "third", "user_id": cls.salesman.id}
        )
        last = cls.company._customer_today().replace(day=1) - relativedelta(months=1) + timedelta(days=9)
        amount = monthly * 10000
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": shop.id,
                    "date_order": fields.Datetime.to_datetime(last - relativedelta(months=back)),
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.product.id,
                                "product_uom_qty": 1,
                                "price_unit": amount,
                                "purchase_price": amount * (1 - margin / 100),
                            }
                        )
                    ],
                }
                for back in range(12)
            ]
        )
        orders.write({"state": "sale"})
        return shop

    def _class(self, shop):
        return self.env["customer.tier.membership"].search([("partner_id", "=", shop.id)]).tier_id.name

    def test_from_the_scheme_to_the_customer(self):
        """A director moves a bound, computes, and may not approve; another does; the salesperson sees the class."""
        self.start_tour("/odoo/tier-schemes", "customer_tiering_preview", login=self.director.login)
        run = self.env["customer.tier.run"].search([("scheme_id", "=", self.scheme.id)])
        self.assertEqual((run.state, run.requested_by, run.needs_approval), ("computed", self.director, True))
        bounds = {tier.name: tier.bound for tier in self.scheme.tier_ids}
        self.assertEqual((bounds["C"], bounds["B"]), (0.4, 1))
        self.assertFalse(self._class(self.lifted))

        self.start_tour(f"/odoo/tiering-runs/{run.id}", "customer_tiering_approve", login=self.second.login)
        run.invalidate_recordset()
        self.assertEqual((run.state, run.approved_by, run.applied_by), ("applied", self.second, self.second))
        self.assertEqual([self._class(shop) for shop in (self.lifted, self.plain, self.small)], ["AAA", "B", "C"])

        self.start_tour(f"/odoo/res.partner/{self.lifted.id}", "customer_tiering_customer", login=self.salesman.login)
        self.start_tour("/odoo/class-overview", "customer_tiering_overview", login=self.director.login)
