"""
The edits of the parameters of a guard: a little more, a little less, an item of a list left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal, cast, get_args, get_origin, get_type_hints

import attrs

from ..._model.definition import GuardUse
from ..._model.values import Money
from ...errors import InputError
from ._edit import Edit, replaced, shown


_NEIGHBOURS: Final[Mapping[str, str]] = {
    "lt": "le",
    "le": "lt",
    "gt": "ge",
    "ge": "gt",
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
}
_FEW: Final = 4
_NONE: Final = inspect.Parameter.empty
_TENTH: Final = Decimal("0.1")


def param_edits(use: GuardUse, factory: Callable[..., Any], roles: tuple[str, ...]) -> Iterator[Edit[GuardUse]]:
    """
    Yield the edits of the parameters that a guard use sets.

    Args:
        factory: the guard's factory, whose signature says what may be left out and which words are allowed.
        roles: every role that the definition names; a guard that asks for some roles gets the others too.
    """
    signature = inspect.signature(factory).parameters
    hints = get_type_hints(factory)
    for name, value in use.params.items():
        default = signature[name].default if name in signature else _NONE
        for edit in _value_edits(name, value, hints.get(name), default, roles):
            yield edit.inside(f".{name}", partial(_with, use, name))
        if default not in (_NONE, value) and _is_left_out(value):
            left = {key: kept for key, kept in use.params.items() if key != name}
            words = {"name": name, "before": shown(value)}
            yield Edit("parameter_dropped", f".{name}", "absent", attrs.evolve(use, params=left), words)


def _with(use: GuardUse, name: str, value: Any) -> GuardUse:
    return attrs.evolve(use, params={**use.params, name: value})


def _is_left_out(value: Any) -> bool:
    """
    Return whether leaving a parameter out is an edit of its own: a number or an operator changes its value instead.
    """
    return isinstance(value, (str, tuple)) and value not in _NEIGHBOURS and _money(value) is None


def _value_edits(name: str, value: Any, hint: Any, default: Any, roles: tuple[str, ...]) -> Iterator[Edit[Any]]:
    if get_origin(hint) is Literal:
        others = _other_words(value, get_args(hint))
        yield from (_changed(name, "", value, word) for word in others if word != default)
    elif isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        yield from _list_edits(name, items)
        if name == "roles":
            yield from _wider(items, roles)
    elif isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        for key, item in table.items():
            for near in near_values(item):
                edit = _changed(f"{name}.{key}", f".{key}", item, near)
                yield edit.inside("", partial(_with_key, table, key))
    else:
        yield from (_changed(name, "", value, near) for near in near_values(value))


def _with_key(table: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**table, key: value}


def _changed(name: str, path: str, before: Any, value: Any) -> Edit[Any]:
    words = {"name": name, "before": shown(before), "value": shown(value)}
    return Edit("parameter_changed", path, shown(value), value, words)


def _other_words(word: Any, words: tuple[Any, ...]) -> tuple[Any, ...]:
    if word in _NEIGHBOURS:
        return (_NEIGHBOURS[word],)
    return tuple(other for other in words if other != word) if len(words) <= _FEW else ()


def _list_edits(name: str, items: tuple[object, ...]) -> Iterator[Edit[Any]]:
    if len(items) > 1:
        for index, item in enumerate(items):
            words = {"name": name, "item": shown(item)}
            yield Edit("item_dropped", "", f"-{shown(item)}", replaced(items, index), words)


def _wider(items: tuple[object, ...], roles: tuple[str, ...]) -> Iterator[Edit[Any]]:
    more = tuple(role for role in roles if role not in items)
    if more:
        yield Edit("roles_widened", "", "wider", items + more, {"more": ", ".join(more)})


def near_values(value: Any) -> tuple[Any, ...]:
    """
    Return the nearest values on both sides of a value.

    A count becomes one less and one more, a date the day before and after; a measure becomes a tenth
    less and more; true becomes false. A text has no neighbours, unless it is money.
    """
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value - 1, value + 1
    if isinstance(value, float):
        return tuple(map(float, _tenth(Decimal(str(value)))))
    if isinstance(value, Decimal):
        return _tenth(value)
    if isinstance(value, date):
        return value - timedelta(days=1), value + timedelta(days=1)
    money = _money(value)
    return tuple(f"{amount.normalize():f} {money.currency}" for amount in _tenth(money.amount)) if money else ()


def _tenth(number: Decimal) -> tuple[Decimal, Decimal]:
    step = abs(number) * _TENTH or _TENTH
    return number - step, number + step


def _money(value: Any) -> Money | None:
    if isinstance(value, Money):
        return value
    try:
        return Money.parse(value) if isinstance(value, str) else None
    except InputError:
        return None
