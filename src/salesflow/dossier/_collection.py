"""
What a customer owes and has paid by a day: one rule for guards, risk checks and figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from .._model.values import Money
from ._contract import Payment, PaymentDue, Receipt


_ZERO: Final = Decimal(0)


class DueItem(NamedTuple):
    """
    One item of a payment plan.

    Attributes:
        entry: the item.
        paid: what was paid for it; refunds are below zero.
    """

    entry: Payment | PaymentDue
    paid: Sequence[Money]

    @property
    def received(self) -> Decimal:
        """
        What was paid for it, where that is in one currency.
        """
        return sum((money.amount for money in self.paid), _ZERO)


class Collection(NamedTuple):
    """
    What a customer owes and has paid.

    Attributes:
        items: of the payment plan, in the order of the dossier.
        advances: the receipts that no item takes.
    """

    items: Sequence[DueItem]
    advances: Sequence[Receipt]


def collected(entries: Iterable[object], day: date) -> Collection:
    """
    Return what a customer owes, and what was paid for each item by a day, included.

    A ``payment`` says itself what was received for it; without a day that counts at once. A ``payment_due`` is settled
    by the receipts that name it, and by those that name nothing: they settle the item that is due first, those without
    a day last, and the last item takes what is more than all owe. What went back without a name is taken from the last
    item first.

    Args:
        entries: of one project; entries of other classes are passed over.
    """
    items: list[Payment | PaymentDue] = []
    receipts: list[Receipt] = []
    for entry in entries:
        if isinstance(entry, (Payment, PaymentDue)):
            items.append(entry)
        elif isinstance(entry, Receipt) and entry.received_on <= day:
            receipts.append(entry)
    dues = [item for item in items if isinstance(item, PaymentDue)]
    paid: dict[str, list[Money]] = {due.id: [] for due in dues}
    free: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        if receipt.pays in paid:
            paid[receipt.pays].append(receipt.paid)
        else:
            free.setdefault(receipt.amount.currency, []).append(receipt)
    advances: list[Receipt] = []
    for currency, several in free.items():
        owing = [due for due in dues if due.amount.currency == currency]
        if owing:
            _settle(owing, paid, sum((each.paid.amount for each in several), _ZERO), currency)
        else:
            advances += several
    return Collection(
        [DueItem(item, received_by(item, day) if isinstance(item, Payment) else paid[item.id]) for item in items],
        advances,
    )


def received_by(item: Payment, day: date) -> Sequence[Money]:
    """
    Return what a payment says was received for it by a day: one amount, or none.
    """
    ahead = item.received_on is not None and item.received_on > day
    return () if item.received is None or ahead or not item.received.amount else (item.received,)


def _settle(owing: Sequence[PaymentDue], paid: Mapping[str, list[Money]], rest: Decimal, currency: str) -> None:
    """
    Add what was paid without a name to the items that it settles.
    """
    back = rest < 0
    ordered = sorted(owing, key=lambda due: (due.due or date.max, due.id)) if len(owing) > 1 else ()
    for due in reversed(ordered) if back else ordered:
        settled = sum((money.amount for money in paid[due.id] if money.currency == currency), _ZERO)
        share = -min(-rest, max(settled, _ZERO)) if back else min(rest, max(due.amount.amount - settled, _ZERO))
        if share:
            paid[due.id].append(Money(share, currency))
            rest -= share
    if rest:
        paid[(ordered or owing)[0 if back else -1].id].append(Money(rest, currency))
