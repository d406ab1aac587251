"""
What a calendar is, and the calendar of a week that is the same all year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

import attrs

from ..errors import InputError
from .argument_types import explain_types
from .values import Duration, to_utc
from .zones import in_zone, local_time


class Calendar(Protocol):
    """
    Business time in one time zone. It is asked in every decision, so it is pure: no clock, no files.

    A working day is 24 hours of local wall time; on other days time stands still. So for every *start* and *span*
    ``working_between(start, add(start, span)) == span`` holds, unless clocks skip the very time that is due.
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

    def is_working_day(self, day: date) -> bool:
        """
        Tell whether a day is worked.
        """
        ...

    def next_open(self, when: datetime) -> datetime:
        """
        Return *when*, UTC, if time passes then, else the next time from which on it does.
        """
        ...

    def add(self, start: datetime, duration: Duration | timedelta) -> datetime:
        """
        Return the earliest time, UTC, at which so long a time has passed since *start*; *start* itself for none.

        Args:
            duration: working days where its unit is ``bd``, time of the clock for other units; a ``timedelta`` is
                working time as :meth:`working_between` returns it.
        """
        ...

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """
        Return the working time between two times, 24 hours for a working day; negative if *end* lies before *start*.
        """
        ...


_DAY: Final = timedelta(days=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_MONDAY: Final = date(1, 1, 1)  # the first day of Python's calendar is a Monday


@attrs.frozen
class WorkingWeek:
    """
    The calendar of a week whose first days, from Monday on, are worked, all year round.

    Args:
        days: how many are worked, 1 to 7.
        zone: where days begin and end.
    """

    days: int
    zone: tzinfo = UTC

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.days, int) or not 0 < self.days < 8:
            raise InputError("days of a working week", self.days, "Pass 1 to 7.")
        if not isinstance(self.zone, tzinfo):
            raise InputError("zone of a calendar", self.zone, "Pass a zone such as ZoneInfo('Asia/Shanghai').")

    @property
    def decreed_through(self) -> date | None:
        """
        No limit: no week differs from the others.
        """
        return None

    @explain_types
    def is_working_day(self, day: date) -> bool:
        """
        Tell whether a day is worked.
        """
        return day.weekday() < self.days

    def next_open(self, when: datetime) -> datetime:
        """
        Return *when*, or the beginning of the next working day.
        """
        when = to_utc(when, "time of a calendar")
        local = local_time(when, self.zone)
        if self.is_working_day(local.date()):
            return when
        monday = local.date() + (7 - local.weekday()) * _DAY
        return in_zone(datetime.combine(monday, time()), self.zone)

    @explain_types
    def add(self, start: datetime, duration: Duration | timedelta) -> datetime:
        """
        Return when so long a time has passed; whole weeks are added at once.

        What would lie beyond the calendar of Python lies at its end.
        """
        start = to_utc(start, "start of a duration")
        try:
            if isinstance(duration, Duration) and duration.unit != "bd":
                return start + duration.span
            span = duration.span if isinstance(duration, Duration) else duration
            return self._worked_for(start, span) if span else start
        except OverflowError:
            return _NEVER

    def working_between(self, start: datetime, end: datetime) -> timedelta:
        """
        Return the working time between two times.

        In an hour that clocks repeat, wall time runs back; it never makes a later time an earlier one.
        """
        start, end = to_utc(start, "start of a span"), to_utc(end, "end of a span")
        if end < start:
            return -self.working_between(end, start)
        return max(self._worked(end) - self._worked(start), timedelta())

    def _worked(self, when: datetime) -> timedelta:
        # All working time since the first Monday of the calendar.
        local = local_time(when, self.zone)
        weeks, day = divmod((local.date() - _MONDAY).days, 7)
        today = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return weeks * self.days * _DAY + min(day * _DAY + today, self.days * _DAY)

    def _worked_for(self, start: datetime, span: timedelta) -> datetime:
        days, rest = divmod(self._worked(start) + span, _DAY)
        if not rest:  # the earliest time is the end of a working day, not the beginning of the next
            days, rest = days - 1, _DAY
        weeks, day = divmod(days, self.days)
        local = datetime.combine(_MONDAY, time()) + (weeks * 7 + day) * _DAY + rest
        found = in_zone(local, self.zone)
        return found if found >= start else in_zone(local, self.zone, fold=1)


CALENDAR_DAYS: Final = WorkingWeek(7)
WEEKDAYS: Final = WorkingWeek(5)
"""Both in UTC: what a context has where no lifecycle gives its own."""
