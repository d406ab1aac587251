"""
The strategies for values: fields, actors, times, and entries of the dossier of any class.

Every strategy shrinks to what a person would write: the default, the first name, the usual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from ... import Actor, Lifecycle, Money
from ..._model.definition import Field, FieldType
from ..._model.frozen import FrozenDict
from ..._pipeline.entry_actors import DONE_BY
from ...dossier import BUILT_IN, Approval, ApprovalRequest, KpiSnapshot
from ...errors import InputError, nearest, say
from ...templates import RECORDS
from ...typing import Duration, Entry, Label
from .._store.facts import NOW


_MOST: Final = 2**53 - 1
_YEAR: Final = 366
_NAMES: Final = ("ann", "li.wei", "zhang.min", "王芳", "o'neil")
_ROLES: Final = ("project_lead", "sales_director", "finance", "delivery")
_IDS: Final = ("a", "b", "c-1", "D_2")


def times(*, start: datetime = NOW, days: int = _YEAR) -> st.SearchStrategy[datetime]:
    """
    Generate times from *start* on, UTC, most of them on the minute.
    """
    minutes = st.integers(0, days * 24 * 60).map(lambda number: start + timedelta(minutes=number))
    return minutes | st.timedeltas(timedelta(), timedelta(days=days)).map(lambda by: start + by)


def actors(*, names: Iterable[str] = _NAMES, roles: Iterable[str] = _ROLES) -> st.SearchStrategy[Actor]:
    """
    Generate actors of a few names with any of the *roles*.
    """
    some = st.lists(st.sampled_from(tuple(roles)), unique=True) if tuple(roles) else st.just(list[str]())
    return st.builds(Actor, st.sampled_from(tuple(names)), roles=some.map(frozenset))


def texts(*, most: int = 12) -> st.SearchStrategy[str]:
    """
    Generate texts in any script that every store can keep.
    """
    return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=most)


def _numbers() -> st.SearchStrategy[Any]:
    return st.integers(0, 100) | st.integers(-_MOST, _MOST) | st.floats(allow_nan=False, allow_infinity=False)


def _money() -> st.SearchStrategy[Money]:
    amounts = st.integers(0, 1000).map(Decimal) | st.decimals(-(10**9), 10**9, places=2)
    return st.builds(Money, amounts, st.sampled_from(["CNY", "EUR"]))


def _dates() -> st.SearchStrategy[date]:
    return st.integers(-_YEAR, _YEAR).map(lambda days: NOW.date() + timedelta(days=days))


_FIELDS: Final[Mapping[FieldType, Callable[[Field], st.SearchStrategy[Any]]]] = {
    "text": lambda _field: texts(),
    "number": lambda _field: _numbers(),
    "integer": lambda _field: st.integers(0, 100) | st.integers(-_MOST, _MOST),
    "money": lambda _field: _money(),
    "date": lambda _field: _dates(),
    "datetime": lambda _field: times(),
    "bool": lambda _field: st.booleans(),
    "choice": lambda field: st.sampled_from(field.choices),
    "reference": lambda _field: st.sampled_from(["R-1", "R-2"]),
}


def field_values(field: Field) -> st.SearchStrategy[Any]:
    """
    Generate values that a declared field can hold, without ``None``, which clears it.
    """
    return _FIELDS[field.type](field)


def entries(
    kind: str | type[Any] | None = None, *, lifecycle: Lifecycle | None = None, **attributes: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """
    Generate entries of the dossier, from the attributes of their classes.

    Args:
        kind: a kind or a class; by default any kind that can be added (approvals are given, figures computed).
        lifecycle: a lifecycle whose plugins bring further classes; without it only built-in kinds are generated.
        attributes: strategies for single attributes, where their type does not say enough. Of kinds that have a
            lifecycle the status is that of new entries, unless it is among them; so is who did it left out.

    Raises:
        InputError: for an unknown kind, or an attribute that no class has.
    """
    known: Mapping[str, type[Entry]] = lifecycle.entries if lifecycle else {each.kind: each for each in BUILT_IN}
    if kind is None:
        wanted: list[Any] = [found for name, found in known.items() if name not in (Approval.kind, KpiSnapshot.kind)]
    elif isinstance(kind, str):
        if kind not in known:
            raise InputError("kind of an entry", kind, say("input.look_up", known=known, near=nearest(kind, known)))
        wanted = [known[kind]]
    else:
        if not attrs.has(kind):
            raise InputError("kind of an entry", kind, "Pass a kind, or a class of entries.")
        wanted = [kind]
    for name in attributes:
        if not any(name in attrs.fields_dict(each) for each in wanted):
            raise InputError("attribute of an entry", name, f"{wanted[0].__name__} has no such attribute.")
    return st.one_of([instances(each, **{**_start(each), **attributes}) for each in wanted])


def _start(kind: Any) -> Mapping[str, st.SearchStrategy[Any]]:
    """
    Return the status that new entries of a kind have, where only moves change it, and no beginning that lies ahead.
    """
    if getattr(kind, "kind", "") not in RECORDS:
        return {}
    attributes = attrs.fields_dict(kind)
    dated = [name for name in ("opened_at", "raised_at", "accepted_on", "expires_at") if name in attributes]
    named = {"name": st.just("")} if kind is ApprovalRequest else {}  # guards ask for few names
    return {"status": st.just(attributes["status"].default), **named, **dict.fromkeys(dated, st.none())}


def instances(kind: Any, **attributes: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """
    Generate instances of a frozen attrs class, most of their attributes with the default value.

    Raises:
        InputError: for an attribute of a type that this library does not keep.
    """
    return _instances(kind, FrozenDict(attributes))


@cache
def _instances(kind: Any, attributes: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    if kind in DONE_BY:  # who acts may leave it out, and write no other name
        attributes = {DONE_BY[kind][0]: st.just(""), **attributes}
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for attribute in attrs.fields(kind):
        if not attribute.init:
            continue
        given = attributes.get(attribute.name)
        found = _asked(kind, attribute, hints[attribute.name]) if given is None else given
        parts[attribute.alias or attribute.name] = found
    needed = {each.alias or each.name for each in attrs.fields(kind) if each.default is attrs.NOTHING} | {*attributes}
    always = {name: found for name, found in parts.items() if name in needed}
    sometimes = {name: found for name, found in parts.items() if name not in needed}
    return st.fixed_dictionaries(always, optional=sometimes).map(lambda values: _made(kind, values)).filter(bool)


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    # Only trying shows which values the class refuses together.
    try:
        return kind(**values)
    except (TypeError, ValueError):
        return None


def _asked(kind: Any, attribute: attrs.Attribute[Any], hint: Any) -> st.SearchStrategy[Any]:
    """
    Generate values of an attribute: of its type, without those that its converter or validator refuses.
    """
    values = st.sampled_from(_IDS) if attribute.name == "id" and hint is str else of_hint(hint)
    if values is None:
        what = f"attribute {attribute.name!r} of {kind.__name__}"
        raise InputError(what, hint, f"Pass entries(…, {attribute.name}=a strategy).")
    return values.filter(lambda value: _accepts(attribute, value))


def _accepts(attribute: attrs.Attribute[Any], value: Any) -> bool:
    convert: Any = getattr(attribute, "converter")  # noqa: B009 -- attrs types it in part only
    try:
        # A converter that takes the instance can only be tried when the instance is made.
        if convert is not None and not isinstance(convert, attrs.Converter):
            value = convert(value)
        if attribute.validator is not None:
            attribute.validator(None, attribute, value)
    except (TypeError, ValueError):
        return False
    return True


_SIMPLE: Final[Mapping[Any, Callable[[], st.SearchStrategy[Any]]]] = {
    Any: lambda: st.none() | texts() | st.booleans() | st.integers(0, 100) | _money(),
    NoneType: st.none,
    str: texts,
    bool: st.booleans,
    int: lambda: st.integers(0, 5) | st.integers(0, 100),
    float: lambda: st.integers(0, 10).map(float) | st.floats(0, 100, allow_nan=False),
    Decimal: lambda: st.integers(0, 100).map(Decimal) | st.decimals(-1000, 1000, places=2),
    Money: _money,
    datetime: times,
    date: _dates,
    Label: lambda: st.builds(Label, texts(), texts()),
    Duration: lambda: st.builds(Duration, st.integers(0, 60), st.sampled_from(["d", "h", "m"])),
}


def of_hint(hint: Any) -> st.SearchStrategy[Any] | None:
    """
    Return a strategy for a type that an entry may have, or ``None`` for any other type.
    """
    origin, args = get_origin(hint), get_args(hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]()
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (Union, UnionType):
        found = map(of_hint, sorted(args, key=lambda arg: arg is not NoneType))
        known = [strategy for strategy in found if strategy is not None]
        return st.one_of(known) if known else None
    inner = of_hint(args[-1] if origin is not tuple else args[0]) if args else None
    if inner is not None and origin in (tuple, list):
        return st.lists(inner, max_size=3).map(tuple)
    if inner is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(st.sampled_from(get_args(args[0]) or _IDS), inner, max_size=2)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return instances(hint) if isinstance(hint, type) and attrs.has(hint) else None
