from odoo import api, models
from odoo.exceptions import UserError

CONTENT_FIELDS = frozenset(
    {"name", "datas", "raw", "db_datas", "store_fname", "checksum", "url", "type", "mimetype", "res_model", "res_id"}
    | {"public", "access_token"}
)
MODELS = ("complaint.complaint", "complaint.line", "complaint.notice", "complaint.remedy")


class IrAttachment(models.Model):
    """The files of a closed complaint are kept with it (A3)."""

    _inherit = "ir.attachment"

    def _check_complaints_open(self, models=MODELS):
        """Raise if one of the files belongs to a closed complaint."""
        ids = {model: set() for model in models}
        for file in self.sudo():
            if file.res_model in ids and file.res_id:
                ids[file.res_model].add(file.res_id)
        complaints = self.env["complaint.complaint"].sudo()
        for model, found in ids.items():
            if found:
                records = self.env[model].sudo().browse(found).exists()
                complaints |= records if model == "complaint.complaint" else records.complaint_id
        # Letters and photos may have been kept without an owner.
        stray = self.sudo().filtered(lambda file: file.res_model not in MODELS)
        if stray.ids:
            complaints |= self.env["complaint.notice"].sudo().search([("attachment_id", "in", stray.ids)]).complaint_id
            complaints |= self.env["complaint.line"].sudo().search([("attachment_ids", "in", stray.ids)]).complaint_id
        closed = complaints.filtered(lambda complaint: complaint.state == "closed")
        if closed:
            raise UserError(self.env._("%s is closed: its files are kept as they are.", closed[0].display_name))

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        # A late mail to a closed complaint is kept with its files; what the complaint was decided on doesn't grow.
        files._check_complaints_open(models=MODELS[1:])
        return files

    def write(self, vals):
        guarded = bool(CONTENT_FIELDS & vals.keys())
        if guarded:
            self._check_complaints_open()
        result = super().write(vals)
        if guarded and {"res_model", "res_id"} & vals.keys():
            self._check_complaints_open(models=MODELS[1:])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed_complaint(self):
        self._check_complaints_open()
