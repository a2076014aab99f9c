from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.tiering import exact
from .common import CustomerTieringCommon
from .test_arithmetic import RETAIL, RETAIL_QUOTAS, WHOLESALE


@tagged("post_install", "-at_install")
class TestScheme(CustomerTieringCommon):
    def test_shipped_tables_are_those_of_the_requirement(self):
        for scheme, bands, quotas in ((self.wholesale, WHOLESALE, {}), (self.retail, RETAIL, RETAIL_QUOTAS)):
            tiers = scheme.tier_ids.sorted("sequence")
            self.assertEqual(
                [(tier.name, tier.bound) for tier in tiers], [(name, start) for name, start, _stop in bands]
            )
            for tier in tiers:
                self.assertEqual(tier.margin_lift, tier.name in quotas, tier.name)
                self.assertEqual(tier.margin_quota, quotas.get(tier.name, 0))
            self.assertEqual((scheme.unit_amount, scheme.months, scheme.leading_months), (10000, 12, 3))
            self.assertEqual((scheme.tolerance, scheme.up_after, scheme.down_after), (10, 2, 3))
            judge = scheme._judge(scheme._snapshot([]))
            names = [False, *reversed(tiers.mapped("name"))]
            for name, start, _stop in bands:
                self.assertEqual(names[judge.table.rank(exact(start * 10000))], name)
                self.assertEqual(names.index(name) - 1, judge.table.rank(exact(start * 10000 - 0.01)))
        self.assertEqual((self.retail.unclassed_lift, self.retail.unclassed_quota), (True, 4))
        self.assertFalse(self.wholesale.unclassed_lift)

    def test_assignment(self):
        for nature, scheme in (
            ("distributor", self.wholesale),
            ("second", self.wholesale),
            ("first", self.retail),
            ("third", self.retail),
        ):
            customer = self._shop(nature, nature=nature)
            for other in (self.wholesale, self.retail):
                self.assertEqual(customer.id in other._customer_ids(self.company), other == scheme, nature)
        other = self.setup_other_company()["company"]
        foreign = self._shop("Foreign", company_id=other.id)
        archived = self._shop("Archived", active=False)
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": customer.id, "customer_nature": "third"}
        )
        found = self.retail._customer_ids(self.company)
        self.assertFalse({foreign.id, archived.id, branch.id} & set(found))
        self.assertIn(foreign.id, self.retail._customer_ids(other))

    def test_sequence_and_bands_in_words(self):
        tiers = self.retail.tier_ids.sorted("sequence")
        self.assertEqual(tiers.mapped("band"), ["≥ 20", "[10, 20)", "[5.5, 10)", "[3, 5.5)", "[1, 3)", "[0.5, 1)"])
        self._tier("C").bound = 25
        self.assertEqual(self.retail.tier_ids.sorted("sequence")[0].name, "C")
        abc = self.env.ref("customer_tiering.customer_tier_scheme_abc_sales")
        self.assertEqual(abc.tier_ids.sorted("sequence").mapped("band"), ["0–80 %", "80–95 %", "95–100 %"])

    def test_checks(self):
        for values in (
            {"months": 0},
            {"leading_months": 13},
            {"up_after": 0},
            {"down_after": 0},
            {"tolerance": 100},
            {"tolerance": -1},
            {"unit_amount": 0},
            {"approval_share": 101},
            {"unclassed_quota": -1},
            {"domain": "[('no_such_field', '=', 1)]"},
            {"domain": "[("},
            {"domain": "[('id', '=', uid)]"},
        ):
            with self.assertRaises(ValidationError, msg=values):
                self.retail.write(values)
        for values in ({"bound": -1}, {"margin_quota": -1}, {"return_days": -1}):
            with self.assertRaises(ValidationError, msg=values):
                self._tier("C").write(values)
        abc = self.env.ref("customer_tiering.customer_tier_scheme_abc_sales")
        with self.assertRaisesRegex(ValidationError, "more than 100"):
            abc.tier_ids[0].bound = 101
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._tier("C").bound = 1
            self.env.flush_all()

    def test_a_filter_names_no_hidden_field(self):
        with self.assertRaises(AccessError):
            self.retail.with_user(self.director).domain = "[('signup_type', '=', 'reset')]"

    def test_a_company_sets_its_own(self):
        other = self.setup_other_company()["company"]
        self.director.company_ids |= other
        scheme = self.retail.with_user(self.director).with_company(other)
        own = self.env["customer.tier.scheme"].browse(scheme.action_copy_for_company()["res_id"])
        self.assertEqual((own.company_id, own.code, len(own.tier_ids)), (other, "retail", 6))
        Scheme = self.env["customer.tier.scheme"]
        self.assertIn(own, Scheme._for_company(other))
        self.assertNotIn(self.retail, Scheme._for_company(other))
        self.assertIn(self.retail, Scheme._for_company(self.company))
        self.assertNotIn(own, Scheme._for_company(self.company))
        with self.assertRaisesRegex(ValidationError, "does not hold"):
            self._new_run(own)
        with self.assertRaises(UserError):
            own.with_user(self.director).action_copy_for_company()

    def test_changes_are_tracked(self):
        tracking = {"tracking_disable": False, "mail_notrack": False}
        self._tier("C").with_user(self.director).with_context(**tracking).bound = 0.6
        self.retail.with_user(self.director).with_context(**tracking).tolerance = 5
        self.env.flush_all()
        self.env.cr.precommit.run()
        for record, value in ((self._tier("C"), 0.6), (self.retail, 5)):
            self.assertIn(value, record.message_ids.sudo().tracking_value_ids.mapped("new_value_float"))

    def test_used_schemes_and_classes_stay(self):
        self._shop("Shop", 12, 1)
        self._apply()
        with self.assertRaisesRegex(UserError, "kept"):
            self.retail.unlink()
        with self.assertRaisesRegex(UserError, "kept"):
            self._tier("AA").unlink()
        self._tier("AA").active = False
        run = self._apply(month=self.MONTH)
        self.assertEqual(run.line_ids.to_tier_id, self._tier("A"))


@tagged("post_install", "-at_install")
class TestPartner(CustomerTieringCommon):
    def test_relation(self):
        partners = self.env["res.partner"].create(
            [
                {"name": "Sold to", "customer_rank": 1},
                {"name": "Bought from", "supplier_rank": 2},
                {"name": "Both", "customer_rank": 3, "supplier_rank": 1},
                {"name": "Neither"},
            ]
        )
        self.assertEqual(partners.mapped("customer_relation"), ["customer", "supplier", "both", False])
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": partners[2].id})
        self.assertEqual(contact.customer_relation, "both")
        domain = [("id", "in", (partners | contact).ids)]
        for value, found in (
            ("customer", partners[0]),
            ("supplier", partners[1]),
            ("both", partners[2] | contact),
            (False, partners[3]),
        ):
            self.assertEqual(
                self.env["res.partner"].search([*domain, ("customer_relation", "=", value)], order="id"), found, value
            )
        self.assertEqual(
            self.env["res.partner"].search([*domain, ("customer_relation", "!=", "both")], order="id"),
            partners[0] | partners[1] | partners[3],
        )

    def test_class_on_customers_and_orders(self):
        shop = self._shop("Shop", 12, 1)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": shop.id})
        self._apply()
        both = shop | contact
        aa = self._tier("AA")
        self.assertEqual(both.customer_tier_id, aa)
        Partner = self.env["res.partner"]
        self.assertEqual(Partner.search([("customer_tier_id", "=", aa.id), ("id", "in", both.ids)]), both)
        self.assertEqual(Partner.search([("customer_tier_id", "=", "AA"), ("id", "in", both.ids)]), both)
        self.assertFalse(Partner.search([("customer_tier_id", "=", False), ("id", "in", both.ids)]))
        self.assertFalse(Partner.search([("customer_tier_id", "!=", False), ("id", "=", self.customer.id)]))
        order = self._order(self.TODAY, partner=contact)
        self.assertEqual(order.customer_tier_id, aa)
        self.assertIn(order, self.env["sale.order"].search([("customer_tier_id", "in", aa.ids)]))

    def test_the_first_scheme_gives_the_class(self):
        shop = self._shop("Shop", 12, 1)
        abc = self.env.ref("customer_tiering.customer_tier_scheme_abc_sales")
        abc.write({"approval_share": 100, "domain": f"[('id', '=', {shop.id})]"})
        self._apply(abc)
        self.assertEqual(shop.customer_tier_id, self._tier("A", abc))
        self._apply()
        shop.invalidate_recordset()
        self.assertEqual(shop.customer_tier_id, self._tier("AA"))

    def test_lists_do_not_grow_with_customers(self):
        shops = self.env["res.partner"].union(*(self._shop(f"Shop {number}", 12, 1, months=1) for number in range(20)))
        self._apply()
        counts = []
        for number in (5, 20):
            chosen = shops[:number].with_user(self.seller)
            self.env.flush_all()
            self.env.invalidate_all()
            chosen.mapped("commercial_partner_id")
            before = self.env.cr.sql_log_count
            chosen.mapped("customer_tier_id.name")
            chosen.mapped("customer_tier_color")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_merged_customers(self):
        shop, double = self._shop("Shop", 12, 1), self._shop("Shop Ltd", 2, 1)
        self._apply()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((shop | double).ids, shop)
        self.assertEqual(self._class(shop), "AA")
        self.assertEqual(len(self._history(shop)), 2)

    def test_merged_customers_with_fixed_classes(self):
        shops = self._shop("Shop", 12, 1) | self._shop("Shop Ltd", 2, 1)
        for shop in shops:
            self.env["customer.tier.override"].with_user(self.director).create(
                {
                    "partner_id": shop.id,
                    "scheme_id": self.retail.id,
                    "tier_id": self._tier("A").id,
                    "company_id": self.company.id,
                    "reason": "Trial",
                    "date_to": "2025-12-01",
                }
            )
        with self.assertRaisesRegex(UserError, "fixed by hand"):
            self.env["base.partner.merge.automatic.wizard"].create({})._merge(shops.ids, shops[0])
