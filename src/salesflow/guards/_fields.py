"""
Guards over the fields of a project, its outcome, and the reason given for a move.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from .._model.definition import UNDECIDED
from .._model.predicate import OPS, SIGNS, compare, plain_comparison
from .._model.project import Project, field_reader, field_value
from .._model.values import Label, Money
from .._model.verdict import PASS, Verdict, failed, unknown
from ..errors import say
from ..typing import Check, Context
from ._base import at_least, cure, guard, is_set, some


CompareOp: TypeAlias = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "matches"]

_PATTERN_LIMIT = 200
_TEXT_LIMIT = 10_000
_OTHER = "other"  # the code of a reason that only a note explains


@guard(
    "fields_present",
    codes={"fields.missing": Label("Still to be filled in: {fields}.", "尚未填写：{fields}。")},
    reads=lambda *fields: fields,
)
def fields_present(*fields: str) -> Check:
    """
    Ask that every field is filled. Blank text and an empty list are not; 0 and ``False`` are.
    """
    some("fields", fields)

    def check(ctx: Context) -> Verdict:
        values = ctx.project.fields
        for field in fields:
            value = values.get(field)
            if (isinstance(value, str) and not value.strip()) or (not value and not is_set(value)):
                return present(ctx.project)
        return PASS

    def present(project: Project) -> Verdict:
        missing = tuple(field for field in fields if not is_set(field_value(project, field)))
        return (
            failed("fields.missing", *(cure("field", field) for field in missing), fields=missing) if missing else PASS
        )

    return check


@guard(
    "fields_absent",
    codes={"fields.filled": Label("Already filled in: {fields}.", "已填写：{fields}。")},
    reads=lambda *fields: fields,
)
def fields_absent(*fields: str) -> Check:
    """
    Ask that the fields have no value before this move, such as the owner of a deal that is claimed from the pool.
    """
    some("fields", fields)

    def check(ctx: Context) -> Verdict:
        before = ctx.stored or ctx.project
        filled = tuple([field for field in fields if is_set(field_value(before, field))])
        return failed("fields.filled", fields=filled) if filled else PASS

    return check


def _compared(field: str, *_args: Any, other: str = "", **_params: Any) -> tuple[str, ...]:
    return (field, other) if other else (field,)


@guard(
    "field_compare",
    codes={
        "field.compare": Label(
            "{field} is {found}, but the rule asks for {field} {sign} {wanted}.",
            "{field} 目前为 {found}，不符合要求：{field} {sign} {wanted}。",
        ),
        "field.compare_other": Label(
            "{field} is {found}, but the rule asks for {field} {sign} {other} ({wanted}).",
            "{field} 目前为 {found}，不符合要求：{field} {sign} {other}（{wanted}）。",
        ),
        "field.unknown": Label(
            "Cannot tell whether {field} {sign} {wanted}: no comparable value in {fields}.",
            "无法判断 {field} {sign} {wanted} 是否成立：{fields} 中没有可比较的值。",
        ),
        "field.unknown_other": Label(
            "Cannot tell whether {field} {sign} {other}: no comparable value in {fields}.",
            "无法判断 {field} {sign} {other} 是否成立：{fields} 中没有可比较的值。",
        ),
    },
    reads=_compared,
    typed_by={"value": "field"},
)
def field_compare(field: str, op: CompareOp, value: Any = None, *, other: str = "") -> Check:
    """
    Ask that a comparison of a field with a literal, or with another field, holds.

    Absent values, and values of different kinds or currencies, make the answer unknown. ``matches``
    holds a text of at most 10,000 characters against a regular expression that must cover all of it.

    Args:
        field: the field on the left.
        op: ``eq``, ``ne``, ``lt``, ``le``, ``gt``, ``ge``, ``in``, ``not_in`` or ``matches``.
        value: the literal on the right; a list for ``in`` and ``not_in``.
        other: the field on the right, instead of a literal.

    Raises:
        ValueError: unless exactly one of *value* and *other* is given, and fits *op*; a pattern
            may have 200 characters.
    """
    relate, read = _relation(op, value, other), field_reader(field)
    if other:
        read_other = field_reader(other)

        def check_other(ctx: Context) -> Verdict:
            found, wanted = read(ctx.project), read_other(ctx.project)
            holds = relate(found, wanted)
            return PASS if holds else _not_related(field, op, found, wanted, holds, other)

        return check_other
    # Most values are of the literal's class, and their comparison needs no care.
    kind, test = (None if op == "matches" else plain_comparison(op, value)) or (None, bool)

    def check(ctx: Context) -> Verdict:
        found = ctx.project.fields.get(field)
        if found.__class__ is kind and test(found):
            return PASS
        found = read(ctx.project)
        holds = relate(found, value)
        return PASS if holds else _not_related(field, op, found, value, holds)

    return check


def _not_related(field: str, op: str, found: Any, wanted: Any, holds: bool | None, other: str = "") -> Verdict:
    about = {"field": field, "op": op, "sign": SIGNS[op], "found": found, "wanted": wanted}
    about, kind = ({**about, "other": other}, "_other") if other else (about, "")
    params = {"op": op, "value": wanted, **({"other": other} if other else {})}
    if holds is False:
        return failed(f"field.compare{kind}", cure("field", field, **params), **about)
    absent = [name for name, held in ((field, found), (other, wanted)) if name and not is_set(held)]
    fields = tuple(absent) or (field,)
    remedies = (cure("field", name, **(params if name == field else {})) for name in fields)
    return unknown(f"field.unknown{kind}", *remedies, **about, fields=fields)


def _relation(op: str, value: Any, other: str) -> Callable[[Any, Any], bool | None]:
    if (value is None) is not bool(other):
        raise ValueError(say("param.value_or_other"))
    if op in ("in", "not_in"):
        if not isinstance(value, (tuple, list)):
            raise ValueError(say("param.list", op=op))
        return _among if op == "in" else lambda found, members: _negated(_among(found, members))
    if op == "matches":
        return _matcher(value)
    if op not in OPS:
        raise ValueError(say("param.operator", op=op, known=SIGNS))
    return lambda found, wanted: _related(op, found, wanted)


def _matcher(pattern: object) -> Callable[[Any, Any], bool | None]:
    if not isinstance(pattern, str) or len(pattern) > _PATTERN_LIMIT:
        raise ValueError(say("param.pattern", limit=_PATTERN_LIMIT))
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(say("param.regex", pattern=pattern, error=error)) from None

    def matches(found: Any, _pattern: Any) -> bool | None:
        if not isinstance(found, str) or not found.strip() or len(found) > _TEXT_LIMIT:
            return None
        return compiled.fullmatch(found) is not None

    return matches


def _related(op: str, found: Any, wanted: Any) -> bool | None:
    if not is_set(found) or not is_set(wanted) or _kind(found) != _kind(wanted):
        return None
    return compare(op, _comparable(found), _comparable(wanted))


def _among(found: Any, members: tuple[Any, ...]) -> bool | None:
    answers = [_related("eq", found, member) for member in members]
    if True in answers:
        return True
    return None if None in answers or not is_set(found) else False


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _kind(value: Any) -> tuple[object, ...]:
    if isinstance(value, Money):
        return ("money", value.currency)
    if isinstance(value, datetime):
        return ("datetime", value.tzinfo is None)
    if isinstance(value, bool):
        return ("bool",)
    if isinstance(value, (int, float, Decimal)):
        # Not a number equals nothing, itself included: a fresh object keeps it apart.
        return ("number", object() if Decimal(value).is_nan() else "")
    return ("text",) if isinstance(value, str) else (type(value).__name__,)


def _comparable(value: Any) -> Any:
    # A float is taken as it prints, or 0.1 would differ from the decimal 0.1.
    return Decimal(str(value)) if isinstance(value, float) else value


@guard(
    "outcome_set",
    codes={
        "outcome.unset": Label(
            "The outcome is {outcome}; this move needs one of: {allowed}.",
            "当前结果为 {outcome}，此操作要求结果为以下之一：{allowed}。",
        )
    },
)
def outcome_set(*allowed: str) -> Check:
    """
    Ask that the outcome, as this move would leave it, is one of *allowed*.
    """
    some("allowed", allowed)
    remedy = cure("field", "outcome", allowed=allowed)

    def check(ctx: Context) -> Verdict:
        outcome = ctx.project.outcome
        return PASS if outcome in allowed else failed("outcome.unset", remedy, outcome=outcome, allowed=allowed)

    return check


@guard(
    "undecided",
    codes={
        "outcome.decided": Label(
            "The outcome is already {outcome}; this move is for projects that are undecided.",
            "项目结果已定为 {outcome}，此操作只适用于结果未决的项目。",
        )
    },
)
def undecided() -> Check:
    """
    Ask that the project has no decided outcome before this move, so that an exit from a hold cannot lose a won deal.
    """

    def check(ctx: Context) -> Verdict:
        outcome = (ctx.stored or ctx.project).outcome
        return PASS if outcome == UNDECIDED else failed("outcome.decided", outcome=outcome)

    return check


def _explained(field: str, *_args: Any, note: str = "", **_params: Any) -> tuple[str, ...]:
    return (field, note) if note else (field,)


@guard(
    "reason_given",
    codes={
        "reason.missing": Label(
            "Give a reason in {field} (minimum length: {min_length}).",
            "请在 {field} 中填写原因（最少字数：{min_length}）。",
        ),
        "reason.note": Label(
            "The reason in {field} is 'other': explain it in {note} (minimum length: {min_length}).",
            "{field} 选择了“其他”（other），请在 {note} 中补充说明（最少字数：{min_length}）。",
        ),
    },
    reads=_explained,
)
def reason_given(field: str, *, min_length: int = 1, note: str = "") -> Check:
    """
    Ask for a reason; the code ``other`` needs a note as well.

    The note is the text given with the move, or the field that *note* names.

    Args:
        field: holds a coded reason, or free text.
        min_length: of a free text, and of the note, in characters.
        note: the field that may explain ``other``.
    """
    at_least(1, min_length=min_length)

    def check(ctx: Context) -> Verdict:
        reason = field_value(ctx.project, field)
        if reason != _OTHER:
            if _long_enough(reason, min_length):
                return PASS
            remedy = cure("field", field, min_length=min_length)
            return failed("reason.missing", remedy, field=field, min_length=min_length)
        noted = field_value(ctx.project, note) if note else None
        if _long_enough(ctx.reason, min_length) or _long_enough(noted, min_length):
            return PASS
        place = note or "reason"
        remedy = cure("field", place, min_length=min_length, **{"for": _OTHER})
        return failed("reason.note", remedy, field=field, note=place, min_length=min_length)

    return check


def _long_enough(value: object, length: int) -> bool:
    return is_set(value) and (not isinstance(value, str) or len(value.strip()) >= length)
