"""
The KPIs of the process: loops, gates passed at the first attempt, overrides, moves that fit, reviews.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from .._definition.edges import edges_of
from ..dossier import Retrospective
from ._cases import Ask, Cases, Summary, share, total
from ._columns import Columns
from ._decisions import decided
from ._dossiers import entries_of
from ._registry import kpi, no_params
from ._sales import ended
from ._tables import NONE


def moves_in(ask: Ask, kind: str | None = None) -> Sequence[int]:
    """
    Return the rows of the moves that were taken in the period, besides openings: all, or those of one kind.
    """
    no_params(ask.params)
    tables, flags = ask.columns.tables, ask.columns.includes()
    opening, wanted = tables.words.find("open"), None if kind is None else tables.words.find(kind)
    moves = tables.moves
    return [
        move
        for move, (row, at, found) in enumerate(zip(moves.project, moves.at, moves.kind, strict=True))
        if flags[row] and ask.start <= at < ask.end and found != opening and (wanted is None or found == wanted)
    ]


def _cases(ask: Ask, moves: Sequence[int], above: Callable[[int], bool]) -> Cases:
    """
    Return moves as cases: each adds one below the line, and above it if it is meant.
    """
    table, known = ask.columns.tables.moves, ask.columns.tables.words.known
    return Cases(
        [table.project[move] for move in moves],
        [int(above(move)) for move in moves],
        [1] * len(moves),
        [table.at[move] for move in moves],
        groups={"transition": [known[table.transition[move]] for move in moves]},
    )


def _loops(cases: Cases) -> Summary:
    """
    Sum up loops, with how many projects took any as a part.
    """
    found = total(cases)
    return Summary(found.value, found.numerator, parts={"projects": len(set(cases.rows))})


@kpi("loop_count", _loops)
def loop_count(ask: Ask) -> Cases:
    """
    Find the loops that were taken in the period.
    """
    return _cases(ask, moves_in(ask, "loop"), lambda _: True)


@kpi("override_rate", share)
def override_rate(ask: Ask) -> Cases:
    """
    Find the moves of the period: above the line those that passed a guard on somebody's word.
    """
    overrides = ask.columns.tables.moves.overrides
    return _cases(ask, moves_in(ask), lambda move: overrides[move] > 0)


@kpi("process_conformance", share)
def process_conformance(ask: Ask) -> Cases:
    """
    Find the moves of the period: above the line those for which the newest version of their lifecycle has a transition.
    """
    columns = ask.columns
    tables = columns.tables
    number = tables.words.find
    allowed = {
        definition.id: {(number(edge.source), number(edge.target)) for edge in edges_of(definition)}
        for definition in columns.definitions()
    }
    names = [name for name, _ in tables.lifecycles]
    moves, of = tables.moves, tables.projects.lifecycle

    def ways(move: int) -> set[tuple[int, int]] | None:
        return allowed.get(names[of[moves.project[move]]])

    return _cases(
        ask,
        [move for move in moves_in(ask) if ways(move) is not None],
        lambda move: (moves.source[move], moves.target[move]) in (ways(move) or ()),
    )


@kpi("gate_first_pass_rate", share)
def gate_first_pass_rate(ask: Ask) -> Cases:
    """
    Find the first attempt at each transition in each stay, where it was in the period: above the line if it passed.
    """
    no_params(ask.params)
    columns = ask.columns
    if not columns.source.refusals:
        return Cases(reason="refusals_not_recorded")
    firsts = [each for each in _first_attempts(columns) if ask.start <= each[1] < ask.end]
    known = columns.tables.words.known
    return Cases(
        [row for row, *_ in firsts],
        [passed for *_, passed in firsts],
        [1] * len(firsts),
        [at for _, at, *_ in firsts],
        groups={"transition": [known[transition] for _, _, transition, _ in firsts]},
    )


def _first_attempts(columns: Columns) -> Sequence[tuple[int, int, int, int]]:
    """
    Return project, time, transition and whether it passed, of the first attempt at each transition in each stay.
    """
    tables, flags = columns.tables, columns.includes()
    moves, refusals = tables.moves, tables.refusals
    opening = tables.words.find("open")
    stays: dict[int, tuple[list[int], list[int]]] = {}
    found: dict[tuple[int, int], tuple[tuple[int, int], tuple[int, int, int, int]]] = {}
    for move, (row, version, visit) in enumerate(zip(moves.project, moves.version, moves.visit, strict=True)):
        versions, visits = stays.setdefault(row, ([], []))
        if flags[row] and moves.kind[move] != opening:
            transition = moves.transition[move]
            # A refusal by the version before comes earlier than the move that made this one.
            found.setdefault((visits[-1], transition), ((version, 0), (row, moves.at[move], transition, 1)))
        versions.append(version)
        visits.append(visit)
    for refusal, (row, version) in enumerate(zip(refusals.project, refusals.version, strict=True)):
        transition = refusals.transition[refusal]
        if flags[row] and transition != NONE:
            versions, visits = stays[row]
            stay = visits[bisect_right(versions, version) - 1]
            attempt = (version, 1), (row, refusals.at[refusal], transition, 0)
            first = found.get((stay, transition))
            if first is None or attempt[0] < first[0]:
                found[stay, transition] = attempt
    return [each for _, each in found.values()]


@kpi("review_coverage", share)
def review_coverage(ask: Ask) -> Cases:
    """
    Find the projects whose outcome was given in the period: above the line those with a retrospective.
    """
    no_params(ask.params)
    columns, rows = ask.columns, ended(ask)
    reviewed = {row for row, _ in entries_of(columns, Retrospective)}
    ends, above = decided(columns), [int(row in reviewed) for row in rows]
    groups: Mapping[str, Sequence[str]] = {"class": [ends.class_[row] for row in rows]}
    return Cases(rows, above, [1] * len(rows), [ends.at[row] for row in rows], groups=groups)
