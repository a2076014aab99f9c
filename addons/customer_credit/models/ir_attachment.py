from odoo import api, models
from odoo.exceptions import UserError

CONTENT_FIELDS = frozenset({"name", "datas", "raw", "db_datas", "store_fname", "checksum", "url", "type", "mimetype"})
PLACE_FIELDS = frozenset({"res_model", "res_id"})


class IrAttachment(models.Model):
    """What an application or investigation stands on is kept with it (C1, C2)."""

    _inherit = "ir.attachment"

    def _credit_claim(self, record):
        """Bind uploaded files to a record, as super-user; files of other records can't be taken along."""
        loose = self.filtered(lambda file: not file.res_id or file.res_model == "mail.compose.message")
        loose.write({"res_model": record._name, "res_id": record.id})
        foreign = self.filtered(lambda file: (file.res_model, file.res_id) != (record._name, record.id))
        if foreign:
            raise UserError(
                self.env._(
                    "%s belongs to another document, where it may be changed or deleted. Upload it here.",
                    ", ".join(foreign.mapped("name")),
                )
            )

    def _check_credit_open(self):
        """Raise if one of the files is a document of an application or investigation that is kept as it is."""
        ids = {"credit.application": set(), "credit.investigation": set()}
        for file in self.sudo():
            if file.res_model in ids and file.res_id:
                ids[file.res_model].add(file.res_id)
        applications = self.env["credit.application"].sudo().browse(ids["credit.application"]).exists()
        investigations = self.env["credit.investigation"].sudo().browse(ids["credit.investigation"]).exists()
        kept = [
            *applications.filtered(lambda record: record.state not in ("draft", "returned")),
            *investigations.filtered(lambda record: record.state == "done"),
        ]
        for record in kept:
            if self & record.attachment_ids:
                raise UserError(self.env._("The documents of %s are kept as they are.", record.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_credit_documents(self):
        self._check_credit_open()

    def write(self, vals):
        if (CONTENT_FIELDS | PLACE_FIELDS) & vals.keys():
            self._check_credit_open()
        return super().write(vals)
