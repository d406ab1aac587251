"""
What a figure counts: its cases, one for each project, visit or entry, and the ways to sum them up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final, Protocol, TypeAlias

import attrs

from .._model.frozen import EMPTY, noun
from .._model.values import Money
from ._columns.columns import Columns
from ._columns.periods import Period
from ._columns.vectors import ordered as in_order, pick, total as total_of


Number: TypeAlias = int | float | Decimal | Fraction


@noun
class Ask:
    """
    The arguments of a formula.

    Attributes:
        columns: what it reads.
        start, end: of the period, in microseconds: from *start* on and before *end*.
        period: the period; ``None`` for all the time.
        variant: the name of the variant, empty for the headline.
        params: what else the caller said.
        by: what the figure is grouped by, if by anything.
    """

    columns: Columns
    start: int
    end: int
    period: Period | None
    variant: str = ""
    params: Mapping[str, Any] = EMPTY
    by: str | None = None


@noun(eq=False)
class Cases:
    """
    The cases that a figure counts. All columns have the same length.

    Attributes:
        rows: the row of each case's project.
        values: what is added up above the line, or measured.
        totals: what is added up below the line.
        at: when each case was, in microseconds; groups by person and by period go by it.
        ids: what each case is shown as in the evidence; by default the id of its project.
        groups: columns that the figure can be grouped by, besides fields of the project.
        skipped: how many were left out because a value is missing.
        open: how many are still open, so that the figure may change.
        currency: of amounts among the values.
        common: what holds for all cases alike, such as a target.
        reason: why there is no figure at all.
        waiting: 1 for each case that is still open; then *open* of a group is how many of its own are.
    """

    rows: Sequence[int] = ()
    values: Sequence[Any] = ()
    totals: Sequence[Any] | None = None
    at: Sequence[int] | None = None
    ids: Sequence[str] | None = None
    groups: Mapping[str, Sequence[Any]] = EMPTY
    skipped: int = 0
    open: int = 0
    currency: str | None = None
    common: Any = None
    reason: str | None = None
    waiting: Sequence[int] | None = None

    def only(self, places: Sequence[int]) -> Cases:
        """
        Return some of the cases, by their places.
        """

        def taken(column: Sequence[Any] | None) -> Sequence[Any] | None:
            return None if column is None else pick(column, places)

        waiting = taken(self.waiting)
        return attrs.evolve(
            self,
            rows=taken(self.rows) or (),
            values=taken(self.values) or (),
            totals=taken(self.totals),
            at=taken(self.at),
            ids=taken(self.ids),
            groups={name: taken(column) or () for name, column in self.groups.items()},
            open=self.open if waiting is None else sum(waiting),
            waiting=waiting,
        )


@noun
class Summary:
    """
    The summary of cases.

    Attributes:
        value: the figure; ``None`` where *reason* says why.
        numerator, denominator: what was divided, or ``None``.
        reason: why there is no value, as a code.
        parts: further figures of the same cases, by name.
        rows: of a figure that is a table, its rows.
    """

    value: Any = None
    numerator: Any = None
    denominator: Any = None
    reason: str | None = None
    parts: Mapping[str, Any] = EMPTY
    rows: Sequence[Mapping[str, Any]] = ()


class Summarise(Protocol):
    """
    A way to sum up cases.
    """

    def __call__(self, cases: Cases, /) -> Summary:
        """
        Return the summary of the cases.
        """
        ...


NO_CASES: Final = "no_cases"
"""The reason where nothing was counted."""


def in_currency(value: Number, currency: str | None) -> Any:
    """
    Return a number as an amount of money, or as it is where there is no currency.
    """
    if currency is None:
        return value
    return Money(value if isinstance(value, Decimal) else Decimal(str(value)), currency)


def quotient(numerator: Number, denominator: Number) -> float:
    """
    Return a quotient of exact numbers, rounded once.
    """
    return float(Fraction(numerator) / Fraction(denominator))


def share(cases: Cases) -> Summary:
    """
    Sum up a share: what is above the line by what is below it.
    """
    above, below = total_of(cases.values), total_of(cases.totals or ())
    shown = in_currency(above, cases.currency), in_currency(below, cases.currency)
    if not below:
        return Summary(None, *shown, NO_CASES)
    return Summary(quotient(above, below), *shown)


def total(cases: Cases) -> Summary:
    """
    Sum up a sum; nothing is zero.
    """
    value = in_currency(total_of(cases.values), cases.currency)
    if cases.currency is None and not cases.values:
        return Summary(0, 0, None)
    return Summary(value, value, None)


def average(cases: Cases) -> Summary:
    """
    Sum up the mean of values.
    """
    count = len(cases.values)
    above = total_of(cases.values)
    if not count:
        return Summary(None, in_currency(above, cases.currency), 0, NO_CASES)
    mean = Decimal(above) / count if cases.currency is not None else quotient(above, count)
    return Summary(in_currency(mean, cases.currency), in_currency(above, cases.currency), count)


def quantile(ordered: Sequence[Any], share_below: Fraction) -> Any:
    """
    Return the smallest of ordered values that at least so large a share of them does not exceed.
    """
    return ordered[max(ceil(share_below * len(ordered)), 1) - 1]


_QUANTILES: Final = {"p50": Fraction(1, 2), "p75": Fraction(3, 4), "p90": Fraction(9, 10)}


def spread(scale: int) -> Summarise:
    """
    Return the summary of times: their median, with the mean and other quantiles as parts.

    Args:
        scale: how many microseconds the unit of the figure has.
    """

    def summed(cases: Cases) -> Summary:
        ordered = in_order(cases.values)
        if not ordered:
            return Summary(None, None, 0, NO_CASES)
        found = {name: quotient(quantile(ordered, at), scale) for name, at in _QUANTILES.items()}
        parts = {"mean": quotient(total_of(ordered), scale * len(ordered)), **found}
        return Summary(found["p50"], None, len(ordered), parts=parts)

    return summed


Formula: TypeAlias = Callable[[Ask], Cases]
"""Finds the cases of a figure."""
