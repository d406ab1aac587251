"""
Structures plain data as an attrs class, and reports everything that does not fit.

Definitions, mappings and scenarios are all read with it. cattrs does the work; what it raises becomes
faults, and the parts that do fit are kept.
It is imported on first use, because most programs never read a definition twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs

from .._model.definition import (
    FieldLock,
    GuardUse,
    Outcome,
    OverrideRule,
    Transition,
)
from .._model.frozen import EMPTY, FrozenDict, freeze
from .._model.insight import Insight
from .._model.predicate import Compare, Junction, Predicate, to_predicate
from .._model.uses import AdviceUse, EffectUse
from .._model.values import Duration, Label
from .._model.working_time import WorkingTime
from .._model.written import conforms, describe
from ..errors import InputError, nearest, say
from .report import Fault, fault
from .shape import NOUNS, is_list, is_table


if TYPE_CHECKING:
    import cattrs


T = TypeVar("T")

_LEAVES: Final = (str, bool, int, float, None.__class__)
# Read item by item before.
_READY: Final = frozenset({*NOUNS, AdviceUse, EffectUse, GuardUse, Outcome} - {Insight, OverrideRule, WorkingTime})
_LANGUAGES: Final = ("en", "zh")


class _MisfitError(Exception):
    """
    A value that does not fit: the name of a fault's message, and its parts.
    """

    def __init__(self, name: str, **parts: object) -> None:
        super().__init__(name)
        self.name = name
        self.parts = parts


@attrs.define
class FaultCollector:
    """
    What reading a definition came upon.

    Attributes:
        faults: in the order found, without lines.
        dropped: ids of fields, stages and transitions that were left out, and paths of parts.
        kept: by path of a list that lost items, the positions of those that are left.
    """

    faults: list[Fault] = attrs.Factory(list[Fault])
    dropped: set[str] = attrs.Factory(set[str])
    kept: dict[str, tuple[int, ...]] = attrs.Factory(dict[str, tuple[int, ...]])

    def add(self, path: str, name: str, /, **parts: object) -> None:
        """
        Take note of a fault by the name of its message.
        """
        self.faults.append(fault(path, name, **parts))


def at(path: str, key: str) -> str:
    """
    Return the path of a key of the table at *path*.
    """
    return f"{path}.{key}" if path else key


def structured_table(
    kind: type[T],
    data: object,
    path: str,
    found: FaultCollector,
    *,
    vital: Collection[str] = (),
    fallback: Mapping[str, Any] = EMPTY,
) -> T | None:
    """
    Return *data* as a noun like :func:`structured`, if it is a table at all.
    """
    if isinstance(data, Mapping):
        return structured(kind, cast("Mapping[str, Any]", data), path, found, vital=vital, fallback=fallback)
    found.add(path, "value.type/table", value=data)
    return None


def structured(
    kind: type[T],
    data: Mapping[str, Any],
    path: str,
    found: FaultCollector,
    *,
    vital: Collection[str] = (),
    fallback: Mapping[str, Any] = EMPTY,
) -> T | None:
    """
    Return *data* as a noun; parts that do not fit are left out.

    Args:
        vital: attributes without which the rest would mislead; if one does not fit, there is no noun.
        fallback: values for such attributes, so that there is a noun anyway.
    """
    from cattrs import ClassValidationError  # noqa: PLC0415 -- costs a third of the import time of this library

    try:
        return _converter().structure(data, kind)
    except ClassValidationError as error:
        bad = _report_problems(error, kind, data, path, found)
    if any(name in bad and name not in fallback for name in vital):
        return None
    return _converter().structure({**fallback, **{key: data[key] for key in data if key not in bad}}, kind)


def _report_problems(
    error: Any, kind: type[Any], data: Mapping[str, Any], path: str, found: FaultCollector
) -> set[str]:
    """
    Turn what cattrs raised into faults; return the keys to leave out, and their attributes.
    """
    known = [_key(attribute) for attribute in attrs.fields(kind)]
    bad = {key for key in data if key not in known}
    for key in data:
        if key in bad:
            bad.update(report_unknown_key(key, [name for name in known if name not in data], path, found))
    for problem in error.exceptions:
        notes = [note for note in getattr(problem, "__notes__", ()) if hasattr(note, "name")]
        for key in [note.name.rstrip("_") for note in notes]:
            if isinstance(problem, KeyError):
                if key not in bad:
                    found.add(path, "key.missing", key=key)
            else:
                _report_misfit(problem, at(path, key), found)
            bad.add(key)
    return bad


def _key(attribute: attrs.Attribute[Any]) -> str:
    """
    Return the key of an attribute in a file; a word of Python has a sign behind it as an attribute.
    """
    return attribute.name.rstrip("_")


def report_unknown_key(key: object, free: Sequence[str], path: str, found: FaultCollector) -> tuple[str, ...]:
    """
    Tell of a key that does not belong here; return the free one that was meant, if any is near.
    """
    near = nearest(str(key), free)
    found.add(at(path, str(key)), "key.unknown" if free else "key.unknown/full", key=key, free=free, near=near)
    return () if near is None else (near,)


def _report_misfit(problem: Any, path: str, found: FaultCollector) -> None:
    if isinstance(problem, _MisfitError):
        found.add(path, problem.name, **problem.parts)
        return
    for inner in problem.exceptions:
        for note in inner.__notes__:
            _report_misfit(inner, f"{path}[{note.index}]", found)


@cache
def _converter() -> cattrs.Converter:
    from cattrs import Converter  # noqa: PLC0415 -- as above
    from cattrs.gen import make_dict_structure_fn, override  # noqa: PLC0415 -- as above

    converter = Converter(forbid_extra_keys=True)
    hooks: tuple[tuple[Callable[[Any], bool], Callable[[Any, Any], Any]], ...] = (
        (_is_leaf, _leaf),
        (lambda hint: hint == tuple[str, ...], lambda value, _hint: _texts(converter, value)),
        (lambda hint: get_origin(hint) is Mapping, _table),
        (lambda hint: hint == Mapping[str, str], _named_texts),
        (lambda hint: hint == Mapping[str, tuple[str, ...]], _hours),
        (lambda hint: hint == Mapping[str, Label], _labels),
        (lambda hint: hint is Any, _literal),
        (lambda hint: hint is Label, _label),
        (lambda hint: hint is Duration, _duration),
        (lambda hint: hint == Duration | None, lambda value, hint: None if value is None else _duration(value, hint)),
        (lambda hint: Compare in get_args(hint) and Junction in get_args(hint), _predicate),
        (lambda hint: OverrideRule in get_args(hint), _override),
        (lambda hint: WorkingTime in get_args(hint), _calendar),
        (lambda hint: hint == tuple[date, ...], _days),
        (lambda hint: hint == tuple[Duration, ...], lambda value, _hint: _durations(value)),
        (_is_ready, lambda value, _hint: value),
    )
    for applies, hook in hooks:
        converter.register_structure_hook_func(applies, hook)
    for plain in (str, int, float, bool):
        converter.register_structure_hook(plain, _leaf)
    for kind in (FieldLock, Outcome, Transition):
        renamed: Any = {each.name: override(rename=_key(each)) for each in attrs.fields(kind)}
        function: Any = make_dict_structure_fn(kind, converter, **renamed)
        converter.register_structure_hook(kind, function)
    table = make_dict_structure_fn(Insight, converter)
    converter.register_structure_hook(  # a definition has it read before
        Insight, lambda value, hint: value if isinstance(value, Insight) else table(value, hint)
    )
    return converter


def _is_ready(hint: Any) -> bool:
    return any(part in _READY or _is_ready(part) for part in get_args(hint))


def _is_leaf(hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return all(_is_leaf(part) or part == tuple[str, ...] for part in get_args(hint))
    return hint in _LEAVES or get_origin(hint) is Literal


def _leaf(value: Any, hint: Any) -> Any:
    if conforms(value, hint):
        return value
    choices = _choices(hint)
    name = "value.choice/shape" if isinstance(value, str) and choices else "value.type"
    raise _MisfitError(name, value=value, shape=describe(hint), near=nearest(str(value), choices))


def _override(value: Any, _hint: Any) -> Any:
    if isinstance(value, (bool, OverrideRule)):
        return value
    raise _MisfitError("value.type", value=value, shape=say("shape.override"))


def _calendar(value: Any, _hint: Any) -> Any:
    if isinstance(value, (str, WorkingTime)):
        return value
    raise _MisfitError("value.type/calendar", value=value)


def _days(value: Any, _hint: Any) -> tuple[date, ...]:
    try:
        return tuple([each if type(each) is date else date.fromisoformat(each) for each in value])
    except (TypeError, ValueError):
        raise _MisfitError("value.type/days", value=value) from None


def _choices(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(word for part in get_args(hint) for word in _choices(part))


def _texts(converter: cattrs.Converter, value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    if not is_list(value):
        raise _MisfitError("value.type", value=value, shape=say("shape.texts"))
    return tuple(converter.structure(value, list[str]))


def _table(value: Any, _hint: Any) -> Any:
    if is_table(value) and all(isinstance(key, str) for key in value):
        return {key: _literal(item, _hint) for key, item in value.items() if item is not None}
    raise _MisfitError("value.type", value=value, shape=say("shape.table"))


def _named_texts(value: Any, _hint: Any) -> Any:
    if is_table(value) and all(isinstance(each, str) for pair in value.items() for each in pair):
        return dict(value)
    raise _MisfitError("value.type", value=value, shape=say("shape.named_texts"))


def _hours(value: Any, _hint: Any) -> Any:
    """
    Return hours by day; the hours of a single span need no brackets.
    """
    items: Any = value.items() if is_table(value) else ((None, None),)
    if all(isinstance(day, str) and all(isinstance(each, str) for each in _listed(spans)) for day, spans in items):
        return FrozenDict({day: tuple(_listed(spans)) for day, spans in items})
    raise _MisfitError("value.type/hours", value=value)


def _listed(value: Any) -> Any:
    return value if is_list(value) else [value]


def _literal(value: Any, _hint: Any) -> Any:
    if value is not None and _has_null(value):
        raise _MisfitError("value.type/null", value=value)
    return freeze(value)


def _has_null(value: Any) -> bool:
    if is_table(value):
        return any(_has_null(item) for item in value.values())
    return any(map(_has_null, value)) if is_list(value) else value is None


def _label(value: Any, _hint: Any) -> Label:
    if isinstance(value, str):
        return Label(value)
    if is_table(value) and all(key in _LANGUAGES and isinstance(text, str) for key, text in value.items()):
        return Label(**value)
    raise _MisfitError("value.type/label", value=value)


def _labels(value: Any, hint: Any) -> Any:
    if is_table(value):
        return {name: _label(label, hint) for name, label in value.items()}
    raise _MisfitError("value.type", value=value, shape=say("shape.labels"))


def _duration(value: Any, _hint: Any) -> Duration:
    try:
        return Duration.parse(cast("str", value))
    except InputError:
        raise _MisfitError("duration.malformed", value=value) from None


def _durations(value: Any) -> tuple[Duration, ...]:
    try:
        return tuple([Duration.parse(each) for each in _listed(value)])
    except InputError:
        raise _MisfitError("duration.malformed", value=value) from None


def _predicate(value: Any, _hint: Any) -> Predicate | None:
    try:
        return None if value is None else to_predicate(_literal(value, _hint))
    except InputError as error:
        raise _MisfitError("predicate.malformed", what=error.what, value=error.value, hint=error.hint) from None
