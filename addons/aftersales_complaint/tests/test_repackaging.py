from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestRepackaging(ComplaintCommon):
    """A2: materials leave the stock, work is priced, and both stand on the complaint as its cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carton, cls.tape = cls.env["product.product"].create(
            [
                {"name": "Carton", "is_storable": True, "standard_price": 3, "taxes_id": []},
                {"name": "Tape", "is_storable": True, "standard_price": 0.5, "taxes_id": []},
            ]
        )
        cls.stock = cls.order.warehouse_id.lot_stock_id
        for product, quantity in ((cls.carton, 50), (cls.tape, 20)):
            cls.env["stock.quant"]._update_available_quantity(product, cls.stock, quantity)

    def _proposed(self):
        complaint = self._take(self._complaint(4), "investigating")
        materials = [
            Command.create({"product_id": self.carton.id, "quantity": 4}),
            Command.create({"product_id": self.tape.id, "quantity": 3}),
        ]
        remedy = self._remedy(complaint, "repackage", 4, material_ids=materials, work_hours=1.5, work_cost=60)
        self.env.flush_all()
        return complaint, remedy

    def test_materials_work_and_cost(self):
        complaint, remedy = self._proposed()
        self.assertEqual((remedy.material_cost, remedy.work_cost, remedy.value), (13.5, 60, 73.5))
        self.assertEqual(complaint.decision_amount, 73.5, "compared with the cap of the decider")
        self._take(complaint, "decided")
        self.assertEqual(complaint.repackaging_cost, 0, "nothing is spent before it is made")
        remedy.with_user(self.handler).action_make()
        self.assertEqual(complaint.repackaging_cost, 73.5)
        picking = remedy.sudo().picking_ids
        self.assertEqual((picking.picking_type_code, picking.complaint_id), ("internal", complaint))
        self.assertEqual(picking.move_ids.location_dest_id.mapped("usage"), ["production"])
        self.assertEqual(
            {move.product_id: move.product_uom_qty for move in picking.move_ids}, {self.carton: 4, self.tape: 3}
        )
        self.assertEqual(remedy.sudo().material_ids.move_id, picking.move_ids)
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        left = {
            product: product.with_context(location=self.stock.id).qty_available for product in self.carton + self.tape
        }
        self.assertEqual(left, {self.carton: 46, self.tape: 17})
        figures = complaint.step_ids[-1].figures
        self.assertEqual((figures["hours"], figures["material_cost"]), (1.5, 13.5))
        self.assertEqual([row["quantity"] for row in figures["materials"]], [4, 3])

    def test_price_of_the_day_it_was_proposed(self):
        _complaint, remedy = self._proposed()
        self.carton.standard_price = 100
        self.assertEqual(remedy.material_cost, 13.5)

    def test_without_materials_there_is_no_transfer(self):
        complaint = self._take(self._complaint(4), "investigating")
        remedy = self._remedy(complaint, "repackage", 4, material_cost=8, work_cost=2)
        self.assertEqual(remedy.value, 10)
        self._take(complaint, "decided")
        remedy.with_user(self.handler).action_make()
        self.assertFalse(remedy.sudo().picking_ids)
        self.assertEqual(complaint.repackaging_cost, 10)

    def test_what_is_decided_stays(self):
        complaint, remedy = self._proposed()
        materials = remedy.material_ids
        other = self._remedy(complaint, "compensation", 0, amount=5)
        with self.subTest("of a repackaging alone"), self.assertRaises(UserError):
            materials.create({"remedy_id": other.id, "product_id": self.tape.id})
        with self.subTest("not moved to another remedy"), self.assertRaises(UserError):
            materials[0].write({"remedy_id": other.id})
        with self.subTest("its move is the step's"), self.assertRaises(UserError):
            materials[0].sudo().write({"move_id": self.order.picking_ids.move_ids.id})
        self._take(complaint, "decided")
        attempts = {
            "quantity": lambda: materials[0].sudo().write({"quantity": 9}),
            "by the remedy": lambda: remedy.sudo().write({"material_ids": [Command.clear()]}),
            "new": lambda: materials.sudo().create({"remedy_id": remedy.id, "product_id": self.tape.id}),
            "unlink": materials.sudo().unlink,
            "work": lambda: remedy.sudo().write({"work_cost": 0}),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(UserError):
                attempt()
        self.assertEqual(materials.mapped("quantity"), [4, 3])

    def test_people(self):
        _complaint, remedy = self._proposed()
        for user in (self.user, self.clerk):
            with self.subTest(user.login), self.assertRaises(AccessError):
                remedy.material_ids.with_user(user).write({"quantity": 1})
        with self.assertRaises(AccessError):
            remedy.material_ids.with_user(self.user).read(["quantity"])
