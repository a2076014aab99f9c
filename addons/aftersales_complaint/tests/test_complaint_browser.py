"""A1, A3, A4: a complaint from the dealer's photo to the rating, clicked in Chinese by three people and the dealer."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.customer_metrics.tests.chinese import chinese_user, install_chinese

ROLE = "aftersales_complaint.group_complaint_%s"


@tagged("post_install", "-at_install")
class TestComplaintBrowser(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_chinese(cls.env)
        cls.company = cls.env.ref("base.main_company")
        cls.service = chinese_user(cls.env, "complaint_tour_service", ROLE % "handler", "客服孙倩")
        cls.quality = chinese_user(cls.env, "complaint_tour_quality", ROLE % "investigator", "质量员吴凯")
        cls.decider = chinese_user(cls.env, "complaint_tour_decider", ROLE % "decider", "销售经理张伟")
        cls.manager = chinese_user(cls.env, "complaint_tour_manager", ROLE % "manager", "总经理周建国")
        cls.env["complaint.cap"].create({"user_id": cls.decider.id, "company_id": cls.company.id, "amount": 1_000_000})
        cls.customer = cls.env["res.partner"].create({"name": "仁心大药房", "is_company": True, "lang": "zh_CN"})
        contact = cls.env["res.partner"].create(
            {"name": "陈店长", "parent_id": cls.customer.id, "email": "chen@renxin.example.com", "lang": "zh_CN"}
        )
        cls.dealer = cls.env["res.users"].create(
            {
                "name": contact.name,
                "login": "complaint_tour_dealer",
                "password": "complaint_tour_dealer",
                "partner_id": contact.id,
                "lang": "zh_CN",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )
        cls.goods = cls.env["product.product"].create(
            {"name": "头孢克肟分散片", "is_storable": True, "list_price": 100, "taxes_id": [Command.clear()]}
        )

    def _delivered(self, quantity, days=0):
        """Sell and deliver goods, so many days ago; return the order line."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": self.goods.id, "product_uom_qty": quantity})],
            }
        )
        order.action_confirm()
        moves = order.picking_ids.move_ids
        moves.write({"quantity": quantity, "picked": True})
        moves._action_done()
        moves.date = fields.Datetime.now() - timedelta(days=days)
        return order.order_line

    def _investigated(self, line, investigator, quantity=2):
        """Return a complaint about an order line, with the findings of the investigator and a return."""
        complaint = (
            self.env["complaint.complaint"]
            .with_user(self.service)
            .create(
                {
                    "partner_id": self.customer.id,
                    "contact_id": self.dealer.partner_id.id,
                    "company_id": self.company.id,
                    "subject": "包装破损",
                    "impact": "无",
                    "line_ids": [
                        Command.create(
                            {
                                "kind_id": self.env.ref("aftersales_complaint.complaint_kind_packaging").id,
                                "product_id": self.goods.id,
                                "order_line_id": line.id,
                                "quantity": quantity,
                            }
                        )
                    ],
                }
            )
        )
        complaint.action_acknowledge()
        complaint.write({"impact": "无"})
        complaint.action_assess()
        own = complaint.with_user(investigator)
        own.action_investigate()
        own.write(
            {
                "findings": "装卸不当",
                "cause_id": self.env.ref("aftersales_complaint.complaint_cause_transport").id,
                "responsibility": "carrier",
            }
        )
        return complaint

    def _return(self, complaint, quantity):
        return (
            self.env["complaint.remedy"]
            .with_user(self.quality)
            .create(
                {
                    "complaint_id": complaint.id,
                    "kind": "return",
                    "line_id": complaint.line_ids.id,
                    "quantity": quantity,
                }
            )
        )

    def _decided(self, complaint):
        own = complaint.with_user(self.decider)
        own.write({"decision": "accepted", "decision_note": "同意"})
        own.action_decide()
        return complaint

    def _tour(self, name, complaint, user):
        with mute_logger("odoo.http"):  # several of the tours ask for a refusal
            self.start_tour(f"/odoo/complaints/{complaint.id}", name, login=user.login)
        complaint.invalidate_recordset()

    def test_a3_the_whole_way(self):
        line = self._delivered(10)
        before = self.env["complaint.complaint"].search([])
        self.start_tour("/my/complaints", "complaint_dealer_files", login=self.dealer.login)
        complaint = self.env["complaint.complaint"].search([]) - before
        self.assertRecordValues(complaint, [{"state": "received", "channel": "portal", "partner_id": self.customer.id}])
        self.assertEqual(complaint.line_ids.attachment_ids.mapped("mimetype"), ["image/jpeg"])
        for name, user, state in (
            ("complaint_service", self.service, "assessed"),
            ("complaint_quality", self.quality, "investigating"),
            ("complaint_decider", self.decider, "decided"),
            ("complaint_service_tells", self.service, "notified"),
        ):
            self._tour(name, complaint, user)
            self.assertEqual(complaint.state, state, name)
        self.start_tour(f"/my/complaints/{complaint.id}", "complaint_dealer_answers", login=self.dealer.login)
        self._tour("complaint_service_closes", complaint, self.service)
        self.assertEqual((complaint.state, complaint.customer_response), ("closed", "accepted"))
        self.assertEqual(complaint.rating_ids.filtered("consumed").mapped("rating"), [5])
        self.assertEqual(complaint.notice_ids.message_id.partner_ids, self.dealer.partner_id)
        self.assertEqual(complaint.remedy_ids.picking_ids.move_ids.mapped("product_qty"), [4])
        self.assertFalse(complaint.activity_ids.filtered("automated"))
        self.assertEqual(
            complaint.step_ids.mapped(lambda step: (step.kind, step.user_id)),
            [
                ("received", self.dealer),
                ("acknowledged", self.service),
                ("assessed", self.service),
                ("investigating", self.quality),
                ("decided", self.decider),
                ("notified", self.service),
                ("remedy", self.service),
                ("accepted", self.dealer),
                ("closed", self.service),
            ],
        )
        with self.subTest("twice: four of ten are on the way back already"):
            again = self._investigated(line, self.quality, quantity=10)
            with self.assertRaisesRegex(UserError, "10 delivered, 0 returned and 14 on the way back, which is 4 too"):
                self._return(again.with_context(lang="en_US"), 10)

    def test_a3_service_files(self):
        """Without any right to sales and stock: the goods are named by the number of the order."""
        line = self._delivered(10)
        self.goods.name = "阿莫西林胶囊"
        before = self.env["complaint.complaint"].search([])
        self.start_tour("/odoo/complaints/new", "complaint_service_files", login=self.service.login)
        complaint = self.env["complaint.complaint"].search([]) - before
        self.assertRecordValues(complaint, [{"partner_id": self.customer.id, "order_id": line.order_id.id}])
        self.assertRecordValues(
            complaint.line_ids,
            [{"order_line_id": line.id, "move_id": line.move_ids.id, "product_id": self.goods.id, "quantity": 3}],
        )

    def test_a3_refused(self):
        line = self._delivered(10)
        told = self._decided(self._investigated(line, self.quality))
        notice = told.with_user(self.service)._notify("message", {"content": "同意"})
        notice.message_id.notification_ids.notification_status = "bounce"
        self._tour("complaint_close_without_notice", told, self.service)
        own = self._investigated(line, self.manager)
        self._tour("complaint_own_investigation", own, self.manager)
        own.with_user(self.manager).write({"decision": "accepted", "decision_note": "同意"})
        with self.assertRaisesRegex(AccessError, "由您本人调查"):
            own.with_user(self.manager).with_context(lang="zh_CN").action_decide()
        late = self._investigated(self._delivered(10, days=60), self.quality)
        self._return(late, 2)
        late.with_user(self.decider).write({"decision": "accepted", "decision_note": "同意"})
        self._tour("complaint_too_late", late, self.decider)
        self.assertEqual((told.state, own.state, late.state), ("notified", "investigating", "investigating"))
