"""
The reading half of a journal.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from threading import Lock
from typing import Any

from ..._model.commit import Key, Page, StoreCheck
from ..._model.facts import Attempt, Fact
from ..._model.project import Project
from ...errors import ForkedHandleError, StoreClosedError, StoreCorruptError, StoreError, StoreFailedError
from .._check_facts import check_facts
from .._checks import check_limit, read_cursor
from .._memory.work_methods import Working
from .payload import Part, join_parts, read_parts
from .segments import Segments
from .state import Book


class Reading(Working):
    """
    Answers from what is in memory, and from the lines of the files.
    """

    _book: Book
    _closed: bool
    _lines: Segments
    _lock: Lock
    _lost: bool
    _pending: list[bytes]
    _pending_bytes: int
    _pending_place: int
    _pid: int
    _types: Mapping[str, type[Any]]

    @contextmanager
    def _reading(self) -> Generator[None]:
        self._check_open()
        with self._lock:
            yield

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        self._check_open()
        with self._lock:  # without the helper below: every move asks this
            return self._book.index.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        with self._reading():
            return self._read(self._book.history(project_id, after, upto))

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        check_limit(limit)
        start = read_cursor(after)
        with self._reading():
            stop = min(start + limit, self._book.index.count)
        facts = tuple(self._read(range(start + 1, stop + 1)))
        return Page(facts, str(stop) if facts else after)

    def _read(self, positions: Iterable[int]) -> Iterator[Fact]:
        # The facts of one write stand on one line, which is read once for all of them.
        for place, group in groupby(positions, lambda position: self._book.places[position - 1]):
            parts = iter(self._parts(place))
            part = next(parts, None)
            for position in group:
                while part is not None and not part.holds(position):
                    part = next(parts, None)
                if part is None:
                    raise StoreCorruptError(f"{self._lines.name}, fact {position}", "another line stands in its place")
                yield part.fact(position)

    def _parts(self, place: int) -> list[Part]:
        with self._reading():
            self._check_open()  # closing waits for the lock, and its descriptor may be somebody else's after that
            if self._pending and place == self._pending_place:
                return read_parts(join_parts(self._pending), self._types, "a batch")
            raw, where = self._lines.line_at(place)
        return read_parts(self._lines.payload_of(raw, where), self._types, where)

    def find(
        self,
        *,
        stage: str | None = None,
        owner: str | None = None,
        outcome: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[Project]:
        """
        Return projects that match, ordered by id; *after* is the last id of the page before.

        Raises:
            InputError: for a limit below 1.
        """
        check_limit(limit)
        with self._reading():
            return self._book.index.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        with self._reading():
            found = self._book.index.position(key)
        return None if found is None else next(self._read((found,)))

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        with self._reading():
            places = tuple(self._book.refused.get(project_id, ()))
        found = (attempt for place in places for part in self._parts(place) for attempt in part.attempts())
        return tuple(attempt for attempt in found if attempt.project_id == project_id)

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether every project has as many facts as its head says; *deep* reads all lines and folds all facts.

        Raises:
            StoreClosedError: after :meth:`close`.
        """
        with self._reading():
            heads, count = dict(self._book.index.heads()), self._book.index.count
            problems = self._book.index.behind(self._book.lengths())
            known = self._lines.ends()
        if not deep:
            return StoreCheck(count, tuple(problems))
        problems += self._lines.damages(known)
        return check_facts(self._readable(count), heads, problems)

    def _readable(self, count: int) -> Iterator[Fact]:
        for _place, group in groupby(range(1, count + 1), lambda position: self._book.places[position - 1]):
            positions = list(group)
            try:
                yield from list(self._read(positions))
            except StoreClosedError:
                raise
            except StoreError:
                continue  # the damage was named; its projects turn out to lack facts

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError
        if os.getpid() != self._pid:
            raise ForkedHandleError
        if self._lost:
            raise StoreFailedError("a batch could not be written. Close the store; opened again, it says what it has.")
