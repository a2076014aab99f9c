from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .warning_rule import LEFT, LEVELS


class WarningCaseLog(models.Model):
    """What changed a case, when, by whom and on which figures. Nobody changes it (W6)."""

    _name = "warning.case.log"
    _description = "History of a Warning"
    _order = "id desc"

    case_id = fields.Many2one("warning.case", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id")
    run_id = fields.Many2one("warning.run", readonly=True, index="btree_not_null", ondelete="set null")
    day = fields.Date(required=True, readonly=True)
    event = fields.Selection(
        [
            ("opened", "Opened"),
            ("raised", "Raised"),
            ("lowered", "Lowered"),
            ("clean", "Clean run"),
            ("closed", "Closed"),
            ("investigating", "Investigation begun"),
            ("measures", "Measures begun"),
            ("snoozed", "Snoozed"),
            ("woken", "Pause ended"),
            ("reassigned", "Given to another owner"),
            ("escalated", "Escalated"),
            ("judged", "Judged"),
        ],
        required=True,
        readonly=True,
    )
    level = fields.Selection(LEVELS, readonly=True)
    reason = fields.Char(readonly=True)
    figures = fields.Json(readonly=True)
    sentence = fields.Char("Why", compute="_compute_sentence")
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    note = fields.Text(readonly=True)

    @api.depends("reason", "figures", "event")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for log in self:
            fine = log.run_id and log.event in ("clean", "closed") and log.reason != LEFT
            log.sentence = (
                "" if fine else self.env["warning.rule"]._sentence(log.reason, log.figures, log.company_id.sudo())
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The history of warnings writes itself."))
        return super().create(vals_list)

    def write(self, vals):
        if self:
            raise UserError(self.env._("The history of warnings stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of warnings stays as it is."))
