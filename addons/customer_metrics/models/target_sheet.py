"""The XLSX sheet of targets: written for a year, and read back cell by cell. Plain Python, no records.

Row 1 holds the titles: three columns that name the customer, then the months as ``2026-01`` to ``2026-12``. The order
of the columns does not matter, columns with other titles are left alone.
"""

import io
import re
import zipfile
from datetime import date, datetime
from typing import NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

ROWS_MAX = 100000
_MONTH = re.compile(r"\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?\s*")


class Cell(NamedTuple):
    """A value of the sheet with the place where it stands, such as ``D5``."""

    place: str
    value: object


class Row(NamedTuple):
    """A row of the sheet: what names the customer, and what stands in its months."""

    number: int
    customer_id: Cell | None
    ref: Cell | None
    name: Cell | None
    months: dict  # first day of month -> Cell


class SheetError(ValueError):
    """The file isn't a sheet of targets; the argument is one of the keys of what is wrong."""


def write(titles, months, rows, decimals):
    """Return the bytes of a sheet.

    :param titles: the three titles of the columns that name the customer: id, reference, name
    :param months: first days of the months
    :param rows: iterable of (id, reference, name, list of amounts or None)
    :param int decimals: number of decimals of an amount
    """
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EFEFEF"})
    number = book.add_format({"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")})
    muted = book.add_format({"font_color": "#888888"})
    for column, title in enumerate([*titles, *(month.strftime("%Y-%m") for month in months)]):
        sheet.write_string(0, column, title, bold)
    for line, (customer_id, ref, name, amounts) in enumerate(rows, start=1):
        sheet.write_number(line, 0, customer_id, muted)
        sheet.write_string(line, 1, ref or "")
        sheet.write_string(line, 2, name or "")
        for column, amount in enumerate(amounts, start=len(titles)):
            if amount is not None:
                sheet.write_number(line, column, amount, number)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 36)
    sheet.set_column(len(titles), len(titles) + len(months) - 1, 14, number)
    sheet.freeze_panes(1, len(titles))
    book.close()
    return output.getvalue()


def read(content, titles):
    """Return the rows of a sheet, apart from empty ones.

    :param bytes content: the file
    :param titles: the accepted titles of the id, reference and name columns: three collections of texts
    :raise SheetError: ``file`` (no XLSX), ``titles`` (no column names a customer), ``months`` (no column is a month),
        ``double`` (two columns for one month) or ``rows`` (too many)
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        raise SheetError("file") from error
    lines = book.active.iter_rows(values_only=True) if book.active else iter(())
    header = next(lines, ())
    naming, months = _columns(header, titles)
    rows = []
    for number, values in enumerate(lines, start=2):
        if number > ROWS_MAX:
            raise SheetError("rows")
        if all(value is None or not str(value).strip() for value in values):
            continue
        cells = [
            Cell(f"{get_column_letter(column + 1)}{number}", _stripped(value)) for column, value in enumerate(values)
        ]

        def cell(column, cells=cells):
            return cells[column] if column is not None and column < len(cells) else None

        rows.append(
            Row(
                number,
                *(cell(column) for column in naming),
                {month: cell(column) for month, column in months.items() if cell(column)},
            )
        )
    return rows


def _columns(header, titles):
    """Return (columns of id, reference and name, {month: column}) from the first row."""
    naming, months = [None, None, None], {}
    for column, title in enumerate(header):
        month = _month(title)
        if month:
            if month in months:
                raise SheetError("double")
            months[month] = column
            continue
        for place, accepted in enumerate(titles):
            if str(title or "").strip().casefold() in {text.casefold() for text in accepted}:
                naming[place] = column
    if naming == [None, None, None]:
        raise SheetError("titles")
    if not months:
        raise SheetError("months")
    return naming, months


def _month(title):
    if isinstance(title, (date, datetime)):
        return date(title.year, title.month, 1)
    found = _MONTH.fullmatch(str(title or ""))
    if found and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    return None


def _stripped(value):
    value = value.strip() if isinstance(value, str) else value
    return None if value == "" else value
