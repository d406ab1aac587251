"""
When a cadence is due, as a definition writes it: ``weekly on fri 17:00``, ``monthly on last working day 16:00``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal, TypeAlias

from ..errors import InputError
from .frozen import EMPTY, noun
from .values import CENTURY, Duration
from .working_time import DAYS


@noun(slots=False)
class Weekly:
    """
    On days of every week.

    Attributes:
        days: Monday is 0.
        at: local time.
    """

    days: tuple[int, ...]
    at: time


@noun(slots=False)
class Monthly:
    """
    Once every month or quarter.

    Attributes:
        nth: the day of the month, counted from 1, and -1 is the last; of *day* which of them.
        day: what is counted: a weekday (Monday is 0), working days, or ``None`` for all days.
        months: 1, or 3 for a quarter, whose last month is counted from its end and whose first from its beginning.
        at: local time.
    """

    nth: int
    day: int | Literal["working"] | None
    months: Literal[1, 3]
    at: time


@noun(slots=False)
class Following:
    """
    So long after a project took a transition, or got an outcome.

    Attributes:
        span: from there to the first, and from each to the next.
        anchor: the id of the transition, or the outcome.
        repeats: whether more follow after the first.
    """

    span: Duration
    anchor: str
    repeats: bool


@noun(slots=False)
class Ruled:
    """
    By a rule that a plugin reads.

    Attributes:
        text: as it is written.
        times: returns the local times from a first to a last day.
    """

    text: str
    times: Callable[[date, date], Iterable[datetime]]


Recurrence: TypeAlias = Weekly | Monthly | Following | Ruled


@noun(slots=False)
class RecurrenceProblem:
    """
    What is wrong with the text of a recurrence: the name of a message, whose places *parts* fill.
    """

    name: str
    parts: Mapping[str, Any] = EMPTY


_CLOCK: Final = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY: Final = re.compile(rf"daily {_CLOCK}\Z")
_WEEKLY: Final = re.compile(rf"weekly on (\S+) {_CLOCK}\Z")
_MONTHLY: Final = re.compile(rf"(monthly|quarterly) on (.+) {_CLOCK}\Z")
_FOLLOWING: Final = re.compile(r"(every|once) (\S+) after (\S+)\Z")
_RULE: Final = re.compile(r"(RRULE:)?FREQ=", re.IGNORECASE)
_NTH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_MONTH: Final = 31
_MINUTE: Final = timedelta(minutes=1)


def parse_recurrence(text: str) -> Recurrence | RecurrenceProblem:
    """
    Read the text of a recurrence.
    """
    if found := _DAILY.match(text):
        return Weekly(tuple(range(7)), _time(found[1], found[2]))
    if found := _WEEKLY.match(text):
        return _weekly(found[1], _time(found[2], found[3]))
    if found := _MONTHLY.match(text):
        return _monthly(found[2], 3 if found[1] == "quarterly" else 1, _time(found[3], found[4]))
    if found := _FOLLOWING.match(text):
        return _following(found[2], found[3], repeats=found[1] == "every")
    return RecurrenceProblem("cadence.every/rrule" if _RULE.match(text) else "cadence.every", {"value": text})


def _time(hour: str, minute: str) -> time:
    return time(int(hour), int(minute))


def _weekly(written: str, at: time) -> Recurrence | RecurrenceProblem:
    names = written.split(",")
    unknown = [name for name in names if name not in DAYS]
    if unknown:
        return RecurrenceProblem("cadence.every/day", {"value": unknown[0], "known": DAYS})
    return Weekly(tuple(sorted({DAYS.index(name) for name in names})), at)


def _monthly(written: str, months: Literal[1, 3], at: time) -> Recurrence | RecurrenceProblem:
    words = written.split(" ")
    if len(words) == 1 and written.isdecimal() and 1 <= int(written) <= _MONTH:
        return Monthly(int(written), None, months, at)
    nth, named = _NTH.get(words[0]), words[1:]
    if nth is not None:
        if named == ["day"]:
            return Monthly(nth, None, months, at)
        if named == ["working", "day"]:
            return Monthly(nth, "working", months, at)
        if len(named) == 1 and named[0] in DAYS:
            return Monthly(nth, DAYS.index(named[0]), months, at)
    return RecurrenceProblem("cadence.every/month", {"value": written, "known": tuple(_NTH)})


def _following(written: str, anchor: str, *, repeats: bool) -> Recurrence | RecurrenceProblem:
    try:
        span = Duration.parse(written)
    except InputError:
        return RecurrenceProblem("duration.malformed", {"value": written})
    if span.span < _MINUTE:
        return RecurrenceProblem("cadence.every/often", {"value": written})
    if span.span > CENTURY:
        return RecurrenceProblem("duration.range", {"value": written})
    return Following(span, anchor, repeats)
