from odoo import api, models
from odoo.exceptions import UserError

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
