"""
The KPIs of the process: loops, gates passed at the first attempt, overrides, moves that fit, reviews.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .._definition.edges import edges_of
from ..dossier import Retrospective
from ._cases import Ask, Cases, Summary, share, total
from ._columns import Columns
from ._decisions import decided
from ._dossiers import entries_of
from ._registry import kpi, no_params
from ._sales import ended
from ._tables import NEVER, NONE


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
    firsts = [each for each in gates(columns) if ask.start <= each.at < ask.end]
    known = columns.tables.words.known
    return Cases(
        [each.row for each in firsts],
        [int(each.passed) for each in firsts],
        [1] * len(firsts),
        [each.at for each in firsts],
        groups={"transition": [known[each.transition] for each in firsts]},
    )


class Gate(NamedTuple):
    """
    The attempts at one transition in one stay.

    Attributes:
        order: of the first, among all attempts of the project.
        row: of the project.
        transition: the number of its id.
        at: when the first was made.
        passed: whether that was accepted.
        accepted: when the last was accepted, or :data:`NEVER`.
    """

    order: tuple[int, int]
    row: int
    transition: int
    at: int
    passed: bool
    accepted: int


def gates(columns: Columns) -> Sequence[Gate]:
    """
    Return the attempts at each transition in each stay; a hold does not end the stay that it interrupts.
    """
    return columns.derive("gates", lambda: _gates(columns))


def _gates(columns: Columns) -> Sequence[Gate]:
    tables, flags = columns.tables, columns.includes()
    moves, refusals = tables.moves, tables.refusals
    stays: dict[int, tuple[list[int], list[int]]] = {}
    found: dict[tuple[int, int], Gate] = {}
    for move, (row, version, visit) in enumerate(zip(moves.project, moves.version, moves.visit, strict=True)):
        versions, visits = stays.setdefault(row, ([], []))
        if flags[row] and visits:  # and so no opening
            at, key = moves.at[move], (visits[-1], moves.transition[move])
            first = found.get(key)
            # A refusal by the version before comes earlier than the move that made this one.
            made = Gate((version, 0), row, key[1], at, True, at) if first is None else first._replace(accepted=at)
            found[key] = made
        versions.append(version)
        visits.append(visit)
    for refusal, (row, version) in enumerate(zip(refusals.project, refusals.version, strict=True)):
        transition = refusals.transition[refusal]
        if flags[row] and transition != NONE:
            versions, visits = stays[row]
            key = visits[bisect_right(versions, version) - 1], transition
            first, order = found.get(key), (version, 1)
            if first is None or order < first.order:
                accepted = NEVER if first is None else first.accepted
                found[key] = Gate(order, row, transition, refusals.at[refusal], False, accepted)
    return list(found.values())


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
