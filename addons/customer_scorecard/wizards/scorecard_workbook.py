"""The workbook form of a version (E7): what its sheets and columns are, how it is written, how it is read.

Reading gives values or complaints, and never touches the database. Headings and choices are understood in every
language in which they may have been written.
"""

import io
import math
import zipfile
from typing import NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 2_000_000
MAX_UNPACKED = 50_000_000
MAX_ROWS = 1000
STEPS = range(6)


class Column(NamedTuple):
    """A column, or a line of the first sheet: its key, heading and what it may hold.

    :ivar str kind: text, number, integer, yesno or choice
    :ivar dict choices: {key: label}, for a choice
    """

    key: str
    label: str
    kind: str = "text"
    required: bool = False
    low: float = -math.inf
    high: float = math.inf
    choices: dict = {}
    width: int = 14


class Complaint(NamedTuple):
    """What is wrong, and where."""

    sheet: str
    row: int
    column: str
    sentence: str


class BadWorkbook(Exception):
    """The file can't be read at all; the argument tells which of the reasons holds."""


def write(sheets):
    """Return the bytes of a workbook.

    :param list sheets: (title, columns, rows) where rows are dicts by column key
    """
    stream = io.BytesIO()
    # Nothing of it is a formula or a link, whatever a name begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as workbook:
        heading = workbook.add_format(
            {"bold": True, "bg_color": "#E9ECEF", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        body = workbook.add_format({"text_wrap": True, "valign": "top"})
        for title, columns, rows in sheets:
            sheet = workbook.add_worksheet(title)
            sheet.freeze_panes(1, 1)
            for number, column in enumerate(columns):
                sheet.set_column(number, number, column.width)
                sheet.write_string(0, number, column.label, heading)
                labels = list(column.choices.values())
                if labels and sum(map(len, labels)) + len(labels) < 255:
                    sheet.data_validation(1, number, MAX_ROWS, number, {"validate": "list", "source": labels})
            for line, row in enumerate(rows, 1):
                for number, column in enumerate(columns):
                    value = row.get(column.key)
                    if value is None or value is False or value == "":
                        sheet.write_blank(line, number, None, body)
                    elif isinstance(value, str):
                        sheet.write_string(line, number, value, body)
                    else:
                        sheet.write_number(line, number, value, body)
    return stream.getvalue()


def load(content):
    """Return the open workbook of these bytes.

    :raise BadWorkbook: "large" or "unreadable"
    """
    if len(content) > MAX_BYTES:
        raise BadWorkbook("large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise BadWorkbook("large")
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, SyntaxError) as error:
        raise BadWorkbook("unreadable") from error


class Row(NamedTuple):
    """A row that was read: its number, its values by column key, and the letters of the columns."""

    number: int
    values: dict
    letters: dict


class SheetReader:
    """Reads the rows of one sheet by its columns, and collects complaints.

    :param say: function(name, **values) that returns the sentence of a complaint
    :param headings: {what may stand in the heading, in lower case: column key}
    :param choices: {column key: {what may stand in a cell, in lower case: key}}
    """

    def __init__(self, sheet, columns, headings, choices, say):
        self.sheet = sheet
        self.columns = {column.key: column for column in columns}
        self.headings = headings
        self.choices = choices
        self.say = say
        self.complaints = []
        self.letters = {}

    def complain(self, row, column, name, **values):
        """Note what is wrong with a cell; ``column`` is a key, a letter or empty."""
        letter = self.letters.get(column, column)
        label = self.columns[column].label if column in self.columns else ""
        self.complaints.append(
            Complaint(self.sheet.title, row, f"{letter} ({label})" if label else letter, self.say(name, **values))
        )

    def rows(self):
        """Return the Rows below the headings that hold anything."""
        lines = self.sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=100, values_only=True)
        keys = self._read_headings(next(lines, ()))
        rows = []
        for number, line in enumerate(lines, 2):
            cells = {keys[place]: cell for place, cell in enumerate(line) if place in keys}
            if all(cell is None or not str(cell).strip() for cell in cells.values()):
                continue
            if number > MAX_ROWS + 1:
                self.complain(number, "", "too_many_rows", rows=MAX_ROWS)
                break
            rows.append(Row(number, self._read_cells(number, cells), self.letters))
        return rows

    def _read_headings(self, line):
        keys = {}
        for place, cell in enumerate(line):
            text = str(cell or "").strip()
            if not text:
                continue
            letter = get_column_letter(place + 1)
            key = self.headings.get(text.lower())
            if key is None:
                self.complain(1, letter, "unknown_heading", heading=text)
            elif key in self.letters:
                self.complain(1, letter, "heading_twice", heading=text)
            else:
                keys[place] = key
                self.letters[key] = letter
        for key, column in self.columns.items():
            if column.required and key not in self.letters:
                self.complain(1, "", "heading_missing", heading=column.label)
        return keys

    def _read_cells(self, number, cells):
        values = {}
        for key, column in self.columns.items():
            cell = cells.get(key)
            if isinstance(cell, str):
                cell = cell.strip()
            if cell is None or cell == "":
                values[key] = None
                if column.required and key in self.letters:
                    self.complain(number, key, "empty")
                continue
            values[key] = getattr(self, f"_read_{column.kind}")(number, column, cell)
        return values

    def _read_text(self, number, column, cell):
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return str(cell)

    def _read_number(self, number, column, cell):
        try:
            value = float(cell) if not isinstance(cell, bool) else math.nan
        except (TypeError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            self.complain(number, column.key, "no_number", value=cell)
            return None
        if not column.low <= value <= column.high:
            self.complain(number, column.key, "out_of_range", value=cell, low=column.low, high=column.high)
            return None
        return value

    def _read_integer(self, number, column, cell):
        value = self._read_number(number, column, cell)
        if value is None:
            return None
        if not value.is_integer():
            self.complain(number, column.key, "no_integer", value=cell)
            return None
        return int(value)

    def _read_choice(self, number, column, cell):
        key = self.choices[column.key].get(str(cell).strip().lower())
        if key is None:
            self.complain(
                number, column.key, "no_choice", value=cell, choices=", ".join(map(str, column.choices.values()))
            )
        return key
