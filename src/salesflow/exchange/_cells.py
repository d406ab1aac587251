"""
From the text of a cell to the value of a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

import attrs

from .._definition.field_values import coerce
from .._model.definition import Field
from .._model.values import Label, Money, Value
from ..errors import InputError
from ._mapping import ColumnMapping, FieldColumn, ReadTime, in_zone, read_time
from ._report import TYPES, label


_ALIKE: Final = {" ": "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", "'": "['\N{RIGHT SINGLE QUOTATION MARK}]"}
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


Read: TypeAlias = Callable[[str, str], Value]
"""Reads a cell, and the cell of its currency; that is empty where the field has no such column."""

Numeral: TypeAlias = Callable[[str], Decimal | None]


def reader(declared: Field, column: FieldColumn, mapping: ColumnMapping) -> Read:
    """
    Return what reads the cells of one field, or raises :class:`Unreadable`.

    Cells repeat, so each value that was read is kept.
    """
    read = _readers(mapping)[declared.type]

    @lru_cache(maxsize=4096)
    def found(text: str, currency: str = "") -> Value:
        of = attrs.evolve(column, currency=currency) if currency else column
        return read(declared, of, column.values.get(text, text))

    return found


def numerals(decimal: str, thousands: str) -> Numeral:
    """
    Return what reads numbers that are written with these marks.

    Groups have three digits, or as in India two but for the last. ``Decimal()`` takes far more: underscores,
    exponents of any size, "NaN".
    """
    whole = "[0-9]{1,30}"
    if thousands:
        mark = _ALIKE.get(thousands, re.escape(thousands))
        whole = f"(?:{whole}|[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}}){{0,9}}{mark}[0-9]{{3}})"
    pattern = re.compile(f"([+-]?{whole})(?:{re.escape(decimal)}([0-9]{{1,30}}))?")

    def read(text: str) -> Decimal | None:
        found = pattern.fullmatch(text)
        if found is None:
            return None
        digits = "".join(sign for sign in found[1] if sign in "+-" or sign.isdigit())
        return Decimal(digits if found[2] is None else f"{digits}.{found[2]}")

    return read


def _readers(mapping: ColumnMapping) -> dict[str, Callable[[Field, FieldColumn, str], Value]]:
    zone = mapping.zone
    numeral = numerals(mapping.decimal, mapping.thousands)

    def moment(_: Field, column: FieldColumn, text: str) -> Value:
        found = read_time(text, column.formats)
        return None if found is None else _reached(column, in_zone(found, zone)).at

    def day(_: Field, column: FieldColumn, text: str) -> Value:
        found = read_time(text, column.formats)
        return None if found is None else _reached(column, in_zone(found, UTC)) and found.date()

    def number(_: Field, column: FieldColumn, text: str) -> Value:
        found = numeral(text)
        return None if found is None else _at_least(column, found)

    def integer(_: Field, column: FieldColumn, text: str) -> Value:
        found = numeral(text) if mapping.decimal not in text else None
        return None if found is None else int(_at_least(column, found))

    def money(_: Field, column: FieldColumn, text: str) -> Value:
        found = numeral(text)
        return None if found is None else _money(column, found)

    return {
        "text": _plain,
        "reference": _plain,
        "choice": _plain,
        "number": _some(number),
        "integer": _some(integer),
        "money": _some(money),
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


def _money(column: FieldColumn, amount: Decimal) -> Value:
    if column.currency is None:
        raise Unreadable("currency.missing", label("currency.missing", column=column.currency_column))
    try:
        return Money(_at_least(column, amount, default=Decimal(0)), column.currency)
    except InputError:
        # The mapping's own currency was checked with it.
        raise Unreadable("currency.malformed", label("currency.malformed", column=column.currency_column)) from None


def _at_least(column: FieldColumn, number: Decimal, *, default: Decimal | None = None) -> Any:
    least = default if column.min is None else column.min
    if least is not None and number < least:
        if default is not None and least == default:
            raise Unreadable("amount.negative", label("amount.negative", column=column.column))
        raise Unreadable("value.too_small", label("value.too_small", column=column.column, min=f"{least:f}"))
    return number
