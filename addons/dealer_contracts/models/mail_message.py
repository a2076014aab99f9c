from odoo import api, models
from odoo.exceptions import UserError

# What a message says and where it stands.
KEPT_FIELDS = frozenset(
    {
        "body",
        "subject",
        "date",
        "author_id",
        "email_from",
        "model",
        "res_id",
        "message_type",
        "subtype_id",
        "attachment_ids",
        "tracking_value_ids",
    }
)


class MailMessage(models.Model):
    """The discussion and the log of a submitted contract stay as they are (D3)."""

    _inherit = "mail.message"

    def _check_contract_log(self):
        """Raise if one of the messages is part of the log of a submitted contract, whoever changes it by a program."""
        if self.env.su:
            return
        ids = {message.res_id for message in self.sudo() if message.model == "dealer.contract" and message.res_id}
        contracts = self.env["dealer.contract"].sudo().browse(ids).exists().filtered("submitted_once")
        if contracts:
            raise UserError(self.env._("%s was submitted: its log is kept as it is.", contracts[0].display_name))

    def write(self, vals):
        if KEPT_FIELDS & vals.keys():
            self._check_contract_log()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_contracts(self):
        self._check_contract_log()
