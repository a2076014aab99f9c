import base64

from odoo import fields, models


class ComplaintStepWizard(models.TransientModel):
    """The window of the steps that ask for something: the notice, the reopening, exceptions, the goods that came."""

    _name = "complaint.step.wizard"
    _description = "Step of a Complaint, Asked For"

    complaint_id = fields.Many2one("complaint.complaint", required=True, readonly=True, ondelete="cascade")
    remedy_id = fields.Many2one("complaint.remedy", readonly=True, ondelete="cascade")
    step = fields.Selection(
        [("notify", "Notify"), ("reopen", "Reopen"), ("exception", "Exception"), ("receive", "Receive")],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [("message", "Send a Message"), ("call", "Log a Call"), ("letter", "Letter")], default="message"
    )
    person = fields.Char("Who Was Told")
    phone = fields.Char()
    tracking_number = fields.Char()
    scan = fields.Binary()
    scan_name = fields.Char()
    text = fields.Text()
    policy_note = fields.Text(related="remedy_id.policy_note")
    condition = fields.Selection(
        lambda self: self.env["complaint.remedy"]._fields["condition"]._description_selection(self.env)
    )
    quantity = fields.Float(digits="Product Unit")

    def action_apply(self):
        """Take the step; the complaint checks who does."""
        self.ensure_one()
        complaint = self.complaint_id
        if self.step == "notify":
            values = {
                "content": self.text,
                "person": self.person,
                "phone": self.phone,
                "tracking_number": self.tracking_number,
            }
            complaint._check_group("aftersales_complaint.group_complaint_handler")
            complaint.check_access("write")
            if self.kind == "letter" and self.scan:
                file = self.env["ir.attachment"].create(
                    {
                        "name": self.scan_name or "letter",
                        "raw": base64.b64decode(self.scan),
                        "res_model": complaint._name,
                        "res_id": complaint.id,
                    }
                )
                values["attachment_id"] = file.id
            complaint._notify(self.kind, values)
        elif self.step == "exception":
            self.remedy_id._approve_exception(self.text)
        elif self.step == "receive":
            self.remedy_id._receive(self.condition, self.quantity, self.text)
        else:
            reopened = complaint._reopen(self.text)
            return {
                "type": "ir.actions.act_window",
                "res_model": complaint._name,
                "res_id": reopened.id,
                "view_mode": "form",
            }
        return {"type": "ir.actions.act_window_close"}
