"""
Training records: how closed projects stood and ended, as rows that a model can be fitted to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from .._model.definition import Stage
from .._model.facts import Fact, Transitioned
from .._model.fold import replay
from .._model.frozen import FrozenDict, freeze, noun
from .._model.project import Project
from .._model.values import Money
from ..errors import InputError, nearest, say


@noun
class Record:
    """
    One closed project, as a model learns from it.

    Attributes:
        won: whether its outcome is ``won``.
        stage: the open stage that it was in when it closed.
        values: what its fields said, as text; a field without value is absent.
        closed_at: when it closed.
    """

    project_id: str
    won: bool
    stage: str
    values: Mapping[str, str] = attrs.field(converter=freeze)
    closed_at: datetime


def value_of(value: Any) -> str | None:
    """
    Return a field's value as a category, ``None`` for none.

    A model learns nothing from values that occur once. So numbers fall into three classes for
    each power of ten (from 1, 2 and 5 times it), money likewise by currency, and days and times
    into the months of the year. Texts are taken as they are; a blank text counts as none.
    """
    if value is None or isinstance(value, bool):
        return None if value is None else "yes" if value else "no"
    if isinstance(value, date):  # which a datetime is as well
        return f"month {value.month:02}"
    if isinstance(value, Money):
        return f"{_class_of(value.amount)} {value.currency}"
    if isinstance(value, (int, float, Decimal)):
        return _class_of(Decimal(str(value)))
    return str(value).strip() or None


def _class_of(number: Decimal) -> str:
    if number <= 0:
        return "0 or less"
    power = number.adjusted()
    lead = number.scaleb(-power)
    return f"from {next(step for step in (5, 2, 1) if lead >= step)}e{power}"


def values_of(project: Project, features: Iterable[str]) -> FrozenDict[str, str]:
    """
    Return the named fields of a project as categories; those without value are left out.
    """
    named = ((name, value_of(project.fields.get(name))) for name in features)
    return FrozenDict({name: value for name, value in named if value is not None})


def closed_records(
    histories: Iterable[Sequence[Fact]],
    stages: Sequence[Stage],
    *,
    features: Sequence[str] = (),
    known_at: str | None = None,
) -> tuple[Record, ...]:
    """
    Return the projects that were won or lost, oldest closing first.

    Any final stage closes. Projects with an outcome that is neither won nor lost (cancelled,
    undecided) teach nothing about winning and are left out, and so are those that never were in
    one of the stages, as may happen under another version of the lifecycle.

    Args:
        histories: the facts of each project.
        stages: those of the lifecycle, in file order.
        features: the fields that a model shall see.
        known_at: take the fields as they stood when the project first left this stage. By default,
            and for a project that never was there, as they were before it closed: what is filled
            in with the closing, such as a reason for the loss, would give the outcome away.

    Raises:
        InputError: if *known_at* is not an open stage.
    """
    open_ones = frozenset(stage.id for stage in stages if not stage.final and stage.kind != "hold")
    if known_at is not None and known_at not in open_ones:
        hint = say("input.stages", known=sorted(open_ones), near=nearest(known_at, open_ones))
        raise InputError("known_at", known_at, hint)
    final = {stage.id for stage in stages if stage.final}
    found: list[Record] = []
    for history in histories:
        project = replay(history)
        every = _moves(history)
        moves = [(place, source) for place, source in every if source in open_ones]
        if project.stage not in final or project.outcome not in ("won", "lost") or not moves:
            continue
        last = moves[-1][1]
        before = next((place for place, source in moves if source == known_at), every[-1][0])
        values = values_of(replay(history[:before]), features)
        found.append(Record(project.id, project.outcome == "won", last, values, project.visit.entered_at))
    return tuple(sorted(found, key=lambda record: (record.closed_at, record.project_id)))


def _moves(history: Sequence[Fact]) -> list[tuple[int, str]]:
    """
    Return the place and the source of each move out of a stage; the last move closed the project.
    """
    return [
        (place, fact.body.source)
        for place, fact in enumerate(history)
        if isinstance(fact.body, Transitioned) and not fact.body.stays
    ]
