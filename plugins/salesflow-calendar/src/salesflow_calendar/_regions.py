"""
Regions by their codes, and what is decreed in them.

The library ``holidays`` is imported when the first region is asked for: it is large, and most commands need none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, tzinfo
from functools import cache
from typing import Any, Final

import attrs

from salesflow.calendars import WHOLE_DAY, BusinessCalendar
from salesflow.errors import InputError, in_two_languages, nearest


_CODE: Final = re.compile(r"([A-Z]{2,3})(?:-([A-Z0-9]{1,4}))?\Z")
_DECREEING: Final = range(2001, 2050)  # years in which somebody may have decreed make-up days
_MODEL: Final = "CN"  # the country that decrees make-up days every year, so that its last year is that of the data


@attrs.frozen(eq=False)
class Region:
    """
    A country, or a part of one.

    Attributes:
        code: ISO 3166, such as ``CN`` or ``DE-BY``.
        decreed: tells whether a day is a holiday (``False``), a make-up day (``True``), or neither (``None``).
        decreed_through: the last day of the years whose make-up days are decreed; ``None`` where there are none.
        rest: the weekdays that are days of rest, Monday is 0.
    """

    code: str
    decreed: Callable[[date], bool | None]
    decreed_through: date | None
    rest: frozenset[int]

    def calendar(self, zone: tzinfo) -> BusinessCalendar:
        """
        Return its calendar in a time zone, worked around the clock on working days.
        """
        week = tuple(() if day in self.rest else WHOLE_DAY for day in range(7))
        return BusinessCalendar(week, zone, decree=self.decreed, decreed_through=self.decreed_through)


@cache
def region_of(code: str) -> Region | None:
    """
    Return the region of a code, or ``None`` for what does not look like one.

    Raises:
        InputError: it looks like one, and there is none.
    """
    found = _CODE.match(code)
    if found is None:
        return None
    import holidays  # noqa: PLC0415 -- see the top of the file

    country, part = found[1], found[2]
    parts = holidays.list_supported_countries(include_aliases=True)
    if country not in parts:
        near = nearest(country, parts)
        hint = in_two_languages(
            f"Write an ISO 3166 code, such as CN or DE-BY.{f' Did you mean {near!r}?' if near else ''}",
            f"请写 ISO 3166 代码，例如 CN 或 DE-BY。{f'是否应为 {near!r}？' if near else ''}",
        )
        raise InputError("region of holidays", code, hint)
    if part is not None and part not in parts[country]:
        listed, near = ", ".join(parts[country]), nearest(part, parts[country])
        hint = in_two_languages(
            f"Parts of {country}: {listed or 'none'}.{f' Did you mean {near!r}?' if near else ''}",
            f"{country} 的地区：{listed or '无'}。{f'是否应为 {near!r}？' if near else ''}",
        )
        raise InputError("region of holidays", code, hint)
    days = holidays.country_holidays(country, subdiv=part)

    def decreed(day: date) -> bool | None:
        return False if day in days else True if day in days.weekend_workdays else None

    return Region(code, decreed, _decreed_through(country), frozenset(days.weekend))


def _decreed_through(country: str) -> date | None:
    """
    Return the last day of the last year with make-up days, if that is no earlier than the last one of China.

    A country that has decreed none for the years in which China has some does without them by now.
    """
    last = _last_make_up(country)
    return None if last is None or last < (_last_make_up(_MODEL) or last) else date(last, 12, 31)


@cache
def _last_make_up(country: str) -> int | None:
    import holidays  # noqa: PLC0415 -- see the top of the file

    days: Any = holidays.country_holidays(country, years=_DECREEING)
    return max((day.year for day in days.weekend_workdays), default=None)
