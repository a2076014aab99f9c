from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

FAILED = ("bounce", "exception", "canceled")


class ComplaintNotice(models.Model):
    """The proof that a customer was told of a decision: a message that left, a call that was logged, a letter.

    Written once, by the step; nobody changes it afterwards.
    """

    _name = "complaint.notice"
    _description = "Notice to the Customer"
    _order = "id"
    _rec_name = "kind"

    complaint_id = fields.Many2one("complaint.complaint", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="complaint_id.company_id", store=True)
    kind = fields.Selection([("message", "Message Sent"), ("call", "Call Logged"), ("letter", "Letter")], required=True)
    user_id = fields.Many2one("res.users", string="By", required=True, ondelete="restrict")
    date = fields.Datetime("On", required=True)
    person = fields.Char("Who Was Told", required=True)
    content = fields.Text("What Was Told", required=True)
    phone = fields.Char()
    tracking_number = fields.Char()
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="restrict")
    attachment_id = fields.Many2one("ir.attachment", string="Scan", readonly=True, ondelete="restrict")

    def _is_proof(self):
        """Tell whether this shows that the customer was told: a message that came back doesn't."""
        self.ensure_one()
        if self.kind != "message":
            return True
        message = self.sudo().message_id
        return bool(message) and not all(
            notification.notification_status in FAILED for notification in message.notification_ids
        )

    @api.model
    def _keep(self, complaint, kind, values):
        """Make a notice.

        :param str kind: message (sent now to the contact by mail), call (person, phone, content) or letter (person,
            content, tracking number or scan)
        :raise UserError: naming what is missing
        """
        complaint.ensure_one()
        order = complaint.sudo()
        text = (values.get("content") or "").strip()
        person = (values.get("person") or "").strip()
        if not text:
            raise UserError(self.env._("Write what the customer is told."))
        vals = {
            "complaint_id": complaint.id,
            "kind": kind,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "person": person,
            "content": text,
        }
        if kind == "message":
            partner = order._recipient()
            if not partner:
                raise UserError(
                    self.env._("%s has no e-mail address: log a call or send a letter.", order.partner_id.display_name)
                )
            subject, body = order._rendered("aftersales_complaint.mail_template_decide", text)
            message = complaint.message_post(
                body=body,
                subject=subject,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=partner.ids,
            )
            vals.update(message_id=message.id, person=f"{partner.name} <{partner.email}>")
        elif kind == "call":
            if not person or not (values.get("phone") or "").strip():
                raise UserError(self.env._("Log whom you spoke to, and under which number."))
            vals["phone"] = values["phone"].strip()
        elif kind == "letter":
            attachment = values.get("attachment_id")
            number = (values.get("tracking_number") or "").strip()
            if not person or not (number or attachment):
                raise UserError(self.env._("Name the addressee, and the tracking number or a scan of the letter."))
            vals.update(tracking_number=number, attachment_id=attachment)
        else:
            raise UserError(self.env._("The customer is told by message, call or letter."))
        return super(ComplaintNotice, self.sudo()).create([vals])

    def _figures(self):
        self.ensure_one()
        return {"notice": self.kind, "person": self.person, "content": self.content, "number": self.id}

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise AccessError(self.env._("A notice is made by telling the customer."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A notice is kept as it was made."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A notice is kept as it was made."))
