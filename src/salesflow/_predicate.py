"""
Conditions as data: ``{ field = literal }``, comparisons, and ``all`` / ``any`` / ``not``.

A comparison with an absent field is *unknown* (``None``), in the three-valued logic
of Kleene: ``all`` is false if any part is false, ``any`` is true if any part is true,
and otherwise an unknown part makes the whole unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from ._values import freeze
from .errors import InputError, did_you_mean


Op: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "set"]

OPS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "in": lambda value, members: value in members,
    "not_in": lambda value, members: value not in members,
}
_WORDS: Final = ("all", "any", "not")


@attrs.frozen
class Compare:
    """
    A comparison of one field; the operator ``set`` asks whether it is filled at all.
    """

    field: str
    op: Op
    value: Any = attrs.field(converter=freeze)


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
    if not isinstance(data, Mapping) or not data:
        raise InputError("predicate", data, "Write a table such as { field = value } or { all = [ … ] }.")
    parts = tuple(part for key, value in data.items() for part in _read(key, value))
    return parts[0] if len(parts) == 1 else Junction("all", parts)


def _read(key: str, value: Any) -> Iterator[Predicate]:
    if key == "not":
        yield Junction("not", (to_predicate(value),))
    elif key in _WORDS:
        if not isinstance(value, (list, tuple)) or not value:
            raise InputError(f"predicate {key!r}", value, "Give it a list of predicates.")
        yield Junction("all" if key == "all" else "any", tuple(to_predicate(part) for part in value))
    elif isinstance(value, Mapping):
        for op, operand in value.items():
            if op not in OPS and op != "set":
                known = (*OPS, "set")
                raise InputError("operator", op, f"Use one of {', '.join(known)}.{did_you_mean(op, known)}")
            if op == "set" and not isinstance(operand, bool):
                raise InputError(f"operator 'set' of {key!r}", operand, "Write true or false.")
            if op in ("in", "not_in") and not isinstance(operand, (list, tuple)):
                raise InputError(f"operator {op!r} of {key!r}", operand, "Give it a list of values.")
            yield Compare(key, op, operand)
    else:
        yield Compare(key, "eq", value)


def to_data(predicate: Predicate) -> dict[str, Any]:
    """
    Write a predicate as plain data; :func:`to_predicate` reads it back equal.
    """
    if isinstance(predicate, Compare):
        plain = predicate.op == "eq" and not isinstance(predicate.value, Mapping)
        return {predicate.field: predicate.value if plain else {predicate.op: predicate.value}}
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


def compare(op: str, value: Any, literal: Any) -> bool | None:
    """
    Compare a field's value with a literal; ``None`` where it cannot be told.
    """
    if value is None:
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
            return (value is not None and value != "") is predicate.value
        return compare(predicate.op, value, predicate.value)
    found = [holds(part, value_of) for part in predicate.parts]
    if predicate.word == "not":
        return None if found[0] is None else not found[0]
    decisive = predicate.word == "any"
    if decisive in found:
        return decisive
    return None if None in found else not decisive
