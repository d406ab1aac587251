"""
The KPIs of the process: loops, gates passed at the first attempt, overrides, moves that fit, reviews.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence

import attrs

from ..._definition.edges import edges_of
from ...dossier import Retrospective
from .._cases import Ask, Cases, Summary, share, total
from .._columns.columns import Columns
from .._columns.decisions import decided
from .._columns.dossiers import entries_of
from .._columns.tables import NEVER, NONE, Moves
from .._columns.vectors import above, having, mapped, numbered, pick, within
from .._registry import kpi, no_params
from .sales import ended


def moves_in(ask: Ask, kind: str | None = None) -> Sequence[int]:
    """
    Return the rows of the moves that were taken in the period, besides openings: all, or those of one kind.
    """
    no_params(ask.params)
    columns, moves = ask.columns, ask.columns.tables.moves
    opening = columns.tables.words.find("open")
    taken = columns.derive("taken", lambda: having(columns.rows_of(moves), moves.kind, _others(moves, opening)))
    chosen = taken if kind is None else having(taken, moves.kind, {columns.tables.words.find(kind)})
    return within(chosen, moves.at, ask.start, ask.end)


def _others(moves: Moves, kind: int) -> set[int]:
    return {*moves.kind} - {kind}


def _cases(ask: Ask, moves: Sequence[int], above: Sequence[int]) -> Cases:
    """
    Return moves as cases: each adds one below the line, and what is said above it.
    """
    table, known = ask.columns.tables.moves, ask.columns.tables.words.known
    return Cases(
        pick(table.project, moves),
        above,
        [1] * len(moves),
        pick(table.at, moves),
        groups={"transition": pick(known, pick(table.transition, moves))},
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
    loops = moves_in(ask, "loop")
    return _cases(ask, loops, [1] * len(loops))


@kpi("override_rate", share)
def override_rate(ask: Ask) -> Cases:
    """
    Find the moves of the period: above the line those that passed a guard on somebody's word.
    """
    moves = moves_in(ask)
    return _cases(ask, moves, above(pick(ask.columns.tables.moves.overrides, moves), 0))


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

    def fits(lifecycle: int, source: int, target: int) -> int:
        ways = allowed.get(names[lifecycle])
        return NONE if ways is None else int((source, target) in ways)

    taken = moves_in(ask)
    sides = pick(of, pick(moves.project, taken)), pick(moves.source, taken), pick(moves.target, taken)
    found = mapped(fits, *sides)
    known = having(numbered(found), found, (0, 1))
    return _cases(ask, pick(taken, known), pick(found, known))


@kpi("gate_first_pass_rate", share)
def gate_first_pass_rate(ask: Ask) -> Cases:
    """
    Find the first attempt at each transition in each stay, where it was in the period: above the line if it passed.
    """
    no_params(ask.params)
    columns = ask.columns
    if not columns.source.refusals:
        return Cases(reason="refusals_not_recorded")
    known, found = columns.tables.words.known, gates(columns)
    every = range(len(found.row)) if columns.computed is None else columns.computed.vector(range(len(found.row)))
    places = within(every, found.at, ask.start, ask.end)
    return Cases(
        pick(found.row, places),
        pick(found.passed, places),
        [1] * len(places),
        pick(found.at, places),
        groups={"transition": pick(known, pick(found.transition, places))},
    )


@attrs.define(eq=False, repr=False)
class Gates:
    """
    The attempts at transitions: one row for each transition in each stay at which any was made.

    Attributes:
        order: of the first, among all attempts of the project.
        row: of the project.
        transition: the number of its id.
        at: when the first was made.
        passed: whether that was accepted.
        accepted: when the last was accepted, or :data:`NEVER`.
    """

    order: array[int] = attrs.Factory(lambda: array("q"))
    row: array[int] = attrs.Factory(lambda: array("i"))
    transition: array[int] = attrs.Factory(lambda: array("i"))
    at: array[int] = attrs.Factory(lambda: array("q"))
    passed: array[int] = attrs.Factory(lambda: array("b"))
    accepted: array[int] = attrs.Factory(lambda: array("q"))

    def add(self, order: int, row: int, transition: int, at: int, accepted: int) -> int:
        """
        Add the first attempt of a stay, and return its place.
        """
        self.order.append(order)
        self.row.append(row)
        self.transition.append(transition)
        self.at.append(at)
        self.passed.append(accepted != NEVER)
        self.accepted.append(accepted)
        return len(self.row) - 1


def gates(columns: Columns) -> Gates:
    """
    Return the attempts at each transition in each stay; a hold does not end the stay that it interrupts.
    """
    return columns.derive("gates", lambda: _gates(columns))


def _gates(columns: Columns) -> Gates:
    tables, flags = columns.tables, columns.includes()
    moves, refusals, many = tables.moves, tables.refusals, len(tables.words.known)
    # Plain numbers in arrays: an object for each of a million attempts would keep the collector busy.
    stays: dict[int, tuple[list[int], list[int]]] = {row: ([], []) for row in refusals.project if flags[row]}
    if columns.computed is not None:
        accepted, keys = columns.computed.attempts(columns)
        found, places = Gates(**accepted), dict(zip(keys, range(len(keys)), strict=True)) if stays else {}
        chosen: Sequence[int] = columns.computed.among(moves.project, stays) if stays else ()
        for move in chosen:
            stays[moves.project[move]][0].append(moves.version[move])
            stays[moves.project[move]][1].append(moves.visit[move])
    else:
        found, places = _accepted(columns, stays)
    for refusal, (row, version) in enumerate(zip(refusals.project, refusals.version, strict=True)):
        transition = refusals.transition[refusal]
        if flags[row] and transition != NONE:
            versions, visits = stays[row]
            key, order = visits[bisect_right(versions, version) - 1] * many + transition, 2 * version + 1
            place = places.get(key)
            if place is None:
                places[key] = found.add(order, row, transition, refusals.at[refusal], NEVER)
            elif order < found.order[place]:
                found.order[place], found.at[place], found.passed[place] = order, refusals.at[refusal], 0
    return found


def _accepted(columns: Columns, stays: Mapping[int, tuple[list[int], list[int]]]) -> tuple[Gates, dict[int, int]]:
    """
    Return the accepted attempts, and the place of each; of the projects in *stays*, add versions and visits to it.
    """
    tables, flags = columns.tables, columns.includes()
    moves, many = tables.moves, len(tables.words.known)
    found, places, here = Gates(), dict[int, int](), array("i", [NONE]) * len(tables.projects.id)
    for move, (row, version, visit) in enumerate(zip(moves.project, moves.version, moves.visit, strict=True)):
        if flags[row] and here[row] != NONE:  # and so no opening
            at, transition = moves.at[move], moves.transition[move]
            key = here[row] * many + transition
            if key in places:
                found.accepted[places[key]] = at
            else:
                # A refusal by the version before comes earlier than the move that made this one.
                places[key] = found.add(2 * version, row, transition, at, at)
        here[row] = visit
        if row in stays:
            stays[row][0].append(version)
            stays[row][1].append(visit)
    return found, places


@kpi("review_coverage", share)
def review_coverage(ask: Ask) -> Cases:
    """
    Find the projects whose outcome was given in the period: above the line those with a retrospective.
    """
    no_params(ask.params)
    columns, rows = ask.columns, ended(ask)
    reviewed = {row for row, _ in entries_of(columns, Retrospective)}
    ends, flags = decided(columns), array("b", [0]) * len(columns.tables.projects.id)
    for row in reviewed:
        flags[row] = 1
    groups = {"class": pick(ends.class_, rows)}
    return Cases(rows, pick(flags, rows), [1] * len(rows), pick(ends.at, rows), groups=groups)
