"""
What customers owe and have paid, project by project, as it was on a day.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

import attrs

from ..._model.values import Money
from ..._model.zones import local_date
from ...dossier import Invoice, Payment, PaymentDue, Receipt
from ...dossier._collection import Collection, collected, received_by
from .._columns.columns import Columns
from .._columns.dossiers import entries_of, versions_of
from .._columns.rates import one_currency
from .._columns.tables import moment
from .days import today


T = TypeVar("T")


def collections(columns: Columns, day: date) -> Mapping[int, Collection]:
    """
    Return what the customer of each project owes, and what was paid of it by a day, by the row of the project.
    """
    return _kept(columns, "collections", day, lambda: _collections(columns, day))


def _kept(columns: Columns, name: str, key: Hashable, make: Callable[[], T]) -> T:
    """
    Return what several figures of one period share. Only the last is kept: of a series each period has its own.
    """
    kept: dict[Hashable, T] = columns.derive(("kept", name), dict[Hashable, T])
    if key not in kept:
        made = make()
        kept.clear()
        kept[key] = made
    return kept[key]


def _collections(columns: Columns, day: date) -> Mapping[int, Collection]:
    entries: dict[int, list[object]] = {}
    for row, payment in _payments(columns, day):
        entries.setdefault(row, []).append(payment)
    for kind in (PaymentDue, Receipt):
        for row, entry in entries_of(columns, kind):
            entries.setdefault(row, []).append(entry)
    return {row: collected(each, day) for row, each in entries.items()}


def _payments(columns: Columns, day: date) -> Iterator[tuple[int, Payment]]:
    """
    Yield the payments as they are, each with what was received for it by a day that has passed.

    Later receipts were added to the same entry.
    """
    past, zone = day < today(columns), columns.zone
    for (row, _), versions in versions_of(columns, Payment.kind).items():
        payment = versions[-1].entry
        if not isinstance(payment, Payment):
            continue
        if not past:
            yield row, payment
            continue
        received = None
        for version in versions:
            entry = version.entry
            if isinstance(entry, Payment) and (entry.received_on or local_date(moment(version.at), zone)) <= day:
                received = entry.received
        yield row, attrs.evolve(payment, received=received, received_on=None)


def in_one_currency(
    columns: Columns, amounts: Iterable[Sequence[Money]], day: date
) -> tuple[Sequence[Decimal], str | None]:
    """
    Return the sum of each of several lists of amounts, at the rates of a day, and the currency of all.

    Raises:
        InputError: for several currencies without rates, or a rate that is missing.
    """
    lists = list(amounts)
    numbers, currency = one_currency([(money, day) for each in lists for money in each], columns.rates)
    rest = iter(numbers)
    return [sum((next(rest) for _ in each), Decimal(0)) for each in lists], currency


class Account(NamedTuple):
    """
    The account of a project in a period.

    Attributes:
        row: of the project.
        opening: what was billed and not paid before it.
        billed: what was billed in it, with tax.
        received: what was received in it, less refunds.
    """

    row: int
    opening: Decimal
    billed: Decimal
    received: Decimal


def accounts(columns: Columns, before: date, until: date) -> tuple[Sequence[Account], str | None]:
    """
    Return the accounts of projects in which anything moved, and the currency.

    Billed is what invoices say, less credit notes; of a project without invoices, what was due.

    Args:
        columns: of the portfolio.
        before: the day before the period.
        until: its last day.
    """
    return _kept(columns, "accounts", (before, until), lambda: _accounts(columns, before, until))


def _accounts(columns: Columns, before: date, until: date) -> tuple[Sequence[Account], str | None]:
    pieces = [*_bills(columns, before, until), *_received(columns, before, 2), *_received(columns, until, 3)]
    numbers, currency = one_currency([(money, until) for _, _, money in pieces], columns.rates)
    sums: dict[int, list[Decimal]] = {}
    for (row, slot, _), number in zip(pieces, numbers, strict=True):
        sums.setdefault(row, [Decimal(0)] * 4)[slot] += number
    found = [
        Account(row, billed_before - paid_before, billed, paid - paid_before)
        for row, (billed_before, billed, paid_before, paid) in sorted(sums.items())
    ]
    return [each for each in found if any(each[1:])], currency


def _bills(columns: Columns, before: date, until: date) -> Iterator[tuple[int, int, Money]]:
    """
    Yield what was billed: the row of the project, 0 for what was billed before the period and 1 in it, and the amount.
    """
    bills: list[tuple[int, date | None, Money | None]] = [
        (row, invoice.issued_on, invoice.gross) for row, invoice in entries_of(columns, Invoice)
    ]
    invoiced = {row for row, *_ in bills}
    items: list[tuple[int, Payment | PaymentDue]] = [*_payments(columns, until), *entries_of(columns, PaymentDue)]
    for row, item in items:
        if row not in invoiced:
            bills.append((row, item.due, item.amount))
    for row, day, amount in bills:
        if day is not None and amount is not None and day <= until:
            yield row, int(day > before), amount


def _received(columns: Columns, day: date, slot: int) -> Iterator[tuple[int, int, Money]]:
    for row, payment in _payments(columns, day):
        for money in received_by(payment, day):
            yield row, slot, money
    for row, receipt in entries_of(columns, Receipt):
        if receipt.received_on <= day:
            yield row, slot, receipt.paid
