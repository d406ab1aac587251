"""
The KPIs of what is expected: coverage of a target, closes that slip, and the speed of the pipeline.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from ..._model.values import Money
from ..._model.zones import in_zone, local_date
from ...dossier import KpiTarget
from ...errors import InputError, say
from .._cases import NO_CASES, Ask, Cases, Summary, in_currency, quotient, share
from .._columns.amounts import NOT_DECLARED, amounts_at
from .._columns.columns import Columns
from .._columns.decisions import UNDECIDED, decided
from .._columns.dossiers import entries_of
from .._columns.rates import one_currency, same_currency
from .._columns.tables import NEVER, micros
from .._columns.vectors import (
    among,
    differences,
    filled,
    having,
    joined,
    numbered,
    pick,
    placed,
    total,
    within,
    without,
)
from .._registry import kpi, no_params
from .sales import ended


NO_PERIOD: Final = "no_period"
"""The reason where a figure is one of a period, and none was asked for."""

_DAY: Final = 86_400_000_000


def close_at(columns: Columns, value: object) -> int:
    """
    Return the value of an expected close as a time, a day as its beginning; :data:`NEVER` where it is none.
    """
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return micros(in_zone(datetime(value.year, value.month, value.day), columns.zone))  # noqa: DTZ001 -- put there
    return NEVER


def _coverage(cases: Cases) -> Summary:
    """
    Sum up coverage: the open amounts by what is left of the target; of a group, its share of that.
    """
    left, above = cases.common, sum(cases.values)
    shown = in_currency(above, cases.currency), in_currency(left, cases.currency)
    return Summary(None, *shown, "reached") if left <= 0 else Summary(quotient(above, left), *shown)


@kpi("pipeline_coverage", _coverage)
def pipeline_coverage(ask: Ask) -> Cases:
    """
    Find the open projects that are expected to close in the period, each with its amount.

    Parameter: ``target``, an amount of money; by default the newest version of each target of ``sales_amount`` for
    exactly this period, which is for no group.
    """
    no_params(ask.params, "target")
    columns = ask.columns
    field = columns.field_of("expected_close")
    if ask.period is None or field is None or columns.field_of("amount") is None:
        return Cases(reason=NO_PERIOD if ask.period is None else NOT_DECLARED)
    targets = _targets(ask)
    if not targets:
        return Cases(reason="no_target")
    ends, closes = decided(columns), columns.values(field)
    due = [
        row
        for row in columns.included()
        if ends.class_[row] == UNDECIDED and ask.start <= close_at(columns, closes[row]) < ask.end
    ]
    won = [row for row in columns.included() if ends.class_[row] == "won" and ask.start <= ends.at[row] < ask.end]
    open_, gained = amounts_at(columns, due), amounts_at(columns, won, ends.at)
    day = local_date(ask.period.start, columns.zone)
    wanted, currency = one_currency([(each, day) for each in targets], columns.rates)
    kept = [(row, number) for row, number in zip(due, open_.numbers, strict=True) if number is not None]
    return Cases(
        [row for row, _ in kept],
        [number for _, number in kept],
        at=[close_at(columns, closes[row]) for row, _ in kept],
        skipped=len(due) - len(kept) + sum(number is None for number in gained.numbers),
        open=len(due),
        currency=same_currency((currency, open_.currency, gained.currency)),
        common=sum(wanted) - sum(number for number in gained.numbers if number is not None),
    )


def _targets(ask: Ask) -> Sequence[Money]:
    given = ask.params.get("target")
    if given is not None:
        if not isinstance(given, Money):
            raise InputError("target=", given, say("input.money_only"))
        return [given]
    assert ask.period is not None  # noqa: S101 -- looked at before
    found: list[Money] = []
    for _, each in entries_of(ask.columns, KpiTarget):
        if each.metric != "sales_amount" or each.group or not each.unit or None in {each.start, each.due, each.target}:
            continue
        assert each.due is not None  # noqa: S101 -- looked at above
        assert each.target is not None  # noqa: S101
        ends = close_at(ask.columns, each.start), close_at(ask.columns, each.due + timedelta(days=1))
        if ends == (ask.start, ask.end):
            found.append(Money(each.target, each.unit))
    return found


@kpi("slippage_rate", share)
def slippage_rate(ask: Ask) -> Cases:
    """
    Find the projects that were open at the start of the period and expected to close in it.

    Above the line are those whose expected close had left the period by its end, or by their outcome.
    """
    no_params(ask.params)
    columns = ask.columns
    field = columns.field_of("expected_close")
    if ask.period is None or field is None:
        return Cases(reason=NO_PERIOD if ask.period is None else NOT_DECLARED)
    at, end = decided(columns).at, min(ask.end - 1, columns.source.now)
    times = array("q", [ask.start]) * len(at)

    def expected(rows: Sequence[int]) -> Sequence[int]:
        closes = columns.vector(_closes(columns, pick(columns.values_at(field, times), rows)))
        return pick(rows, within(numbered(rows), closes, ask.start, ask.end))

    opened = within(columns.included(), columns.tables.projects.opened, NEVER, ask.start + 1)
    rows = expected(without(opened, within(opened, at, NEVER + 1, ask.start + 1)))
    for row in rows:
        times[row] = end if at[row] == NEVER else min(at[row], end)
    left = among(rows, without(rows, expected(rows)))
    still = len(having(rows, at, (NEVER,)))
    return Cases(rows, left, [1] * len(rows), [ask.start] * len(rows), open=still)


def _closes(columns: Columns, values: Sequence[object]) -> Sequence[int]:
    """
    Return values of an expected close as times; each day is looked up once.
    """
    known: dict[object, int] = {}
    found: list[int] = []
    for value in values:
        at = known.get(value)
        if at is None:
            at = known[value] = close_at(columns, value)
        found.append(at)
    return found


class _Speed(NamedTuple):
    """
    What the speed of a pipeline is made of besides its projects.

    Attributes:
        won, undecided: the numbers of these classes.
        opened: when each project was.
    """

    won: Collection[int]
    undecided: Collection[int]
    opened: Sequence[int]


def _velocity(cases: Cases) -> Summary:
    """
    Sum up the speed: open projects times average amount times win rate, by the mean days of a won project.

    The values are classes, and the totals amounts.
    """
    meant: _Speed = cases.common
    every = numbered(cases.rows)
    won, open_ = having(every, cases.values, meant.won), len(having(every, cases.values, meant.undecided))
    amounts = pick(cases.totals or (), won)
    amounts = pick(amounts, filled(amounts))
    times = total(differences(pick(cases.at or (), won), pick(meant.opened, pick(cases.rows, won))))
    parts: dict[str, Any] = {"opportunities": open_}
    if not amounts or not times:
        return Summary(reason=NO_CASES, parts=parts)
    average = Fraction(total(amounts)) / len(amounts)
    rate, days = Fraction(len(won), len(every) - open_), Fraction(times, len(won) * _DAY)
    speed = open_ * average * rate / days
    parts |= {
        "average_deal_value": in_currency(decimal(average), cases.currency),
        "win_rate": float(rate),
        "cycle_days": float(days),
    }
    return Summary(in_currency(decimal(speed), cases.currency), parts=parts)


def decimal(number: Fraction) -> Decimal:
    """
    Return an exact number as a decimal, rounded once.
    """
    return Decimal(number.numerator) / number.denominator


@kpi("pipeline_velocity", _velocity)
def pipeline_velocity(ask: Ask) -> Cases:
    """
    Find the projects that are open, and those that were won or lost in the period.
    """
    no_params(ask.params)
    columns, ends = ask.columns, decided(ask.columns)
    opening, now = columns.tables.projects.opened, columns.source.now
    still = having(columns.included(), ends.codes, ends.among(UNDECIDED))
    over = having(ended(ask), ends.codes, ends.among("won", "lost"))
    won = having(over, ends.codes, ends.among("won"))
    amounts = amounts_at(columns, won, ends.at)
    if amounts.reason is not None:
        return Cases(reason=amounts.reason)
    rows = joined([still, over])
    return Cases(
        rows,
        pick(ends.codes, rows),
        pick(placed(len(opening), won, amounts.numbers), rows),
        joined([pick(array("q", [now]) * len(opening), still), pick(ends.at, over)]),
        skipped=len(won) - len(filled(amounts.numbers)),
        open=len(still),
        currency=amounts.currency,
        common=_Speed(ends.among("won"), ends.among(UNDECIDED), opening),
    )
