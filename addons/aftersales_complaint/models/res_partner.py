from odoo import fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    complaint_count = fields.Integer(
        "Complaints", compute="_compute_complaint_count", groups="aftersales_complaint.group_complaint_user"
    )

    def _compute_complaint_count(self):
        entities = self.commercial_partner_id
        counts = dict(
            self.env["complaint.complaint"]._read_group(
                [("partner_id", "in", entities.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.complaint_count = counts.get(partner.commercial_partner_id, 0)

    def action_complaints(self):
        """Open the complaints of this customer's firm."""
        self.ensure_one()
        return self._complaints_action({}, [("partner_id", "=", self.commercial_partner_id.id)])

    def _complaints_action(self, context, domain):
        entity = self.commercial_partner_id
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("aftersales_complaint.complaint_complaint_action"),
            "domain": list(Domain(domain)),
            "context": {
                "default_partner_id": entity.id,
                "default_contact_id": self.id if self != entity else False,
                **context,
            },
        }
