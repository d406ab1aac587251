"""
The clocks of a transition: when something that it hangs on runs out, seen from its open gate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.definition import Transition, walk_uses
from ..._model.parameters import call_factory, read_params
from ..._model.project import Project
from ..._model.values import Duration


_DAY: Final = timedelta(days=1)
_OLD: Final = timedelta(days=400)  # what has no time limit is old by then as well
_MOST: Final = 5
_LONGEST: Final = 3650


def clocks_of(lifecycle: Lifecycle, project: Project, transition: Transition, at: datetime) -> tuple[datetime, ...]:
    """
    Return times after *at* by which something has run out: the earliest five, and a time long after.

    That is a deadline of the stay, a duration or a day in a parameter of a guard, a day in a field that a guard reads.
    """
    calendar = lifecycle.calendar
    found = {due.at for due in lifecycle.dues(project)}
    for value in _times(lifecycle, project, transition):
        if isinstance(value, Duration):
            found.add(calendar.add(at, value))
        else:
            moment = value if isinstance(value, datetime) else datetime.combine(value, time(), calendar.zone)
            found.add(moment)
    later = sorted(each + _DAY for each in found if each + _DAY > at)
    return (*later[:_MOST], max([at, *later]) + _OLD)


def _times(lifecycle: Lifecycle, project: Project, transition: Transition) -> Iterator[Duration | date]:
    for use in walk_uses(transition.guards):
        guard = lifecycle.contributions.guards.get(use.use)
        if guard is None:  # a combinator
            continue
        params = read_params(guard.factory, use.params)[0]
        read = [project.fields.get(name) for name in call_factory(guard.reads, params)]
        yield from (value for value in (*params.values(), *read) if isinstance(value, (Duration, date)))
        yield from (Duration(min(days, _LONGEST), "d") for days in _days(params) if days > 0)


def _days(params: Any) -> Iterator[int]:
    return (value for name, value in params.items() if isinstance(value, int) and name.rpartition("_")[2] == "days")
