"""
Columns that numpy computes with. Only this module imports it, and it is loaded when a figure is asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

import numpy as np

from .._model.values import Money
from ._cases import Cases
from ._columns import Columns
from ._compute import STATE, field_named
from ._decisions import UNDECIDED, Decided
from ._periods import UNITS, Period, periods_in
from ._stays import stays
from ._tables import NEVER, NONE, Values, Words, micros, moment
from ._vectors import Vector


_HALF: Final = 2**32


def vector(rows: Sequence[int]) -> Numbers:
    """
    Return rows as a vector.
    """
    return Numbers(np.array(rows, np.int64))


def _array(column: Sequence[Any]) -> Any:
    """
    Return a column as an array: of numbers, or of objects. What can grow is copied, as it cannot grow while it is lent.
    """
    if isinstance(column, Numbers):
        return column.array
    if isinstance(column, array | bytearray):
        return np.array(column)
    if isinstance(column, range):
        return np.arange(column.start, column.stop)
    found = np.empty(len(column), object)
    found[:] = column
    return found


class Numbers(Vector):
    """
    A vector over an array: of numbers, or of objects such as exact amounts.
    """

    def __init__(self, values: Any) -> None:
        self.array = values

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.tolist())

    @overload
    def __getitem__(self, place: int, /) -> Any: ...

    @overload
    def __getitem__(self, place: slice, /) -> Numbers: ...

    def __getitem__(self, place: int | slice, /) -> Any:
        if isinstance(place, slice):
            return Numbers(self.array[place])
        found = self.array[place]
        return found if self.array.dtype == object else int(found)

    def pick(self, column: Sequence[Any]) -> Numbers:
        if isinstance(column, (list, tuple)) and len(column) > len(self):
            return Numbers(_array([column[place] for place in self]))  # cheaper than all of it as an array
        return Numbers(_array(column)[self.array])

    def within(self, times: Sequence[int], start: int, end: int) -> Numbers:
        found = _array(times)[self.array]
        return Numbers(self.array[(found >= start) & (found < end)])

    def having(self, column: Sequence[int], wanted: Collection[int]) -> Numbers:
        found = _array(column)[self.array]
        kept = np.zeros(len(found), bool)
        for each in wanted:
            kept |= found == each
        return Numbers(self.array[kept])

    def same(self, value: int) -> Numbers:
        return Numbers((self.array == value).astype(np.int64))

    def above(self, least: int) -> Numbers:
        return Numbers((self.array > least).astype(np.int64))

    def mapped(self, make: Callable[..., int], others: Sequence[Sequence[int]]) -> Numbers:
        columns = [self.array, *[_array(each) for each in others]]
        keys, many = np.zeros(len(self.array), np.int64), 1
        for column in columns:
            low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
            keys, many = keys * (high - low + 1) + (column - low), many * (high - low + 1)
        _, firsts, places = np.unique(keys, return_index=True, return_inverse=True)
        made = [make(*[int(column[first]) for column in columns]) for first in firsts.tolist()]
        return Numbers(np.array(made, np.int64)[places])

    def places(self) -> Numbers:
        return Numbers(np.arange(len(self.array)))

    def followed(self, others: Sequence[Sequence[Any]]) -> Numbers:
        return Numbers(np.concatenate([self.array, *[_array(each) for each in others]]))

    def less(self, other: Sequence[int]) -> Numbers:
        return Numbers(self.array.astype(np.int64) - _array(other))

    def times(self, factors: Sequence[int]) -> Numbers:
        return Numbers(np.where(_array(factors) == 1, self.array, 0))

    def filled(self) -> Numbers:
        return Numbers(np.flatnonzero(np.array([each is not None for each in self.array.tolist()], bool)))

    def placed(self, count: int, values: Sequence[Any]) -> Numbers:
        found = np.full(count, None, object)
        found[self.array] = _array(values)
        return Numbers(found)

    def total(self) -> Any:
        if self.array.dtype == object:
            return sum(self.array.tolist())
        # In two halves, as the sum of times may need more than 64 bits.
        high, low = np.divmod(self.array.astype(np.int64), _HALF)
        return int(high.sum()) * _HALF + int(low.sum())

    def ordered(self) -> Numbers:
        return Numbers(np.sort(self.array))


def _last(table: Values, count: int, until: Sequence[int] | None) -> Any:
    """
    Return the last row of a table for each project, of those that are not later than a time of its own; -1 for none.
    """
    project, places = _array(table.project), np.arange(len(table.project))
    if until is not None:
        limits = np.array(until, np.int64) if isinstance(until, list) else _array(until)
        kept = _array(table.at) <= limits[project]
        project, places = project[kept], places[kept]
    found = np.full(count, -1)
    found[project] = places  # of several rows of a project the last stays
    return found


def values_at(table: Values, count: int, until: Sequence[int] | None) -> list[Any]:
    """
    Return the value that a field had in each project, now or at a time of its own.
    """
    found: list[Any] = _array([*table.value, None])[_last(table, count, until)].tolist()
    return found


def amounts_at(
    columns: Columns, table: Values, rows: Sequence[int], until: Sequence[int] | None
) -> tuple[Numbers, Sequence[str]]:
    """
    Return the amounts of projects, ``None`` where there is none, and the currencies of those that are there.
    """
    amounts, codes, names = columns.derive(("amounts", id(table)), lambda: _amounts(table))
    wanted = rows if isinstance(rows, Numbers) else vector(rows)
    places = _last(table, len(columns.tables.projects.id), until)[wanted.array]
    found = np.unique(codes[places])
    numbers: list[int] = found.tolist()
    return Numbers(amounts[places]), [names[each] for each in numbers if each != NONE]


def _amounts(table: Values) -> tuple[Any, Any, Sequence[str]]:
    words, amounts = Words(), list[Any]()
    codes = array("i")
    for value in (*table.value, None):
        money = isinstance(value, Money)
        amounts.append(value.amount if money else None)
        codes.append(words.number(value.currency) if money else NONE)
    return _array(amounts), _array(codes), words.known


def rows_of(project: Sequence[int], flags: Sequence[int]) -> Numbers:
    """
    Return the rows of a table whose projects are flagged.
    """
    return Numbers(np.flatnonzero(_array(flags)[_array(project)]))


def attempts(columns: Columns) -> tuple[Mapping[str, array[int]], Sequence[int]]:
    """
    Return the accepted attempts at each transition in each stay, as ``gates`` collects them, and a key of each.
    """
    moves, many, count = columns.tables.moves, len(columns.tables.words.known), len(columns.tables.moves.project)
    project, visit = _array(moves.project), _array(moves.visit).astype(np.int64)
    order = _by_project(columns)
    follows = np.append(False, project[order][1:] == project[order][:-1])[:count]
    here = np.full(count, NONE)
    here[order[follows]] = visit[order[np.flatnonzero(follows) - 1]]
    taken = np.flatnonzero((here != NONE) & (_array(columns.includes())[project] != 0))
    keys = here[taken] * many + _array(moves.transition)[taken]
    known, firsts, places = np.unique(keys, return_index=True, return_inverse=True)
    accepted = np.full(len(known), NEVER)
    accepted[places] = _array(moves.at)[taken]  # the last stays
    in_order = np.argsort(firsts)
    chosen = taken[firsts[in_order]]
    found = {
        "order": ("q", 2 * _array(moves.version)[chosen].astype(np.int64)),
        "row": ("i", project[chosen]),
        "transition": ("i", _array(moves.transition)[chosen]),
        "at": ("q", _array(moves.at)[chosen]),
        "passed": ("b", np.ones(len(chosen), np.int8)),
        "accepted": ("q", accepted[in_order]),
    }
    return {name: array(code, each.tobytes()) for name, (code, each) in found.items()}, known[in_order].tolist()


def stage_totals(columns: Columns) -> Sequence[Numbers]:
    """
    Return the columns of what each project spent in each stage, as ``_totals`` collects them visit by visit.
    """
    visits, times, many = columns.tables.visits, stays(columns), len(columns.tables.words.known)
    chosen = np.flatnonzero(_array(columns.includes())[_array(visits.project)] != 0)
    project, stage = _array(visits.project)[chosen], _array(visits.stage)[chosen]
    _, firsts, places = np.unique(project.astype(np.int64) * many + stage, return_index=True, return_inverse=True)
    in_order = np.argsort(firsts)
    firsts = firsts[in_order]
    found = [Numbers(project[firsts]), Numbers(stage[firsts]), Numbers(_array(visits.entered)[chosen[firsts]])]
    for each in (times.lasted, times.held, times.going_on):
        sums = np.zeros(len(in_order), np.int64)
        np.add.at(sums, places, _array(each)[chosen])
        found.append(Numbers(sums[in_order]))
    return found


def lasted(columns: Columns) -> tuple[array[int], array[int]]:
    """
    Return how long each visit lasted, and 1 where it goes on.
    """
    entered, left = (_array(each) for each in (columns.tables.visits.entered, columns.tables.visits.left))
    took = np.maximum(np.where(left == NEVER, columns.source.now, left) - entered, 0)
    return array("q", took.tobytes()), array("b", (left == NEVER).astype(np.int8).tobytes())


def among(column: Sequence[int], wanted: Collection[int]) -> list[int]:
    """
    Return the places at which a column has one of some numbers.
    """
    found: list[int] = np.flatnonzero(np.isin(_array(column), list(wanted))).tolist()
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
    rows = _whole(cases.rows)
    if own is not None:
        return _numbered(own)
    if by in UNITS and at is not None:
        times, zone = _whole(at), columns.zone
        if not len(times):
            return times
        span = Period(moment(int(times.min())), moment(int(times.max()) + 1))
        starts = [micros(each.start) for each in periods_in(span, by, zone)]
        find: Any = np.searchsorted  # its type is only partly known
        return find(np.array(starts), times, "right")
    if by in STATE:
        return columns.derive(("alike", by), lambda: _numbered(columns.state(by)))[rows]
    table = columns.tables.fields.get(field_named(columns, by) or "", Values())
    known = columns.derive(("alike", id(table)), lambda: _numbered([*table.value, None]))
    if at is None:
        return known[_last(table, len(columns.tables.projects.id), None)[rows]]
    return known[_last_at(table, len(columns.tables.projects.id), rows, _whole(at))]


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


def _numbered(values: Iterable[Any]) -> Any:
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(each, len(numbers)) for each in values], np.int64)


def _whole(column: Sequence[int]) -> Any:
    """
    Return a column of whole numbers as an array, also where it is a list.
    """
    found = _array(column)
    return found.astype(np.int64) if found.dtype == object else found


def first_within(times: Sequence[Sequence[int]], start: int, end: int) -> Numbers:
    """
    Return the first of several columns' times that lies in a period, for each row; where there is none, NEVER.
    """
    found = np.full(len(times[0]), NEVER)
    for each in reversed(times):
        column = _array(each)
        found = np.where((column >= start) & (column < end), column, found)
    return Numbers(found)


def climb(columns: Columns, places: Mapping[int, int], counting: Collection[str]) -> tuple[Any, Sequence[Any], Any]:
    """
    Return how far projects came, and when, as ``climbs`` finds it move by move, and whose outcome was taken back.

    Of the latter nothing is right: they have to be looked at move by move.
    """
    tables, number, count = columns.tables, columns.tables.words.find, len(columns.tables.projects.id)
    project, kind, at = (_array(each) for each in (tables.moves.project, tables.moves.kind, tables.moves.at))
    codes, numbers = _codes(columns, project, _array(tables.moves.outcome))
    heights = np.zeros(len(tables.words.known) + 1, np.int64)
    heights[list(places)] = list(places.values())
    up = np.isin(kind, [number("forward"), number("open")])
    up &= np.isin(codes, [numbers[each] for each in counting if each in numbers])
    reached = np.where(up, heights[_array(tables.moves.target)], 0)
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
    return columns.derive("by project", lambda: np.argsort(_array(project), kind="stable"))


def decide(columns: Columns) -> Decided:
    """
    Return how each project ended, as ``decided`` finds it move by move.
    """
    tables, number, count = columns.tables, columns.tables.words.find, len(columns.tables.projects.id)
    project, by_project = _array(tables.moves.project), _by_project(columns)
    project, outcome = project[by_project], _array(tables.moves.outcome)[by_project]
    kind = _array(tables.moves.kind)[by_project]
    begins = np.append(True, project[1:] != project[:-1])[: len(project)]
    reopened = kind == number("reopen")
    changed = begins | reopened | np.append(True, outcome[1:] != outcome[:-1])[: len(project)]
    codes, numbers = _codes(columns, project, outcome)
    event = np.flatnonzero(changed)
    project, kind, reopened = project[event], kind[event], reopened[event]
    codes = np.where(reopened, 0, codes[event])
    at, source = (_array(each)[by_project][event] for each in (tables.moves.at, tables.moves.source))
    won, over = (numbers.get(each, NONE) for each in ("won", "terminated"))
    # The event before that is no termination: one that follows a win leaves the project won.
    before = np.maximum.accumulate(np.where(codes == over, -1, np.arange(len(codes))))
    follows = (codes == over) & (before >= 0) & (project[before] == project) & (codes[before] == won)
    stage = _array(tables.projects.stage)
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
    names = _array(list(numbers))
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
    keys = _array(columns.tables.projects.lifecycle)[project].astype(np.int64) * many + outcome
    known, places = np.unique(keys, return_inverse=True)
    numbers = {UNDECIDED: 0}
    classes = [columns.class_of(*divmod(key, many)) for key in known.tolist()]
    found = [numbers.setdefault(name, len(numbers)) for name in classes]
    return np.array(found, np.int64)[places], numbers
