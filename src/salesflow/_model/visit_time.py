"""
How long a visit has lasted, holds left out: the one place that measures it, for deadlines, guards, scores and risks.

A visit keeps when it was on hold, and not for how long: a hold stops every clock in the clock's own unit. What was
left in working days is left in working days when the hold ends, what was left in hours is left in hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .calendar import CALENDAR_DAYS, WORKING, Calendar
from .project import Visit
from .values import Duration, Unit


def passed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> timedelta:
    """
    Return the time between two times as a unit counts it: working time for ``bd`` and ``bh``, else time of the clock.
    """
    return calendar.working_between(start, end, unit) if unit in WORKING else end - start


def time_in_stage(visit: Visit, until: datetime, unit: Unit = "d", calendar: Calendar = CALENDAR_DAYS) -> timedelta:
    """
    Return how long a visit had lasted at a time, as a unit counts it; a hold that goes on is not left out.
    """
    held = (passed(start, end, unit, calendar) for start, end in visit.holds)
    return passed(visit.entered_at, until, unit, calendar) - sum(held, timedelta())


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
