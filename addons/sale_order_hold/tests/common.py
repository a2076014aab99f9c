from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.sale_order_hold.models.hold_reason import HoldReason

LIMIT = 1000.0


class LimitKeeper:
    """A keeper as an app would write it: each customer may have confirmed orders of 1,000 in all."""

    def __init__(self, registry):
        model = registry["sale.order"]
        origin = model._hold_reasons

        def _hold_reasons(orders, answers):
            reasons = origin(orders, answers)
            taken = {}
            for order in orders:
                customer = order.hold_customer_id
                if customer not in taken:
                    taken[customer] = sum(
                        orders.search(
                            [
                                ("hold_customer_id", "=", customer.id),
                                ("state", "=", "sale"),
                                ("id", "not in", orders.ids),
                            ]
                        ).mapped("amount_total")
                    )
                amount = order._hold_amount()[order.id]
                if taken[customer] + amount > LIMIT:
                    figures = {"note": f"{taken[customer] + amount:.2f} > {LIMIT:.2f}"}
                    reasons[order.id].append(HoldReason("limit", "limit", "hold", figures))
                    if not order._hold_released("limit"):
                        continue
                taken[customer] += amount
            return reasons

        reason_model = registry["sale.order.hold.reason"]
        say = reason_model._message

        def _message(reasons, code, figures):
            return f"Limit exceeded: {figures['note']}" if code == "limit" else say(reasons, code, figures)

        self.patchers = [
            patch.object(model, "_hold_reasons", _hold_reasons),
            patch.object(reason_model, "_message", _message),
            *(
                patch.dict(field._selection, limit="Limit")
                for field in (registry["sale.order.hold"]._fields["keeper"], reason_model._fields["code"])
            ),
        ]


class HoldCase(TransactionCase):
    """Orders of one customer with a keeper that lets 1,000 pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for patcher in LimitKeeper(cls.registry).patchers:
            cls.startClassPatcher(patcher)
        cls.salesman = new_test_user(
            cls.env, "hold_salesman", "sales_team.group_sale_salesman", name="Sally Seller", email="sally@example.com"
        )
        cls.colleague = new_test_user(
            cls.env, "hold_colleague", "sales_team.group_sale_salesman", email="colleague@example.com"
        )
        cls.controller = new_test_user(
            cls.env,
            "hold_controller",
            "sale_order_hold.group_hold_controller,account.group_account_invoice",
            name="Conny Controller",
            email="conny@example.com",
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Dealer", "email": "dealer@example.com", "is_company": True}
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Ibuprofen", "type": "service", "list_price": 100.0, "taxes_id": False}
        )

    def order(self, *quantities, user=None, **values):
        """A quotation of lines at 100 a piece."""
        user = user or self.salesman
        return (
            self.env["sale.order"]
            .with_user(user)
            .create(
                {
                    "partner_id": self.customer.id,
                    "user_id": user.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "price_unit": 100.0,
                                "tax_ids": False,
                            }
                        )
                        for quantity in quantities
                    ],
                    **values,
                }
            )
        )

    def release(self, order, **values):
        holds = order.sudo().hold_ids.filtered(lambda hold: hold.state == "held").with_user(self.controller)
        holds._release("Paid by wire", **values)
        return holds
