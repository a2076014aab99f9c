from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.customer_tiering.tests.common import CustomerTieringCommon


@tagged("post_install", "-at_install")
class TestPartnerLevel(CustomerTieringCommon):
    """A class brings a partner level."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Grade = cls.env["res.partner.grade"]
        Pricelist = cls.env["product.pricelist"]
        cls.level_prices = Pricelist.create({"name": "Of the level"})
        cls.class_prices = Pricelist.create({"name": "Of the class"})
        cls.gold = Grade.create({"name": "Gold", "default_pricelist_id": cls.level_prices.id})
        cls.own = Grade.create({"name": "By hand"})
        cls._tier("AAA").partner_grade_id = cls.gold
        cls.shop = cls._shop("Shop", 30, 1)

    def _fix(self, tier):
        override = self.env["customer.tier.override"].search([("partner_id", "=", self.shop.id)], limit=1)
        if override.state == "active":
            override._end_early("Changed")
        return self.env["customer.tier.override"].create(
            {
                "partner_id": self.shop.id,
                "scheme_id": self.retail.id,
                "tier_id": self._tier(tier).id,
                "reason": "Test",
                "date_to": self.TODAY + timedelta(days=90),
            }
        )

    def test_entering_gives_the_level_and_its_prices(self):
        self._apply()
        self.assertEqual(self.shop.grade_id, self.gold)
        self.assertEqual(self.shop.specific_property_product_pricelist, self.level_prices)

    def test_the_price_list_of_the_class_is_stronger(self):
        self._tier("AAA").pricelist_id = self.class_prices
        self._apply()
        self.assertEqual(self.shop.grade_id, self.gold)
        self.assertEqual(self.shop.specific_property_product_pricelist, self.class_prices)

    def test_leaving_takes_what_the_class_brought(self):
        self._apply()
        self._fix("C")
        self.assertFalse(self.shop.grade_id)

    def test_a_level_given_by_hand_stays(self):
        self._apply()
        self.shop.grade_id = self.own
        self._fix("C")
        self.assertEqual(self.shop.grade_id, self.own)

    def test_levels_are_per_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self._tier("AAA").with_company(other).partner_grade_id)
