"""
The columns of a portfolio: what happened in many projects, as tables of plain arrays.

Times are microseconds since 1970 in UTC, and :data:`NEVER` where there is none. Words that repeat (stages, outcomes,
transitions, people) are numbers of the table :class:`Words`. Rows are only ever added, in the order of the facts, so
that a table can be read while it grows, and a row's number stays what it is.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs


NEVER: Final = -(2**63)
"""The time of what did not happen."""
NONE: Final = -1
"""The number of no word, and of no row."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """
    Return an aware time as microseconds since 1970 in UTC.
    """
    return round(at.timestamp() * 1_000_000)


def moment(at: int) -> datetime:
    """
    Return the time, in UTC, of microseconds since 1970.
    """
    return _EPOCH + timedelta(microseconds=at)


def _ints() -> array[int]:
    return array("i")


def _times() -> array[int]:
    return array("q")


def _bytes() -> array[int]:
    return array("b")


@attrs.define(eq=False, repr=False)
class Words:
    """
    Words by number, and numbers by word.
    """

    known: list[str] = attrs.Factory(list[str])
    numbers: dict[str, int] = attrs.Factory(dict[str, int])

    def number(self, word: str) -> int:
        """
        Return the number of a word; a new word gets a new number.
        """
        found = self.numbers.get(word)
        if found is None:
            found = self.numbers[word] = len(self.known)
            self.known.append(word)
        return found

    def find(self, word: str) -> int:
        """
        Return the number of a word, or :data:`NONE`: a question adds no word.
        """
        return self.numbers.get(word, NONE)

    def text(self, number: int) -> str | None:
        """
        Return the word of a number; ``None`` for :data:`NONE`.
        """
        return None if number == NONE else self.known[number]


@attrs.define(eq=False, repr=False)
class Projects:
    """
    One row a project, as it stands after its last fact.

    Attributes:
        id, name: of the project.
        lifecycle: number in :attr:`Tables.lifecycles`.
        opened: when it was opened.
        opened_by: who did it.
        parent: id of the project that it belongs to.
        stage, outcome: as they are.
        closed: since when it has been closed, or :data:`NEVER`.
        visit, suspended: rows of the current visit, and of the one that a hold interrupts.
        updated: the latest time of its facts.
        version: that of the last fact.
        known: since when its last fact and all before it are recorded.
        stopped: 1 where a fact was recorded later than the portfolio wants to know of.
    """

    id: list[str] = attrs.Factory(list[str])
    name: list[str] = attrs.Factory(list[str])
    lifecycle: array[int] = attrs.Factory(_ints)
    opened: array[int] = attrs.Factory(_times)
    opened_by: array[int] = attrs.Factory(_ints)
    parent: list[str | None] = attrs.Factory(list["str | None"])
    stage: array[int] = attrs.Factory(_ints)
    outcome: array[int] = attrs.Factory(_ints)
    closed: array[int] = attrs.Factory(_times)
    visit: array[int] = attrs.Factory(_ints)
    suspended: array[int] = attrs.Factory(_ints)
    updated: array[int] = attrs.Factory(_times)
    version: array[int] = attrs.Factory(_ints)
    known: array[int] = attrs.Factory(_times)
    stopped: array[int] = attrs.Factory(_bytes)


@attrs.define(eq=False, repr=False)
class Visits:
    """
    One row a visit; hold and resume continue it.

    Attributes:
        project: row of the project.
        stage: where.
        entered, left: from when to when; *left* is :data:`NEVER` while it lasts.
        outcome: that of the project when it entered.
    """

    project: array[int] = attrs.Factory(_ints)
    stage: array[int] = attrs.Factory(_ints)
    entered: array[int] = attrs.Factory(_times)
    left: array[int] = attrs.Factory(_times)
    outcome: array[int] = attrs.Factory(_ints)


@attrs.define(eq=False, repr=False)
class Holds:
    """
    One row for each time in which a hold interrupted a visit.
    """

    visit: array[int] = attrs.Factory(_ints)
    start: array[int] = attrs.Factory(_times)
    end: array[int] = attrs.Factory(_times)


@attrs.define(eq=False, repr=False)
class Moves:
    """
    One row for each opening and each transition that was taken.

    Attributes:
        project: row of the project.
        at: when.
        known: since when that and all before it of the project is recorded.
        version: the project's version that it made.
        transition, kind: those of the transition; an opening has no transition, and the kind ``open``.
        source, target: the stages; an opening has no source.
        outcome: afterwards.
        closed: whether the project was closed afterwards.
        actor: who.
        overrides: how many guards were overridden.
        visit: the visit that it led into, or left going on.
    """

    project: array[int] = attrs.Factory(_ints)
    at: array[int] = attrs.Factory(_times)
    known: array[int] = attrs.Factory(_times)
    version: array[int] = attrs.Factory(_ints)
    transition: array[int] = attrs.Factory(_ints)
    kind: array[int] = attrs.Factory(_ints)
    source: array[int] = attrs.Factory(_ints)
    target: array[int] = attrs.Factory(_ints)
    outcome: array[int] = attrs.Factory(_ints)
    closed: array[int] = attrs.Factory(_bytes)
    actor: array[int] = attrs.Factory(_ints)
    overrides: array[int] = attrs.Factory(_ints)
    visit: array[int] = attrs.Factory(_ints)


@attrs.define(eq=False, repr=False)
class Values:
    """
    One row for each time that one field got a value.

    Attributes:
        project: row of the project.
        at: when.
        known: since when that and all before it of the project is recorded.
        value: what it was set to; ``None`` where it was cleared.
    """

    project: array[int] = attrs.Factory(_ints)
    at: array[int] = attrs.Factory(_times)
    known: array[int] = attrs.Factory(_times)
    value: list[Any] = attrs.Factory(list[Any])


@attrs.define(eq=False, repr=False)
class Entries:
    """
    One row for each time that an entry of one kind was put, or taken out.

    Attributes:
        project: row of the project.
        at: when.
        known: since when that and all before it of the project is recorded.
        by: who.
        id: of the entry within its kind.
        entry: as it was put; ``None`` where it was taken out.
    """

    project: array[int] = attrs.Factory(_ints)
    at: array[int] = attrs.Factory(_times)
    known: array[int] = attrs.Factory(_times)
    by: array[int] = attrs.Factory(_ints)
    id: list[str] = attrs.Factory(list[str])
    entry: list[Any] = attrs.Factory(list[Any])


@attrs.define(eq=False, repr=False)
class EntryMoves:
    """
    One row for each transition that an entry took of its own lifecycle.
    """

    project: array[int] = attrs.Factory(_ints)
    at: array[int] = attrs.Factory(_times)
    by: array[int] = attrs.Factory(_ints)
    kind: array[int] = attrs.Factory(_ints)
    id: list[str] = attrs.Factory(list[str])
    transition: array[int] = attrs.Factory(_ints)
    source: array[int] = attrs.Factory(_ints)
    target: array[int] = attrs.Factory(_ints)


@attrs.define(eq=False, repr=False)
class Passed:
    """
    One row for each deadline that passed.

    Attributes:
        project: row of the project.
        deadline, stage: which, and of which stage.
        due, at: when it was due, and when that was noticed.
        late: whether it was noticed after the fact.
    """

    project: array[int] = attrs.Factory(_ints)
    deadline: array[int] = attrs.Factory(_ints)
    stage: array[int] = attrs.Factory(_ints)
    due: array[int] = attrs.Factory(_times)
    at: array[int] = attrs.Factory(_times)
    late: array[int] = attrs.Factory(_bytes)


@attrs.define(eq=False, repr=False)
class Refusals:
    """
    One row for each refused attempt.

    Attributes:
        project: row of the project.
        at: when.
        version: the project's version that refused it.
        actor, trigger, transition: who tried what; no transition where none was open.
        codes: ``use_id:code`` of what blocked.
    """

    project: array[int] = attrs.Factory(_ints)
    at: array[int] = attrs.Factory(_times)
    version: array[int] = attrs.Factory(_ints)
    actor: array[int] = attrs.Factory(_ints)
    trigger: array[int] = attrs.Factory(_ints)
    transition: array[int] = attrs.Factory(_ints)
    codes: list[tuple[str, ...]] = attrs.Factory(list[tuple[str, ...]])


@attrs.define(eq=False, repr=False)
class Tables:
    """
    All tables of a portfolio.

    Attributes:
        words: the words that the columns have numbers of.
        lifecycles: ids and versions, in the order in which they were met.
        rows: the row of each project by its id.
        spawned: the ids of projects that the project which is their parent spawned.
        fields: the values of each field.
        entries: the entries of each kind.
    """

    words: Words = attrs.Factory(Words)
    lifecycles: list[tuple[str, str]] = attrs.Factory(list[tuple[str, str]])
    rows: dict[str, int] = attrs.Factory(dict[str, int])
    spawned: set[str] = attrs.Factory(set[str])
    projects: Projects = attrs.Factory(Projects)
    visits: Visits = attrs.Factory(Visits)
    holds: Holds = attrs.Factory(Holds)
    moves: Moves = attrs.Factory(Moves)
    fields: dict[str, Values] = attrs.Factory(dict[str, Values])
    entries: dict[str, Entries] = attrs.Factory(dict[str, Entries])
    entry_moves: EntryMoves = attrs.Factory(EntryMoves)
    passed: Passed = attrs.Factory(Passed)
    refusals: Refusals = attrs.Factory(Refusals)


def columns(table: object) -> Iterator[tuple[str, Any]]:
    """
    Yield the columns of a table with their names, in order.
    """
    for name in attrs.fields_dict(type(table)):  # type: ignore[arg-type]
        yield name, getattr(table, name)
