"""
Contracts, and the money that follows from them: what is due, invoiced, delivered and received.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise
from typing import ClassVar, Final

import attrs

from .._model.frozen import EMPTY
from .._model.values import Money
from ..errors import InputError, nearest, say
from ._base import a_date, a_day, amount, between, entry_id, money, not_before, number, strings
from ._entry import entry


_CENT: Final = Decimal("0.01")


@entry
class Contract:
    """
    A contract; it counts as signed with a day, both parties and an amount.

    Attributes:
        amount: what was agreed, with tax (含税) or without (未税).
        tax_rate: 0 to 1, for example ``"0.13"``.
        taxed: whether *amount* includes the tax.
        parties: who signed; it needs two.
        signed_on: the day of the last signature.
        terminated_on: the day on which it was ended early.
    """

    kind: ClassVar[str] = "contract"

    id: str = attrs.field(converter=entry_id)
    amount: Money | None = attrs.field(default=None, validator=money, kw_only=True)
    parties: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    signed_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    terminated_on: date | None = attrs.field(default=None, validator=[a_date, not_before("signed_on")], kw_only=True)
    tax_rate: Decimal = attrs.field(default=Decimal(0), converter=number, validator=between(0, 1), kw_only=True)
    taxed: bool = attrs.field(default=True, kw_only=True)

    @property
    def gross(self) -> Money | None:
        """
        The amount with tax, which is what the customer pays; rounded half up to hundredths where tax is added.
        """
        whole = self.amount
        return whole if self.taxed or whole is None else _money(whole.amount * (1 + self.tax_rate), whole.currency)

    @property
    def net(self) -> Money | None:
        """
        The amount without tax, rounded half up to hundredths where tax is taken off.
        """
        whole = self.amount
        return whole if not self.taxed or whole is None else _money(whole.amount / (1 + self.tax_rate), whole.currency)


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount.quantize(_CENT, ROUND_HALF_UP), currency)


@entry
class Payment:
    """
    One item of the payment plan.

    Attributes:
        amount: what is due.
        due: the day on which it is due.
        received: what was paid so far; refunds are subtracted.
        received_on: the day of the last receipt.
    """

    kind: ClassVar[str] = "payment"

    id: str = attrs.field(converter=entry_id)
    amount: Money | None = attrs.field(default=None, validator=money)
    due: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    received: Money | None = attrs.field(default=None, validator=money, kw_only=True)
    received_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)


@entry
class PaymentDue:
    """
    Money that the customer owes by a day: one item of a payment plan, without what was paid of it.

    Attributes:
        amount: what is due, zero or more.
        due: the day on which it is due, included; ``None`` while it waits for something else.
        type: for example ``advance``, ``instalment``, ``retention``.
        contract: the id of the contract it follows from.
        note: anything else.
    """

    kind: ClassVar[str] = "payment_due"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    due: date | None = attrs.field(default=None, validator=a_date)
    type: str = attrs.field(default="", kw_only=True)
    contract: str | None = attrs.field(default=None, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class Receipt:
    """
    Money that came in on one day, or went back as a refund.

    Attributes:
        amount: how much, zero or more.
        received_on: the day on which it came or went.
        refund: whether it went back to the customer, and is subtracted.
        pays: the id of the ``payment_due`` that it settles; by default the oldest that is open.
        contract: the id of the contract it belongs to.
        note: anything else.
    """

    kind: ClassVar[str] = "receipt"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    received_on: date = attrs.field(validator=a_day)
    refund: bool = attrs.field(default=False, kw_only=True)
    pays: str | None = attrs.field(default=None, kw_only=True)
    contract: str | None = attrs.field(default=None, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)

    @property
    def paid(self) -> Money:
        """
        What it adds to the money received: below zero for a refund.
        """
        return Money(-self.amount.amount, self.amount.currency) if self.refund else self.amount


@entry
class Invoice:
    """
    An invoice (发票); its amount is with tax (含税) or without (未税), and either can be had.

    Attributes:
        amount: the amount printed on it, zero or more.
        issued_on: its day.
        tax_rate: 0 to 1, for example ``"0.13"``.
        taxed: whether *amount* includes the tax.
        credit: whether it takes an earlier invoice back (红字), and is subtracted.
        number: as printed.
        bills: the id of the ``payment_due`` that it asks for.
        contract: the id of the contract it belongs to.
    """

    kind: ClassVar[str] = "invoice"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    issued_on: date = attrs.field(validator=a_day)
    tax_rate: Decimal = attrs.field(default=Decimal(0), converter=number, validator=between(0, 1), kw_only=True)
    taxed: bool = attrs.field(default=True, kw_only=True)
    credit: bool = attrs.field(default=False, kw_only=True)
    number: str = attrs.field(default="", kw_only=True)
    bills: str | None = attrs.field(default=None, kw_only=True)
    contract: str | None = attrs.field(default=None, kw_only=True)

    @property
    def gross(self) -> Money:
        """
        The amount with tax, rounded half up to hundredths; below zero for a credit note.
        """
        return self._signed(self.amount.amount if self.taxed else self.amount.amount * (1 + self.tax_rate))

    @property
    def net(self) -> Money:
        """
        The amount without tax, rounded half up to hundredths; below zero for a credit note.
        """
        return self._signed(self.amount.amount / (1 + self.tax_rate) if self.taxed else self.amount.amount)

    @property
    def tax(self) -> Money:
        """
        The tax in it: with tax less without.
        """
        return Money(self.gross.amount - self.net.amount, self.amount.currency)

    def _signed(self, amount: Decimal) -> Money:
        rounded = amount.quantize(_CENT, ROUND_HALF_UP)
        return Money(-rounded if self.credit else rounded, self.amount.currency)


@entry
class Delivery:
    """
    Goods or work that was delivered to the customer.

    Attributes:
        amount: what it is worth, without tax, zero or more.
        delivered_on: the day of the hand-over.
        accepted_on: the day on which the customer accepted it.
        contract: the id of the contract it fulfils.
        note: anything else.
    """

    kind: ClassVar[str] = "delivery"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    delivered_on: date = attrs.field(validator=a_day)
    accepted_on: date | None = attrs.field(default=None, validator=[a_date, not_before("delivered_on")], kw_only=True)
    contract: str | None = attrs.field(default=None, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class Deposit:
    """
    Money that we leave with the customer as a security and get back, such as a bid bond (投标保证金).

    Attributes:
        amount: how much, zero or more.
        type: for example ``bid_bond`` or ``performance_bond``.
        paid_on: the day on which we paid it.
        due_back: the day by which it is to come back, included.
        returned_on: the day on which it came back.
        withheld: what the customer kept of it for good.
        note: anything else.
    """

    kind: ClassVar[str] = "deposit"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    type: str = "bid_bond"
    paid_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    due_back: date | None = attrs.field(default=None, validator=[a_date, not_before("paid_on")], kw_only=True)
    returned_on: date | None = attrs.field(default=None, validator=[a_date, not_before("paid_on")], kw_only=True)
    withheld: Money | None = attrs.field(default=None, validator=money, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


def instalments(
    contract: Contract, shares: Mapping[str, float | str | Decimal], *, due: Mapping[str, date] = EMPTY
) -> tuple[PaymentDue, ...]:
    """
    Return the items of a payment plan that split the amount of a contract with tax, such as 3-6-1 with retention money.

    The running total up to each item is rounded half up to hundredths, so that the items add up.

    >>> from salesflow import Money
    >>> contract = Contract("c", amount=Money("1000", "CNY"))
    >>> plan = instalments(contract, {"advance": "0.3", "delivery": "0.6", "retention": "0.1"})
    >>> [(item.id, str(item.amount)) for item in plan]
    [('c-advance', '300.00 CNY'), ('c-delivery', '600.00 CNY'), ('c-retention', '100.00 CNY')]

    Args:
        contract: with an amount.
        shares: of the amount by the type of the item, in order, each more than 0; together they are 1.
        due: the day on which an item is due, by its type; without it, it waits.

    Raises:
        InputError: for a contract without an amount, shares that do not add up, or a day of no item.
    """
    whole, parts = contract.gross, {name: number(share) for name, share in shares.items()}
    if whole is None:
        raise InputError("contract", contract.id, say("input.contract_amount"))
    if sum(parts.values()) != 1 or min(parts.values()) <= 0:
        raise InputError("shares", dict(shares), say("input.shares", total=sum(parts.values())))
    for name in due:
        if name not in parts:
            raise InputError("due", name, say("input.choice", known=tuple(parts), near=nearest(name, parts)))
    reached = [(whole.amount * share).quantize(_CENT, ROUND_HALF_UP) for share in accumulate(parts.values())][:-1]
    amounts = [end - start for start, end in pairwise([Decimal(0), *reached, whole.amount])]
    return tuple(
        PaymentDue(f"{contract.id}-{name}", Money(each, whole.currency), due.get(name), type=name, contract=contract.id)
        for name, each in zip(parts, amounts, strict=True)
    )
