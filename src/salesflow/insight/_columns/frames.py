"""
Tables for people and for data frames: the columns of a portfolio with words, ids and times in place of numbers.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import compress
from typing import Any, Final, cast

from ..._model.values import Money
from ...errors import InputError, nearest, say
from .columns import Columns
from .decisions import decided
from .tables import NEVER, columns as columns_of, moment


_TIMES: Final = frozenset({"at", "opened", "closed", "updated", "entered", "left", "due", "start", "end", "known"})
_HIDDEN: Final = frozenset({"visit", "suspended", "stopped"})
_NUMBERS: Final = frozenset({"version", "overrides"})
TABLES: Final = ("projects", "visits", "moves", "refusals", "passed", "entry_moves")
"""The tables that always are there; the entries of each kind are one as well, by its name."""


def table_of(columns: Columns, name: str) -> Mapping[str, Sequence[Any]]:
    """
    Return a table as columns by name: texts, numbers and times in UTC.

    ``projects`` also has a column for each field, and ``class``, ``decided`` and ``won`` of the outcome that counts.

    Raises:
        InputError: for a table that is not there.
    """
    tables = columns.tables
    if name in TABLES:
        source: object = getattr(tables, name)
    elif name in tables.entries:
        source = tables.entries[name]
    else:
        known = (*TABLES, *tables.entries)
        raise InputError("table", name, say("input.choice", known=tuple(known), near=nearest(str(name), known)))
    found = {
        label: _plain(columns, name, label, column) for label, column in columns_of(source) if label not in _HIDDEN
    }
    if name == "projects":
        found |= _of_projects(columns)
    flags = columns.includes()
    own: Sequence[int] = getattr(source, "project", ())
    counted = flags if name == "projects" else [flags[row] for row in own]
    return {label: list(compress(column, counted)) for label, column in found.items()}


def _plain(columns: Columns, table: str, name: str, column: Sequence[Any]) -> Sequence[Any]:
    tables = columns.tables
    if name == "project":
        return [tables.projects.id[row] for row in column]
    if name == "lifecycle":
        return [tables.lifecycles[number][0] for number in column]
    if name == "late" or (table, name) == ("moves", "closed"):
        return [bool(each) for each in column]
    if name in _TIMES:
        return [_time(each) for each in column]
    if name in _NUMBERS or not isinstance(column, array):
        return column
    return [tables.words.text(number) for number in column]


def _time(at: int) -> datetime | None:
    return None if at == NEVER else moment(at)


def _of_projects(columns: Columns) -> Mapping[str, Sequence[Any]]:
    ends = decided(columns)
    fields = {f"field.{name}": columns.values(name) for name in columns.tables.fields}
    times = {"decided": [_time(at) for at in ends.at], "first_won": [_time(at) for at in ends.first_won]}
    return {"class": ends.class_, **times, **fields}


def frame_of(columns: Columns, name: str, library: str) -> Any:
    """
    Return a table as a data frame of another library.

    Amounts of money are two columns, the number and the currency; other values that no frame knows are texts.

    Raises:
        InputError: for a table that is not there, and for a library that is not known or not installed.
    """
    data: dict[str, Sequence[Any]] = {}
    for label, column in table_of(columns, name).items():
        data |= _framed(label, column)
    try:
        import narwhals  # noqa: PLC0415 -- an extra

        return narwhals.from_dict(data, backend=cast("Any", library)).to_native()
    except (ImportError, ValueError, TypeError):
        raise InputError("library", library, say("input.frame_library")) from None


_KNOWN: Final = (str, int, float, Decimal, date, type(None))


def _framed(name: str, column: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    if any(isinstance(each, Money) for each in column):
        return {
            name: [each.amount if isinstance(each, Money) else None for each in column],
            f"{name}.currency": [each.currency if isinstance(each, Money) else None for each in column],
        }
    kinds: set[type] = {type(each) for each in column if each is not None}
    if len(kinds) > 1 or not all(issubclass(kind, _KNOWN) for kind in kinds):
        return {name: [None if each is None else str(each) for each in column]}
    return {name: column}
