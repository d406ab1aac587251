"""
The KPIs of deals that ended: win rates, close rate, cycle time, sales, new customers, terminations.
"""

from __future__ import annotations

from typing import Final

import attrs

from .._model.values import person
from ._amounts import NOT_DECLARED, amounts_at
from ._cases import Ask, Cases, Summarise, Summary, average, share, spread, total
from ._decisions import UNDECIDED, decided
from ._holds import held_in
from ._registry import kpi
from ._tables import NEVER


_DAY: Final = 86_400_000_000


def ended(ask: Ask) -> list[int]:
    """
    Return the rows of the projects whose outcome was given in the period.
    """
    at = decided(ask.columns).at
    return [row for row in ask.columns.included() if at[row] != NEVER and ask.start <= at[row] < ask.end]


def opened(ask: Ask) -> list[int]:
    """
    Return the rows of the projects that were opened in the period.
    """
    at = ask.columns.tables.projects.opened
    return [row for row in ask.columns.included() if ask.start <= at[row] < ask.end]


def won(ask: Ask) -> list[int]:
    """
    Return the rows of the projects that were won in the period.
    """
    class_ = decided(ask.columns).class_
    return [row for row in ended(ask) if class_[row] == "won"]


def lost(ask: Ask) -> list[int]:
    """
    Return the rows of the projects that were lost in the period.
    """
    class_ = decided(ask.columns).class_
    return [row for row in ended(ask) if class_[row] == "lost"]


@kpi("win_rate", share)
def win_rate(ask: Ask) -> Cases:
    """
    Find those that were won or lost in the period: each adds one below the line, and above it if it was won.

    The variant ``of_closed`` counts every outcome, ``of_all`` every project that was opened in the period, and
    ``by_value`` adds amounts.
    """
    found = decided(ask.columns)
    if not _has_won_class(ask):
        return Cases(reason="no_won_class")
    if ask.variant == "by_value":
        return _by_value(ask)
    if ask.variant == "of_all":
        rows, at = opened(ask), list(ask.columns.tables.projects.opened)
    else:
        wanted = None if ask.variant == "of_closed" else ("won", "lost")
        rows, at = [row for row in ended(ask) if wanted is None or found.class_[row] in wanted], list(found.at)
    wins = [int(found.class_[row] == "won") for row in rows]
    return _with_open(ask, Cases(rows, wins, [1] * len(rows), [at[row] for row in rows]))


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
    class_ = decided(ask.columns).class_
    waiting = [int(class_[row] == UNDECIDED) for row in cases.rows]
    return attrs.evolve(cases, open=sum(waiting), waiting=waiting)


def _by_value(ask: Ask) -> Cases:
    found = decided(ask.columns)
    rows = [row for row in ended(ask) if found.class_[row] in {"won", "lost"}]
    amounts = amounts_at(ask.columns, rows, found.at)
    if amounts.reason is not None:
        return Cases(reason=amounts.reason)
    kept = [(row, number) for row, number in zip(rows, amounts.numbers, strict=True) if number is not None]
    return Cases(
        [row for row, _ in kept],
        [number if found.class_[row] == "won" else 0 for row, number in kept],
        [number for _, number in kept],
        [found.at[row] for row, _ in kept],
        skipped=len(rows) - len(kept),
        currency=amounts.currency,
    )


@kpi("win_rate_value", share)
def win_rate_value(ask: Ask) -> Cases:
    """
    Find what was won or lost in the period, with the amount at the outcome.
    """
    return _by_value(ask)


@kpi("close_rate", share)
def close_rate(ask: Ask) -> Cases:
    """
    Find the projects that were opened in the period: each adds one below the line, and above it if it is won by now.
    """
    class_, opening = decided(ask.columns).class_, ask.columns.tables.projects.opened
    rows = opened(ask)
    wins = [int(class_[row] == "won") for row in rows]
    return _with_open(ask, Cases(rows, wins, [1] * len(rows), [opening[row] for row in rows]))


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
    at, opening = decided(ask.columns).at, ask.columns.tables.projects.opened
    rows, holds = lost(ask) if ask.variant == "lost" else won(ask), held_in(ask.columns)
    times = [at[row] - opening[row] for row in rows]
    active = [time - holds(row, opening[row], at[row]) for row, time in zip(rows, times, strict=True)]
    return Cases(rows, times, active, [at[row] for row in rows])


def won_amounts(ask: Ask) -> Cases:
    """
    Find the amounts of the projects that were won in the period, each as it was at the outcome.
    """
    at, rows = decided(ask.columns).at, won(ask)
    amounts = amounts_at(ask.columns, rows, at)
    if amounts.reason is not None:
        return Cases(reason=amounts.reason)
    kept = [(row, number) for row, number in zip(rows, amounts.numbers, strict=True) if number is not None]
    return Cases(
        [row for row, _ in kept],
        [number for _, number in kept],
        at=[at[row] for row, _ in kept],
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
    columns = ask.columns
    field = columns.field_of("customer")
    if field is None:
        return Cases(reason=NOT_DECLARED)
    found = decided(columns)
    names = columns.values_at(field, found.first_won)
    firsts: dict[str, int] = {}
    skipped = 0
    for row in columns.included():
        if found.class_[row] != "won":
            continue
        name = names[row]
        if name is None:
            skipped += ask.start <= found.first_won[row] < ask.end
            continue
        key = person(str(name))
        before = firsts.get(key)
        if before is None or found.first_won[row] < found.first_won[before]:
            firsts[key] = row
    rows = [row for row in firsts.values() if ask.start <= found.first_won[row] < ask.end]
    return Cases(rows, [1] * len(rows), at=[found.first_won[row] for row in rows], skipped=skipped)


@kpi("termination_rate", share)
def termination_rate(ask: Ask) -> Cases:
    """
    Find the projects that were won in the period: each adds one below the line, and above it if it was terminated.
    """
    found, rows = decided(ask.columns), won(ask)
    ended_again = [int(found.terminated[row] != NEVER) for row in rows]
    return Cases(rows, ended_again, [1] * len(rows), [found.at[row] for row in rows])
