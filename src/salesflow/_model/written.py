"""
Values as a definition writes them, converted by the type of the parameter that they are for.

A file has text, numbers, truth values, lists and tables. What Python has besides, such as money and dates, has one
written form, and a parameter always gets what that form means: so TOML, JSON and Python give a factory the same.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import reduce
from typing import Any, Final, Literal, TypeGuard, Union, cast, get_args, get_origin

from ..errors import InputError, say
from .env import Env
from .frozen import FrozenDict
from .values import Duration, Money


_PLAIN: Final = frozenset({str, int, float, bool, types.NoneType})


def written(value: Any) -> Any:
    """
    Return the form that a file has for a value; what no file can hold is returned as it is.

    Money, lengths of time, dates and times are text, a secret is a table with its name, a member of an enum is its
    value, a set is a sorted list. A decimal number is a number where that loses nothing, and else text.
    """
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, Enum):
        return written(value.value)
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return FrozenDict({written(key): written(item) for key, item in table.items()})
    if isinstance(value, (list, tuple)):
        return tuple(written(item) for item in cast("Iterable[object]", value))
    if isinstance(value, (set, frozenset)):
        return tuple(sorted((written(item) for item in cast("Iterable[object]", value)), key=repr))
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() and Decimal(repr(float(value))) == value else str(value)
    if isinstance(value, (Money, Duration)):
        return str(value)
    if isinstance(value, Env):
        return FrozenDict({"env": value.name})
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else value


def written_params(params: Mapping[str, Any]) -> Any:
    """
    Return parameters as a file has them; ``None`` is left out, which means the same.
    """
    return written({name: value for name, value in params.items() if value is not None})


def decimal_of(value: object) -> Decimal:
    """
    Return a written number, or the text of a decimal number, as the decimal number it was written as.

    Raises:
        ValueError: for anything else, and for a number that is not finite.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(value) from None
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError(value)
    return number


_PARSERS: Final[Mapping[Any, Callable[[Any], Any]]] = {
    Money: Money.parse,
    Duration: Duration.parse,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    time: time.fromisoformat,
}


def typed(value: Any, hint: Any) -> Any:
    """
    Return a written value as a type hint wants it.

    Raises:
        ValueError: if it does not fit.
    """
    hint = getattr(hint, "__supertype__", hint)  # typing.NewType
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin is Literal:
        return _among(value, args)
    if origin in (Union, types.UnionType):
        return _first(value, args)
    if _is_kind(origin or hint, Mapping):
        return _table(value, args or (Any, Any))
    if _is_kind(origin or hint, Iterable) and not _is_kind(hint, str):
        return _list(value, origin or hint, args or (Any,))
    return _single(value, hint)


def conforms(value: Any, hint: Any) -> bool:
    """
    Tell whether a written value fits a type hint.
    """
    try:
        typed(value, hint)
    except ValueError:
        return False
    return True


def _is_kind(hint: Any, kind: type[Any]) -> TypeGuard[type[Any]]:
    return isinstance(hint, type) and issubclass(hint, kind)


def _members(kind: type[Any]) -> tuple[Enum, ...]:
    return tuple(cast("type[Enum]", kind))


def _among(value: Any, members: Iterable[Any]) -> Any:
    for member in members:
        plain = written(member)
        # 1 and True are equal, and not the same.
        if plain == value and isinstance(plain, bool) is isinstance(value, bool):
            return member
    raise ValueError(value)


def _first(value: Any, hints: Iterable[Any]) -> Any:
    for hint in hints:
        if conforms(value, hint):
            return typed(value, hint)
    raise ValueError(value)


def _table(value: Any, hints: tuple[Any, ...]) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(value)  # noqa: TRY004 -- one error says that a value does not fit
    table = cast("Mapping[object, object]", value)
    return FrozenDict({typed(key, hints[0]): typed(item, hints[1]) for key, item in table.items()})


def _list(value: Any, kind: type[Any], hints: tuple[Any, ...]) -> Any:
    if not isinstance(value, (tuple, list, frozenset)):
        raise ValueError(value)  # noqa: TRY004 -- as above
    items = cast("Iterable[object]", value)
    if kind is tuple and hints[-1] is not ... and hints != (Any,):
        return tuple(typed(item, hint) for item, hint in zip(items, hints, strict=True))
    made = tuple(typed(item, hints[0]) for item in items)
    return cast("Callable[..., Any]", kind)(made) if kind in (list, set, frozenset) else made


def _single(value: Any, hint: Any) -> Any:
    if _is_kind(hint, Enum):
        return _among(value, _members(hint))
    if hint is Decimal:
        return decimal_of(value)
    if hint is Env:
        return _env(value)
    if hint in _PARSERS and isinstance(value, str):
        try:
            return _PARSERS[hint](value)
        except InputError as error:
            raise ValueError(value) from error
    kinds = (int, float) if hint is float else (hint,)
    if _is_kind(hint, object) and isinstance(value, kinds) and (hint is bool or not isinstance(value, bool)):
        return value
    raise ValueError(value)


def either(several: Iterable[str]) -> str:
    """
    Return several descriptions as alternatives, each of them once.
    """
    found = list(dict.fromkeys(several))
    return reduce(_or, found[1:], found[0])


def _or(first: str, second: str) -> str:
    return say("shape.or", first=first, second=second)


def _env(value: Any) -> Env:
    table: Mapping[str, Any] = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else FrozenDict()
    if list(table) != ["env"]:
        raise ValueError("a table with the key env alone is needed")  # the value itself may be a secret
    try:
        return Env(table["env"])
    except InputError as error:
        raise ValueError(error.what) from None


def is_secret(hint: Any) -> bool:
    """
    Tell whether a type hint takes a secret, so that no value for it may be shown.
    """
    return hint is Env or any(map(is_secret, get_args(hint)))


def describe(hint: Any) -> str:
    """
    Say a type hint in words, in English and in Chinese.
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return say("shape.one_of", values=[repr(written(each)) for each in args])
    if _is_kind(hint, Enum):
        return say("shape.one_of", values=[repr(written(each)) for each in _members(hint)])
    if origin in (Union, types.UnionType):
        return either(describe(each) for each in args if each is not types.NoneType)
    if args and _is_kind(origin, Mapping):
        if args[1] in (Any, object):
            return say("shape.table")
        return say("shape.table_of", item=describe(args[1]))
    if args and _is_kind(origin, Iterable):
        return say("shape.list_of", item=describe(args[0]))
    name = str(getattr(hint, "__name__", hint))
    return say(f"written.{name}") if hint in _PARSERS or hint in (*_PLAIN, Decimal, Env) else name
