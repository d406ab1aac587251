"""
Answers questions about the projects and facts of a tenant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final, Unpack

import attrs
from sqlalchemy import Connection, Row

from salesflow import Fact, Project, replay
from salesflow.stores import adapting
from salesflow.typing import Asked, Attempt, AttemptPage, Key, Page

from . import _sql
from ._connections import Connections
from ._cursor import read_pair, write_pair
from ._heads import Heads
from ._rows import Types, keepable, key_row, micros, read_fact, read_project
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
            yield from map(self._fact, rows)
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
        statement = _sql.FEED
        if self._relaxed:
            connections, statement = connections.outside(), _sql.FEED_RELAXED

        def fetch(behind: tuple[int, int]) -> Sequence[Row[Any]]:
            asked = self._asked(xid=behind[0], pos=behind[1], limit=limit)
            return connections.read(lambda connection: connection.execute(statement, asked).all())

        start = xid, min(pos, _LAST)
        facts, end = adapting.read_page(fetch, self._fact, start, lambda row: (row.xid, row.pos))
        if end == start:
            return Page((), after)
        return Page(facts, write_pair(*end) if self._relaxed else str(end[1]))

    def _fact(self, row: Row[Any]) -> Fact:
        return read_fact(row.body, self._types, f"version {row.version} of project {row.project!r}")

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
        adapting.check_limit(limit)
        connections = self._use()
        query, order = adapting.Query(**asked), adapting.make_order(order_by, after)
        if order.key not in _sql.COLUMNS:
            return adapting.ordered(adapting.every(self.find, asked), order, limit)

        def fetch(behind: adapting.Position | None, most: int) -> list[Row[Any]]:
            return connections.read(lambda connection: self._page(connection, query, order, behind, most))

        behind = None if order.behind is None else (_kept(order.behind[0]), order.behind[1])
        texts = [each for each in behind or () if isinstance(each, str)]
        if not keepable(*_wanted(query).values(), *texts):
            return []
        return adapting.select(
            fetch, lambda row: self._project(row.project, row.body), query, behind, limit, itemgetter(2, 0)
        )

    def _page(
        self, connection: Connection, query: adapting.Query, order: adapting.Order, behind: Any, most: int
    ) -> list[Row[Any]]:
        values, conditions = self._conditions(query)
        rows: list[Row[Any]] = []

        def read(behind: Any, *, lacking: bool = False) -> None:
            statement = _sql.page_of(conditions, order.key, order.descending, behind is not None, lacking)
            begin = {} if behind is None else {"value": behind[0], "after": behind[1]}
            rows.extend(connection.execute(statement, {**values, **begin, "limit": most - len(rows)}).all())

        if behind is None or behind[0] is not None:
            read(behind)
            behind = None
        if _sql.may_lack(order.key) and len(rows) < most:
            read(behind, lacking=True)
        return rows

    def _conditions(self, query: adapting.Query) -> tuple[dict[str, Any], tuple[str, ...]]:
        wanted: dict[str, Any] = _wanted(query)
        conditions = tuple(wanted)
        if query.closed_between is not None:
            start, end = map(micros, query.closed_between)
            wanted |= {"closed_from": start, "closed_to": end}
            conditions += ("closed",)
        return self._asked(**wanted), conditions

    def count(self, query: adapting.Query) -> int:
        """
        Return how many projects match.
        """
        if query.where is not None:
            return sum(1 for _ in adapting.every(self.find, attrs.asdict(query, recurse=False)))
        connections = self._use()
        if not keepable(*_wanted(query).values()):
            return 0
        asked, conditions = self._conditions(query)
        statement = _sql.how_many(conditions)
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
        connections = self._use().outside()
        statement = _sql.REFUSALS[connections.dialect]

        def fetch(behind: tuple[int, int]) -> Sequence[Row[Any]]:
            asked = self._asked(xid=behind[0], id=behind[1], limit=limit)
            return connections.read(lambda connection: connection.execute(statement, asked).all())

        def read(row: Row[Any]) -> Attempt:
            return adapting.read_text(row.body, adapting.decode_attempt, f"attempt {row.id}")

        start = read_pair(after)
        found, end = adapting.read_page(fetch, read, start, lambda row: (row.xid, row.id))
        return AttemptPage(found, after if end == start else write_pair(*end))

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        connections = self._use()
        if not keepable(project_id):
            return ()
        asked = self._asked(project=project_id)
        bodies = connections.read(lambda connection: connection.execute(_sql.ATTEMPTS, asked).scalars().all())
        return tuple(adapting.read_text(body, adapting.decode_attempt, f"attempt on {project_id!r}") for body in bodies)


def _rows_of(connection: Connection, asked: dict[str, Any]) -> Sequence[Row[Any]]:
    return connection.execute(_sql.FACTS, asked).all()


def _wanted(query: adapting.Query) -> dict[str, str]:
    return {name: value for name in adapting.NAMED if (value := getattr(query, name)) is not None}


def _kept(value: Any) -> Any:
    """
    Return a value as its column keeps it.
    """
    return micros(value) if isinstance(value, datetime) else value
