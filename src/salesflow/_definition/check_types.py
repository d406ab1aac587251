"""
Checks that the parts of a definition written in Python have the types of their annotations.

A file is checked while it is read; in Python an attribute may have any value. If a part has another type, the other
checks would fail on it, so they are not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, cast, get_args, get_origin, get_type_hints

import attrs

from .._model.definition import Definition, GuardUse
from .._model.uses import AdviceUse, EffectUse
from .._model.written import either
from ..errors import say
from .report import Fault, fault


_PLAIN: Final = (str, bool, int, float, NoneType)
_USES: Final = frozenset({GuardUse, EffectUse, AdviceUse})
_ORIGINS: Final[Mapping[Any, str]] = {Literal: "text", tuple: "list"}


def check_types(definition: Definition) -> Iterator[Fault]:
    """
    Yield every part that is of another type than it has to be.
    """
    yield from misfits(definition, Definition, "")


@cache
def _hints(cls: type[Any]) -> Mapping[str, Any]:
    hints = get_type_hints(cls)
    return {each.name: hints[each.name] for each in attrs.fields(cls)}


def misfits(value: Any, hint: Any, path: str) -> Iterator[Fault]:
    """
    Yield every part of a value that is of another type than its annotation says; of choices, only that they are text.
    """
    origin, arms = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        yield from _of_union(value, hint, path)
    elif origin is None or origin is Literal:
        kind = str if origin is Literal else hint
        if not _is(value, kind):
            yield _misfit(value, hint, path)
        elif attrs.has(kind):
            for name, inner in _hints(kind).items():
                yield from misfits(getattr(value, name), inner, f"{path}.{name}" if path else name)
    elif not isinstance(value, tuple if origin is tuple else Mapping):
        yield _misfit(value, hint, path)
    elif origin is tuple:
        for number, item in enumerate(cast("tuple[Any, ...]", value)):
            yield from misfits(item, arms[0], f"{path}[{number}]")
    else:
        for key, item in cast("Mapping[Any, Any]", value).items():
            here = f"{path}.{key}"
            yield from misfits(item, arms[1], here) if isinstance(key, str) else (_misfit(key, str, here),)


def _of_union(value: Any, hint: Any, path: str) -> Iterator[Fault]:
    arms = [arm for arm in get_args(hint) if _may_be(value, arm)]
    if not arms:
        yield _misfit(value, hint, path)
        return
    found = [list(misfits(value, arm, path)) for arm in arms]
    if all(found):
        yield from found[0]


def _may_be(value: Any, hint: Any) -> bool:
    """
    Tell whether a value is of a type, whatever is inside of it.
    """
    origin = get_origin(hint)
    if origin is None or origin is Literal:
        return _is(value, str if origin is Literal else hint)
    return isinstance(value, tuple if origin is tuple else Mapping)


def _is(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if kind in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def _misfit(value: Any, hint: Any, path: str) -> Fault:
    return fault(path, "value.type/use" if hint in _USES else "value.type/python", value=value, shape=_said(hint))


def _said(hint: Any) -> str:
    """
    Return a type as people say it.
    """
    origin, arms = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return either(_said(arm) for arm in arms if arm is not NoneType)
    if origin is None and hint not in _PLAIN:
        return str(getattr(hint, "__name__", hint))
    return say(f"shape.{_ORIGINS.get(origin, 'mapping') if origin else hint.__name__}")
