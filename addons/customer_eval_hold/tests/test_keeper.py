from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.customer_eval.tests.common import NOW, EvalCase


@tagged("post_install", "-at_install")
class TestKeeper(EvalCase):
    """E5: who is refused by the evaluation doesn't order, whichever way the order would be confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.eval_hold_mode = "hold"
        cls.controller = cls._user("eval_controller", "sale_order_hold.group_hold_controller")
        cls.product = cls.env["product.product"].create(
            {"name": "Ibuprofen", "type": "service", "list_price": 100.0, "taxes_id": False}
        )

    def order(self, customer=None, user=None, **values):
        user = user or self.salesman
        return self.env["sale.order"].with_user(user).create(self.order_values(customer, user, **values))

    def order_values(self, customer=None, user=None, **values):
        return {
            "partner_id": (customer or self.customer).id,
            "user_id": (user or self.salesman).id,
            "company_id": self.company.id,
            "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 1, "tax_ids": False})],
            **values,
        }

    def refuse(self, customer=None, **values):
        card = self._approved(5, customer, reputation=0, **values)
        self.assertEqual(card.decision, "refuse")
        return card

    # === THE GATE === #

    def test_button(self):
        self.refuse()
        order = self.order()
        self.assertEqual(order.eval_decision, "refuse")
        self.assertIn("On confirming, this order will be held:", order.eval_warning)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        self.assertEqual(order.hold_ids.keeper, "evaluation")
        self.assertRegex(
            order.hold_message, r"^The customer's evaluation of \S*2026\S* says to refuse business with it\.$"
        )
        self.assertFalse(order.eval_decision, "the banner of the hold says it now")
        with self.assertRaises(AccessError):
            order.hold_ids._release("Please")
        order.hold_ids.with_user(self.controller)._release("Paid in advance")
        self.assertEqual((order.state, order.hold_state), ("sale", "released"))

    def test_rpc(self):
        self.refuse()
        model = self.env["sale.order"].with_user(self.salesman)
        [order_id] = call_kw(model, "create", [[self.order_values(state="sale")]], {})
        order = self.env["sale.order"].browse(order_id)
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        call_kw(model, "write", [order.ids, {"state": "sale"}], {})
        self.assertEqual((order.state, order.hold_state), ("draft", "held"))
        with self.assertRaises(AccessError):
            call_kw(
                self.env["res.company"].with_user(self.salesman),
                "write",
                [[self.company.id], {"eval_hold_mode": "off"}],
                {},
            )

    def test_in_one_batch(self):
        """The good ones are confirmed, the others held."""
        self.refuse()
        self._approved(5, self.other_customer)
        bad, good, unknown = self.order(), self.order(self.other_customer), self.order(self._customer("New"))
        (bad + good + unknown).action_confirm()
        self.assertEqual([order.state for order in (bad, good, unknown)], ["draft", "sale", "sale"])

    def test_whoever_owes_counts(self):
        self.refuse()
        branch = self.env["res.partner"].create({"name": "Branch", "parent_id": self.customer.id, "type": "invoice"})
        order = self.order(branch)
        order.action_confirm()
        self.assertEqual(order.hold_state, "held")
        order = self.order(self.other_customer, partner_invoice_id=self.customer.id)
        order.action_confirm()
        self.assertEqual(order.hold_state, "held")

    # === MODES === #

    def test_off(self):
        self.company.eval_hold_mode = "off"
        self.refuse()
        order = self.order()
        self.assertEqual(order.eval_decision, "refuse", "the salesperson is told all the same")
        self.assertNotIn("will be held", order.eval_warning)
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))

    def test_warn(self):
        self.company.eval_hold_mode = "warn"
        self.refuse()
        order = self.order()
        order.action_confirm()
        self.assertEqual((order.state, order.hold_state), ("sale", "clear"))
        self.assertIn("says to refuse business with it", str(order.message_ids.mapped("body")))

    # === WHICH EVALUATION === #

    def test_observed_customers_order(self):
        self.assertEqual(self._approved(3).decision, "observe")
        order = self.order()
        self.assertEqual(order.eval_decision, "observe")
        self.assertIn("observe", order.eval_warning)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_only_what_is_approved_counts(self):
        card = self._card(5, reputation=0)
        order = self.order()
        order.action_confirm()
        self.assertEqual(order.state, "sale", "a draft refuses nobody")
        card.with_user(self.evaluator).action_submit()
        order = self.order()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_other_scorecards_and_companies_dont_count(self):
        self.company.eval_template_id = self.env.ref("customer_eval.scorecard_template_screen")
        self.refuse()
        order = self.order()
        self.assertFalse(order.eval_decision)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_evaluated_again(self):
        """A better evaluation lets waiting orders go; they are still to be confirmed by their salesperson."""
        self.refuse()
        self.refuse(self.other_customer)
        order, other = self.order(), self.order(self.other_customer)
        (order + other).action_confirm()
        self.assertEqual((order.hold_state, other.hold_state), ("held", "held"))
        with freeze_time(NOW + relativedelta(months=1)):
            self._approved(5)
        self.assertEqual((order.state, order.hold_state, other.hold_state), ("draft", "clear", "held"))
        self.assertEqual(order.hold_ids.state, "lapsed")
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_growth_after_refusal(self):
        """An order confirmed before goes on; what is added to it waits."""
        order = self.order()
        order.action_confirm()
        self.refuse()
        order.order_line.product_uom_qty = 2
        self.assertEqual((order.state, order.hold_state), ("sale", "held"))

    # === COST === #

    def test_queries(self):
        """Nothing while it is off, else one query for a batch of any size."""
        customers = self.env["res.partner"].union(*(self._customer(f"Customer {number}") for number in range(8)))
        for customer in customers:
            self.refuse(customer)
        orders = self.env["sale.order"].union(*(self.order(customer) for customer in customers)).sudo()
        counts = {}
        for mode in ("off", "hold"):
            self.company.eval_hold_mode = mode
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
                self.assertEqual(sum(map(len, reasons.values())), number if mode == "hold" else 0)
        self.assertEqual(counts["off", 8], counts["off", 4])
        self.assertEqual(counts["hold", 8], counts["hold", 4])
        self.assertLessEqual(counts["hold", 8] - counts["off", 8], 1, counts)

    def test_banner_in_constant_queries(self):
        customers = self.env["res.partner"].union(*(self._customer(f"Customer {number}") for number in range(8)))
        for customer in customers:
            self.refuse(customer)
        orders = self.env["sale.order"].union(*(self.order(customer) for customer in customers))
        counts = {}
        for number in (4, 8):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(orders[:number].mapped("eval_decision")), {"refuse"})
            counts[number] = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts[8], counts[4], counts)
