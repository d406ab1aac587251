"""
What is read from a SQLite file: heads, histories, the feed, and look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from sqlite3 import Cursor
from typing import Any, Final

from ..._codec.facts import decode_attempt
from ..._codec.project import decode_project
from ..._model.commit import AttemptPage, Key, Page
from ..._model.facts import Attempt, Fact
from ..._model.predicate import Predicate
from ..._model.project import Project, evolve, replay
from ...errors import InputError, KeyReusedError, SchemaMismatchError, StoreCorruptError, say
from ..adapting import check_limit, read_cursor, read_fact, read_text, select
from .database import LARGEST, Database, bound


_FACTS: Final = 500  # read at a time, so that no reader holds on to an old state for long
_HEADS: Final = 4096  # kept decoded
_LOOKED_UP: Final = ("stage", "owner", "outcome")

VERSION: Final = "SELECT version FROM sf_heads WHERE tenant = ? AND project = ?"
HEAD: Final = "SELECT project, version, folded, body FROM sf_heads WHERE tenant = ? AND project = ?"
FIND_KEY: Final = """
    SELECT k.fingerprint, f.body FROM sf_keys AS k
    JOIN sf_facts AS f ON f.tenant = k.tenant AND f.position = k.position
    WHERE k.tenant = ? AND k.project = ? AND k.key = ?
"""
ATTEMPTS: Final = "SELECT body FROM sf_attempts WHERE tenant = ? AND project = ? ORDER BY number"
REFUSALS: Final = "SELECT number, body FROM sf_attempts WHERE tenant = ? AND number > ? ORDER BY number LIMIT ?"
LOAD: Final = """
    SELECT version, body FROM sf_facts
    WHERE tenant = ? AND project = ? AND version > ? AND version <= ? ORDER BY version LIMIT ?
"""
FEED: Final = "SELECT position, body FROM sf_facts WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?"
CHOICES: Final = tuple(product((False, True), repeat=len(_LOOKED_UP)))


def some(names: Iterable[Any], chosen: tuple[bool, ...]) -> list[Any]:
    """
    Return the items that are chosen; they stand for stage, owner and outcome.
    """
    return [name for name, taken in zip(names, chosen, strict=True) if taken]


def columns_equal(chosen: tuple[bool, ...], columns: Sequence[str] = _LOOKED_UP) -> list[str]:
    """
    Return ``stage = ?`` and so on for the columns that are chosen.
    """
    return [name + " = ?" for name in some(columns, chosen)]


def _find(chosen: tuple[bool, ...]) -> str:
    asked = " AND ".join(["tenant = ?", *columns_equal(chosen, _ASKED), "project > ?"])
    return "SELECT project, version, folded, body FROM sf_heads WHERE " + asked + " ORDER BY project LIMIT ?"  # noqa: S608 -- columns from here


def _count(chosen: tuple[bool, ...]) -> str:
    asked = " AND ".join(["tenant = ?", *columns_equal(chosen, _ASKED)])
    return "SELECT count(*) FROM sf_heads WHERE " + asked  # noqa: S608 -- columns from here


_ASKED: Final = (*_LOOKED_UP, "parent")
_QUESTIONS: Final = tuple(product((False, True), repeat=len(_ASKED)))
FINDS: Final[Mapping[tuple[bool, ...], str]] = {chosen: _find(chosen) for chosen in _QUESTIONS}
COUNTS: Final[Mapping[tuple[bool, ...], str]] = {chosen: _count(chosen) for chosen in _QUESTIONS}
"""Statements by which of stage, owner, outcome and parent are asked for."""


class Reader:
    """
    Reads the facts and heads of one tenant; the store says what its methods do.

    Attributes:
        heads: as they were last seen here; each is used only while the file has its version.
    """

    def __init__(self, db: Database, tenant: str, types: Mapping[str, type[Any]]) -> None:
        self.heads: Final[dict[str, Project]] = {}
        self._db = db
        self._tenant = tenant
        self._types = types

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        asked = self._tenant, bound(project_id)
        known = self.heads.get(project_id)
        if known is not None:
            row = self._db.glance(VERSION, asked)
            if row is not None and row[0] == known.version:
                return known
        row = self._db.glance(HEAD, asked)
        return None if row is None else self._folded(*row)

    def _folded(self, project_id: str, version: int, folded: int, text: str) -> Project:
        """
        Return the head at *version*: what its text says, and the facts behind that.
        """
        known = self.heads.get(project_id)
        if known is not None and known.version == version:
            return known
        place = f"{self._db.name}, head of project {project_id!r}"
        try:
            project = read_text(text, lambda data: decode_project(data, self._types), place)
        except SchemaMismatchError:
            # Another version of salesflow wrote it; facts are upgraded on read, heads are folded again.
            project = replay(self.load(project_id, upto=version))
        else:
            if folded < version:
                project = self._followed(project, version, place)
        self.keep(project)
        return project

    def _followed(self, project: Project, version: int, place: str) -> Project:
        for fact in self.load(project.id, after=project.version, upto=version):
            if fact.version != project.version + 1:
                break
            project = evolve(project, fact)
        if project.version != version:
            raise StoreCorruptError(place, say("corrupt.version", version=version, last=project.version))
        return project

    def keep(self, project: Project) -> None:
        """
        Keep a head that was read or written; now and then all are forgotten, so that memory stays bounded.
        """
        if len(self.heads) >= _HEADS:
            self.heads.clear()
        self.heads[project.id] = project

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        low, high = _within(after), LARGEST if upto is None else _within(upto)
        rows = self._versions(project_id, low, high)
        while rows:
            for version, text in rows:
                yield read_fact(text, self._types, f"{self._db.name}, project {project_id!r}, version {version}")
            rows = self._versions(project_id, rows[-1][0], high) if len(rows) == _FACTS else []

    def _versions(self, project_id: str, low: int, high: int) -> list[tuple[int, str]]:
        asked = self._tenant, bound(project_id), low, high, _FACTS
        return self._db.read(lambda cursor: cursor.execute(LOAD, asked).fetchall())

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.
        """
        check_limit(limit)
        asked = self._tenant, _within(read_cursor(after)), _within(limit)
        rows = self._db.read(lambda cursor: cursor.execute(FEED, asked).fetchall())
        facts = [read_fact(text, self._types, f"{self._db.name}, position {position}") for position, text in rows]
        return Page(tuple(facts), str(rows[-1][0]) if rows else after)

    def find(
        self,
        *,
        stage: str | None = None,
        owner: str | None = None,
        outcome: str | None = None,
        parent: str | None = None,
        where: Predicate | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[Project]:
        """
        Return projects that match, ordered by id; *after* is the last id of the page before.
        """
        wanted = stage, owner, outcome, parent
        chosen = tuple([value is not None for value in wanted])

        def fetch(behind: str | None, most: int) -> list[Any]:
            asked = self._tenant, *map(bound, some(wanted, chosen)), bound(behind or ""), _within(most)
            return self._db.read(lambda cursor: cursor.execute(FINDS[chosen], asked).fetchall())

        return select(fetch, lambda row: self._folded(*row), where, after, limit)

    def count(
        self, stage: str | None, owner: str | None, outcome: str | None, parent: str | None, where: Predicate | None
    ) -> int:
        """
        Return how many projects match.
        """
        if where is not None:
            return len(self.find(stage=stage, owner=owner, outcome=outcome, parent=parent, where=where, limit=LARGEST))
        wanted = stage, owner, outcome, parent
        chosen = tuple([value is not None for value in wanted])
        asked = self._tenant, *map(bound, some(wanted, chosen))
        found: int = self._db.read(lambda cursor: cursor.execute(COUNTS[chosen], asked).fetchone()[0])
        return found

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.
        """
        return self._db.read(lambda cursor: self.stored(cursor, key))

    def stored(self, cursor: Cursor, key: Key) -> Fact | None:
        """
        Return the same inside a transaction.
        """
        asked = self._tenant, bound(key.project_id), bound(key.key)
        row = cursor.execute(FIND_KEY, asked).fetchone()
        if row is None:
            return None
        fingerprint, text = row
        if not key.accepts(fingerprint):
            raise KeyReusedError(key.project_id, key.key)
        return read_fact(text, self._types, f"{self._db.name}, fact of key {key.key!r} of project {key.project_id!r}")

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        asked = self._tenant, bound(project_id)
        rows = self._db.read(lambda cursor: cursor.execute(ATTEMPTS, asked).fetchall())
        place = f"{self._db.name}, attempts on project {project_id!r}"
        return tuple(read_text(text, decode_attempt, place) for (text,) in rows)

    def refusals(self, after: str, limit: int) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.
        """
        check_limit(limit)
        asked = self._tenant, _within(read_cursor(after)), _within(limit)
        rows = self._db.read(lambda cursor: cursor.execute(REFUSALS, asked).fetchall())
        place = f"{self._db.name}, attempt"
        attempts = [read_text(text, decode_attempt, f"{place} {number}") for number, text in rows]
        return AttemptPage(tuple(attempts), str(rows[-1][0]) if rows else after)


def _within(number: int) -> int:
    try:
        return max(0, min(number, LARGEST))
    except (TypeError, ArithmeticError):
        raise InputError("version", number, "It must be a whole number.") from None
