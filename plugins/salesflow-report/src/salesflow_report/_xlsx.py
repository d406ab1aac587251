"""
Spreadsheets: the tables of a page, with real numbers, amounts and days.
"""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from salesflow import Money

from ._page import Page
from ._texts import Texts


_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_FORMATS: Final = {
    "number": "#,##0.##",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "days": "#,##0.0",
    "hours": "#,##0.0",
}


def to_xlsx(page: Page, texts: Texts) -> bytes:
    """
    Return the tables of a page as a workbook, a sheet each.

    A text is always written as a text, so that a text that begins with ``=`` is not a formula. Times are in the zone of
    the page. Amounts in several currencies have each its own format.
    """
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book: Any  # its methods are typed in part only
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
        used: set[str] = set()
        for title, table in page.tables().items():
            sheet = book.add_worksheet(_sheet_name(title, used))
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.write_string(0, place, column.title, head)
                widest = max([len(str(row[place])) for row in table.rows], default=0)
                sheet.set_column(place, place, min(max(len(column.title) * 1.6, widest, 8) + 2, 48))
                for number, row in enumerate(table.rows, 1):
                    _write(book, sheet, (number, place), row[place], column.kind, formats, texts)
        if not used:
            book.add_worksheet(_sheet_name(page.title, used))
    return target.getvalue()


def _sheet_name(title: str, used: set[str]) -> str:
    """
    Return a name that a sheet may have: 31 characters, none forbidden, not used yet.
    """
    name = _FORBIDDEN.sub(" ", title).strip()[:31] or "Sheet"
    number = 1
    while name.lower() in used:
        number += 1
        name = f"{name[:28]} {number}"
    used.add(name.lower())
    return name


def _write(
    book: Any, sheet: Any, cell: tuple[int, int], value: Any, kind: str, formats: dict[str, Any], texts: Texts
) -> None:
    if value is None:
        return
    if isinstance(value, Money):
        code = f'#,##0.00 "{value.currency}"'
        shape = formats.setdefault(code, None) or book.add_format({"num_format": code})
        formats[code] = shape
        sheet.write_number(*cell, float(value.amount), shape)
    elif kind in {"day", "time"}:
        local = value.astimezone(texts.zone).replace(tzinfo=None) if isinstance(value, datetime) else value
        sheet.write_datetime(*cell, local, formats[kind])
    elif kind == "text" or isinstance(value, str):
        sheet.write_string(*cell, str(value))
    else:
        sheet.write_number(*cell, float(value), formats[kind])
