"""
What a project costs: budgets, money spent, and hours booked.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import attrs

from .._model.values import Money, actor_name
from ._base import a_date, a_day, amount, between, entry_id, not_before, number
from ._entry import entry


@entry
class Budget:
    """
    Money that is planned to be spent.

    Attributes:
        planned: how much, zero or more.
        category: for what, in the host's own words, for example ``travel``.
        owner: who answers for it.
        start: the first day of its period.
        end: the last day of its period, included.
    """

    kind: ClassVar[str] = "budget"

    id: str = attrs.field(converter=entry_id)
    planned: Money = attrs.field(validator=amount)
    category: str = attrs.field(default="", kw_only=True)
    owner: str | None = attrs.field(default=None, kw_only=True)
    start: date | None = attrs.field(default=None, validator=a_date, kw_only=True)
    end: date | None = attrs.field(default=None, validator=[a_date, not_before("start")], kw_only=True)


@entry
class SalesCost:
    """
    Money that was spent on selling.

    Attributes:
        amount: how much, zero or more.
        spent_on: the day.
        category: for what, as in the budget.
        budget: the id of the budget it is taken from.
        member: the person who spent it.
        note: anything else.
    """

    kind: ClassVar[str] = "sales_cost"

    id: str = attrs.field(converter=entry_id)
    amount: Money = attrs.field(validator=amount)
    spent_on: date = attrs.field(validator=a_day)
    category: str = attrs.field(default="", kw_only=True)
    budget: str | None = attrs.field(default=None, kw_only=True)
    member: str | None = attrs.field(default=None, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)


@entry
class TimeBooking:
    """
    Working time of one person on one day.

    Attributes:
        member: the person's actor name.
        day: the day it was worked.
        hours: 0 to 24.
        task: the id of the task it was worked on.
        note: what was done.
    """

    kind: ClassVar[str] = "time_booking"

    id: str = attrs.field(converter=entry_id)
    member: str = attrs.field(converter=actor_name)
    day: date = attrs.field(validator=a_day)
    hours: Decimal = attrs.field(converter=number, validator=between(0, 24))
    task: str | None = attrs.field(default=None, kw_only=True)
    note: str = attrs.field(default="", kw_only=True)
