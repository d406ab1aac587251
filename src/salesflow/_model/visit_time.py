"""
How long a visit has lasted without holds, as deadlines, guards, scores and risks all measure it.

A visit keeps when it was on hold, and not for how long: a hold stops every clock in the clock's own unit. Time that was
left in working days is left in working days when the hold ends, and time in hours in hours. A date of a field means the
same time everywhere, whatever is on hold.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from .calendar import WORKING, Calendar
from .project import Visit
from .values import Duration, Unit
from .zones import local_time, midnight


_MIDNIGHT: Final = time()


def passed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> timedelta:
    """
    Return the time between two times as a unit counts it: working time for ``bd`` and ``bh``, else time of the clock.
    """
    return calendar.working_between(start, end, unit) if unit in WORKING else end - start


def time_in_stage(visit: Visit, until: datetime) -> timedelta:
    """
    Return how long a visit had lasted at a time, by the clock; a hold that goes on is not left out.
    """
    return until - visit.entered_at - sum((end - start for start, end in visit.holds), timedelta())


def reached_at(visit: Visit, duration: Duration, calendar: Calendar) -> datetime:
    """
    Return when a visit has lasted for a time, if no further hold interrupts it.
    """
    found, unit = calendar.add(visit.entered_at, duration), duration.unit
    for start, end in visit.holds:
        if found <= start:
            break
        left = passed(start, found, unit, calendar)
        found = calendar.add(end, left, unit) if unit in WORKING else end + left
    return found


def due_after(visit: Visit, duration: Duration, calendar: Calendar) -> datetime:
    """
    Return when a limit of a visit passes: what ends with a working day is due within that day, at its last moment.
    """
    return within_day(reached_at(visit, duration, calendar), duration, calendar)


def within_day(due: datetime, duration: Duration | None, calendar: Calendar) -> datetime:
    """
    Return a due time, or of working days that end at midnight the last moment before: not 00:00 of a day off.
    """
    ends = duration is not None and duration.unit == "bd" and local_time(due, calendar.zone).time() == _MIDNIGHT
    return calendar.add(due, -datetime.resolution, "bd") if ends else due


def date_begins(value: date, calendar: Calendar) -> datetime:
    """
    Return the time at which a date, or a time, of a field begins.
    """
    if isinstance(value, datetime):
        return value
    return midnight(value, calendar.zone)


def date_ends(value: date, calendar: Calendar) -> datetime:
    """
    Return the time that a date of a field means as a limit: its last working hour, or if it has none, its last moment.
    """
    if isinstance(value, datetime):
        return value
    over = midnight(value + timedelta(days=1), calendar.zone)
    tick = datetime.resolution
    end = calendar.add(over, -tick, "bh") + tick if calendar.is_working_day(value) else over
    return end if end < over else over - tick
