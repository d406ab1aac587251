"""
Amounts of projects at a time, in one currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from ..._model.values import Money
from ..._model.zones import local_date
from .columns import Columns
from .rates import one_currency
from .tables import NEVER, moment


_ANY_DAY: Final = date(2000, 1, 1)  # without rates the day does not matter


class Amounts(NamedTuple):
    """
    Amounts, one for each row that was asked for, or the reason why there are none.

    Attributes:
        numbers: in *currency*; ``None`` where a project has none.
        currency: of all of them; ``None`` if there is no amount at all.
        reason: why there are none.
    """

    numbers: Sequence[Decimal | None]
    currency: str | None = None
    reason: str | None = None


NOT_DECLARED: Final = "field_not_declared"
"""The reason where no lifecycle declares the field that a figure reads."""


def amounts_at(columns: Columns, rows: Sequence[int], times: Sequence[int] | None = None) -> Amounts:
    """
    Return the amounts of projects, at a time of each or as they are now, converted at the rate of that day.

    Args:
        columns: of the portfolio.
        rows: of the projects.
        times: in microseconds, for each row of all projects.

    Raises:
        InputError: for several currencies without rates, or a rate that is missing.
    """
    field = columns.field_of("amount")
    if field is None:
        return Amounts([None] * len(rows), None, NOT_DECLARED)
    table = columns.tables.fields.get(field)
    if columns.rates is None and table is not None and columns.computed is not None:
        exact, currencies = columns.computed.amounts_at(columns, table, rows, times)
        _, currency = one_currency([(Money(0, each), _ANY_DAY) for each in currencies], None)
        return Amounts(exact, currency)
    values = columns.values(field) if times is None else columns.values_at(field, times)
    there = [(row, value) for row in rows if isinstance(value := values[row], Money)]
    if columns.rates is None:
        days = [(value, _ANY_DAY) for _, value in there]
    else:
        zone, now = columns.zone, columns.source.now
        days = [
            (value, local_date(moment(now if times is None or times[row] == NEVER else times[row]), zone))
            for row, value in there
        ]
    numbers, currency = one_currency(days, columns.rates)
    found = dict(zip((row for row, _ in there), numbers, strict=True))
    return Amounts([found.get(row) for row in rows], currency)
