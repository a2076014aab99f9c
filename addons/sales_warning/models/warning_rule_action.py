from odoo import api, fields, models
from odoo.exceptions import ValidationError


class WarningRuleAction(models.Model):
    """What happens when a case opens, or rises to a level (W6).

    Other kinds come with a method ``_carry_out_<kind>(cases)``, called on the action with the cases of one company.
    """

    _name = "warning.rule.action"
    _description = "Action of a Warning Rule"
    _order = "sequence, id"

    rule_id = fields.Many2one("warning.rule", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    level = fields.Selection(
        [("amber", "Amber and red"), ("red", "Red only")],
        string="From Level",
        required=True,
        default="amber",
    )
    kind = fields.Selection(
        [
            ("activity", "Give the owner an activity"),
            ("message", "Tell the owner at once"),
            ("digest", "Tell the owner in the daily digest"),
            ("server", "Run a server action"),
            ("stop_expense", "Stop expenses for the customer"),
        ],
        required=True,
        default="activity",
    )
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict")
    server_action_id = fields.Many2one(
        "ir.actions.server", domain=[("model_id.model", "=", "warning.case")], ondelete="restrict"
    )

    @api.constrains("kind", "server_action_id")
    def _check_server_action(self):
        for action in self:
            if action.kind == "server" and action.server_action_id.model_id.model != "warning.case":
                raise ValidationError(self.env._("Choose a server action that runs on warnings."))

    # === CARRYING OUT === #

    def _carry_out(self, cases):
        """Carry the action out for cases of one company that opened, or rose to a level."""
        self.ensure_one()
        if self.level == "red":
            cases = cases.filtered(lambda case: case.level == "red")
        if cases:
            getattr(self, f"_carry_out_{self.kind}")(cases)

    def _carry_out_activity(self, cases):
        kind = self.activity_type_id or self.env.ref("sales_warning.mail_activity_type_warning", False)
        model_id = self.env["ir.model"]._get_id("warning.case")
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": case.id,
                    "activity_type_id": kind.id if kind else False,
                    "user_id": case.user_id.id,
                    "date_deadline": case.deadline,
                    "summary": case.display_name,
                }
                for case in cases
            ]
        )

    def _carry_out_message(self, cases):
        for case in cases:
            case = case.with_context(lang=case.user_id.lang)
            case.message_notify(partner_ids=case.user_id.partner_id.ids, subject=case.display_name, body=case.sentence)

    def _carry_out_digest(self, cases):
        cases.write({"digest_wanted": True})

    def _carry_out_server(self, cases):
        self.server_action_id.with_context(
            active_model="warning.case", active_ids=cases.ids, active_id=cases.ids[0]
        ).run()

    def _carry_out_stop_expense(self, cases):
        cases.write({"stops_expense": True})
