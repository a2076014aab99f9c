from datetime import timedelta

from odoo.tests import Form

from .common import CreditCase

FULL = {
    "record": "5",
    "solvency": "4",
    "liquidity": "4",
    "profit": "4",
    "security": "3",
    "owner": "4",
    "contracts": "4",
    "years": "4",
    "outlook": "4",
    "network": "4",
}


class ApplicationCase(CreditCase):
    """Four people of one company who take an application from request to limit, and a customer with a history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.customer_sales_basis = "invoice"
        cls.applicant = cls.salesman
        cls.investigator = cls._user("credit_investigator", "customer_credit.group_credit_investigator")
        cls.assessor = cls.controller
        cls.director = cls._user("credit_director", "customer_credit.group_credit_manager")
        cls.customer.user_id = cls.applicant

    # === STEPS === #

    def _trade(self, partner=None, months=3, amount=48000.0, late=0):
        """Give a customer an invoice in each of the last months, paid on its due date or some days late.

        As it is, the average monthly sales are 12,000.
        """
        for number in range(1, months + 1):
            invoice = self._invoice(amount, partner, date=-30 * number, due=-30 * number + 20)
            self._pay(invoice, 30 * number - 20 - late)

    def _pay(self, invoice, days_ago):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": self.today - timedelta(days=days_ago)})
        )
        wizard._create_payments()

    def _application(self, user=None, **values):
        return (
            self.env["credit.application"]
            .with_user(user or self.applicant)
            .create(
                {
                    "partner_id": self.customer.id,
                    "requested_limit": 20000.0,
                    "requested_days": 30,
                    "reason": "Autumn season",
                    **values,
                }
            )
        )

    def _submitted(self, **values):
        application = self._application(**values)
        application.action_submit()
        return application

    def _investigated(self, facts=None, **values):
        application = self._submitted(**values)
        application.with_user(self.investigator).action_investigate()
        investigation = application.with_user(self.investigator).investigation_id
        investigation.write({"file_complete": True, "conclusion": "Sound firm", **(facts or {})})
        investigation.action_done()
        return application

    def _answer(self, application, points=None, user=None):
        """Open the assessment and give the points; return it as its assessor."""
        user = user or self.assessor
        application.with_user(user).action_assess()
        card = application.with_user(user).scorecard_id
        for answer in card.answer_ids:
            value = {**FULL, **(points or {})}.get(answer.criterion_id.code)
            if value:
                answer.write({"first_points": value, "evidence": "Papers"})
        return card

    def _assessed(self, facts=None, points=None, **values):
        application = self._investigated(facts, **values)
        self._answer(application, points).action_submit()
        return application

    def _decide(self, application, user=None, outcome="approved", reason="As proposed", **values):
        """Decide in the form, as people do."""
        user = user or self.director
        application = application.with_user(user)
        action = application.action_decide()
        form = Form(self.env["credit.application.decide"].with_user(user).with_context(**action["context"]))
        form.outcome = outcome
        form.reason = reason
        for name, value in values.items():
            form[name] = value
        form.save().action_decide()
        return application.decision_ids[:1]
