"""
The KPIs of money that customers owe: collection rate, overdue amounts and their age, days sales outstanding.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import attrs

from ..._model.values import Money
from ...dossier import Contract
from ...dossier._collection import DueItem
from .._cases import NO_CASES, Ask, Cases, Summary, in_currency, quotient, share, total
from .._columns.dossiers import entries_of
from .._registry import kpi, no_params
from .days import day_asked, day_before, end_of
from .receivables import accounts, collections, in_one_currency


def _collected(cases: Cases) -> Summary:
    """
    Sum up what was collected of what was owed; of nothing or less there is no share.
    """
    found = share(cases)
    return (
        attrs.evolve(found, value=None, reason="nothing_due") if cases.rows and sum(cases.totals or ()) <= 0 else found
    )


@kpi("collection_rate", _collected)
def collection_rate(ask: Ask) -> Cases:
    """
    Find the items that were due in the period and by its end: what was received for each by then, and its amount.

    Other variants find projects: with the amounts of the contracts signed in the period, or with what was billed.
    """
    no_params(ask.params)
    if ask.variant == "contract":
        return _of_contracts(ask)
    if ask.variant == "due":
        return _of_items(ask)
    found, currency = accounts(ask.columns, day_before(ask), day_asked(ask))
    opening = ask.variant == "receivable"
    return Cases(
        [each.row for each in found],
        [each.received for each in found],
        [each.opening + each.billed if opening else each.billed for each in found],
        currency=currency,
    )


def _of_items(ask: Ask) -> Cases:
    columns, day, end = ask.columns, day_asked(ask), end_of(ask.columns)
    items = [
        (row, item, at)
        for row, collection in collections(columns, day).items()
        for item in collection.items
        if item.entry.due is not None and item.entry.due <= day and ask.start <= (at := end(item.entry.due)) < ask.end
    ]
    amounts, currency = _sums(ask, [item for _, item, _ in items])
    return Cases(
        [row for row, _, _ in items],
        [paid for _, paid in amounts],
        [amount for amount, _ in amounts],
        [at for _, _, at in items],
        _ids(ask, [(row, item) for row, item, _ in items]),
        skipped=sum(item.entry.amount is None for _, item, _ in items),
        currency=currency,
    )


def _sums(ask: Ask, items: Sequence[DueItem]) -> tuple[Sequence[tuple[Decimal, Decimal]], str | None]:
    """
    Return what each item is, and what was paid for it, in one currency.
    """
    lists: list[Sequence[Money]] = []
    for entry, paid in items:
        lists += (() if entry.amount is None else (entry.amount,)), paid
    numbers, currency = in_one_currency(ask.columns, lists, day_asked(ask))
    return list(zip(numbers[::2], numbers[1::2], strict=True)), currency


def _ids(ask: Ask, items: Sequence[tuple[int, DueItem]]) -> Sequence[str]:
    names = ask.columns.tables.projects.id
    return [f"{names[row]}/{item.entry.id}" for row, item in items]


def _of_contracts(ask: Ask) -> Cases:
    columns, day, end = ask.columns, day_asked(ask), end_of(ask.columns)
    signed: dict[int, list[Money]] = {}
    at: dict[int, int] = {}
    skipped = 0
    for row, contract in entries_of(columns, Contract):
        when = None if contract.signed_on is None else end(contract.signed_on)
        if ask.period is None or (when is not None and ask.start <= when < ask.end):
            if (gross := contract.gross) is None:
                skipped += 1
                continue
            signed.setdefault(row, []).append(gross)
            at[row] = max(at.get(row, 0), columns.source.now if when is None else when)
    paid = collections(columns, day)
    lists: list[Sequence[Money]] = []
    for row, amounts in signed.items():
        found = paid.get(row)
        came = [] if found is None else [money for item in found.items for money in item.paid]
        lists += amounts, [*came, *([] if found is None else [each.paid for each in found.advances])]
    numbers, currency = in_one_currency(columns, lists, day)
    return Cases(list(signed), numbers[1::2], numbers[::2], list(at.values()), skipped=skipped, currency=currency)


_AGES: Final = {"1-30": 30, "31-60": 60, "61-90": 90}
_OLDER: Final = ">90"


def _age(days: int) -> str:
    return next((name for name, most in _AGES.items() if days <= most), _OLDER)


def _ageing(cases: Cases) -> Summary:
    """
    Sum up what is overdue, with a row and a part for each age, and the days of the oldest item as a part.
    """
    sums: dict[str, Any] = dict.fromkeys((*_AGES, _OLDER), 0)
    counts = dict.fromkeys(sums, 0)
    ages = list(cases.totals or ())
    for amount, days in zip(cases.values, ages, strict=True):
        sums[_age(days)] += amount
        counts[_age(days)] += 1
    shown = {name: in_currency(amount, cases.currency) for name, amount in sums.items()}
    rows = [{"age": name, "amount": amount, "items": counts[name]} for name, amount in shown.items()]
    return attrs.evolve(total(cases), parts={**shown, "oldest": max(ages, default=0)}, rows=rows)


@kpi("overdue_ageing", _ageing)
def overdue_ageing(ask: Ask) -> Cases:
    """
    Find the items that were due before the last day of the period and not paid by then; below the line, how many days.
    """
    no_params(ask.params)
    day = day_asked(ask)
    items = [
        (row, item, (day - item.entry.due).days)
        for row, collection in collections(ask.columns, day).items()
        for item in collection.items
        if item.entry.due is not None and item.entry.due < day
    ]
    amounts, currency = _sums(ask, [item for _, item, _ in items])
    left = [
        (row, item, days, amount - paid)
        for (row, item, days), (amount, paid) in zip(items, amounts, strict=True)
        if amount > paid
    ]
    return Cases(
        [row for row, *_ in left],
        [rest for *_, rest in left],
        [days for _, _, days, _ in left],
        ids=_ids(ask, [(row, item) for row, item, *_ in left]),
        groups={"age": [_age(days) for _, _, days, _ in left]},
        skipped=sum(item.entry.amount is None for _, item, _ in items),
        currency=currency,
    )


def _outstanding(cases: Cases) -> Summary:
    """
    Sum up for how many days of sales customers owe: what they owe by what was billed, times the days of the period.
    """
    owed, billed = sum(cases.values), sum(cases.totals or ())
    shown = in_currency(owed, cases.currency), in_currency(billed, cases.currency)
    if billed <= 0:
        return Summary(None, *shown, "no_revenue" if cases.rows else NO_CASES)
    return Summary(quotient(owed * cases.common, billed), *shown, parts={"days": cases.common})


@kpi("dso", _outstanding)
def dso(ask: Ask) -> Cases:
    """
    Find what each project's customer owed at the end of the period, and what was billed in it.
    """
    no_params(ask.params)
    if ask.period is None:
        return Cases(reason="no_period")
    before, until = day_before(ask), day_asked(ask)
    found, currency = accounts(ask.columns, before, until)
    return Cases(
        [each.row for each in found],
        [each.opening + each.billed - each.received for each in found],
        [each.billed for each in found],
        currency=currency,
        common=(until - before).days,
    )
