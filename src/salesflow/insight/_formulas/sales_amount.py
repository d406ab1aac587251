"""
The KPIs of sales: the amount won, booked, delivered or received, and its growth.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import attrs

from ..._model.values import Money
from ..._model.zones import midnight
from .._cases import NO_CASES, Ask, Cases, Summary, quotient, total
from .._columns.dossiers import versions_of
from .._columns.periods import before
from .._columns.rates import one_currency
from .._columns.tables import micros
from .._registry import kpi, no_params
from .records import Record, record_cases
from .sales import won_amounts


_ENTRIES: Final = {
    "booked": ("contract", "signed_on", "amount"),
    "delivered": ("delivery", "delivered_on", "amount"),
    "received": ("receipt", "received_on", "paid"),
}
"""The kind of entries that a variant adds up, the day that counts, and the amount."""


@kpi("sales_amount", total)
def sales_amount(ask: Ask) -> Cases:
    """
    Find the amounts of the projects that were won in the period.

    Other variants add up contracts by the day of signing, deliveries, or receipts less refunds.
    """
    no_params(ask.params)
    if ask.variant in _ENTRIES:
        return _dated(ask, *_ENTRIES[ask.variant])
    return won_amounts(ask)


def _dated(ask: Ask, kind: str, day: str, amount: str) -> Cases:
    columns = ask.columns
    found: list[tuple[Record, Money, date]] = []
    skipped = 0
    for (row, name), versions in versions_of(columns, kind).items():
        entry = versions[-1].entry
        when, value = getattr(entry, day, None), getattr(entry, amount, None)
        if when is None or value is None:
            skipped += entry is not None
        elif ask.start <= (at := micros(midnight(when, columns.zone))) < ask.end:
            found.append((Record(row, name, at, None), value, when))
    numbers, currency = one_currency([(value, when) for _, value, when in found], columns.rates)
    records = [each._replace(value=number) for (each, _, _), number in zip(found, numbers, strict=True)]
    return record_cases(columns, records, skipped=skipped, currency=currency)


def _growth(cases: Cases) -> Summary:
    """
    Sum up the growth of what is above the line over what is below it.
    """
    now, last = sum(cases.values), sum(cases.totals or ())
    shown: tuple[Any, Any] = (now - last, last)
    if cases.currency is not None:
        shown = Money(now - last, cases.currency), Money(last, cases.currency)
    if last <= 0:
        return Summary(None, *shown, "no_sales_before" if cases.rows else NO_CASES)
    return Summary(quotient(now - last, last), *shown)


@kpi("sales_growth", _growth)
def sales_growth(ask: Ask) -> Cases:
    """
    Find the amounts won in the period, above the line, and in the period before, below it.
    """
    if ask.period is None:
        return Cases(reason="no_period")
    earlier = before(ask.period, ask.columns.zone)
    start, end = earlier.micros
    # Both at once, so that they are in one currency.
    whole = won_amounts(attrs.evolve(ask, start=start))
    each = list(zip(whole.values, whole.at or (), strict=True))
    return attrs.evolve(
        whole,
        values=[amount if at >= end else 0 for amount, at in each],
        totals=[0 if at >= end else amount for amount, at in each],
    )
