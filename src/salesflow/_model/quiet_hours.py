"""
When a person gets notices: after quiet hours, and at the time of a digest.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from .zones import in_zone, local_time


_DAY: Final = timedelta(days=1)


def quiet_until(at: datetime, hours: tuple[str, str] | None, zone: tzinfo) -> datetime | None:
    """
    Return the end of the quiet hours that a time lies in, UTC, or ``None`` outside them.

    Hours that end before they begin include midnight; hours of no length are none.
    """
    if hours is None:
        return None
    begin, end = map(time.fromisoformat, hours)
    now = local_time(at, zone).time()
    inside = begin <= now < end if begin <= end else now >= begin or now < end
    return next_time(at, hours[1], zone) if inside else None


def next_time(at: datetime, of_day: str, zone: tzinfo) -> datetime:
    """
    Return when it is a time of day next, UTC: today or tomorrow.
    """
    local = local_time(at, zone)
    there = datetime.combine(local.date(), time.fromisoformat(of_day))
    # Where clocks go back, the same time of day comes again.
    found = (in_zone(there, zone), in_zone(there, zone, fold=1), in_zone(there + _DAY, zone))
    return next(each for each in found if each > at)
