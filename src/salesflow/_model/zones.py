"""
Time zones by name, and the one rule for local times that do not exist or exist twice.

The rule is that of RFC 5545 (3.3.5). Of a local time that exists twice, because clocks went back, the first is meant.
One that does not exist, because clocks went forward, is read with the offset before the gap: 02:30 is 03:30.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal


def zone_named(name: str) -> tzinfo | None:
    """
    Return the time zone of an IANA name, or ``None`` for anything else and for a zone that this machine does not know.
    """
    if name == "UTC":  # not every machine has a time zone database, and UTC needs none
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 -- it looks for the database of the machine when it is loaded

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        return None


def in_zone(local: datetime, zone: tzinfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """
    Return a local time in UTC; with *fold* 1 the second of a time that exists twice.

    Raises:
        OverflowError: at the ends of the calendar.
    """
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def midnight(day: date, zone: tzinfo) -> datetime:
    """
    Return when a day begins in a zone, UTC.
    """
    return in_zone(datetime.combine(day, time()), zone)


def doubt_of(local: datetime, zone: tzinfo) -> Literal["twice", "missing"] | None:
    """
    Tell whether a local time exists twice or not at all; ``None`` if it exists once.
    """
    first = local.replace(tzinfo=zone, fold=0).utcoffset()
    second = local.replace(tzinfo=zone, fold=1).utcoffset()
    if first is None or second is None or first == second:
        return None
    return "twice" if first > second else "missing"


def local_time(when: datetime, zone: tzinfo) -> datetime:
    """
    Return what clocks in *zone* show at a time, without the zone; at the ends of the calendar, what they show in UTC.
    """
    try:
        return when.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return when.astimezone(UTC).replace(tzinfo=None)


def local_date(when: datetime, zone: tzinfo) -> date:
    """
    Return the day of the calendar that a time lies in, in *zone*.
    """
    return local_time(when, zone).date()
