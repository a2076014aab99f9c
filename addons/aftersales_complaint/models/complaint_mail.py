import logging

from markupsafe import Markup

from odoo import api, models
from odoo.tools import html2plaintext, is_html_empty

from . import photo, upload

_logger = logging.getLogger(__name__)

MAX_FILES = 10
MAX_TEXT = 20000


class ComplaintComplaint(models.Model):
    """Complaints by e-mail: what comes to a mailbox, and what the customer is sent at the steps."""

    _inherit = "complaint.complaint"

    # === WHAT COMES === #

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """File a complaint from an e-mail.

        The customer is the sender's firm; a sender who belongs to no customer is filed without one, and the owner is
        asked to find out. Whatever the mail is made of, its text is kept as plain text, and of its files those that
        are photos or PDF by their content.
        """
        left_out = self._clean_mail(msg_dict)
        author = self._customer_of_mail(msg_dict)
        subject = " ".join((msg_dict.get("subject") or "").split())[:200] or self.env._("Complaint by e-mail")
        text = html2plaintext(msg_dict.get("body") or "")[:MAX_TEXT]
        if left_out:
            text += "\n\n" + self.env._("Files that were left out: %s", ", ".join(left_out))
        given = custom_values or {}
        values = {
            **{name: given[name] for name in ("company_id", "mailbox_id") if given.get(name)},
            "partner_id": author.commercial_partner_id.id,
            "contact_id": author.id if author != author.commercial_partner_id else False,
            "email_from": (msg_dict.get("email_from") or "")[:200] or self.env._("Unknown sender"),
            "subject": subject,
            "description": text,
            "channel": "email",
        }
        return super().message_new(msg_dict, custom_values=values)

    def message_update(self, msg_dict, update_vals=None):
        """Add a mail to a complaint, with the files that are photos or PDF by their content."""
        left_out = self._clean_mail(msg_dict)
        if left_out:
            note = self.env._("Files that were left out: %s", ", ".join(left_out))
            msg_dict["body"] = Markup("%s<p>%s</p>") % (Markup(msg_dict.get("body") or ""), note)
        return super().message_update(msg_dict, update_vals)

    @api.model
    def _clean_mail(self, msg_dict):
        """Make a parsed mail harmless: no zero bytes, no files but photos and PDF, with plain names.

        :return: plain names of the files that were left out
        """
        for name in ("subject", "body", "email_from"):
            if msg_dict.get(name) and "\0" in msg_dict[name]:
                msg_dict[name] = type(msg_dict[name])(msg_dict[name].replace("\0", ""))
        kept, left_out = [], []
        for file in msg_dict.get("attachments") or []:
            content = file[1].encode() if isinstance(file[1], str) else file[1]
            try:
                _mimetype, ending = photo.kind(content, documents=True)
            except ValueError:
                left_out.append(upload.plain_name(file[0]))
                continue
            if len(kept) == MAX_FILES:
                left_out.append(upload.plain_name(file[0]))
                continue
            kept.append(self._Attachment(photo.name(file[0], ending), content, *file[2:]))
        msg_dict["attachments"] = kept
        return left_out

    @api.model
    def _customer_of_mail(self, msg_dict):
        """Return the contact who wrote a mail; nobody for strangers, and for the people of our own companies."""
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or ()).exists()
        own = self.env["res.company"].sudo().search([]).partner_id
        if author.commercial_partner_id in own or any(user._is_internal() for user in author.user_ids):
            return author.browse()
        return author

    # === WHAT GOES === #

    def _recipient(self):
        """Return the person of the customer who is written to; nobody without an address."""
        self.ensure_one()
        complaint = self.sudo()
        person = complaint.contact_id if complaint.contact_id.email else complaint.partner_id
        return person if person.email else person.browse()

    def _rendered(self, xmlid, text=None):
        """Return (subject, body) of a template in the customer's language.

        :param str text: what a person wrote, plain, for templates that quote it
        """
        self.ensure_one()
        template = self.env.ref(xmlid).sudo()
        options = {"compute_lang": True, "add_context": {"notice_text": text or ""}}
        subject = template._render_field("subject", self.ids, **options)[self.id]
        body = template._render_field("body_html", self.ids, **options)[self.id]
        return subject, body

    def _send(self, xmlid):
        """Write to the customer from a template, where there is somebody to write to."""
        for complaint in self:
            recipient = complaint._recipient()
            if not recipient:
                continue
            subject, body = complaint.sudo()._rendered(xmlid)
            if not is_html_empty(body):
                complaint.message_post(
                    subject=subject,
                    body=body,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=recipient.ids,
                )
