import base64

from odoo import fields, models
from odoo.exceptions import UserError

CHECKS = ("all_pages", "same_text", "our_seal", "their_seal", "signatures", "dated")


class DealerContractScan(models.TransientModel):
    """Takes the scan of a contract signed on paper, with what has been checked on it (D3)."""

    _name = "dealer.contract.scan"
    _description = "Scan of a Signed Contract"

    contract_id = fields.Many2one("dealer.contract", required=True, ondelete="cascade")
    scan = fields.Binary(required=True, attachment=False)
    scan_name = fields.Char(required=True)
    signed_by = fields.Char("Signed for the Dealer by", required=True)
    signed_on = fields.Date(required=True, default=fields.Date.context_today)
    all_pages = fields.Boolean("All pages are there and legible")
    same_text = fields.Boolean("The text is the one that was sent, without changes by hand")
    our_seal = fields.Boolean("Our seal is on it, across the pages too")
    their_seal = fields.Boolean("The dealer's seal is on it, across the pages too")
    signatures = fields.Boolean("Both representatives signed, and may do so")
    dated = fields.Boolean("Place and date of signing are filled in")

    def action_take(self):
        """Keep the scan.

        :raise UserError: naming what hasn't been checked
        """
        self.ensure_one()
        self.contract_id._check_custodian()
        open_checks = [self._fields[name]._description_string(self.env) for name in CHECKS if not self[name]]
        if open_checks:
            raise UserError(self.env._("Not checked yet:") + "\n" + "\n".join(open_checks))
        if self.signed_on > fields.Date.context_today(self):
            raise UserError(self.env._("The day of signing lies in the future."))
        content = base64.b64decode(self.with_context(bin_size=False).scan)
        self.contract_id._take_scan(self.scan_name, content, self.signed_by, self.signed_on)
        return {"type": "ir.actions.act_window_close"}
