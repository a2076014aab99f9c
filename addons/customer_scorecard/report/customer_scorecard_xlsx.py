import io
import re

import xlsxwriter

from odoo import models
from odoo.exceptions import UserError


class CustomerScorecard(models.Model):
    _inherit = "customer.scorecard"

    def _scores_xlsx(self):
        """Return the scores of evaluations as an XLSX file: a sheet for each version, a column for each criterion.

        What isn't answered is an empty cell. The cost is a constant number of queries.

        :return: bytes
        :raise UserError: for a user who may not export, or without evaluations
        """
        if not (self.env.is_admin() or self.env.user.has_group("base.group_allow_export")):
            raise UserError(self.env._("You aren't allowed to export data. Please ask an administrator."))
        if not self:
            raise UserError(self.env._("Select the evaluations whose scores you want to export."))
        self.check_access("read")
        output = io.BytesIO()
        book = xlsxwriter.Workbook(output, {"in_memory": True})
        styles = {
            "head": book.add_format({"bold": True, "bg_color": "#E4E7EB", "border": 1, "text_wrap": True}),
            "weight": book.add_format({"italic": True, "font_color": "#52606D", "bottom": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "score": book.add_format({"num_format": "0.00"}),
        }
        names = set()
        # A stable order: by template and version, the newest first within.
        cards = self.sorted(lambda card: (card.template_id.id, card.version_id.number))
        for version, group in cards.grouped("version_id").items():
            sheet = book.add_worksheet(_sheet_name(f"{version.template_id.name} {version.number or ''}", names))
            self._write_scores(sheet, styles, version, group)
        book.close()
        return output.getvalue()

    def _write_scores(self, sheet, styles, version, cards):
        columns = self._score_columns()
        criteria = version._leaves()
        place = {criterion.id: len(columns) + number for number, criterion in enumerate(criteria)}
        for number, (label, _field, width) in enumerate(columns):
            sheet.merge_range(0, number, 1, number, label, styles["head"])
            sheet.set_column(number, number, width)
            sheet.write_blank(2, number, None, styles["weight"])
        for criterion in criteria:
            column = place[criterion.id]
            sheet.write_string(0, column, criterion.parent_id._path() if criterion.parent_id else "", styles["head"])
            sheet.write_string(1, column, criterion.name, styles["head"])
            sheet.write_number(2, column, criterion.weight, styles["weight"])
        if criteria:
            sheet.set_column(len(columns), len(columns) + len(criteria) - 1, 12)
        sheet.write_string(2, len(columns) - 1, self.env._("Weight"), styles["weight"])
        sheet.freeze_panes(3, 2)

        answers = self.env["customer.scorecard.answer"].search_fetch(
            [("scorecard_id", "in", cards.ids), ("answered", "=", True)], ["scorecard_id", "criterion_id", "points"]
        )
        points = {}
        for answer in answers:
            points.setdefault(answer.scorecard_id.id, []).append((answer.criterion_id.id, answer.points))
        for row, card in enumerate(cards, start=3):
            for column, (_label, field, _width) in enumerate(columns):
                self._write_cell(sheet, row, column, card, field, styles)
            for criterion_id, value in points.get(card.id, ()):
                if criterion_id in place:
                    sheet.write_number(row, place[criterion_id], value)

    def _score_columns(self):
        """Return [(title, field, width)] of what stands before the criteria."""
        titles = self.fields_get(allfields=[field for field, _width in _COLUMNS], attributes=["string"])
        return [(titles[field]["string"], field, width) for field, width in _COLUMNS]

    def _write_cell(self, sheet, row, column, card, name, styles):
        field, value = card._fields[name], card[name]
        unknown = {"score": not card.score_known, "score_change": not card.change_known}
        if unknown.get(name) or value is False:
            return
        if field.type == "date":
            sheet.write_datetime(row, column, value, styles["date"])
        elif field.type == "float":
            sheet.write_number(row, column, value, styles["score"])
        elif field.type == "boolean":
            sheet.write_string(row, column, self.env._("Yes"))
        elif field.type == "selection":
            sheet.write_string(row, column, dict(field._description_selection(self.env)).get(value, ""))
        elif field.type == "many2one":
            sheet.write_string(row, column, value.display_name or "")
        else:
            sheet.write_string(row, column, value)


_COLUMNS = [
    ("name", 14),
    ("partner_id", 30),
    ("company_id", 20),
    ("date", 12),
    ("state", 12),
    ("user_id", 16),
    ("score", 10),
    ("score_change", 10),
    ("coverage", 10),
    ("provisional", 10),
    ("band_id", 8),
    ("decision", 10),
    ("next_date", 12),
]


def _sheet_name(name, taken):
    """Return a name that spreadsheets take: up to 31 characters, some barred, none twice whatever the case."""
    name = re.sub(r"[\[\]:*?/\\]", " ", name).strip(" '")[:31].strip(" '") or "1"
    unique, number = name, 2
    while unique.lower() in taken or unique.lower() == "history":
        suffix = f" ({number})"
        unique = name[: 31 - len(suffix)] + suffix
        number += 1
    taken.add(unique.lower())
    return unique
