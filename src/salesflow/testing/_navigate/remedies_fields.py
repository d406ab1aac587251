"""
The values to try for a field, from its type and from the parameters of a remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from ..._definition.field_values import coerce
from ..._model.definition import Field
from ..._model.predicate import OPS, compare
from ..._model.values import Money
from ...errors import InputError
from ...guards._when import is_set
from .._store.hooks import NO_HURRY


_MONTH: Final = timedelta(days=30)
_OTHER: Final = "other"  # as a coded reason it needs a note, so it is tried last
_MOST: Final = 12


def values_for(field: Field, at: datetime, params: Mapping[str, Any], own: Iterable[Any] = ()) -> list[Any]:
    """
    Return values to try for a field, the likeliest first; the field can hold each of them.

    Args:
        at: the time of the move; dates lie around it.
        params: the parameters of a remedy for the field: ``op`` and ``value``, ``allowed``, ``min_length``,
            or the bounds ``min``, ``max``, ``above``, ``below``.
        own: values of the user, tried before all others.
    """
    usual = _USUAL[field.type](field, at)
    asked = list(_asked(params, usual))
    limits = {name: params[name] for name in ("min", "max", "above", "below") if params.get(name) is not None}
    # Equal values of different classes, such as 1 and True, are different values to try.
    found: dict[str, Any] = {}
    for value in (*own, *asked, *_between(limits), *usual):
        kept = _fits(field, _long(value, params.get("min_length", 0)))
        if kept is not None and _within(kept, limits):
            found.setdefault(repr(kept), kept)
    return list(found.values())[:_MOST]


def _fits(field: Field, value: Any) -> Any:
    try:
        return coerce(field, value)
    except InputError:
        return None


def _long(value: Any, length: object) -> Any:
    if not isinstance(length, int) or not isinstance(value, str) or len(value) >= length:
        return value
    return (f"{value} " * length)[:length].strip().ljust(length, ".")


def _usual_text(field: Field, _at: datetime) -> list[Any]:
    word = field.id.replace("_", " ")
    return [f"some {word}", f"another {word}", "x"]


def _usual_money(_field: Field, _at: datetime) -> list[Any]:
    return [Money(amount, currency) for currency in ("CNY", "EUR", "USD") for amount in ("100000", "1", "100000000")]


def _usual_dates(_field: Field, at: datetime) -> list[Any]:
    today = at.date()
    return [today + _MONTH, today, today - _MONTH, today + 12 * _MONTH]


_USUAL: Final[Mapping[str, Callable[[Field, datetime], list[Any]]]] = {
    "text": _usual_text,
    "number": lambda _field, _at: [1, 100, 0, 0.5, 1000000, -1],
    "integer": lambda _field, _at: [1, 100, 0, 1000000, -1],
    "money": _usual_money,
    "date": _usual_dates,
    "datetime": lambda _field, at: [at + _MONTH, at, at - _MONTH],
    "bool": lambda _field, _at: [True, False],
    "choice": lambda field, _at: sorted(field.choices, key=lambda choice: choice == _OTHER),
    "reference": lambda field, _at: ["R-1", "R-2"],
}


def _asked(params: Mapping[str, Any], usual: list[Any]) -> Iterator[Any]:
    """
    Yield values that satisfy the comparison of a remedy.
    """
    yield from _listed(params.get("allowed", ()))
    op, wanted = str(params.get("op", "eq")), params.get("value")
    if wanted is None:
        return
    if op == "matches":
        yield from texts_like(str(wanted))
    elif op == "in":
        yield from _listed(wanted)
    elif op == "not_in":
        yield from (value for value in usual if value not in _listed(wanted))
    else:
        for value in (wanted, stepped(wanted, 1), stepped(wanted, -1), *usual):
            if op in OPS and compare(op, value, wanted):
                yield value


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(cast("Iterable[Any]", value)) if isinstance(value, (tuple, list, set, frozenset)) else (value,)


def stepped(value: Any, by: int) -> Any:
    """
    Return the next value above (*by* = 1) or below (-1) a value: a day, a cent, or one further.

    Values of other types are returned as they are.
    """
    if isinstance(value, Money):
        return Money(value.amount + by * Decimal("0.01"), value.currency)
    if isinstance(value, (date, timedelta)):
        return value + by * timedelta(days=1)
    if isinstance(value, Decimal):
        return value + by * Decimal("0.01")
    if isinstance(value, float):
        return value + by * 0.01
    return value + by if isinstance(value, int) and not isinstance(value, bool) else value


def _between(limits: Mapping[str, Any]) -> Iterator[Any]:
    for name, step in (("min", 0), ("max", 0), ("above", 1), ("below", -1)):
        if name in limits:
            yield stepped(limits[name], step) if step else limits[name]


def _within(value: Any, limits: Mapping[str, Any]) -> bool:
    ops = {"min": "ge", "max": "le", "above": "gt", "below": "lt"}
    return all(compare(ops[name], value, limit) for name, limit in limits.items())


@cache
def texts_like(pattern: str) -> tuple[str, ...]:
    """
    Return a few texts that a regular expression matches in full.
    """
    return tuple(text for text in drawn(st.from_regex(pattern, fullmatch=True)) if is_set(text))


def drawn(strategy: st.SearchStrategy[Any], *, most: int = _MOST) -> list[Any]:
    """
    Return values of a strategy, simple values first, and the same values every time.
    """
    found: list[Any] = []

    @settings(
        max_examples=most,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=(*NO_HURRY, HealthCheck.filter_too_much, HealthCheck.nested_given),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found
