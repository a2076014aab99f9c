import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class DealerContractFile(models.Model):
    """A file of a contract that is kept byte for byte: the paper, the certificate of signature, the scan (D3).

    The bytes are read through :meth:`_checked_content` alone, which compares them with the hash taken when they were
    stored; whoever opens, signs or files a contract notices a change.
    """

    _name = "dealer.contract.file"
    _description = "Kept File of a Contract"
    _order = "create_date desc, id desc"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id")
    name = fields.Char("File", required=True)
    kind = fields.Selection(
        [
            ("issued", "Paper for Signature"),
            ("signature", "Certificate of Signature"),
            ("scan", "Scan of the Signed Paper"),
        ],
        required=True,
    )
    content = fields.Binary(attachment=True, required=True, groups=fields.NO_ACCESS)
    mimetype = fields.Char(required=True)
    size = fields.Integer("Bytes", required=True)
    sha256 = fields.Char("SHA-256", required=True, index=True)
    current = fields.Boolean(compute="_compute_current", help="What was issued before the contract went back is not.")

    @api.depends("kind", "sha256", "contract_id.issued_sha256")
    def _compute_current(self):
        for file in self:
            file.current = file.kind != "issued" or file.sha256 == file.contract_id.issued_sha256

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Files of contracts are kept by the steps of the contract."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Files of contracts are kept as they are."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Files of contracts are kept as they are."))

    @api.model
    def _keep(self, contract, kind, name, content, mimetype="application/pdf"):
        """Keep bytes for a contract.

        :return: the new record
        """
        return self.sudo().create(
            {
                "contract_id": contract.id,
                "kind": kind,
                "name": name,
                "content": base64.b64encode(content),
                "mimetype": mimetype,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )

    def _content(self):
        """Return the bytes as they are stored now; None where they are gone."""
        self.ensure_one()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", "content")], limit=1)
        )
        # The cache may hold what the file was; the disk says what it is.
        attachment.invalidate_recordset(["raw"])
        return attachment.raw or None

    def _intact(self):
        """Tell whether the stored bytes are still those that were kept."""
        content = self._content()
        return content is not None and hashlib.sha256(content).hexdigest() == self.sudo().sha256

    def _checked_content(self):
        """Return the bytes.

        :raise UserError: if they aren't those that were kept
        """
        content = self._content()
        found = hashlib.sha256(content or b"").hexdigest()
        if found != self.sudo().sha256:
            raise UserError(
                self.env._(
                    "The stored file “%(file)s” of %(contract)s isn't the one that was kept: its SHA-256 was"
                    " %(expected)s and is %(found)s now. Tell your administrator; restore it from a backup.",
                    file=self.sudo().name,
                    contract=self.sudo().contract_id.display_name,
                    expected=self.sudo().sha256,
                    found=found if content is not None else self.env._("missing"),
                )
            )
        return content

    def action_download(self):
        """Download a file; the reading is logged and the bytes are verified."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/dealer_contracts/file/{self.id}", "target": "download"}

    def action_verify(self):
        """Compare the stored bytes of these files with their hashes."""
        return self.contract_id._verified(self)
