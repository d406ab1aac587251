"""
Parts that several scorers share: the stage of a project, checked weights, working days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import inf
from typing import Final

from .._model.advice import AdviceContext
from .._model.calendar import Calendar
from .._model.definition import Stage
from .._model.project import Project
from ..errors import say


DAY: Final = 86_400.0
"""Seconds of a day. Times are UTC, where every day is as long."""


def stage_id_of(project: Project) -> str:
    """
    Return the stage that a project is in; on hold, the stage that the hold interrupts.
    """
    return project.stage if project.suspended is None else project.suspended.stage


def stage_of(ctx: AdviceContext) -> Stage:
    """
    Return the stage that counts for a score, see :func:`stage_id_of`.
    """
    wanted = stage_id_of(ctx.project)
    return next((stage for stage in ctx.stages if stage.id == wanted), ctx.stage)


def check_weights(what: str, weights: Mapping[str, float]) -> None:
    """
    Refuse weights that no average can be made with.

    Raises:
        ValueError: for none, one that is negative or no finite number, or a sum of 0.
    """
    if not weights or not all(0 <= weight < inf for weight in weights.values()) or not sum(weights.values()):
        raise ValueError(say("param.weights", what=what, weights=dict(weights)))


def working_days(start: datetime, end: datetime, calendar: Calendar) -> float:
    """
    Return how many working days, with their fractions, lie between two times.
    """
    return calendar.working_between(start, end).total_seconds() / DAY


def quartile(ordered: Sequence[float], number: int) -> float:
    """
    Return a quartile of numbers that are sorted already, by the inclusive method; the second is the median.

    The same as ``statistics.quantiles(…, n=4, method="inclusive")``, which sorts what it is given each time.

    >>> quartile((1.0, 2.0, 4.0, 8.0), 2)
    3.0
    """
    last = len(ordered) - 1
    at, beyond = divmod(last * number, 4)
    return (ordered[at] * (4 - beyond) + ordered[min(at + 1, last)] * beyond) / 4
