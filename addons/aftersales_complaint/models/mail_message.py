from odoo import api, models
from odoo.exceptions import UserError

KEPT_FIELDS = frozenset(
    {"body", "subject", "date", "author_id", "email_from", "attachment_ids", "model", "res_id", "message_type"}
    | {"partner_ids", "subtype_id", "tracking_value_ids", "is_internal"}
)


class MailMessage(models.Model):
    """What was written on a closed complaint, and what shows that a customer was told, is kept."""

    _inherit = "mail.message"

    def _check_complaint_messages(self):
        found = self.sudo().filtered(lambda message: message.model == "complaint.complaint" and message.res_id)
        if not found:
            return
        complaints = self.env["complaint.complaint"].sudo().browse(set(found.mapped("res_id"))).exists()
        closed = complaints.filtered(lambda complaint: complaint.state == "closed")
        if closed:
            raise UserError(self.env._("%s is closed: its messages are kept as they are.", closed[0].display_name))
        if self.env["complaint.notice"].sudo().search_count([("message_id", "in", found.ids)], limit=1):
            raise UserError(self.env._("This message shows that the customer was told: it is kept as it is."))

    def write(self, vals):
        if KEPT_FIELDS & vals.keys():
            self._check_complaint_messages()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_complaint_proof(self):
        self._check_complaint_messages()
