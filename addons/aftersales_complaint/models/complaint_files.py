import base64
import binascii

from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import UserError

from . import photo, upload
from .ir_attachment import MODELS


class IrAttachment(models.Model):
    """What is kept with a complaint is judged by its content, whoever brings it in and by whatever way."""

    _inherit = "ir.attachment"

    def _check_contents(self, values):
        owners = {values["res_model"]} if "res_model" in values else set(self.sudo().mapped("res_model"))
        if owners & set(MODELS) and not values.get("res_field"):
            # Odoo's own creation goes on with the values that it gave here, not with those returned.
            values.update(self._complaint_contents(values, "complaint.line" in owners))
        return super()._check_contents(values)

    @api.model
    def _complaint_contents(self, values, is_photo):
        """Return the values of a file of a complaint with a harmless name and type.

        :param bool is_photo: it belongs to a line, where photos are kept
        :raise UserError: for what isn't kept there: programs, what is too large, links, on a line what is no photo
        """
        values = dict(values)
        if values.get("url") or values.get("type", "binary") != "binary":
            raise UserError(self.env._("Files are kept with a complaint, links are not."))
        content = self._complaint_bytes(values)
        if content is None:
            return values
        if is_photo:
            try:
                values["mimetype"], ending = photo.kind(content)
            except ValueError as problem:
                if problem.args[0] == "size":
                    raise UserError(
                        self.env._("A photo has at most %s MB, and is not empty.", photo.MAX_BYTES // 1024 // 1024)
                    ) from problem
                raise UserError(self.env._("Photos are JPEG or PNG.")) from problem
            if "name" in values:
                values["name"] = photo.name(values["name"], ending)
            return values
        given = values.get("name") or (self.sudo()[:1].name or "")
        why = upload.refusal(given, content)
        if why == "size":
            raise UserError(self.env._("A file has at most %s MB.", upload.MAX_BYTES // 1024 // 1024))
        if why:
            raise UserError(self.env._("Programs are not kept with a complaint: %s.", upload.plain_name(given)))
        if "name" in values:
            values["name"] = upload.plain_name(values["name"])
        if upload.is_markup(content):
            # A page, or a drawing with scripts in it, is shown as the text that it is.
            values["mimetype"] = "text/plain"
        return values

    @api.model
    def _complaint_bytes(self, values):
        """Return the content in the values of a file; None where they hold none."""
        if "raw" in values:
            raw = values["raw"] or b""
            return raw.encode() if isinstance(raw, str) else bytes(raw)
        if "datas" not in values:
            return None
        try:
            return base64.b64decode(values["datas"] or b"")
        except (binascii.Error, ValueError) as problem:
            raise UserError(self.env._("The file is not encoded in base64.")) from problem

    def write(self, vals):
        # A new name of a file that is with a complaint already.
        if "name" in vals and not vals.keys() & {"raw", "datas", "res_model"}:
            owned = self.sudo().filtered(lambda file: file.res_model in MODELS)
            if owned:
                vals = {**vals, "name": upload.plain_name(vals["name"])}
        if vals.keys() & {"url", "type"} and any(file.res_model in MODELS for file in self.sudo()):
            raise UserError(self.env._("Files are kept with a complaint, links are not."))
        result = super().write(vals)
        if vals.get("res_model") in MODELS:
            for file in self.sudo().filtered(lambda file: not file.res_field):
                file._complaint_recheck()
        return result

    def _complaint_recheck(self):
        """Judge a file that was uploaded before it came to a complaint."""
        self.ensure_one()
        values = {"name": self.name, "raw": self.raw, "mimetype": self.mimetype, "type": self.type, "url": self.url}
        checked = self._complaint_contents(values, self.res_model == "complaint.line")
        changed = {name: checked[name] for name in ("name", "mimetype") if checked[name] != values[name]}
        if changed:
            super().write(changed)


class ComplaintComplaint(models.Model):
    _inherit = "complaint.complaint"

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        """An e-mail is kept whatever is attached to it; what isn't kept with a complaint is left out and named."""
        kept, left_out = [], []
        for attachment in attachments or []:
            content = attachment[1] or b""
            if isinstance(content, str):
                content = content.encode()
            refused = isinstance(content, bytes) and upload.refusal(attachment[0], content)
            (left_out if refused else kept).append(attachment)
        values = super()._process_attachments_for_post(kept, attachment_ids, message_values)
        if left_out:
            names = ", ".join(upload.plain_name(attachment[0]) for attachment in left_out)
            body = values.get("body") or message_values.get("body") or ""
            note = self.env._("Left out, as it isn't kept with a complaint: %s", names)
            values["body"] = Markup("%s<p>%s</p>") % (body, note)
        return values


class ComplaintLine(models.Model):
    _inherit = "complaint.line"

    def _own_photos(self):
        super()._own_photos()
        # Who reads the line, and the customer on the portal, reads its photos: nothing else comes along.
        for line in self.sudo():
            for file in line.attachment_ids:
                if (file.res_model, file.res_id) != (self._name, line.id):
                    raise UserError(self.env._("%s belongs to something else than this line.", file.name))
