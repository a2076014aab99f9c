from functools import partial

from odoo import api, models
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import formatLang

PICTURES = ("image/png", "image/jpeg")
# Who signs the form, by the step that the person took.
SIGNED = ("acknowledged", "investigating", "decided", "closed")


class ReportComplaint(models.AbstractModel):
    """The file of a complaint as a printed form (A3). It shows what its reader may see on the screen."""

    _name = "report.aftersales_complaint.report_complaint"
    _description = "Printed File of a Complaint"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["complaint.complaint"].browse(docids)
        docs.check_access("read")
        docs.line_ids.check_access("read")
        # Who may read a complaint reads the names of its order, goods and people, too.
        docs = docs.sudo()
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "format_date": partial(format_date, self.env),
            "format_datetime": partial(format_datetime, self.env, dt_format="short"),
            "money": lambda record, value: formatLang(self.env, value, currency_obj=record.currency_id),
            "label": self._label,
            "signatures": {doc.id: self._signatures(doc) for doc in docs},
            # Photos belong to lines, which were checked.
            "photos": {
                doc.id: doc.line_ids.attachment_ids.filtered(lambda file: file.mimetype in PICTURES) for doc in docs
            },
            "ratings": {doc.id: doc.rating_ids.filtered("consumed")[:1] for doc in docs},
        }

    @api.model
    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    @api.model
    def _signatures(self, doc):
        """Return {step: its last record} of the people who stand for the form."""
        return {kind: doc.step_ids.filtered(lambda step, kind=kind: step.kind == kind)[-1:] for kind in SIGNED}
