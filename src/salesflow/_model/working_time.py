"""
A calendar as a definition writes it: weekly hours, whose holidays, and a company's own days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

import attrs

from .calendar import WHOLE_DAY, Hours
from .frozen import EMPTY, FrozenDict, noun
from .values import to_items, to_tuple
from .written import written


DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week; two of them with a sign between mean all from the one to the other: ``mon_fri``."""

_SPAN: Final = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z")
_MIDNIGHT: Final = timedelta(days=1)
_HOUR: Final = 60


def _to_hours(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    table: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType] -- of any mapping
    return FrozenDict({key: to_tuple(spans) for key, spans in table.items()})


def _to_days(value: Any) -> Any:
    return tuple([_to_day(each) for each in to_items(value)])


def _to_day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value  # it becomes a fault


@noun
class WorkingTime:
    """
    A calendar of a company's own.

    Args:
        hours: the working hours of days, as in ``{"mon_fri": ["09:00-12:00", "13:30-18:00"]}``; days that are not named
            are days of rest. Without any, Monday to Friday are worked around the clock.
        holidays: the name of a plugin's calendar whose holidays and make-up days hold, such as ``CN``.
        days_off: days on which the company rests.
        work_days: days on which it works, whatever else is said of them.
    """

    hours: Mapping[str, tuple[str, ...]] = attrs.field(default=EMPTY, converter=_to_hours, eq=written)
    holidays: str = attrs.field(default="", kw_only=True)
    days_off: tuple[date, ...] = attrs.field(default=(), converter=_to_days, kw_only=True)
    work_days: tuple[date, ...] = attrs.field(default=(), converter=_to_days, kw_only=True)


@noun(slots=False)
class HoursProblem:
    """
    What is wrong with the hours of a calendar.

    Attributes:
        key: of the hours; empty if it concerns all of them.
        name: of the message, whose places *parts* fill.
    """

    key: str
    name: str
    parts: Mapping[str, Any] = EMPTY


def week_of_hours(hours: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Hours, ...], tuple[HoursProblem, ...]]:
    """
    Return the working hours of each day from Monday on, and all that is wrong with what was written.
    """
    if not hours:
        return (*[WHOLE_DAY] * 5, (), ()), ()
    week: list[Hours] = [()] * len(DAYS)
    problems: list[HoursProblem] = []
    seen: dict[int, str] = {}
    for key, spans in hours.items():
        numbers = _days_of(key)
        if not numbers:
            problems.append(HoursProblem(key, "calendar.hours/day", {"value": key, "known": DAYS}))
        twice = [DAYS[day] for day in numbers if day in seen]
        if twice:
            parts = {"day": twice[0], "first": seen[DAYS.index(twice[0])]}
            problems.append(HoursProblem(key, "calendar.hours/twice", parts))
        found = tuple(_spans_of(key, spans, problems))
        for day in numbers:
            seen.setdefault(day, key)
            week[day] = found
    if not any(week) and not problems:
        problems.append(HoursProblem("", "calendar.hours/none"))
    return tuple(week), tuple(problems)


def _days_of(key: str) -> range:
    first, _, last = key.partition("_")
    if first not in DAYS or (last or first) not in DAYS:
        return range(0)
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _spans_of(key: str, spans: tuple[str, ...], problems: list[HoursProblem]) -> Iterator[tuple[timedelta, timedelta]]:
    end = timedelta()
    for span in spans:
        begin, until = _times_of(span)
        if until > _MIDNIGHT:
            problems.append(HoursProblem(key, "calendar.hours/malformed", {"value": span}))
        elif begin >= until:
            problems.append(HoursProblem(key, "calendar.hours/reversed", {"value": span}))
        elif begin < end:
            problems.append(HoursProblem(key, "calendar.hours/overlap", {"value": span}))
        else:
            yield begin, until
            end = until


def _times_of(span: Any) -> tuple[timedelta, timedelta]:
    found = _SPAN.match(span) if isinstance(span, str) else None
    if found is None or int(found[2]) >= _HOUR or int(found[4]) >= _HOUR:
        return timedelta(), timedelta.max
    begin, end = (timedelta(hours=int(found[at]), minutes=int(found[at + 1])) for at in (1, 3))
    return begin, end
