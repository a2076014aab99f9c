from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .test_exclusivity import AreaCase

NOW = "2025-06-15 10:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestGate(AreaCase):
    """D4: who trades has a contract in force, for these products and this area."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"contract_hold_mode": "hold", "contract_range_mode": "hold"})
        cls.customer.write({"country_id": cls.china.id, "state_id": cls.zhejiang.id, "city": "杭州市"})
        cls.controller = cls._user("gate_controller", "sale_order_hold.group_hold_controller")

    def order(self, customer=None, products=None, **values):
        customer = customer or self.customer
        return (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create(
                {
                    "partner_id": customer.id,
                    "partner_shipping_id": customer.id,
                    "user_id": self.salesman.id,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_uom_qty": 1, "tax_ids": False})
                        for product in products or self.product
                    ],
                    **values,
                }
            )
        )

    def confirm(self, *args, **values):
        """Confirm an order; return what holds it."""
        order = self.order(*args, **values)
        order.action_confirm()
        reasons = order.sudo().hold_ids.reason_ids.filtered(lambda reason: reason.state == "held")
        self.assertEqual(order.state, "draft" if reasons else "sale")
        return reasons.mapped("code")

    # === IN FORCE === #

    def test_no_contract(self):
        order = self.order()
        self.assertIn(
            "On confirming, this order will be held:\nNo contract with the customer is in force.",
            order.contract_warning,
        )
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        self.assertEqual(order.hold_ids.keeper, "contract")
        self.assertEqual(order.hold_message, "No contract with the customer is in force.")
        self.assertFalse(order.contract_warning, "the banner of the hold says it now")
        with self.assertRaises(AccessError):
            order.hold_ids._release("Please")
        order.hold_ids.with_user(self.controller)._release("Signed yesterday, on its way")
        self.assertEqual(order.state, "sale")

    def test_states_and_days(self):
        for state, start, end, expected in (
            ("in_force", "2025-01-01", "2026-01-01", []),
            ("filed", "2025-06-15", "2026-01-01", []),
            ("in_force", "2025-01-01", "2025-06-16", []),
            ("in_force", "2025-01-01", "2025-06-15", ["contract_expired"]),
            ("expired", "2025-01-01", "2025-03-01", ["contract_expired"]),
            ("terminated", "2025-01-01", "2026-03-01", ["contract_expired"]),
            ("filed", "2025-06-16", "2026-01-01", ["contract_none"]),
            ("signed", "2025-01-01", "2026-01-01", ["contract_none"]),
            ("approved", "2025-01-01", "2026-01-01", ["contract_none"]),
            ("cancelled", "2025-01-01", "2026-01-01", ["contract_none"]),
            ("draft", "2025-01-01", "2026-01-01", ["contract_none"]),
        ):
            with self.subTest(state=state, start=start, end=end):
                customer = self.env["res.partner"].create({"name": "Dealer", "is_company": True})
                self._contract(customer, state=state, start=start, end=end)
                self.assertEqual(self.confirm(customer), expected)

    def test_clock_of_the_company(self):
        """At ten in the morning of the 15th it is the 16th in Auckland."""
        self._contract(end="2025-06-16")
        self.company.partner_id.tz = "Pacific/Auckland"
        with freeze_time("2025-06-15 13:00:00"):
            self.assertEqual(self.confirm(), ["contract_expired"])

    def test_expired_says_when(self):
        contract = self._contract(end="2025-06-15")
        order = self.order()
        order.action_confirm()
        self.assertRegex(order.hold_message, rf"contract {contract.name} ended: its last day was \S*14\S*\.")

    def test_for_the_firm(self):
        """A branch orders under the contract of its firm; who owes counts."""
        self._contract()
        self.assertFalse(self.confirm(self.branch))
        self.assertEqual(self.confirm(self.other_customer), ["contract_none"])
        self.assertEqual(self.confirm(partner_invoice_id=self.other_customer.id), ["contract_none"])

    def test_companies(self):
        self._contract(company_id=self.env["res.company"].create({"name": "Sister"}).id)
        self.assertEqual(self.confirm(), ["contract_none"])

    def test_rpc(self):
        model = self.env["sale.order"].with_user(self.salesman)
        order = self.order()
        call_kw(model, "write", [order.ids, {"state": "sale"}], {})
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        for name in ("contract_hold_mode", "contract_range_mode"):
            with self.assertRaises(AccessError):
                call_kw(
                    self.env["res.company"].with_user(self.salesman), "write", [[self.company.id], {name: "off"}], {}
                )

    def test_batch(self):
        self._contract()
        good, bad = self.order(), self.order(self.other_customer)
        (good + bad).action_confirm()
        self.assertEqual((good.state, bad.state), ("sale", "draft"))

    # === MODES === #

    def test_off(self):
        self.company.write({"contract_hold_mode": "off", "contract_range_mode": "off"})
        order = self.order()
        self.assertFalse(order.contract_warning)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))

    def test_warn(self):
        self.company.write({"contract_hold_mode": "warn", "contract_range_mode": "warn"})
        order = self.order()
        self.assertEqual(order.contract_warning, "No contract with the customer is in force.")
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))
        self.assertIn("No contract with the customer is in force.", str(order.message_ids.mapped("body")))

    def test_modes_apart(self):
        self.company.contract_range_mode = "off"
        self._contract(category_ids=[Command.set(self.food.ids)])
        self.assertFalse(self.confirm())
        self.company.write({"contract_hold_mode": "off", "contract_range_mode": "hold"})
        self.assertEqual(self.confirm(), ["contract_products"])
        self.assertFalse(self.confirm(self.other_customer))

    # === PRODUCTS AND AREAS === #

    def test_products(self):
        """Products of the contract and of its categories; services are free."""
        line = Command.create({"product_id": self.other_product.id, "price_unit": 1})
        for values, expected in (
            ({}, []),
            ({"category_ids": [Command.set(self.drugs.ids)]}, []),
            ({"category_ids": [Command.set(self.food.ids)]}, ["contract_products"]),
            ({"line_ids": [line]}, ["contract_products"]),
            ({"line_ids": [line], "category_ids": [Command.set(self.antibiotics.ids)]}, []),
        ):
            with self.subTest(values=values):
                contract = self._contract(**values)
                self.assertEqual(self.confirm(), expected)
                contract.state = "cancelled"
        self._contract(category_ids=[Command.set(self.food.ids)])
        freight = self.env["product.product"].create({"name": "Freight", "type": "service"})
        self.assertFalse(self.confirm(products=self.other_product + freight))

    def test_products_are_named(self):
        contract = self._contract(category_ids=[Command.set(self.food.ids)])
        order = self.order(products=self.product + self.other_product)
        order.action_confirm()
        self.assertEqual(
            order.hold_message, f"No contract in force ({contract.name}) covers {self.product.display_name}."
        )
        figures = order.hold_ids.reason_ids.figures
        self.assertEqual((figures["products"], figures["count"]), ([self.product.display_name], 1))

    def test_areas(self):
        for areas, expected in (
            (self.city, []),
            (self.province, []),
            (self.country + self.other_city, []),
            (self.other_city, ["contract_area"]),
            (self.other_province, ["contract_area"]),
        ):
            with self.subTest(areas=areas.mapped("name")):
                contract = self._contract(area_ids=[Command.set(areas.ids)])
                self.assertEqual(self.confirm(), expected)
                contract.state = "cancelled"

    def test_delivery_counts(self):
        self._contract(area_ids=[Command.set(self.city.ids)])
        self.branch.write({"country_id": self.china.id, "state_id": self.zhejiang.id, "city": "宁波"})
        order = self.order(partner_shipping_id=self.branch.id)
        order.action_confirm()
        self.assertEqual(order.hold_ids.reason_ids.code, "contract_area")
        self.assertIn("宁波", order.hold_message)
        self.branch.dealer_area_id = self.city
        self.assertFalse(self.confirm(partner_shipping_id=self.branch.id))

    def test_unknown_place(self):
        """Who doesn't say where the goods go isn't known to stay within the area."""
        self._contract(self.other_customer, area_ids=[Command.set(self.city.ids)])
        self.assertEqual(self.confirm(self.other_customer), ["contract_area"])

    def test_one_contract_covers_both(self):
        """Products of one contract and the area of another don't make an order of either."""
        self._contract(category_ids=[Command.set(self.food.ids)], area_ids=[Command.set(self.city.ids)])
        self._contract(category_ids=[Command.set(self.drugs.ids)], area_ids=[Command.set(self.other_city.ids)])
        self.assertEqual(self.confirm(), ["contract_area"])
        self.assertFalse(self.confirm(products=self.other_product))

    # === CONFIRMED ORDERS === #

    def test_another_product(self):
        """A product outside the contract comes before the gate, even if the order doesn't grow."""
        self._contract(category_ids=[Command.set(self.drugs.ids)])
        other = {"product_id": self.other_product.id}

        def instead(order):
            new = {**other, "product_uom_qty": 1, "tax_ids": False}
            old = Command.update(order.order_line.id, {"product_uom_qty": 0})
            order.write({"order_line": [old, Command.create(new)]})

        def exchanged(order):
            order.order_line.write(other)

        def exchanged_on_the_form(order):
            order.write({"order_line": [Command.update(order.order_line.id, other)]})

        for change in (instead, exchanged, exchanged_on_the_form):
            order = self.order()
            order.action_confirm()
            self.assertEqual((order.state, order.hold_state), ("sale", "clear"))
            if change != instead and not order.order_line.product_updatable:
                # Where stock is kept, Odoo itself refuses it.
                continue
            with self.subTest(change.__name__):
                change(order)
                self.assertEqual((order.state, order.hold_state), ("sale", "held"))
                self.assertEqual(order.hold_ids.reason_ids.mapped("code"), ["contract_products"])

    def test_another_place(self):
        self._contract(area_ids=[Command.set(self.city.ids)])
        self.branch.write({"country_id": self.china.id, "state_id": self.zhejiang.id, "city": "宁波"})
        order = self.order()
        order.action_confirm()
        order.partner_shipping_id = self.branch
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))

    def test_growth_after_the_end(self):
        contract = self._contract()
        order = self.order()
        order.action_confirm()
        contract.state = "expired"
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))

    def test_new_contract_lets_go(self):
        order, other = self.order(), self.order(self.other_customer)
        (order + other).action_confirm()
        contract = self._contract(state="filed")
        contract._begin()
        self.assertEqual((order.state, order.hold_state, other.hold_state), ("draft", "clear", "held"))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # === TERMS === #

    def test_price_list_and_payment_terms(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Dealers",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "fixed",
                            "fixed_price": 80,
                            "product_tmpl_id": self.product.product_tmpl_id.id,
                        }
                    )
                ],
            }
        )
        own_term, term = self.env["account.payment.term"].create([{"name": "Own"}, {"name": "Agreed"}])
        self.customer.property_payment_term_id = own_term
        self.assertEqual(self.order().payment_term_id, own_term)
        contract = self._contract(pricelist_id=pricelist.id, payment_term_id=term.id)
        order = self.order(self.branch)
        self.assertEqual((order.pricelist_id, order.payment_term_id), (pricelist, term))
        self.assertEqual(order.order_line.price_unit, 80)
        self.assertEqual(self.order(self.other_customer).order_line.price_unit, 100)
        self._contract(start="2025-06-01", payment_term_id=own_term.id)
        order = self.order()
        self.assertEqual(
            (order.pricelist_id, order.payment_term_id), (pricelist, own_term), "the later one where it says so"
        )
        contract.state = "expired"
        self.assertEqual(self.order().order_line.price_unit, 100)

    # === AGREED PRICES === #

    def agree(self, price, **values):
        """A contract in force that names a price, taxes included, for the first product."""
        line = {"product_id": self.product.id, "price_unit": price, "quantity": 100}
        return self._contract(line_ids=[Command.create(line)], **values)

    def test_price(self):
        """The price with taxes and discounts is the agreed one, neither less nor more."""
        self.company.contract_price_mode = "hold"
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13, "company_id": self.company.id})
        included = self.env["account.tax"].create(
            {"name": "13 % in", "amount": 13, "company_id": self.company.id, "price_include_override": "tax_included"}
        )
        self.agree(113)
        for title, values, expected in (
            ("with tax", {"price_unit": 100, "tax_ids": tax.ids}, []),
            ("tax included", {"price_unit": 113, "tax_ids": included.ids}, []),
            ("without tax", {"price_unit": 100}, ["contract_price"]),
            ("less", {"price_unit": 99.9, "tax_ids": tax.ids}, ["contract_price"]),
            ("more", {"price_unit": 100.1, "tax_ids": tax.ids}, ["contract_price"]),
            ("discount", {"price_unit": 113, "discount": 1}, ["contract_price"]),
            ("discounted to it", {"price_unit": 226, "discount": 50}, []),
            ("many", {"price_unit": 113, "product_uom_qty": 3}, []),
            ("free", {"price_unit": 0}, ["contract_price"]),
            ("dozen", {"price_unit": 1356, "product_uom_id": self.env.ref("uom.product_uom_dozen").id}, []),
            (
                "dozen at the price of one",
                {"price_unit": 113, "product_uom_id": self.env.ref("uom.product_uom_dozen").id},
                ["contract_price"],
            ),
        ):
            with self.subTest(title):
                line = {"product_id": self.product.id, "product_uom_qty": 1, "tax_ids": [], **values}
                self.assertEqual(self.confirm(order_line=[Command.create(line)]), expected)

    def test_price_rounded_by_the_tax(self):
        """12.50 with 13 % is 11.06 without, which is 12.4978 with it: the same price."""
        self.company.contract_price_mode = "hold"
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13, "company_id": self.company.id})
        self.agree(12.5)
        line = {"product_id": self.product.id, "product_uom_qty": 1000, "price_unit": 11.06, "tax_ids": tax.ids}
        self.assertFalse(self.confirm(order_line=[Command.create(line)]))
        self.assertEqual(self.confirm(order_line=[Command.create({**line, "price_unit": 11.04})]), ["contract_price"])

    def test_price_says_which(self):
        contract = self.agree(90)
        self.company.contract_price_mode = "warn"
        order = self.order()
        sentence = (
            f"Prices with taxes aren't those agreed, in {self.company.currency_id.name}: {self.product.display_name} at"
            f" 100.00 instead of 90.00 (contract {contract.name})."
        )
        self.assertEqual(order.contract_warning, sentence)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))
        self.assertIn(sentence, "".join(order.message_ids.mapped("body")).replace("&#39;", "'"))
        self.company.contract_price_mode = "off"
        self.assertFalse(self.order().contract_warning)

    def test_price_of_one_of_several(self):
        """Any contract in force may have agreed on it; one that ended, or of another dealer, may not."""
        self.company.contract_price_mode = "hold"
        self.agree(90)
        self.agree(100)
        self.assertFalse(self.confirm())
        self.agree(70, state="expired", end="2025-03-01")
        self.agree(70, partner=self.other_customer)
        line = {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 70, "tax_ids": []}
        self.assertEqual(self.confirm(order_line=[Command.create(line)]), ["contract_price"])

    def test_price_is_free_without_agreement(self):
        self.company.contract_price_mode = "hold"
        self._contract(category_ids=[Command.set(self.drugs.ids)])
        self.assertFalse(self.confirm())

    def test_price_in_another_currency(self):
        """It is compared at the rate of the day."""
        self.company.contract_price_mode = "hold"
        currency = self.env["res.currency"].create({"name": "XDC", "symbol": "X"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2025-01-01", "rate": 4, "company_id": self.company.id}
        )
        contract = self.agree(400, currency_id=currency.id)
        self.assertFalse(self.confirm())
        contract.state = "cancelled"
        self.agree(100, currency_id=currency.id)
        self.assertEqual(self.confirm(), ["contract_price"])

    def test_price_changed_after_confirmation(self):
        """A lower price doesn't let the order grow, and comes before the gate nevertheless."""
        self.company.contract_price_mode = "hold"
        self.agree(100)
        for change in ({"price_unit": 80}, {"discount": 10}):
            order = self.order()
            order.action_confirm()
            self.assertEqual((order.state, order.hold_state), ("sale", "clear"))
            order.order_line.write(change)
            self.assertEqual((order.state, order.hold_state), ("sale", "held"), change)
            self.assertEqual(order.hold_ids.reason_ids.mapped("code"), ["contract_price"])

    # === COST === #

    def test_queries(self):
        """Nothing while it is off; otherwise one query for contracts, whatever the number of orders."""
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Dealer {n}",
                    "is_company": True,
                    "country_id": self.china.id,
                    "state_id": self.zhejiang.id,
                    "city": "杭州",
                }
                for n in range(8)
            ]
        )
        orders = self.env["sale.order"].union(*(self.order(customer) for customer in customers)).sudo()
        for customer in customers:
            self._contract(
                customer,
                area_ids=[Command.set(self.city.ids)],
                category_ids=[Command.set(self.drugs.ids)],
                line_ids=[Command.create({"product_id": self.product.id, "price_unit": 100})],
            )
        counts = {}
        for modes in ("off", "hold"):
            self.company.write(
                {"contract_hold_mode": modes, "contract_range_mode": modes, "contract_price_mode": modes}
            )
            for number in (4, 8):
                self.env.flush_all()
                self.env.invalidate_all()
                batch = orders[:number]
                batch.mapped("hold_customer_id.name")
                batch.mapped("partner_shipping_id.name")
                batch.mapped("company_id.name")
                batch.order_line.mapped("product_id.categ_id.parent_path")
                batch._hold_reasons(batch._hold_answers())
                self.env["res.partner"].invalidate_model(["dealer_area_id"])
                before = self.env.cr.sql_log_count
                reasons = batch._hold_reasons(batch._hold_answers())
                counts[modes, number] = self.env.cr.sql_log_count - before
                self.assertFalse(any(reasons.values()))
        self.assertEqual(counts["off", 8], counts["off", 4], counts)
        self.assertEqual(counts["hold", 8], counts["hold", 4], counts)
        self.assertLessEqual(counts["hold", 8] - counts["off", 8], 2, counts)


@tagged("post_install", "-at_install")
class TestMissing(AreaCase):
    """D8: customers that trade without contract."""

    def rows(self, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        found = self.env["dealer.contract.missing"].with_user(user or self.manager).search([])
        return {row.partner_id: row for row in found}

    def test_list(self):
        self.customer.user_id = self.author
        today = self.company._customer_today()
        self._order(today, price=1_000, partner=self.branch)
        self._order(today, price=500)
        row = self.rows()[self.customer]
        self.assertEqual((row.status, row.order_count, row.amount, row.company_id), ("never", 2, 1_500, self.company))
        contract = self._contract(state="sent", start=today.replace(day=1), end=today.replace(year=today.year + 1))
        self.assertEqual(self.rows()[self.customer].status, "coming")
        contract.state = "in_force"
        self.assertNotIn(self.customer, self.rows())
        contract.sudo().write({"state": "terminated", "date_terminated": today})
        row = self.rows()[self.customer]
        self.assertEqual(row.status, "ended")
        self.assertEqual((today - row.last_day).days, 1)
        self.assertEqual(row.action_orders()["domain"][1], ("partner_id.commercial_partner_id", "=", self.customer.id))
        self.assertEqual(row.action_make_contract()["context"]["default_partner_id"], self.customer.id)

    def test_only_who_trades(self):
        today = self.company._customer_today()
        self._order(today.replace(year=today.year - 2))
        self._order(today, partner=self.other_customer, confirm=False)
        self.assertFalse({self.customer, self.other_customer} & self.rows().keys())

    def test_who_sees_it(self):
        today = self.company._customer_today()
        self._order(today)
        self.customer.user_id = self.salesman
        self.assertIn(self.customer, self.rows(self.finance))
        self.assertNotIn(self.customer, self.rows(self.author))
        with self.assertRaises(AccessError):
            self.rows(self.salesman)
