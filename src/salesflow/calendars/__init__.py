"""
Business time: the calendars that a definition can name, each in a time zone.

A calendar is a :class:`~salesflow.typing.Calendar`; ``ctx.calendar`` of a guard, effect, scorer or risk check is the
one of the lifecycle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import Final

from .._model.calendar import WHOLE_DAY, BusinessCalendar, Calendar, week_of
from .._model.frozen import FrozenDict
from .._model.recurrence import parse_recurrence
from ._ready import READY
from ._slots import slots_between


__all__ = [
    "BUILT_IN",
    "READY",
    "WHOLE_DAY",
    "BusinessCalendar",
    "calendar_days",
    "parse_recurrence",
    "slots_between",
    "weekdays",
    "working_days_of",
]


def calendar_days(zone: tzinfo = UTC) -> Calendar:
    """
    Return the calendar in which every day is worked.
    """
    return week_of(7, zone)


def weekdays(zone: tzinfo = UTC) -> Calendar:
    """
    Return the calendar in which Monday to Friday are worked.

    >>> from datetime import datetime
    >>> from zoneinfo import ZoneInfo
    >>> from salesflow.typing import Duration
    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> due = weekdays(shanghai).add(datetime(2026, 3, 6, 7, tzinfo=shanghai), Duration(1, "bd"))
    >>> due.astimezone(shanghai).strftime("%a %H:%M")
    'Mon 07:00'
    """
    return week_of(5, zone)


BUILT_IN: Final[Mapping[str, Callable[[tzinfo], Calendar]]] = FrozenDict(
    {"calendar_days": calendar_days, "weekdays": weekdays}
)
"""The calendars that every definition can name, each for a zone."""


def working_days_of(name: object, calendar: Calendar) -> Calendar:
    """
    Return what figures in working days are measured with: the lifecycle's calendar, which has this *name*.

    Where that counts calendar days it knows no day off, so they are Monday to Friday in its zone.
    """
    return weekdays(calendar.zone) if name == "calendar_days" else calendar
