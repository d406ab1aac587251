"""
The deals of a forecast: what is open and expected in a period, and what was won in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from ..errors import InputError, say
from ._cases import NO_CASES, quantile
from ._columns.amounts import NOT_DECLARED, amounts_at
from ._columns.columns import Columns
from ._columns.decisions import decided
from ._columns.holds import held_in
from ._columns.known import LATEST
from ._columns.periods import UNITS, Unit, period_of
from ._columns.rates import same_currency
from ._columns.tables import NEVER, moment
from ._columns.vectors import filled, having, joined, numbered, pick, within
from ._prospects import Prospects, prospects_now, to_chance


OMITTED: Final = "omitted"
CLOSED: Final = "closed"
_QUARTER: Final = Fraction(3, 4)

Probability = Callable[[str], Any]
"""Says how likely a project is to be won, by its id: 0 to 1, or ``None`` where it does not know."""


class Deals(NamedTuple):
    """
    Deals: open deals first, then won deals. All columns have the same length.

    Attributes:
        rows: of the projects.
        amounts: in *currency*; ``None`` where there is none.
        chances: the probability that each is won: 1 of those that were, ``None`` where nothing states one.
        categories: of the forecast.
        closes: when each is expected to close, or was won, in microseconds; :data:`NEVER` where nothing says so.
        open: how many are open.
        undated: the rows of open projects that may belong to the period, but have no date.
        currency: of the amounts.
        reason: why there are none.
    """

    rows: Sequence[int] = ()
    amounts: Sequence[Decimal | None] = ()
    chances: Sequence[Fraction | None] = ()
    categories: Sequence[str] = ()
    closes: Sequence[int] = ()
    open: int = 0
    undated: Sequence[int] = ()
    currency: str | None = None
    reason: str | None = None


def expected(prospects: Prospects, start: int, end: int) -> Sequence[int]:
    """
    Return the places of the open projects whose expected close lies in a period.
    """
    return within(numbered(prospects.closes), prospects.closes, start, end)


def counted(found: Prospects | Deals) -> Sequence[int]:
    """
    Return the places of what adds to a weighted sum: it has an amount and a probability, and is not left out.
    """
    places = filled(found.amounts)
    places = pick(places, filled(pick(found.chances, places)))
    return having(places, found.categories, {*found.categories} - {OMITTED})


def deals_in(
    columns: Columns,
    period: tuple[int, int] | None,
    probability: Probability | None = None,
    floor: Fraction | None = None,
) -> Deals:
    """
    Return what is expected to close in a period, and what was won in it.

    Args:
        columns: of the portfolio.
        period: its ends in microseconds; ``None`` for every open and every won project.
        probability: says how likely each open project is to be won, instead of stages and fields.
        floor: the least factor by which age lowers a probability; ``None`` for no such factor.

    Raises:
        InputError: for amounts in several currencies without rates, and for a probability that is none.
    """
    if not columns.source.definitions:
        return Deals(reason=NO_CASES)
    if columns.field_of("amount") is None or (period and columns.field_of("expected_close") is None):
        return Deals(reason=NOT_DECLARED)
    seen, ends = prospects_now(columns), decided(columns)
    start, end = period or (-LATEST, LATEST)
    places = numbered(seen.closes) if period is None else expected(seen, start, end)
    won = within(having(columns.included(), ends.codes, ends.among("won")), ends.at, start, end)
    gained = amounts_at(columns, won, ends.at)
    currency = same_currency((seen.currency, gained.currency))
    rows = pick(seen.rows, places)
    given = pick(seen.chances, places) if probability is None else _asked(columns, rows, probability)
    return Deals(
        joined([rows, won]),
        joined([pick(seen.amounts, places), gained.numbers]),
        joined([given if floor is None else _aged(columns, rows, given, floor), [Fraction(1)] * len(won)]),
        joined([pick(seen.categories, places), [CLOSED] * len(won)]),
        joined([pick(seen.closes, places), pick(ends.at, won)]),
        len(rows),
        pick(seen.rows, having(numbered(seen.closes), seen.closes, (NEVER,))),
        currency,
    )


def _asked(columns: Columns, rows: Sequence[int], probability: Probability) -> Sequence[Fraction | None]:
    names = columns.tables.projects.id
    found: list[Fraction | None] = []
    for row in rows:
        given = probability(names[row])
        chance = to_chance(given)
        if chance is None and given is not None:
            raise InputError("probability=", f"{names[row]}: {given!r}", say("input.probabilities"))
        found.append(chance)
    return found


def _aged(
    columns: Columns, rows: Sequence[int], chances: Sequence[Fraction | None], floor: Fraction
) -> Sequence[Fraction | None]:
    """
    Lower the probability of projects that are older than 75 % of the won projects were, without times on hold.
    """
    ends, opened, held = decided(columns), columns.tables.projects.opened, held_in(columns)
    won = [row for row in columns.included() if ends.class_[row] == "won"]
    times = sorted(ends.at[row] - opened[row] - held(row, opened[row], ends.at[row]) for row in won)
    if not times:
        return chances
    usual, now = quantile(times, _QUARTER), columns.source.now
    found: list[Fraction | None] = []
    for row, chance in zip(rows, chances, strict=True):
        age = now - opened[row] - held(row, opened[row], now)
        found.append(chance if chance is None or age <= usual else chance * max(floor, Fraction(usual, age)))
    return found


def times_of(deals: Deals) -> Sequence[int]:
    """
    Return when the owner and other fields of each deal count: those of open deals now, others at the outcome.
    """
    return [LATEST if place < deals.open else at for place, at in enumerate(deals.closes)]


def by_unit(columns: Columns, deals: Deals, by: str | None) -> dict[str, Sequence[Any]]:
    """
    Return the column of the periods in which deals are expected to close, where they are grouped by such periods.
    """
    if by not in UNITS:
        return {}
    unit: Unit = by
    zone = columns.zone
    names = {at: None if at == NEVER else period_of(moment(at), unit, zone).name for at in set(deals.closes)}
    return {by: [names[at] for at in deals.closes]}
