import io
import re

import xlsxwriter
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditStatement(models.TransientModel):
    """Statements of account of customers for a period, as PDF or XLSX (C10).

    Figures are made when it is printed. Whoever prints has to be allowed to see them, whoever made the record.
    """

    _name = "credit.statement"
    _description = "Statement of Account"

    partner_ids = fields.Many2many(
        "res.partner", string="Customers", required=True, domain="[('commercial_partner_id', '=', id)]"
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    date_from = fields.Date("From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date("To", required=True, default=lambda self: self._default_date_to(), help="The last day.")

    @api.model
    def _default_date_from(self):
        return fields.Date.context_today(self) + relativedelta(months=-1, day=1)

    @api.model
    def _default_date_to(self):
        return fields.Date.context_today(self) + relativedelta(day=1, days=-1)

    def _customers(self):
        return self.partner_ids.commercial_partner_id.sorted(lambda partner: (partner.name or "", partner.id))

    def _statements(self):
        """Return {customer id: Statement}, after checking that the user may see them.

        :raise AccessError: see ``res.partner._credit_check_statement``
        """
        self.ensure_one()
        self.check_access("read")
        customers = self._customers()
        if not customers:
            raise UserError(self.env._("Choose a customer."))
        customers._credit_check_statement(self.company_id)
        return customers.sudo()._credit_statements(self.company_id.sudo(), self.date_from, self.date_to)

    def _title(self):
        """Return the name of the file."""
        customers = self._customers()
        name = customers.name if len(customers) == 1 else self.env._("%s Customers", len(customers))
        return self.env._(
            "Statement %(customer)s %(start)s %(end)s", customer=name, start=self.date_from, end=self.date_to
        )

    # === ACTION METHODS === #

    def action_print(self):
        """Print a PDF, the statement of each customer with pages of its own."""
        self._statements()
        single = self.browse().union(*(self.copy({"partner_ids": customer.ids}) for customer in self._customers()))
        report = self.env.ref("customer_credit.credit_statement_action_report")
        return report.report_action(single, config=False)

    def action_export(self):
        """Download an XLSX file with a sheet for each customer."""
        self._statements()
        return {"type": "ir.actions.act_url", "url": f"/customer_credit/statement/{self.id}", "target": "download"}

    # === XLSX === #

    def _statement_xlsx(self):
        """Return the bytes of an XLSX file: a sheet for each customer; amounts are numbers."""
        statements = self._statements()
        output = io.BytesIO()
        book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        digits = self.company_id.currency_id.decimal_places
        money = "#,##0" + ("." + "0" * digits if digits else "")
        styles = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bg_color": "#E4E7EB", "border": 1, "text_wrap": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            "money": book.add_format({"num_format": money}),
            "total": book.add_format({"num_format": money, "bold": True, "top": 1}),
            "bold": book.add_format({"bold": True, "top": 1}),
        }
        names = set()
        for customer in self._customers():
            sheet = book.add_worksheet(_sheet_name(customer.name, names))
            self._write_statement(sheet, styles, customer, statements[customer.id])
        book.close()
        return output.getvalue()

    def _write_statement(self, sheet, styles, customer, statement):
        sheet.write_string(0, 0, self.env._("Statement of Account"), styles["title"])
        for row, (label, value) in enumerate(
            (
                (self.env._("Customer"), customer.name or ""),
                (self.env._("Company"), self.company_id.name),
                (self.env._("Period"), f"{statement.date_from} – {statement.date_to}"),
                (self.env._("Currency"), self.company_id.currency_id.name),
            ),
            start=1,
        ):
            sheet.write_string(row, 0, label)
            sheet.write_string(row, 1, value)
        titles = [
            (self.env._("Date"), 12),
            (self.env._("Document"), 20),
            (self.env._("Kind"), 14),
            (self.env._("Reference"), 22),
            (self.env._("Due Date"), 12),
            (self.env._("Charged"), 15),
            (self.env._("Paid or Credited"), 15),
            (self.env._("Balance"), 15),
            (self.env._("Open"), 15),
        ]
        if statement.foreign:
            titles += [(self.env._("Original Amount"), 15), (self.env._("Original Currency"), 10)]
        head = 6
        for column, (title, width) in enumerate(titles):
            sheet.write_string(head, column, title, styles["head"])
            sheet.set_column(column, column, width)
        sheet.freeze_panes(head + 1, 2)
        sheet.write_datetime(head + 1, 0, _noon(statement.date_from), styles["date"])
        sheet.write_string(head + 1, 1, self.env._("Opening balance"))
        sheet.write_number(head + 1, 7, statement.opening, styles["money"])
        kinds = self._kinds()
        currencies = self.env["res.currency"].browse({line.currency_id for line in statement.lines} - {None})
        codes = {currency.id: currency.name for currency in currencies}
        for row, line in enumerate(statement.lines, start=head + 2):
            sheet.write_datetime(row, 0, _noon(line.date), styles["date"])
            sheet.write_string(row, 1, line.name or "")
            sheet.write_string(row, 2, kinds[line.kind])
            sheet.write_string(row, 3, line.ref)
            if line.due:
                sheet.write_datetime(row, 4, _noon(line.due), styles["date"])
            for column, value in ((5, line.debit), (6, line.credit)):
                if value:
                    sheet.write_number(row, column, value, styles["money"])
            sheet.write_number(row, 7, line.balance, styles["money"])
            sheet.write_number(row, 8, line.open, styles["money"])
            if line.currency_id:
                sheet.write_number(row, 9, line.original, styles["money"])
                sheet.write_string(row, 10, codes[line.currency_id])
        row = head + 2 + len(statement.lines)
        sheet.write_string(row, 1, self.env._("Closing balance"), styles["bold"])
        sheet.write_number(row, 5, statement.debits, styles["total"])
        sheet.write_number(row, 6, statement.credits, styles["total"])
        sheet.write_number(row, 7, statement.closing, styles["total"])
        row += 2
        for column, (label, value) in enumerate(self._ageing_labels(statement)):
            sheet.write_string(row, column, label, styles["head"])
            sheet.write_number(row + 1, column, value, styles["money"])

    @api.model
    def _kinds(self):
        return dict(self.env["customer.receivable.report"]._fields["kind"]._description_selection(self.env))

    @api.model
    def _ageing_labels(self, statement):
        """Return [(label, amount)] of what is owed on the last day, by how long it is overdue."""
        labels = (
            self.env._("Not due"),
            self.env._("1-30 days"),
            self.env._("31-60 days"),
            self.env._("61-90 days"),
            self.env._("Over 90 days"),
            self.env._("Not set off"),
        )
        return list(zip(labels, (*statement.ageing, -statement.unapplied or 0.0), strict=True))


def _noon(day):
    return fields.Datetime.to_datetime(day)


def _sheet_name(name, taken):
    """Return a name that spreadsheets take: up to 31 characters, some barred, none twice whatever the case."""
    name = re.sub(r"[\[\]:*?/\\]", " ", name or "").strip(" '")[:31].strip(" '") or "1"
    unique, number = name, 2
    while unique.lower() in taken or unique.lower() == "history":
        suffix = f" ({number})"
        unique = name[: 31 - len(suffix)] + suffix
        number += 1
    taken.add(unique.lower())
    return unique
