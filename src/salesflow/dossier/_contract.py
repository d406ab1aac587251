"""
Contracts, and the money that follows from them: what is due, invoiced, delivered and received.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final

import attrs

from .._model.frozen import noun
from .._model.values import Money
from ._base import a_date, a_day, amount, between, entry_id, money, not_before, number, strings


_CENT: Final = Decimal("0.01")


@noun
class Contract:
    """
    A contract; it counts as signed with a day, both parties and an amount.

    Attributes:
        amount: what was agreed, tax as the host counts it.
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


@noun
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


@attrs.frozen
class PaymentDue:
    """
    Money that the customer owes by a day: one item of a payment plan, without what was paid of it.

    Attributes:
        amount: what is due, zero or more.
        due: the day on which it is due, included; ``None`` while it waits for something else.
        type: for example ``advance``, ``instalment``, ``retention``, ``bid_bond``.
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


@attrs.frozen
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


@attrs.frozen
class Invoice:
    """
    An invoice (发票); its amount is with tax (含税) or without (未税), and either can be had.

    Attributes:
        amount: what stands on it, zero or more.
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

    def _signed(self, amount: Decimal) -> Money:
        rounded = amount.quantize(_CENT, ROUND_HALF_UP)
        return Money(-rounded if self.credit else rounded, self.amount.currency)


@attrs.frozen
class Delivery:
    """
    Goods or work that was handed over to the customer.

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
