"""
Converters and validators that the entries of the dossier share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar, cast

import attrs

from .._model.frozen import FrozenDict
from .._model.values import Money, check_id, is_number, to_utc
from ..errors import InputError, nearest, say


V = TypeVar("V")


def entry_id(value: str) -> str:
    """
    Return the id of an entry, checked.
    """
    return check_id(value, "id of an entry")


def number(value: float | str | Decimal) -> Decimal:
    """
    Return a finite decimal number; a float is taken as it prints.
    """
    if isinstance(value, (int, float, str, Decimal)) and not isinstance(value, bool):
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite():
            return found
    raise InputError("number", value, say("input.finite"))


def maybe_number(value: float | str | Decimal | None) -> Decimal | None:
    """
    Return a finite decimal number, or ``None``.
    """
    return None if value is None else number(value)


def quantity(value: float | str | Decimal | Money) -> Decimal | Money:
    """
    Return a number or money, as it is.
    """
    return value if isinstance(value, Money) else number(value)


def maybe_quantity(value: float | str | Decimal | Money | None) -> Decimal | Money | None:
    """
    Return a number or money, as it is, or ``None``.
    """
    return None if value is None else quantity(value)


def many(value: object, kind: type[V], what: str) -> tuple[V, ...]:
    """
    Return a tuple of values of one class; an error calls them *what*.
    """
    given = value
    # A single text is not taken apart into letters.
    if isinstance(value, Iterable) and not isinstance(value, str):
        items = tuple(cast("Iterable[object]", value))
        found = tuple(item for item in items if isinstance(item, kind))
        if len(found) == len(items):
            return found
    raise InputError(say("what.list_of", what=what), given, say("input.items", kind=kind.__name__))


def strings(value: Iterable[str]) -> tuple[str, ...]:
    """
    Return several texts.
    """
    return many(value, str, "texts")


def dates(value: Iterable[date]) -> tuple[date, ...]:
    """
    Return several plain dates.
    """
    found = many(value, date, "dates")
    if any(isinstance(item, datetime) for item in found):
        raise InputError("list of dates", value, say("input.dates"))
    return found


def table(value: object, kind: type[V]) -> FrozenDict[str, V]:
    """
    Return a frozen mapping of texts to values of one class.
    """
    given = value
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value)
        found = {key: item for key, item in items.items() if isinstance(key, str) and isinstance(item, kind)}
        if len(found) == len(items):
            return FrozenDict(found)
    raise InputError("table", given, say("input.names_to", kind=kind.__name__))


def texts(value: Mapping[str, str]) -> FrozenDict[str, str]:
    """
    Return a frozen mapping of texts.
    """
    return table(value, str)


def levels(value: Mapping[str, int]) -> FrozenDict[str, int]:
    """
    Return a frozen mapping of whole numbers.
    """
    return table(value, int)


def a_date(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """
    Accept a plain date or ``None``.
    """
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise InputError(attribute.name, value, say("input.date"))


def moment(value: datetime | None) -> datetime | None:
    """
    Return an aware time in UTC, or ``None``.
    """
    return None if value is None else to_utc(value, "time of an entry")


def money(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """
    Accept money or ``None``.
    """
    if value is not None and not isinstance(value, Money):
        raise InputError(attribute.name, value, say("input.money"))


def amount(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """
    Accept money of zero or more.
    """
    if not isinstance(value, Money):
        raise InputError(attribute.name, value, say("input.money"))
    not_negative(instance, attribute, value)


def not_negative(_instance: object, attribute: attrs.Attribute[Any], value: Money | None) -> None:
    """
    Accept money of zero or more, or ``None``.
    """
    if value is not None and value.amount < 0:
        raise InputError(attribute.name, value, say("input.not_negative"))


def a_day(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """
    Accept a plain date; it is needed.
    """
    a_date(instance, attribute, "" if value is None else value)


def not_itself(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """
    Accept the id of another entry, or ``None``.
    """
    if value is not None and value == getattr(instance, "id", None):
        raise InputError(attribute.name, value, say("input.itself"))


def not_before(start: str) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """
    Accept a day or time that does not lie before that of another attribute, where both are there.
    """

    def check(instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        begins = getattr(instance, start, None)
        if value is not None and begins is not None and value < begins:
            raise InputError(attribute.name, value, say("input.not_before", name=start, begins=begins))

    return check


def one_of(*choices: str) -> Callable[[object, attrs.Attribute[Any], object], None]:
    """
    Accept one of the choices; an error does not list a blank choice.
    """
    named = [choice for choice in choices if choice]

    def check(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value not in choices:
            raise InputError(attribute.name, value, say("input.choice", known=named, near=nearest(str(value), named)))

    return check


def names_in(*choices: str) -> Callable[[object, attrs.Attribute[Any], Iterable[str]], None]:
    """
    Accept several names, each of them one of the choices.
    """
    check = one_of(*choices)

    def check_each(instance: object, attribute: attrs.Attribute[Any], value: Iterable[str]) -> None:
        for name in value:
            check(instance, attribute, name)

    return check_each


def ratings(_instance: object, attribute: attrs.Attribute[Any], value: Mapping[str, int]) -> None:
    """
    Accept whole numbers from 1 to 5 by name.
    """
    for name, rating in value.items():
        if not 1 <= rating <= 5:
            raise InputError(f"{attribute.name}[{name!r}]", rating, say("input.impact"))


def between(low: float, high: float) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    """
    Accept a number from *low* to *high*, both included.
    """

    def check(_instance: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not is_number(value) or not low <= value <= high:
            raise InputError(attribute.name, value, say("input.between", low=low, high=high))

    return check


PRIORITY: Final = attrs.validators.optional(between(1, 5))
"""Accepts how soon something is to be done, 1 first and 5 last, or ``None``."""
