"""
Answers questions about the projects and facts of a tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row

from salesflow import Fact, Project, replay
from salesflow.stores import adapting
from salesflow.typing import Attempt, AttemptPage, Key, Page, Predicate

from . import _sql
from ._connections import Connections
from ._cursor import read_pair, write_pair
from ._heads import Heads
from ._rows import Types, guarded, keepable, key_row, read_fact, read_project
from ._writing import stored


_PAGE: Final = 200
_LAST: Final = 2**63 - 1


class Reader:
    """
    Heads, histories, the feed and look-ups of one tenant; the store says what its methods do.

    Args:
        use: returns the connections of an open store, or raises.

    Attributes:
        heads: those that were read or written lately.
    """

    def __init__(self, tenant: str, use: Callable[[], Connections], types: Types, *, relaxed: bool) -> None:
        self.heads: Final = Heads()
        self._tenant = tenant
        self._use = use
        self._types = types
        self._relaxed = relaxed

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        connections = self._use()
        if not keepable(project_id):
            return None
        row = connections.first(_sql.HEAD, self._asked(project=project_id))
        return None if row is None else self._project(project_id, row[0])

    def _asked(self, **values: Any) -> dict[str, Any]:
        return {"tenant": self._tenant, **values}

    def _project(self, project_id: str, body: str) -> Project:
        def fold() -> Project:
            return replay(self.load(project_id))

        project = self.heads.get(project_id, body)
        if project is None:
            project = read_project(body, self._types, fold, f"the head of project {project_id!r}")
            self.heads.keep(project_id, body, project)
        return project

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order, read page by page.
        """
        self._use()
        last = _LAST if upto is None else min(upto, _LAST)
        return self._facts(project_id, max(after, 0), last) if keepable(project_id) and after < last else iter(())

    def _facts(self, project_id: str, after: int, upto: int) -> Iterator[Fact]:
        while True:
            asked = self._asked(project=project_id, after=after, upto=upto, limit=_PAGE)
            rows = self._use().read(partial(_rows_of, asked=asked))
            for row in rows:
                yield read_fact(row.body, self._types, f"version {row.version} of project {project_id!r}")
            if len(rows) < _PAGE:
                return
            after = rows[-1].version

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.
        """
        adapting.check_limit(limit)
        connections = self._use()
        xid, pos = read_pair(after) if self._relaxed else (0, adapting.read_cursor(after))
        asked = self._asked(pos=min(pos, _LAST), limit=limit)
        statement = _sql.FEED
        if self._relaxed:
            asked["xid"], statement = xid, _sql.FEED_RELAXED
        rows = connections.read(lambda connection: connection.execute(statement, asked).all())
        if not rows:
            return Page((), after)
        facts = tuple([read_fact(row.body, self._types, f"position {row.pos} of the feed") for row in rows])
        last = rows[-1]
        return Page(facts, write_pair(last.xid, last.pos) if self._relaxed else str(last.pos))

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
        connections = self._use()
        wanted = _wanted(stage=stage, owner=owner, outcome=outcome, parent=parent)

        def fetch(behind: str | None, most: int) -> Sequence[Row[Any]]:
            if not keepable(behind, *wanted.values()):
                return []
            asked = self._asked(**wanted, after=behind or "", limit=most)
            return connections.read(lambda connection: connection.execute(_sql.FIND[tuple(wanted)], asked).all())

        return adapting.select(fetch, lambda row: self._project(row.project, row.body), where, after, limit)

    def count(
        self, stage: str | None, owner: str | None, outcome: str | None, parent: str | None, where: Predicate | None
    ) -> int:
        """
        Return how many projects match.
        """
        if where is not None:
            return len(self.find(stage=stage, owner=owner, outcome=outcome, parent=parent, where=where, limit=_LAST))
        connections = self._use()
        wanted = _wanted(stage=stage, owner=owner, outcome=outcome, parent=parent)
        if not keepable(*wanted.values()):
            return 0
        asked, statement = self._asked(**wanted), _sql.HOW_MANY[tuple(wanted)]
        found: int = connections.read(lambda connection: connection.execute(statement, asked).scalar_one())
        return found

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.
        """
        connections = self._use()
        if not keepable(key.project_id, key.key):
            return None
        asked = key_row(key)
        return stored(connections.first(_sql.KEY, self._asked(**asked)), asked, self._types)

    def refusals(self, after: str, limit: int) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.
        """
        adapting.check_limit(limit)
        connections = self._use()
        xid, number = read_pair(after)
        asked = self._asked(xid=xid, id=number, limit=limit)
        statement = _sql.REFUSALS[connections.dialect]
        rows = connections.read(lambda connection: connection.execute(statement, asked).all())
        found = [guarded(row.body, adapting.decode_attempt, f"attempt {row.id}") for row in rows]
        return AttemptPage(tuple(found), write_pair(rows[-1].xid, rows[-1].id) if rows else after)

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        connections = self._use()
        if not keepable(project_id):
            return ()
        asked = self._asked(project=project_id)
        bodies = connections.read(lambda connection: connection.execute(_sql.ATTEMPTS, asked).scalars().all())
        return tuple(guarded(body, adapting.decode_attempt, f"attempt on {project_id!r}") for body in bodies)


def _rows_of(connection: Connection, asked: dict[str, Any]) -> Sequence[Row[Any]]:
    return connection.execute(_sql.FACTS, asked).all()


def _wanted(**given: str | None) -> dict[str, str]:
    return {column: value for column, value in given.items() if value is not None}
