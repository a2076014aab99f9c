from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase


@tagged("post_install", "-at_install")
class TestGuarantee(CreditCase):
    """C1, C8: a guarantee raises the limit while it is valid, by the part of it that is counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.env["credit.guarantee.kind"].create({"name": "Mortgage", "rate": 70})

    def _guarantee(self, amount, account=None, count=True, **values):
        guarantee = (
            self.env["credit.guarantee"]
            .with_user(self.manager)
            .create(
                {
                    "account_id": (account or self.account).id,
                    "kind_id": self.kind.id,
                    "amount": amount,
                    "date_from": self.today,
                    **values,
                }
            )
        )
        if count:
            guarantee.action_count()
        return guarantee

    def test_counted_part_raises_the_limit(self):
        self.account = self._account(limit=1000)
        self.assertEqual(self._exposure().limit, 1000)
        guarantee = self._guarantee(1000, count=False)
        self.assertEqual((guarantee.rate, guarantee.amount_counted), (70, 700))
        self.assertEqual(self._exposure().limit, 1000, "a draft counts for nothing")
        guarantee.action_count()
        self.assertEqual((self._exposure().limit, self._exposure().guarantees), (1700, 700))
        order = self._order(1700)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        second = self._order(0.01)
        second.action_confirm()
        self.assertEqual(second.hold_state, "held")
        self.assertEqual(second.hold_ids.sudo().reason_ids.figures["guarantees"], 700)
        self.assertIn("1,700.00", second.hold_ids.sudo().message)
        self.assertEqual((self.account.guaranteed, self.account.limit_total), (700, 1700))

    def test_dates_are_half_open(self):
        self.account = self._account(limit=1000)
        for start, end, limit in ((0, 1, 1700), (-5, 0, 1000), (1, 5, 1000), (-5, None, 1700)):
            with self.subTest(start=start, end=end):
                guarantee = self._guarantee(
                    1000,
                    date_from=self.today + timedelta(days=start),
                    date_to=end is not None and self.today + timedelta(days=end),
                )
                self.assertEqual(self._exposure().limit, limit)
                self.assertEqual(self._exposure(ageing=True).limit, limit, "both statements say the same")
                self.assertEqual(guarantee.valid, limit == 1700)
                guarantee.action_end()
                self.assertEqual(self._exposure().limit, 1000)

    def test_foreign_currency_at_the_rate_of_its_first_day(self):
        self.account = self._account(limit=0)
        eur = self._rate("EUR", 7.0)
        guarantee = self._guarantee(100, currency_id=eur.id, rate=50)
        self.assertEqual(guarantee.amount_counted, 350)
        self._rate("EUR", 8.0)
        self.assertEqual(self._exposure().limit, 350)

    def test_modes(self):
        self.account = self._account(mode="none")
        self._guarantee(1000)
        self.assertEqual(self._exposure().limit, 700, "without credit of its own, up to the guarantee")
        order = self._order(700)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        other = self._customer("Unlimited")
        self._guarantee(1000, account=self._account(other, mode="unlimited"))
        self.assertIsNone(self._exposure(other).limit)

    def test_search_counts_it(self):
        self.account = self._account(limit=100)
        self._invoice(150)
        domain = [("credit_over_limit", "=", True), ("id", "=", self.customer.id)]
        self.assertTrue(self.env["res.partner"].search(domain))
        self._guarantee(100)
        self.assertFalse(self.env["res.partner"].search(domain))
        self.assertTrue(self.env["res.partner"].search([("credit_limit_total", "=", 170)]))

    def test_only_managers(self):
        self.account = self._account(limit=1000)
        guarantee = self._guarantee(1000)
        values = {"account_id": self.account.id, "kind_id": self.kind.id, "amount": 10}
        for user in (self.salesman, self.biller, self.reader, self.controller):
            with self.subTest(user.login):
                foreign = guarantee.with_user(user)
                with self.assertRaises(AccessError):
                    foreign.create(values)
                for call in (foreign.action_end, foreign.action_count, foreign.action_cancel, foreign.unlink):
                    with self.assertRaises(AccessError):
                        call()
                with self.assertRaises(AccessError):
                    foreign.write({"date_to": False})
        with self.assertRaises(AccessError):
            guarantee.with_user(self.manager).write({"state": "draft"})
        created = self.env["credit.guarantee"].with_user(self.manager).create({**values, "state": "active"})
        self.assertEqual(created.state, "draft")
        with self.assertRaises(AccessError):
            self.account.with_user(self.salesman).write({"has_guarantees": True})

    def test_what_was_counted_stays(self):
        self.account = self._account(limit=1000)
        guarantee = self._guarantee(1000)
        for values in ({"amount": 2000}, {"rate": 100}, {"account_id": self._account(self._customer("Other")).id}):
            with self.assertRaises(UserError):
                guarantee.write(values)
        with self.assertRaises(UserError):
            guarantee.unlink()
        guarantee.action_end()
        with self.assertRaises(UserError):
            guarantee.action_count()
        self.assertIn("Mortgage", self.account.message_ids[0].body)
        for values in ({"amount": 0}, {"rate": 101}, {"rate": -1}, {"date_to": self.today}):
            with self.assertRaises(ValidationError):
                self._guarantee(**{"amount": 10, **values})


@tagged("post_install", "-at_install")
class TestSharedLimits(CreditCase):
    """C6, C8: a limit of several customers, and the ceiling of the company, hold beside each customer's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = [cls._customer(name) for name in ("Second", "Third")]
        cls.members = [cls.customer, *cls.others]

    def _group(self, total, *customers, **values):
        accounts = self.env["credit.account"].union(*(self._account(customer, **values) for customer in customers))
        group = (
            self.env["credit.group"]
            .with_user(self.manager)
            .create({"name": "Wang family", "credit_limit": total, "account_ids": accounts.ids})
        )
        self.assertEqual(group.account_ids, accounts)
        return group.sudo()

    def _confirm(self, amount, partner=None, **values):
        order = self._order(amount, partner=partner, **values)
        order.action_confirm()
        return order

    def test_limit_of_a_group(self):
        group = self._group(1000, *self.members, limit=800)
        self.assertEqual(self._confirm(700).state, "sale")
        self._invoice(200, partner=self.others[1])
        second = self._confirm(101, partner=self.others[0])
        self.assertEqual(second.hold_state, "held")
        hold = second.hold_ids.sudo()
        self.assertEqual(hold.reason_ids.mapped("code"), ["group"], "its own limit would do")
        figures = hold.reason_ids.figures
        self.assertEqual((figures["collective_limit"], figures["collective_exposure"]), (1000, 900))
        self.assertEqual((figures["collective_excess"], hold.credit_excess), (1, 1))
        self.assertIn("Wang family", hold.message)
        self.assertEqual(self._confirm(100, partner=self.others[0]).state, "sale")
        self.assertEqual((group.exposure, group.remaining, group.account_count), (1000, 0, 3))
        third = self._confirm(101, partner=self.customer)
        self.assertEqual(set(third.hold_ids.sudo().reason_ids.mapped("code")), {"excess", "group"}, "both are said")

    def test_one_batch_is_judged_together(self):
        self._group(1000, *self.members, mode="unlimited")
        orders = self.env["sale.order"].union(*(self._order(400, partner=partner) for partner in self.members))
        orders.action_confirm()
        self.assertEqual(orders.mapped("hold_state"), ["clear", "clear", "held"])

    def test_growth_passes_the_same_gate(self):
        self._group(1000, *self.members, mode="unlimited")
        self._confirm(500, partner=self.others[0])
        order = self._confirm(400)
        order.order_line.price_unit = 500
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"), "it doesn't count twice")
        order.order_line.price_unit = 501
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))

    def test_policies(self):
        """Off, warn, hold, with tolerance, for some customers."""
        self._group(1000, *self.members, mode="unlimited")
        self._invoice(1000, partner=self.others[0])
        policy = self.env.ref("customer_credit.credit_policy_group")
        for level, expected in (("off", set()), ("warn", {("group", "warn")}), ("hold", {("group", "hold")})):
            policy.level = level
            self.assertEqual(self._codes(self._order(100)), expected)
        policy.tolerance_percent = 10
        self.assertEqual(self._codes(self._order(100)), {("group", "warn")})
        self.assertEqual(self._codes(self._order(100.01)), {("group", "hold")})
        self.env["credit.policy"].create(
            {"name": "Not this one", "check": "group", "level": "off", "partner_id": self.customer.id}
        )
        self.assertFalse(self._codes(self._order(500)))
        self.assertEqual(self._codes(self._order(500, partner=self.others[0])), {("group", "hold")})

    def test_prepaid_member_makes_room(self):
        self._group(1000, *self.members, mode="unlimited")
        self._payment(300, partner=self.others[0])
        self.assertFalse(self._codes(self._order(1300)))
        self.assertEqual(self._codes(self._order(1300.01)), {("group", "hold")})

    def test_ceiling_of_the_company(self):
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 1000})
        self._account(limit=900)
        self._invoice(200, partner=self.others[0])
        self._payment(50, partner=self.others[1])
        self._invoice(25, partner=self.others[1], post=False)
        self.assertEqual(self._confirm(800).state, "sale")
        nobody = self._customer("Has nothing yet")
        order = self._confirm(25.01, partner=nobody)
        self.assertEqual(order.hold_ids.sudo().reason_ids.mapped("code"), ["ceiling"])
        self.assertEqual(order.hold_ids.sudo().reason_ids.figures["collective_exposure"], 975)
        self.assertIn("Credit Test Wholesale", order.hold_ids.sudo().message)
        self.assertEqual(self._confirm(25, partner=nobody).state, "sale")
        self.env.ref("customer_credit.credit_policy_ceiling").level = "off"
        self.assertEqual(self._confirm(500, partner=nobody).state, "sale")
        other = self._company("Without a ceiling")
        self.assertFalse(self._exposure(company=other, collective=True).collectives)

    def test_ceiling_is_the_sum_of_all(self):
        """The quick total says what adding up the customers says."""
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 1})
        eur = self._rate("EUR", 7.3)
        for number, partner in enumerate(self.members):
            self._invoice(100.10 + number, partner=partner, currency_id=eur.id)
            self._invoice(33.33, partner=partner, post=bool(number))
            self._payment(12.34 * number + 1, partner=partner)
        self.company.credit_mode = "warn"
        for partner in self.members:
            self.assertEqual(self._confirm(50, partner=partner, pricelist_id=self._pricelist(eur).id).state, "sale")
        every = self.env["res.partner"]._credit_exposure(self.company, everybody=True)
        ceiling = self._exposure(collective=True).collectives[0]
        self.assertAlmostEqual(ceiling.exposure, sum(figures.exposure for figures in every.values()), 2)
        self.assertGreater(ceiling.exposure, 1000)

    def _pricelist(self, currency):
        return self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id, "company_id": self.company.id}
        )

    def test_cap_of_who_releases(self):
        """C7: the cap is about the excess over any of the limits."""
        self._group(1000, *self.members, limit=5000)
        self.env["credit.release.cap"].create(
            {"user_id": self.controller.id, "company_id": self.company.id, "amount": 100}
        )
        order = self._confirm(1101)
        with self.assertRaises(AccessError):
            order.hold_ids.with_user(self.controller)._release("Known for years")
        order = self._confirm(1100, partner=self.others[0])
        order.hold_ids.with_user(self.controller)._release("Known for years")
        self.assertEqual(order.state, "sale")

    def test_nothing_is_asked_where_there_is_nothing(self):
        """Who has neither group nor guarantee, in a company without a ceiling, is judged by one statement."""
        account = self._account(limit=1000)

        def count():
            order = self._order(1)
            self.env.flush_all()
            self._codes(order)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            order._hold_gate()
            return self.env.cr.sql_log_count - before

        count()
        usual = count()
        self.assertEqual(usual, 1, "the row of the customer with the figures")
        account.group_id = self.env["credit.group"].create({"name": "Alone", "credit_limit": 1000})
        count()
        self.assertEqual(count(), usual + 2, "the group, and its row")
        account.group_id = False
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 100000})
        count()
        self.assertEqual(count(), usual + 2, "the total, and its row")
        for number in range(4):
            self._account(self._customer(f"Member {number}"), group_id=account.group_id.id)
        self.assertEqual(count(), usual + 2)

    def test_only_managers(self):
        group = self._group(1000, self.customer, limit=800)
        account = self._account(self.others[0], limit=10)
        for user in (self.salesman, self.biller, self.reader, self.controller):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    group.with_user(user).write({"credit_limit": 9999})
                with self.assertRaises(AccessError):
                    group.with_user(user).create({"name": "Mine", "credit_limit": 1})
                with self.assertRaises(AccessError):
                    group.account_ids.with_user(user).write({"group_id": False})
                with self.assertRaises(AccessError):
                    self.company.with_user(user).write({"credit_ceiling": 9999})
                with self.assertRaises(AccessError):
                    self.env["credit.lock"].with_user(user).create({"name": "group/1", "sequence": 1})
        with self.assertRaises(ValidationError):
            group.credit_limit = -1
        with self.assertRaises(ValidationError):
            self.company.write({"credit_has_ceiling": True, "credit_ceiling": 0})
        other = self._company("Elsewhere")
        stranger = self.env["credit.group"].create({"name": "Elsewhere", "company_id": other.id, "credit_limit": 1})
        with self.assertRaises(UserError):
            account.group_id = stranger
        group.active = False
        self.assertFalse(self._exposure(collective=True).collectives)

    def test_shown_in_figures(self):
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 5000})
        group = self._group(1000, *self.members, limit=800)
        self._invoice(300)
        shown = group.account_ids[0].picture["collectives"]
        self.assertEqual(
            [(line["kind"], line["limit"], line["used"], line["remaining"]) for line in shown],
            [("group", 1000, 300, 700), ("ceiling", 5000, 300, 4700)],
        )
        order = self._order(100)
        self.assertEqual([line["remaining"] for line in order.credit_picture["collectives"]], [600, 4600])
