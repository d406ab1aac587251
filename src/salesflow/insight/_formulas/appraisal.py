"""
The KPI of appraisals: the weighted marks of a person's criteria, by ratings and by the figures that they name.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ..._model.values import person
from ...dossier import Appraisal
from .._cases import Ask, Cases, average
from .._columns.columns import Columns
from .._columns.tables import micros
from .._registry import kpi, no_params
from .._targets import kept_targets
from .days import end_of
from .records import Record, lives, record_cases


_TOP: Final = Fraction(100)


@kpi("appraisal", average)
def appraisal(ask: Ask) -> Cases:
    """
    Find the appraisals whose period ends in the period, or that were given in it.

    A criterion counts by its rating, else by the attainment of the target that the person has for its KPI, at most 100.
    An appraisal with an open criterion is left out, and counted.
    """
    no_params(ask.params)
    columns, reached, end = ask.columns, _reached(ask.columns), end_of(ask.columns)
    records: list[Record] = []
    skipped = 0
    for life in lives(columns, Appraisal):
        given, at = life.entry, life.versions[-1].at
        if given.end is not None:
            at = end(given.end)
        elif given.at is not None:
            at = micros(given.at)
        if not ask.start <= at < ask.end:
            continue
        mark = _mark(given, reached)
        if mark is None:
            skipped += 1
        else:
            records.append(Record(life.row, life.name, at, mark, None, {"member": person(given.member)}))
    return record_cases(columns, records, skipped=skipped)


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
