import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError

TEXT, DAY, MONEY, NUMBER = "text", "day", "money", "number"


class ComplaintComplaint(models.Model):
    """Complaints as a list in a workbook (XLSX)."""

    _inherit = "complaint.complaint"

    def action_xlsx(self):
        """Download these complaints as a workbook."""
        export = self.env["complaint.export"].create({"complaint_ids": self.ids})
        url = f"/aftersales_complaint/list/{export.id}"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _check_export(self):
        """Raise unless the user may read these complaints, and may export at all."""
        if not (self.env.is_admin() or self.env.user.has_group("base.group_allow_export")):
            raise UserError(self.env._("You aren't allowed to export data. Please ask an administrator."))
        if not self:
            raise UserError(self.env._("Select the complaints that you want to export."))
        self.check_access("read")

    @api.model
    def _workbook_columns(self):
        """Return [(label, format, width, function of a complaint)]: hook for bridges."""

        def label(name):
            return self._fields[name]._description_string(self.env)

        def selected(name):
            labels = dict(self._fields[name]._description_selection(self.env))
            return label(name), TEXT, 14, lambda row: labels.get(row[name], "")

        def moment(name):
            return label(name), DAY, 16, lambda row: row[name] and fields.Datetime.context_timestamp(row, row[name])

        def joined(records):
            return "、".join(dict.fromkeys(records.mapped("display_name")))

        return [
            (label("name"), TEXT, 15, lambda row: row.name),
            moment("received_on"),
            (label("partner_id"), TEXT, 30, lambda row: row.partner_id.display_name or row.email_from),
            (label("contact_id"), TEXT, 16, lambda row: row.contact_id.name),
            selected("channel"),
            (label("subject"), TEXT, 36, lambda row: row.subject),
            (self.env._("Kinds"), TEXT, 16, lambda row: joined(row.line_ids.kind_id)),
            (self.env._("Products"), TEXT, 45, lambda row: joined(row.line_ids.product_id)),
            (self.env._("Lots"), TEXT, 16, lambda row: joined(row.line_ids.lot_id)),
            (label("order_id"), TEXT, 12, lambda row: row.order_id.name),
            selected("wish"),
            selected("severity"),
            selected("state"),
            (label("user_id"), TEXT, 14, lambda row: row.user_id.name),
            (label("next_step"), TEXT, 28, lambda row: row.state != "closed" and row.next_step),
            moment("deadline"),
            (label("cause_id"), TEXT, 18, lambda row: row.cause_id.name),
            selected("responsibility"),
            (label("cost"), MONEY, 12, lambda row: row.cost),
            selected("decision"),
            (label("decision_amount"), MONEY, 12, lambda row: row.decision_amount),
            (label("decider_id"), TEXT, 14, lambda row: row.decider_id.name),
            moment("notified_on"),
            moment("closed_on"),
            (label("hours_to_answer"), NUMBER, 10, lambda row: row.hours_to_answer if row.notified_on else None),
            (label("days_open"), NUMBER, 10, lambda row: row.days_open if row.closed_on else None),
        ]

    def _workbook(self):
        """Return complaints as the bytes of an XLSX workbook: a row each, in the order of the recordset.

        What isn't known yet is an empty cell; texts are never formulas. The cost is a constant number of queries.
        Callers have checked that the user may: see :meth:`_check_export`.
        """
        output = io.BytesIO()
        book = xlsxwriter.Workbook(output, {"constant_memory": True})
        head = book.add_format({"bold": True, "bg_color": "#E4E7EB", "border": 1, "text_wrap": True})
        formats = {
            DAY: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            MONEY: book.add_format({"num_format": "#,##0.00"}),
            NUMBER: book.add_format({"num_format": "0.0"}),
        }
        sheet = book.add_worksheet(self.env._("Complaints"))
        columns = self._workbook_columns()
        for place, (label, _kind, width, _value) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, label, head)
        sheet.freeze_panes(1, 1)
        # Who may read a complaint reads the names of its order, goods and people, too.
        for number, complaint in enumerate(self.sudo(), start=1):
            for place, (_label, kind, _width, value) in enumerate(columns):
                found = value(complaint)
                if kind == TEXT:
                    sheet.write_string(number, place, str(found or ""))
                elif found is None or found is False:
                    sheet.write_blank(number, place, None)
                elif kind == DAY:
                    sheet.write_datetime(number, place, found.replace(tzinfo=None), formats[DAY])
                else:
                    sheet.write_number(number, place, found, formats[kind])
        sheet.autofilter(0, 0, max(1, len(self)), len(columns) - 1)
        book.close()
        return output.getvalue()


class ComplaintExport(models.TransientModel):
    """Which complaints a user wants in a workbook, between the click and the download; nobody else's to read."""

    _name = "complaint.export"
    _description = "Complaints to Download"

    complaint_ids = fields.Json()

    def _complaints(self):
        """Return the complaints that were selected and that still exist, checked to be readable.

        :raise AccessError: for what the user may not read
        """
        self.ensure_one()
        self.check_access("read")
        ids = [number for number in self.complaint_ids or [] if isinstance(number, int)]
        complaints = self.env["complaint.complaint"].browse(ids).exists()
        complaints._check_export()
        return complaints
