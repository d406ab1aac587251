"""
The KPI of what selling costs.
"""

from __future__ import annotations

import attrs

from ...dossier import SalesCost
from .._cases import Ask, Cases, Summary, share
from .._columns.dossiers import entries_of
from .._columns.rates import one_currency, same_currency
from .._registry import kpi, no_params
from .days import end_of
from .sales import won_amounts


def _of_sales(cases: Cases) -> Summary:
    found = share(cases)
    return attrs.evolve(found, reason="no_sales") if found.value is None and cases.rows else found


@kpi("cost_of_sale", _of_sales)
def cost_of_sale(ask: Ask) -> Cases:
    """
    Find what was spent on selling in the period, above the line, and the amounts won in it, below the line.
    """
    no_params(ask.params)
    columns, end = ask.columns, end_of(ask.columns)
    sales = won_amounts(ask)
    if sales.reason is not None:
        return sales
    spent = [
        (row, cost, at)
        for row, cost in entries_of(columns, SalesCost)
        if ask.start <= (at := end(cost.spent_on)) < ask.end
    ]
    costs, currency = one_currency([(cost.amount, cost.spent_on) for _, cost, _ in spent], columns.rates)
    names = columns.tables.projects.id
    return Cases(
        [*[row for row, *_ in spent], *sales.rows],
        [*costs, *[0] * len(sales.rows)],
        [*[0] * len(spent), *sales.values],
        [*[at for *_, at in spent], *(sales.at or ())],
        [*[f"{names[row]}/{cost.id}" for row, cost, _ in spent], *[names[row] for row in sales.rows]],
        skipped=sales.skipped,
        currency=same_currency((currency, sales.currency)),
    )
