"""
Deadlines of stages: when they pass, and what is watched for a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from .._model.definition import Deadline, EffectUse, Stage, Transition
from .._model.project import Project
from .._model.values import Duration
from .._model.visit_time import held_time
from .._model.work import DueDeadline
from ..typing import Effect


_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_FRIDAY: Final = 4


@attrs.frozen(slots=False, eq=False, repr=False)
class BoundDeadline:
    """
    A deadline of a stage with its effects bound.

    Attributes:
        transition: what its effects see as the transition: from the stage to itself, named as the deadline.
    """

    deadline: Deadline
    stage: Stage
    transition: Transition
    effects: tuple[tuple[EffectUse, Effect], ...]


def due_at(start: datetime, after: Duration) -> datetime:
    """
    Return when a time after *start* has passed; working days skip Saturday and Sunday, in UTC.
    """
    if after.unit != "bd":
        return start + after.amount * _UNITS[after.unit]
    due = start
    left = after.amount
    while left:
        due += timedelta(days=1)
        left -= due.weekday() <= _FRIDAY
    return due


def dues_of(limits: tuple[BoundDeadline, ...], project: Project) -> tuple[DueDeadline, ...]:
    """
    Return the deadlines to watch for a project's current stay, those that passed left out.

    The clock of a stay stands still while it is on hold.
    """
    visit, held = project.visit, held_time(project.visit)
    return tuple(
        DueDeadline(project.id, visit.number, visit.stage, deadline.id, due_at(visit.entered_at, deadline.after) + held)
        for deadline in (limit.deadline for limit in limits)
        if deadline.id not in visit.passed
    )


def changed_deadlines(
    limits: Mapping[str, tuple[BoundDeadline, ...]], before: Project, after: Project
) -> tuple[tuple[DueDeadline, ...], tuple[tuple[str, int], ...]]:
    """
    Return the deadlines that a move starts to watch, and the stays that it stops watching.
    """
    if before.visit.number == after.visit.number:
        return (), ()
    dropped = ((before.id, before.visit.number),) if before.stage in limits else ()
    return dues_of(limits.get(after.stage, ()), after), dropped


def bound_deadline(
    limits: Mapping[str, tuple[BoundDeadline, ...]], project: Project, due: DueDeadline
) -> BoundDeadline | None:
    """
    Return the limit that a deadline is of, or ``None`` if it does not concern the project any more.
    """
    if project.visit.number != due.visit or due.deadline in project.visit.passed:
        return None
    return next((limit for limit in limits.get(project.stage, ()) if limit.deadline.id == due.deadline), None)
