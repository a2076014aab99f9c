from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

CONTENT_FIELDS = frozenset(
    {
        "name",
        "datas",
        "raw",
        "db_datas",
        "store_fname",
        "checksum",
        "url",
        "type",
        "mimetype",
        "res_model",
        "res_id",
        "res_field",
    }
)


# What is in a file, as programs ask for it.
READ_FIELDS = frozenset({"raw", "datas", "db_datas", "index_content"})


class IrAttachment(models.Model):
    """Attachments of contracts are as confidential as the contract, and as lasting (D3, D5)."""

    _inherit = "ir.attachment"

    def _check_contract_files(self, publishing=False):
        """Raise if one of the attachments is kept with a contract.

        :param bool publishing: of all attachments of contracts, since none is for everybody
        """
        ids = {"dealer.contract": set(), "dealer.contract.file": set()}
        for file in self.sudo():
            if file.res_model in ids and file.res_id:
                ids[file.res_model].add(file.res_id)
        contracts = self.env["dealer.contract"].sudo().browse(ids["dealer.contract"]).exists()
        if not publishing:
            contracts = contracts.filtered("submitted_once")
        contracts |= self.env["dealer.contract.file"].sudo().browse(ids["dealer.contract.file"]).exists().contract_id
        if contracts and publishing:
            raise UserError(self.env._("Attachments of contracts can't be made public."))
        if contracts:
            raise UserError(
                self.env._("%s was submitted: its attachments are kept as they are.", contracts[0].display_name)
            )

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files.filtered("public")._check_contract_files(publishing=True)
        return files

    def write(self, vals):
        if CONTENT_FIELDS & vals.keys():
            self._check_contract_files()
        result = super().write(vals)
        if vals.get("public") or {"res_model", "res_id"} & vals.keys():
            self.filtered("public")._check_contract_files(publishing=True)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_contracts(self):
        self._check_contract_files()

    # === READINGS === #

    def _to_http_stream(self):
        """Note who opens an attachment of a contract, by whichever address."""
        self._note_contract_reading(request.httprequest.remote_addr if request else "")
        return super()._to_http_stream()

    def _read_format(self, fnames, load="_classic_read"):
        """Note who asks a program for the content."""
        result = super()._read_format(fnames, load)
        if not self.env.su and not READ_FIELDS.isdisjoint(fnames):
            self._note_contract_reading()
        return result

    def _note_contract_reading(self, address=""):
        """Write into the log of contracts who reads their attachments; a file counts once an hour.

        Pictures and papers that are fields of a contract are read with it, which is logged there.

        :param str address: network address of the reader
        """
        files = self.sudo().filtered(
            lambda file: file.res_model == "dealer.contract" and file.res_id and not file.res_field
        )
        contracts = self.env["dealer.contract"].sudo().browse(files.mapped("res_id")).exists()
        files = files.filtered(lambda file: file.res_id in contracts.ids)
        if not files:
            return
        Reading = self.env["dealer.contract.reading"].sudo()
        recent = Reading.search(
            [
                ("attachment_id", "in", files.ids),
                ("user_id", "=", self.env.uid),
                ("date", ">", fields.Datetime.subtract(fields.Datetime.now(), hours=1)),
            ]
        )
        values = [
            {
                "contract_id": file.res_id,
                "attachment_id": file.id,
                "user_id": self.env.uid,
                "how": "attachment",
                "detail": " ".join(filter(None, (file.name, address))),
            }
            for file in files - recent.attachment_id
        ]
        Reading._note(values)
