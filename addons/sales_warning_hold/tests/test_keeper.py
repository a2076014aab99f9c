from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.sales_warning.tests.common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestKeeper(SalesWarningCommon):
    """W6: orders wait while a warning whose rule holds them is open, whichever way they would be confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.controller = cls._user("warning_controller", "sale_order_hold.group_hold_controller")
        cls.rule = cls._overdue_rule()
        cls.action = cls.env["warning.rule.action"].create(
            {"rule_id": cls.rule.id, "kind": "hold_orders", "level": "red"}
        )

    def warned(self, customer=None, days=40):
        """Let an invoice be overdue by so many days, and the night find it: more than 30 days are red."""
        invoice = self._invoice(self.TODAY - timedelta(days=days), 500, partner=customer or self.customer)
        self._night()
        return invoice, self._cases(customer)

    def draft(self, customer=None, user=None, **values):
        return self.env["sale.order"].with_user(user or self.env.user).create(self.values(customer, **values))

    def values(self, customer=None, **values):
        return {
            "partner_id": (customer or self.customer).id,
            "user_id": self.seller.id,
            "company_id": self.company.id,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 100, "tax_ids": False})],
            **values,
        }

    def test_held_and_released(self):
        _invoice, case = self.warned()
        self.assertTrue(case.holds_orders)
        order = self.draft(user=self.seller)
        self.assertIn("On confirming, this order will be held:", order.warning_message)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        self.assertEqual(order.hold_ids.keeper, "warning")
        self.assertRegex(
            order.hold_message,
            r"^Red warning “Overdue Receivable”, open since \S*2025\S*: .*40 days is above 30 days\.$",
        )
        self.assertFalse(order.warning_message, "the banner of the hold says it now")
        with self.assertRaises(AccessError):
            order.hold_ids._release("Please")
        order.hold_ids.with_user(self.controller)._release("Paid tomorrow")
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))

    def test_rpc(self):
        self.warned()
        model = self.env["sale.order"].with_user(self.seller)
        [order_id] = call_kw(model, "create", [[self.values(state="sale")]], {})
        order = self.env["sale.order"].browse(order_id)
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        call_kw(model, "write", [order.ids, {"state": "sale"}], {})
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))

    def test_level(self):
        """Amber doesn't hold where only red does; the rule can say otherwise at any time."""
        _invoice, case = self.warned(days=10)
        self.assertEqual((case.level, case.holds_orders), ("amber", False))
        order, later = self.draft(), self.draft()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.action.level = "amber"
        self.assertTrue(case.holds_orders)
        later.action_confirm()
        self.assertEqual(later.hold_state, "held")
        self.assertRegex(later.hold_message, "^Amber warning")

    def test_other_rules_and_customers(self):
        self.warned()
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id, "type": "invoice"})
        orders = self.draft() + self.draft(self.other_customer) + self.draft(branch)
        orders.action_confirm()
        self.assertEqual(orders.mapped("hold_state"), ["held", "clear", "held"])
        self.action.unlink()
        order = self.draft()
        order.action_confirm()
        self.assertEqual(order.state, "sale", "a rule without the action holds nothing")

    def test_snoozed(self):
        _invoice, case = self.warned()
        case._snooze(self.TODAY + timedelta(days=5), "They pay on Friday")
        order = self.draft()
        order.action_confirm()
        self.assertEqual(order.hold_state, "held")

    def test_recovered(self):
        """When the figure has recovered, waiting orders are let go; they are still to be confirmed."""
        self._invoice(self.TODAY - timedelta(days=40), 500, partner=self.other_customer)
        invoice, case = self.warned()
        order, other = self.draft(), self.draft(self.other_customer)
        (order + other).action_confirm()
        self.assertEqual((order.hold_state, other.hold_state), ("held", "held"))
        self._pay(invoice, self.TODAY)
        self._night(self.TODAY + timedelta(days=1))
        self.assertEqual(order.hold_state, "held", "one clean run closes nothing")
        self._night(self.TODAY + timedelta(days=2))
        self.assertEqual((case.state, case.holds_orders), ("closed", False))
        self.assertEqual((order.state, order.hold_state, other.hold_state), ("draft", "clear", "held"))
        self.assertEqual(order.hold_ids.state, "lapsed")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_closed_by_hand(self):
        _invoice, case = self.warned()
        order = self.draft()
        order.action_confirm()
        case.write({"cause": "Invoice lost", "measures": "Sent again"})
        case.with_user(self.handler)._close("false")
        self.assertEqual((order.state, order.hold_state), ("draft", "clear"))

    def test_growth(self):
        """An order confirmed before goes on; what is added to it waits."""
        order = self.draft()
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.warned()
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))

    def test_queries(self):
        """Nothing while no rule holds orders, else one query for a batch of any size, warnings or not."""
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "is_company": True} for number in range(8)]
        )
        for customer in customers[:4]:
            self._invoice(self.TODAY - timedelta(days=40), 500, partner=customer)
        self._night()
        orders = self.env["sale.order"].union(*(self.draft(customer) for customer in customers)).sudo()
        counts = {}
        for mode in ("hold", "off"):
            if mode == "off":
                self.action.kind = "digest"
            for number in (4, 8):
                self.env.flush_all()
                self.env.invalidate_all()
                batch = orders[:number]
                batch.mapped("hold_customer_id.name")
                batch.mapped("company_id.name")
                batch._hold_reasons(batch._hold_answers())
                before = self.env.cr.sql_log_count
                reasons = batch._hold_reasons(batch._hold_answers())
                counts[mode, number] = self.env.cr.sql_log_count - before
                self.assertEqual(sum(map(len, reasons.values())), 4 if mode == "hold" else 0)
        self.assertEqual(counts["hold", 8], counts["hold", 4])
        self.assertEqual(counts["hold", 8] - counts["off", 8], 1, counts)
