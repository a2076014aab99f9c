from psycopg2.errors import ReadOnlySqlTransaction

from odoo import api, fields, models
from odoo.exceptions import AccessError


class DealerContractReading(models.Model):
    """Who read a contract, when and how (D5). Written by the server alone, kept for good."""

    _name = "dealer.contract.reading"
    _description = "Reading of a Contract"
    _order = "date desc, id desc"

    contract_id = fields.Many2one("dealer.contract", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Reader", index=True)
    date = fields.Datetime("Read on", required=True, default=fields.Datetime.now)
    how = fields.Selection(
        [
            ("screen", "Opened"),
            ("print", "Printed"),
            ("download", "Downloaded"),
            ("draft", "Word File"),
            ("portal", "Opened on the Portal"),
            ("verify", "Verified"),
            ("export", "Exported"),
            ("data", "Read by a Program"),
            ("attachment", "Attachment Opened"),
        ],
        required=True,
    )
    attachment_id = fields.Many2one("ir.attachment", index="btree_not_null", ondelete="set null")
    detail = fields.Char(help="The file, or the network address of the reader.")

    @api.model
    def _note(self, values):
        """Write readings into the log, whoever reads."""
        if values and self.env.cr.readonly:
            # Odoo begins the request anew on a connection that can write.
            raise ReadOnlySqlTransaction("the reading of a contract is to be logged")
        self.sudo().create(values)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self.env._("The log of readings is kept as it is."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("The log of readings is kept as it is."))
