"""
Reads a CSV file: its columns, and its rows with their numbers.
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

import attrs

from ..errors import InputError, InputErrors, did_you_mean, shown
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
        InputError: if it is empty, in another encoding or no CSV, a column is missing, or a column of currencies
            is left out (``InputErrors`` for several).
    """
    name = os.fspath(path)
    text, skipped = _without_separator(name, _text(name, mapping.encoding), mapping.delimiter)
    records = _records(name, text, mapping.delimiter, skipped)
    if not records or not any(records[0]):
        raise InputError("file", name, "It is empty; its first row must name the columns.")
    header = [cell.strip() for cell in records[0]]
    places = _places(name, header, mapping)
    rows: list[Row] = []
    full: list[list[str]] = []
    problems: list[RowProblem] = []
    blank = 0
    for number, record in enumerate(records[1:], 2):
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
    data = Path(name).read_bytes()
    kind = other_kind(data)
    if kind is not None:
        raise InputError("file", name, f"It is not CSV but {kind[0]}. {kind[1]}")
    try:
        text = data.decode(encoding)
    except (UnicodeError, LookupError) as error:
        where = ""
        if isinstance(error, UnicodeDecodeError):
            line = data.count(b"\n", 0, error.start) + 1
            where = f": line {line}, byte {error.start} ({error.reason})"
        hint = (
            f"It is not {encoding}{where}. Save it as UTF-8, or name its "
            "encoding in the mapping, for example encoding = 'gb18030', 'cp1252' or 'utf-16'."
        )
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
        hint = (
            f"Its first line sep={found[1]} says what parts its cells; write delimiter = {found[1]!r} in the mapping."
        )
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
        hint = f"The row that begins in line {begin} is no CSV ({error}). Look for a quote that is not closed."
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
            near = did_you_mean(column, header) or f" It has: {_few(header)}."
            problems.append(InputError("column", column, f"{name} has no such column; nothing was imported.{near}"))
        elif counts[column] > 1:
            problems.append(InputError("column", column, f"{name} has it twice; give one of the two another name."))
    if problems:
        raise problems[0] if len(problems) == 1 else InputErrors(problems)
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
            hint = f"{name} has other cells in its first row: they are parted by {mark!r}. Write delimiter = {mark!r}."
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
                hint = (
                    f"It holds {_few(others)}, and every amount would be {', '.join(sorted(fixed))}. Write "
                    f"currency_column = {column!r} under fields.{field}, or ignore = [{column!r}] at the top."
                )
                problems.append(InputError("column", column, hint))
    if problems:
        raise problems[0] if len(problems) == 1 else InputErrors(problems)


def _few(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN * 4
    return ", ".join(shown(name)[1:-1] for name in names[: _SHOWN * 4]) + (f" and {more} more" if more > 0 else "")
