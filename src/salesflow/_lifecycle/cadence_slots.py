"""
The slots that count for a project: where it stood, for how long after closing, and in which period.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from .._model.facts import Fact, Transitioned
from .._model.project import Project
from .._model.recurrence import Following
from .._model.zones import local_date
from ..calendars import slots_between
from .bind_cadences import PERIOD, BoundCadence


_WORKING_DAY: Final = timedelta(days=1)


class Stood(NamedTuple):
    """
    One uninterrupted time of a project in a stage; *until* is ``None`` while it goes on.
    """

    stage: str
    since: datetime
    until: datetime | None = None


def slots_of(
    bound: BoundCadence,
    project: Project,
    stood: Sequence[Stood],
    start: datetime,
    end: datetime,
    anchor: datetime | None = None,
) -> tuple[datetime, ...]:
    """
    Return the slots with ``start <= slot < end`` that count.

    At such a slot the project stood in the stages, not on hold, and had done so for a working day.

    Args:
        stood: where it stood, in order, as far as the span and the working day before it need.
        anchor: when what the cadence follows happened last.
    """
    found = slots_between(bound.recurrence, bound.calendar, start, end, shift=bound.cadence.shift, anchor=anchor)
    spans = tuple(_joined(bound, stood))
    return tuple([slot for slot in found if _in_period(bound, project, slot) and _counts(bound, spans, slot)])


def _joined(bound: BoundCadence, stood: Iterable[Stood]) -> Iterable[Stood]:
    """
    Yield the times in the stages of a cadence, with those that follow each other as one.
    """
    last: Stood | None = None
    for each in stood:
        if each.stage not in bound.stages:
            continue
        if last is not None and last.until == each.since:
            last = last._replace(until=each.until)
        else:
            if last is not None:
                yield last
            last = each
    if last is not None:
        yield last


def _counts(bound: BoundCadence, spans: Iterable[Stood], slot: datetime) -> bool:
    before = bound.calendar.add(slot, -_WORKING_DAY, "bd")
    after = bound.cadence.after_closing
    return any(
        each.since <= before
        and (each.until is None or slot <= each.until)
        and (after is None or slot <= bound.calendar.add(each.since, after))
        for each in spans
    )


def _in_period(bound: BoundCadence, project: Project, slot: datetime) -> bool:
    if bound.cadence.per != "period":
        return True
    first, last = (project.fields.get(name) for name in PERIOD)
    day = local_date(slot, bound.calendar.zone)
    return isinstance(first, date) and isinstance(last, date) and first <= day <= last


def anchor_of(bound: BoundCadence, project: Project, history: Iterable[Fact]) -> datetime | None:
    """
    Return when a project last took the transition that a cadence follows, or got that outcome; ``None`` if never.
    """
    recurrence = bound.recurrence
    if not isinstance(recurrence, Following):
        return None
    if recurrence.anchor not in (*project.taken, project.outcome):
        return None
    found: datetime | None = None
    outcome = ""
    for fact in history:
        body = fact.body
        if isinstance(body, Transitioned):
            set_now = body.outcome != outcome and body.outcome == recurrence.anchor
            found = fact.at if set_now or body.transition == recurrence.anchor else found
            outcome = body.outcome
    return found
