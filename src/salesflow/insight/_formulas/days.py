"""
The days of entries, as times in which figures count them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from ..._model.zones import local_date, midnight
from .._cases import Ask
from .._columns.columns import Columns
from .._columns.tables import micros, moment


def end_of(columns: Columns) -> Callable[[date], int]:
    """
    Return the function that gives the last microsecond of a day, in the zone of the figures.

    Whatever was recorded on the day was so by then.
    """
    known: dict[date, int] = columns.derive("ends of days", dict[date, int])
    zone = columns.zone

    def end(day: date) -> int:
        found = known.get(day)
        if found is None:
            found = known[day] = micros(midnight(day + timedelta(days=1), zone)) - 1
        return found

    return end


def today(columns: Columns) -> date:
    """
    Return the day up to which is known what happened.
    """
    return local_date(columns.now, columns.zone)


def day_asked(ask: Ask) -> date:
    """
    Return the day that a figure is about: the last of its period, or today while that has not ended.

    Of a period that has not begun it is the day before.
    """
    now = today(ask.columns)
    if ask.period is None:
        return now
    return max(min(now, local_date(moment(ask.end - 1), ask.columns.zone)), day_before(ask))


def day_before(ask: Ask) -> date:
    """
    Return the day before the period; without one, a day before everything.
    """
    if ask.period is None:
        return date.min
    return local_date(moment(ask.start), ask.columns.zone) - timedelta(days=1)
