"""
Values of declared fields: what a caller hands in, and what a definition writes down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from .._model.definition import Field
from .._model.values import Money, Value, check_reach, to_utc
from .._model.written import decimal_of, written
from ..errors import InputError, did_you_mean


def coerce(field: Field, value: Any) -> Value:
    """
    Return *value* if the field can hold it; ``None`` clears any field.

    Raises:
        InputError: naming the field and what it takes.
    """
    return None if value is None else _COERCE[field.type](field, value)


def literal(field: Field, value: Any) -> Value:
    """
    Return a literal of a definition as a value of the field: ``"100 CNY"`` as money, ISO texts as dates.

    Raises:
        InputError: naming the field and how to write the literal.
    """
    if isinstance(value, str) and field.type in _PARSE:
        try:
            value = _PARSE[field.type](value)
        except ValueError:
            raise _bad(field, value, _SHAPES[field.type]) from None
    return coerce(field, value)


_SHAPES: Final[Mapping[str, str]] = {
    "text": "a text",
    "number": "a finite number",
    "integer": "a whole number",
    "money": "money: Money('1200.50', 'CNY') in Python, '1200.50 CNY' in a definition; never a float",
    "date": "a date: datetime.date in Python, 2026-01-31 in a definition",
    "datetime": "an aware datetime",
    "bool": "true or false",
    "choice": "one of its choices",
    "reference": "the id of something kept elsewhere, a text that is not blank",
}


def _digits(text: str) -> Decimal:
    """
    Read a number with more digits than a number of a file keeps, which is why it is written as text.
    """
    number = decimal_of(text)
    if written(number) != str(number):
        raise ValueError(text)
    return number


_PARSE: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _digits,
    "money": Money.parse,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _bad(field: Field, value: object, shape: str) -> InputError:
    return InputError(f"field {field.id!r}", value, f"It takes {shape}.")


def _instance(kind: type, *but: type) -> Callable[[Field, Any], Value]:
    def check(field: Field, value: Any) -> Value:
        if not isinstance(value, kind) or isinstance(value, but):
            raise _bad(field, value, _SHAPES[field.type])
        return cast("Value", value)

    return check


def _number(field: Field, value: Any) -> Value:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and Decimal(value).is_finite():
        return value
    raise _bad(field, value, _SHAPES["number"])


def _moment(field: Field, value: Any) -> Value:
    when = to_utc(value, f"field {field.id!r}")
    check_reach(when, f"field {field.id!r}")
    return when


def _day(field: Field, value: Any) -> Value:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _bad(field, value, _SHAPES["date"])
    check_reach(value, f"field {field.id!r}")
    return value


def _choice(field: Field, value: Any) -> Value:
    if value not in field.choices:
        near = did_you_mean(value, field.choices) if isinstance(value, str) else ""
        raise InputError(f"field {field.id!r}", value, f"Use one of {', '.join(field.choices)}.{near}")
    return cast("str", value)


def _reference(field: Field, value: Any) -> Value:
    if not isinstance(value, str) or not value.strip():
        raise _bad(field, value, _SHAPES["reference"])
    return value


_COERCE: Final[Mapping[str, Callable[[Field, Any], Value]]] = {
    "text": _instance(str),
    "number": _number,
    "integer": _instance(int, bool),
    "money": _instance(Money),
    "date": _day,
    "datetime": _moment,
    "bool": _instance(bool),
    "choice": _choice,
    "reference": _reference,
}
