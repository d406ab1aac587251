"""
Reads a CSV file: its columns, and its rows with their numbers.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import attrs

from ..errors import InputError, InputErrors, did_you_mean
from ._mapping import ColumnMapping
from ._report import RowProblem, label


@attrs.frozen
class Row:
    """
    One row of a file.

    Attributes:
        number: the header is row 1.
        cells: by column, without the blanks around them.
    """

    number: int
    cells: dict[str, str]


@attrs.frozen
class Sheet:
    """
    A file as it was read.

    Attributes:
        blank: how many rows have nothing in them.
        problems: rows that do not have the header's width.
    """

    rows: tuple[Row, ...]
    blank: int
    problems: tuple[RowProblem, ...]


def read_sheet(path: str | os.PathLike[str], mapping: ColumnMapping) -> Sheet:
    """
    Read the columns that a mapping names.

    Raises:
        OSError: if the file cannot be read.
        InputError: if it is empty, in another encoding or no CSV, or a column is missing
            (``InputErrors`` for several).
    """
    name = os.fspath(path)
    records = _records(name, _text(name, mapping.encoding), mapping.delimiter)
    if not records or not any(records[0]):
        raise InputError("file", name, "It is empty; its first row must name the columns.")
    header = [cell.strip() for cell in records[0]]
    places = _places(name, header, mapping.columns)
    rows: list[Row] = []
    problems: list[RowProblem] = []
    blank = 0
    for number, record in enumerate(records[1:], 2):
        if not any(cell.strip() for cell in record):
            blank += 1
        elif len(record) != len(header):
            about = label("row.width", columns=len(header))
            problems.append(RowProblem(number, "row.width", about, str(len(record))))
        else:
            rows.append(Row(number, {column: record[at].strip() for column, at in places}))
    return Sheet(tuple(rows), blank, tuple(problems))


def _text(name: str, encoding: str) -> str:
    data = Path(name).read_bytes()
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = (
            f"It is not {encoding}: line {line}, byte {error.start} ({error.reason}). Save it as UTF-8, or name its "
            "encoding in the mapping, for example encoding = 'gb18030', 'cp1252' or 'utf-16'."
        )
        raise InputError("file", name, hint) from None
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")


def _records(name: str, text: str, delimiter: str) -> list[list[str]]:
    # Strict, because a quote that is never closed would swallow the rest of the file in silence.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    begin = 1
    try:
        for record in lines:
            records.append(record)
            begin = lines.line_num + 1
    except csv.Error as error:
        hint = f"The row that begins in line {begin} is no CSV ({error}). Look for a quote that is not closed."
        raise InputError("file", name, hint) from None
    return records


def _places(name: str, header: Sequence[str], wanted: Sequence[str]) -> list[tuple[str, int]]:
    problems: list[InputError] = []
    for column in wanted:
        if column not in header:
            near = did_you_mean(column, header) or f" It has: {', '.join(header)}."
            problems.append(InputError("column", column, f"{name} has no such column; nothing was imported.{near}"))
        elif header.count(column) > 1:
            problems.append(InputError("column", column, f"{name} has it twice; give one of the two another name."))
    if problems:
        raise problems[0] if len(problems) == 1 else InputErrors(problems)
    return [(column, header.index(column)) for column in wanted]
