from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

# Noon in Shanghai, on the day on which the tests begin.
NOW = datetime(2026, 3, 16, 4, 0)
TODAY = date(2026, 3, 16)


class EvalCase(TransactionCase):
    """A company of its own with people of all roles and some customers; the clock stands still."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.company = cls.env["res.company"].create(
            {
                "name": "Evaluation Test Wholesale",
                "country_id": cls.env.ref("base.cn").id,
                "currency_id": cls.env.ref("base.CNY").id,
            }
        )
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids, "tracking_disable": True})
        cls.company = cls.company.with_env(cls.env)
        cls.evaluator = cls._user("eval_evaluator", "customer_scorecard.group_scorecard_user")
        cls.manager = cls._user("eval_manager", "customer_scorecard.group_scorecard_manager")
        cls.reader = cls._user("eval_reader", "customer_scorecard.group_scorecard_reader")
        cls.salesman = cls._user("eval_salesman", "sales_team.group_sale_salesman")
        cls.colleague = cls._user("eval_colleague", "sales_team.group_sale_salesman")
        cls.clerk = cls._user("eval_clerk", "base.group_user")
        cls.dealer = cls.env.ref("customer_eval.scorecard_template_dealer")
        cls.customer = cls._customer("Suyuan Medicine")
        cls.other_customer = cls._customer("Zhean Medicine", user=cls.colleague)

    # === SETUP === #

    @classmethod
    def _user(cls, login, groups, **values):
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            email=f"{login}@example.com",
            lang="en_US",
            **values,
        )

    @classmethod
    def _customer(cls, name, user=None, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "user_id": (user or cls.salesman).id, "customer_rank": 1, **values}
        )

    @classmethod
    def _event(cls, impact, days_ago=0, customer=None, **values):
        """A reputation event so many days before today."""
        return cls.env["customer.reputation.event"].create(
            {
                "partner_id": (customer or cls.customer).id,
                "kind_id": cls.env.ref("customer_eval.customer_reputation_kind_award").id,
                "impact": impact,
                "date": cls.company._customer_today() - timedelta(days=days_ago),
                "source": "A supplier",
                **values,
            }
        )

    # === EVALUATIONS === #

    @classmethod
    def _card(cls, points=3, customer=None, template=None, day=None, user=None, **given):
        """A draft evaluation in which every criterion by hand has the same points, except those given by code."""
        template = template or cls.dealer
        card = cls.env["customer.scorecard"]._create_for(
            customer or cls.customer,
            template.version_id,
            cls.company,
            date=day or cls.company._customer_today(),
            user=user or cls.evaluator,
        )
        for answer in card.answer_ids.filtered(lambda answer: answer.kind in ("manual", "mixed")):
            answer.write(
                {"first_points": str(given.get(answer.criterion_id.code, points)), "evidence": "Seen on the premises"}
            )
        return card

    @classmethod
    def _approved(cls, points=3, customer=None, **values):
        """An evaluation that the evaluator handed in and the manager approved."""
        card = cls._card(points, customer, **values)
        card.with_user(card.user_id).action_submit()
        card.with_user(cls.manager).action_approve()
        return card
