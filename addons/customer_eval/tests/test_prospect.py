from datetime import timedelta
from itertools import product

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import TODAY, EvalCase


@tagged("post_install", "-at_install")
class TestProspect(EvalCase):
    """E6: money, authority, need; eight combinations, and no class as long as an answer is missing."""

    def _check(self, money, authority, need, customer=None, **values):
        return self.env["customer.prospect.check"].create(
            {
                "partner_id": (customer or self.customer).id,
                "money": money,
                "authority": authority,
                "need": need,
                **values,
            }
        )

    def test_eight_combinations(self):
        classes = {}
        seen = self.env["customer.prospect.combination"]
        for answers in product(("yes", "no"), repeat=3):
            check = self._check(*answers)
            self.assertTrue(check.combination_id)
            self.assertTrue(check.advice)
            self.assertFalse(check.open_questions)
            self.assertEqual(
                (check.combination_id.money, check.combination_id.authority, check.combination_id.need),
                tuple(answer == "yes" for answer in answers),
            )
            seen |= check.combination_id
            classes["".join(answer[0] for answer in answers)] = check.prospect_class
        self.assertEqual(len(seen), 8)
        self.assertEqual(len(set(seen.mapped("advice"))), 8, "each says something else")
        self.assertEqual(
            classes,
            {"yyy": "a", "yyn": "b", "yny": "b", "nyy": "b", "ynn": "c", "nyn": "c", "nny": "c", "nnn": "d"},
        )

    def test_open_questions(self):
        check = self._check("yes", "unknown", "no")
        self.assertFalse(check.combination_id)
        self.assertFalse(check.prospect_class)
        self.assertEqual(check.open_questions, "Authority: does the person we talk with decide?")
        check.authority = "no"
        self.assertEqual((check.prospect_class, check.open_questions), ("c", ""))
        self.assertEqual(len(self._check("unknown", "unknown", "unknown").open_questions.split("?")), 4)

    def test_class_given_stays(self):
        """Whoever changes a combination decides about checks to come."""
        check = self._check("yes", "yes", "no")
        check.combination_id.prospect_class = "c"
        self.env.invalidate_all()
        self.assertEqual(check.prospect_class, "b")
        self.assertEqual(self._check("yes", "yes", "no").prospect_class, "c")

    def test_history_of_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Mr Shen", "parent_id": self.customer.id})
        old = self._check("no", "no", "yes", contact, date=TODAY - timedelta(days=90))
        self.assertEqual(old.partner_id, self.customer)
        self.assertEqual(self.customer.prospect_class, "c")
        new = self._check("yes", "unknown", "yes")
        self.env.invalidate_all()
        self.assertEqual((self.customer.prospect_check_id, self.customer.prospect_class), (new, False))
        self.assertEqual(self.customer.prospect_advice, new.open_questions)
        new.authority = "yes"
        self.env.invalidate_all()
        self.assertEqual(self.customer.prospect_class, "a")
        self.assertEqual(contact.prospect_class, "a")
        self.assertEqual(self.customer.prospect_check_ids, new + old)

    def test_search_by_the_latest(self):
        self._check("yes", "yes", "yes", date=TODAY - timedelta(days=90))
        self._check("yes", "no", "yes")
        self._check("yes", "yes", "yes", self.other_customer)
        found = self.env["res.partner"].search([("prospect_class", "=", "a")])
        self.assertEqual(found, self.other_customer)
        self.assertEqual(self.env["res.partner"].search([("prospect_class", "=", "b")]), self.customer)
        without = self.env["res.partner"].search([("prospect_class", "=", False)])
        self.assertNotIn(self.customer, without)
        self.assertIn(self.company.partner_id, without)

    def test_not_in_the_future(self):
        with self.assertRaisesRegex(ValidationError, "lies ahead"):
            self._check("yes", "yes", "yes", date=TODAY + timedelta(days=1))
