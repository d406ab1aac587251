"""
The KPIs of plans: how far milestones were off, and which planned activities took place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

import attrs

from ..._model.calendar import Calendar
from ..._model.zones import midnight
from ...dossier import Activity, Milestone
from .._cases import Ask, Cases, Summary, share, spread
from .._columns.columns import Columns
from .._columns.people import owner_of
from .._columns.tables import micros
from .._registry import kpi, no_params
from .days import end_of
from .records import Life, Record, day_of, lives, record_cases


_DAY: Final = 86_400_000_000
_TICK: Final = timedelta(microseconds=1)


def working_days(columns: Columns) -> Callable[[int, date, date], int]:
    """
    Return the function that counts the working days after one day up to another, by the calendar of a project.

    The result is in microseconds, and below 0 where the other day comes first.
    """
    known: dict[tuple[int, date, date], int] = columns.derive("working days", dict[tuple[int, date, date], int])

    def counted(calendar: Calendar, first: date, last: date) -> int:
        start, end = (midnight(day + timedelta(days=1), calendar.zone) for day in (first, last))
        return calendar.working_between(start, end, "bd") // _TICK

    def between(row: int, first: date, last: date) -> int:
        key = columns.tables.projects.lifecycle[row], first, last
        found = known.get(key)
        if found is None:
            found = known[key] = counted(columns.calendar_of(row), first, last)
        return found

    return between


def _mean(cases: Cases) -> Summary:
    found = spread(_DAY)(cases)
    return attrs.evolve(found, value=found.parts.get("mean"))


@kpi("schedule_variance", spread(_DAY), mean=_mean)
def schedule_variance(ask: Ask) -> Cases:
    """
    Find the milestones that were met in the period: the working days from the day first planned to that.
    """
    no_params(ask.params)
    columns, end, owner, between = ask.columns, end_of(ask.columns), owner_of(ask.columns), working_days(ask.columns)
    records: list[Record] = []
    skipped = overdue = 0
    for life in lives(columns, Milestone):
        milestone = life.entry
        planned = milestone.planned or life.first(lambda each: each.planned or each.due)
        at = end(milestone.met_on or planned) if milestone.met_on or planned else None
        if at is not None and not ask.start <= at < ask.end:
            continue
        if planned is None:
            skipped += 1
        elif at is None or milestone.met_on is None:
            overdue += at is not None and at <= columns.source.now
        else:
            groups = {"owner": owner(milestone.owner, life.row, at), "partner": milestone.partner or None}
            value = between(life.row, planned, milestone.met_on)
            records.append(Record(life.row, life.name, at, value, None, groups))
    return record_cases(columns, records, skipped=skipped, open_=overdue)


def _planned(life: Life[Activity]) -> int | None:
    """
    Return when an activity was to take place; ``None`` if it was never planned.
    """
    when = life.entry.planned_for or life.first(lambda each: each.at if each.status == "planned" else None)
    return None if when is None else micros(when)


@kpi("plan_adherence", share)
def plan_adherence(ask: Ask) -> Cases:
    """
    Find the activities that were planned for the period and whose window is over: above the line those done in it.

    The window is the day for which an activity was planned, or lasts until the time up to which it counts as done in
    time.
    """
    no_params(ask.params)
    columns, end, owner = ask.columns, end_of(ask.columns), owner_of(ask.columns)
    records: list[Record] = []
    waiting = 0
    for life in lives(columns, Activity):
        activity, at = life.entry, _planned(life)
        if at is None or not ask.start <= at < ask.end:
            continue
        day = day_of(columns, at)
        begin = end(day - timedelta(days=1)) + 1
        until = end(day) if activity.planned_until is None else micros(activity.planned_until)
        if until > columns.source.now:
            waiting += 1
            continue
        met = activity.status == "done" and activity.at is not None and begin <= micros(activity.at) <= until
        groups = {"owner": owner(activity.owner, life.row, at), "type": activity.type or None}
        records.append(Record(life.row, life.name, at, int(met), 1, groups))
    return record_cases(columns, records, open_=waiting)
