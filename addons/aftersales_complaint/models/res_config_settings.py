from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_user_id = fields.Many2one(related="company_id.complaint_user_id", readonly=False)
    complaint_cap = fields.Monetary(related="company_id.complaint_cap", readonly=False)
    complaint_mail_acknowledge = fields.Boolean(related="company_id.complaint_mail_acknowledge", readonly=False)
    complaint_mail_close = fields.Boolean(related="company_id.complaint_mail_close", readonly=False)
    complaint_repeat_days = fields.Integer(related="company_id.complaint_repeat_days", readonly=False)
    complaint_calendar_id = fields.Many2one(
        related="company_id.resource_calendar_id", string="Calendar of Complaints", readonly=False
    )
