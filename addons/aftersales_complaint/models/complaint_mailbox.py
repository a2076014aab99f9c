import ast

from odoo import fields, models

from odoo.addons.mail.tools.alias_error import AliasError


class ComplaintMailbox(models.Model):
    """An e-mail address of a company or team: what a customer writes to it is filed as a complaint."""

    _name = "complaint.mailbox"
    _description = "Mailbox of Complaints"
    _inherit = ["mail.thread", "mail.alias.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True, help="The company or team that answers.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        tracking=True,
        help="Owns what comes to this address. By default the owner of new complaints of the company.",
    )
    unknown_senders = fields.Selection(
        [("file", "File without a customer, and tell the owner"), ("bounce", "Send the mail back")],
        required=True,
        default="file",
        tracking=True,
        help="What happens to mails from addresses that belong to no customer.",
    )
    active = fields.Boolean(default=True, tracking=True, help="Mails to an archived mailbox are sent back.")
    alias_id = fields.Many2one(help="What customers write to this address is filed as a complaint.")

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("complaint.complaint")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "mailbox_id": self.id, "company_id": self.company_id.id}
        return values

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            for mailbox in self:
                mailbox.alias_id.sudo().write(mailbox._alias_get_creation_values())
        return result

    def _alias_get_error(self, message, message_dict, alias):
        """Send back what comes to an archived mailbox, and from strangers where they aren't wanted."""
        error = super()._alias_get_error(message, message_dict, alias)
        if error or len(self) != 1:
            return error
        if not self.active:
            return AliasError("error_complaint_mailbox_archived", self.env._("this address is no longer in use"))
        author = self.env["res.partner"].browse(message_dict.get("author_id") or ())
        if self.unknown_senders == "bounce" and not author:
            return AliasError("error_complaint_unknown_sender", self.env._("restricted to known senders"))
        return False

    def _owner(self):
        """Return the user who owns what comes to this mailbox."""
        self.ensure_one()
        owner = self.sudo().user_id
        return owner if owner and owner.active else self.company_id._complaint_owner()
