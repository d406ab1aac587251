"""
The columns that figures need, computed as whole arrays with numpy, with the same results as case by case.

It is loaded when a figure of a large portfolio is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import attrgetter
from typing import Any

import numpy as np

from .._model.values import Money
from ._cases import Cases
from ._columns.arrays import HALF, Numbers, as_array, distinct, is_one_of, is_there, numbered, vector, whole_numbers
from ._columns.columns import Columns
from ._columns.decisions import UNDECIDED, Decided
from ._columns.periods import UNITS, Period, periods_in
from ._columns.tables import NEVER, NONE, Moves, Values, micros, moment
from ._compute import STATE, field_named
from ._formulas.stays import stays


def _last(table: Values, count: int, until: Sequence[int] | None) -> Any:
    """
    Return the last row of a table for each project, of those that are not later than a time of its own; -1 for none.
    """
    project, places = as_array(table.project), np.arange(len(table.project))
    if until is not None:
        limits = np.array(until, np.int64) if isinstance(until, list) else as_array(until)
        kept = as_array(table.at) <= limits[project]
        project, places = project[kept], places[kept]
    found = np.full(count, -1)
    found[project] = places  # of several rows of a project the last stays
    return found


def values_at(table: Values, count: int, until: Sequence[int] | None) -> list[Any]:
    """
    Return the value that a field had in each project, now or at a time of its own.
    """
    found: list[Any] = as_array([*table.value, None])[_last(table, count, until)].tolist()
    return found


def filled_at(columns: Columns, table: Values, until: Sequence[int]) -> Numbers:
    """
    Return 1 for each project in which a field had a value at a time of its own, and 0 for others.
    """

    def there() -> Any:
        return np.append(is_there(table.value), False).astype(np.int64)

    filled = columns.derive(("filled", id(table)), there)
    return Numbers(filled[_last(table, len(columns.tables.projects.id), until)])


def last_known(
    table: Moves | Values, count: int, times: Sequence[int], counts: Sequence[int] | None, *, today: bool
) -> Iterator[Numbers]:
    """
    Yield, for each of several times, the last row of a table that each project had before it, or NONE.
    """
    project, places, since = as_array(table.project), np.arange(len(table.project)), _since(table, today=today)
    if counts is not None:
        places = np.flatnonzero(as_array(counts))
        project, since = project[places], since[places]
    for each in times:
        found, kept = np.full(count, NONE), since < each
        found[project[kept]] = places[kept]  # of several rows of a project the last stays
        yield Numbers(found)


def _since(table: Moves | Values, *, today: bool) -> Any:
    return as_array(table.at) if today else np.maximum(as_array(table.at), as_array(table.known))


def first_known(table: Moves, *, today: bool) -> int:
    """
    Return the time from which on anything is known of a table that has rows.
    """
    return int(_since(table, today=today).min())


def first_visits(columns: Columns, stage: int | None) -> Numbers:
    """
    Return the row of the first visit of each project, to a stage if one is given; NONE where there is none.
    """
    visits = columns.tables.visits
    project, places = as_array(visits.project), np.arange(len(visits.project))
    if stage is not None:
        places = np.flatnonzero(as_array(visits.stage) == stage)
    found = np.full(len(columns.tables.projects.id), NONE)
    found[project[places[::-1]]] = places[::-1]  # of several visits of a project the first stays
    return Numbers(found)


def open_moves(columns: Columns) -> Numbers:
    """
    Return, for each move, 1 if the project was open after it.
    """
    moves = columns.tables.moves
    codes, _ = _codes(columns, as_array(moves.project), as_array(moves.outcome))
    return Numbers(((codes == 0) & (as_array(moves.closed) == 0)).astype(np.int64))


def amounts_at(
    columns: Columns, table: Values, rows: Sequence[int], until: Sequence[int] | None
) -> tuple[Numbers, Sequence[str]]:
    """
    Return the amounts of projects, ``None`` where there is none, and the currencies of those that are there.
    """
    wanted = vector(rows)
    return amounts_of(columns, table, Numbers(_last(table, len(columns.tables.projects.id), until)[wanted.array]))


def amounts_of(columns: Columns, table: Values, rows: Numbers) -> tuple[Numbers, Sequence[str]]:
    """
    Return the amounts in rows of a table, ``None`` where there is none, and the currencies of those that are there.
    """
    amounts, codes, names = columns.derive(("amounts", id(table)), lambda: _amounts(columns, table))
    places = rows.array
    numbers: list[int] = distinct(codes[places])[0].tolist()
    return Numbers(amounts[places]), [names[each] for each in numbers if each != NONE]


def _amounts(columns: Columns, table: Values) -> tuple[Any, Any, Sequence[str]]:
    """
    Return the amounts in a table and the numbers of their currencies, both with one more element, and the names.
    """
    nothing: tuple[Any, Any, dict[str, int]] = np.array([], object), np.array([], np.int64), {}
    amounts, codes, numbers = columns.source.grown.get(("amounts", table), nothing)
    new = table.value[len(amounts) :]
    there = [*map(isinstance, new, repeat(Money))]
    money, places = [*compress(new, there)], np.flatnonzero(np.array(there, bool))
    currencies = [*map(attrgetter("currency"), money)]
    for each in dict.fromkeys(currencies):
        numbers.setdefault(each, len(numbers))
    coded = [*map(numbers.__getitem__, currencies)]
    for_new, codes_of_new = np.full(len(new), None, object), np.full(len(new), NONE)
    for_new[places], codes_of_new[places] = as_array([*map(attrgetter("amount"), money)]), np.array(coded, np.int64)
    amounts, codes = np.append(amounts, for_new), np.append(codes, codes_of_new)
    columns.source.grown["amounts", table] = amounts, codes, numbers
    return np.append(amounts, as_array([None])), np.append(codes, NONE), [*numbers]


def rows_of(project: Sequence[int], flags: Sequence[int]) -> Numbers:
    """
    Return the rows of a table whose projects are flagged.
    """
    return Numbers(np.flatnonzero(as_array(flags)[as_array(project)]))


def attempts(columns: Columns) -> tuple[Mapping[str, array[int]], Sequence[int]]:
    """
    Return the accepted attempts at each transition in each stay, as ``gates`` collects them, and a key of each.
    """
    moves, many, count = columns.tables.moves, len(columns.tables.words.known), len(columns.tables.moves.project)
    project, visit = as_array(moves.project), as_array(moves.visit).astype(np.int64)
    order = _by_project(columns)
    follows = np.append(False, project[order][1:] == project[order][:-1])[:count]
    here = np.full(count, NONE)
    here[order[follows]] = visit[order[np.flatnonzero(follows) - 1]]
    taken = np.flatnonzero((here != NONE) & (as_array(columns.includes())[project] != 0))
    keys = here[taken] * many + as_array(moves.transition)[taken]
    known, firsts, places = distinct(keys)
    accepted = np.full(len(known), NEVER)
    accepted[places] = as_array(moves.at)[taken]  # the last stays
    in_order = np.argsort(firsts)
    chosen = taken[firsts[in_order]]
    found = {
        "order": ("q", 2 * as_array(moves.version)[chosen].astype(np.int64)),
        "row": ("i", project[chosen]),
        "transition": ("i", as_array(moves.transition)[chosen]),
        "at": ("q", as_array(moves.at)[chosen]),
        "passed": ("b", np.ones(len(chosen), np.int8)),
        "accepted": ("q", accepted[in_order]),
    }
    return {name: array(code, each.tobytes()) for name, (code, each) in found.items()}, known[in_order].tolist()


def stage_totals(columns: Columns) -> Sequence[Numbers]:
    """
    Return the columns of what each project spent in each stage, as ``_totals`` collects them visit by visit.
    """
    visits, times, many = columns.tables.visits, stays(columns), len(columns.tables.words.known)
    chosen = np.flatnonzero(as_array(columns.includes())[as_array(visits.project)] != 0)
    project, stage = as_array(visits.project)[chosen], as_array(visits.stage)[chosen]
    _, firsts, places = distinct(project.astype(np.int64) * many + stage)
    in_order = np.argsort(firsts)
    firsts = firsts[in_order]
    found = [Numbers(project[firsts]), Numbers(stage[firsts]), Numbers(as_array(visits.entered)[chosen[firsts]])]
    for each in (times.lasted, times.held, times.going_on):
        high, low = np.divmod(as_array(each)[chosen].astype(np.int64), HALF)  # the sums of either are exact as floats
        highs, lows = (np.bincount(places, part, len(in_order)).astype(np.int64) for part in (high, low))
        found.append(Numbers((highs * HALF + lows)[in_order]))
    return found


def lasted(columns: Columns) -> tuple[array[int], array[int]]:
    """
    Return how long each visit lasted, and 1 where it goes on.
    """
    entered, left = (as_array(each) for each in (columns.tables.visits.entered, columns.tables.visits.left))
    took = np.maximum(np.where(left == NEVER, columns.source.now, left) - entered, 0)
    return array("q", took.tobytes()), array("b", (left == NEVER).astype(np.int8).tobytes())


def among(column: Sequence[int], wanted: Collection[int]) -> list[int]:
    """
    Return the places at which a column has one of some numbers.
    """
    found: list[int] = np.flatnonzero(is_one_of(as_array(column), wanted)).tolist()
    return found


def grouped(columns: Columns, cases: Cases, by: str, key_at: Callable[[int], Any]) -> dict[Any, Numbers]:
    """
    Return the places of the cases of each group; the key of each is asked of one case that is like the others.
    """
    count = len(cases.rows)
    alike = _alike(columns, cases, by)
    order = np.argsort(alike, kind="stable")
    ends = np.flatnonzero(np.append(alike[order][1:] != alike[order][:-1], True)[:count]) + 1
    found: dict[Any, list[Any]] = {}
    for places in np.split(order, ends[:-1]) if count else ():
        found.setdefault(key_at(int(places[0])), []).append(places)
    return {key: Numbers(np.sort(np.concatenate(each))) for key, each in found.items()}


def _alike(columns: Columns, cases: Cases, by: str) -> Any:
    """
    Return a number for each case, the same only for cases of the same group.
    """
    own, at = cases.groups.get(by), cases.at
    rows = whole_numbers(cases.rows)
    if own is not None:
        return numbered(own)
    if by in UNITS and at is not None:
        times, zone = whole_numbers(at), columns.zone
        if not len(times):
            return times
        span = Period(moment(int(times.min())), moment(int(times.max()) + 1))
        starts = [micros(each.start) for each in periods_in(span, by, zone)]
        find: Any = np.searchsorted  # its type is only partly known
        return find(np.array(starts), times, "right")
    if by in STATE:
        return columns.derive(("alike", by), lambda: numbered(columns.state(by)))[rows]
    table = columns.tables.fields.get(field_named(columns, by) or "", Values())
    known = columns.derive(("alike", id(table)), lambda: numbered([*table.value, None]))
    if at is None:
        return known[_last(table, len(columns.tables.projects.id), None)[rows]]
    return known[_last_at(table, len(columns.tables.projects.id), rows, whole_numbers(at))]


def _last_at(table: Values, count: int, rows: Any, times: Any) -> Any:
    """
    Return the last row of a table for each case, which has a project and a time; a project may have several cases.
    """
    found = np.full(len(rows), -1)
    left = np.arange(len(rows))
    while len(left):
        limits, turn = np.full(count, NEVER), np.full(count, -1)
        turn[rows[left]] = left
        now = turn[turn >= 0]
        limits[rows[now]] = times[now]
        found[now] = _last(table, count, Numbers(limits))[rows[now]]
        left = left[turn[rows[left]] != left]
    return found


def first_within(times: Sequence[Sequence[int]], start: int, end: int) -> Numbers:
    """
    Return the first of several columns' times that lies in a period, for each row; where there is none, NEVER.
    """
    found = np.full(len(times[0]), NEVER)
    for each in reversed(times):
        column = as_array(each)
        found = np.where((column >= start) & (column < end), column, found)
    return Numbers(found)


def climb(columns: Columns, places: Mapping[int, int], counting: Collection[str]) -> tuple[Any, Sequence[Any], Any]:
    """
    Return how far projects came, and when, as ``climbs`` finds it move by move, and whose outcome was taken back.

    Of the latter nothing is right: they have to be looked at move by move.
    """
    tables, number, count = columns.tables, columns.tables.words.find, len(columns.tables.projects.id)
    project, kind, at = (as_array(each) for each in (tables.moves.project, tables.moves.kind, tables.moves.at))
    codes, numbers = _codes(columns, project, as_array(tables.moves.outcome))
    heights = np.zeros(len(tables.words.known) + 1, np.int64)
    heights[list(places)] = list(places.values())
    up = is_one_of(kind, [number("forward"), number("open")])
    up &= is_one_of(codes, [numbers[each] for each in counting if each in numbers])
    reached = np.where(up, heights[as_array(tables.moves.target)], 0)
    times: list[array[int]] = []
    height = np.zeros(count, np.int8)
    for place in range(max(places.values(), default=0)):
        moves = np.flatnonzero(reached > place)[::-1]
        found = np.full(count, NEVER)
        found[project[moves]] = at[moves]  # of several moves of a project the first stays
        height += found != NEVER
        times.append(array("q", found.tobytes()))
    over = np.full(count, len(project))
    ended = np.flatnonzero(codes != 0)[::-1]
    over[project[ended]] = ended
    back = (codes == 0) | (kind == number("reopen"))
    undone = np.unique(project[back & (np.arange(len(project)) > over[project])])
    return array("b", height.tobytes()), times, undone.tolist()


def _by_project(columns: Columns) -> Any:
    """
    Return the rows of all moves, project by project, each project's in their order.
    """
    project = columns.tables.moves.project
    return columns.derive("by project", lambda: np.argsort(as_array(project), kind="stable"))


def decide(columns: Columns) -> Decided:
    """
    Return how each project ended, as ``decided`` finds it move by move.
    """
    tables, number, count = columns.tables, columns.tables.words.find, len(columns.tables.projects.id)
    project, by_project = as_array(tables.moves.project), _by_project(columns)
    project, outcome = project[by_project], as_array(tables.moves.outcome)[by_project]
    kind = as_array(tables.moves.kind)[by_project]
    begins = np.append(True, project[1:] != project[:-1])[: len(project)]
    reopened = kind == number("reopen")
    changed = begins | reopened | np.append(True, outcome[1:] != outcome[:-1])[: len(project)]
    codes, numbers = _codes(columns, project, outcome)
    event = np.flatnonzero(changed)
    project, kind, reopened = project[event], kind[event], reopened[event]
    codes = np.where(reopened, 0, codes[event])
    at, source = (as_array(each)[by_project][event] for each in (tables.moves.at, tables.moves.source))
    won, over = (numbers.get(each, NONE) for each in ("won", "terminated"))
    # The event before that is not a termination: a termination after a win leaves the project won.
    before = np.maximum.accumulate(np.where(codes == over, -1, np.arange(len(codes))))
    follows = (codes == over) & (before >= 0) & (project[before] == project) & (codes[before] == won)
    stage = as_array(tables.projects.stage)
    told = (codes != 0) & (kind != number("open"))
    stage[project[told]] = source[told]
    class_, (end, first, terminated) = np.zeros(count, np.int8), (np.full(count, NEVER) for _ in range(3))
    counts = ~follows
    class_[project[counts]] = codes[counts]
    end[project[counts]] = np.where(codes == 0, NEVER, at)[counts]
    wins = np.flatnonzero(counts & (codes == won))[::-1]
    first[project[wins]] = at[wins]
    again = follows | reopened
    terminated[project[again]] = np.where(follows, at, NEVER)[again]
    names = as_array(list(numbers))
    return Decided(
        names[class_].tolist(),
        array("q", end.tobytes()),
        array("q", first.tobytes()),
        array("q", terminated.tobytes()),
        array("i", stage.tobytes()),
        array("b", class_.tobytes()),
        numbers,
    )


def _codes(columns: Columns, project: Any, outcome: Any) -> tuple[Any, dict[str, int]]:
    """
    Return the number of the class of each outcome, and those of the classes.
    """
    many = len(columns.tables.words.known)
    keys = as_array(columns.tables.projects.lifecycle)[project].astype(np.int64) * many + outcome
    known, _, places = distinct(keys)
    numbers = {UNDECIDED: 0}
    classes = [columns.class_of(*divmod(key, many)) for key in known.tolist()]
    found = [numbers.setdefault(name, len(numbers)) for name in classes]
    return np.array(found, np.int64)[places], numbers
