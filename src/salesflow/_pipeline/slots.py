"""
The look at a cadence when a slot has closed: what was missed is recorded, and the next look is set.
"""

from __future__ import annotations

from datetime import datetime

from .._lifecycle.cadence_dues import next_due
from .._lifecycle.cadence_slots import missed_slots
from .._lifecycle.lifecycle import Lifecycle
from .._model.project import Project
from .._model.work import DueDeadline
from .recorder import Draft, Moment, NothingToWrite
from .runtime import Runtime


def missed(moment: Moment[Project], runtime: Runtime, due: DueDeadline, since: datetime) -> Draft:
    """
    Return what the missed slots of a cadence write, all since a time in one fact, and when it is looked at next.

    Raises:
        NothingToWrite: if none was missed.
    """
    project, lifecycle = moment.project, moment.lifecycle
    for bound in lifecycle.cadences:
        if bound.cadence.id == due.deadline:
            history = tuple(runtime.store.load(project.id, upto=project.version))
            slots = missed_slots(bound, history, since, moment.at)
            if slots:
                body, notices = lifecycle.miss_slots(project, due.deadline, slots, actor=moment.who, at=moment.at)
                again = next_due(bound, project, history, moment.at)
                return Draft(body, notices, dues=() if again is None else (again,))
    raise NothingToWrite


def due_again(
    runtime: Runtime, lifecycle: Lifecycle, project: Project, due: DueDeadline, now: datetime
) -> tuple[DueDeadline, ...]:
    """
    Return when a cadence is looked at next that had nothing missed.
    """
    bound = next((each for each in lifecycle.cadences if each.cadence.id == due.deadline), None)
    again = None if bound is None else next_due(bound, project, runtime.store.load(project.id), now)
    return () if again is None else (again,)
