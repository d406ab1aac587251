"""
The KPIs of the process: loops, gates passed at the first attempt, overrides, moves that fit, reviews.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

import attrs

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
    known, found = columns.tables.words.known, gates(columns)
    places = [place for place, at in enumerate(found.at) if ask.start <= at < ask.end]
    return Cases(
        [found.row[place] for place in places],
        [found.passed[place] for place in places],
        [1] * len(places),
        [found.at[place] for place in places],
        groups={"transition": [known[found.transition[place]] for place in places]},
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
