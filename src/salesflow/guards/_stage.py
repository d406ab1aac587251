"""
Guards over the course of a project: how often it took a transition, and how long it has been in its stage.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal

from .._model.calendar import Calendar
from .._model.values import Duration, Label
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown
from .._model.visit_time import date_begins, date_ends, due_after
from ..errors import say
from ..typing import Check, Context
from ._base import at_least, cure, days as to_days, guard


@guard(
    "loop_budget",
    codes={
        "loop.exhausted": Label(
            "{transition} was taken {taken} time(s) already; the limit is {max}.",
            "{transition} 已执行 {taken} 次，上限为 {max} 次。",
        )
    },
    kinds=("taken",),
)
def loop_budget(transition: str, max: int) -> Check:
    """
    Ask that a transition was taken less than *max* times in the project's life.
    """
    at_least(1, max=max)

    def check(ctx: Context) -> Verdict:
        taken = ctx.project.taken.get(transition, 0)
        return PASS if taken < max else failed("loop.exhausted", transition=transition, taken=taken, max=max)

    return check


@guard(
    "min_time_in_stage",
    codes={
        "stage.too_early": Label(
            "{stage} was entered on {entered}; this is possible from {until}.",
            "{entered} 进入阶段 {stage}，{until} 之后方可操作。",
        )
    },
    kinds=("visit",),
)
def min_time_in_stage(days: int, *, unit: Literal["d", "bd"] = "d") -> Check:
    """
    Ask that the current visit has lasted *days* days, holds left out; exactly so long is enough.

    Args:
        unit: days of 24 hours (``d``), or working days of the lifecycle's calendar (``bd``).
    """
    return _entered_since("stage.too_early", days, unit, late=False)


@guard(
    "max_time_in_stage",
    codes={
        "stage.too_late": Label(
            "{stage} was entered on {entered}; this was possible until {until}.",
            "{entered} 进入阶段 {stage}，操作期限 {until} 已过。",
        )
    },
    kinds=("visit",),
)
def max_time_in_stage(days: int, *, unit: Literal["d", "bd"] = "d") -> Check:
    """
    Ask that the current visit has lasted no longer than *days* days, holds left out; just so long will do.

    Args:
        unit: days of 24 hours (``d``), or working days of the lifecycle's calendar (``bd``).
    """
    return _entered_since("stage.too_late", days, unit, late=True)


def _entered_since(code: str, days: int, unit: Literal["d", "bd"], *, late: bool) -> Check:
    to_days("days", days)
    span = Duration(days, unit)

    def check(ctx: Context) -> Verdict:
        visit = ctx.project.visit
        until = due_after(visit, span, ctx.calendar)
        if ctx.at <= until if late else ctx.at >= until:
            return PASS
        # Only a time that is still to come can be waited for.
        remedies = () if late else (cure("wait", "stage_time", until=until),)
        return failed(code, *remedies, stage=visit.stage, entered=visit.entered_at, until=until, days=days)

    return check


def _fields(*_args: Any, not_before: date | str = "", not_after: date | str = "") -> tuple[str, ...]:
    return tuple(each for each in (not_before, not_after) if each and isinstance(each, str))


@guard(
    "date_window",
    codes={
        "date.early": Label("This is possible from {until} ({field}).", "{until}（{field}）起方可操作。"),
        "date.late": Label("This was possible until {until} ({field}).", "操作期限 {until}（{field}）已过。"),
        "date.unset": Label(
            "Cannot tell whether this is possible now: {field} has no date.",
            "{field} 没有日期，无法判断能否操作。",
        ),
    },
    reads=_fields,
)
def date_window(*, not_before: date | str = "", not_after: date | str = "") -> Check:
    """
    Ask that the move happens in a span of time: each end is a date, or a field that holds a date or a time.

    A date begins at 00:00 in the lifecycle's zone. It ends as it does for deadlines: with its last working hour, or
    where it has none, with the day. A hold moves neither.

    Args:
        not_before: the first day, or the field that holds it.
        not_after: the last day, or the field that holds it.
    """
    if not not_before and not not_after:
        raise ValueError(say("param.empty", name="not_before"))

    def limit_of(ctx: Context, limit: date | str, place: Callable[[date, Calendar], datetime]) -> datetime | None:
        value = ctx.project.fields.get(limit) if isinstance(limit, str) else limit
        return place(value, ctx.calendar) if isinstance(value, date) else None

    def check(ctx: Context) -> Verdict:
        for limit, place, late in ((not_before, date_begins, False), (not_after, date_ends, True)):
            until = limit_of(ctx, limit, place) if limit else ctx.at
            if until is None:
                return unknown("date.unset", cure("field", str(limit)), field=limit)
            if ctx.at > until if late else ctx.at < until:
                remedy = _moved(limit, ctx) if late else (cure("wait", "date", until=until),)
                return failed("date.late" if late else "date.early", *remedy, field=limit, until=until)
        return PASS

    return check


def _moved(limit: date | str, ctx: Context) -> tuple[Remedy, ...]:
    """
    Return what cures a limit that is over: a later date, if a field holds it.
    """
    if not isinstance(limit, str):
        return ()
    later = ctx.at if isinstance(ctx.project.fields[limit], datetime) else ctx.today + timedelta(days=1)
    return (cure("field", limit, op="ge", value=later),)
