"""
The store without files, for tests and for embedding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

from .._commit import Commit, Committed, Key, Page
from .._facts import Attempt, Fact, Notice
from .._project import Project
from ..errors import StoreClosedError
from ._door import Handle, check_commit, check_limit, read_cursor
from ._index import Index


class MemoryStore(Handle):
    """
    Keeps facts as the objects they are; nothing outlives the process.

    It refuses what a durable store would refuse, so a test that passes here
    passes there. A handle may be shared by threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._index = Index()
        self._feed: list[Fact] = []
        self._histories: dict[str, list[Fact]] = {}
        self._attempts: dict[str, list[Attempt]] = {}
        self._notices: list[Notice] = []

    def commit(self, commit: Commit) -> Committed:
        """
        Take in everything in *commit* or nothing.

        Raises:
            InputError: a project comes twice, or the parts of an append do not fit.
            VersionConflictError: a project is not at the expected version.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreClosedError: after :meth:`close`.
        """
        check_commit(commit)
        appends = commit.appends
        with self._lock:
            self._check_open()
            if commit.key is not None:
                found = self._index.position(commit.key)
                if found is not None:
                    return Committed(self._feed[found - 1], replayed=True)
            self._index.check(appends)
            self._index.put(commit)
            for append in appends:
                fact = append.fact
                self._feed.append(fact)
                history = self._histories.get(fact.project_id)
                if history is None:
                    history = self._histories[fact.project_id] = []
                history.append(fact)
            for attempt in commit.attempts:
                self._attempts.setdefault(attempt.project_id, []).append(attempt)
            self._notices += commit.notices
        return Committed(appends[0].fact if appends else None)

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        with self._lock:
            self._check_open()
            return self._index.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        with self._lock:
            self._check_open()
            history = self._histories.get(project_id, [])
            return iter(history[max(after, 0) : None if upto is None else max(upto, 0)])

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        check_limit(limit)
        start = read_cursor(after)
        with self._lock:
            self._check_open()
            facts = tuple(self._feed[start : start + limit])
        return Page(facts, str(start + len(facts)) if facts else after)

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
        with self._lock:
            self._check_open()
            return self._index.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        with self._lock:
            self._check_open()
            found = self._index.position(key)
            return None if found is None else self._feed[found - 1]

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        with self._lock:
            self._check_open()
            return tuple(self._attempts.get(project_id, ()))

    def notices(self) -> Sequence[Notice]:
        """
        Return every notice that was committed, oldest first.
        """
        with self._lock:
            self._check_open()
            return tuple(self._notices)

    def close(self) -> None:
        """
        Refuse every further call; closing twice is harmless.
        """
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError
