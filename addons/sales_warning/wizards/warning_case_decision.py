from datetime import timedelta

from odoo import api, fields, models


class WarningCaseDecision(models.TransientModel):
    """The window in which a warning is closed, judged, snoozed or given to somebody else."""

    _name = "warning.case.decision"
    _description = "Decision on a Warning"

    case_ids = fields.Many2many("warning.case", required=True)
    decision = fields.Selection(
        [("close", "Close"), ("judge", "Judge"), ("snooze", "Snooze"), ("reassign", "Another owner")], required=True
    )
    cause = fields.Text(compute="_compute_texts", store=True, readonly=False)
    measures = fields.Text(compute="_compute_texts", store=True, readonly=False)
    result = fields.Text()
    outcome = fields.Selection([("confirmed", "Confirmed"), ("false", "False Alarm")])
    red = fields.Boolean(compute="_compute_red")
    until = fields.Date(default=lambda self: self.env.company._customer_today() + timedelta(days=7))
    reason = fields.Text()
    user_id = fields.Many2one("res.users", string="Owner", domain=[("share", "=", False)])

    @api.depends("case_ids")
    def _compute_texts(self):
        for wizard in self:
            single = wizard.case_ids if len(wizard.case_ids) == 1 else wizard.case_ids[:0]
            wizard.cause = single.cause
            wizard.measures = single.measures

    @api.depends("case_ids")
    def _compute_red(self):
        for wizard in self:
            wizard.red = "red" in wizard.case_ids.mapped("worst_level")

    def action_confirm(self):
        """Carry the decision out on the cases."""
        self.ensure_one()
        cases = self.case_ids
        if self.decision == "close":
            texts = {name: self[name] for name in ("cause", "measures") if self[name]}
            if texts:
                cases.write(texts)
            cases._close(self.outcome, self.result)
        elif self.decision == "judge":
            cases._judge(self.outcome, self.result)
        elif self.decision == "snooze":
            cases._snooze(self.until, self.reason)
        else:
            cases._reassign(self.user_id)
        return {"type": "ir.actions.act_window_close"}
