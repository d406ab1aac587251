"""
Binds the calendar of a definition: a built-in one, one of a plugin, or one that is written in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo

from .._definition.report import Fault
from .._model.calendar import WHOLE_DAY, BusinessCalendar, Calendar
from .._model.definition import Definition
from .._model.frozen import FrozenDict
from .._model.working_time import WorkingTime, week_of_hours
from ..calendars import BUILT_IN, calendar_days
from ..errors import did_you_mean, shown
from .contributions import Contributions


_ABLE = ("zone", "decreed_through", "decreed", "is_working_day", "next_open", "add", "working_between")


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
    return bool(written.hours) if isinstance(written, WorkingTime) else written not in BUILT_IN


def _named(path: str, name: str, zone: tzinfo, contributions: Contributions, faults: list[Fault]) -> Calendar | None:
    if name in BUILT_IN:
        return BUILT_IN[name](zone)
    found: dict[str, Calendar] = {}
    for plugin, call in contributions.calendars:
        try:
            calendar = call(name, zone)
        except Exception as error:  # noqa: BLE001 -- a plugin that raises is a fault like any other
            text = f"plugin {plugin!r} raised {type(error).__name__} for {shown(name)}: {error}"
            faults.append(Fault(path, "calendar.raised", text, "Correct the name, or the plugin."))
            return None
        if calendar is not None:
            found[plugin] = calendar
    for plugin, calendar in found.items():
        lacking = [each for each in _ABLE if not hasattr(calendar, each)]
        if lacking:
            text = f"plugin {plugin!r} gives {shown(calendar)} for {shown(name)}, which lacks {', '.join(lacking)}"
            faults.append(Fault(path, "calendar.raised", text, "It must return a Calendar, or None for other names."))
            return None
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        text = f"plugins {' and '.join(map(repr, found))} both have a calendar {shown(name)}"
        faults.append(Fault(path, "calendar.twice", text, "Leave one of them out."))
        return None
    use = f"Use one of {', '.join(BUILT_IN)}, or a table [calendar]." if path == "calendar" else "Name a region."
    plugins = "" if contributions.calendars else " Holidays of countries come with the plugin salesflow-calendar."
    hint = f"{use}{did_you_mean(name, BUILT_IN)}{plugins}"
    faults.append(Fault(path, "value.choice", f"{shown(name)} is not known here", hint))
    return None


def _written(written: WorkingTime, zone: tzinfo, contributions: Contributions, faults: list[Fault]) -> BusinessCalendar:
    week, problems = week_of_hours(written.hours)
    for each in problems:
        path = f"calendar.hours.{each.key}" if each.key else "calendar.hours"
        faults.append(Fault(path, "calendar.hours", each.problem, each.hint))
    faults += _days(written)
    decreed = None
    if written.holidays:
        decreed = _named("calendar.holidays", written.holidays, zone, contributions, faults)
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
            if type(day) is not date:
                yield Fault(f"calendar.{name}[{number}]", "value.type", f"{shown(day)} is no day", "Write 2026-10-10.")
            elif day in days[:number]:
                yield Fault(f"calendar.{name}[{number}]", "calendar.days", f"{day} is named twice", "Write it once.")
            elif name == "days_off" and day in written.work_days:
                text, hint = f"{day} is among the days that are worked as well", "Keep it in one of the two."
                yield Fault(f"calendar.{name}[{number}]", "calendar.days", text, hint)
