"""
Business time in one time zone: what a calendar is, and the calendar that a week, holidays and single days make.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple, Protocol, TypeAlias

import attrs

from ..errors import InputError, say
from .argument_types import explain_types
from .frozen import EMPTY, noun
from .values import Duration, Unit, to_utc
from .zones import in_zone, local_time


class Calendar(Protocol):
    """
    Business time in one time zone. It is asked in every decision, so it is pure: no clock, no files.

    Time is counted in one of two units. A working day, ``bd``, is 24 hours of local wall time, and on other days time
    stands still. A working hour, ``bh``, is an hour of the working hours of working days. In both, for every *start*
    and *span* ``working_between(start, add(start, span)) == span`` holds, unless clocks skip the very time that is due.
    """

    @property
    def zone(self) -> tzinfo:
        """
        Where its days begin and end.
        """
        ...

    @property
    def decreed_through(self) -> date | None:
        """
        The last day whose work or rest is settled; ``None`` if there is no limit.
        """
        ...

    def decreed(self, day: date) -> bool | None:
        """
        Tell whether a day is worked (a make-up day) or off (a holiday), whatever its weekday; ``None`` for other days.
        """
        ...

    def is_working_day(self, day: date) -> bool:
        """
        Tell whether a day is worked.
        """
        ...

    def next_open(self, when: datetime, unit: Unit = "bd") -> datetime:
        """
        Return *when*, UTC, if time passes then, else the next time from which on it does.
        """
        ...

    def add(self, start: datetime, duration: Duration | timedelta, unit: Unit = "bd") -> datetime:
        """
        Return the earliest time, UTC, at which so long a time has passed since *start*; *start* itself for none.

        Args:
            duration: its own unit counts; a ``timedelta`` is counted in *unit*, as :meth:`working_between` returns it.
                A negative one leads back, to the latest time from which so long a time passes until *start*.
        """
        ...

    def working_between(self, start: datetime, end: datetime, unit: Unit = "bd") -> timedelta:
        """
        Return the working time between two times: 24 hours for a working day, or its working hours with ``bh``.

        It is negative if *end* lies before *start*.
        """
        ...


Hours: TypeAlias = tuple[tuple[timedelta, timedelta], ...]
"""The working hours of a day, in order: from and to, since midnight. A day without any is a day of rest."""

WHOLE_DAY: Final[Hours] = ((timedelta(), timedelta(days=1)),)
"""The hours of a day that is worked around the clock."""

WORKING: Final[frozenset[Unit]] = frozenset({"bd", "bh"})
"""The units in which time passes only where somebody works."""

_WEEK: Final = 7
_ANCHOR: Final = 2000  # working time is counted from the beginning of this year
_EARLIEST, _LATEST = 1900, 2199  # nothing is decreed before and after these years: there the week alone counts
_DAY: Final = 86_400_000_000  # microseconds
_TICK: Final = timedelta(microseconds=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class _Year(NamedTuple):
    """
    The working time of a year, in microseconds since the anchor.

    Attributes:
        first: the ordinal of its first day.
        hours: of each day.
        days, worked: working days and working hours before each of its days, and before the next year.
    """

    first: int
    hours: tuple[tuple[tuple[int, int], ...], ...]
    days: list[int]
    worked: list[int]


def _in_order(hours: Hours) -> bool:
    """
    Tell whether the hours of a day follow each other within the day, each longer than nothing.
    """
    (midnight, midnight_after), end = WHOLE_DAY[0], timedelta()
    for begin, until in hours:
        if not max(midnight, end) <= begin < until <= midnight_after:
            return False
        end = until
    return True


@explain_types
def _lengths(week: tuple[Hours, ...]) -> tuple[tuple[int, int], ...]:
    """
    Return what each day of a week has: a working day or none, and its working hours, in microseconds.
    """
    return tuple([(_DAY if hours else 0, sum([(end - begin) // _TICK for begin, end in hours])) for hours in week])


@noun
class BusinessCalendar:
    """
    A calendar of weekly hours, with holidays and a company's own days off and days worked.

    Days worked go before days off, these before what is decreed, and that before the week. A make-up day has the
    hours of its weekday, or those of the first working weekday if that is a day of rest.

    Args:
        week: the working hours of each day from Monday on; at least one day has some.
        zone: where days begin and end.
        own: the company's own days: whether each is worked.
        decree: tells whether a day is decreed to be worked or off; ``None`` for other days.
        decreed_through: the last day that *decree* knows.
    """

    week: tuple[Hours, ...]
    zone: tzinfo = UTC
    own: Mapping[date, bool] = EMPTY
    decree: Callable[[date], bool | None] | None = None
    decreed_through: date | None = None
    _week: tuple[tuple[int, int], ...] = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: _lengths(self.week), takes_self=True)
    )
    _years: dict[int, _Year] = attrs.field(factory=dict[int, _Year], init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.zone, tzinfo):
            raise InputError("zone of a calendar", self.zone, say("input.zone"))
        if not any(self.week) or len(self.week) != _WEEK or not all(map(_in_order, self.week)):
            raise InputError("week of a calendar", self.week, say("input.week"))

    def __deepcopy__(self, _memo: object) -> BusinessCalendar:
        return self  # it never changes: what it keeps of a year only saves time

    @explain_types
    def decreed(self, day: date) -> bool | None:
        """
        Tell whether a day is worked or off whatever its weekday.
        """
        if not _EARLIEST <= day.year <= _LATEST:
            return None
        own = self.own.get(day)
        return own if own is not None or self.decree is None else self.decree(day)

    @explain_types
    def is_working_day(self, day: date) -> bool:
        """
        Tell whether a day is worked.
        """
        decreed = self.decreed(day)
        return bool(self.week[day.weekday()]) if decreed is None else decreed

    @explain_types
    def next_open(self, when: datetime, unit: Unit = "bd") -> datetime:
        """
        Return *when*, or the beginning of the next working time.
        """
        when = to_utc(when, "time of a calendar")
        local = local_time(when, self.zone)
        if self._passes(local, unit):
            return when
        try:
            return in_zone(self._time_with(self._count(local, unit), unit, last=True), self.zone)
        except OverflowError:
            return _NEVER

    @explain_types
    def add(self, start: datetime, duration: Duration | timedelta, unit: Unit = "bd") -> datetime:
        """
        Return when so long a time has passed. What would lie beyond the calendar of Python lies at its end.
        """
        start = to_utc(start, "start of a duration")
        span, unit = (duration.span, duration.unit) if isinstance(duration, Duration) else (duration, unit)
        try:
            if unit not in WORKING:
                return start + span
            return self._moved(start, span // _TICK, unit) if span else start
        except OverflowError:
            return _NEVER

    @explain_types
    def working_between(self, start: datetime, end: datetime, unit: Unit = "bd") -> timedelta:
        """
        Return the working time between two times.

        In an hour that clocks repeat, wall time runs back; it never makes a later time an earlier one.
        """
        start, end = to_utc(start, "start of a span"), to_utc(end, "end of a span")
        if end < start:
            return -self.working_between(end, start, unit)
        if unit not in WORKING:
            return end - start
        first, last = local_time(start, self.zone), local_time(end, self.zone)
        return max(self._count(last, unit) - self._count(first, unit), 0) * _TICK

    def _moved(self, start: datetime, span: int, unit: Unit) -> datetime:
        count = self._count(local_time(start, self.zone), unit) + span
        local = self._time_with(count, unit, last=span < 0)
        found = in_zone(local, self.zone)
        return found if found >= start or span < 0 else in_zone(local, self.zone, fold=1)

    def _passes(self, local: datetime, unit: Unit) -> bool:
        hours = self._hours_of(local.date())
        now = _since_midnight(local)
        return any(begin <= now < end for begin, end in hours) if unit == "bh" else bool(hours)

    def _count(self, local: datetime, unit: Unit) -> int:
        """
        Return the working time since the anchor at a local time.
        """
        year = self._year(local.year)
        day, now = local.toordinal() - year.first, _since_midnight(local)
        if unit == "bd":
            return year.days[day] + (now if year.hours[day] else 0)
        return year.worked[day] + sum([min(now, end) - begin for begin, end in year.hours[day] if now > begin])

    def _time_with(self, count: int, unit: Unit, *, last: bool) -> datetime:
        """
        Return the earliest local time with so much working time since the anchor, or with *last* the latest.
        """
        year = self._year_with(count, unit, last=last)
        before = year.days if unit == "bd" else year.worked
        day = (bisect_right if last else bisect_left)(before, count) - 1
        left = count - before[day]
        for begin, end in year.hours[day] if unit == "bh" else ():
            length = end - begin
            if left < length or (left == length and not last):
                left += begin
                break
            left -= length
        return datetime.fromordinal(year.first + day) + left * _TICK

    def _year_with(self, count: int, unit: Unit, *, last: bool) -> _Year:
        """
        Return the year in which a count of working time is reached, or with *last* the one in which it is passed.
        """
        average = sum([hours[unit == "bh"] for hours in self._week]) * 1461 // 28
        number = min(max(_ANCHOR + count // average, MINYEAR), MAXYEAR)
        while True:
            year = self._year(number)
            before = year.days if unit == "bd" else year.worked
            if count < before[0] or (count == before[0] and not last):
                number -= 1
            elif count > before[-1] or (count == before[-1] and last):
                number += 1
            else:
                return year

    def _year(self, number: int) -> _Year:
        """
        Return the working time of a year, which is worked out once; those between it and the anchor are as well.

        Raises:
            OverflowError: there is no such year in the calendar of Python.
        """
        found = self._years.get(number)
        if found is not None:
            return found
        if not MINYEAR <= number <= MAXYEAR:
            msg = f"year {number} is out of range"
            raise OverflowError(msg)
        last = min(max(number, _EARLIEST), _LATEST)
        for each in range(_ANCHOR, last + 1) if last >= _ANCHOR else range(_ANCHOR, last - 1, -1):
            if each not in self._years:
                self._years[each] = self._worked_out(each)
        if number != last:
            self._years[number] = self._worked_out(number)
        return self._years[number]

    def _worked_out(self, number: int) -> _Year:
        first = date(number, 1, 1).toordinal()
        after = date(number, 12, 31).toordinal() + 1
        hours = tuple([self._hours_of(date.fromordinal(day)) for day in range(first, after)])
        days, worked = [0], [0]
        for each in hours:
            days.append(days[-1] + (_DAY if each else 0))
            worked.append(worked[-1] + sum([end - begin for begin, end in each]))
        at_days, at_worked = self._before(number, first, (days[-1], worked[-1]))
        return _Year(first, hours, [at_days + each for each in days], [at_worked + each for each in worked])

    def _before(self, number: int, first: int, of_year: tuple[int, int]) -> tuple[int, int]:
        """
        Return the working days and hours between the anchor and the beginning of a year.

        Args:
            of_year: its own.
        """
        if number == _ANCHOR:
            return 0, 0
        if number > _ANCHOR:
            near = self._years[min(number - 1, _LATEST)]
            days, worked = self._weekly(near.first + len(near.hours), first)
            return near.days[-1] + days, near.worked[-1] + worked
        near = self._years[max(number + 1, _EARLIEST)]
        days, worked = self._weekly(date(number + 1, 1, 1).toordinal(), near.first)
        return near.days[0] - days - of_year[0], near.worked[0] - worked - of_year[1]

    def _weekly(self, first: int, after: int) -> tuple[int, int]:
        """
        Return the working days and hours from one day up to another, as the week alone has them.
        """
        weeks, rest = divmod(after - first, 7)
        week = self._week
        odd = [week[(first - 1 + number) % 7] for number in range(rest)]
        days, worked = ([each[which] for each in week] for which in (0, 1))
        return (
            weeks * sum(days) + sum([each[0] for each in odd]),
            weeks * sum(worked) + sum([each[1] for each in odd]),
        )

    def _hours_of(self, day: date) -> tuple[tuple[int, int], ...]:
        if not self.is_working_day(day):
            return ()
        hours = self.week[day.weekday()] or next(filter(None, self.week))
        return tuple([(begin // _TICK, end // _TICK) for begin, end in hours])


def _since_midnight(local: datetime) -> int:
    return ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond


def week_of(days: int, zone: tzinfo = UTC) -> BusinessCalendar:
    """
    Return the calendar of a week whose first days, from Monday on, are worked, all year round.
    """
    return BusinessCalendar((*[WHOLE_DAY] * days, *[()] * (7 - days)), zone)


CALENDAR_DAYS: Final = week_of(7)
WEEKDAYS: Final = week_of(5)
"""Both in UTC: what a context has where no lifecycle gives its own."""
