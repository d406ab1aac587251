"""
The KPI of meetings in which several departments come together.
"""

from __future__ import annotations

from ...dossier import Review
from .._cases import Ask, Cases, Summary, quotient, total
from .._columns.dossiers import entries_of
from .._columns.people import departments_of
from .._columns.tables import micros
from .._registry import kpi, no_params
from .records import Record, record_cases


def _meetings(cases: Cases) -> Summary:
    """
    Sum up meetings of several departments; as parts, how many meetings there were, and the share of these.
    """
    found, count = total(cases), len(cases.rows)
    parts = {"meetings": count, "share": quotient(found.value, count) if count else None}
    return Summary(found.value, found.numerator, None, parts=parts)


@kpi("cross_department_meetings", _meetings)
def cross_department_meetings(ask: Ask) -> Cases:
    """
    Find the reviews that were held in the period: each adds one if members of two departments or more were there.
    """
    no_params(ask.params)
    columns, departments = ask.columns, departments_of(ask.columns)
    records = [
        Record(row, review.id, at, int(len(departments(row, review.attendees)) > 1), 1, {"type": review.type or None})
        for row, review in entries_of(columns, Review)
        if review.held_at is not None and ask.start <= (at := micros(review.held_at)) < ask.end
    ]
    return record_cases(columns, records)
