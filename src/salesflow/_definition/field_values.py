"""
Checks values of declared fields: values that a caller passes, and literals in a definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

from .._model.definition import Field
from .._model.values import Money, Value, check_reach, to_utc
from .._model.written import decimal_of, written
from ..errors import InputError, nearest, say


def coerce(field: Field, value: Any) -> Value:
    """
    Return *value* if the field can hold it; ``None`` clears any field.

    Raises:
        InputError: naming the field and what it takes.
    """
    if value is None:
        return None
    try:
        return _COERCE[field.type](field, value)
    except InputError as error:
        raise InputError(say("what.field", name=field.id), error.value, error.hint) from None


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
            raise _bad(field, value) from None
    return coerce(field, value)


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


def _bad(field: Field, value: object) -> InputError:
    return InputError(say("what.field", name=field.id), value, say(f"takes.{field.type}"))


def _instance(kind: type, *but: type) -> Callable[[Field, Any], Value]:
    def check(field: Field, value: Any) -> Value:
        if not isinstance(value, kind) or isinstance(value, but):
            raise _bad(field, value)
        return cast("Value", value)

    return check


def _number(field: Field, value: Any) -> Value:
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and Decimal(value).is_finite():
        return value
    raise _bad(field, value)


def _moment(field: Field, value: Any) -> Value:
    when = to_utc(value, field.id)
    check_reach(when, field.id)
    return when


def _day(field: Field, value: Any) -> Value:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _bad(field, value)
    check_reach(value, field.id)
    return value


def _choice(field: Field, value: Any) -> Value:
    if value not in field.choices:
        hint = say("input.choice", known=field.choices, near=nearest(value, field.choices))
        raise InputError(field.id, value, hint)
    return cast("str", value)


def _reference(field: Field, value: Any) -> Value:
    if not isinstance(value, str) or not value.strip():
        raise _bad(field, value)
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
