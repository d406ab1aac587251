"""
Deadlines of stages: when they pass, and what is watched for a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import attrs

from .._definition.report import Fault, fault
from .._model.calendar import WORKING, Calendar
from .._model.definition import Deadline, Stage, Transition
from .._model.facts import Body, DeadlineMoved, DeadlinePassed, Fact
from .._model.fold import evolve
from .._model.frozen import noun
from .._model.project import Project, Visit
from .._model.uses import EffectUse
from .._model.values import CENTURY, Duration
from .._model.visit_time import date_ends, due_after, within_day
from .._model.work import RECOUNT, WAITING, DueDeadline
from .._model.zones import local_time
from ..dossier._plan import took_place
from ..typing import Effect


_YEAR: Final = 366


def _clock_span(limit: Any) -> timedelta | None:
    after: Duration | None = limit.deadline.after
    return None if after is None or limit.hangs or after.unit in WORKING else after.span


@noun(slots=False, eq=False, repr=False)
class BoundDeadline:
    """
    A deadline of a stage with its effects bound.

    Attributes:
        transition: what its effects see as the transition: from the stage to itself, named as the deadline.
        calendar: what it is counted in.
        data: the digest of what the calendar knows: the days of two years around the last one that is decreed.
        span: its length in time of the clock; ``None`` if working time is counted, or it hangs on data.
    """

    deadline: Deadline
    stage: Stage
    transition: Transition
    effects: tuple[tuple[EffectUse, Effect], ...]
    calendar: Calendar
    span: timedelta | None = attrs.field(init=False, default=attrs.Factory(_clock_span, takes_self=True))

    @property
    def hangs(self) -> bool:
        """
        Whether it hangs on a field or on entries, so that they put it off.
        """
        return self.deadline.field is not None or self.deadline.since is not None

    def touched(self, before: Project, after: Project) -> bool:
        """
        Tell whether what it hangs on may have changed.
        """
        field, since = self.deadline.field, self.deadline.since
        changed = since is not None and before.held(since) is not after.held(since)
        return changed or (field is not None and before.fields is not after.fields)

    @cached_property
    def data(self) -> str:
        through = self.calendar.decreed_through or date.min
        days = range(through.toordinal() - _YEAR, through.toordinal() + _YEAR)
        worked = [self.calendar.is_working_day(date.fromordinal(day)) for day in days]
        return sha256(f"{through}{worked}".encode()).hexdigest()[:16]


def check_length(path: str, duration: Duration) -> Iterator[Fault]:
    """
    Yield a fault for a time so long that nobody can mean it.
    """
    if duration.span > CENTURY:
        yield fault(path, "duration.range", value=duration)


def due_at(limit: BoundDeadline, project: Project) -> datetime | None:
    """
    Return when a deadline of a project's current stay passes; ``None`` where the field that it hangs on is empty.

    What ends with a working day is due within that day, at its last moment: not at 00:00 of a day off. Holds put off
    what is counted from the entry, and no date of a field.
    """
    visit = project.visit
    if limit.span is not None and not visit.holds:
        return visit.entered_at + limit.span
    deadline, calendar = limit.deadline, limit.calendar
    span = deadline.before or deadline.after
    if deadline.field is None:
        return None if span is None else _put_off(limit, project, span, due_after(visit, span, calendar))
    due = _anchor(project.fields.get(deadline.field), calendar)
    if due is None or span is None:
        return due
    due = calendar.add(due, -span.span if deadline.before else span.span, span.unit)
    return within_day(due, span, calendar)


def _put_off(limit: BoundDeadline, project: Project, span: Duration, due: datetime) -> datetime:
    """
    Return when a deadline is due that is counted again from the latest entry of a kind; at the earliest as it was.
    """
    held, zone = project.held(limit.deadline.since).values() if limit.deadline.since else (), limit.calendar.zone
    times = [when for each in held if (when := took_place(each.entry, each.at, zone)) is not None]
    if not times:
        return due
    again = limit.calendar.add(max(times), span.span, span.unit)
    return max(due, within_day(again, span, limit.calendar))


def _anchor(value: date | None, calendar: Calendar) -> datetime | None:
    return None if value is None else date_ends(value, calendar)


def has_passed(limit: BoundDeadline, visit: Visit, due: datetime | None) -> bool:
    """
    Tell whether a deadline of a visit has passed. One that hangs on data is there again once it is due later.
    """
    name = limit.deadline.id
    if name not in visit.passed:
        return False
    return not limit.hangs or due is None or due <= dict(visit.missed).get(name, due)


def dues_of(limits: tuple[BoundDeadline, ...], project: Project) -> tuple[DueDeadline, ...]:
    """
    Return the deadlines to watch for a project's current stay, those that passed left out.

    The clock of a stay stands still while it is on hold.
    """
    visit = project.visit
    stay = project.id, visit.number, visit.stage
    found: list[DueDeadline] = []
    for limit in limits:
        name, dated = limit.deadline.id, limit.deadline.field is not None
        if name in visit.passed and not limit.hangs:
            continue
        due = due_at(limit, project)
        if visit.moved:
            due = dict(visit.moved).get(name, due)
        if due is not None and not has_passed(limit, visit, due):
            late = dated and due < project.updated_at
            data = limit.data if limit.span is None and _is_provisional(limit, project, due) else ""
            found.append(DueDeadline(*stay, name, due, late, data))
    return tuple(found)


def _is_provisional(limit: BoundDeadline, project: Project, due: datetime) -> bool:
    """
    Tell whether a deadline hangs on days of which nobody has said yet whether they are worked.
    """
    through, deadline = limit.calendar.decreed_through, limit.deadline
    if through is None or deadline.id in dict(project.visit.moved):
        return False
    span, value = deadline.before or deadline.after, project.fields.get(deadline.field or "")
    dated = value is not None and not isinstance(value, datetime)
    if not dated and (span is None or span.unit not in WORKING):
        return False
    anchor = _anchor(value, limit.calendar)
    last = due if anchor is None or anchor < due else anchor
    return local_time(last, limit.calendar.zone).date() > through


def watched(
    limits: tuple[BoundDeadline, ...], project: Project, dues: tuple[DueDeadline, ...]
) -> tuple[DueDeadline, ...]:
    """
    Return due deadlines with all that is to be done before they pass: reminders that are still to come, and recounts.
    """
    parts: list[DueDeadline] = []
    for due in dues:
        if due.provisional:
            parts.append(attrs.evolve(due, part=RECOUNT, at=WAITING, of=due.at))
        for limit in limits:
            if limit.deadline.remind and limit.deadline.id == due.deadline:
                times = [(span, limit.calendar.add(due.at, -span.span, span.unit)) for span in limit.deadline.remind]
                said = [(str(span), at) for span, at in times if at > project.updated_at]
                parts += [attrs.evolve(due, provisional="", part=span, at=at, of=due.at) for span, at in said]
    return (*dues, *parts) if parts else dues


def all_watched(limits: Mapping[str, tuple[BoundDeadline, ...]], project: Project) -> tuple[DueDeadline, ...]:
    """
    Return all that is watched of a project's current stay.
    """
    own = limits.get(project.stage, ())
    return watched(own, project, dues_of(own, project))


def current_due(
    limits: Mapping[str, tuple[BoundDeadline, ...]], project: Project, due: DueDeadline
) -> DueDeadline | None:
    """
    Return the deadline that a part is of, as it is due now; ``None`` if it does not concern the project any more.
    """
    dues = dues_of(limits.get(project.stage, ()), project)
    return next((each for each in dues if (each.deadline, each.visit) == (due.deadline, due.visit)), None)


def changed_deadlines(
    limits: Mapping[str, tuple[BoundDeadline, ...]], before: Project | None, after: Project, fact: Fact
) -> tuple[tuple[DueDeadline, ...], tuple[tuple[str, int], ...]]:
    """
    Return the deadlines that are watched after an opening or a move, and the stays that are not watched any more.

    Of the stay that it leaves, those that had passed are set again, to be recorded late; all others are dropped.
    """
    if before is not None and before.visit.number == after.visit.number:
        return _changed_in_stay(limits.get(after.stage, ()), before, after, fact.body)
    coming = all_watched(limits, after)
    left = None if before is None else limits.get(before.stage)
    if before is None or left is None:
        return coming, ()
    unseen = tuple([due for due in dues_of(left, before) if due.at < fact.at])
    return (*unseen, *coming), ((before.id, before.visit.number),)


def _changed_in_stay(
    limits: tuple[BoundDeadline, ...], before: Project, after: Project, body: Body
) -> tuple[tuple[DueDeadline, ...], tuple[tuple[str, int], ...]]:
    """
    Return what a write changes that does not end the stay: deadlines that were moved, or that hang on data.
    """
    stay = before.id, before.visit.number
    if isinstance(body, DeadlineMoved):
        coming = dues_of(limits, after)
        if not body.counted:
            return watched(limits, after, coming), (stay,)
        return watched(limits, after, tuple([due for due in coming if due.deadline == body.deadline])), ()
    if not any(limit.touched(before, after) for limit in limits):
        return (), ()
    old = {due.deadline: due for due in dues_of(limits, before)}
    new = {due.deadline: due for due in dues_of(limits, after)}
    withdrawn = old.keys() - new.keys() - {*after.visit.passed}
    if withdrawn or any(old[name].provisional and not new[name].provisional for name in old.keys() & new.keys()):
        return watched(limits, after, tuple(new.values())), (stay,)
    changed = [due for name, due in new.items() if name not in old or old[name].at != due.at]
    return watched(limits, after, tuple(changed)), ()


def was_missed(history: Iterable[Fact], due: DueDeadline) -> bool:
    """
    Tell whether a project left a stay after a deadline of it had passed, and no fact says so yet.
    """
    project: Project | None = None
    missed = False
    for fact in history:
        body, before = fact.body, project
        found = isinstance(body, DeadlinePassed) and (body.visit, body.deadline, body.due_at)
        if found == (due.visit, due.deadline, due.at):
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
    if project.visit.number != due.visit:
        return None
    named = (limit for limit in limits.get(project.stage, ()) if limit.deadline.id == due.deadline)
    return next((limit for limit in named if not has_passed(limit, project.visit, due.at)), None)
