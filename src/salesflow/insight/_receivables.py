"""
What customers owe and have paid, project by project, as it was on a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import attrs

from .._model.values import Money
from .._model.zones import local_date
from ..dossier import Invoice, Payment, PaymentDue, Receipt
from ..dossier._collection import Collection, collected
from ._columns import Columns
from ._days import today
from ._dossiers import Kept, entries_of, versions_of
from ._rates import one_currency
from ._tables import moment


def collections(columns: Columns, day: date) -> Mapping[int, Collection]:
    """
    Return what the customer of each project owes, and what was paid of it by a day, by the row of the project.
    """
    return columns.derive(("collections", day), lambda: _collections(columns, day))


def _collections(columns: Columns, day: date) -> Mapping[int, Collection]:
    entries: dict[int, list[object]] = {}
    past = day < today(columns)
    for (row, _), versions in versions_of(columns, Payment.kind).items():
        payment = versions[-1].entry
        if isinstance(payment, Payment):
            entries.setdefault(row, []).append(_as_it_was(columns, payment, versions, day) if past else payment)
    for kind in (PaymentDue, Receipt):
        for row, entry in entries_of(columns, kind):
            entries.setdefault(row, []).append(entry)
    return {row: collected(each, day) for row, each in entries.items()}


def _as_it_was(columns: Columns, payment: Payment, versions: Sequence[Kept], day: date) -> Payment:
    """
    Return a payment with what was received for it by an earlier day: later receipts were added to the same entry.
    """
    zone = columns.zone
    received = None
    for version in versions:
        entry = version.entry
        if isinstance(entry, Payment) and (entry.received_on or local_date(moment(version.at), zone)) <= day:
            received = entry.received
    return attrs.evolve(payment, received=received, received_on=None)


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
    earlier, later = collections(columns, before), collections(columns, until)
    invoices: dict[int, list[tuple[date, Money]]] = {}
    for row, invoice in entries_of(columns, Invoice):
        invoices.setdefault(row, []).append((invoice.issued_on, invoice.gross))
    rows = sorted({*later, *invoices})
    moneys: list[Sequence[Money]] = []
    for row in rows:
        bills = invoices.get(row) or _due(later[row])
        moneys += (
            [money for day, money in bills if day <= before],
            [money for day, money in bills if before < day <= until],
            _received(earlier.get(row)),
            _received(later.get(row)),
        )
    numbers, currency = in_one_currency(columns, moneys, until)
    found: list[Account] = []
    for place, row in enumerate(rows):
        billed_before, billed, old, new = numbers[4 * place : 4 * place + 4]
        account = Account(row, billed_before - old, billed, new - old)
        if any(account[1:]):
            found.append(account)
    return found, currency


def _due(collection: Collection) -> list[tuple[date, Money]]:
    items = [entry for entry, _ in collection.items]
    return [(each.due, each.amount) for each in items if each.due is not None and each.amount is not None]


def _received(collection: Collection | None) -> Sequence[Money]:
    if collection is None:
        return ()
    return [*[money for item in collection.items for money in item.paid], *[each.paid for each in collection.advances]]
