"""
Checks on pace: projects that rest, stay too long in a stage, slip or go back.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, Literal

from .._model.advice import AdviceContext, Finding, StageNorm, advises as risk_check
from .._model.definition import Stage
from .._model.facts import DeadlinePassed, EntryPut, Fact, Transitioned
from .._model.frozen import EMPTY
from .._model.risk_matrix import LEVELS, Level
from .._model.values import Duration, Label
from .._model.visit_time import due_after, passed, time_in_stage
from ..dossier import Activity, RaisedWarning
from ..errors import say
from ..guards._base import at_least, within_century
from ..scores._parts import quartile
from ..typing import RiskCheck
from ._base import DAY, clear, fired, reached, unsure, values_of, while_open


def _meaningful(fact: Fact) -> bool:
    if isinstance(fact.body, DeadlinePassed):
        return False
    return not any(
        isinstance(change, EntryPut) and change.entry.kind == RaisedWarning.kind for change in fact.body.changes
    )


def _limit(stage: Stage, deadline: str, own: Mapping[str, int]) -> Duration | None:
    """
    Return a limit of a stage: that of the check, or else the stage's deadline of this name.
    """
    if stage.id in own:
        return Duration(own[stage.id], "d")
    return next((one.after for one in stage.deadlines if one.id == deadline and one.field is None), None)


def planned(ctx: AdviceContext, within: Duration) -> tuple[Activity, ...]:
    """
    Return the planned activities that have an owner and take place within so long a time.
    """
    last = ctx.calendar.add(ctx.at, within)
    return tuple(
        one
        for one in ctx.project.all(Activity)
        if one.status == "planned" and one.owner and one.at is not None and ctx.at <= one.at <= last
    )


@risk_check(
    "rotting",
    codes={
        "stage.rotting": Label(
            "Nothing has happened for {days} days; the limit in stage {stage} is {limit:duration}.",
            "已有 {days} 天没有任何进展，阶段 {stage} 的上限为 {limit:duration}。",
        ),
    },
)
def rotting(
    *,
    days: int = 10,
    stages: Mapping[str, int] = EMPTY,
    policy: Literal["respect_next_step", "ignore_future"] = "respect_next_step",
    level: Level = "medium",
) -> RiskCheck:
    """
    Look for a project in which nothing meaningful has happened for as long as the stage's deadline ``rot``.

    Deadlines and early warnings are recorded without an actor, so they do not count.

    Args:
        days: the limit of stages without that deadline.
        stages: limits in days by stage, in place of the deadlines.
        policy: with ``respect_next_step`` a step planned within the limit counts; with
            ``ignore_future`` only what has happened.
    """
    at_least(1, **{"days": days, **stages})  # a stage may be called days as well
    within_century((("days", days), *stages.items()))

    def check(ctx: AdviceContext) -> Finding:
        limit = _limit(ctx.stage, "rot", stages) or Duration(days, "d")
        moments = [fact.at for fact in ctx.history if _meaningful(fact) and fact.at <= ctx.at]
        moments += [
            one.at
            for one in ctx.project.all(Activity)
            if one.status == "done" and one.at is not None and one.at <= ctx.at
        ]
        last = max(moments, default=ctx.project.opened_at)
        evidence = {"days": (ctx.at - last) // DAY, "limit": str(limit), "stage": ctx.stage.id}
        fresh = passed(last, ctx.at, limit.unit, ctx.calendar) < limit.span
        if fresh or (policy == "respect_next_step" and planned(ctx, limit)):
            return clear("rotting", **evidence)
        action = Label(
            "Take the next step with the customer, or close the project.", "推进下一步客户动作，或关闭该项目。"
        )
        return fired("rotting", level, "stage.rotting", action, **evidence)

    return while_open(check)


@risk_check(
    "stage_overstay",
    codes={
        "stage.over_limit": Label(
            "The stay in stage {stage} is {days} days long; the limit is {limit:duration}.",
            "在阶段 {stage} 已停留 {days} 天，上限为 {limit:duration}。",
        ),
        "stage.over_usual": Label(
            "The stay in stage {stage} is {days} days long; three quarters of {n} won projects took at most {usual}.",
            "在阶段 {stage} 已停留 {days} 天；{n} 个赢单项目中有四分之三不超过 {usual} 天。",
        ),
    },
)
def stage_overstay(*, days: Mapping[str, int] = EMPTY, needed: int = 20, level: Level = "medium") -> RiskCheck:
    """
    Look for a stay longer than the stage's limit, or than 75 % of won projects stayed (inclusive quantile).

    The limit is the stage's deadline ``sla``. Holds are not counted.

    Args:
        days: limits by stage, in place of the deadlines.
        needed: from how many won projects on the comparison is made.
    """
    at_least(2, needed=needed)
    within_century(days.items())

    def check(ctx: AdviceContext) -> Finding:
        visit, stage = ctx.project.visit, ctx.stage
        age = time_in_stage(visit, ctx.at)
        norm = StageNorm() if ctx.norms is None else ctx.norms.stages.get(stage.id, StageNorm())
        n, spent = len(norm.days), round(age / DAY, 1)
        usual = round(quartile(norm.days, 3), 1) if n >= needed else None
        limit = _limit(stage, "sla", days)
        evidence = {"stage": stage.id, "days": spent, "n": n}
        action = Label("Find out what holds the project up, and decide.", "查明停滞原因并作出决定。")
        if limit is not None and ctx.at > due_after(visit, limit, ctx.calendar):
            return fired("stage_overstay", level, "stage.over_limit", action, **evidence, limit=str(limit))
        if usual is not None and age > usual * DAY:
            return fired("stage_overstay", level, "stage.over_usual", action, **evidence, usual=usual)
        if limit is None and usual is None:
            return unsure("stage_overstay", "insufficient_data", **evidence, needed=needed)
        return clear("stage_overstay", **evidence)

    return while_open(check)


_CLOSE: Final = Label("No expected close is known.", "未填写预计成交日期。")


@risk_check(
    "close_date_pushed",
    codes={
        "close_date.pushed": Label(
            "Times the expected close was put off: {count}; it is now {close}.",
            "预计成交日期已推迟 {count} 次，目前为 {close}。",
        ),
        "close_date.absent": _CLOSE,
    },
)
def close_date_pushed(
    *,
    pushes: tuple[int, ...] = (1, 2, 3),
    field: str = "expected_close",
    from_stage: str = "",
    from_probability: float = 0.5,
) -> RiskCheck:
    """
    Count how often the expected close was put off: 1 low, 2 medium, 3 or more high; one level worse at bid or later.

    Args:
        pushes: from how many on it is low, medium, high.
        from_stage: from which stage on it is worse; by default where *from_probability* is reached.
    """
    if len(pushes) != 3 or not 1 <= pushes[0] <= pushes[1] <= pushes[2]:
        raise ValueError(say("param.pushes", pushes=pushes))

    def check(ctx: AdviceContext) -> Finding:
        dates = [value for _, value in values_of(ctx, field)]
        if not dates:
            return unsure("close_date_pushed", "close_date.absent")
        count = sum(later > earlier for earlier, later in pairwise(dates))
        step = sum(count >= needed for needed in pushes)
        if not step:
            return clear("close_date_pushed", count=count, close=dates[-1])
        level = LEVELS[step - 1 + reached(ctx, from_stage, from_probability)]
        action = Label(
            "Agree on a plan of steps with the customer, up to the signature.", "与客户共同确认直至签约的行动计划。"
        )
        return fired("close_date_pushed", level, "close_date.pushed", action, count=count, close=dates[-1])

    return while_open(check, resting=True)


@risk_check(
    "close_date_past",
    codes={
        "close_date.past": Label(
            "The expected close, {close}, has passed, and the project is open.",
            "预计成交日期 {close} 已过，项目仍未结束。",
        ),
        "close_date.absent": _CLOSE,
    },
)
def close_date_past(*, field: str = "expected_close", level: Level = "high") -> RiskCheck:
    """
    Look for an expected close before today, in a project that is still open.
    """

    def check(ctx: AdviceContext) -> Finding:
        close = ctx.project.fields.get(field)
        if close is None:
            return unsure("close_date_past", "close_date.absent")
        if close >= ctx.today:
            return clear("close_date_past", close=close)
        action = Label(
            "Set a date that the customer has confirmed, or close the project.", "填写客户确认的日期，或关闭该项目。"
        )
        return fired("close_date_past", level, "close_date.past", action, close=close)

    return while_open(check, resting=True)


@risk_check(
    "stage_regression",
    codes={
        "stage.back": Label(
            "Moves back in the last {days} days: {count}, last from {source} to {target}.",
            "项目在 {days} 天内回退 {count} 次，最近一次从 {source} 回到 {target}。",
        ),
    },
)
def stage_regression(*, days: int = 30, level: Level = "medium") -> RiskCheck:
    """
    Look for a loop, or a move to an earlier stage, in the last *days* days.
    """
    at_least(1, days=days)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding:
        place = {stage.id: number for number, stage in enumerate(ctx.stages)}
        back = [
            fact.body
            for fact in ctx.history
            if isinstance(fact.body, Transitioned)
            and ctx.at - days * DAY < fact.at <= ctx.at
            and (
                fact.body.kind == "loop"
                or (fact.body.kind == "forward" and place.get(fact.body.target, 0) < place.get(fact.body.source, 0))
            )
        ]
        if not back:
            return clear("stage_regression", days=days)
        about = {"count": len(back), "days": days, "source": back[-1].source, "target": back[-1].target}
        action = Label("Review what was missing, and complete it before going on.", "复核缺失的内容，补齐后再推进。")
        return fired("stage_regression", level, "stage.back", action, **about)

    return while_open(check, resting=True)


@risk_check(
    "no_next_step",
    codes={
        "next_step.missing": Label(
            "No activity with an owner is planned for the next {days} days.", "未来 {days} 天内没有已安排负责人的活动。"
        ),
    },
)
def no_next_step(*, days: int = 14, level: Level = "medium") -> RiskCheck:
    """
    Look for a project without a planned activity, with owner and time, in the next *days* days.
    """
    at_least(1, days=days)
    within_century([("days", days)])

    def check(ctx: AdviceContext) -> Finding:
        steps = planned(ctx, Duration(days, "d"))
        if steps:
            return clear("no_next_step", days=days, steps=tuple(step.id for step in steps))
        action = Label("Plan the next step, and name an owner for it.", "安排下一步活动并指定负责人。")
        return fired("no_next_step", level, "next_step.missing", action, days=days)

    return while_open(check)
