from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestReturns(ComplaintCommon):
    """A1: accepted by default within the window, never above the delivery, outside with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.env.ref("aftersales_complaint.complaint_return_policy_default")

    def _return(self, quantity, claimed=None):
        complaint = self._take(self._complaint(claimed or quantity), "investigating")
        return complaint, self._remedy(complaint, "return", quantity)

    def _validate(self, picking):
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
        picking.move_ids.picked = True
        picking.button_validate()

    def test_return_and_replacement(self):
        complaint, back = self._return(2)
        self.assertFalse(back.policy_note)
        replacement = self._remedy(complaint, "replacement", 2)
        self.assertEqual((back.value, replacement.value, complaint.decision_amount), (0, 200, 200))
        self._take(complaint, "decided")
        (back | replacement).with_user(self.handler).action_make()
        picking = back.sudo().picking_ids
        self.assertEqual((picking.picking_type_code, picking.complaint_id), ("incoming", complaint))
        self.assertEqual(picking.move_ids.product_uom_qty, 2)
        self._validate(picking)
        self.assertEqual(self.order_line.qty_delivered, 8)
        again = replacement.sudo().picking_ids
        self.assertEqual((again.picking_type_code, again.complaint_id), ("outgoing", complaint))
        self._validate(again)
        self.assertEqual(self.order_line.qty_delivered, 10)
        handler = back.with_user(self.handler)
        with self.assertRaises(UserError):
            handler._receive("package", 3, "Wet")
        handler._receive("package", 2, "Wet")
        with self.subTest("once"), self.assertRaises(UserError):
            handler._receive("intact", 2, "")
        with self.subTest("made once"), self.assertRaises(UserError):
            handler.action_make()

    def test_credit_note(self):
        complaint, back = self._return(2)
        credit = self._remedy(complaint, "credit", 2)
        self._bill_order(self.order, date(2025, 7, 2))
        self._take(complaint, "decided")
        (back | credit).with_user(self.handler).action_make()
        move = credit.sudo().move_id
        self.assertEqual((move.move_type, move.amount_total, move.complaint_id), ("out_refund", 200, complaint))
        self.assertEqual(move.reversed_entry_id, self.order.invoice_ids - move)
        self.assertEqual(move.action_complaint()["res_id"], complaint.id)

    def test_never_above_the_delivery(self):
        _complaint, _back = self._return(6)
        with self.assertRaisesRegex(UserError, "10 delivered, 0 returned and 11 on the way back"), self.cr.savepoint():
            self._return(5)
        complaint, _rest = self._return(4)
        with self.subTest("by changing it"), self.assertRaisesRegex(UserError, "1 too many"):
            complaint.line_ids.sudo().quantity = 5
            complaint.remedy_ids.with_user(self.investigator).quantity = 5

    def test_never_above_by_odoos_own_return(self):
        self._return(6)
        picking = self.order.picking_ids

        def give_back(quantity):
            wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
            wizard.product_return_moves.quantity = quantity
            return wizard._create_return()

        back = give_back(4)
        self.assertEqual(back.move_ids.product_uom_qty, 4)
        with self.assertRaisesRegex(UserError, "1 too many"), self.cr.savepoint():
            give_back(1)
        with self.subTest("more than was announced"), self.assertRaisesRegex(UserError, "too many"):
            back.move_ids.quantity = 7
            back.move_ids.picked = True
            back.button_validate()

    def test_no_more_than_complained_about(self):
        complaint = self._take(self._complaint(2), "investigating")
        with self.assertRaisesRegex(ValidationError, "complains about 2"):
            self._remedy(complaint, "return", 3)

    def test_too_late_needs_a_reason(self):
        self.order.picking_ids.move_ids.date = "2025-06-01 12:00:00"
        complaint, back = self._return(2)
        self.assertFalse(back.policy_note, "30 days are within 30 days")
        self.policy.days = 29
        back.invalidate_recordset(["policy_note"])
        self.assertIn("2025-06-01, 30 days before the complaint; the window is 29 days", back.policy_note)
        decider = complaint.with_user(self.decider)
        decider.write({"decision": "accepted", "decision_note": "Right"})
        with self.assertRaisesRegex(UserError, "outside the return policy"):
            decider.action_decide()
        for user in (self.handler, self.investigator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                back.with_user(user)._approve_exception("Old friend")
        with self.assertRaisesRegex(UserError, "Say why"):
            back.with_user(self.decider)._approve_exception(" ")
        back.with_user(self.decider)._approve_exception("Our carrier was late")
        with self.subTest("of this return, not of another"):
            back.with_user(self.investigator).quantity = 1
            self.assertFalse(back.exception_by)
            back.with_user(self.decider)._approve_exception("Our carrier was late")
        decider.action_decide()
        self.assertEqual(back.state, "approved")
        step = complaint.step_ids.filtered(lambda step: step.kind == "exception")[-1]
        self.assertEqual((step.user_id, step.note), (self.decider, "Our carrier was late"))

    def test_caps(self):
        first, _back = self._return(2)
        self._take(first, "decided")
        _second, back = self._return(3)
        for values, sentence in (
            ({"max_count": 2, "max_quantity": 5, "max_value": 500, "max_share": 30}, ""),
            ({"max_count": 1}, "returns of 2 within 90 days; accepted are 1"),
            ({"max_count": 0, "max_quantity": 4}, "quantity of 5 within 90 days; accepted are 4"),
            ({"max_quantity": 0, "max_value": 499}, "value of 500 within 90 days; accepted are 499"),
            ({"max_value": 0, "max_share": 29.9}, "30.0 % of the delivery; accepted are 29.9 %"),
        ):
            with self.subTest(values):
                self.policy.write(values)
                back.invalidate_recordset(["policy_note"])
                self.assertEqual(back.policy_note or "", sentence)

    def test_most_special_policy(self):
        above = self.env["product.category"].create({"name": "Cold chain"})
        below = self.env["product.category"].create({"name": "Vaccines", "parent_id": above.id})
        Policy = self.env["complaint.return.policy"]
        cold = Policy.create({"name": "Cold", "categ_id": above.id, "days": 1})
        self.assertEqual(Policy._policy_for(self.customer, self.company, self.goods), self.policy)
        self.goods.categ_id = below
        self.assertEqual(Policy._policy_for(self.customer, self.company, self.goods), cold)
        vaccines = Policy.create({"name": "Vaccines", "categ_id": below.id, "days": 0})
        self.assertEqual(Policy._policy_for(self.customer, self.company, self.goods), vaccines)
        own = Policy.create({"name": "Ours", "company_id": self.company.id, "days": 5})
        self.assertEqual(Policy._policy_for(self.customer, self.company, self.goods), vaccines)
        self.goods.categ_id = self.env["product.category"].create({"name": "Other"})
        self.assertEqual(Policy._policy_for(self.customer, self.company, self.goods), own)
