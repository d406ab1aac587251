"""
Trends: one figure from period to period, or from cycle to cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

from .._model.frozen import noun
from .._model.values import Money
from ..errors import InputError, nearest, say
from ._columns.columns import Columns
from ._columns.periods import UNITS, Period, Unit, periods_in, to_period
from ._columns.tables import moment
from ._kpi import Kpi
from ._targets import period_of_project


Over: TypeAlias = Literal["cycles", "periods"]


@noun
class TrendPoint:
    """
    A figure at one point of a trend.

    Attributes:
        name: of the period, or the number of the cycle, from 1.
        kpi: the figure, with its receipt.
        change: its value less that of the last point before that has a value; ``None`` where there is none.
        better: whether that is a change for the better; ``None`` without a change, and for figures that have no
            better and worse.
        ended: whether its period is over; a figure of one that is not may still change.
    """

    name: str
    kpi: Kpi
    change: Any = None
    better: bool | None = None
    ended: bool = True


@noun
class Trend:
    """
    One figure over time.

    Attributes:
        over: what the points are: ``periods`` or ``cycles``.
        points: in order.
        change: the last value minus the first; ``None`` if there are fewer than two values.
        better: whether that is a change for the better, as in a point.
    """

    over: Over
    points: tuple[TrendPoint, ...]
    change: Any = None
    better: bool | None = None


def trend_of(
    columns: Columns,
    figure: Callable[..., Kpi],
    over: Over,
    unit: Unit,
    given_period: object,
) -> Trend:
    """
    Return the trend of a figure.

    Args:
        figure: computes it, in a *period* and *by* a group.
        given_period: as it is written.

    Raises:
        InputError: for an unknown *over* or *unit*, and for a period that cannot be meant.
    """
    for word, given, known in (("over=", over, get_args(Over)), ("unit=", unit, UNITS)):
        if given not in known:
            raise InputError(word, given, say("input.choice", known=known, near=nearest(str(given), known)))
    period = None if given_period is None else to_period(given_period, columns.zone, columns.fiscal_start)
    spans = _spans(columns, period, unit) if over == "periods" else _cycles(columns)
    if over == "cycles" and not spans:
        numbered = figure(period=period, by="cycle").groups
        return _joined(over, [(str(number), numbered[number]) for number in sorted(numbered)])
    return _joined(over, [(str(each), figure(period=each)) for each in spans])


def _joined(over: Over, figures: Sequence[tuple[str, Kpi]]) -> Trend:
    points: list[TrendPoint] = []
    valued: list[Kpi] = []
    for label, kpi in figures:
        change, better = _change(valued[-1:], kpi)
        ended = kpi.period is None or kpi.as_of is None or kpi.period.end <= kpi.as_of
        points.append(TrendPoint(label, kpi, change, better, ended))
        valued += [] if kpi.value is None else [kpi]
    return Trend(over, tuple(points), *_change(valued[:1], *valued[1:][-1:]))


def _change(before: Sequence[Kpi], kpi: Kpi | None = None) -> tuple[Any, bool | None]:
    """
    Return by how much a figure differs from that before it, and whether that is better.
    """
    if not before or kpi is None or kpi.value is None:
        return None, None
    last, value = before[0].value, kpi.value
    if isinstance(value, Money) != isinstance(last, Money):
        # Without any amount a sum is 0, in no currency.
        known = value if isinstance(value, Money) else last
        last, value = (each if isinstance(each, Money) else Money(each, known.currency) for each in (last, value))
    change = value - last
    amount = change.amount if isinstance(change, Money) else change
    direction = kpi.definition.variant(kpi.variant).direction
    return change, None if not amount or direction == "neutral" else (amount > 0) == (direction == "higher")


def _spans(columns: Columns, period: Period | None, unit: Unit) -> Sequence[Period]:
    """
    Return the periods of a unit that a period touches; by default from the first opening to now.
    """
    rows, opened = columns.included(), columns.tables.projects.opened
    if period is None:
        period = Period(moment(min((opened[row] for row in rows), default=columns.source.now)), columns.now)
    return tuple(periods_in(period, unit, columns.zone))


def _cycles(columns: Columns) -> Sequence[Period]:
    """
    Return the periods of the period projects that have begun, in order.
    """
    found = {period_of_project(columns, row) for row in columns.included()}
    return sorted((each for each in found if each and each.start < columns.now), key=lambda each: each.micros)
