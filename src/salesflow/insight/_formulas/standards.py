"""
Service standards: how long an answer or a resolution may take, and which share kept to that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from ...dossier import ServiceStandard
from .._cases import Cases, Summary, share
from .._columns.columns import Columns
from .._columns.dossiers import entries_of
from .waits import HOUR, Wait, cases_of, still_waiting, working


def standards_of(columns: Columns) -> Mapping[int, Sequence[ServiceStandard]]:
    """
    Return the service standards of each project that has any, by its row.
    """
    found: dict[int, list[ServiceStandard]] = {}
    for row, standard in entries_of(columns, ServiceStandard):
        found.setdefault(row, []).append(standard)
    return found


def in_target_cases(columns: Columns, waits: Sequence[Wait], targets: Sequence[Decimal | None]) -> Cases:
    """
    Return waits with the working time of each, above the line, and its target, below it; those without are left out.

    Args:
        columns: what the waits were found in.
        waits: what somebody waited for.
        targets: in working hours, one for each wait.
    """
    known = [(wait, target) for wait, target in zip(waits, targets, strict=True) if target is not None]
    kept = [wait for wait, _ in known]
    found = cases_of(columns, kept, [working(columns, wait) for wait in kept], [int(each * HOUR) for _, each in known])
    return attrs.evolve(found, skipped=len(waits) - len(kept))


def in_target(cases: Cases) -> Summary:
    """
    Sum up the share of waits that ended within their targets, with a row for each that goes on.

    What has waited for longer than its target missed it; what may still meet it does not count yet.
    """
    each = list(zip(cases.values, cases.totals or (), cases.waiting or (), strict=True))
    judged = [int(spent <= target) for spent, target, waiting in each if not waiting or spent > target]
    found = share(Cases(values=judged, totals=[1] * len(judged)))
    if cases.skipped and not cases.rows:
        found = attrs.evolve(found, reason="no_target")
    return attrs.evolve(found, rows=still_waiting(cases))
