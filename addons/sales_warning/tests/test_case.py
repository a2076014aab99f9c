from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SalesWarningCommon


@tagged("post_install", "-at_install")
class TestCase(SalesWarningCommon):
    """One case from its opening to its end."""

    def test_a_red_case_needs_cause_and_measures(self):
        case = self._case().with_user(self.seller)
        self.assertEqual(case.level, "red")
        for texts in ({}, {"cause": "Fell out with the boss"}, {"measures": "  ", "cause": "Fell out"}):
            case.write(texts)
            with self.assertRaisesRegex(UserError, "cause and the measures"):
                case._close("confirmed")
        case.write({"measures": "The director calls on them"})
        with self.assertRaisesRegex(UserError, "whether the warning was right"):
            case._close(None)
        case._close("confirmed", "Paid")
        self.assertEqual((case.state, case.outcome, case.result), ("closed", "confirmed", "Paid"))
        self.assertEqual(case.closed_by, self.seller)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            case._close("false")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            case.write({"cause": "Another one"})

    def test_a_case_that_was_red_before_needs_them_too(self):
        case = self._case()
        case.sudo().write({"level": "amber"})
        with self.assertRaisesRegex(UserError, "cause and the measures"):
            case.with_user(self.seller)._close("confirmed")

    def test_amber_closes_without(self):
        self._invoice(self.TODAY - timedelta(days=10), 500)
        case = self._case().with_user(self.seller)
        self.assertEqual(case.level, "amber")
        case._close("false")
        self.assertEqual(case.rule_id.with_user(self.manager).false_count, 1)

    def test_closed_by_hand_it_rests_while_the_figure_is_no_worse(self):
        case = self._case()
        case.with_user(self.seller).write({"cause": "x", "measures": "y"})
        case.with_user(self.seller)._close("confirmed")
        rest = case.rule_id.snooze_days
        self._night(self.TODAY + timedelta(days=rest - 1))
        self.assertEqual(self._cases().mapped("state"), ["closed"])
        self._night(self.TODAY + timedelta(days=rest))
        self.assertEqual(self._cases().mapped("state"), ["closed", "open"])

    def test_closed_by_hand_it_opens_anew_when_it_gets_worse(self):
        self._invoice(self.TODAY - timedelta(days=10), 500)
        self._case().with_user(self.seller)._close("false")
        self._night(self.TODAY + timedelta(days=1))
        self.assertEqual(self._cases().mapped("level"), ["amber"])
        self._night(self.TODAY + timedelta(days=25))
        self.assertEqual(self._cases().mapped("level"), ["amber", "red"])

    def test_snooze_has_reason_and_limit(self):
        case = self._case().with_user(self.seller)
        with self.assertRaisesRegex(UserError, "reason"):
            case._snooze(self.TODAY + timedelta(days=5), " ")
        for days in (0, 31):
            with self.assertRaisesRegex(UserError, "at the latest"):
                case._snooze(self.TODAY + timedelta(days=days), "Money is under way")
        case._snooze(self.TODAY + timedelta(days=30), "Money is under way")
        self._night(self.TODAY + timedelta(days=29))
        self.assertEqual((case.state, case.escalation), ("snoozed", "0"))
        self._night(self.TODAY + timedelta(days=30))
        self.assertEqual(case.state, "open")

    def test_pauses_one_after_the_other_last_no_longer(self):
        case = self._case().with_user(self.seller)
        case._snooze(self.TODAY + timedelta(days=20), "Money is under way")
        day = self.TODAY + timedelta(days=20)
        self._night(day)
        self.assertEqual(case.state, "open")
        with freeze_time(day):
            with self.assertRaisesRegex(UserError, "at the latest on 2025-08-13"):
                case._snooze(self.TODAY + timedelta(days=31), "Still under way")
            case._snooze(self.TODAY + timedelta(days=30), "Still under way")
        self._night(self.TODAY + timedelta(days=30))
        with freeze_time(self.TODAY + timedelta(days=30)), self.assertRaisesRegex(UserError, "at the latest"):
            case._snooze(self.TODAY + timedelta(days=31), "And still")

    def test_a_snoozed_case_that_gets_worse_wakes(self):
        self._invoice(self.TODAY - timedelta(days=10), 500)
        case = self._case()
        self.assertEqual(case.level, "amber")
        case.with_user(self.seller)._snooze(self.TODAY + timedelta(days=30), "Money is under way")
        day = self.TODAY + timedelta(days=21)
        self._night(day)
        self.assertEqual((case.level, case.state, case.snooze_until), ("red", "open", False))
        self.assertEqual(case.log_ids[0].event, "raised")

    def test_it_goes_up_the_line_once_per_step(self):
        case = self._case()
        # Monday the 14th and three working days: Thursday. The figure stays bad, nobody acts.
        self.assertEqual(case.deadline, date(2025, 7, 17))
        self._night(date(2025, 7, 17))
        self.assertEqual(case.escalation, "0")
        self._night(date(2025, 7, 18))
        self._night(date(2025, 7, 18))
        self.assertEqual((case.escalation, case.escalated_user_id), ("1", self.leader))
        self.assertEqual(case.escalate_on, date(2025, 7, 23))
        self.assertIn(self.leader, case.activity_ids.user_id)
        # The machine stands for weeks: one step only, since nobody was asked meanwhile.
        self._night(date(2025, 9, 1))
        self.assertEqual((case.escalation, case.escalated_user_id), ("2", self.manager))
        self._night(date(2025, 9, 30))
        self.assertEqual(case.escalation, "3")
        self.assertNotIn(case.escalated_user_id, self.leader | self.manager | self.seller)
        self._night(date(2025, 10, 30))
        self.assertEqual(case.log_ids.mapped("event").count("escalated"), 3)
        self.assertEqual(case.user_id, self.seller)

    def test_the_line_passes_over_who_cannot_see_the_case(self):
        """A leader who does not work in the company, or has left, is asked nothing."""
        case = self._case()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.leader.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self._night(date(2025, 7, 18))
        self.assertEqual((case.escalation, case.escalated_user_id), ("2", self.manager))
        self.assertNotIn(self.leader, case.activity_ids.user_id)

    def test_an_activity_on_a_closed_case_stays(self):
        case = self._case().with_user(self.seller)
        case.write({"cause": "x", "measures": "y"})
        case._close("confirmed")
        self.assertFalse(case.activity_ids)
        case.activity_schedule("mail.mail_activity_data_call", summary="Ask whether all is well")
        self.customer.invoice_ids.button_draft()
        self._nights(self.TODAY + timedelta(days=1), self.TODAY + timedelta(days=2))
        self.assertEqual(case.activity_ids.mapped("summary"), ["Ask whether all is well"])

    def test_nothing_is_written_past_the_buttons(self):
        case = self._case()
        for user in (self.seller, self.handler, self.manager, self.director):
            for vals in (
                {"state": "closed"},
                {"level": "amber"},
                {"worst_level": "amber"},
                {"outcome": "false"},
                {"deadline": date(2026, 1, 1)},
                {"user_id": user.id},
                {"figures": {}},
            ):
                with self.assertRaises(AccessError):
                    case.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                case.with_user(user).with_context(sales_warning_force=True).write({"state": "closed"})
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                case.with_user(user).unlink()
        with self.assertRaises(UserError):
            case.log_ids.sudo().write({"note": "x"})
        with self.assertRaises(UserError):
            case.log_ids.sudo().unlink()
        with self.assertRaises(UserError):
            case.sudo().unlink()

    def test_a_case_that_closed_by_itself_is_judged_once(self):
        case = self._case()
        self._pay(self.customer.invoice_ids, self.TODAY)
        for days in (1, 2):
            self._night(self.TODAY + timedelta(days=days))
        self.assertEqual((case.state, case.outcome), ("closed", False))
        case.with_user(self.seller)._judge("confirmed")
        with self.assertRaisesRegex(UserError, "judged already"):
            case.with_user(self.seller)._judge("false")
        rule = case.rule_id.with_user(self.manager)
        self.assertEqual((rule.confirmed_count, rule.precision), (1, 100))

    def test_another_owner(self):
        case = self._case().with_user(self.seller)
        case._reassign(self.clerk)
        self.assertEqual(case.user_id, self.clerk)
        self.assertIn(self.clerk, case.sudo().activity_ids.user_id)
        with self.assertRaises(UserError):
            case._reassign(self.portal)
        self.assertEqual(case.with_user(self.clerk).read(["state"])[0]["state"], "open")
