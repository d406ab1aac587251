"""
The KPIs of deals that ended: win rates, close rate, cycle time, sales, new customers, terminations.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import attrs

from .._cases import Ask, Cases, Summarise, Summary, average, share, spread, total
from .._columns.amounts import NOT_DECLARED, amounts_at
from .._columns.columns import Columns
from .._columns.decisions import UNDECIDED, Decided, decided
from .._columns.holds import held_in, held_rows
from .._columns.tables import NEVER, NONE
from .._columns.vectors import differences, ends, filled, having, pick, products, same, total as total_of, within
from .._registry import kpi, no_params
from .customers import purchases


_DAY: Final = 86_400_000_000


def ended(ask: Ask) -> Sequence[int]:
    """
    Return the rows of the projects whose outcome was given in the period.
    """
    at = decided(ask.columns).at
    return within(ask.columns.included(), at, ask.start, ask.end)


def opened(ask: Ask) -> Sequence[int]:
    """
    Return the rows of the projects that were opened in the period.
    """
    at = ask.columns.tables.projects.opened
    return within(ask.columns.included(), at, ask.start, ask.end)


def won(ask: Ask) -> Sequence[int]:
    """
    Return the rows of the projects that were won in the period.
    """
    found = decided(ask.columns)
    return having(ended(ask), found.codes, found.among("won"))


def lost(ask: Ask) -> Sequence[int]:
    """
    Return the rows of the projects that were lost in the period.
    """
    found = decided(ask.columns)
    return having(ended(ask), found.codes, found.among("lost"))


@kpi("win_rate", share)
def win_rate(ask: Ask) -> Cases:
    """
    Find those that were won or lost in the period: each adds one below the line, and above it if it was won.

    The variant ``of_closed`` counts every outcome, ``of_all`` every project that was opened in the period, and
    ``by_value`` adds amounts.
    """
    no_params(ask.params)
    found = decided(ask.columns)
    if not _has_won_class(ask):
        return Cases(reason="no_won_class")
    if ask.variant == "by_value":
        return _by_value(ask)
    if ask.variant == "of_all":
        rows, at = opened(ask), ask.columns.tables.projects.opened
    else:
        rows, at = ended(ask), found.at
        if ask.variant != "of_closed":
            rows = having(rows, found.codes, found.among("won", "lost"))
    return _with_open(ask, Cases(rows, _wins(found, rows), [1] * len(rows), pick(at, rows)))


def _wins(found: Decided, rows: Sequence[int]) -> Sequence[int]:
    """
    Return 1 for each project that counts as won, and 0 for others.
    """
    return same(pick(found.codes, rows), found.numbers.get("won", NONE))


def _has_won_class(ask: Ask) -> bool:
    """
    Tell whether any outcome of the lifecycles counts as won; of a lifecycle that nobody has, the outcome ``won``.
    """
    known = ask.columns.source.definitions
    return not known or any(each is None or any(outcome.class_ == "won" for outcome in each.outcomes) for each in known)


def _with_open(ask: Ask, cases: Cases) -> Cases:
    """
    Return cases of projects with which of them are still open.
    """
    found = decided(ask.columns)
    waiting = same(pick(found.codes, cases.rows), found.numbers[UNDECIDED])
    return attrs.evolve(cases, open=total_of(waiting), waiting=waiting)


def _by_value(ask: Ask) -> Cases:
    found = decided(ask.columns)
    rows = having(ended(ask), found.codes, found.among("won", "lost"))
    amounts = amounts_at(ask.columns, rows, found.at)
    if amounts.reason is not None:
        return Cases(reason=amounts.reason)
    places = filled(amounts.numbers)
    kept, numbers = pick(rows, places), pick(amounts.numbers, places)
    return Cases(
        kept,
        products(numbers, _wins(found, kept)),
        numbers,
        pick(found.at, kept),
        skipped=len(rows) - len(kept),
        currency=amounts.currency,
    )


@kpi("win_rate_value", share)
def win_rate_value(ask: Ask) -> Cases:
    """
    Find what was won or lost in the period, with the amount at the outcome.
    """
    no_params(ask.params)
    return _by_value(ask)


@kpi("close_rate", share)
def close_rate(ask: Ask) -> Cases:
    """
    Find the projects that were opened in the period: each adds one below the line, and above it if it is won by now.
    """
    no_params(ask.params)
    rows, at = opened(ask), ask.columns.tables.projects.opened
    wins = _wins(decided(ask.columns), rows)
    return _with_open(ask, Cases(rows, wins, [1] * len(rows), pick(at, rows)))


def times_and_holds(cases: Cases) -> Summary:
    """
    Sum up cycle times: with the time on hold, and as parts without it.
    """
    whole = spread(_DAY)(cases)
    without = spread(_DAY)(attrs.evolve(cases, values=cases.totals or ()))
    if whole.value is None:
        return whole
    active = {f"active_{name}": value for name, value in without.parts.items()}
    return attrs.evolve(whole, parts={**whole.parts, **active})


def part_of_times(name: str) -> Summarise:
    """
    Return what sums up cycle times as one of their parts, such as the ``mean``.
    """

    def chosen(cases: Cases) -> Summary:
        whole = times_and_holds(cases)
        return attrs.evolve(whole, value=whole.parts.get(name))

    return chosen


@kpi("cycle_time", times_and_holds, mean=part_of_times("mean"), p75=part_of_times("p75"))
def cycle_time(ask: Ask) -> Cases:
    """
    Find how long each project that was won in the period took from its opening; below the line, without holds.

    The variant ``lost`` finds those that were lost.
    """
    no_params(ask.params)
    at, opening = decided(ask.columns).at, ask.columns.tables.projects.opened
    rows = lost(ask) if ask.variant == "lost" else won(ask)
    times = pick(at, rows)
    took = differences(times, pick(opening, rows))
    held = ask.columns.derive("held until the end", lambda: _held(ask.columns))
    return Cases(rows, took, differences(took, pick(held, rows)), times)


def _held(columns: Columns) -> Sequence[int]:
    """
    Return how long each project was on hold before its outcome; 0 where there is none.
    """
    at, opening, held = decided(columns).at, columns.tables.projects.opened, held_in(columns)
    found = array("q", [0]) * len(at)
    for row in held_rows(columns):
        if at[row] != NEVER:
            found[row] = held(row, opening[row], at[row])
    return found


def won_amounts(ask: Ask) -> Cases:
    """
    Find the amounts of the projects that were won in the period, each as it was at the outcome.
    """
    no_params(ask.params)
    at, rows = decided(ask.columns).at, won(ask)
    amounts = amounts_at(ask.columns, rows, at)
    if amounts.reason is not None:
        return Cases(reason=amounts.reason)
    places = filled(amounts.numbers)
    kept = pick(rows, places)
    return Cases(
        kept,
        pick(amounts.numbers, places),
        at=pick(at, kept),
        skipped=len(rows) - len(kept),
        currency=amounts.currency,
    )


@kpi("average_deal_value", average)
def average_deal_value(ask: Ask) -> Cases:
    """
    Find the amounts of the projects that were won in the period.
    """
    return won_amounts(ask)


@kpi("new_customers", total)
def new_customers(ask: Ask) -> Cases:
    """
    Find the customers whose first won project was won in the period.
    """
    no_params(ask.params)
    columns = ask.columns
    field = columns.field_of("customer")
    if field is None:
        return Cases(reason=NOT_DECLARED)
    times = decided(columns).first_won
    bought = purchases(columns, field, times)
    firsts, _ = ends(bought.customers, bought.at)
    new = within(firsts, bought.at, ask.start, ask.end)
    rows = pick(bought.rows, new)
    skipped = len(within(bought.unknown, times, ask.start, ask.end))
    return Cases(rows, [1] * len(rows), at=pick(bought.at, new), skipped=skipped)


@kpi("termination_rate", share)
def termination_rate(ask: Ask) -> Cases:
    """
    Find the projects that were won in the period: each adds one below the line, and above it if it was terminated.
    """
    no_params(ask.params)
    found, rows = decided(ask.columns), won(ask)
    going_on = same(pick(found.terminated, rows), NEVER)
    return Cases(rows, same(going_on, 0), [1] * len(rows), pick(found.at, rows))
