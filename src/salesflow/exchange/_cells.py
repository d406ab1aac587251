"""
From the text of a cell to the value of a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from .._definition.field_values import coerce
from .._model.definition import Field
from .._model.values import Label, Money, Value
from ..errors import InputError
from ._mapping import FieldColumn, ReadTime, in_zone, read_time
from ._report import TYPES, label


# Decimal() and int() take far more: underscores, exponents of any size, "NaN".
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,30}")
_BOOLS: Final = {"true": True, "false": False}


class Unreadable(Exception):  # noqa: N818 -- a finding about a cell, turned into a RowProblem at once
    """
    A cell does not hold what its field takes.
    """

    code: str
    about: Label

    def __init__(self, code: str, about: Label) -> None:
        self.code = code
        self.about = about
        super().__init__(code, about)


Read: TypeAlias = Callable[[str], Value]


def reader(declared: Field, column: FieldColumn, zone: tzinfo) -> Read:
    """
    Return what reads the cells of one field, or raises :class:`Unreadable`.

    Cells repeat, so what was read once is kept.
    """
    read = _readers(zone)[declared.type]

    @lru_cache(maxsize=4096)
    def found(text: str) -> Value:
        return read(declared, column, text)

    return found


def _readers(zone: tzinfo) -> dict[str, Callable[[Field, FieldColumn, str], Value]]:
    def moment(_: Field, column: FieldColumn, text: str) -> Value:
        found = read_time(text, column.formats)
        return None if found is None else _reached(column, in_zone(found, zone)).at

    def day(_: Field, column: FieldColumn, text: str) -> Value:
        found = read_time(text, column.formats)
        return None if found is None else _reached(column, in_zone(found, UTC)) and found.date()

    return {
        "text": _plain,
        "reference": _plain,
        "choice": _plain,
        "number": _some(_number),
        "integer": _some(_integer),
        "money": _some(_money),
        "bool": _some(lambda _declared, _column, text: _BOOLS.get(text.lower())),
        "date": _some(day),
        "datetime": _some(moment),
    }


def _reached(column: FieldColumn, found: ReadTime | None) -> ReadTime:
    if found is None:
        raise Unreadable("time.reach", label("time.reach", column=column.column))
    return found


def _some(read: Callable[[Field, FieldColumn, str], Value]) -> Callable[[Field, FieldColumn, str], Value]:
    """
    Return *read*, with ``None`` as the answer that the cell is of another type.
    """

    def checked(declared: Field, column: FieldColumn, text: str) -> Value:
        value = read(declared, column, text)
        if value is None:
            named = TYPES[declared.type]
            formats = {"formats": " / ".join(column.formats)}
            shape = Label(named.en.format_map(formats), named.zh.format_map(formats))
            raise Unreadable("value.type", label("value.type", column=column.column, type=shape))
        return value

    return checked


def _plain(declared: Field, column: FieldColumn, text: str) -> Value:
    try:
        return coerce(declared, text)
    except InputError:
        # Only a choice can fail: a cell that is read is not empty.
        raise Unreadable(
            "value.choice", label("value.choice", column=column.column, choices=declared.choices)
        ) from None


def _number(_: Field, column: FieldColumn, text: str) -> Value:
    return _at_least(column, Decimal(text)) if _NUMBER.fullmatch(text) else None


def _integer(_: Field, column: FieldColumn, text: str) -> Value:
    return int(_at_least(column, Decimal(text))) if _WHOLE.fullmatch(text) else None


def _money(_: Field, column: FieldColumn, text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        return None
    return Money(_at_least(column, Decimal(text), default=Decimal(0)), column.currency or "")


def _at_least(column: FieldColumn, number: Decimal, *, default: Decimal | None = None) -> Any:
    least = default if column.min is None else column.min
    if least is not None and number < least:
        if default is not None and least == default:
            raise Unreadable("amount.negative", label("amount.negative", column=column.column))
        raise Unreadable("value.too_small", label("value.too_small", column=column.column, min=f"{least:f}"))
    return number
