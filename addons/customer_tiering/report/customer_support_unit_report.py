from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, get_lang


class ReportSupportUnit(models.AbstractModel):
    """The certificate of a special support unit, in the customer's language (T4)."""

    _name = "report.customer_tiering.report_support_unit"
    _description = "Certificate of a Special Support Unit"

    @api.model
    def _get_report_values(self, docids, data=None):
        units = self.env["customer.support.unit"].browse(docids)
        units.check_access("read")
        if any(unit.state != "confirmed" for unit in units):
            raise UserError(self.env._("Only a confirmed special support unit has a certificate."))
        languages = {unit: get_lang(self.env, unit.partner_id.sudo().lang).code for unit in units}
        return {
            "doc_ids": docids,
            "doc_model": units._name,
            "docs": units,
            "languages": languages,
            "last_day": lambda unit: fields.Date.subtract(unit.date_to, days=1),
            "long_date": lambda unit, value: format_date(
                self.env, value, lang_code=languages[unit], date_format="long"
            ),
        }
