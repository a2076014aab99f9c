from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ComplaintCommon


@tagged("post_install", "-at_install")
class TestHandler(ComplaintCommon):
    """Service staff have no right to sales, stock or accounting, and take a complaint the whole way all the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Cefixime Granules",
                "is_storable": True,
                "tracking": "lot",
                "list_price": 100,
                "taxes_id": [Command.clear()],
            }
        )
        cls.lot = cls.env["stock.lot"].create({"name": "L2507", "product_id": cls.goods.id})
        warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.env["stock.quant"]._update_available_quantity(cls.goods, warehouse.lot_stock_id, 50, lot_id=cls.lot)
        cls.order = cls._delivered_lot(10)
        cls.order_line = cls.order.order_line
        cls.picking = cls.order.picking_ids

    @classmethod
    def _delivered_lot(cls, quantity, partner=None):
        order = cls._order(date(2025, 7, 2), quantity=quantity, product=cls.goods, partner=partner)
        order.picking_ids.move_ids.picked = True
        order.picking_ids.button_validate()
        assert order.picking_ids.state == "done"
        return order

    def _found(self, user, text=""):
        """What the picker of a line offers for the customer."""
        rows = self.env["complaint.delivered"].with_user(user)
        domain = [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        return rows.browse(row["id"] for row in rows.web_name_search(text, {"display_name": {}}, domain))

    def test_no_other_rights(self):
        for user in (self.user, self.handler, self.investigator, self.decider):
            self.assertFalse(user.has_group("sales_team.group_sale_salesman"))
            for record in (self.order, self.order_line, self.picking, self.picking.move_ids):
                with self.subTest(record._name, user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).read(["display_name"])
            for operation in ("write", "create", "unlink"):
                self.assertFalse(self.env["stock.lot"].with_user(user).has_access(operation))

    def test_goods_are_found_by_any_number(self):
        foreign = self._delivered_lot(3, partner=self.other_customer)
        for user in (self.user, self.handler):
            for text in (self.order.name, self.picking.name, "L2507", "Cefixime"):
                with self.subTest(text, user=user.login):
                    found = self._found(user, text)
                    row = found.filtered(lambda row: row.order_id.id == self.order.id)
                    self.assertEqual((row.quantity, row.move_id.id), (10, self.picking.move_ids.id))
                    self.assertIn(self.order.name, row.display_name)
                    self.assertNotIn(foreign.id, found.order_id.ids)
        with self.subTest("employees without the group"), self.assertRaises(AccessError):
            self._found(self.clerk)
        with self.subTest("no prices"):
            money = [
                name for name, field in self.env["complaint.delivered"]._fields.items() if field.type == "monetary"
            ]
            self.assertFalse(money)
        with self.subTest("another company's"):
            branch = self.env["res.company"].create({"name": "Branch"})
            local = self._user("delivered_branch", "aftersales_complaint.group_complaint_manager")
            local.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
            self.assertFalse(self.env["complaint.delivered"].with_user(local).search([]))

    def _fill(self, user):
        """File a complaint as the form does: a picked delivery fills in the line, and the line the complaint."""
        name = {"fields": {"display_name": {}}}
        named = {"order_line_id": name, "move_id": name, "product_id": name, "lot_id": name}
        line = {"kind_id": self.quality.id, "quantity": 2, "delivered_id": self._found(user, "L2507")[:1].id}
        Line = self.env["complaint.line"].with_user(user)
        spec = {**named, "delivered_id": name, "kind_id": name, "quantity": {}, "delivered_quantity": {}}
        answer = Line.onchange(line, ["delivered_id"], spec)["value"]
        self.assertEqual(answer["delivered_quantity"], 10)
        line.update({name: answer[name]["id"] for name in named})
        values = {"partner_id": self.customer.id, "company_id": self.company.id, "subject": "Boxes are wet"}
        values["line_ids"] = [Command.create(line)]
        Complaint = self.env["complaint.complaint"].with_user(user)
        spec = {"partner_id": name, "order_id": name, "picking_id": name, "line_ids": {"fields": spec}}
        answer = Complaint.onchange({**values, "order_id": False, "picking_id": False}, ["line_ids"], spec)["value"]
        values.update({name: answer[name]["id"] for name in ("order_id", "picking_id")})
        return Complaint.create(values)

    def test_files_with_order_delivery_product_and_lot(self):
        for user in (self.user, self.handler):
            with self.subTest(user.login):
                complaint = self._fill(user)
                line = complaint.sudo().line_ids
                self.assertEqual(
                    (line.order_line_id, line.move_id, line.product_id, line.lot_id, line.quantity),
                    (self.order_line, self.picking.move_ids, self.goods, self.lot, 2),
                )
                self.assertEqual((complaint.order_id, complaint.picking_id), (self.order, self.picking))
                own = complaint.line_ids
                own.invalidate_recordset()
                self.assertEqual(own.read(["delivered_quantity", "returned_quantity"])[0]["delivered_quantity"], 10)
                self.assertEqual(own.delivered_id.display_name, self._found(user, "L2507").display_name)

    def test_is_found_by_order_and_delivery(self):
        complaint = self._fill(self.handler)
        Complaint = self.env["complaint.complaint"].with_user(self.handler)
        for field, text in (
            ("order_name", self.order.name),
            ("delivery_name", self.picking.name),
            ("line_ids.lot_id", "L2507"),
            ("line_ids.product_id", "Cefixime"),
        ):
            with self.subTest(field):
                self.assertIn(complaint, Complaint.search([(field, "ilike", text)]))
                self.assertNotIn(complaint, Complaint.search([(field, "ilike", "nothing of the kind")]))

    def test_every_screen_opens(self):
        complaint = self._take(self._fill(self.handler), "investigating")
        self._remedy(complaint, "return", 2)
        for user in (self.handler, self.investigator, self.decider, self.manager):
            for kind in ("form", "list", "kanban"):
                with self.subTest(kind, user=user.login):
                    record = complaint.with_user(user)
                    record.env.invalidate_all()
                    models = record.get_views([(False, kind)])["models"]
                    names = models["complaint.complaint"]
                    record.web_read({name: self._spec(record, name) for name in names["fields"] if name != "id"})

    def _spec(self, record, name):
        return {"fields": {"display_name": {}}} if record._fields[name].type == "many2one" else {}

    def test_the_whole_way(self):
        complaint = self._take(self._fill(self.handler), "investigating")
        back = self._remedy(complaint, "return", 2)
        replacement = self._remedy(complaint, "replacement", 2)
        line = complaint.with_user(self.handler).line_ids
        line.invalidate_recordset()
        self.assertEqual((line.delivered_quantity, line.returned_quantity), (10, 2), "what is promised counts")
        self._take(complaint, "notified")
        (back | replacement).with_user(self.handler).action_make()
        remedy = back.with_user(self.handler)
        remedy.invalidate_recordset()
        self.assertEqual(remedy.documents, back.sudo().picking_ids.name)
        remedy._receive("intact", 2, "Dry again")
        complaint.with_user(self.handler).action_close()
        self.assertEqual(complaint.state, "closed")

    def test_no_more_of_sales_by_handling(self):
        """Who sees the own orders only sees no other ones as a handler."""
        seller = self._user(
            "own_documents", "sales_team.group_sale_salesman,aftersales_complaint.group_complaint_handler"
        )
        self.order.user_id = self.env.user
        self.assertNotIn(self.order, self.env["sale.order"].with_user(seller).search([]))
        with self.assertRaises(AccessError):
            self.order.with_user(seller).read(["amount_total"])
        complaint = self._fill(self.handler)
        with self.subTest("the complaint names it all the same"):
            values = complaint.with_user(seller).web_read({"order_id": {"fields": {"display_name": {}}}})
            self.assertEqual(values[0]["order_id"]["display_name"], self.order.display_name)
        with self.subTest("and doesn't lead to its price"), self.assertRaises(AccessError):
            complaint.with_user(seller).web_read({"order_id": {"fields": {"amount_total": {}}}})
        dearer = [("order_id.amount_total", ">", 0)]
        self.assertFalse(complaint.with_user(seller).search(dearer))
        with self.assertRaises(AccessError):
            complaint.with_user(self.handler).search(dearer)
