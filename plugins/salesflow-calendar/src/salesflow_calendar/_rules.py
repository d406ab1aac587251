"""
Rules of RFC 5545 as the recurrence of a cadence: ``RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0``.

The library ``dateutil`` is imported when the first rule is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import import_module
from typing import Any, Final, NoReturn, TypeAlias

from salesflow.errors import InputError, in_two_languages
from salesflow.typing import Label


Times: TypeAlias = Callable[[date, date], list[datetime]]
"""Returns the local times from a first to a last day."""

_TEXT: Final = re.compile(r"(?:DTSTART:([0-9]{8}T[0-9]{6})\s+)?(?:RRULE:)?(FREQ=\S+)\Z", re.IGNORECASE)
_START: Final = datetime.fromisoformat("2001-01-01")  # local: a Monday, and the first day of its month and year
_UNITS: Final = {
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(days=7),
}
_MONTHS: Final = {"MONTHLY": 1, "YEARLY": 12}
_IN_EVERY_MONTH: Final = 28
_LAST_YEARS: Final = datetime.fromisoformat("9960-01-01")
_EXAMPLE: Final = "'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;BYHOUR=17;BYMINUTE=0'"
_HINT: Final = Label(f"Write one such as {_EXAMPLE}; its times are local.", f"可以写：{_EXAMPLE}；时间为当地时间。")


@cache
def rule_of(text: str) -> Times | None:
    """
    Return when a rule of RFC 5545 is due, or ``None`` for a text that does not look like one.

    Intervals are counted from ``DTSTART``, or without it from Monday, 1 January 2001, 00:00.

    Raises:
        InputError: it looks like one and cannot be used, never happens, or makes more than one slot a minute.
    """
    found = _TEXT.match(text)
    if found is None:
        return None
    given, written = found[1], found[2].upper()
    pairs = (part.partition("=") for part in written.split(";"))
    parts = {name: value for name, _, value in pairs}
    _check(text, parts, dated=given is not None)
    try:
        start = _START if given is None else datetime.strptime(given.upper(), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- local
        read: Any = import_module("dateutil.rrule").rrulestr
        rule = read(written, dtstart=start)
        endless = ";".join(part for part in written.split(";") if not part.startswith(("UNTIL=", "COUNT=")))
        # What never happens does not happen in the last years there are either, where that is soon found out.
        last = read(endless, dtstart=_nearest(start, parts, _LAST_YEARS))
        happens = next(iter(last), None) is not None and next(iter(rule), None) is not None
    except (ValueError, TypeError) as error:
        why = Label("A value is beyond its range.", "有取值超出范围。")
        _refuse(text, why if isinstance(error, TypeError) else Label(f"{str(error).rstrip('.')}."), error)
    if not happens:
        _refuse(text, Label("It never happens, or not once in 40 years.", "它永远不会发生，或 40 年内一次也没有。"))

    def times(first: date, last: date) -> list[datetime]:
        begin, end = datetime.combine(first, time.min), datetime.combine(last, time.max)
        near = rule if "COUNT" in parts else rule.replace(dtstart=_nearest(start, parts, begin))
        found: list[datetime] = near.between(begin, end, inc=True)
        return found

    return times


def _check(text: str, parts: Mapping[str, str], *, dated: bool) -> None:
    frequency, interval = parts["FREQ"], parts.get("INTERVAL", "1")
    if frequency == "SECONDLY" or "," in parts.get("BYSECOND", ""):
        _refuse(text, Label("It makes more than one slot a minute.", "它每分钟产生一个以上的时点。"))
    if frequency not in (*_UNITS, *_MONTHS):
        known = ", ".join((*_UNITS, *_MONTHS))
        _refuse(text, Label(f"FREQ is one of {known}.", f"FREQ 须为以下之一：{known}。"))
    if not re.fullmatch("0*[1-9][0-9]{0,3}", interval):
        _refuse(text, Label("INTERVAL is a number from 1 to 9999.", "INTERVAL 须为 1 到 9999 的数字。"))
    if parts.get("UNTIL", "").endswith("Z"):
        _refuse(text, Label("UNTIL is a local time as well: leave out its Z.", "UNTIL 也是当地时间：请去掉 Z。"))
    if "COUNT" in parts and not dated:
        begin = "'DTSTART:20260105T170000 RRULE:…'"
        _refuse(text, Label(f"COUNT needs a beginning: {begin}.", f"COUNT 需要起点：{begin}。"))
    if frequency not in ("MINUTELY", "HOURLY") and "BYHOUR" not in parts and not dated:
        _refuse(
            text, Label("It says no time of day: add BYHOUR and BYMINUTE.", "没有时刻：请加上 BYHOUR 和 BYMINUTE。")
        )


def _refuse(text: str, why: Label, cause: Exception | None = None) -> NoReturn:
    hint = in_two_languages(f"{why.text()} {_HINT.en}", f"{why.text('zh')}{_HINT.zh}")
    raise InputError("rule of a cadence", text, hint) from cause


def _nearest(start: datetime, parts: Mapping[str, str], begin: datetime) -> datetime:
    """
    Return where a rule can start as well to have the same times from *begin* on: whole intervals later.
    """
    interval, frequency = int(parts.get("INTERVAL", "1")), parts["FREQ"]
    if frequency in _UNITS:
        step = interval * _UNITS[frequency]
        return start + max((begin - start) // step, 0) * step
    months = interval * _MONTHS[frequency]
    gone = 12 * (begin.year - start.year) + begin.month - start.month
    if start.day > _IN_EVERY_MONTH:
        return start
    number = 12 * start.year + start.month - 1 + max(gone // months - 1, 0) * months
    return start.replace(year=number // 12, month=number % 12 + 1)
