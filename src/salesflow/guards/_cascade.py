"""
Guards on goals together: whether the metrics are covered, and whether parts make up their whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from .. import dossier
from .._model.values import Label
from .._model.verdict import PASS, Verdict, failed, unknown
from ..dossier import Goal
from ..typing import Check, Context
from ._base import entry, guard, lacking, parameter
from ._goals import absolute_target, as_decimal, live_goals


Period: TypeAlias = tuple[int, int, str]
"""First day and last day of a part, counted as ordinals, and the id of the part."""


@guard(
    "goals_cover",
    codes={
        "goal.metric_uncovered": Label(
            "No live goal covers: {metrics:kpi}.", "以下指标没有对应的有效目标：{metrics:kpi}。"
        ),
    },
    kinds=("goal",),
)
def goals_cover(*metrics: str) -> Check:
    """
    Ask that each of the *metrics* has a live goal.
    """

    def check(ctx: Context) -> Verdict:
        covered = {goal.metric for goal in live_goals(ctx.project)}
        open_ones = tuple(metric for metric in metrics if metric not in covered)
        if not open_ones:
            return PASS
        remedies = (entry("goal", metric=metric) for metric in open_ones)
        return failed("goal.metric_uncovered", *remedies, metrics=open_ones)

    return check


@guard(
    "goals_cascade",
    codes={
        "goal.cascade_gap": Label(
            "The parts of goal {goal} add up to {total} instead of {target} ({unit}).",
            "目标 {goal} 的分解合计为 {total}，与目标值 {target} 不符（{unit}）。",
        ),
        "goal.unit_mismatch": Label(
            "Goal {goal} cannot be compared with its parts: {parts} are not in {unit}.",
            "目标 {goal} 无法与分解目标比较：{parts} 的单位不是 {unit}。",
        ),
        "goal.no_target": Label(
            "Cannot tell whether the parts of goal {goal} add up; no target: {parts}.",
            "无法判断目标 {goal} 的分解是否一致，以下目标没有目标值：{parts}。",
        ),
        "goal.period_gap": Label(
            "No part of goal {goal} covers {first} to {last} ({subject}).",
            "目标 {goal} 在 {first} 至 {last} 期间没有分解目标（{subject}）。",
        ),
        "goal.period_overlap": Label(
            "Parts of goal {goal} overlap from {first} to {last}: {part} begins before the previous part ends.",
            "目标 {goal} 的分解在 {first} 至 {last} 期间重叠：{part} 在前一段结束前开始。",
        ),
        "goal.period_outside": Label(
            "Part {part} of goal {goal} reaches beyond {first} to {last}.",
            "目标 {goal} 的分解 {part} 超出了 {first} 至 {last} 的期间。",
        ),
    },
    kinds=("goal",),
)
def goals_cascade(*, tolerance: float = 0.0) -> Check:
    """
    Ask that the parts of every goal with an additive metric make up the whole.

    A part is a live goal that names a live goal of the same metric as its parent. The targets of
    the parts may differ from the parent's by the share *tolerance* of it. Parts with a first
    and a last day cut the parent's period into calendar periods; those of one subject must
    cover it without a gap or an overlap, so that teams and quarters can be combined. Rates and
    metrics that are not registered are not added up, and goals without parts are not looked at.
    """
    share = Fraction(parameter("tolerance", tolerance))

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        goals = live_goals(ctx.project)
        verdicts: list[Verdict] = []
        for goal in goals:
            metric = dossier.KPIS.get(goal.metric)
            parts = [part for part in goals if part.parent == goal.id != part.id and part.metric == goal.metric]
            if metric is not None and metric.additive and parts:
                verdicts += unlike(goal, parts, share)
        return tuple(verdicts) or PASS

    return check


def unlike(goal: Goal, parts: list[Goal], share: Fraction = Fraction(0)) -> Iterator[Verdict]:
    """
    Yield what keeps parts from making up a goal; *share* is the share of its target by which they may differ.
    """
    yield from _sums(goal, parts, share)
    yield from _periods(goal, parts)


def _sums(goal: Goal, parts: list[Goal], share: Fraction) -> Iterator[Verdict]:
    strange = tuple(part for part in parts if part.unit.strip() != goal.unit.strip())
    if strange:
        remedies = (entry("goal", id=part.id, unit=goal.unit, required=("target",)) for part in strange)
        yield unknown(
            "goal.unit_mismatch",
            *remedies,
            goal=goal.id,
            parts=tuple(part.id for part in strange),
            unit=goal.unit or "—",
        )
        return
    blank = tuple(each for each in (goal, *parts) if absolute_target(each) is None)
    if blank:
        remedies = (entry("goal", id=each.id, required=lacking(each, "target") or ("baseline",)) for each in blank)
        yield unknown("goal.no_target", *remedies, goal=goal.id, parts=tuple(each.id for each in blank))
        return
    target = absolute_target(goal) or Fraction(0)
    total = sum((absolute_target(part) or Fraction(0) for part in parts), Fraction(0))
    if abs(total - target) <= share * abs(target):
        return
    if total < target:
        remedy = entry(
            "goal",
            parent=goal.id,
            metric=goal.metric,
            unit=goal.unit,
            target=as_decimal(target - total),
        )
    else:
        remedy = entry("goal", id=goal.id, target=as_decimal(total), percent=False)
    yield failed(
        "goal.cascade_gap",
        remedy,
        goal=goal.id,
        total=as_decimal(total),
        target=as_decimal(target),
        unit=goal.unit or "—",
    )


def _periods(goal: Goal, parts: list[Goal]) -> Iterator[Verdict]:
    subjects: dict[str, list[Period]] = {}
    for part in parts:
        if part.start is not None and part.due is not None and part.start <= part.due:
            period = (part.start.toordinal(), part.due.toordinal(), part.id)
            subjects.setdefault(part.subject.strip(), []).append(period)
    for subject, periods in subjects.items():
        first = goal.start.toordinal() if goal.start else min(start for start, _, _ in periods)
        last = goal.due.toordinal() if goal.due else max(due for _, due, _ in periods)
        if first <= last:
            yield from _tiling(goal, subject, sorted(periods), (first, last))


def _tiling(goal: Goal, subject: str, periods: list[Period], whole: tuple[int, int]) -> Iterator[Verdict]:
    """
    Yield what keeps sorted periods from covering the whole exactly once.
    """
    first, last = whole
    uncovered = first  # the first day that no part has reached yet
    for start, due, part in periods:
        if start < first or due > last:
            yield _outside(goal, part, date.fromordinal(first), date.fromordinal(last))
        begin, end = max(start, first), min(due, last)
        if begin > end:
            continue
        if begin > uncovered:
            yield _gap(goal, subject, date.fromordinal(uncovered), date.fromordinal(begin - 1))
        elif begin < uncovered:
            yield _overlap(goal, part, date.fromordinal(begin), date.fromordinal(min(end, uncovered - 1)))
        uncovered = max(uncovered, end + 1)
    if uncovered <= last:
        yield _gap(goal, subject, date.fromordinal(uncovered), date.fromordinal(last))


def _outside(goal: Goal, part: str, first: date, last: date) -> Verdict:
    remedy = entry("goal", id=part, min_start=first, max_start=last, min_due=first, max_due=last)
    return failed("goal.period_outside", remedy, goal=goal.id, part=part, first=first, last=last)


def _overlap(goal: Goal, part: str, first: date, last: date) -> Verdict:
    remedy = entry("goal", id=part, above_start=last, above_due=last)
    return failed("goal.period_overlap", remedy, goal=goal.id, part=part, first=first, last=last)


def _gap(goal: Goal, subject: str, first: date, last: date) -> Verdict:
    part = {"metric": goal.metric, "unit": goal.unit, "target": Decimal(0)}
    remedy = entry("goal", parent=goal.id, subject=subject or None, start=first, due=last, **part)
    return failed("goal.period_gap", remedy, goal=goal.id, first=first, last=last, subject=subject or "—")
