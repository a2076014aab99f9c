"""The XLSX sheet of credit limits: its template, and reading it cell by cell. Plain Python, no records."""

import io
import zipfile
from datetime import date, datetime
from typing import NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

ROWS_MAX = 20000
COLUMNS = ("ref", "vat", "name", "mode", "limit", "days", "until", "reason")
NAMING = ("ref", "vat", "name")
KEEP, NONE = object(), "-"


class Cell(NamedTuple):
    """A value of the sheet with the place where it stands, such as ``D5``."""

    place: str
    value: object


class Row(NamedTuple):
    """A row of the sheet: its number, and {column of COLUMNS: Cell}; empty cells are missing."""

    number: int
    cells: dict


class SheetError(ValueError):
    """The file can't be read as a sheet of limits; the argument says what is wrong."""


def write(titles, rows, hints):
    """Return the bytes of a sheet.

    :param titles: the titles of COLUMNS
    :param rows: iterable of lists of values in the order of COLUMNS; None for an empty cell
    :param hints: sentences for the second worksheet
    """
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EFEFEF"})
    money = book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet()
    for column, (title, width) in enumerate(zip(titles, (14, 22, 36, 12, 16, 14, 14, 40), strict=True)):
        sheet.write_string(0, column, title, head)
        # Long numbers that name a customer must not become figures.
        sheet.set_column(column, column, width, text if column < len(NAMING) else None)
    for line, values in enumerate(rows, start=1):
        for column, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, date):
                sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, str):
                sheet.write_string(line, column, value, text if column < len(NAMING) else None)
            else:
                sheet.write_number(line, column, value, money if COLUMNS[column] == "limit" else None)
    sheet.freeze_panes(1, len(NAMING))
    notes = book.add_worksheet()
    notes.set_column(0, 0, 110)
    for line, hint in enumerate(hints):
        notes.write_string(line, 0, hint)
    book.close()
    return output.getvalue()


def read(content, titles):
    """Return the rows of a sheet, apart from empty ones.

    :param bytes content: the file
    :param dict titles: {column of COLUMNS: accepted titles, casefolded}
    :raise SheetError: ``file`` (no XLSX), ``titles`` (no column names a customer), ``columns`` (neither credit nor
        limit), ``double`` (a column twice) or ``rows`` (too many)
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        lines = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else iter(())
        return _rows(lines, titles)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, EOFError, SyntaxError) as error:
        raise SheetError("file") from error
    except ValueError as error:
        if isinstance(error, SheetError):
            raise
        raise SheetError("file") from error


def _rows(lines, titles):
    places = {}
    for column, title in enumerate(next(lines, ())):
        title = str(title or "").strip().casefold()
        for name in COLUMNS:
            if title and title in titles[name]:
                if name in places:
                    raise SheetError("double")
                places[name] = column
                break
    if not places.keys() & set(NAMING):
        raise SheetError("titles")
    if not places.keys() & {"mode", "limit", "days", "until"}:
        raise SheetError("columns")
    rows = []
    for number, values in enumerate(lines, start=2):
        cells = {}
        for name, column in places.items():
            value = values[column] if column < len(values) else None
            value = value.strip() if isinstance(value, str) else value
            if value not in (None, ""):
                cells[name] = Cell(f"{get_column_letter(column + 1)}{number}", value)
        if not cells:
            continue
        if len(rows) >= ROWS_MAX:
            raise SheetError("rows")
        rows.append(Row(number, cells))
    return rows


def text(value):
    """Return what names a customer as text; a number that a sheet made of a reference loses its .0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def amount(value):
    """Return a number, or None for what is none."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").replace("，", "").replace("¥", "").replace("￥", "").replace(" ", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e15:
        return None
    return value


def day(value):
    """Return a date, or None for what is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for separator in ("-", "/", "."):
        try:
            return datetime.strptime(str(value), f"%Y{separator}%m{separator}%d").date()
        except ValueError:
            continue
    return None
