from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.aftersales_complaint.tests.common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestRepair(ComplaintCommon):
    """A2: what was promised to be repaired becomes a repair order, and each knows the other."""

    def _decided(self, *kinds, **values):
        complaint = self._take(self._complaint(2), "investigating")
        remedies = [self._remedy(complaint, kind, 2, **(values if kind == "repair" else {})) for kind in kinds]
        self._take(complaint, "decided")
        return complaint, *remedies

    def test_repair_order(self):
        complaint, remedy = self._decided("repair", material_cost=30, work_cost=50)
        self.assertEqual((remedy.value, complaint.decision_amount), (80, 80))
        self.assertFalse(remedy.repair_id, "nothing is ordered before the decision is carried out")
        remedy.with_user(self.handler).action_make()
        repair = remedy.sudo().repair_id
        self.assertEqual(
            (repair.complaint_id, repair.partner_id, repair.product_id, repair.product_qty, repair.company_id),
            (complaint, self.customer, self.goods, 2, self.company),
        )
        self.assertTrue(repair.under_warranty)
        self.assertEqual(repair.action_complaint()["res_id"], complaint.id)
        self.assertEqual(complaint.step_ids[-1].figures["documents"], [repair.name])
        with self.subTest("once"), self.assertRaises(UserError):
            remedy.with_user(self.handler).action_make()
        with self.subTest("not closed before it is done"):
            self._take(complaint, "notified")
            with self.assertRaisesRegex(UserError, f"{repair.name} for .* isn't repaired yet"):
                complaint.with_user(self.handler).action_close()
            repair._action_repair_confirm()
            repair.action_repair_start()
            repair.action_repair_end()
            complaint.with_user(self.handler).action_close()
            self.assertEqual(complaint.state, "closed")
        with self.subTest("it is kept with the complaint"), self.assertRaises(UserError):
            remedy.sudo().write({"repair_id": False})

    def test_goods_that_come_back(self):
        _complaint, back, remedy = self._decided("return", "repair")
        (back | remedy).with_user(self.handler).action_make()
        repair = remedy.sudo().repair_id
        self.assertEqual(repair.picking_id, back.sudo().picking_ids)
        self.assertEqual(repair.product_qty, 2)

    def test_needs_goods_and_no_more_than_complained_about(self):
        complaint = self._take(self._complaint(2), "investigating")
        with self.assertRaisesRegex(ValidationError, "complains about 2"):
            self._remedy(complaint, "repair", 3)
        with self.assertRaisesRegex(ValidationError, "needs a line"):
            self._remedy(complaint, "repair", 0)

    def test_right_people(self):
        complaint, remedy = self._decided("repair")
        for user in (self.user, self.clerk):
            with self.subTest(user.login), self.assertRaises(AccessError):
                remedy.with_user(user).action_make()
        with self.assertRaises(AccessError):
            remedy.sudo().write({"repair_id": False})
        self.assertEqual(complaint.state, "decided")
