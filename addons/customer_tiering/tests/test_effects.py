from odoo import Command
from odoo.tests import tagged

from .common import CustomerTieringCommon


@tagged("post_install", "-at_install")
class TestEffects(CustomerTieringCommon):
    """What a class brings (T8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("product.group_product_pricelist")
        cls.best, cls.good, cls.agreed = cls.env["product.pricelist"].create(
            [{"name": name, "company_id": cls.company.id} for name in ("Best", "Good", "Agreed by hand")]
        )
        cls._tier("AA").with_company(cls.company).pricelist_id = cls.best
        cls._tier("A").with_company(cls.company).pricelist_id = cls.good
        plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Welcome",
                "res_model": "res.partner",
                "company_id": cls.company.id,
                "template_ids": [
                    Command.create(
                        {
                            "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
                            "summary": "Call and congratulate",
                            "delay_count": 3,
                            "delay_from": "after_plan_date",
                        }
                    ),
                    Command.create(
                        {
                            "activity_type_id": cls.env.ref("mail.mail_activity_data_todo").id,
                            "summary": "Plan visits",
                            "responsible_type": "other",
                            "responsible_id": cls.officer.id,
                        }
                    ),
                ],
            }
        )
        cls._tier("AA").with_company(cls.company).activity_plan_id = plan
        cls.shop = cls._shop("Shop", 12, 1, user_id=cls.seller.id)

    def _pricelist(self, customer):
        return customer.with_company(self.company).specific_property_product_pricelist

    def test_price_list_and_activities_on_entering(self):
        self._apply()
        self.assertEqual(self._pricelist(self.shop), self.best)
        activities = self.shop.activity_ids.sorted("summary")
        self.assertEqual(activities.mapped("summary"), ["Call and congratulate", "Plan visits"])
        self.assertEqual(activities.mapped("user_id"), self.seller | self.officer)
        self.assertEqual([str(day) for day in activities.mapped("date_deadline")], ["2025-07-18", "2025-07-15"])
        self._apply(month=self.MONTH)
        self.assertEqual(len(self.shop.activity_ids), 2, "staying in a class starts nothing")

    def test_the_next_class_takes_over(self):
        self._apply()
        self.retail.down_after = 1
        with self._figures({self.shop: (6, 1)}):
            self._apply()
        self.assertEqual(self._pricelist(self.shop), self.good)
        with self._figures({self.shop: (2, 1)}):
            self._apply()
        self.assertFalse(self._pricelist(self.shop), "B brings no price list, so A's goes")

    def test_what_was_chosen_by_hand_stays(self):
        self._apply()
        self.shop.with_company(self.company).specific_property_product_pricelist = self.agreed
        self.retail.down_after = 1
        with self._figures({self.shop: (2, 1)}):
            self._apply()
        self.assertEqual(self._pricelist(self.shop), self.agreed)

    def test_fixing_by_hand_brings_the_effects_too(self):
        self._apply()
        self.env["customer.tier.override"].with_user(self.director).create(
            {
                "partner_id": self.shop.id,
                "scheme_id": self.retail.id,
                "tier_id": self._tier("A").id,
                "company_id": self.company.id,
                "reason": "Trial",
                "date_to": "2025-12-01",
            }
        )
        self.assertEqual(self._pricelist(self.shop), self.good)

    def test_price_lists_of_one_company(self):
        other = self.setup_other_company()["company"]
        self._apply()
        self.assertFalse(self.shop.with_company(other).specific_property_product_pricelist)
        self.assertFalse(self._tier("AA").with_company(other).pricelist_id)

    def test_effects_do_not_grow_with_customers(self):
        shops = [self._shop(f"Shop {number}", 12, 1, user_id=self.seller.id) for number in range(30)]
        counts = []
        for chosen in (shops[:10], shops[10:]):
            self.retail.domain = f"[('id', 'in', {[shop.id for shop in chosen]})]"
            run = self._new_run().sudo()
            run._compute_run()
            run._start_applying()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._apply_batch()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 15, counts)

    def test_asked_for_by_others(self):
        self._apply()
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.shop.id})
        nobody = self._shop("Nobody")
        customers = self.shop | contact | nobody
        self.env.invalidate_all()
        customers.mapped("commercial_partner_id")
        with self.assertQueryCount(3):
            tiers = customers._customer_tiers(self.company)
        self.assertEqual(tiers[self.shop.id], self._tier("AA"))
        self.assertEqual(tiers[contact.id], self._tier("AA"))
        self.assertFalse(tiers[nobody.id])
