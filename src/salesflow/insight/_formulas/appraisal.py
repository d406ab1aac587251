"""
The KPI of appraisals: the weighted marks of a person's criteria, by ratings and by the figures that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..._model.values import person
from ..._model.zones import in_zone
from ...dossier import Appraisal
from .._cases import Ask, Cases, average
from .._columns.columns import Columns
from .._columns.dossiers import versions_of
from .._columns.tables import micros
from .._registry import kpi, no_params
from .._targets import kept_targets


_TOP: Final = Fraction(100)


@kpi("appraisal", average)
def appraisal(ask: Ask) -> Cases:
    """
    Find the appraisals whose period ends in the period, or that were given in it.

    A criterion counts by its rating, else by the attainment of the target that the person has for its KPI, at most 100.
    An appraisal with an open criterion is left out, and counted.
    """
    no_params(ask.params)
    columns, reached = ask.columns, _reached(ask.columns)
    names = columns.tables.projects.id
    found: list[tuple[int, str, str, Fraction, int]] = []
    skipped = 0
    for (row, name), versions in versions_of(columns, Appraisal.kind).items():
        entry, at = versions[-1].entry, versions[-1].at
        if not isinstance(entry, Appraisal):
            continue
        if entry.end is not None:
            after = datetime.combine(entry.end + timedelta(days=1), time())
            at = micros(in_zone(after, columns.zone)) - 1
        elif entry.at is not None:
            at = micros(entry.at)
        if not ask.start <= at < ask.end:
            continue
        mark = _mark(entry, reached)
        if mark is None:
            skipped += 1
        else:
            found.append((row, f"{names[row]}/{name}", person(entry.member), mark, at))
    return Cases(
        [each[0] for each in found],
        [each[3] for each in found],
        at=[each[4] for each in found],
        ids=[each[1] for each in found],
        groups={"member": [each[2] for each in found]},
        skipped=skipped,
    )


def _reached(columns: Columns) -> Mapping[tuple[str, str], Fraction]:
    """
    Return the attainment of each person's approved targets, in hundredths and at most 100, by person and metric.
    """
    found: dict[tuple[str, str], Fraction] = {}
    for each in kept_targets(columns):
        owner = each.group.get("owner") or each.owner
        if owner and each.approved and each.attainment is not None:
            found.setdefault((person(owner), each.metric), min(Fraction(each.attainment) * 100, _TOP))
    return found


def _mark(entry: Appraisal, reached: Mapping[tuple[str, str], Fraction]) -> Fraction | None:
    who, marks = person(entry.member), list[Fraction]()
    for each in entry.criteria:
        mark = reached.get((who, each.metric)) if each.rating is None else Fraction(each.rating)
        if mark is None:
            return None
        marks.append(Fraction(each.weight) * mark)
    whole = sum((each.weight for each in entry.criteria), Decimal(0))
    return sum(marks, Fraction()) / Fraction(whole) if whole else None
