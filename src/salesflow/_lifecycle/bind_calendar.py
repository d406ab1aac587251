"""
Binds the calendar of a definition: a built-in one, one of a plugin, or one that is written in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Final

from .._definition.report import Fault, fault
from .._model.calendar import WHOLE_DAY, BusinessCalendar, Calendar
from .._model.definition import Definition
from .._model.frozen import FrozenDict
from .._model.working_time import WorkingTime, week_of_hours
from ..calendars import BUILT_IN, calendar_days
from ..errors import nearest
from .contributions import Contributions


_HOLIDAYS: Final = "calendar.holidays"
_ABLE: Final = ("zone", "decreed_through", "decreed", "is_working_day", "next_open", "add", "working_between")


def bind_calendar(definition: Definition, contributions: Contributions, faults: list[Fault]) -> Calendar:
    """
    Return the calendar of a definition in its zone; where it has faults, one that counts every day.
    """
    written, zone = definition.calendar, definition.zone
    if isinstance(written, WorkingTime):
        return _written(written, zone, contributions, faults)
    return _named("calendar", written, zone, contributions, faults) or calendar_days(zone)


def has_hours(definition: Definition) -> bool:
    """
    Tell whether working hours can be counted: a calendar of a plugin may have some.
    """
    written = definition.calendar
    return bool(written.hours) if isinstance(written, WorkingTime) else str(written) not in BUILT_IN


def _named(path: str, name: str, zone: tzinfo, contributions: Contributions, faults: list[Fault]) -> Calendar | None:
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- without a type checker
        faults.append(fault(path, "value.type/calendar", value=name))
        return None
    if name in BUILT_IN:
        return BUILT_IN[name](zone)
    found: dict[str, Calendar] = {}
    for plugin, call in contributions.calendars:
        try:
            calendar = call(name, zone)
        except Exception as error:  # noqa: BLE001 -- a plugin that raises is a fault like any other
            faults.append(fault(path, "calendar.raised", plugin=plugin, value=name, error=error))
            return None
        if calendar is not None:
            found[plugin] = calendar
    for plugin, calendar in found.items():
        lacking = [each for each in _ABLE if not hasattr(calendar, each)]
        if lacking:
            parts = {"plugin": plugin, "answer": calendar, "value": name, "lacking": lacking}
            faults.append(fault(path, "calendar.raised/answer", **parts))
            return None
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        faults.append(fault(path, "calendar.twice", value=name, plugins=tuple(found)))
        return None
    kind = "value.choice/holidays" if path == _HOLIDAYS else "value.choice/calendar"
    faults.append(fault(path, kind, value=name, known=tuple(BUILT_IN), near=nearest(name, BUILT_IN)))
    return None


def _written(written: WorkingTime, zone: tzinfo, contributions: Contributions, faults: list[Fault]) -> BusinessCalendar:
    week, problems = week_of_hours(written.hours)
    for each in problems:
        path = f"calendar.hours.{each.key}" if each.key else "calendar.hours"
        faults.append(fault(path, each.name, **each.parts))
    faults += _days(written)
    decreed = None
    if written.holidays:
        decreed = _named(_HOLIDAYS, written.holidays, zone, contributions, faults)
    own = FrozenDict({**dict.fromkeys(written.days_off, False), **dict.fromkeys(written.work_days, True)})
    return BusinessCalendar(
        week if any(week) else (WHOLE_DAY,) * 7,
        zone,
        own,
        None if decreed is None else decreed.decreed,
        None if decreed is None else decreed.decreed_through,
    )


def _days(written: WorkingTime) -> Iterator[Fault]:
    for name in ("days_off", "work_days"):
        days: tuple[object, ...] = getattr(written, name)
        for number, day in enumerate(days):
            path = f"calendar.{name}[{number}]"
            if type(day) is not date:
                yield fault(path, "value.type/day", value=day)
            elif day in days[:number]:
                yield fault(path, "calendar.days/twice", day=day)
            elif name == "days_off" and day in written.work_days:
                yield fault(path, "calendar.days/both", day=day)
