from functools import partial

from odoo import api, models
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import formatLang


class CreditForm(models.AbstractModel):
    """What printed forms need besides their records. They show what their reader may see on the screen."""

    _name = "report.customer_credit.form"
    _description = "Printed Credit Form"

    @api.model
    def _form_values(self, model, docids):
        docs = self.env[model].browse(docids)
        docs.check_access("read")

        def money(record, value):
            return formatLang(self.env, value, currency_obj=record.currency_id)

        def label(record, name):
            return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

        return {
            "doc_ids": docids,
            "doc_model": model,
            "docs": docs,
            "format_date": partial(format_date, self.env),
            "format_datetime": partial(format_datetime, self.env, dt_format="short"),
            "money": money,
            "label": label,
        }


class ReportApplication(models.AbstractModel):
    """Credit application form (C1)."""

    _name = "report.customer_credit.report_application"
    _inherit = ["report.customer_credit.form"]
    _description = "Printed Credit Application"

    @api.model
    def _get_report_values(self, docids, data=None):
        values = self._form_values("credit.application", docids)
        return {**values, "present": {doc.id: self._present(doc, values["money"]) for doc in values["docs"]}}

    @api.model
    def _present(self, doc, money):
        """Return limit and payment days before the application: as the last decision saw them, else today's."""
        decision = doc.decision_ids.filtered(lambda decision: decision.outcome != "revoked")[:1].sudo()
        terms = decision.figures["account"] if decision else doc.account_id and doc.account_id._credit_terms()
        if not terms:
            return "–", "–"
        modes = dict(self.env["credit.account"]._fields["mode"]._description_selection(self.env))
        limit = money(doc, terms["limit"]) if terms["mode"] == "amount" else modes[terms["mode"]]
        return limit, "–" if terms["days"] is None else terms["days"]


class ReportInvestigation(models.AbstractModel):
    """Credit investigation form (C2)."""

    _name = "report.customer_credit.report_investigation"
    _inherit = ["report.customer_credit.form"]
    _description = "Printed Credit Investigation"

    @api.model
    def _get_report_values(self, docids, data=None):
        return self._form_values("credit.investigation", docids)


class ReportAssessment(models.AbstractModel):
    """Assessment form with the sheets of payment history and growth potential (C3)."""

    _name = "report.customer_credit.report_assessment"
    _inherit = ["report.customer_credit.form"]
    _description = "Printed Credit Assessment"

    @api.model
    def _get_report_values(self, docids, data=None):
        values = self._form_values("credit.application", docids)
        cards = values["docs"].scorecard_id
        cards.check_access("read")
        return {**values, "sheets": {card.id: self._sheets(card) for card in cards}}

    @api.model
    def _sheets(self, card):
        """Return {code of the group: {"group", "answers", "weight", "score"}} of an assessment, in its order."""
        sheets = {}
        for answer in card.answer_ids.sorted("sequence"):
            group = answer.criterion_id.parent_id
            sheet = sheets.setdefault(
                group.code, {"group": group, "answers": answer.browse(), "weight": group.weight, "score": 0.0}
            )
            sheet["answers"] |= answer
            sheet["score"] += answer.contribution
        return sheets


class ReportGrade(models.AbstractModel):
    """Grading form (C4)."""

    _name = "report.customer_credit.report_grade"
    _inherit = ["report.customer_credit.report_assessment"]
    _description = "Printed Credit Grade"


class ReportStandard(models.AbstractModel):
    """Table of the credit standard (C4)."""

    _name = "report.customer_credit.report_standard"
    _inherit = ["report.customer_credit.form"]
    _description = "Printed Credit Standard"

    @api.model
    def _get_report_values(self, docids, data=None):
        return self._form_values("credit.standard", docids)
