"""
Conditions as data: ``{ field = literal }``, comparisons, and ``all`` / ``any`` / ``not``.

A comparison with an absent field is *unknown* (``None``), in the three-valued logic
of Kleene: ``all`` is false if any part is false, ``any`` is true if any part is true,
and otherwise an unknown part makes the whole unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast

import attrs

from ..errors import InputError, nearest, say
from .frozen import DEEPEST, freeze, noun
from .values import Money
from .written import written


S = TypeVar("S")

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
_MIRRORED: Final[Mapping[str, str]] = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}
_ORDERED: Final = (int, bool, date)
"""Classes whose values are all filled and comparable with each other."""

SIGNS: Final[Mapping[str, str]] = {
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "in": "∈",
    "not_in": "∉",
    "matches": "~",
}
"""How people are shown an operator; only guards have ``matches``."""

WORDS: Final = ("all", "any", "not")
"""The words that join predicates; no field can have such a name."""


@noun
class Compare:
    """
    A comparison of one field; the operator ``set`` asks whether it is filled at all.
    """

    field: str
    op: Op
    value: Any = attrs.field(converter=freeze, eq=written)  # pyright: ignore[reportUnknownVariableType] -- it is Any


@noun
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
        InputError: naming the part that is not a predicate, and for one that is nested deeper than 64 levels.
    """
    return _predicate(data, 1)


def _predicate(data: Any, depth: int) -> Predicate:
    if isinstance(data, (Compare, Junction)):
        return data
    given: object = data
    if not isinstance(data, Mapping) or not data:
        raise InputError("predicate", given, say("input.predicate"))
    table = cast("Mapping[object, object]", data)
    parts = tuple(part for key, value in table.items() for part in _read(key, value, depth))
    return parts[0] if len(parts) == 1 else Junction("all", parts)


def _read(key: object, value: object, depth: int) -> Iterator[Predicate]:
    if not isinstance(key, str):
        raise InputError("predicate", key, say("input.predicate_key"))
    if depth > DEEPEST:
        raise InputError("predicate", key, say("input.depth", most=DEEPEST))
    if key == "not":
        yield Junction("not", (_predicate(value, depth + 1),))
    elif key in ("all", "any"):
        given = value
        if not isinstance(value, (list, tuple)) or not value:
            raise InputError(say("what.predicate_of", key=key), given, say("input.predicates"))
        parts = cast("Iterable[object]", value)
        yield Junction("all" if key == "all" else "any", tuple(_predicate(part, depth + 1) for part in parts))
    elif isinstance(value, Mapping):
        yield from _comparisons(key, cast("Mapping[object, object]", value))
    else:
        yield Compare(key, "eq", value)


def _comparisons(key: str, operands: Mapping[object, object]) -> Iterator[Compare]:
    known = (*OPS, "set")
    if not operands:
        raise InputError(say("what.comparison", key=key), operands, say("input.operators", known=known))
    for op, operand in operands.items():
        if op not in known:
            raise InputError("operator", op, say("input.choice", known=known, near=nearest(str(op), known)))
        yield _comparison(key, cast("Op", op), operand)


def _comparison(key: str, op: Op, operand: object) -> Compare:
    if op == "set" and not isinstance(operand, bool):
        raise InputError(say("what.operator", op=op, key=key), operand, say("input.truth"))
    if op in ("in", "not_in") and not isinstance(operand, (list, tuple)):
        raise InputError(say("what.operator", op=op, key=key), operand, say("input.values"))
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
    Compare a field's value with a literal; ``None`` where it cannot be determined.

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


def plain_comparison(op: str, literal: Any) -> tuple[type, Callable[[Any], bool | None]] | None:
    """
    Return the class of values whose comparison with *literal* needs no care, and that comparison.

    It answers as :func:`compare` does, for values of exactly this class. ``None`` where every comparison needs care.

    >>> kind, at_least_five = plain_comparison("ge", 5)
    >>> kind, at_least_five(7)
    (<class 'int'>, True)
    """
    if op in ("in", "not_in"):
        members = cast("tuple[object, ...]", literal)
        return _plain_membership(members, wanted=op == "in") if isinstance(literal, tuple) else None
    if op not in OPS:
        return None  # whoever compares says what is wrong
    kind, order = literal.__class__, OPS[op]
    if kind in _ORDERED:
        return kind, partial(OPS[_MIRRORED[op]], literal)  # a call into C and nothing else
    if kind in (Decimal, float) and literal == literal:  # noqa: PLR0124 -- not a number differs from itself
        return kind, lambda value: order(value, literal) if value == value else None  # noqa: PLR0124
    if kind is str and literal.strip():
        return kind, lambda value: order(value, literal) if value.strip() else None
    if kind is Money:
        amount, currency = literal.amount, literal.currency
        return kind, lambda value: order(value.amount, amount) if value.currency == currency else None
    return None


def _plain_membership(members: tuple[Any, ...], *, wanted: bool) -> tuple[type, Callable[[Any], bool | None]] | None:
    kinds = {member.__class__ for member in members}
    kind = kinds.pop() if len(kinds) == 1 else None
    among: frozenset[Any] = frozenset(members) if kind in (*_ORDERED, str) else frozenset()
    if kind is str and all(member.strip() for member in among):
        return kind, lambda value: (value in among) is wanted if value.strip() else None
    if kind in _ORDERED:
        return kind, lambda value: (value in among) is wanted
    return None


def bind_predicate(predicate: Predicate, reader_of: Callable[[str], Callable[[S], Any]]) -> Callable[[S], bool | None]:
    """
    Return a predicate as one function of what its fields are read from: true, false, or ``None`` for unknown.

    Args:
        reader_of: takes a field and returns the function that reads it.
    """
    if isinstance(predicate, Compare):
        return _bind_compare(predicate, reader_of(predicate.field))
    parts = tuple(bind_predicate(part, reader_of) for part in predicate.parts)
    if predicate.word == "not":
        (part,) = parts

        def negated(subject: S) -> bool | None:
            found = part(subject)
            return None if found is None else not found

        return negated
    decisive = predicate.word == "any"

    def joined(subject: S) -> bool | None:
        answer: bool | None = not decisive
        for part in parts:
            found = part(subject)
            if found is decisive:
                return decisive
            if found is None:
                answer = None
        return answer

    return joined


def _bind_compare(predicate: Compare, read: Callable[[S], Any]) -> Callable[[S], bool | None]:
    op, literal = predicate.op, predicate.value
    if op == "set":
        return lambda subject: _there(read(subject)) is literal
    plain = plain_comparison(op, literal)
    if plain is None:
        return lambda subject: compare(op, read(subject), literal)
    kind, test = plain

    def compared(subject: S) -> bool | None:
        value = read(subject)
        return test(value) if value.__class__ is kind else compare(op, value, literal)

    return compared


def holds(predicate: Predicate, value_of: Callable[[str], Any]) -> bool | None:
    """
    Evaluate a predicate over field values: true, false, or ``None`` for unknown.
    """

    def reader_of(field: str) -> Callable[[None], Any]:
        return lambda _: value_of(field)

    return bind_predicate(predicate, reader_of)(None)
