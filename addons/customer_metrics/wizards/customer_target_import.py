import base64

from odoo import fields, models
from odoo.exceptions import UserError

SIZE_MAX = 10 * 1024 * 1024


class CustomerTargetImport(models.TransientModel):
    """Takes targets from an XLSX sheet: all of them, or none and the list of what is wrong."""

    _name = "customer.target.import"
    _description = "Import Customer Targets"

    metric_id = fields.Many2one("customer.metric", required=True, domain=[("plannable", "=", True)], ondelete="cascade")
    file = fields.Binary(string="XLSX Sheet", attachment=False)
    file_name = fields.Char()
    errors = fields.Text(readonly=True)

    def action_import(self):
        """Import the sheet, or show what is wrong with it."""
        self.ensure_one()
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        content = base64.b64decode(self.file)
        if len(content) > SIZE_MAX:
            raise UserError(self.env._("The file is larger than %s MB.", SIZE_MAX // 1024 // 1024))
        result = self.env["customer.target"]._import_sheet(self.metric_id.id, content)
        if "errors" in result:
            self.errors = "\n".join(result["errors"])
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Import Targets"),
                "res_model": self._name,
                "res_id": self.id,
                "view_mode": "form",
                "target": "new",
            }
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Targets Imported"),
                "message": self.env._(
                    "%(customers)s customers: %(created)s new targets, %(changed)s changed.",
                    customers=result["customers"],
                    created=result["created"],
                    changed=result["changed"],
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
