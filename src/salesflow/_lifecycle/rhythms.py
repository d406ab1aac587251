"""
The rhythms of early warnings: when the worker evaluates each of them next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from .._definition.report import Fault, fault
from .._model.calendar import Calendar
from .._model.definition import Definition
from .._model.facts import Body, Opened, Transitioned
from .._model.project import Project
from .._model.recurrence import Following, Recurrence, RecurrenceProblem
from .._model.work import WATCH, DueDeadline
from ..calendars import slots_between
from .bind_cadences import recurrence_of
from .contributions import Contributions


_SPANS: Final = (timedelta(days=10), timedelta(days=100), timedelta(days=800))


class Rhythm(NamedTuple):
    """
    When an early warning is evaluated.

    Attributes:
        warning: its id.
        calendar: in which it has its times; one on a day of rest lies on the next working day.
    """

    warning: str
    recurrence: Recurrence
    calendar: Calendar


def bind_rhythms(
    definition: Definition, contributions: Contributions, calendar: Calendar, faults: list[Fault]
) -> tuple[Rhythm, ...]:
    """
    Return the rhythms of a definition's early warnings; what is wrong is added to *faults*.
    """
    bound: list[Rhythm] = []
    for index, warning in enumerate(definition.warnings):
        read = recurrence_of(warning.every, contributions) if warning.every else None
        if isinstance(read, RecurrenceProblem):
            faults.append(fault(f"warnings[{index}].every", read.name, **read.parts))
        elif isinstance(read, Following):
            faults.append(fault(f"warnings[{index}].every", "warning.every", value=warning.every))
        elif read is not None:
            bound.append(Rhythm(warning.id, read, calendar))
    return tuple(bound)


def looks(rhythms: Iterable[Rhythm], project: Project, after: datetime) -> Iterator[DueDeadline]:
    """
    Yield when the worker looks at each early warning of a project next, later than a time.
    """
    for rhythm in rhythms:
        begin = after + datetime.resolution
        found = (slots_between(rhythm.recurrence, rhythm.calendar, begin, after + span) for span in _SPANS)
        at = next((slots[0] for slots in found if slots), None)
        if at is not None:
            yield DueDeadline(project.id, 0, "", rhythm.warning, at, part=WATCH)


def begins(body: Body, *, was_open: bool, is_open: bool) -> bool:
    """
    Tell whether a project is watched from a fact on: from its opening, or once it is reopened.
    """
    return isinstance(body, (Opened, Transitioned)) and is_open and not was_open
