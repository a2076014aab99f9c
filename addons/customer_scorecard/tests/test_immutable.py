from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ScorecardCase


@tagged("post_install", "-at_install")
class TestImmutable(ScorecardCase):
    """What was decided, and what it was decided by, is kept as it is: for everybody, the super-user too (E7)."""

    def everybody(self, record):
        yield record.with_user(self.evaluator)
        yield record.with_user(self.manager)
        yield record.with_user(SUPERUSER_ID)
        yield record.sudo()
        yield record.sudo().with_context(install_mode=True, tracking_disable=True, module="customer_scorecard")

    def test_approved_cards(self):
        card = self._approved(summary="Sound")
        attempts = [
            {"summary": "Better"},
            {"score": 100.0},
            {"state": "draft"},
            {"state": "cancelled"},
            {"date": "2020-01-01"},
            {"band_id": self.bands["A"].id},
            {"approved_by": self.director.id},
            {"next_date": "2099-01-01"},
            {"private_note": "x"},
            {"partner_id": self.other_customer.id},
            {"previous_id": False},
            {"state": "superseded", "score": 1.0},
            {"answer_ids": [Command.update(self._answer(card, "attitude").id, {"first_points": "1"})]},
            {"answer_ids": [Command.clear()]},
        ]
        newer = self._submitted(points=2)
        for superseded in (False, True):
            if superseded:
                newer.with_user(self.manager).action_approve()
                self.assertEqual(card.state, "superseded")
            before = card.sudo().read(["score", "state", "summary", "date", "band_id", "approved_by", "next_date"])
            for record in self.everybody(card):
                for values in attempts:
                    with self.subTest(user=record.env.uid, su=record.env.su, values=values):
                        with self.assertRaises(UserError), self.env.cr.savepoint():
                            record.write(values)
                            self.env.flush_all()
                with self.assertRaises(UserError):
                    record.unlink()
            self.env.invalidate_all()
            self.assertEqual(card.sudo().read(list(before[0])), before)

    def test_answers_of_approved_cards(self):
        card = self._approved()
        answer = self._answer(card, "attitude")
        for record in self.everybody(answer):
            for values in ({"first_points": "1"}, {"evidence": "x"}, {"metric_points": 1}, {"points": 1.0}):
                with self.subTest(user=record.env.uid, su=record.env.su, values=values):
                    with self.assertRaises(UserError):
                        record.write(values)
            with self.assertRaises(UserError):
                record.unlink()
            with self.assertRaises(UserError):
                record.create({"scorecard_id": card.id, "criterion_id": self.criteria["willingness"].id})

    def test_answers_stay_where_they_are(self):
        card, other = self._card(), self._card(self.other_customer)
        for values in ({"scorecard_id": other.id}, {"criterion_id": self.criteria["action"].id}):
            for record in self.everybody(self._answer(card, "attitude")):
                with self.subTest(values=values), self.assertRaises(UserError):
                    record.write(values)
        with self.assertRaises(UserError):
            card.write({"answer_ids": [Command.link(self._answer(other, "attitude").id)]})
        with self.assertRaises(UserError):
            card.write({"answer_ids": [Command.delete(self._answer(card, "attitude").id)]})
        with self.assertRaises(UserError):
            card.answer_ids.sudo().unlink()

    def test_files_of_approved_cards(self):
        card = self._card()
        self._give(card, attitude=4, action=4, stores=4)
        stores = self._answer(card, "stores")
        stores.attachment_ids = [Command.create({"name": "deed.txt", "raw": b"owner"})]
        file = stores.attachment_ids
        card.action_submit()
        with self.assertRaises(UserError):
            self.rpc(self.evaluator, stores, "write", {"attachment_ids": [Command.clear()]})
        card.with_user(self.manager).action_approve()
        for record in self.everybody(file):
            for values in ({"raw": b"somebody else"}, {"name": "x"}, {"res_id": False}, {"res_model": "res.partner"}):
                with self.subTest(user=record.env.uid, su=record.env.su, values=values):
                    with self.assertRaises(UserError):
                        record.write(values)
            with self.assertRaises(UserError):
                record.unlink()
            with self.assertRaises(UserError):
                record.create({"name": "y", "raw": b"y", "res_model": stores._name, "res_id": stores.id})
        loose = self.env["ir.attachment"].create({"name": "z", "raw": b"z"})
        with self.assertRaises(UserError):
            loose.write({"res_model": stores._name, "res_id": stores.id})
        self.assertEqual(file.raw, b"owner")

    def test_chatter_goes_on(self):
        card = self._approved()
        card.with_user(self.manager).message_post(
            body="Told the customer", attachments=[("letter.txt", b"Dear sirs")], subtype_xmlid="mail.mt_note"
        )
        card.with_user(self.manager).activity_schedule("mail.mail_activity_data_todo", user_id=self.manager.id)
        self.assertTrue(card.message_ids[:1].attachment_ids)

    def test_frozen_versions(self):
        version, anchors = self.version, self.criteria["orders"].anchor_ids
        template = self.template
        attempts = [
            (version, {"coverage_min": 10}),
            (version, {"state": "draft"}),
            (version, {"template_id": self._metric_template().id}),
            (version, {"criterion_ids": [Command.create({"name": "x"})]}),
            (version, {"criterion_ids": [Command.update(self.criteria["action"].id, {"weight": 1})]}),
            (version, {"criterion_ids": [Command.delete(self.criteria["attitude"].id)]}),
            (version, {"band_ids": [Command.update(self.bands["A"].id, {"score_from": 10})]}),
            (version, {"band_ids": [Command.clear()]}),
            (self.criteria["action"], {"weight": 1}),
            (self.criteria["action"], {"veto_below": 0}),
            (self.criteria["action"], {"anchor_ids": [Command.create({"points": 1})]}),
            (self.bands["A"], {"score_from": 1}),
            (self.bands["A"], {"decision": "refuse"}),
            (anchors[0], {"metric_from": 7}),
            (template, {"version_ids": [Command.update(version.id, {"coverage_min": 10})]}),
            (template, {"purpose": False}),
        ]
        for record, values in attempts:
            for user in self.everybody(record):
                with self.subTest(record=record._name, values=values, user=user.env.uid, su=user.env.su):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        user.write(values)
                        self.env.flush_all()
        for record in (version, self.criteria["attitude"], self.bands["B"], anchors[0], template):
            for user in self.everybody(record):
                with self.subTest(record=record._name, user=user.env.uid), self.assertRaises(UserError):
                    user.unlink()
        for model, values in (
            ("customer.scorecard.criterion", {"version_id": version.id, "name": "x"}),
            ("customer.scorecard.band", {"version_id": version.id, "name": "x", "score_from": 1}),
            ("customer.scorecard.anchor", {"criterion_id": self.criteria["attitude"].id, "points": 1}),
        ):
            with self.subTest(model), self.assertRaises(UserError):
                self.env[model].create(values)
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Other"}))
        with self.assertRaises(UserError):
            draft.criterion_ids[0].version_id = version
        with self.assertRaises(UserError):
            draft.criterion_ids.anchor_ids[0].criterion_id = self.criteria["attitude"]

    def test_merged_customers_keep_their_evaluations(self):
        """Odoo's merge deletes what it can't move."""
        run = self.env["customer.scorecard.run"].create({"name": "All", "template_id": self.template.id})
        cards = self.env["customer.scorecard"]
        for customer, day in ((self.customer, "2025-03-01"), (self.other_customer, "2025-02-01")):
            card = cards._create_for(customer, self.version, self.company, day, self.evaluator, run)
            self._give(card, attitude=4, action=4)
            card.with_user(self.evaluator).action_submit()
            card.with_user(self.manager).action_approve()
            cards |= card
        draft = self._card(self.other_customer)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer + self.other_customer).ids, self.customer, extra_checks=False)
        self.assertEqual((cards + draft).exists().partner_id, self.customer)
        self.assertEqual(cards.mapped("state"), ["approved", "superseded"])
        self.assertEqual([len(card.answer_ids) for card in cards], [6, 6])
        self.assertEqual(cards.mapped("run_id"), run)

    def test_drafts_may_go(self):
        draft = self._draft(self.env["customer.scorecard.template"].create({"name": "Other"}))
        template = draft.template_id
        criteria = draft.criterion_ids
        template.with_user(self.manager).unlink()
        self.assertFalse(template.exists() or draft.exists() or criteria.exists())
        card = self._card()
        stores = self._answer(card, "stores")
        stores.attachment_ids = [Command.create({"name": "deed.txt", "raw": b"owner"})]
        answers, file = card.answer_ids, stores.attachment_ids
        card.unlink()
        self.assertFalse(card.exists() or answers.exists() or file.exists())

    def test_what_was_submitted_stays_on_record(self):
        card = self._submitted()
        with self.assertRaises(UserError):
            card.unlink()
        card.with_user(self.manager)._refuse("No")
        with self.assertRaises(UserError):
            card.unlink()
        with self.assertRaises(UserError):
            card.copy()
