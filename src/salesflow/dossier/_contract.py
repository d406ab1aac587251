"""
Contracts and payments.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import attrs

from .._model.frozen import noun
from .._model.values import Money
from ._base import a_date, entry_id, money, strings


@noun
class Contract:
    """
    A contract; it counts as signed with a day, both parties and an amount.

    Attributes:
        amount: what was agreed, tax as the host counts it.
        parties: who signed; it needs two.
        signed_on: the day of the last signature.
    """

    kind: ClassVar[str] = "contract"

    id: str = attrs.field(converter=entry_id)
    amount: Money | None = attrs.field(default=None, validator=money, kw_only=True)
    parties: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    signed_on: date | None = attrs.field(default=None, validator=a_date, kw_only=True)


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
