"""
The KPIs of the open pipeline: weighted amounts, with and without what was won.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .._cases import Ask, Cases, Summary
from .._columns.vectors import having, numbered, within
from .._deals import OMITTED, by_unit, counted, deals_in, times_of
from .._distribution import in_cents
from .._registry import kpi, no_params


def _weighted(cases: Cases) -> Summary:
    """
    Sum up amounts times probabilities; the part ``amount`` is without them.
    """
    if cases.currency is None:
        return Summary(0, 0, None)
    # By the object, as most share the probability of their stage: a fraction takes longer to be looked up.
    chances: dict[int, Fraction] = {}
    sums: dict[int, Any] = {}
    for amount, chance in zip(cases.values, cases.totals or (), strict=True):
        key = id(chance)
        chances[key] = chance
        sums[key] = sums.get(key, 0) + amount
    weighted = (Fraction(amount) * chances[key] for key, amount in sums.items())
    found = in_cents(sum(weighted, Fraction()), cases.currency)
    amount = in_cents(Fraction(sum(sums.values())), cases.currency)
    return Summary(found, found, None, parts={"amount": amount})


def _deals(ask: Ask, *, won: bool) -> Cases:
    no_params(ask.params)
    columns = ask.columns
    deals = deals_in(columns, None if ask.period is None else (ask.start, ask.end))
    if deals.reason is not None:
        return Cases(reason=deals.reason)
    count = len(deals.rows) if won else deals.open
    places = counted(deals)
    told = within(places, numbered(deals.closes), 0, count)
    omitted = len(having(numbered(deals.closes[:count]), deals.categories, (OMITTED,)))
    found = Cases(
        deals.rows,
        deals.amounts,
        deals.chances,
        times_of(deals),
        groups=by_unit(columns, deals, ask.by),
        skipped=count - len(told) - omitted,
        open=deals.open,
        currency=deals.currency,
    )
    return found.only(told)


@kpi("weighted_pipeline", _weighted)
def weighted_pipeline(ask: Ask) -> Cases:
    """
    Find the open projects that are expected to close in the period.
    """
    return _deals(ask, won=False)


@kpi("weighted_forecast", _weighted)
def weighted_forecast(ask: Ask) -> Cases:
    """
    Find the open projects that are expected to close in the period, and those that were won in it.
    """
    return _deals(ask, won=True)
