"""
Guards on KPIs: whether targets are set for them, whether they were computed, and whether they are where they should be.
"""

from __future__ import annotations

from typing import Literal

from .. import dossier
from .._model.predicate import SIGNS, compare
from .._model.project import Project
from .._model.values import Label, Money
from .._model.verdict import PASS, Verdict, failed, passed, unknown
from ..dossier import KpiSnapshot, KpiTarget, KpiValue
from ..errors import say
from ..typing import Check, Context
from ._base import Since, at_least, counts, entry, exact, guard, held_of, lacking, some


@guard(
    "kpis_defined",
    codes={
        "kpi.undefined": Label(
            "{have} of {need} KPIs have a target and an owner.",
            "已有目标值和负责人的指标为 {have} 个，要求 {need} 个。",
        ),
        "kpi.incomplete": Label(
            "KPI target {target_id} is not complete; still open: {lacks}.",
            "指标目标值 {target_id} 不完整，待补充：{lacks}。",
        ),
    },
    kinds=("kpi_target",),
)
def kpis_defined(*, min: int = 1) -> Check:
    """
    Ask that there are targets for at least *min* KPIs, each target with its metric, its number and an owner.

    Several targets for one KPI, such as one for each owner, count once; a target that is not complete fails by itself.
    """
    at_least(0, min=min)

    def check(ctx: Context) -> Verdict | tuple[Verdict, ...]:
        targets = ctx.project.all(KpiTarget)
        open_parts = {target.id: lacking(target, "metric", "target", "owner") for target in targets}
        verdicts = [
            failed("kpi.incomplete", entry("kpi_target", id=name, required=lacks), target_id=name, lacks=lacks)
            for name, lacks in open_parts.items()
            if lacks
        ]
        have = len({target.metric for target in targets if not open_parts[target.id]})
        if have < min:
            remedy = entry("kpi_target", required=("metric", "target", "owner"), count=min - have)
            verdicts.insert(0, failed("kpi.undefined", remedy, need=min, have=have))
        return tuple(verdicts) or PASS

    return check


def latest_figures(project: Project, ctx: Context, since: Since = "") -> tuple[KpiValue, ...] | None:
    """
    Return the figures of the latest snapshot that is not ahead of the decision, for the whole; ``None`` without one.
    """
    found = [
        (snapshot.at or held.at, held.version, snapshot)
        for snapshot, held in held_of(project, KpiSnapshot)
        if (snapshot.at or held.at) <= ctx.at and counts(held, project, since)
    ]
    if not found:
        return None
    _, _, latest = max(found, key=lambda each: each[:2])
    return tuple(value for value in latest.values if not value.group)


@guard(
    "kpis_reported",
    codes={
        "kpi.unreported": Label("No figure was computed for: {metrics:kpi}.", "以下指标尚未计算：{metrics:kpi}。"),
    },
    kinds=("kpi_snapshot", "visit"),
)
def kpis_reported(metrics: tuple[str, ...], *, since: Since = "") -> Check:
    """
    Ask that the latest snapshot has a figure for each of the metrics, or the reason why there is none.

    With *since* the snapshot was taken in the current visit to the stage.
    """
    some("metrics", metrics)

    def check(ctx: Context) -> Verdict:
        figures = latest_figures(ctx.project, ctx, since) or ()
        known = {value.metric for value in figures if value.value is not None or value.reason}
        left = tuple(metric for metric in metrics if metric not in known)
        return failed("kpi.unreported", entry("kpi_snapshot", metrics=left), metrics=left) if left else PASS

    return check


@guard(
    "kpi_check",
    codes={
        "kpi.threshold": Label(
            "{metric:kpi} is {found}, but the rule asks for {metric:kpi} {sign} {wanted}.",
            "{metric:kpi} 为 {found}，不符合要求：{metric:kpi} {sign} {wanted}。",
        ),
        "kpi.no_value": Label(
            "There is no figure of {metric:kpi} to compare ({why:reason}).",
            "没有可比较的 {metric:kpi} 数值（{why:reason}）。",
        ),
        "kpi.currency": Label(
            "{metric:kpi} is {found}, which cannot be compared with {wanted}.",
            "{metric:kpi} 为 {found}，无法与 {wanted} 比较。",
        ),
    },
    kinds=("kpi_snapshot",),
)
def kpi_check(
    metric: str,
    op: Literal["eq", "ne", "lt", "le", "gt", "ge"],
    value: float,
    *,
    currency: str = "",
    variant: str = "",
    on_missing: Literal["fail", "unknown", "pass"] = "fail",
) -> Check:
    """
    Ask that a comparison of a KPI of the latest snapshot with a number holds.

    Args:
        metric: the name of the KPI.
        op: ``eq``, ``ne``, ``lt``, ``le``, ``gt`` or ``ge``.
        value: the number, in the unit of the KPI.
        currency: of a KPI in money; figures in another currency make the answer unknown.
        variant: which way it was computed; by default the first.
        on_missing: the answer where there is no figure, whatever the reason.
    """
    number = exact(value)
    if not number.is_finite():
        raise ValueError(say("param.number", name="value", value=value, low="-∞"))
    wanted = Money(number, currency) if currency else number

    def check(ctx: Context) -> Verdict:
        kpi = dossier.KPIS.get(metric)
        names = (variant,) if variant else ("", kpi.variant().name if kpi else "")
        figures = latest_figures(ctx.project, ctx) or ()
        found = next((each for each in reversed(figures) if each.metric == metric and each.variant in names), None)
        remedy = entry("kpi_snapshot", metrics=(metric,), variant=variant or None, op=op, value=wanted)
        if found is None or found.value is None:
            why = found.reason if found and found.reason else "not_computed"
            if on_missing == "pass":
                return passed("kpi.no_value", metric=metric, why=why)
            return (unknown if on_missing == "unknown" else failed)("kpi.no_value", remedy, metric=metric, why=why)
        about = {"metric": metric, "found": found.value, "sign": SIGNS[op], "wanted": wanted}
        alike = isinstance(found.value, Money) == isinstance(wanted, Money)
        holds = compare(op, found.value, wanted) if alike else None
        if holds is None:
            return unknown("kpi.currency", remedy, **about)
        return PASS if holds else failed("kpi.threshold", remedy, **about)

    return check
