"""
Deadlines of stages: when they pass, and what is watched for a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

import attrs

from .._definition.report import Fault, fault
from .._model.calendar import WORKING, Calendar
from .._model.definition import Deadline, Stage, Transition
from .._model.facts import DeadlinePassed, Fact
from .._model.project import Project, Visit, evolve
from .._model.uses import EffectUse
from .._model.values import CENTURY, Duration
from .._model.visit_time import reached_at
from .._model.work import DueDeadline
from .._model.zones import local_time
from ..typing import Effect


_TICK: Final = datetime.resolution
_MIDNIGHT: Final = time()


def _clock_span(limit: Any) -> timedelta | None:
    after: Duration = limit.deadline.after
    return None if after.unit in WORKING else after.span


@attrs.frozen(slots=False, eq=False, repr=False)
class BoundDeadline:
    """
    A deadline of a stage with its effects bound.

    Attributes:
        transition: what its effects see as the transition: from the stage to itself, named as the deadline.
        calendar: what it is counted in.
        span: its length in time of the clock; ``None`` if working days are counted.
    """

    deadline: Deadline
    stage: Stage
    transition: Transition
    effects: tuple[tuple[EffectUse, Effect], ...]
    calendar: Calendar
    span: timedelta | None = attrs.field(init=False, default=attrs.Factory(_clock_span, takes_self=True))


def check_length(path: str, duration: Duration) -> Iterator[Fault]:
    """
    Yield a fault for a time so long that nobody can mean it.
    """
    if duration.span > CENTURY:
        yield fault(path, "duration.range", value=duration)


def due_at(limit: BoundDeadline, visit: Visit) -> datetime:
    """
    Return when a deadline of a visit passes.

    What ends with a working day is due within that day, at its last moment: not at 00:00 of a day off.
    """
    if limit.span is not None and not visit.holds:
        return visit.entered_at + limit.span
    calendar = limit.calendar
    due = reached_at(visit, limit.deadline.after, calendar)
    ends = limit.deadline.after.unit == "bd" and local_time(due, calendar.zone).time() == _MIDNIGHT
    return due - _TICK if ends else due


def dues_of(limits: tuple[BoundDeadline, ...], project: Project) -> tuple[DueDeadline, ...]:
    """
    Return the deadlines to watch for a project's current stay, those that passed left out.

    The clock of a stay stands still while it is on hold.
    """
    visit = project.visit
    dues = {limit.deadline.id: due_at(limit, visit) for limit in limits if limit.deadline.id not in visit.passed}
    found = {**dues, **{name: due for name, due in visit.moved if name in dues}} if visit.moved else dues
    stay = project.id, visit.number, visit.stage
    return tuple([DueDeadline(*stay, name, due) for name, due in found.items() if due is not None])


def changed_deadlines(
    limits: Mapping[str, tuple[BoundDeadline, ...]], before: Project, after: Project, at: datetime
) -> tuple[tuple[DueDeadline, ...], tuple[tuple[str, int], ...]]:
    """
    Return the deadlines that are watched after a move at a time, and the stays that are not watched any more.

    Of the stay that it leaves, those that had passed are set again, to be recorded late; all others are dropped.
    """
    if before.visit.number == after.visit.number:
        if before.visit.moved is after.visit.moved:
            return (), ()
        return dues_of(limits.get(after.stage, ()), after), ((before.id, before.visit.number),)
    coming = dues_of(limits.get(after.stage, ()), after)
    left = limits.get(before.stage)
    if left is None:
        return coming, ()
    unseen = tuple([due for due in dues_of(left, before) if due.at < at])
    return (*unseen, *coming), ((before.id, before.visit.number),)


def was_missed(history: Iterable[Fact], due: DueDeadline) -> bool:
    """
    Tell whether a project left a stay after a deadline of it had passed, and no fact says so yet.
    """
    project: Project | None = None
    missed = False
    for fact in history:
        body, before = fact.body, project
        if isinstance(body, DeadlinePassed) and (body.visit, body.deadline) == (due.visit, due.deadline):
            return False
        project = evolve(before, fact)
        if before is not None and before.visit.number == due.visit != project.visit.number:
            missed = missed or due.at < fact.at
    return missed


def bound_deadline(
    limits: Mapping[str, tuple[BoundDeadline, ...]], project: Project, due: DueDeadline
) -> BoundDeadline | None:
    """
    Return the limit that a deadline is of, or ``None`` if it does not concern the project any more.
    """
    if project.visit.number != due.visit or due.deadline in project.visit.passed:
        return None
    return next((limit for limit in limits.get(project.stage, ()) if limit.deadline.id == due.deadline), None)
