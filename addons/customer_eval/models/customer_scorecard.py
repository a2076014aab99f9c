from odoo import api, models
from odoo.tools import SQL

from .trend import trend

CHASE_BATCH = 500
# An activity that was marked as done without an evaluation is not repeated before so many days.
CHASE_AGAIN_DAYS = 14


class CustomerScorecard(models.Model):
    """The trend of a customer's evaluations, and the chase after overdue ones (E3)."""

    _inherit = "customer.scorecard"

    # === TREND === #

    def _trend_of(self, card):
        """Return the :class:`~.trend.Trend` up to ``card``, None if it has no score.

        :param card: the latest evaluation; those of these evaluations that were made before with the same version of
            the scorecard are compared with it, and no others
        """
        if not card or not card.score_known:
            return None
        before = self.filtered(
            lambda other: (
                other != card
                and other.version_id == card.version_id
                and other.score_known
                and (other.date, other.id) <= (card.date, card.id)
            )
        ).sorted(lambda other: (other.date, other.id))
        return trend([(made.date, made.score) for made in before + card], card.company_id.eval_half_life_months)

    # === CHASING === #

    @api.model
    def _cron_chase_due(self):
        """Ask for the evaluations that are due: one open activity per customer and company, in batches.

        What was done in a batch is no longer found by the next query, so a run that was interrupted goes on where it
        was, a run that was missed is caught up with, and a second run does nothing.
        """
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([])
        cron._commit_progress(remaining=sum(len(self._due_unchased(company)) for company in companies))
        for company in companies:
            last_id = 0
            while cards := self._due_unchased(company, last_id, CHASE_BATCH):
                cards._chase()
                last_id = cards[-1].partner_id.id
                if not cron._commit_progress(len(cards)):
                    return

    @api.model
    def _due_unchased(self, company, after_id=0, limit=None):
        """Return the evaluation of each customer after which another is due, today or longer, and for which nobody is
        asked yet; the oldest one of each.

        In the order of the customers. An evaluation that waits for approval isn't asked for again.

        :param company: res.company whose day it is
        :param int after_id: customers up to this id are left out
        """
        self.env["customer.scorecard"].flush_model(["company_id", "template_id", "partner_id", "state", "next_date"])
        self.env["mail.activity"].flush_model(["scorecard_id", "active", "date_done"])
        self.env["res.partner"].flush_model(["active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (card.partner_id) card.id
                  FROM customer_scorecard card
                  JOIN res_partner partner ON partner.id = card.partner_id
                 WHERE card.company_id = %(company)s
                   AND card.state = 'approved'
                   AND card.next_date <= %(today)s
                   AND card.partner_id > %(after)s
                   AND partner.active
                   AND NOT EXISTS (
                        SELECT FROM customer_scorecard other
                         WHERE other.partner_id = card.partner_id
                           AND other.company_id = card.company_id
                           AND other.template_id = card.template_id
                           AND other.state = 'submitted'
                   )
                   AND NOT EXISTS (
                        SELECT
                          FROM customer_scorecard chased
                          JOIN mail_activity activity ON activity.scorecard_id = chased.id
                         WHERE chased.partner_id = card.partner_id
                           AND chased.company_id = card.company_id
                           AND (activity.active
                                OR chased.id = card.id AND activity.date_done > %(today)s - %(again)s)
                   )
              ORDER BY card.partner_id, card.next_date, card.id
                 LIMIT %(limit)s
                """,
                company=company.id,
                today=company._customer_today(),
                after=after_id,
                again=CHASE_AGAIN_DAYS,
                limit=limit,
            )
        )
        return self.browse([card_id for (card_id,) in rows])

    def _chase(self):
        """Create the activity "Evaluation due" for each of these evaluations, on the customer."""
        activity_type = self.env.ref("customer_eval.mail_activity_type_due")
        partner_model_id = self.env["ir.model"]._get_id("res.partner")
        # The activity itself is the message; a mail for each would bury whoever has many customers.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": partner_model_id,
                    "res_id": card.partner_id.id,
                    "user_id": user.id,
                    "date_deadline": card.next_date,
                    "summary": card.template_id.with_context(lang=user.lang).name,
                    "automated": True,
                    "scorecard_id": card.id,
                }
                for card in self
                if (user := card._chase_user())
            ]
        )

    def _chase_user(self):
        """Return who is asked for the next evaluation, an empty user if nobody is left."""
        self.ensure_one()
        company = self.company_id
        candidates = {
            "person": company.eval_chase_user_id,
            "salesperson": self.partner_id.user_id,
            "evaluator": self.user_id,
        }
        order = [company.eval_chase, "salesperson", "evaluator", "person"]
        for user in (candidates[key] for key in order):
            if user.active and not user.share and company in user.company_ids:
                return user
        return self.approved_by.filtered("active")

    # === WORKFLOW === #

    def _after_approve(self):
        """What was asked for is there: close the activities about the evaluations that these replace."""
        result = super()._after_approve()
        self.sudo()._close_chase()
        return result

    def _close_chase(self):
        activities = self.env["mail.activity"].search(
            [
                ("scorecard_id.partner_id", "in", self.partner_id.ids),
                ("scorecard_id.company_id", "in", self.company_id.ids),
                ("scorecard_id.template_id", "in", self.template_id.ids),
            ]
        )
        answered = {(card.partner_id, card.company_id, card.template_id) for card in self}
        activities = activities.filtered(
            lambda activity: (
                (
                    activity.scorecard_id.partner_id,
                    activity.scorecard_id.company_id,
                    activity.scorecard_id.template_id,
                )
                in answered
            )
        )
        activities.action_archive()
