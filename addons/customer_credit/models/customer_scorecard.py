from odoo import fields, models
from odoo.exceptions import AccessError, UserError

# What the investigation found answers these; where there is none, the assessor does.
KNOWN = {
    "stopped": ("stopped_by_authorities", True),
    "sued": ("sued_by_supplier", True),
    "bad_debt": ("bad_debt", True),
    "file": ("file_complete", False),
}
# The steps of a criterion that only tells yes from no: 0 caps the grade, 4 doesn't and asks for no evidence.
BAD, GOOD = "0", "4"


class CustomerScorecard(models.Model):
    """The assessment of a credit application (C3): submitted with it, approved by its decision."""

    _inherit = "customer.scorecard"

    credit_application_ids = fields.One2many(
        "credit.application", "scorecard_id", string="Credit Applications", groups="customer_credit.group_credit_user"
    )

    def _credit_answer_known(self, investigation):
        """Answer the questions that cap the grade by what the investigation found."""
        self.ensure_one()
        if not investigation:
            return
        for answer in self.answer_ids:
            known = KNOWN.get(answer.criterion_id.code)
            if known:
                name, bad_value = known
                answer.write(
                    {
                        "first_points": BAD if investigation[name] == bad_value else GOOD,
                        "evidence": self.env._("Investigation of %s", investigation.date),
                    }
                )

    def _submission_problems(self):
        """A credit assessment says of everything that caps the grade whether it is so."""
        problems = super()._submission_problems()
        if self.purpose == "credit":
            problems += [
                self.env._("“%s” isn't answered", answer.criterion_id.name)
                for answer in self.answer_ids.sorted("sequence")
                if answer.criterion_id.veto_below and answer.kind == "manual" and not answer.answered
            ]
        return problems

    def _submit(self, measure=True, ask=True):
        """Submitting the assessment of an application takes that on to its decision."""
        applications = self.sudo().credit_application_ids.filtered(
            lambda application: application.state in ("submitted", "investigation")
        )
        if self.env.user in applications.user_id:
            raise AccessError(self.env._("Nobody assesses an application of one's own."))
        applications._lock()
        super()._submit(measure=measure, ask=ask)
        applications._after_assessment()

    def _ask_managers(self):
        """Who decides on the application approves its assessment."""
        return super(
            CustomerScorecard, self.filtered(lambda card: not card.sudo().credit_application_ids)
        )._ask_managers()

    def _approval_obstacles(self):
        obstacles = super()._approval_obstacles()
        for card in self - self.browse([card.id for card in obstacles]):
            application = card.sudo().credit_application_ids[:1]
            if application.state == "assessed":
                obstacles[card] = self.env._("it is approved by the decision on %s", application.name)
        return obstacles

    def _refuse(self, reason):
        result = super()._refuse(reason)
        self.sudo().credit_application_ids._reopen_assessment()
        return result

    def action_reset(self):
        result = super().action_reset()
        self.sudo().credit_application_ids._reopen_assessment()
        return result

    def action_cancel(self):
        if self.sudo().credit_application_ids.filtered(
            lambda application: application.state in ("submitted", "investigation", "assessed")
        ):
            raise UserError(self.env._("This assessment belongs to an application: cancel that."))
        return super().action_cancel()

    def _credit_approve_carried(self):
        """Approve the assessments of a mass re-rating, whose approval was that of the run; called as super-user."""
        if not self:
            return
        self._set_previous()
        self.write({"state": "submitted", "submitted_on": fields.Datetime.now()})
        for user, cards in self.grouped("user_id").items():
            cards.write({"submitted_by": user.id})
        self._approve()

    def action_credit_application(self):
        """Open the application that is assessed."""
        self.ensure_one()
        return self.credit_application_ids[:1].get_formview_action()
