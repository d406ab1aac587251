"""
Reads a CSV file: its columns, and its rows with row numbers.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from .._model.argument_types import raise_problems
from .._model.frozen import noun
from ..errors import InputError, nearest, say, shown
from ._file_kinds import other_kind
from ._mapping import ColumnMapping
from ._report import RowProblem, label


_MARKS: Final = (",", ";", "\t", "|")
_SEPARATOR: Final = re.compile(r'"?sep=([^\r\n])"?[,;\t]*(\r\n|\n|\r|\Z)', re.IGNORECASE)
_CURRENCY: Final = re.compile(
    r"currency|\bccy\b|\bcurr\b|währung|waehrung|devise|moneda|moeda|valuta|币种|币别|货币|幣別|幣種|貨幣|通貨",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(r"[0-9.,]+")
_SHOWN: Final = 5
_LIMIT_LOCK: Final = Lock()
_ANY_LENGTH: Final = 2**31 - 1


@noun
class Row:
    """
    One row of a file.

    Attributes:
        number: the header is row 1.
        cells: by column, without the blanks around them.
    """

    number: int
    cells: dict[str, str]


@noun
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
        InputError: if it cannot be read, is empty, in another encoding or no CSV, a column is missing, or a column of
            currencies is left out (``InputErrors`` for several).
    """
    name = os.fspath(path)
    text, skipped = _without_separator(name, _text(name, mapping.encoding), mapping.delimiter)
    records = _records(name, text, mapping.delimiter, skipped)
    top = next((number for number, record in enumerate(records) if any(cell.strip() for cell in record)), None)
    if top is None:
        raise InputError("file", name, say("input.file_empty"))
    header = [cell.strip() for cell in records[top]]
    places = _places(name, header, mapping)
    rows: list[Row] = []
    full: list[list[str]] = []
    problems: list[RowProblem] = []
    blank = 0
    for number, record in enumerate(records[top + 1 :], top + 2):
        if not any(cell.strip() for cell in record):
            blank += 1
        elif len(record) != len(header):
            about = label("row.width", columns=len(header))
            problems.append(RowProblem(number, "row.width", about, str(len(record))))
        else:
            full.append(record)
            rows.append(Row(number, {column: record[at].strip() for column, at in places}))
    _check_currencies(header, full, mapping)
    return Sheet(tuple(rows), blank, tuple(problems))


def _text(name: str, encoding: str) -> str:
    try:
        data = Path(name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError("file", name, say("input.file_unreadable", reason=reason)) from None
    kind = other_kind(data)
    if kind is not None:
        raise InputError("file", name, say("input.not_csv", what=kind[0], advice=kind[1]))
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        where = ""
        if isinstance(error, UnicodeDecodeError):
            line = data.count(b"\n", 0, error.start) + 1
            where = say("file.at_line", line=line, start=error.start, reason=error.reason)
        hint = say("input.encoding", encoding=encoding, where=where)
        raise InputError("file", name, hint) from None
    return text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")


def _without_separator(name: str, text: str, delimiter: str) -> tuple[str, int]:
    """
    Return the text without a first line ``sep=;``, which only names the delimiter, and how many lines that was.
    """
    found = _SEPARATOR.match(text)
    if found is None:
        return text, 0
    if found[1] != delimiter:
        hint = say("input.separator", found=found[1])
        raise InputError("file", name, hint)
    return text[found.end() :], 1


@contextmanager
def _cells_of_any_length() -> Generator[None]:
    """
    Lift the limit of a cell, 128 KiB, which would cost the whole file; it belongs to the process.
    """
    with _LIMIT_LOCK:
        before = csv.field_size_limit(_ANY_LENGTH)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _records(name: str, text: str, delimiter: str, skipped: int) -> list[list[str]]:
    # Strict, because a quote that is never closed would swallow the rest of the file in silence.
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    begin = 1 + skipped
    try:
        with _cells_of_any_length():
            for record in lines:
                records.append(record)
                begin = lines.line_num + 1 + skipped
    except csv.Error as error:
        hint = say("input.csv_row", begin=begin, error=error)
        raise InputError("file", name, hint) from None
    return records


def _places(name: str, header: Sequence[str], mapping: ColumnMapping) -> list[tuple[str, int]]:
    wanted, counts = mapping.columns, Counter(header)
    problems: list[InputError] = []
    missing = [column for column in wanted if column not in counts]
    if missing:
        _check_delimiter(name, header, missing, mapping.delimiter)
    for column in wanted:
        if column not in counts:
            near = nearest(column, header)
            code = "input.no_column/far" if near is None else "input.no_column"
            problems.append(InputError("column", column, say(code, name=name, near=near, known=_few(header))))
        elif counts[column] > 1:
            problems.append(InputError("column", column, say("input.column_twice", name=name)))
    raise_problems(problems)
    places = {column: at for at, column in enumerate(header)}
    return [(column, places[column]) for column in wanted]


def _check_delimiter(name: str, header: Sequence[str], missing: Sequence[str], delimiter: str) -> None:
    """
    Raise one error where another delimiter would bring columns that are missing, in place of one for each column.
    """
    line = delimiter.join(header)
    for mark in _MARKS:
        cells = {cell.strip().strip('"') for cell in line.split(mark)}
        if mark != delimiter and len(cells) > 1 and any(column in cells for column in missing):
            hint = say("input.other_delimiter", name=name, mark=mark)
            raise InputError("delimiter", delimiter, hint)


def _check_currencies(header: Sequence[str], records: Sequence[Sequence[str]], mapping: ColumnMapping) -> None:
    """
    Refuse a file whose amounts would all be taken for one currency although a column says others.
    """
    fixed = {field.currency for field in mapping.fields if field.currency and not field.currency_column}
    if not fixed:
        return
    known = {*mapping.columns, *mapping.ignore}
    problems: list[InputError] = []
    for at, column in enumerate(header):
        if column not in known and _CURRENCY.search(column):
            found = {record[at].strip() for record in records} - {"", *fixed}
            others = sorted(each for each in found if not _NUMERIC.fullmatch(each))
            if others:
                field = next(each.field for each in mapping.fields if each.currency in fixed)
                hint = say("input.currencies", others=_few(others), fixed=sorted(fixed), column=column, field=field)
                problems.append(InputError("column", column, hint))
    raise_problems(problems)


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN * 4
    return ", ".join(shown(name)[1:-1] for name in names[: _SHOWN * 4]) + (f" and {more} more" if more > 0 else "")
