"""
Guards on goals: whether they are SMART.

Every goal counts that is neither missed nor replaced, drafts too, since a gate looks before goals are approved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context as Rounder, Decimal
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from .. import dossier
from .._model.project import Project
from .._model.values import Label
from .._model.verdict import PASS, Remedy, Verdict, failed, unknown, warned
from ..dossier import Goal
from ..typing import Check, Context
from ._base import at_least, entry, guard, is_set, lacking, parameter


Criterion: TypeAlias = Literal["specific", "measurable", "achievable", "relevant", "time_bound"]
"""One of the five SMART questions."""

_ALL: Final[tuple[Criterion, ...]] = ("specific", "measurable", "achievable", "relevant", "time_bound")

_LONG_DAYS = 90


def live_goals(project: Project) -> tuple[Goal, ...]:
    """
    Return the goals that count.
    """
    return tuple(goal for goal in project.all(Goal) if goal.counts)


def absolute_target(goal: Goal) -> Fraction | None:
    """
    Return the target in the goal's unit, or ``None`` where it cannot be worked out.

    A target in percent is a change of the baseline, downwards if the goal is to decrease.
    """
    if goal.target is None:
        return None
    if not goal.percent:
        return Fraction(goal.target)
    if goal.baseline is None:
        return None
    sign = -1 if goal.direction == "decrease" else 1
    return Fraction(goal.baseline) * (1 + sign * Fraction(goal.target) / 100)


def as_decimal(number: Fraction, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """
    Return a fraction as a decimal number, rounded at the 28th digit.
    """
    found = Rounder(prec=28, rounding=rounding).divide(Decimal(number.numerator), Decimal(number.denominator))
    return Decimal(f"{found:f}")


@guard(
    "goals_smart",
    codes={
        "goal.too_few": Label(
            "Live goals: {need} needed, {have} found.",
            "至少需要 {need} 个有效目标，目前只有 {have} 个。",
        ),
        "goal.not_specific": Label(
            "Goal {goal} is not specific; still open: {lacks}.", "目标 {goal} 不够具体，尚缺：{lacks}。"
        ),
        "goal.not_measurable": Label(
            "Goal {goal} cannot be measured; it needs a registered metric, a unit and a source. Open: {lacks}.",
            "目标 {goal} 无法衡量：需要已登记的指标、单位和数据来源，尚缺：{lacks}。",
        ),
        "goal.not_achievable": Label(
            "Goal {goal} cannot be called achievable: target {target}, baseline {baseline}. The baseline must be "
            "positive, and the target within 1 to {max_stretch} times of it.",
            "目标 {goal} 难以认定为可实现：目标值 {target}，基线 {baseline}。"
            "基线应为正数，目标应在基线的 1 至 {max_stretch} 倍之间。",
        ),
        "goal.no_baseline": Label(
            "Cannot tell whether goal {goal} is achievable without a baseline.",
            "目标 {goal} 没有基线，无法判断是否可实现。",
        ),
        "goal.no_target": Label(
            "Cannot tell whether goal {goal} is achievable without a target.",
            "目标 {goal} 没有目标值，无法判断是否可实现。",
        ),
        "goal.no_challenge": Label(
            "Goal {goal} asks for no more than the baseline {baseline}.",
            "目标 {goal} 与基线 {baseline} 持平，缺乏挑战。",
        ),
        "goal.stretch": Label(
            "Goal {goal} lies at {ratio} times the baseline {baseline}, outside of 1 to {max_stretch} times.",
            "目标 {goal} 为基线 {baseline} 的 {ratio} 倍，超出 1 至 {max_stretch} 倍的范围。",
        ),
        "goal.not_relevant": Label(
            "Goal {goal} is linked to no parent goal and to no part of the strategy.",
            "目标 {goal} 未关联上级目标，也未关联任何策略。",
        ),
        "goal.not_time_bound": Label(
            "Goal {goal} is not bound in time; put right: {lacks}.", "目标 {goal} 没有明确时限，需修正：{lacks}。"
        ),
    },
    kinds=("goal",),
)
def goals_smart(
    *,
    min_goals: int = 1,
    criteria: tuple[Criterion, ...] = _ALL,
    max_stretch: float = 1.5,
    stretch: Literal["warn", "fail"] = "warn",
    metrics: tuple[str, ...] = (),
) -> Check:
    """
    Ask that there are *min_goals* live goals, each of them SMART; one verdict for each goal and criterion.

    - *specific*: metric, subject, direction and target are set; a target in percent has a baseline;
    - *measurable*: the metric is registered (in :data:`~salesflow.dossier.KPIS` or *metrics*), with unit and source;
    - *achievable*: the baseline is positive and the target lies between 1 and *max_stretch* times of it (inversely for
      a metric of which less is better, and for a decrease of the host's own metrics). Outside of that range it warns,
      or fails if *stretch* says so; exactly 1 warns; without baseline or target it cannot be determined;
    - *relevant*: the goal names another goal as its parent, or what part of the strategy it supports;
    - *time_bound*: it starts before it is due, is due after its approval, and has a milestone in between if it takes
      more than 90 days. Where no approval is recorded, an active goal is taken to be approved by this decision.
    """
    at_least(0, min_goals=min_goals)
    ceiling, hard = Fraction(parameter("max_stretch", max_stretch, low=1)), stretch == "fail"
    questions: dict[Criterion, Callable[[Goal, date], Verdict]] = {
        "specific": lambda goal, _today: _specific(goal),
        "measurable": lambda goal, _today: _measurable(goal, metrics),
        "achievable": lambda goal, _today: _achievable(goal, ceiling, hard=hard),
        "relevant": lambda goal, _today: _relevant(goal),
        "time_bound": _time_bound,
    }
    asked = tuple(questions[criterion] for criterion in criteria)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        goals, today = live_goals(ctx.project), ctx.today
        verdicts = [question(goal, today) for goal in goals for question in asked]
        if len(goals) < min_goals:
            remedy = entry("goal", required=("metric", "target"), count=min_goals - len(goals))
            verdicts.insert(0, failed("goal.too_few", remedy, need=min_goals, have=len(goals)))
        return tuple(verdicts) or PASS

    return check


def _specific(goal: Goal) -> Verdict:
    lacks = lacking(goal, "metric", "subject", "direction", "target")
    if goal.percent and goal.baseline is None:
        lacks += ("baseline",)
    if not lacks:
        return PASS
    choices = ("increase", "decrease", "reach") if "direction" in lacks else None
    remedy = entry("goal", id=goal.id, required=lacks, direction_in=choices)
    return failed("goal.not_specific", remedy, goal=goal.id, lacks=lacks)


def _measurable(goal: Goal, metrics: tuple[str, ...]) -> Verdict:
    blank = lacking(goal, "unit", "source")
    registered = goal.metric in metrics or goal.metric in dossier.KPIS
    if registered and not blank:
        return PASS
    choices = None if registered else (*dossier.KPIS, *(name for name in metrics if name not in dossier.KPIS))
    remedy = entry("goal", id=goal.id, required=blank or None, metric_in=choices)
    lacks = blank if registered else ("metric", *blank)
    return failed("goal.not_measurable", remedy, goal=goal.id, lacks=lacks)


def _less_is_better(goal: Goal) -> bool:
    metric = dossier.KPIS.get(goal.metric)
    return goal.direction == "decrease" if metric is None else metric.direction == "lower"


def _achievable(goal: Goal, ceiling: Fraction, *, hard: bool) -> Verdict:
    if goal.baseline is None:
        return unknown("goal.no_baseline", _above_zero(goal), goal=goal.id)
    target, baseline = absolute_target(goal), Fraction(goal.baseline)
    if target is None:
        return unknown("goal.no_target", entry("goal", id=goal.id, required=("target",)), goal=goal.id)
    if baseline <= 0:
        return failed(
            "goal.not_achievable", _above_zero(goal), **_achievable_by(goal, ceiling), target=as_decimal(target)
        )
    less = _less_is_better(goal)
    above, below = (baseline, target) if less else (target, baseline)
    # Where less is better, a target of zero or under it has no ratio: it is beyond any stretch.
    ratio = above / below if below > 0 else None
    if ratio is not None and 1 < ratio <= ceiling:
        return PASS
    remedy, evidence = (
        entry("goal", id=goal.id, **_range(goal, baseline, ceiling, less=less)),
        _achievable_by(goal, ceiling),
    )
    if ratio == 1:
        return warned("goal.no_challenge", remedy, **evidence)
    if hard:
        return failed("goal.not_achievable", remedy, **evidence, target=as_decimal(target))
    shown = "∞" if ratio is None else Decimal(f"{as_decimal(ratio):.2f}")
    return warned("goal.stretch", remedy, **evidence, ratio=shown)


def _above_zero(goal: Goal) -> Remedy:
    return entry("goal", id=goal.id, above_baseline=Decimal(0))


def _achievable_by(goal: Goal, ceiling: Fraction) -> dict[str, Any]:
    return {"goal": goal.id, "baseline": goal.baseline, "max_stretch": as_decimal(ceiling)}


def _range(goal: Goal, baseline: Fraction, ceiling: Fraction, *, less: bool) -> dict[str, Decimal]:
    low, high = (baseline / ceiling, baseline) if less else (baseline, baseline * ceiling)
    if goal.percent:
        low, high = (100 * (value / baseline - 1) for value in (low, high))
        if goal.direction == "decrease":
            low, high, less = -high, -low, not less
    # Rounded inwards, so that the bounds themselves never miss.
    lowest, highest = as_decimal(low, ROUND_CEILING), as_decimal(high, ROUND_FLOOR)
    # The end at which the goal would not change does not belong to the range.
    return {"min_target": lowest, "below_target": highest} if less else {"above_target": lowest, "max_target": highest}


def _relevant(goal: Goal) -> Verdict:
    if is_set(goal.supports) or (is_set(goal.parent) and goal.parent != goal.id):
        return PASS
    return failed("goal.not_relevant", entry("goal", id=goal.id, required=("supports",)), goal=goal.id)


def _time_bound(goal: Goal, today: date) -> Verdict:
    start, due = goal.start, goal.due
    approved = goal.approved_on or (None if goal.status == "attained" else today)
    lacks: list[str] = []
    bounds: dict[str, date] = {}
    floor = max((day for day in (start, approved) if day is not None), default=None)
    if due is None or (floor is not None and due <= floor):
        lacks.append("due")
        if floor is not None:
            bounds["above_due"] = floor
    elif start is None:
        bounds["below_start"] = due
    elif (due - start).days > _LONG_DAYS and not any(start <= day <= due for day in goal.milestones):
        lacks.append("milestones")
        bounds |= {"min_milestones": start, "max_milestones": due}
    if start is None:
        lacks.insert(0, "start")
    if not lacks:
        return PASS
    remedy = entry("goal", id=goal.id, required=tuple(lacks), **bounds)
    return failed("goal.not_time_bound", remedy, goal=goal.id, lacks=tuple(lacks))
