from datetime import date

from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.customer_metrics.tests.common import CustomerMetricsCommon


class ComplaintCommon(CustomerMetricsCommon):
    """People of every role, and ten boxes at 100 that were delivered to the customer.

    Now is Wednesday 2 July 2025, ten in the morning, in a company that works Monday to Friday from 8 to 17 o'clock.
    """

    NOW = "2025-07-02 10:00:00"

    @classmethod
    def setUpClass(cls):
        frozen = freeze_time(cls.NOW)
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("stock.group_stock_manager")
        cls.env.user.group_ids += cls.env.ref("aftersales_complaint.group_complaint_manager")
        cls.customer.email = "office@rivertown.example.com"
        cls.company.resource_calendar_id.tz = "UTC"
        role = "aftersales_complaint.group_complaint_%s"
        cls.clerk = cls._user("complaint_clerk", "base.group_user")
        cls.user = cls._user("complaint_user", role % "user")
        cls.handler = cls._user("complaint_handler", role % "handler")
        cls.investigator = cls._user("complaint_investigator", role % "investigator")
        cls.decider = cls._user("complaint_decider", role % "decider")
        cls.second = cls._user("complaint_second", role % "decider")
        cls.manager = cls._user("complaint_manager", role % "manager")
        cls.env["complaint.cap"].create(
            [
                {"user_id": cls.decider.id, "company_id": cls.company.id, "amount": 500},
                {"user_id": cls.second.id, "company_id": cls.company.id, "amount": 5000},
            ]
        )
        cls.quality = cls.env.ref("aftersales_complaint.complaint_kind_quality")
        cls.cause = cls.env.ref("aftersales_complaint.complaint_cause_storage")
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Cefixime 0.1 g x 6",
                "is_storable": True,
                "list_price": 100,
                "standard_price": 60,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
            }
        )
        cls.order = cls._delivered(10)
        cls.order_line = cls.order.order_line

    @classmethod
    def _delivered(cls, quantity, partner=None, day=None):
        """Sell and deliver goods, by default today."""
        order = cls._order(day or date(2025, 7, 2), quantity=quantity, product=cls.goods, partner=partner)
        picking = order.picking_ids
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.button_validate()
        assert picking.state == "done"
        if day:
            picking.move_ids.date = fields.Datetime.to_datetime(day)
        return order

    @classmethod
    def _complaint(cls, quantity=2, user=None, **values):
        return (
            cls.env["complaint.complaint"]
            .with_user(user or cls.handler)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "subject": "Boxes are wet",
                    "order_id": cls.order.id,
                    "line_ids": cls._lines(cls.order_line, quantity),
                    **values,
                }
            )
        )

    @classmethod
    def _lines(cls, order_line, quantity):
        return [
            Command.create(
                {
                    "kind_id": cls.quality.id,
                    "product_id": order_line.product_id.id,
                    "order_line_id": order_line.id,
                    "quantity": quantity,
                }
            )
        ]

    @classmethod
    def _fields_of(cls, view):
        """Return the nodes of the columns of a list."""
        return view._get_combined_arch().iter("field")

    @classmethod
    def _take(cls, complaint, state):
        """Take a new complaint to a state, by the right people; nothing is given to the customer."""
        handler = complaint.with_user(cls.handler)
        if complaint.state == "received":
            handler.action_acknowledge()
        if state == "acknowledged":
            return complaint
        if complaint.state == "acknowledged":
            handler.write({"impact": "None for patients"})
            handler.action_assess()
        if state == "assessed":
            return complaint
        if complaint.state == "assessed":
            complaint.with_user(cls.investigator).action_investigate()
            complaint.with_user(cls.investigator).write(
                {"findings": "Rain came in", "cause_id": cls.cause.id, "responsibility": "own", "cost": 200}
            )
        if state == "investigating":
            return complaint
        if complaint.state == "investigating":
            decider = complaint.with_user(cls.decider)
            decider.write({"decision": "accepted", "decision_note": "You are right"})
            decider.action_decide()
        if state == "decided":
            return complaint
        if complaint.state == "decided":
            handler._notify("call", {"content": "We make it good", "person": "Ms Shen", "phone": "0571 555"})
        if state == "notified":
            return complaint
        handler.action_close()
        return complaint

    def _remedy(self, complaint, kind="return", quantity=2, user=None, **values):
        return (
            self.env["complaint.remedy"]
            .with_user(user or self.investigator)
            .create(
                {
                    "complaint_id": complaint.id,
                    "kind": kind,
                    "line_id": complaint.line_ids[:1].id,
                    "quantity": quantity,
                    **values,
                }
            )
        )
