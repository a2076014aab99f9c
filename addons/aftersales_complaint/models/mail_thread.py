import codecs

from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_parse_extract_payload(self, message, message_dict, save_original=False):
        """Read parts that claim a character set which doesn't exist as UTF-8, instead of losing the whole mail."""
        for part in message.walk():
            charset = part.get_content_charset()
            if part.get_content_maintype() != "text" or not charset:
                continue
            try:
                codecs.lookup(charset)
            except (LookupError, ValueError):
                part.set_param("charset", "utf-8")
        return super()._message_parse_extract_payload(message, message_dict, save_original=save_original)
