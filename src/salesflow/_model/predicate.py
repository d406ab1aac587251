"""
Conditions as data: ``{ field = literal }``, comparisons, and ``all`` / ``any`` / ``not``.

A comparison with an absent field is *unknown* (``None``), in the three-valued logic
of Kleene: ``all`` is false if any part is false, ``any`` is true if any part is true,
and otherwise an unknown part makes the whole unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from ..errors import InputError, did_you_mean
from .frozen import freeze
from .values import Money


Op: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "set"]


def _among(value: Any, members: Any) -> bool:
    return value in members


def _not_among(value: Any, members: Any) -> bool:
    return value not in members


OPS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "in": _among,
    "not_in": _not_among,
}
WORDS: Final = ("all", "any", "not")
"""The words that join predicates; no field can have such a name."""


@attrs.frozen
class Compare:
    """
    A comparison of one field; the operator ``set`` asks whether it is filled at all.
    """

    field: str
    op: Op
    value: Any = attrs.field(converter=freeze)  # pyright: ignore[reportUnknownVariableType] -- it is Any


@attrs.frozen
class Junction:
    """
    Several predicates joined by ``all`` or ``any``, or one negated by ``not``.
    """

    word: Literal["all", "any", "not"]
    parts: tuple[Predicate, ...]


Predicate: TypeAlias = Compare | Junction


def to_predicate(data: Any) -> Predicate:
    """
    Read a predicate from plain data.

    >>> to_predicate({"amount": {"gt": 5}})
    Compare(field='amount', op='gt', value=5)

    Raises:
        InputError: naming the part that is no predicate.
    """
    if isinstance(data, (Compare, Junction)):
        return data
    given: object = data
    if not isinstance(data, Mapping) or not data:
        raise InputError("predicate", given, "Write a table such as { field = value } or { all = [ … ] }.")
    table = cast("Mapping[object, object]", data)
    parts = tuple(part for key, value in table.items() for part in _read(key, value))
    return parts[0] if len(parts) == 1 else Junction("all", parts)


def _read(key: object, value: object) -> Iterator[Predicate]:
    if not isinstance(key, str):
        raise InputError("predicate", key, "Write the name of a field, all, any or not.")
    if key == "not":
        yield Junction("not", (to_predicate(value),))
    elif key in ("all", "any"):
        given = value
        if not isinstance(value, (list, tuple)) or not value:
            raise InputError(f"predicate {key!r}", given, "Give it a list of predicates.")
        parts = cast("Iterable[object]", value)
        yield Junction("all" if key == "all" else "any", tuple(to_predicate(part) for part in parts))
    elif isinstance(value, Mapping):
        yield from _comparisons(key, cast("Mapping[object, object]", value))
    else:
        yield Compare(key, "eq", value)


def _comparisons(key: str, operands: Mapping[object, object]) -> Iterator[Compare]:
    known = (*OPS, "set")
    if not operands:
        raise InputError(f"comparison of {key!r}", operands, f"Use one of {', '.join(known)}.")
    for op, operand in operands.items():
        if op not in known:
            raise InputError("operator", op, f"Use one of {', '.join(known)}.{did_you_mean(str(op), known)}")
        yield _comparison(key, cast("Op", op), operand)


def _comparison(key: str, op: Op, operand: object) -> Compare:
    what = f"operator {op!r} of {key!r}"
    if op == "set" and not isinstance(operand, bool):
        raise InputError(what, operand, "Write true or false.")
    if op in ("in", "not_in") and not isinstance(operand, (list, tuple)):
        raise InputError(what, operand, "Give it a list of values.")
    return Compare(key, op, operand)


def to_data(predicate: Predicate) -> dict[str, Any]:
    """
    Write a predicate as plain data; :func:`to_predicate` reads it back equal.
    """
    if isinstance(predicate, Compare):
        value: object = predicate.value
        plain = predicate.op == "eq" and not isinstance(value, Mapping)
        return {predicate.field: value if plain else {predicate.op: value}}
    if predicate.word == "not":
        return {"not": to_data(predicate.parts[0])}
    return {predicate.word: [to_data(part) for part in predicate.parts]}


def fields_of(predicate: Predicate) -> tuple[str, ...]:
    """
    Return the fields that a predicate reads, in the order written.
    """
    if isinstance(predicate, Compare):
        return (predicate.field,)
    return tuple(field for part in predicate.parts for field in fields_of(part))


def with_literals(predicate: Predicate, convert: Callable[[Compare], Any]) -> Predicate:
    """
    Return the predicate with every literal replaced by what *convert* makes of it.
    """
    if isinstance(predicate, Compare):
        return attrs.evolve(predicate, value=convert(predicate))
    return Junction(predicate.word, tuple(with_literals(part, convert) for part in predicate.parts))


def _there(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def compare(op: str, value: Any, literal: Any) -> bool | None:
    """
    Compare a field's value with a literal; ``None`` where it cannot be told.

    That is so for an absent value or a blank text, and between two currencies.
    """
    if not _there(value):
        return None
    if isinstance(value, Money):
        others = cast("Iterable[object]", literal) if op in ("in", "not_in") else (literal,)
        foreign = any(isinstance(one, Money) and one.currency != value.currency for one in others)
        if foreign and value not in others:
            return None
    try:
        return OPS[op](value, literal)
    except (TypeError, InputError):  # different kinds or currencies have no order
        return None


def holds(predicate: Predicate, value_of: Callable[[str], Any]) -> bool | None:
    """
    Evaluate a predicate over field values: true, false, or ``None`` for unknown.
    """
    if isinstance(predicate, Compare):
        value = value_of(predicate.field)
        if predicate.op == "set":
            return _there(value) is predicate.value
        return compare(predicate.op, value, predicate.value)
    found = [holds(part, value_of) for part in predicate.parts]
    if predicate.word == "not":
        return None if found[0] is None else not found[0]
    decisive = predicate.word == "any"
    if decisive in found:
        return decisive
    return None if None in found else not decisive
