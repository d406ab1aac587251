"""
The KPI of budgets: what was spent against what was planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ..._model.values import Money
from ...dossier import Budget, SalesCost
from .._cases import Ask, Cases, Summary, in_currency, quotient
from .._columns.columns import Columns
from .._columns.people import owner_of
from .._columns.rates import one_currency
from .._registry import kpi, no_params
from .days import end_of
from .records import Record, day_of, lives, record_cases


def _variance(cases: Cases) -> Summary:
    """
    Sum up money: spent less planned, by planned.
    """
    planned, spent = sum(cases.totals or ()), sum(cases.values)
    shown = {"planned": in_currency(planned, cases.currency), "spent": in_currency(spent, cases.currency)}
    over = in_currency(spent - planned, cases.currency)
    if planned <= 0:
        return Summary(None, over, shown["planned"], "nothing_planned" if cases.rows else "no_cases", shown)
    return Summary(quotient(spent - planned, planned), over, shown["planned"], parts=shown)


class _Line(NamedTuple):
    """
    A budget with what was spent of it, or money that was spent without a budget.
    """

    row: int
    name: str
    day: date
    groups: Mapping[str, Any]
    planned: Money | None
    spent: list[Money]


@kpi("budget_variance", _variance)
def budget_variance(ask: Ask) -> Cases:
    """
    Find the budgets whose last day lies in the period: what was spent of each, and what was planned.

    A budget without a last day counts on the day on which it was recorded. Money spent belongs to the budget that it
    names, else to that of its category and day; without any it counts on its own day, with nothing planned.
    """
    no_params(ask.params)
    columns, end = ask.columns, end_of(ask.columns)
    lines = [each for each in _lines(columns) if ask.start <= end(each.day) < ask.end]
    plans = [(each.planned, each.day) for each in lines if each.planned is not None]
    costs = [(money, each.day) for each in lines for money in each.spent]
    numbers, currency = one_currency([*plans, *costs], columns.rates)
    planned, spent = iter(numbers[: len(plans)]), iter(numbers[len(plans) :])
    records = [
        Record(
            each.row,
            each.name,
            end(each.day),
            sum(next(spent) for _ in each.spent),
            0 if each.planned is None else next(planned),
            each.groups,
        )
        for each in lines
    ]
    return record_cases(columns, records, currency=currency)


def _lines(columns: Columns) -> Sequence[_Line]:
    budgets: dict[int, list[tuple[Budget, _Line]]] = {}
    found: list[_Line] = []
    owner, end = owner_of(columns), end_of(columns)
    for life in lives(columns, Budget):
        budget = life.entry
        day = budget.end or day_of(columns, life.versions[0].at)
        groups = {"category": budget.category or None, "owner": owner(budget.owner, life.row, end(day))}
        line = _Line(life.row, life.name, day, groups, budget.planned, [])
        budgets.setdefault(life.row, []).append((budget, line))
        found.append(line)
    for spending in lives(columns, SalesCost):
        cost = spending.entry
        drawn = next((line for budget, line in budgets.get(spending.row, ()) if _holds(budget, cost)), None)
        if drawn is None:
            groups = {
                "category": cost.category or None,
                "owner": owner(cost.member, spending.row, end(cost.spent_on)),
            }
            drawn = _Line(spending.row, spending.name, cost.spent_on, groups, None, [])
            found.append(drawn)
        drawn.spent.append(cost.amount)
    return found


def _holds(budget: Budget, cost: SalesCost) -> bool:
    """
    Tell whether money was spent of a budget.
    """
    if cost.budget is not None:
        return cost.budget == budget.id
    begins, ends = budget.start or date.min, budget.end or date.max
    return cost.category == budget.category and begins <= cost.spent_on <= ends
