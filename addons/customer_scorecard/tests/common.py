import json

from odoo import Command
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

GROUP = "customer_scorecard.group_scorecard_"


class ScorecardCase(TransactionCase):
    """A frozen template with every kind of criterion, people of every role, and a customer.

    ====================  ======  ======  ==========================================================
    criterion             weight  kind    besides
    ====================  ======  ======  ==========================================================
    attitude                  25  manual  its action is the next one
    action                    25  manual  below 2 points: grade C at best
    capital                   10  manual  two raters
    stores                    10  manual  evidence always
    orders                    20  metric  0 from 0, 2 from 1, 5 from 3 orders in 12 months
    sales                     10  mixed   half by average monthly sales: 1 from 0, 4 from 100
    ====================  ======  ======  ==========================================================

    Grades: A from 80 (open), B from 60 (observe), C from 40 (observe), D from 0 (refuse).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.partner_id.tz = "UTC"
        cls.company.customer_sales_basis = "order"
        cls.evaluator = cls._user("evaluator", "user", name="Eva Evaluator")
        cls.second = cls._user("second", "user", name="Sec Rater")
        cls.manager = cls._user("manager", "manager", name="Mana Ger")
        cls.director = cls._user("director", "manager", name="Di Rector")
        cls.reader = cls._user("reader", "reader")
        cls.salesman = new_test_user(cls.env, "scorecard_salesman", "sales_team.group_sale_salesman")
        cls.colleague = new_test_user(cls.env, "scorecard_colleague", "sales_team.group_sale_salesman")
        cls.portal = new_test_user(cls.env, "scorecard_portal", "base.group_portal")
        cls.customer, cls.other_customer = cls.env["res.partner"].create(
            [
                {"name": "Rivertown Pharmacy Chain", "is_company": True, "user_id": cls.salesman.id},
                {"name": "Hillside Clinic", "is_company": True, "user_id": cls.colleague.id},
            ]
        )
        cls.contact = cls.env["res.partner"].create({"name": "Ms Shen", "parent_id": cls.customer.id})
        cls.product = cls.env["product.product"].create(
            {"name": "Amoxicillin", "type": "service", "list_price": 600.0, "taxes_id": False}
        )
        cls.template = cls.env["customer.scorecard.template"].create({"name": "Dealer"})
        cls.version = cls._draft(cls.template)
        cls.version.with_user(cls.manager).action_freeze()
        cls.criteria = {criterion.code: criterion for criterion in cls.version.criterion_ids}
        cls.bands = {band.name: band for band in cls.version.band_ids}
        cls.today = cls.company._customer_today()

    @classmethod
    def _user(cls, login, group, **values):
        return new_test_user(cls.env, f"scorecard_{login}", GROUP + group, email=f"{login}@example.com", **values)

    @classmethod
    def _draft(cls, template):
        """A draft version as in the description of this class."""
        metric = cls.env["customer.metric"].search([]).grouped("code")
        version = cls.env["customer.scorecard.version"].create(
            {
                "template_id": template.id,
                "band_ids": [
                    Command.create(
                        {
                            "name": name,
                            "score_from": bound,
                            "decision": decision,
                            "review_months": months,
                            "advice": f"Advice {name}",
                        }
                    )
                    for name, bound, decision, months in (
                        ("A", 80, "open", 12),
                        ("B", 60, "observe", 6),
                        ("C", 40, "observe", 3),
                        ("D", 0, "refuse", 0),
                    )
                ],
            }
        )
        band = version.band_ids.grouped("name")
        willingness, business = cls.env["customer.scorecard.criterion"].create(
            [
                {"version_id": version.id, "name": name, "code": name.lower(), "kind": "group", "sequence": sequence}
                for name, sequence in (("Willingness", 10), ("Business", 20))
            ]
        )

        def steps(bounds):
            return [
                Command.create({"points": points, "metric_band": True, "metric_from": bound})
                for points, bound in bounds.items()
            ]

        def leaf(code, weight, parent, sequence, **values):
            return {
                "version_id": version.id,
                "name": code.title(),
                "code": code,
                "weight": weight,
                "parent_id": parent.id,
                "sequence": sequence,
                **values,
            }

        action = cls.env["customer.scorecard.criterion"].create(
            leaf("action", 25, willingness, 12, veto_below=2, veto_band_id=band["C"].id, evidence="never")
        )
        cls.env["customer.scorecard.criterion"].create(
            [
                leaf("attitude", 25, willingness, 11, action_criterion_id=action.id, evidence="never"),
                leaf("capital", 10, business, 21, two_raters=True),
                leaf(
                    "stores",
                    10,
                    business,
                    22,
                    evidence="always",
                    anchor_ids=[
                        Command.create({"points": points, "description": f"{points} warehouses"}) for points in range(6)
                    ],
                ),
                leaf(
                    "orders",
                    20,
                    business,
                    23,
                    kind="metric",
                    metric_id=metric["orders"].id,
                    anchor_ids=steps({0: 0, 2: 1, 5: 3}),
                ),
                leaf(
                    "sales",
                    10,
                    business,
                    24,
                    kind="mixed",
                    metric_id=metric["average_monthly_sales"].id,
                    metric_share=50,
                    anchor_ids=steps({1: 0, 4: 100}),
                ),
            ]
        )
        return version

    @classmethod
    def _metric_template(cls, name="Screen", metric=None):
        """A frozen template of one metric criterion: orders, 0 from 0, 5 from 2."""
        metric = metric or cls.env["customer.metric"].search([("code", "=", "orders")])
        template = cls.env["customer.scorecard.template"].create({"name": name})
        version = cls.env["customer.scorecard.version"].create(
            {
                "template_id": template.id,
                "band_ids": [
                    Command.create({"name": "A", "score_from": 60, "decision": "open", "review_months": 6}),
                    Command.create({"name": "B", "score_from": 0, "decision": "refuse"}),
                ],
                "criterion_ids": [
                    Command.create(
                        {
                            "name": "Orders",
                            "kind": "metric",
                            "metric_id": metric.id,
                            "anchor_ids": [
                                Command.create({"points": 0, "metric_band": True, "metric_from": 0}),
                                Command.create({"points": 5, "metric_band": True, "metric_from": 2}),
                            ],
                        }
                    )
                ],
            }
        )
        version.with_user(cls.manager).action_freeze()
        return template

    @classmethod
    def _order(cls, partner=None, amount=600.0):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [Command.create({"product_id": cls.product.id, "price_unit": amount, "tax_ids": False})],
            }
        )
        order.action_confirm()
        return order

    @classmethod
    def _card(cls, customer=None, user=None, **values):
        """A draft evaluation by the evaluator, as the screen would make it."""
        return (
            cls.env["customer.scorecard"]
            .with_user(user or cls.evaluator)
            .create(
                {
                    "partner_id": (customer or cls.customer).id,
                    "template_id": cls.template.id,
                    **values,
                }
            )
        )

    @classmethod
    def _answer(cls, card, code):
        return card.answer_ids.filtered(lambda answer: answer.criterion_id.code == code)

    @classmethod
    def _give(cls, card, **points):
        """Give points as the evaluator of the card, with evidence everywhere."""
        for code, value in points.items():
            cls._answer(card, code).with_user(card.user_id).write(
                {"first_points": str(value), "evidence": f"Seen: {code}"}
            )

    @classmethod
    def _submitted(cls, customer=None, user=None, template=None, points=4, **values):
        card = cls._card(customer, user, **({"template_id": template.id} if template else {}), **values)
        if not template:
            cls._give(card, attitude=points, action=points, stores=points, sales=points)
        card.action_submit()
        return card

    @classmethod
    def _approved(cls, *args, **values):
        card = cls._submitted(*args, **values)
        card.with_user(cls.manager).action_approve()
        return card

    @classmethod
    def rpc(cls, user, record, method, *args, context=None, **kwargs):
        """Call as a client does: values pass through JSON, ``record`` may be empty."""
        args = json.loads(json.dumps([record.ids, *args] if record else list(args)))
        if context:
            kwargs["context"] = context
        return call_kw(cls.env[record._name].with_user(user), method, args, kwargs)
