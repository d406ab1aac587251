"""
The slots of a recurrence: a pure function of recurrence, calendar and span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from .._model.cadence import Shift
from .._model.calendar import WORKING, Calendar
from .._model.frozen import noun
from .._model.recurrence import Following, Monthly, Recurrence, Ruled, Weekly
from .._model.values import Duration
from .._model.zones import in_zone, local_time, midnight


_DAY: Final = timedelta(days=1)
_YEAR: Final = 12


@noun(slots=False)
class _Nominal:
    """
    A slot before it is shifted, in local time; *when* is its exact time where that is known.
    """

    local: datetime
    when: datetime | None = None


def slots_between(
    recurrence: Recurrence,
    calendar: Calendar,
    start: datetime,
    end: datetime,
    *,
    shift: Shift = "next",
    anchor: datetime | None = None,
) -> tuple[datetime, ...]:
    """
    Return the slots with ``start <= slot < end``, UTC, in order. Shifted slots that meet others on a day are left out.

    Args:
        shift: what becomes of a slot on a day of rest.
        anchor: when the transition was taken that a recurrence follows; without it that has no slots.
    """
    first, last = local_time(start, calendar.zone).date(), local_time(end, calendar.zone).date()
    # Slots come into the span from the days of rest before it or behind it.
    if shift == "next":
        first = _beyond_rest(calendar, first, -_DAY)
    elif shift == "previous":
        last = _beyond_rest(calendar, last, _DAY)
    kept: list[datetime] = []
    shifted: dict[date, datetime] = {}
    for nominal in _nominal(recurrence, calendar, first, last, anchor):
        day = nominal.local.date()
        if shift == "keep" or calendar.is_working_day(day):
            kept.append(nominal.when or in_zone(nominal.local, calendar.zone))
        elif shift != "skip":
            moved = _working_day(calendar, day, _DAY if shift == "next" else -_DAY)
            local = datetime.combine(moved, nominal.local.time())
            shifted.setdefault(moved, in_zone(local, calendar.zone))
    own = {local_time(each, calendar.zone).date() for each in kept}
    kept += [when for day, when in shifted.items() if day not in own]
    return tuple(sorted(each for each in kept if start <= each < end))


def _beyond_rest(calendar: Calendar, day: date, step: timedelta) -> date:
    """
    Return the last day of the days of rest that lie behind a day in a direction, or the day itself.
    """
    while not calendar.is_working_day(day + step):
        day += step
    return day


def _working_day(calendar: Calendar, day: date, step: timedelta) -> date:
    return _beyond_rest(calendar, day, step) + step


def _nominal(
    recurrence: Recurrence, calendar: Calendar, first: date, last: date, anchor: datetime | None
) -> Iterable[_Nominal]:
    """
    Return the slots of the days from *first* to *last*, not shifted.
    """
    if isinstance(recurrence, Weekly):
        return [
            _Nominal(datetime.combine(day, recurrence.at))
            for day in _days(first, last)
            if day.weekday() in recurrence.days
        ]
    if isinstance(recurrence, Monthly):
        found = _monthly(recurrence, calendar, first, last)
        return [_Nominal(datetime.combine(day, recurrence.at)) for day in found]
    if isinstance(recurrence, Ruled):
        return [_Nominal(when) for when in recurrence.times(first, last)]
    return () if anchor is None else _following(recurrence, calendar, first, last, anchor)


def _days(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))


def _monthly(recurrence: Monthly, calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """
    Yield the days of a rule from *first* to *last*.

    A month without such a day has none; a number beyond its end means its last day.
    """
    step = recurrence.months
    # The month that counts: the first of a quarter, or its last where days are counted from the end.
    inside = step - 1 if recurrence.nth < 0 else 0
    begin = (first.year * _YEAR + first.month - 1) // step * step + inside
    for number in range(begin, last.year * _YEAR + last.month, step):
        year, month = divmod(number, _YEAR)
        day = _of_month(recurrence, calendar, date(year, month + 1, 1))
        if day is not None and first <= day <= last:
            yield day


def _of_month(recurrence: Monthly, calendar: Calendar, first: date) -> date | None:
    days = [day for day in _days(first, first + 30 * _DAY) if day.month == first.month]
    if recurrence.day == "working":
        days = [day for day in days if calendar.is_working_day(day)]
    elif recurrence.day is not None:
        days = [day for day in days if day.weekday() == recurrence.day]
    if recurrence.nth < 0:
        return days[-1] if days else None
    place = recurrence.nth if recurrence.day is not None else min(recurrence.nth, len(days))
    return days[place - 1] if place <= len(days) else None


def _following(
    recurrence: Following, calendar: Calendar, first: date, last: date, anchor: datetime
) -> Iterator[_Nominal]:
    span, unit = recurrence.span.span, recurrence.span.unit
    begin = midnight(first, calendar.zone)
    gone = calendar.working_between(anchor, begin, unit) if unit in WORKING else begin - anchor
    number = max(gone // span, 1)  # one that may lie a little early, which the span leaves out
    before = None
    while number == 1 or recurrence.repeats:
        when = _after(recurrence.span, number, calendar, anchor)
        local = local_time(when, calendar.zone)
        if local.date() > last or when == before:  # time ends with the year 9999
            return
        before = when
        if local.date() >= first:
            yield _Nominal(local, when)
        number += 1


def _after(span: Duration, times: int, calendar: Calendar, anchor: datetime) -> datetime:
    return calendar.add(anchor, Duration(span.amount * times, span.unit))
