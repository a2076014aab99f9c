import random
from collections import Counter
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CreditCase

START, END = date(2026, 1, 1), date(2026, 6, 1)


@tagged("post_install", "-at_install")
class TestSimulation(CreditCase):
    """C6: a simulation holds the orders that the gate would have held, as they stood then."""

    @classmethod
    def setUpClass(cls):
        freezer = freeze_time("2025-12-01 08:00:00")
        freezer.start()
        cls.addClassCleanup(freezer.stop)
        super().setUpClass()
        cls.company.partner_id.tz = "UTC"
        cls.eur = cls._currency("EUR")
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.eur | cls.cny).ids)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": cls.eur.id,
                    "company_id": cls.company.id,
                    "name": day,
                    "inverse_company_rate": rate,
                }
                for day, rate in ((date(2025, 1, 1), 7.0), (date(2026, 2, 10), 6.5), (date(2026, 4, 1), 7.5))
            ]
        )
        cls.company.currency_exchange_journal_id = cls.env["account.journal"].create(
            {"name": "Exchange", "code": "EXCH", "type": "general", "company_id": cls.company.id}
        )
        loss, gain = cls.env["account.account"].create(
            [
                {"code": "6603", "name": "Exchange Loss", "account_type": "expense"},
                {"code": "6604", "name": "Exchange Gain", "account_type": "income_other"},
            ]
        )
        cls.company.write(
            {"expense_currency_exchange_account_id": loss.id, "income_currency_exchange_account_id": gain.id}
        )
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": cls.eur.id, "company_id": cls.company.id}
        )
        cls.term = cls.env["account.payment.term"].create({"name": "Thirty days"})
        cls.term.line_ids.nb_days = 30
        # What a rule of its own says, and what all rules say.
        cls.tag = cls.env["res.partner.category"].create({"name": "Chains"})

    # === HISTORY === #

    def _at(self, day, hour=10):
        self.today = day
        return freeze_time(datetime(day.year, day.month, day.day, hour))

    def _replay(self, seed, customers, days):
        """Let customers order, be invoiced and pay day by day; return {order: hold, or an empty one}.

        Orders that are held are released and confirmed, as it happened to the orders that a simulation looks at. On odd
        days people order, on even ones they pay; a day's documents count from the next one.
        """
        random_ = random.Random(seed)
        held, bills = {}, []
        for number in range(days):
            day = START + timedelta(days=number)
            if number % 20 == 0:
                # Nobody counts what one transaction writes: PostgreSQL would plan for empty tables.
                self.env.flush_all()
                self.env.cr.execute(
                    "ANALYZE account_move, account_move_line, account_payment, account_partial_reconcile"
                )
            with self._at(day):
                customer = random_.choice(customers)
                if number % 2:
                    foreign = random_.random() < 0.25
                    values = {"pricelist_id": self.pricelist.id} if foreign else {}
                    order = self._order(
                        random_.randint(5000, 60000) / 100 / (7 if foreign else 1),
                        partner=customer,
                        quantity=random_.choice((1, 4)),
                        payment_term_id=random_.choice((self.term.id, self.immediate.id)),
                        **values,
                    )
                    self.env.flush_all()
                    order.action_confirm()
                    hold = order.hold_ids.sudo()
                    if hold:
                        hold.with_user(self.controller)._release("It happened")
                    self.assertEqual(order.state, "sale")
                    held[order] = hold
                    # Invoices of the same day change nothing but the kind of document.
                    if random_.random() < 0.15:
                        bills.append(self._bill(order, random_))
                else:
                    self._even_day(random_, held, bills)
            self.env.flush_all()
        return held

    def _even_day(self, random_, held, bills):
        for order in list(held):
            if order.sudo().invoice_status == "to invoice" and random_.random() < 0.4:
                bills.append(self._bill(order, random_))
        for bill in list(bills):
            if not bill.amount_residual:
                bills.remove(bill)
                continue
            if random_.random() > 0.12:
                continue
            kind = random_.choice(("whole", "whole", "part", "credit note", "unapplied"))
            if kind == "credit note":
                refund = bill._reverse_moves([{"invoice_date": self.today, "date": self.today}], cancel=False)
                refund.action_post()
                (bill + refund).line_ids.filtered(
                    lambda line: line.account_id.account_type == "asset_receivable" and not line.reconciled
                ).reconcile()
            elif kind == "unapplied":
                self._payment(random_.randint(10, 200), partner=bill.partner_id)
            else:
                amount = bill.amount_residual if kind == "whole" else self.cny.round(bill.amount_residual / 3)
                self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=bill.ids
                ).create({"payment_date": self.today, "amount": amount})._create_payments()

    def _bill(self, order, random_):
        bill = order.sudo()._create_invoices()
        bill.invoice_date = self.today
        bill.invoice_date_due = self.today + timedelta(days=random_.choice((0, 10, 30)))
        bill.action_post()
        return bill

    def _simulate(self, batch=None, **values):
        simulation = (
            self.env["credit.simulation"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Draft",
                    "company_id": self.company.id,
                    "date_from": START,
                    "date_to": END,
                    **values,
                }
            )
        )
        simulation.action_start()
        self.assertEqual(simulation.state, "running")
        simulation = simulation.sudo()
        while simulation.state == "running":
            simulation._step(batch)
        self.env.invalidate_all()
        return simulation

    def _strict(self):
        """Rules of many kinds, so that every one of them stops something."""
        policy = {
            check: self.env.ref(f"customer_credit.credit_policy_{check}")
            for check in ("excess", "overdue", "oldest", "order_max", "expired", "terms", "group", "ceiling")
        }
        policy["excess"].write({"tolerance_percent": 5})
        policy["overdue"].write({"days": 15, "tolerance_amount": 20})
        policy["oldest"].write({"level": "hold", "days": 60})
        policy["order_max"].write({"level": "hold", "amount": 580})
        policy["terms"].write({"level": "hold"})
        self.env["credit.policy"].create(
            [
                {
                    "name": "Chains",
                    "check": "overdue",
                    "level": "hold",
                    "days": 25,
                    "category_id": self.tag.id,
                },
                {
                    "name": "No oldest",
                    "check": "oldest",
                    "level": "off",
                    "partner_id": self.customers[0].id,
                },
            ]
        )
        return policy

    def test_equal_to_a_replay_of_confirmations(self):
        """Every order is confirmed by a salesperson on its day; the simulation afterwards tells the same."""
        self.customers = [
            self._customer(f"Dealer {number}", category_id=self.tag.ids if number == 1 else []) for number in range(6)
        ]
        limits = (1300, 1600, 900, 1600, 0, 0)
        modes = ("amount", "amount", "amount", "amount", "unlimited", "none")
        accounts = self.env["credit.account"].union(
            *(
                self._account(customer, limit=limit, mode=mode)
                for customer, limit, mode in zip(self.customers, limits, modes)
            )
        )
        accounts[2].write({"limit_payment_days": True, "payment_days": 10})
        accounts[3].valid_until = date(2026, 4, 15)
        self.env["credit.temporary.limit"].create(
            {
                "account_id": accounts[0].id,
                "amount": 500,
                "date_from": date(2026, 3, 1),
                "date_to": date(2026, 4, 1),
                "reason": "Season",
            }
        )
        guarantee = self.env["credit.guarantee"].create(
            {
                "account_id": accounts[1].id,
                "kind_id": self.env.ref("customer_credit.credit_guarantee_kind_deposit").id,
                "amount": 300,
                "date_from": date(2026, 2, 1),
                "date_to": date(2026, 5, 1),
            }
        )
        guarantee.action_count()
        self.env["credit.group"].create(
            {"name": "One family", "credit_limit": 3300, "account_ids": (accounts[0] + accounts[1] + accounts[4]).ids}
        )
        self.company.write({"credit_has_ceiling": True, "credit_ceiling": 6000})
        policies = self._strict()
        held = self._replay(7, self.customers, 130)
        kinds = Counter(code for hold in held.values() for code in hold.reason_ids.mapped("code"))
        self.assertEqual(
            set(kinds),
            {"excess", "none", "overdue", "oldest", "order_max", "expired", "terms", "group", "ceiling"},
            kinds,
        )
        self.assertTrue(
            10 < sum(map(bool, held.values())) < len(held) - 10,
            f"some are held, some are not: {kinds}, {sum(map(bool, held.values()))} of {len(held)}",
        )
        with self._at(END):
            drafts = [
                policy._simulation_values()
                for policy in self.env["credit.policy"].search([("company_id", "in", (False, self.company.id))])
            ]
            # Now other policies are in force.
            for check, policy in policies.items():
                if check not in ("excess", "none"):
                    policy.level = "off"
            self.env["credit.policy"].search([("name", "=", "Chains")]).active = False
            simulation = self._simulate(batch=2, rule_ids=[(0, 0, values) for values in drafts])
            lines = {line.order_id: line for line in simulation.line_ids if line.held}
            self.assertEqual(
                {order.id for order in lines},
                {order.id for order, hold in held.items() if hold},
                "the simulation holds what the gate has held",
            )
            for order, line in lines.items():
                hold = held[order]
                levels = set(hold.reason_ids.mapped("code"))
                self.assertEqual(set(line.codes.split(",")), levels & set(line.codes.split(",")), order.name)
                self.assertAlmostEqual(line.exposure, hold.credit_exposure, 2, order.name)
                self.assertAlmostEqual(line.overdue, hold.credit_overdue, 2, order.name)
                self.assertEqual(line.overdue_days, hold.credit_overdue_days, order.name)
                # Half a cent of a foreign order may be rounded the other way at the rate that the order has kept.
                self.assertAlmostEqual(line.amount, hold.amount, delta=0.011, msg=order.name)
            excess = {
                order.id for order, hold in held.items() if {"excess", "none"} & set(hold.reason_ids.mapped("code"))
            }
            self.assertEqual(
                set(simulation.line_ids.filtered("now_held").order_id.ids) | excess,
                excess,
                "the policies in force say what they say",
            )
            self.assertEqual(simulation.orders, len(held))
            self.assertEqual(simulation.held, len(lines))
            self.assertEqual(simulation.month_ids.mapped("month"), [date(2026, month, 1) for month in range(1, 6)])
            self._check_late(simulation, held)

    def _check_late(self, simulation, held):
        """How the orders were paid in the end, invoice by invoice."""
        today = END
        late = set()
        for order in held:
            for line in order.sudo().invoice_ids.line_ids:
                if line.account_id.account_type != "asset_receivable" or line.balance <= 0:
                    continue
                if line.amount_residual:
                    paid = today
                else:
                    credits = line.matched_credit_ids.filtered(
                        lambda partial: (
                            partial.credit_move_id.move_id.move_type != "out_refund"
                            and not self.env["account.partial.reconcile"].search(
                                [("exchange_move_id", "=", partial.credit_move_id.move_id.id)]
                            )
                        )
                    )
                    if not credits:
                        continue
                    paid = max(credits.mapped("max_date"))
                if paid > line.date_maturity:
                    late.add(order.id)
        self.assertTrue(late)
        self.assertEqual(simulation.late, len(late))
        self.assertEqual(
            set(simulation.line_ids.filtered("paid_late").order_id.ids), late & set(simulation.line_ids.order_id.ids)
        )
        self.assertEqual(simulation.held_late, len(late & set(simulation.line_ids.filtered("held").order_id.ids)))

    def test_batches_come_to_the_same(self):
        self.customers = [self._customer(f"Dealer {number}") for number in range(4)]
        for customer in self.customers:
            self._account(customer, limit=400)
        self._replay(3, self.customers, 40)
        with self._at(END):
            whole, parts = self._simulate(), self._simulate(batch=1)
            self.assertTrue(whole.held)
            self.assertEqual(whole.line_ids.order_id, parts.line_ids.order_id)
            for name in ("orders", "amount", "held", "held_amount", "late", "now_held"):
                self.assertEqual(whole.month_ids.mapped(name), parts.month_ids.mapped(name))
            self.assertEqual((parts.total, parts.done, parts.progress), (4, 4, 100))

    def test_limits_of_the_draft(self):
        self._account(limit=1000)
        with self._at(date(2026, 2, 1)):
            self._order(600).action_confirm()
            self._order(300).action_confirm()
        with self._at(END):
            self.assertFalse(self._simulate().held)
            half = self._simulate(limit_percent=50)
            self.assertEqual((half.held, half.now_held), (2, 0))
            self.assertEqual(half.line_ids.mapped("credit_limit"), [500, 500])
            self.assertEqual(set(half.line_ids.mapped("excess")), {100, 400})
            sales = self._simulate(limit_basis="sales")
            self.assertEqual(sales.held, 2, "who is new has no sales to stand on")
            with self.assertRaises(ValidationError):
                self._simulate(limit_percent=-1)

    def test_limits_of_a_draft_standard(self):
        """C4, C6: a draft standard grants by grade, average monthly sales before the month, days, factor and cap."""
        rated, capped, fixed, _ungraded, new = customers = [
            self._customer(name) for name in ("Rated", "Capped", "Fixed", "Ungraded", "New")
        ]
        for customer, grade in zip(customers, ("A", "AA", "B", False, "A")):
            self._account(customer, limit=1000)._apply_decision({"grade": grade}, "Assessed")
        for customer in (rated, capped):
            with self._at(date(2025, 12, 1)):
                self._payment(6000, partner=customer)
                self.env.flush_all()
                self._order(6000, partner=customer).action_confirm()
        standard = (
            self.env["credit.standard"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Stricter",
                    "company_id": self.company.id,
                    "line_ids": [
                        Command.create({"grade": "A", "days": 45, "factor": 80}),
                        Command.create({"grade": "AA", "days": 60, "factor": 150, "cap": 450}),
                        Command.create({"grade": "B", "method": "fixed", "amount": 700}),
                    ],
                }
            )
        )
        with self._at(date(2026, 1, 7)):
            for customer in customers:
                self._order(900, partner=customer).action_confirm()
        with self._at(END):
            average = (
                self.env["customer.metric"]
                .with_company(self.company)
                ._values(rated, ["average_monthly_sales"], START, 12)["average_monthly_sales"][rated.id]
            )
            self.assertEqual(average, 500)
            action = standard.action_simulate()
            simulation = self._simulate(
                **{
                    name.removeprefix("default_"): value
                    for name, value in action["context"].items()
                    if name.startswith("default_")
                }
            )
            self.assertEqual(
                {line.partner_id: line.credit_limit for line in simulation.line_ids},
                # 500 x 45 / 30 x 80 %; 500 x 60 / 30 x 150 % = 1500, capped; new: no sales, no credit
                {rated: 600, capped: 450, fixed: 700, new: 0},
            )
            self.assertEqual((simulation.orders, simulation.held, simulation.now_held), (5, 4, 0))
            standard.line_ids[0].factor = 100
            another = simulation.copy().with_user(self.manager)
            another.action_start()
            with self.assertRaises(UserError):
                standard.line_ids[0].factor = 120
            another.action_cancel()
            standard.line_ids[0].factor = 120
            with self.assertRaises(ValidationError):
                self._simulate(limit_basis="standard")
            with self.assertRaises(ValidationError):
                standard.sudo().company_id = self._company("Elsewhere")
                self._simulate(limit_basis="standard", standard_id=standard.id)

    def test_later_changes_of_an_order_do_not_reach_back(self):
        """What was taken off an order afterwards was part of it then."""
        self._account(limit=1000)
        self.company.credit_mode = "warn"
        with self._at(date(2026, 2, 1)):
            first = self._order(800, quantity=8)
            first.action_confirm()
        with self._at(date(2026, 2, 2)):
            self._order(300).action_confirm()
        with self._at(date(2026, 2, 5)):
            bill = first.sudo()._create_invoices()
            bill.invoice_line_ids.quantity = 5
            bill.action_post()
            first.order_line.product_uom_qty = 5
        with self._at(date(2026, 2, 7)):
            self._order(300).action_confirm()
        with self._at(END):
            simulation = self._simulate()
            # The order is worth 500 today; then the second one would have fitted.
            self.assertEqual(simulation.line_ids.mapped("exposure"), [800])

    def test_queries_do_not_grow(self):
        counts = []
        for number in (3, 3, 6):  # the first one fills the caches of the registry
            customers = [self._customer(f"Dealer {number} {index}") for index in range(number)]
            for customer in customers:
                self._account(customer, limit=100)
                with self._at(date(2026, 2, 1)):
                    self._order(300, partner=customer).action_confirm()
                    self._order(300, partner=customer).action_confirm()
            with self._at(END):
                orders = self.env["sale.order"].search([("hold_state", "=", "held"), ("state", "=", "draft")])
                for hold in orders.sudo().hold_ids:
                    hold.with_user(self.controller)._release("It happened")
                orders.sudo().write({"date_order": datetime(2026, 2, 2)})
                simulation = self.env["credit.simulation"].create(
                    {"name": "Count", "date_from": START, "date_to": END, "company_id": self.company.id}
                )
                simulation.action_start()
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                simulation._step()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
                self.assertGreater(simulation.held, number - 1)
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[1], 25)

    def test_adopt(self):
        policy = self.env.ref("customer_credit.credit_policy_overdue")
        self._account(limit=1000)
        with self._at(date(2026, 2, 1)):
            self._order(600).action_confirm()
        with self._at(END):
            simulation = (
                self.env["credit.simulation"]
                .with_user(self.manager)
                .create({"name": "Stricter", "date_from": START, "date_to": END})
            )
            rule = simulation.rule_ids.filtered(lambda rule: rule.policy_id == policy)
            self.assertFalse(rule.changed)
            rule.days = 15
            self.assertTrue(rule.changed)
            with self.assertRaises(UserError):
                simulation.action_adopt()
            simulation.action_start()
            with self.assertRaises(UserError):
                rule.days = 10
            with self.assertRaises(UserError):
                simulation.date_from = date(2026, 2, 1)
            while simulation.state == "running":
                simulation.sudo()._step()
            self.assertEqual(simulation.state, "done")
            simulation.action_adopt()
            self.assertEqual(policy.days, 15)
            self.assertIn(rule.name, simulation.message_ids[0].body)

    def test_only_managers(self):
        values = {"name": "Mine", "date_from": START, "date_to": END}
        simulation = self.env["credit.simulation"].with_user(self.manager).create(values)
        for user in (self.salesman, self.biller, self.reader, self.controller):
            with self.subTest(user.login):
                foreign = simulation.with_user(user)
                for call in (foreign.action_start, foreign.action_adopt, foreign.action_cancel, foreign.unlink):
                    with self.assertRaises(AccessError):
                        call()
                with self.assertRaises(AccessError):
                    foreign.create(values)
                with self.assertRaises(AccessError):
                    self.env["credit.simulation.line"].with_user(user).create({"simulation_id": simulation.id})
        with self.assertRaises(AccessError):
            simulation.write({"state": "done"})
        self.assertEqual(
            self.env["credit.simulation"].with_user(self.manager).create({**values, "state": "done"}).state, "draft"
        )
        other = self._company("Elsewhere")
        stranger = self._user("credit_stranger", "customer_credit.group_credit_manager", companies=other)
        elsewhere = self.env["credit.simulation"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(elsewhere.search([("id", "=", simulation.id)]))
