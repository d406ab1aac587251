"""
Periods of the calendar in a time zone: years, quarters, months, weeks, days and business years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Literal, TypeAlias, cast, get_args

from ..._model.argument_types import explain_types
from ..._model.frozen import noun
from ..._model.values import to_utc
from ..._model.zones import local_date, midnight, zone_named
from ...errors import InputError, say
from .tables import micros


Unit: TypeAlias = Literal["year", "quarter", "month", "week", "day"]
"""How long the periods of a series are; weeks begin on Monday."""

UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
_TICK: Final = timedelta(microseconds=1)
_MONTHS: Final = {"year": 12, "quarter": 3, "month": 1}
_WRITTEN: Final = re.compile(r"(FY)?([0-9]{4})(?:-(?:Q([1-4])|W([0-9]{2})|([0-9]{2})(?:-([0-9]{2}))?))?\Z")


@noun
class Period:
    """
    A stretch of time: from *start* on, and before *end*, both in UTC.

    Attributes:
        start, end: the ends.
        name: how it is written, such as ``2026-Q1``.
    """

    start: datetime
    end: datetime
    name: str = ""

    @property
    def micros(self) -> tuple[int, int]:
        """
        Its ends in microseconds since 1970.
        """
        return micros(self.start), micros(self.end)

    def __str__(self) -> str:
        return self.name or f"{self.start.isoformat()}/{self.end.isoformat()}"


def _month(year: int, month: int) -> date:
    """
    Return the first day of a month that is counted from January of *year* on: the 13th is January of the next.
    """
    more, index = divmod(month - 1, 12)
    return date(year + more, index + 1, 1)


def _between(name: str, first: date, after: date, zone: tzinfo) -> Period:
    return Period(midnight(first, zone), midnight(after, zone), name)


def _read(text: str, zone: tzinfo, fiscal_year_start: int) -> Period | None:
    found = _WRITTEN.match(text)
    if found is None:
        return None
    fiscal, year_text, quarter, week, month, day = found.groups()
    year = int(year_text)
    begin = fiscal_year_start if fiscal else 1
    if fiscal and (week or month):
        return None
    if quarter:
        first = begin + 3 * (int(quarter) - 1)
        return _between(text, _month(year, first), _month(year, first + 3), zone)
    if week:
        monday = date.fromisocalendar(year, int(week), 1)
        return _between(text, monday, monday + timedelta(days=7), zone)
    if day:
        only = date(year, int(month), int(day))
        return _between(text, only, only + timedelta(days=1), zone)
    if month:
        date(year, int(month), 1)
        return _between(text, _month(year, int(month)), _month(year, int(month) + 1), zone)
    return _between(text, _month(year, begin), _month(year, begin + 12), zone)


@explain_types
def to_period(given: object, zone: tzinfo = UTC, fiscal_year_start: int = 1) -> Period:
    """
    Return a period.

    Args:
        given: ``2026``, ``2026-Q1``, ``2026-03``, ``2026-W05``, ``2026-03-14``, ``FY2026``, ``FY2026-Q2``, a
            :class:`Period`, or two dates or times: from the first on and before the second.
        zone: where its days begin.
        fiscal_year_start: the month in which a business year begins, of the calendar year that it is named by.

    Raises:
        InputError: for anything else, and for a period that ends before it begins.
    """
    value = given
    if isinstance(given, Period):
        return _in_order(given, given)
    if isinstance(given, str):
        try:
            found = _read(given.strip(), zone, fiscal_year_start)
        except (ValueError, OverflowError):
            found = None
        if found is not None:
            return found
    elif isinstance(given, Sequence):
        ends = cast("Sequence[object]", given)
        if len(ends) == 2:
            return _in_order(Period(_end(ends[0], zone), _end(ends[1], zone)), ends)
    raise InputError("period", value, say("input.figure_period"))


def _end(given: object, zone: tzinfo) -> datetime:
    if isinstance(given, date) and not isinstance(given, datetime):
        return midnight(given, zone)
    return to_utc(given, "period")


def _in_order(period: Period, given: object) -> Period:
    if period.end < period.start:
        raise InputError("period", given, say("input.period_order"))
    return period


@explain_types
def period_of(when: datetime, unit: Unit, zone: tzinfo = UTC) -> Period:
    """
    Return the year, quarter, month, week or day that a time lies in.
    """
    day = local_date(when, zone)
    if unit == "day":
        return _between(day.isoformat(), day, day + timedelta(days=1), zone)
    if unit == "week":
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return _between(f"{year}-W{week:02}", monday, monday + timedelta(days=7), zone)
    months = _MONTHS[unit]
    first = (day.month - 1) // months * months + 1
    name = {"year": f"{day.year}", "quarter": f"{day.year}-Q{(first + 2) // 3}", "month": f"{day.year}-{day.month:02}"}
    return _between(name[unit], date(day.year, first, 1), _month(day.year, first + months), zone)


def periods_in(span: Period, unit: Unit, zone: tzinfo = UTC) -> Iterator[Period]:
    """
    Yield the periods of a unit that a stretch of time touches, in order.
    """
    when = span.start
    while when < span.end:
        found = period_of(when, unit, zone)
        yield found
        when = found.end


def named_period(period: Period, zone: tzinfo = UTC) -> Period:
    """
    Return the same time by its name, if it is a year, quarter, month, week or day; else by its first and last day.
    """
    for unit in UNITS:
        found = period_of(period.start, unit, zone)
        if (found.start, found.end) == (period.start, period.end):
            return found
    first, last = local_date(period.start, zone), local_date(period.end - _TICK, zone)
    return Period(period.start, period.end, f"{first.isoformat()}/{last.isoformat()}")


def before(period: Period, zone: tzinfo = UTC) -> Period:
    """
    Return the period before: of a year, quarter, month, week or day the one before it, else as long a time.
    """
    for unit in UNITS:
        if named_period(period, zone) == period_of(period.start, unit, zone):
            return period_of(period.start - _TICK, unit, zone)
    if re.fullmatch("FY[0-9]{4}", period.name):
        day = local_date(period.start, zone)
        return _between(f"FY{day.year - 1}", _month(day.year - 1, day.month), day, zone)
    return Period(period.start - (period.end - period.start), period.start)


def to_zone(given: object) -> tzinfo | None:
    """
    Return a time zone from one, or from its IANA name; ``None`` where none is given.

    Raises:
        InputError: for a name that there is not.
    """
    if given is None or isinstance(given, tzinfo):
        return given
    found = zone_named(given) if isinstance(given, str) else None
    if found is None:
        raise InputError("zone=", given, say("input.figure_zone"))
    return found
