from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import NOW, TODAY, EvalCase

FIGURES = [
    "eval_grade",
    "eval_decision",
    "eval_score",
    "eval_score_known",
    "eval_direction",
    "eval_trend_score",
    "eval_next_date",
    "eval_overdue",
    "eval_count",
    "eval_reputation",
    "prospect_class",
]


@tagged("post_install", "-at_install")
class TestCustomer(EvalCase):
    """E3, E5: what the customer's form and list show."""

    def test_latest_approved_counts(self):
        partner = self.customer.with_user(self.reader)
        self.assertFalse(partner.eval_grade)
        self._approved(5)
        self.env.invalidate_all()
        self.assertEqual((partner.eval_grade, partner.eval_decision, partner.eval_score), ("A", "open", 100))
        self.assertEqual((partner.eval_date, partner.eval_next_date), (TODAY, TODAY + relativedelta(months=12)))
        draft = self._card(0)
        self.env.invalidate_all()
        self.assertEqual(partner.eval_grade, "A", "a draft says nothing")
        draft.with_user(self.evaluator).action_submit()
        self.env.invalidate_all()
        self.assertEqual(partner.eval_grade, "A")
        draft.with_user(self.manager).action_approve()
        self.env.invalidate_all()
        self.assertEqual((partner.eval_grade, partner.eval_decision, partner.eval_direction), ("D", "refuse", "down"))
        self.assertTrue(partner.eval_advice)

    def test_contacts_show_their_company(self):
        contact = self.env["res.partner"].create({"name": "Mr Shen", "parent_id": self.customer.id})
        self._approved(5)
        self.assertEqual(contact.with_user(self.reader).eval_grade, "A")
        self.assertIn(contact, self.env["res.partner"].search([("eval_grade", "=", "A")]))
        action = contact.with_user(self.evaluator).action_evaluate()
        self.assertEqual(action["context"]["default_partner_id"], self.customer.id)

    def test_other_scorecards_dont_decide(self):
        self._approved(5, template=self.env.ref("customer_eval.scorecard_template_small"))
        partner = self.customer.with_user(self.reader)
        self.assertFalse(partner.eval_grade)
        self.company.eval_template_id = self.env.ref("customer_eval.scorecard_template_small")
        self.env.invalidate_all()
        self.assertEqual(partner.eval_grade, "A")
        self.assertFalse(partner.eval_decision, "this scorecard decides nothing")

    def test_other_company(self):
        self._approved(5)
        other = self.env["res.company"].create({"name": "Other"})
        self.reader.company_ids += other
        self.assertFalse(self.customer.with_user(self.reader).with_company(other).eval_grade)

    def test_new_record(self):
        with Form(self.env["res.partner"]) as form:
            form.name = "New"
        self.assertFalse(form.record.eval_grade)
        self.assertFalse(self.env["res.partner"].new({"name": "x"}).eval_grade)

    def test_search(self):
        third = self._customer("Third")
        fourth = self._customer("Fourth")
        self._approved(5)
        self._approved(5, self.other_customer, reputation=0)
        self._approved(4, third, attitude=5, action=2)
        ours = self.customer + self.other_customer + third + fourth
        Partner = self.env["res.partner"].with_user(self.reader)

        def found(*condition):
            return Partner.search([("id", "in", ours.ids), condition])

        self.assertEqual(found("eval_decision", "=", "refuse"), self.other_customer)
        self.assertEqual(found("eval_decision", "in", ["open", "refuse"]), self.customer + self.other_customer + third)
        self.assertEqual(found("eval_decision", "=", False), fourth)
        self.assertEqual(found("eval_decision", "!=", "refuse"), self.customer + third + fourth)
        self.assertEqual(found("eval_decision", "in", ["refuse", False]), self.other_customer + fourth)
        self.assertEqual(found("eval_grade", "=", "A"), self.customer)
        self.assertEqual(found("eval_grade", "ilike", "d"), self.other_customer)
        self.assertEqual(found("eval_grade", "=", False), fourth)
        self.assertEqual(found("eval_grade", "!=", False), self.customer + self.other_customer + third)
        self.assertEqual(found("eval_false_enthusiasm", "=", True), third)
        self.assertEqual(found("eval_overdue", "=", False), ours)
        with freeze_time(NOW + relativedelta(years=2)):
            self.assertEqual(found("eval_overdue", "=", True), self.customer + self.other_customer + third)
            self.assertEqual(found("eval_overdue", "=", False), fourth)

    def test_search_finds_what_the_form_shows(self):
        """For each role: whoever is found by a grade is shown with it, and the other way round."""
        self._approved(5)
        self._approved(5, self.other_customer)
        ours = self.customer + self.other_customer
        for user, seen in ((self.reader, ours), (self.salesman, self.customer), (self.colleague, self.other_customer)):
            with self.subTest(user=user.login):
                partners = ours.with_user(user)
                self.assertEqual(partners.filtered(lambda partner: partner.eval_grade == "A"), seen)
                self.assertEqual(partners.search([("id", "in", ours.ids), ("eval_grade", "=", "A")]), seen)
                self.assertEqual(partners.filtered("eval_visible"), seen)

    def test_evaluate_many(self):
        customers = (self.customer + self.other_customer).with_user(self.evaluator)
        action = customers.action_evaluate_many()
        cards = self.env["customer.scorecard"].search(action["domain"])
        self.assertEqual(cards.partner_id, self.customer + self.other_customer)
        self.assertEqual((set(cards.mapped("state")), cards.user_id), ({"draft"}, self.evaluator))
        many = self.env["res.partner"].create([{"name": f"N {number}", "is_company": True} for number in range(201)])
        with self.assertRaisesRegex(UserError, "201 customers"):
            many.with_user(self.evaluator).action_evaluate_many()

    def test_list_in_constant_queries(self):
        """The list of N customers costs as many queries as that of 2N, and few."""
        customers = self.env["res.partner"].union(*(self._customer(f"Customer {number}") for number in range(20)))
        for customer in customers:
            self._approved(3, customer)
            self._event(2, 30, customer)
        with freeze_time(NOW + relativedelta(months=3)):
            for customer in customers:
                self._approved(4, customer)
        for user in (self.reader, self.salesman):
            counts = {}
            for number in (10, 20):
                self.env.flush_all()
                self.env.invalidate_all()
                partners = customers[:number].with_user(user)
                partners.mapped("user_id.partner_id.name")
                before = self.env.cr.sql_log_count
                shown = partners.read(FIGURES)
                counts[number] = self.env.cr.sql_log_count - before
                self.assertEqual({row["eval_score"] for row in shown}, {80})
                self.assertEqual({row["eval_direction"] for row in shown}, {"up"})
            with self.subTest(user=user.login):
                self.assertLessEqual(counts[20], counts[10], counts)
                self.assertLessEqual(counts[20], 25, counts)
