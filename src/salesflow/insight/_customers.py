"""
The KPIs of customers who come back: retention rate and repeat purchase rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._model.values import person
from ._amounts import NOT_DECLARED
from ._cases import Ask, Cases, share
from ._columns import Columns
from ._decisions import won_times
from ._registry import kpi, no_params
from ._tables import NEVER


def purchases(columns: Columns, field: str) -> tuple[Mapping[str, Sequence[tuple[int, int]]], Sequence[int]]:
    """
    Return when each customer bought: the time and the row of each won project, in order; and the rows without one.

    Args:
        columns: of the portfolio.
        field: that names the customer.
    """
    times = won_times(columns)
    names = columns.values_at(field, times)
    found: dict[str, list[tuple[int, int]]] = {}
    unknown: list[int] = []
    for row in columns.included():
        if times[row] == NEVER:
            continue
        if names[row] is None:
            unknown.append(row)
        else:
            found.setdefault(person(str(names[row])), []).append((times[row], row))
    return {name: sorted(each) for name, each in found.items()}, unknown


def _returning(ask: Ask, *, retained: bool) -> Cases:
    """
    Return one case a customer: by the last purchase before the period if *retained* is meant, else by the last in it.
    """
    columns, field = ask.columns, ask.columns.field_of("customer")
    if field is None:
        return Cases(reason=NOT_DECLARED)
    bought, unknown = purchases(columns, field)
    times = won_times(columns)
    found: list[tuple[str, tuple[int, int], int]] = []
    for name, each in bought.items():
        before = [purchase for purchase in each if purchase[0] < ask.start]
        inside = [purchase for purchase in each if ask.start <= purchase[0] < ask.end]
        if retained and before:
            found.append((name, before[-1], int(bool(inside))))
        elif inside and not retained:
            found.append((name, inside[-1], int(each[0] != inside[-1])))
    return Cases(
        [row for _, (_, row), _ in found],
        [again for *_, again in found],
        [1] * len(found),
        [at for _, (at, _), _ in found],
        groups={"customer": [name for name, *_ in found]},
        skipped=sum(ask.start <= times[row] < ask.end for row in unknown),
    )


@kpi("retention_rate", share)
def retention_rate(ask: Ask) -> Cases:
    """
    Find the customers who had bought before the period: above the line those who bought again in it.
    """
    no_params(ask.params)
    return Cases(reason="no_period") if ask.period is None else _returning(ask, retained=True)


@kpi("repeat_purchase_rate", share)
def repeat_purchase_rate(ask: Ask) -> Cases:
    """
    Find the customers who bought in the period: above the line those with a purchase before their last.
    """
    no_params(ask.params)
    return _returning(ask, retained=False)
