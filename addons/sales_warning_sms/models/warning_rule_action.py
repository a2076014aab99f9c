from odoo import fields, models


class WarningRuleAction(models.Model):
    _inherit = "warning.rule.action"

    kind = fields.Selection(selection_add=[("sms", "Send the owner a text message")], ondelete={"sms": "cascade"})

    def _carry_out_sms(self, cases):
        """Queue a text message to each owner; Odoo's own job sends them. It is kept in the discussion of the case.

        Who has no telephone number gets none, and the discussion says so.
        """
        for case in cases:
            case = case.with_context(lang=case.user_id.lang)
            case._message_sms(
                f"{case.display_name}: {case.sentence}",
                partner_ids=case.user_id.partner_id.ids,
                put_in_queue=True,
            )
