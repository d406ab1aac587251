"""
Guards over the way a project took: how often, and for how long it has been where it is.
"""

from __future__ import annotations

from .._model.values import Duration, Label
from .._model.verdict import PASS, Verdict, failed
from .._model.visit_time import reached_at
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
def min_time_in_stage(days: int) -> Check:
    """
    Ask that the current visit has lasted *days* days of 24 hours, holds left out; exactly so long is enough.
    """
    return _entered_since("stage.too_early", days, late=False)


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
def max_time_in_stage(days: int) -> Check:
    """
    Ask that the current visit has lasted no longer than *days* days of 24 hours, holds left out; just so long will do.
    """
    return _entered_since("stage.too_late", days, late=True)


def _entered_since(code: str, days: int, *, late: bool) -> Check:
    to_days("days", days)
    span = Duration(days, "d")

    def check(ctx: Context) -> Verdict:
        visit = ctx.project.visit
        until = reached_at(visit, span, ctx.calendar)
        if ctx.at <= until if late else ctx.at >= until:
            return PASS
        # Only a time that is still to come can be waited for.
        remedies = () if late else (cure("wait", "stage_time", until=until),)
        return failed(code, *remedies, stage=visit.stage, entered=visit.entered_at, until=until, days=days)

    return check
