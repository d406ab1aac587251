"""
When the cadences of a project are checked: each when its next slot closes, while the project is in its stages.

A check that finds nothing writes nothing, so an early or superfluous check changes no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from .._model.facts import Body, Fact, Opened, Transitioned
from .._model.project import Project
from .._model.recurrence import Following
from .._model.work import DueDeadline
from .bind_cadences import BoundCadence
from .cadence_slots import anchors_of
from .slot_windows import first_open


def next_due(bound: BoundCadence, project: Project, history: Iterable[Fact], at: datetime) -> DueDeadline | None:
    """
    Return when a cadence is to be looked at after a time; ``None`` if no slot of the project is open or to come.

    A slot that the project left the stages after stays open until it closes.

    Args:
        history: the facts of the project; read only where the cadence follows one of them.
    """
    due = _due(bound, project, at, next(reversed(anchors_of(bound, history)), None))
    if due is None or due.slot is None:
        return None
    return due if project.stage in bound.stages or due.slot <= project.visit.entered_at else None


def all_dues(
    cadences: Iterable[BoundCadence], project: Project, history: Iterable[Fact], at: datetime
) -> tuple[DueDeadline, ...]:
    """
    Return when the cadences of the stage in which a project stands are to be looked at after a time.
    """
    standing = [each for each in cadences if project.stage in each.stages]
    facts = tuple(history) if any(isinstance(each.recurrence, Following) for each in standing) else ()
    found = (next_due(bound, project, facts, at) for bound in standing)
    return tuple([each for each in found if each is not None])


def new_dues(
    cadences: Sequence[BoundCadence], before: Project | None, after: Project, fact: Fact
) -> Iterator[DueDeadline]:
    """
    Yield when the cadences are to be looked at that a fact begins: those whose stages the project entered.

    The slots of before the fact was recorded are left out.
    """
    body, at = fact.body, max(fact.at, fact.recorded_at)
    if not isinstance(body, (Opened, Transitioned)):
        return
    for bound in cadences:
        if after.stage not in bound.stages:
            continue
        entered = before is None or before.stage not in bound.stages
        due: DueDeadline | None = None
        if not isinstance(bound.recurrence, Following):
            due = _due(bound, after, at, None) if entered else None
        elif _is_anchor(bound.recurrence.anchor, before, body):
            due = _due(bound, after, at, fact.at)
        elif entered and bound.recurrence.anchor in (*after.taken, after.outcome):
            # When that was stands in the history, which the look itself reads.
            due = DueDeadline(after.id, 0, "", bound.cadence.id, at, slot=at)
        if due is not None:
            yield due


def _is_anchor(anchor: str, before: Project | None, body: Body) -> bool:
    if before is None or not isinstance(body, Transitioned):
        return False
    return body.transition == anchor or before.outcome != body.outcome == anchor


def _due(bound: BoundCadence, project: Project, at: datetime, anchor: datetime | None) -> DueDeadline | None:
    window, after = first_open(bound, at, anchor), bound.cadence.after_closing
    if window is None or (after and window.slot > bound.calendar.add(project.visit.entered_at, after)):
        return None
    return DueDeadline(project.id, 0, "", bound.cadence.id, window.closes, slot=window.slot)
