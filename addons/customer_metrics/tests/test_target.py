from datetime import date
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..models.spread import season, spread
from .common import CustomerMetricsCommon

IR_MODEL = "odoo.addons.base.models.ir_model"


@tagged("post_install", "-at_install")
class TestSpread(BaseCase):
    def test_largest_remainder(self):
        # 33.33 each leaves a cent: all lost the same, so the earliest gets it.
        self.assertEqual(spread(100, [1, 1, 1], 0.01), [33.34, 33.33, 33.33])
        # 1.5, 2.7, 5.8 of ten: the units left go to .8 and .7.
        self.assertEqual(spread(10, [15, 27, 58], 1), [1, 3, 6])
        self.assertEqual(spread(7, [0, 1, 0], 1), [0, 7, 0])
        self.assertEqual(spread(-1, [1, 1, 1], 0.5), [-0.5, -0.5, 0])

    def test_sum_is_exact(self):
        for total in (0, 0.01, 1, 99.99, 1234567.89, 123456789012.34):
            for weights in ([1] * 12, [0] * 12, range(12), [3.3, 0.1, 1e9, 7], [-5, 2, 1e-9]):
                shares = spread(total, weights, 0.01)
                self.assertEqual(sum(round(share * 100) for share in shares), round(total * 100), (total, weights))
                self.assertTrue(all(share >= 0 for share in shares))

    def test_steps(self):
        shares = spread(1000, [1, 2, 4], 0.05)
        self.assertEqual(sum(round(share * 20) for share in shares), 20000)
        self.assertEqual(spread(3, [1] * 12, 1), [1, 1, 1] + [0] * 9)

    def test_season(self):
        june, july = date(2025, 6, 1), date(2025, 7, 1)
        self.assertEqual(season({june: 5, july: -3}, [july, june, date(2025, 8, 1)]), [0, 5, 0])


@tagged("post_install", "-at_install")
class TestTarget(CustomerMetricsCommon):
    """Targets, their attainment and pace (M)."""

    # === THE RECORDS === #

    def test_normalised(self):
        target = self._target(date(2025, 6, 17), 100, partner=self.branch)
        self.assertEqual((target.month, target.partner_id), (date(2025, 6, 1), self.customer))
        target.month = date(2025, 7, 31)
        self.assertEqual(target.month, date(2025, 7, 1))
        self.assertEqual(target.currency_id, self.company.currency_id)
        self.assertFalse(self._target(date(2025, 6, 1), 5, "orders").currency_id)

    def test_one_per_month(self):
        self._target(date(2025, 6, 1), 100)
        self._target(date(2025, 6, 1), 100, "expense")
        self._target(date(2025, 7, 1), 100)
        self._target(date(2025, 6, 1), 100, partner=self.other_customer)
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._target(date(2025, 6, 30), 200, partner=self.contact)

    def test_refused(self):
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._target(date(2025, 6, 1), -1)
        with self.assertRaisesRegex(ValidationError, "can't be planned"):
            self._target(date(2025, 6, 1), 1, "gross_margin")
        with self.assertRaisesRegex(ValidationError, "slip of the pen"):
            self._target(date(2205, 6, 1), 1)

    def test_merged_customers_add_up(self):
        self._target(date(2025, 6, 1), 100)
        self._target(date(2025, 7, 1), 70)
        self._target(date(2025, 6, 1), 30, partner=self.other_customer)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer + self.other_customer).ids, self.customer, extra_checks=False
        )
        self.env.invalidate_all()
        targets = self.env["customer.target"].search([("partner_id", "=", self.customer.id)], order="month")
        self.assertEqual(targets.mapped("amount"), [130, 70])

    def test_reached(self):
        self._order(date(2025, 6, 10), price=30)
        self._order(date(2025, 7, 10), price=50, partner=self.branch)
        june, july = self._target(date(2025, 6, 1), 120), self._target(date(2025, 7, 1), 100)
        zero = self._target(date(2025, 8, 1), 0)
        orders = self._target(date(2025, 6, 1), 4, "orders")
        targets = june + july + zero + orders
        self.assertEqual(targets.mapped("reached"), [30, 50, 0, 1])
        self.assertEqual(targets.mapped("attainment"), [25, 50, 0, 25])
        with patch.object(type(self.company), "_customer_today", lambda company: date(2025, 7, 9)):
            self.env.invalidate_all()
            self.assertEqual(targets.mapped("reached"), [30, 0, 0, 1])

    def test_reached_is_a_figure(self):
        """Who sees a target and not the figures, doesn't see what was reached."""
        accountant = self._user("accountant", "account.group_account_invoice")
        seller = self._user("seller", "sales_team.group_sale_salesman")
        self._order(date(2025, 6, 10), price=30)
        target = self._target(date(2025, 6, 1), 120)
        self.assertEqual(target.with_user(accountant).reached, 30)
        self.customer.user_id = seller
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(target.with_user(seller).reached, 30)

    # === ATTAINMENT AND PACE === #

    def test_attainment_and_pace_of_a_month(self):
        """June 2025 begins on a Sunday and has 21 working days, 10 of them until the 13th."""
        self._target(date(2025, 6, 1), 2100)
        self.assertEqual(self._value("plan_attainment", months=1), 0)
        self._order(date(2025, 6, 2), price=500)
        self._order(date(2025, 6, 13), price=300)
        self._order(date(2025, 6, 16), price=250)
        self._order(date(2025, 5, 30), price=9999)
        self._order(date(2025, 7, 1), price=9999)
        day = date(2025, 6, 14)
        self.assertAlmostEqual(self._value("plan_attainment", date_to=day, months=1), 100 * 800 / 2100)
        self.assertAlmostEqual(self._value("plan_pace", date_to=day, months=1), 100 * 800 / 1000)
        # The weekend adds nothing to what is asked for.
        self.assertAlmostEqual(self._value("plan_pace", date_to=date(2025, 6, 16), months=1), 80)
        self.assertAlmostEqual(self._value("plan_pace", date_to=date(2025, 6, 17), months=1), 100 * 1050 / 1100)
        # On Sunday the 1st nothing is asked for yet.
        self.assertIsNone(self._value("plan_pace", date_to=date(2025, 6, 2), months=1))
        # At the end of the month both are the same.
        self.assertAlmostEqual(self._value("plan_pace", months=1), 50)
        self.assertAlmostEqual(self._value("plan_attainment", months=1), 50)

    def test_holidays_slow_the_pace(self):
        self._target(date(2025, 6, 1), 2000)
        self._order(date(2025, 6, 2), price=900)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Dragon boat festival",
                "company_id": self.company.id,
                "date_from": "2025-06-02 00:00:00",
                "date_to": "2025-06-02 23:59:59",
            }
        )
        # 9 of 20 working days.
        self.assertAlmostEqual(self._value("plan_pace", date_to=date(2025, 6, 14), months=1), 100)

    def test_only_months_with_a_target_count(self):
        for month, price in ((4, 100), (5, 200), (6, 400)):
            self._order(date(2025, month, 10), price=price)
        self._target(date(2025, 4, 1), 200)
        self._target(date(2025, 6, 1), 400)
        self.assertAlmostEqual(self._value("plan_attainment", months=12), 100 * 500 / 600)
        self.assertAlmostEqual(self._value("plan_attainment", months=2), 100)
        # All of April is asked for, of June 10 of 21 days.
        self.assertAlmostEqual(
            self._value("plan_pace", months=12, date_to=date(2025, 6, 14)), 100 * 500 / (200 + 400 * 10 / 21)
        )
        self.assertIsNone(self._value("plan_attainment", date_to=date(2025, 6, 1), months=1))
        self.assertIsNone(self._value("plan_attainment", self.other_customer))

    def test_zero_target_is_no_data(self):
        self._target(date(2025, 6, 1), 0)
        self._order(date(2025, 6, 10), price=100)
        self.assertIsNone(self._value("plan_attainment", months=1))
        self.assertIsNone(self._value("plan_pace", months=1))

    def test_own_window_is_the_month(self):
        self._target(date(2025, 5, 1), 1000)
        self._target(date(2025, 6, 1), 400)
        self._order(date(2025, 6, 10), price=100)
        values = self.Metric._values(self.customer, ["plan_attainment"], self.DATE_TO)
        self.assertEqual(values["plan_attainment"][self.customer.id], 25)

    def test_budget(self):
        self._target(date(2025, 6, 1), 2100, "expense")
        self._expense(date(2025, 6, 5), 1200)
        self._expense(date(2025, 6, 6), 700, post=False)
        self.assertAlmostEqual(self._value("budget_used", months=1), 100 * 1200 / 2100)
        self.assertAlmostEqual(self._value("budget_pace", months=1, date_to=date(2025, 6, 14)), 120)

    def test_targets_of_entities_that_became_branches(self):
        self._target(date(2025, 6, 1), 100)
        self._target(date(2025, 6, 1), 50, partner=self.other_customer)
        self.other_customer.write({"is_company": False, "parent_id": self.customer.id})
        self._order(date(2025, 6, 10), price=30)
        self.assertAlmostEqual(self._value("plan_attainment", months=1), 20)

    def test_companies_do_not_mix(self):
        other = self.setup_other_company()["company"]
        self._target(date(2025, 6, 1), 100)
        self._order(date(2025, 6, 10), price=30)
        self.assertIsNone(self._value("plan_attainment", months=1, company=other))
        self._target(date(2025, 6, 1), 10, company_id=other.id)
        self.assertEqual(self._value("plan_attainment", months=1, company=other), 0)
        self.assertAlmostEqual(self._value("plan_attainment", months=1), 30)

    def test_queries_do_not_grow_with_customers(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(20)])
        for customer in customers:
            for month in (5, 6):
                self._target(date(2025, month, 1), 100, partner=customer)
                self._target(date(2025, month, 1), 10, "expense", partner=customer)
            self._order(date(2025, 6, 3), partner=customer)
        targets = self.env["customer.target"].search([("partner_id", "in", customers.ids)])
        codes = ["plan_attainment", "plan_pace", "budget_used", "budget_pace"]
        counts, reached = {}, {}
        for number in (10, 10, 20):  # the first round warms up
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            values = self.Metric._values(customers[:number], codes, self.DATE_TO)
            counts[number] = self.env.cr.sql_log_count - before
            self.assertNotIn(None, values["plan_pace"].values())
            some = targets.filtered(lambda target, number=number: target.partner_id in customers[:number])
            self.env.invalidate_all()
            some.mapped("partner_id.name")
            before = self.env.cr.sql_log_count
            some.mapped("reached")
            reached[number] = self.env.cr.sql_log_count - before
        self.assertEqual(len(set(counts.values())), 1, counts)
        self.assertLessEqual(counts[20], 17, counts)
        self.assertEqual(len(set(reached.values())), 1, reached)
        self.assertLessEqual(reached[20], 8, reached)


@tagged("post_install", "-at_install")
class TestTargetGrid(CustomerMetricsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.planner = cls._user("planner", "customer_metrics.group_planner")
        cls.seller = cls._user("seller", "sales_team.group_sale_salesman")
        cls.customer.write({"user_id": cls.seller.id, "ref": "C-001"})
        cls.sales = cls.env.ref("customer_metrics.customer_metric_sales")
        cls.Target = cls.env["customer.target"].with_user(cls.planner).with_company(cls.company)
        patcher = patch.object(type(cls.company), "_customer_today", lambda company: date(2025, 6, 17))
        cls.startClassPatcher(patcher)

    def _cell(self, month, amount, was=None, partner=None):
        return {
            "partner_id": (partner or self.customer).id,
            "month": f"2025-{month:02}-01",
            "amount": amount,
            "was": was,
        }

    def _amounts(self, partner=None):
        targets = self.env["customer.target"].search([("partner_id", "=", (partner or self.customer).id)])
        return {target.month.month: target.amount for target in targets}

    def test_page(self):
        self._target(date(2025, 1, 1), 100)
        self._target(date(2025, 12, 1), 200)
        self._target(date(2026, 1, 1), 999)
        self._target(date(2025, 1, 1), 999, "expense")
        self._order(date(2024, 1, 31), price=40)
        self._order(date(2025, 1, 31), price=50)
        grid = self.Target.get_grid(options={"compare": "last"})
        self.assertEqual((grid["metric_id"], grid["year"], grid["count"]), (self.sales.id, 2025, 1))
        self.assertTrue(grid["may_write"])
        [row] = grid["rows"]
        self.assertEqual((row["id"], row["ref"], row["salesperson"]), (self.customer.id, "C-001", self.seller.name))
        self.assertEqual(row["amounts"], [100, *[None] * 10, 200])
        self.assertEqual(row["compare"], [40, *[None] * 11])
        self.assertEqual(grid["totals"], row["amounts"])
        grid = self.Target.get_grid(self.sales.id, 2025, {"compare": "reached"})
        self.assertEqual(grid["rows"][0]["compare"], [50, *[None] * 11])
        self.assertEqual(len(grid["months"]), 12)
        self.assertEqual(grid["current"], 5)
        self.assertIs(self.Target.get_grid(self.sales.id, 2024)["current"], False)

    def test_filters(self):
        self._target(date(2025, 1, 1), 100)
        self._order(date(2025, 1, 31), partner=self.other_customer)
        contacts = self.Target.get_grid(options={"customers": "all", "search": "Rivertown"})
        self.assertEqual([row["id"] for row in contacts["rows"]], self.customer.ids)
        self.assertEqual(self.Target.get_grid(options={"customers": "all", "search": "c-00"})["count"], 1)
        ids = {row["id"] for row in self.Target.get_grid(options={"customers": "customers"}, limit=500)["rows"]}
        self.assertLessEqual({self.customer.id, self.other_customer.id}, ids)
        self.assertNotIn(self.contact.id, ids)
        of_seller = self.Target.get_grid(options={"customers": "customers", "user_id": self.seller.id})
        self.assertEqual([row["id"] for row in of_seller["rows"]], self.customer.ids)

    def test_pages(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number:02}"} for number in range(7)])
        for customer in customers:
            self._target(date(2025, 3, 1), 10, partner=customer)
        options = {"search": "Customer 0"}
        first = self.Target.get_grid(self.sales.id, 2025, options, 0, 3)
        last = self.Target.get_grid(self.sales.id, 2025, options, 6, 3)
        self.assertEqual((first["count"], last["count"]), (7, 7))
        self.assertEqual([row["name"] for row in first["rows"]], ["Customer 00", "Customer 01", "Customer 02"])
        self.assertEqual([row["name"] for row in last["rows"]], ["Customer 06"])
        self.assertEqual(first["totals"][2], 70)

    def test_save(self):
        self._target(date(2025, 1, 1), 100)
        self._target(date(2025, 2, 1), 100)
        self._target(date(2025, 3, 1), 100)
        result = self.Target.save_grid(
            self.sales.id,
            [
                self._cell(1, 150.005, 100),
                self._cell(2, None, 100),
                self._cell(3, 100, 100),
                self._cell(4, 0),
                self._cell(5, None),
                self._cell(6, 7, partner=self.other_customer),
            ],
        )
        self.assertEqual(result, {"created": 2, "changed": 1, "deleted": 1})
        self.assertEqual(self._amounts(), {1: 150.01, 3: 100, 4: 0})
        self.assertEqual(self._amounts(self.other_customer), {6: 7})
        self.assertEqual(self.Target.save_grid(self.sales.id, []), {"created": 0, "changed": 0, "deleted": 0})

    def test_others_changed_it_meanwhile(self):
        target = self._target(date(2025, 1, 1), 100)
        target.amount = 120
        for cell in (self._cell(1, 150, 100), self._cell(1, 150), self._cell(2, 50, 40)):
            with self.assertRaisesRegex(UserError, "Rivertown"):
                self.Target.save_grid(self.sales.id, [self._cell(5, 1), cell])
        self.assertEqual(self._amounts(), {1: 120})

    def test_all_or_none(self):
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.Target.save_grid(self.sales.id, [self._cell(1, 5), self._cell(2, -5)])
        self.env.invalidate_all()
        self.assertEqual(self._amounts(), {})

    def test_queries_do_not_grow(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {number:02}"} for number in range(40)])
        self.env.flush_all()
        saved, shown, spread_ = {}, {}, {}
        for number, some in ((1, customers[:1]), (10, customers[10:20]), (20, customers[20:])):
            self._order(date(2025, 2, 1), partner=some[0])
            for month in (1, 2):
                cells = [self._cell(month, 5, partner=customer) for customer in some]
                self.Target.save_grid(self.sales.id, cells)
            changes = [self._cell(1, 6, 5, customer) for customer in some]
            changes += [self._cell(2, None, 5, customer) for customer in some]
            changes += [self._cell(3, 9, None, customer) for customer in some]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Target.save_grid(self.sales.id, changes)
            self.env.flush_all()
            saved[number] = self.env.cr.sql_log_count - before
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Target.get_grid(self.sales.id, 2025, {"search": "Customer", "compare": "last"}, 0, number)
            shown[number] = self.env.cr.sql_log_count - before
            before = self.env.cr.sql_log_count
            self.Target.get_spread(self.sales.id, 2025, [[customer.id, 100] for customer in some])
            spread_[number] = self.env.cr.sql_log_count - before
            if number == 1:
                saved, shown, spread_ = {}, {}, {}  # the first round warms up
        for counts, most in ((saved, 22), (shown, 18), (spread_, 8)):
            self.assertEqual(len(set(counts.values())), 1, (saved, shown, spread_))
            self.assertLessEqual(counts[20], most, (saved, shown, spread_))

    def test_access(self):
        self._target(date(2025, 1, 1), 100)
        self._target(date(2025, 1, 1), 40, partner=self.other_customer)
        Target = self.env["customer.target"].with_user(self.seller).with_company(self.company)
        grid = Target.get_grid(options={"customers": "all"})
        self.assertEqual([row["id"] for row in grid["rows"]], self.customer.ids)
        self.assertEqual((grid["totals"][0], grid["may_write"], grid["salespeople"]), (100, False, []))
        self.assertEqual(Target.get_spread(self.sales.id, 2025, [[self.other_customer.id, 5]]), {})
        for cell in (self._cell(1, 5, 100), self._cell(2, 5)):
            with self.assertRaises(AccessError), mute_logger(IR_MODEL):
                Target.save_grid(self.sales.id, [cell])
        clerk = self._user("clerk", "base.group_user")
        with self.assertRaises(AccessError), mute_logger(IR_MODEL):
            self.env["customer.target"].with_user(clerk).get_grid()
        with self.assertRaisesRegex(UserError, "can't be planned"):
            margin = self.env.ref("customer_metrics.customer_metric_gross_margin")
            self.Target.save_grid(margin.id, [self._cell(1, 5)])

    # === SPREADING === #

    def test_spread_by_the_own_season(self):
        """June 2025 isn't complete, so its pattern is June 2024; the sum is exact."""
        for month, price in ((1, 100), (2, 200), (3, 100), (4, 300), (5, 100)):
            self._order(date(2025, month, 3), price=price)
        for month, price in ((1, 9999), (6, 250), (7, 50), (12, 900)):
            self._order(date(2024, month, 3), price=price)
        self._order(date(2025, 6, 3), price=5000)
        shares = self.Target.get_spread(self.sales.id, 2026, [[self.customer.id, 1000]])[self.customer.id]
        self.assertEqual(shares, [50, 100, 50, 150, 50, 125, 25, 0, 0, 0, 0, 450])
        shares = self.Target.get_spread(self.sales.id, 2026, [[self.customer.id, 0.1]])[self.customer.id]
        self.assertEqual(sum(round(share * 100) for share in shares), 10)
        # The year that is running is planned by the year before.
        shares = self.Target.get_spread(self.sales.id, 2025, [[self.customer.id, 100]])[self.customer.id]
        self.assertGreater(shares[0], 80)

    def test_spread_by_the_season_of_all(self):
        for month in range(1, 6):
            self._order(date(2025, month, 3), price=100)  # five months are no season
        self._order(date(2024, 7, 3), price=1500, partner=self.other_customer)
        shares = self.Target.get_spread(self.sales.id, 2026, [[self.customer.id, 2000]])[self.customer.id]
        self.assertEqual(shares, [100] * 5 + [0, 1500] + [0] * 5)

    def test_spread_evenly(self):
        orders = self.env.ref("customer_metrics.customer_metric_orders")
        shares = self.Target.get_spread(orders.id, 2026, [[self.customer.id, 30]])[self.customer.id]
        self.assertEqual(shares, [3] * 6 + [2] * 6)
