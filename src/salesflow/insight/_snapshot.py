"""
Snapshots: the figures that a project has targets for, computed and kept in its dossier.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from .._model.argument_types import explain_types
from .._model.values import Money
from .._pipeline.change import add
from .._pipeline.pipeline import Pipeline, runtime_of
from ..dossier import KpiSnapshot, KpiTarget, KpiValue
from ._columns.promises import promises_of
from ._columns.tables import micros
from ._kpi import Kpi
from ._portfolio import Portfolio
from ._registry import find_formula
from ._targets import Figures, is_period, period_of_project


@explain_types
def snapshot(
    pipeline: Pipeline, project_id: str, *, metrics: Iterable[str] = (), portfolio: Portfolio | None = None
) -> KpiSnapshot:
    """
    Compute the figures that a project has targets for, keep them in its dossier, and return them.

    These are the metrics of its KPI targets, each for its own period and group, those that its lifecycle has targets
    for, and *metrics*. Of a period project, which has the fields ``period_start`` and ``period_end``, and for a group
    they are about all projects; of any other project they are about that project alone. What was forecast is judged
    later by the figures ``weighted_forecast`` in snapshots that were kept before their period began.

    Args:
        pipeline: that has the project.
        project_id: its id.
        metrics: the names of more KPIs, or one name.
        portfolio: of the same pipeline, if one was folded already; it is read on.

    Raises:
        UnknownProjectError: for an id that the store does not have.
        InputError: for an unknown KPI, and for amounts in several currencies without rates.
    """
    # A text is a sequence of letters, of which none is meant.
    project, more = pipeline.get(project_id), (metrics,) if isinstance(metrics, str) else tuple(metrics)
    whole = Portfolio.of(pipeline) if portfolio is None else portfolio
    whole.refresh()
    columns = whole.columns
    row = columns.tables.rows[project_id]
    figures = Figures(columns, whole.kpis)
    for metric in more:
        find_formula(metric, whole.kpis)
    wanted: list[KpiTarget] = [
        versions[-1].entry for (of, _), versions in promises_of(columns, KpiTarget.kind).items() if of == row
    ]
    named = dict.fromkeys((*pipeline.lifecycle_of(project).definition.kpi_targets, *more))
    wanted.extend(KpiTarget("named", metric) for metric in named if all(metric != each.metric for each in wanted))
    general = period_of_project(columns, row) if is_period(columns, row) else None
    values = [_value(target, *figures.figure(target, row, general)) for target in wanted]
    kept = KpiSnapshot(f"kpi-{micros(whole.as_of)}", at=whole.as_of, values=values)
    add(runtime_of(pipeline), project_id, (kept,), computed=True)
    return kept


def _value(target: KpiTarget, came: Any, period: str) -> KpiValue:
    if not isinstance(came, Kpi):
        return KpiValue(target.metric, variant=target.variant, group=target.group, period=period, reason=came)
    return KpiValue(
        target.metric,
        _quantity(came.value),
        unit=came.unit,
        variant=came.variant,
        group=target.group,
        period=period,
        numerator=_quantity(came.numerator),
        denominator=_quantity(came.denominator),
        n=came.n,
        reason=came.reason or "",
        version=came.version,
    )


def _quantity(given: Any) -> Decimal | Money | None:
    if given is None or isinstance(given, Money):
        return given
    return Decimal(str(given))
