"""
The KPI of losses: how many projects were lost for what reason and from what stage, and their amounts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..._model.values import Money
from .._cases import NO_CASES, Ask, Cases, Summary
from .._columns.amounts import amounts_at
from .._columns.decisions import decided
from .._registry import kpi, no_params
from .sales import ended


def _table(cases: Cases) -> Summary:
    """
    Sum up losses: a row for each reason and stage, the most frequent first.
    """
    found: dict[tuple[Any, Any], list[Decimal | None]] = {}
    for reason, stage, amount in zip(cases.groups["reason"], cases.groups["stage"], cases.values, strict=True):
        found.setdefault((reason, stage), []).append(amount)
    rows = [
        {
            "reason": reason,
            "stage": stage,
            "count": len(amounts),
            "amount": None
            if cases.currency is None
            else Money(sum((each for each in amounts if each is not None), Decimal(0)), cases.currency),
        }
        for (reason, stage), amounts in sorted(found.items(), key=lambda each: (-len(each[1]), str(each[0])))
    ]
    return Summary(rows=rows, reason=None if rows else NO_CASES)


@kpi("loss_breakdown", _table)
def loss_breakdown(ask: Ask) -> Cases:
    """
    Find the projects that were lost in the period, each with its amount, reason and last stage before the outcome.
    """
    no_params(ask.params)
    columns, ends = ask.columns, decided(ask.columns)
    rows = [row for row in ended(ask) if ends.class_[row] == "lost"]
    amounts = amounts_at(columns, rows, ends.at)
    field, known = columns.field_of("lost_reason"), columns.tables.words.known
    reasons = [None] * len(columns.tables.projects.id) if field is None else columns.values(field)
    return Cases(
        rows,
        amounts.numbers,
        at=[ends.at[row] for row in rows],
        groups={"reason": [reasons[row] for row in rows], "stage": [known[ends.stage[row]] for row in rows]},
        skipped=0 if amounts.reason else sum(number is None for number in amounts.numbers),
        currency=amounts.currency,
    )
