"""
The KPIs of promises: attainment and pace of goals and targets, and projects whose criteria of success are met.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any, Final, cast

import attrs

from ...dossier import KPIS
from .._cases import NO_CASES, Ask, Cases, Summarise, Summary, share
from .._columns.decisions import decided
from .._columns.promises import promises_of
from .._columns.tables import micros
from .._registry import kpi, no_params
from .._targets import TargetFigure, kept_targets
from .sales import ended


_CRITERION: Final = "success_criterion"


def _mean(name: str) -> Summarise:
    """
    Return the summary of targets: of one its attainment or pace, of several the mean of them; the rows are the targets.
    """

    def summed(cases: Cases) -> Summary:
        results = cast("Sequence[TargetFigure]", cases.values)
        rows = [
            {
                "target": f"{each.project}/{each.id}",
                "version": each.version,
                "metric": each.metric,
                "actual": each.actual,
                "promised": each.target,
                "attainment": each.attainment,
                "pace": each.pace,
                "attained": each.attained,
            }
            for each in results
        ]
        if not results:
            return Summary(None, None, None, NO_CASES)
        numbers = [getattr(each, name) for each in results]
        parts = {"attained": sum(bool(each.attained) for each in results)}
        found = Summary(fmean(numbers), parts=parts, rows=rows)
        if len(results) > 1:
            return found
        return attrs.evolve(found, numerator=results[0].actual, denominator=results[0].target)

    return summed


def _counted(ask: Ask, name: str) -> Cases:
    no_params(ask.params)
    columns = ask.columns
    by_target: dict[tuple[str | None, str, str], list[TargetFigure]] = {}
    for result in kept_targets(columns):
        if result.project is not None:
            by_target.setdefault((result.project, result.kind, result.id), []).append(result)
    found: list[TargetFigure] = []
    skipped = 0
    for versions in by_target.values():
        end = versions[-1].period.end if versions[-1].period else None
        if ask.period is not None and (end is None or not ask.start < micros(end) <= ask.end):
            continue
        approved = [each for each in versions if each.approved]
        chosen = approved[-1 if ask.variant == "latest" else 0] if approved else None
        if chosen is None or getattr(chosen, name) is None:
            skipped += 1
        else:
            found.append(chosen)
    rows = columns.tables.rows
    return Cases(
        [rows[cast("str", each.project)] for each in found],
        found,
        at=[micros(each.period.end if each.period else columns.now) - 1 for each in found],
        ids=[f"{each.project}/{each.id}" for each in found],
        groups={
            "metric": [each.metric for each in found],
            "owner": [each.owner or each.group.get("owner") for each in found],
        },
        skipped=skipped,
    )


@kpi("attainment", _mean("attainment"))
def attainment(ask: Ask) -> Cases:
    """
    Find the goals and targets that were approved, whose period ends in the period, by their first approved version.

    The variant ``latest`` goes by the latest approved one. Those that nobody approved are left out, and counted.
    """
    return _counted(ask, "attainment")


@kpi("pace", _mean("pace"))
def pace(ask: Ask) -> Cases:
    """
    Find the goals and targets that were approved, whose period ends in the period, and has begun.
    """
    return _counted(ask, "pace")


@kpi("project_success_rate", share)
def project_success_rate(ask: Ask) -> Cases:
    """
    Find the projects that ended in the period: each adds one below the line, and above it if every criterion is met.

    A criterion counts if it was approved, by its first approved version; a project without any is not a success.
    """
    no_params(ask.params)
    at, rows = decided(ask.columns).at, ended(ask)
    met: dict[int, bool] = {}
    for (row, _), versions in promises_of(ask.columns, _CRITERION).items():
        first = next((each for each in versions if each.approved), None)
        if first is not None:
            met[row] = met.get(row, True) and _met(first.entry, versions[-1].entry)
    return Cases(rows, [int(met.get(row, False)) for row in rows], [1] * len(rows), [at[row] for row in rows])


def _met(first: Any, latest: Any) -> bool:
    if latest.met is not None or first.target is None or latest.actual is None:
        return bool(latest.met)
    lower = first.metric in KPIS and KPIS[first.metric].direction == "lower"
    return bool(latest.actual <= first.target if lower else latest.actual >= first.target)
