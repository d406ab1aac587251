"""
What is read from a SQLite file: heads, histories, the feed, and look-ups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product
from operator import itemgetter
from sqlite3 import Cursor
from typing import Any, Final, Unpack

import attrs

from ..._codec.facts import decode_attempt
from ..._codec.project import decode_project, keep_head
from ..._model.commit import AttemptPage, Key, Page
from ..._model.facts import Attempt, Fact
from ..._model.fold import evolve, replay
from ..._model.project import Project
from ..._model.query import NAMED, Asked, Order, Position, Query, make_order, ordered
from ...errors import InputError, KeyReusedError, SchemaMismatchError, StoreCorruptError, say
from ..adapting import check_limit, every, read_cursor, read_fact, read_page, read_text, select
from .database import LARGEST, Database, bound, micros


_FACTS: Final = 500  # read at a time, so that no reader holds on to an old state for long
_LOOKED_UP: Final = ("stage", "owner", "outcome", "closed")

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
FEED: Final = """
    SELECT position, project, version, body FROM sf_facts
    WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?
"""
CHOICES: Final = tuple(product((False, True), repeat=len(_LOOKED_UP)))
COLUMNS: Final = {
    "id": "project", "opened_at": "opened", "closed_at": "closed", "stage": "stage", "owner": "owner",
}  # fmt: skip
"""What can be ordered along an index."""
_MAY_LACK: Final = ("closed", "owner")


def some(names: Iterable[Any], chosen: tuple[bool, ...]) -> list[Any]:
    """
    Return the items that are chosen; they stand for stage, owner, outcome and closing.
    """
    return [name for name, taken in zip(names, chosen, strict=True) if taken]


def columns_equal(chosen: tuple[bool, ...]) -> list[str]:
    """
    Return ``stage = ?`` and so on for the columns that are chosen.
    """
    return [name + " = ?" for name in some(_LOOKED_UP, chosen)]


def conditions(query: Query, tenant: str) -> tuple[str, list[Any]]:
    """
    Return what a statement asks of heads, but for the predicate over fields, and the values.
    """
    asked: dict[str, Any] = {"tenant = ?": tenant}
    asked |= {f"{name} = ?": bound(value) for name in NAMED if (value := getattr(query, name)) is not None}
    if query.closed_between is not None:
        start, end = map(micros, query.closed_between)
        asked |= {"closed >= ?": start, "closed < ?": end}
    return " AND ".join(asked), list(asked.values())


def page_of(asked: str, order: Order, *, begun: bool, lacking: bool = False) -> str:
    """
    Return the statement that reads a page of heads along an index.

    Args:
        begun: whether it goes on behind a position.
        lacking: whether it reads those without a value, which come last.
    """
    column = COLUMNS[order.key]
    along = "project" if lacking or column == "project" else f"{column}, project"
    sign, direction = ("<", "DESC") if order.descending else (">", "ASC")
    if column in _MAY_LACK:
        asked += f" AND {column} IS {'NULL' if lacking else 'NOT NULL'}"
    if begun:
        asked += f" AND ({along}) {sign} ({', '.join('?' * (along.count(',') + 1))})"
    turned = along.replace(",", f" {direction},")
    return (
        f"SELECT project, version, folded, body, {column} FROM sf_heads "  # noqa: S608 -- columns from here
        f"WHERE {asked} ORDER BY {turned} {direction} LIMIT ?"
    )


class Reader:
    """
    Reads the facts and heads of one tenant; the store says what its methods do.

    Args:
        heads: those that the store has seen; each is used only while the file has its version, and the database is
            not broken.
    """

    def __init__(self, db: Database, tenant: str, types: Mapping[str, type[Any]], heads: dict[str, Project]) -> None:
        self._heads = heads
        self._db = db
        self._tenant = tenant
        self._types = types

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        row = self._db.glance(HEAD, (self._tenant, bound(project_id)))
        return None if row is None else self._folded(*row)

    def _folded(self, project_id: str, version: int, folded: int, text: str) -> Project:
        """
        Return the head at *version*: what its text says, and the facts behind that.
        """
        known = self._heads.get(project_id)
        if known is not None and known.version == version and self._db.broken is None:
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
        keep_head(self._heads, project)
        return project

    def _followed(self, project: Project, version: int, place: str) -> Project:
        for fact in self.load(project.id, after=project.version, upto=version):
            if fact.version != project.version + 1:
                break
            project = evolve(project, fact)
        if project.version != version:
            raise StoreCorruptError(place, say("corrupt.version", version=version, last=project.version))
        return project

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        low, high = _within(after), LARGEST if upto is None else _within(upto)
        rows = self._versions(project_id, low, high)
        while rows:
            for version, text in rows:
                yield self._fact((0, project_id, version, text))
            rows = self._versions(project_id, rows[-1][0], high) if len(rows) == _FACTS else []

    def _versions(self, project_id: str, low: int, high: int) -> list[tuple[int, str]]:
        asked = self._tenant, bound(project_id), low, high, _FACTS
        return self._db.read(lambda cursor: cursor.execute(LOAD, asked).fetchall())

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.
        """
        check_limit(limit)
        facts, end = read_page(self._rows(FEED, limit), self._fact, _within(read_cursor(after)), itemgetter(0))
        return Page(facts, str(end) if end else after)

    def _rows(self, statement: str, limit: int) -> Callable[[int], list[Any]]:
        """
        Return what reads the next rows behind a number.
        """
        return lambda behind: self._db.read(
            lambda cursor: cursor.execute(statement, (self._tenant, behind, _within(limit))).fetchall()
        )

    def _fact(self, row: tuple[int, str, int, str]) -> Fact:
        _, project_id, version, text = row
        return read_fact(text, self._types, f"{self._db.name}, project {project_id!r}, version {version}")

    def find(
        self,
        *,
        order_by: str | None = None,
        after: str | Project | None = None,
        limit: int = 100,
        **asked: Unpack[Asked],
    ) -> list[Project]:
        """
        Return projects that match, in order; *after* is the last of the page before.
        """
        check_limit(limit)
        query, order = Query(**asked), make_order(order_by, after)
        if order.key not in COLUMNS:
            return ordered(every(self.find, asked), order, limit)

        def fetch(behind: Position | None, most: int) -> list[Any]:
            return self._db.read(lambda cursor: self._page(cursor, query, order, behind, _within(most)))

        behind = None if order.behind is None else (_kept(order.behind[0]), bound(order.behind[1]))
        return select(fetch, lambda row: self._folded(*row[:4]), query, behind, limit, itemgetter(4, 0))

    def _page(self, cursor: Cursor, query: Query, order: Order, behind: Any, most: int) -> list[Any]:
        asked, values = conditions(query, self._tenant)
        rows: list[Any] = []

        def read(begin: Sequence[Any], *, lacking: bool = False) -> None:
            statement = page_of(asked, order, begun=bool(begin), lacking=lacking)
            rows.extend(cursor.execute(statement, (*values, *begin, most - len(rows))).fetchall())

        if behind is None or behind[0] is not None:
            read(() if behind is None else behind[1:] if order.key == "id" else behind)
            behind = None
        if COLUMNS[order.key] in _MAY_LACK and len(rows) < most:
            read(() if behind is None else behind[1:], lacking=True)
        return rows

    def count(self, query: Query) -> int:
        """
        Return how many projects match.
        """
        if query.where is not None:
            return sum(1 for _ in every(self.find, attrs.asdict(query, recurse=False)))
        asked, values = conditions(query, self._tenant)
        statement = "SELECT count(*) FROM sf_heads WHERE " + asked  # noqa: S608 -- columns from here
        found: int = self._db.read(lambda cursor: cursor.execute(statement, values).fetchone()[0])
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

        def read(row: tuple[int, str]) -> Attempt:
            return read_text(row[1], decode_attempt, f"{self._db.name}, attempt {row[0]}")

        attempts, end = read_page(self._rows(REFUSALS, limit), read, _within(read_cursor(after)), itemgetter(0))
        return AttemptPage(attempts, str(end) if end else after)


def _kept(value: Any) -> Any:
    """
    Return a value as its column keeps it.
    """
    if isinstance(value, datetime):
        return micros(value)
    return bound(value) if isinstance(value, str) else value


def _within(number: int) -> int:
    try:
        return max(0, min(number, LARGEST))
    except (TypeError, ArithmeticError):
        raise InputError("version", number, say("input.whole")) from None
