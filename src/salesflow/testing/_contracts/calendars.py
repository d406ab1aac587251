"""
What every calendar and every recurrence of a plugin promises, looked at over six years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

from ...typing import Calendar, Duration


_DAY: Final = timedelta(days=1)
_FIRST: Final = date(2024, 1, 1)
_DAYS: Final = tuple(_FIRST + number * _DAY for number in range(6 * 365 + 2))
_STARTS: Final = tuple(datetime(2024, 1, 1, tzinfo=UTC) + number * timedelta(hours=101) for number in range(500))
_SPANS: Final = (Duration(1, "bd"), Duration(5, "bd"), Duration(40, "bd"))


def check_calendar(calendar: Calendar, again: Calendar, name: str) -> None:
    """
    Check what a calendar in UTC promises, whose days do not hang on where clocks change.

    Args:
        again: the same calendar, made a second time.
    """
    worked = [calendar.is_working_day(day) for day in _DAYS]

    assert (UTC, True) == (calendar.zone, any(worked[:366])), name
    assert worked == [again.is_working_day(day) for day in _DAYS], name
    assert isinstance(calendar.decreed_through, date | None), name
    for day, works in zip(_DAYS, worked, strict=True):
        assert calendar.decreed(day) in (None, works), (name, day)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        assert calendar.working_between(start, start + _DAY) == works * _DAY, (name, day)
    for span in _SPANS:
        dues = [calendar.add(start, span) for start in _STARTS]

        assert [span.span] * len(dues) == [
            calendar.working_between(*pair) for pair in zip(_STARTS, dues, strict=True)
        ], (name, span)
        assert dues == sorted(dues), (name, span)
    for start in _STARTS:
        opens = calendar.next_open(start)
        assert (opens, True) == (calendar.next_open(opens), opens >= start), (name, start)


def check_recurrence(times: Callable[[date, date], Iterable[datetime]], text: str) -> None:
    """
    Check what the times of a rule promise.
    """
    first, last = _DAYS[0], _DAYS[-1]
    found = list(times(first, last))

    assert [] == [each for each in found if each.tzinfo is not None or not first <= each.date() <= last], text
    assert all(one < other for one, other in pairwise(found)), text
    assert found == list(times(first, last)), text
    for middle in _DAYS[100:-1:300]:
        assert found == [*times(first, middle), *times(middle + _DAY, last)], (text, middle)
