"""
How long people waited for something: cases that took some time, and those that still wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import attrs

from .._cases import Cases, Summarise, Summary, quotient, spread
from .._columns.columns import Columns
from .._columns.tables import NEVER, moment


HOUR: Final = 3_600_000_000
"""In microseconds."""


class Wait(NamedTuple):
    """
    One thing that somebody waited for.

    Attributes:
        row: of the project.
        name: the id of the entry.
        start: since when, in microseconds.
        end: until when; :data:`NEVER` while it goes on.
        groups: what it can be grouped by.
    """

    row: int
    name: str
    start: int
    end: int
    groups: Mapping[str, Any]

    @property
    def going_on(self) -> bool:
        """
        Whether it goes on.
        """
        return self.end == NEVER


def working(columns: Columns, wait: Wait) -> int:
    """
    Return the working time of a wait so far, in microseconds, by the calendar of its project.
    """
    end = columns.source.now if wait.going_on else wait.end
    spent = columns.calendar_of(wait.row).working_between(moment(wait.start), moment(end), "bh")
    return (spent.days * 86_400 + spent.seconds) * 1_000_000 + spent.microseconds


def cases_of(
    columns: Columns, waits: Sequence[Wait], values: Sequence[Any], totals: Sequence[Any] | None = None
) -> Cases:
    """
    Return waits as cases, by the time since when.
    """
    names, going_on = columns.tables.projects.id, [int(wait.going_on) for wait in waits]
    return Cases(
        [wait.row for wait in waits],
        values,
        totals,
        [wait.start for wait in waits],
        [f"{names[wait.row]}/{wait.name}" for wait in waits],
        {name: [wait.groups[name] for wait in waits] for name in (waits[0].groups if waits else ())},
        open=sum(going_on),
        waiting=going_on,
    )


def working_cases(columns: Columns, waits: Sequence[Wait]) -> Cases:
    """
    Return waits as cases of the working time that each took, or has taken so far.
    """
    return cases_of(columns, waits, [working(columns, wait) for wait in waits])


def ended(scale: int, wanted: str = "p50") -> Summarise:
    """
    Return the summary of times that have ended, with a row for each that goes on.

    Args:
        scale: how many microseconds the unit of the figure has.
        wanted: the quantile that is the figure: ``p50``, ``p75`` or ``p90``.
    """
    of_times = spread(scale)

    def summed(cases: Cases) -> Summary:
        flags = cases.waiting or ()
        found = of_times(cases.only([place for place, waiting in enumerate(flags) if not waiting]))
        return attrs.evolve(found, value=found.parts.get(wanted), rows=still_waiting(cases, scale))

    return summed


def still_waiting(cases: Cases, scale: int = HOUR) -> Sequence[Mapping[str, Any]]:
    """
    Return a row for each case that goes on: its id, since when, and how long so far.
    """
    at, ids, flags = cases.at or (), cases.ids or (), cases.waiting or ()
    return [
        {"id": ids[place], "since": moment(at[place]), "so_far": quotient(cases.values[place], scale)}
        for place, waiting in enumerate(flags)
        if waiting
    ]
