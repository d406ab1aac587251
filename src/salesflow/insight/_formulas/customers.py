"""
The KPIs of customers who come back: retention rate and repeat purchase rate.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._model.frozen import noun
from ..._model.values import person
from .._cases import Ask, Cases, share
from .._columns.amounts import NOT_DECLARED
from .._columns.columns import Columns
from .._columns.decisions import decided, won_times
from .._columns.tables import NEVER
from .._columns.vectors import among, differences, ends, filled, having, numbered, pick, same, within
from .._registry import kpi, no_params


@noun(eq=False)
class Purchases:
    """
    One row for each project that counts as won and has a customer.

    Attributes:
        rows: of the projects.
        customers: the number of the customer of each.
        names: of the customers by number.
        at: when each was won.
        unknown: the rows of the won projects without a customer.
    """

    rows: Sequence[int]
    customers: Sequence[int]
    names: Sequence[str]
    at: Sequence[int]
    unknown: Sequence[int]


def purchases(columns: Columns, field: str, times: Sequence[int]) -> Purchases:
    """
    Return what customers bought.

    Args:
        columns: of the portfolio.
        field: that names the customer.
        times: when each project was won, for all rows of projects.
    """
    found = decided(columns)
    rows = having(columns.included(), found.codes, found.among("won"))
    given = pick(columns.values_at(field, times), rows)
    there = filled(given)
    numbers: dict[str, int] = {}
    known: dict[object, int] = {}
    customers: list[int] = []
    for each in pick(given, there):
        number = known.get(each)
        if number is None:
            number = known[each] = numbers.setdefault(person(str(each)), len(numbers))
        customers.append(number)
    kept = pick(rows, there)
    unknown = pick(rows, having(numbered(given), given, (None,)))
    return Purchases(kept, columns.vector(customers), list(numbers), pick(times, kept), unknown)


def _returning(ask: Ask, *, retained: bool) -> Cases:
    """
    Return one case a customer: by the last purchase before the period if *retained* is meant, else by the last in it.
    """
    columns, field = ask.columns, ask.columns.field_of("customer")
    if field is None:
        return Cases(reason=NOT_DECLARED)
    times = won_times(columns)
    bought = columns.derive("purchases", lambda: purchases(columns, field, times))
    whole = numbered(bought.at)
    inside = within(whole, bought.at, ask.start, ask.end)
    places = within(whole, bought.at, NEVER, ask.start) if retained else inside
    _, lasts = ends(pick(bought.customers, places), pick(bought.at, places))
    last = pick(places, lasts)
    who = pick(bought.customers, last)
    if retained:
        again = among(who, pick(bought.customers, inside))
    else:
        firsts, _ = ends(bought.customers, bought.at)
        again = same(same(differences(pick(firsts, who), last), 0), 0)
    return Cases(
        pick(bought.rows, last),
        again,
        [1] * len(last),
        pick(bought.at, last),
        groups={"customer": pick(bought.names, who)},
        skipped=len(within(bought.unknown, times, ask.start, ask.end)),
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
