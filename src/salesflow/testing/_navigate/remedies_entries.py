"""
The values of fields and the entries that remedies describe, made or changed; ``guards._base`` defines their parameters.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import EnumType
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

import attrs
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from ..._definition.field_values import coerce
from ..._model.definition import Field
from ..._model.facts import Entry
from ..._model.predicate import OPS, compare
from ..._model.values import Money
from ..._model.verdict import Remedy
from ..._pipeline.entry_actors import DONE_BY
from ...dossier import KpiSnapshot, KpiValue, ResourceDemand, Scorecard, ScoreItem
from ...errors import InputError
from ...guards._base import is_set
from .._store.generated import NO_HURRY


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
    limits = {name: params[name] for name in _BOUNDS if params.get(name) is not None}
    nearest = [stepped(limit, _BOUNDS[name][1]) for name, limit in limits.items()]
    # Equal values of different classes, such as 1 and True, are different values to try.
    found: dict[str, Any] = {}
    for value in (*own, *asked, *nearest, *usual):
        kept = _fits(field, _long(value, params.get("min_length", 0)))
        if kept is not None and _in_limits(kept, limits):
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


_USUAL: Final[Mapping[str, Callable[[Field, datetime], list[Any]]]] = {
    "text": lambda field, _at: [f"{some} {field.id.replace('_', ' ')}" for some in ("some", "another")] + ["x"],
    "number": lambda _field, _at: [1, 100, 0, 0.5, 1000000, -1],
    "integer": lambda _field, _at: [1, 100, 0, 1000000, -1],
    "money": lambda _field, _at: [
        Money(amount, currency) for currency in ("CNY", "EUR", "USD") for amount in ("100000", "1", "100000000")
    ],
    "date": lambda _field, at: [at.date() + months * _MONTH for months in (1, 0, -1, 12)],
    "datetime": lambda _field, at: [at + _MONTH, at, at - _MONTH],
    "bool": lambda _field, _at: [True, False],
    "choice": lambda field, _at: sorted(field.choices, key=lambda choice: choice == _OTHER),
    "reference": lambda field, _at: ["R-1", "R-2"],
}


def _asked(params: Mapping[str, Any], usual: list[Any]) -> Iterator[Any]:
    """
    Yield values that satisfy the comparison of a remedy.
    """
    yield from several(params.get("allowed", ()))
    op, wanted = str(params.get("op", "eq")), params.get("value")
    if wanted is None:
        return
    if op == "matches":
        yield from texts_like(str(wanted))
    elif op == "in":
        yield from several(wanted)
    elif op == "not_in":
        yield from (value for value in usual if value not in several(wanted))
    else:
        for value in (wanted, stepped(wanted, 1), stepped(wanted, -1), *usual):
            if op in OPS and compare(op, value, wanted):
                yield value


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


_BOUNDS: Final[Mapping[str, tuple[str, int]]] = {
    "min": ("ge", 0),
    "max": ("le", 0),
    "above": ("gt", 1),
    "below": ("lt", -1),
}
"""By parameter of a remedy, how a value compares with the bound, and the step from the bound to the nearest value."""


def _in_limits(value: Any, limits: Mapping[str, Any]) -> bool:
    return all(compare(_BOUNDS[name][0], value, limit) for name, limit in limits.items())


@cache
def texts_like(pattern: str) -> tuple[str, ...]:
    """
    Return a few texts that a regular expression matches in full.
    """
    return tuple(text for text in drawn(st.from_regex(pattern, fullmatch=True)) if is_set(text))


def several(value: Any) -> Sequence[Any]:
    """
    Return the items of a list, a dozen values of a strategy, or a single value as a tuple.
    """
    if isinstance(value, st.SearchStrategy):
        return drawn(value)  # pyright: ignore[reportUnknownArgumentType]  # its values are unknown
    return tuple(cast("Iterable[Any]", value)) if isinstance(value, (tuple, list, set, frozenset)) else (value,)


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


_ABOUT: Final = ("id", "count", "currency", "required", "met", "min_score", "evidence_required")
_CURRENCY: Final = "CNY"


def wanted_entry(
    remedy: Remedy, known: Mapping[str, type[Entry]], held: Mapping[str, Entry], at: datetime, by: str
) -> Entry:
    """
    Return the entry that a remedy describes: a new entry, or the existing entry of that id, changed.

    Args:
        known: the entry classes by kind.
        held: the existing entries of this kind, by id.
        at: the time of the move; dates lie around it.
        by: who writes it, and ticks what is to be ticked.

    Raises:
        KeyError: if no class has the kind.
        TypeError, ValueError: if no such entry can be made.
    """
    name: str = remedy.params.get("id") or free_id(held)
    entry: Any = held[name] if name in held else blank_entry(known[remedy.name], name, at)
    if isinstance(entry, Scorecard):
        return _scored(entry, remedy.params)
    if isinstance(entry, KpiSnapshot):
        return _reported(entry, remedy.params, held.values(), at)
    return _described(entry, remedy.params, at, by)


def free_id(held: Mapping[str, Entry]) -> str:
    """
    Return an id that none of the entries has.
    """
    return next(name for n in range(len(held), 2 * len(held) + 1) if (name := f"new-{n}") not in held)


def blank_entry(kind: type[Entry], name: str, at: datetime) -> Entry:
    """
    Return an entry with an id and as little else as its class takes.
    """
    parameters, hints = _shape(kind)
    given: dict[str, Any] = {
        each: _sample(hints.get(each, str), f"{each} of {name}", at)
        for each, parameter in parameters.items()
        if parameter.default is parameter.empty and each != "id" and not parameter.kind.name.startswith("VAR")
    }
    make: Any = kind
    return cast("Entry", make(**given, **({"id": name} if "id" in parameters else {})))


def filled_entry(kind: type[Entry], name: str, at: datetime, by: str = "somebody") -> Entry:
    """
    Return an entry of which every attribute has a value; what it says was done, *by* did.
    """
    entry = blank_entry(kind, name, at)
    values = {each: _sample(hint, f"{each} of {name}", at) for each, hint in _hints(entry).items() if each != "id"}
    if kind in DONE_BY:
        values[DONE_BY[kind][0]] = by
    return _changed(entry, values)


def _described(entry: Entry, params: Mapping[str, Any], at: datetime, by: str) -> Entry:
    """
    Return the entry changed as the parameters of a remedy require.
    """
    values, bounds = _wanted(entry, params, by)
    hints = _hints(entry)
    currency = params.get("currency")
    for name, limits in bounds.items():
        if name in hints:
            values[name] = _within(entry, name, limits, currency)
    for name in params.get("required", ()):
        now = getattr(entry, name, None)
        if name in hints and name not in values and (not is_set(now) or isinstance(now, Decimal)):
            values[name] = _sample(hints[name], f"{name} of {entry.id}", at)
    for name in ("amount", "received") if currency else ():
        value = values.get(name, getattr(entry, name, None))
        if value is not None:
            values[name] = Money(value.amount if isinstance(value, Money) else value, currency)
    amount = getattr(entry, "amount", None)
    if "unit" in values and isinstance(amount, Money):
        values["amount"] = amount.amount
    return _changed(entry, {name: value for name, value in values.items() if name in hints})


def _hints(entry: object) -> Mapping[str, Any]:
    """
    Return the types of the attributes that the constructor of an entry takes.
    """
    kind: Any = type(entry)
    return _shape(kind)[1]


@cache
def _shape(kind: type[Any]) -> tuple[Mapping[str, inspect.Parameter], Mapping[str, Any]]:
    """
    Return the parameters of a class, and their types as far as they are known.
    """
    hints, parameters = get_type_hints(kind), inspect.signature(kind).parameters
    return parameters, {name: hints[name] for name in parameters if name in hints}


def _changed(entry: Any, values: dict[str, Any]) -> Entry:
    replace: Any = dataclasses.replace if dataclasses.is_dataclass(entry) else attrs.evolve
    return cast("Entry", replace(entry, **values))


def _wanted(entry: Any, params: Mapping[str, Any], by: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """
    Return the values that a remedy sets, and the bounds it gives for other attributes.
    """
    values: dict[str, Any] = {}
    bounds: dict[str, dict[str, Any]] = {}
    hints = _hints(entry)
    for key, value in params.items():
        bound, _, name = key.partition("_")
        if key in hints:
            values[key] = _filled(getattr(entry, key), hints[key], value, by)
        elif key.endswith("_in"):
            name = key.removesuffix("_in")
            values[name] = value[:1] if _is_list(hints.get(name)) else value[0]
        elif key.endswith("_count"):
            values.setdefault(key.removesuffix("_count"), tuple(f"name-{n}" for n in range(value)))
        elif bound in _BOUNDS:
            bounds.setdefault(name, {})[bound] = value
        elif key not in _ABOUT:
            values[key] = value
    return {name: value for name, value in values.items() if name != "id"}, bounds


def _filled(now: Any, hint: Any, wanted: Any, by: str) -> Any:
    """
    Return an attribute as a remedy wants it, which may name the texts of a table or the lines of a list to fill.
    """
    if not isinstance(wanted, tuple):
        return wanted
    names = cast("tuple[str, ...]", wanted)
    if isinstance(now, Mapping):
        return {**cast("Mapping[str, str]", now), **dict.fromkeys(names, "text")}
    line: Any = next(iter(get_args(hint)), None)
    if not _is_list(hint) or line is str or line is date:
        return names
    lines: dict[str, Any] = {each.id: each for each in now}
    for name in names:
        lines[name] = _ticked(lines.get(name) or line(name), by)
    return tuple(lines.values())


def _ticked(line: Any, by: str) -> Any:
    return attrs.evolve(line, met=True) if hasattr(line, "met") else attrs.evolve(line, done=True, by=by)


def _is_list(hint: Any) -> bool:
    return get_origin(hint) in (tuple, list)


def _members(hint: Any) -> tuple[Any, ...]:
    """
    Return the types that a hint allows, ``None`` left out.
    """
    if get_origin(hint) in (Union, UnionType):
        return tuple(each for each in get_args(hint) if each is not NoneType)
    return (hint,)


def _sample(hint: Any, text: str, at: datetime) -> Any:
    """
    Return a value of a type that counts as set; texts differ from entry to entry.
    """
    kind: Any = _members(hint)[0]
    origin = get_origin(kind)
    if origin is Literal:
        return next((each for each in get_args(kind) if is_set(each)), None)
    if origin in (tuple, list):
        inner = next(iter(get_args(kind)), str)
        if inner is str:
            return (text,)
        return (_SAMPLES[inner](at),) if inner in _SAMPLES else ()
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        name, inner = get_args(kind)
        return {"text" if name is str else _sample(name, text, at): "text" if inner is str else 1}
    if isinstance(kind, EnumType):
        return next(iter(kind.__members__.values()))
    return _SAMPLES[kind](at) if kind in _SAMPLES else text


_SAMPLES: Final[dict[Any, Callable[[datetime], Any]]] = {
    bool: lambda _at: True,
    int: lambda _at: 1,
    float: lambda _at: 1.0,
    Decimal: lambda _at: Decimal(1),  # fits hours, marks and shares as well
    Money: lambda _at: Money("120", _CURRENCY),
    datetime: lambda at: at,
    date: lambda at: at.astimezone(UTC).date() + timedelta(days=30),
}


def _within(entry: Any, name: str, limits: Mapping[str, Any], currency: str | None) -> Any:
    """
    Return the attribute, moved into its bounds by as little as possible.
    """
    bound: object = next(iter(limits.values()))
    low = limits.get("min", stepped(limits["above"], 1) if "above" in limits else None)
    high = limits.get("max", stepped(limits["below"], -1) if "below" in limits else None)
    now = getattr(entry, name)
    if isinstance(now, Money) and not isinstance(bound, Money):
        now = now.amount
    hint = _hints(entry)[name]
    if _is_list(hint):
        return (low if low is not None else high,)
    if now is None or (low is not None and now < low):
        found = high if high is not None else low
    else:
        found = now if high is None else min(now, high)
    if Money in _members(hint) and not isinstance(found, Money) and not isinstance(entry, ResourceDemand):
        return Money(found, currency or _CURRENCY)
    return found


def _reported(snapshot: KpiSnapshot, params: Mapping[str, Any], held: Iterable[Any], at: datetime) -> KpiSnapshot:
    """
    Return a snapshot of this time with a figure of each metric that a remedy asks for, and with what the latest had.
    """
    value = stepped(params.get("value", Decimal(1)), {"gt": 1, "ne": 1, "lt": -1}.get(params.get("op", ""), 0))
    before = max(held, key=lambda each: each.at or at, default=snapshot).values
    kept = [each for each in before if each.metric not in params["metrics"]]
    made = [KpiValue(each, value, variant=params.get("variant", ""), n=1) for each in params["metrics"]]
    return KpiSnapshot(snapshot.id, at, (*kept, *made))


def _scored(card: Scorecard, params: Mapping[str, Any]) -> Scorecard:
    items = {item.id: item for item in card.items}
    met: Iterable[str] = params.get("met", ())
    for name in met:
        items[name] = attrs.evolve(items.get(name) or ScoreItem(name, 0, weight=0), met=True)
    if "min_score" in params:
        need = params["min_score"]
        better = [attrs.evolve(item, score=need, evidence="seen") for item in items.values() if item.weight]
        items |= {item.id: item for item in better or [ScoreItem("whole", need, evidence="seen")]}
    return Scorecard(card.id, tuple(items.values()))
