"""
The store without files, for tests and for embedding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import Unpack

from ..._model.commit import (
    AttemptPage,
    Capabilities,
    Commit,
    Committed,
    Key,
    Page,
    StoreCheck,
    StoredDefinition,
    make_committed,
)
from ..._model.facts import Attempt, Fact
from ..._model.project import Project
from ..._model.query import Asked, Query, make_order
from ..._model.values import to_utc
from ..._model.work import Claim, DeadWork, Work, WorkKind
from ...errors import InputError, StoreClosedError, say
from .._check_facts import check_facts
from .._handle import StoreHandle, check_commit, check_limit, read_cursor
from .index import Index
from .work_queue import State, WorkQueue


class MemoryStore(StoreHandle):
    """
    Keeps facts as the objects they are; nothing outlives the process.

    It refuses what a durable store would refuse, so a test that passes here
    passes there. A handle may be shared by threads.
    """

    def __init__(self) -> None:
        self.caps: Capabilities = Capabilities()
        self._lock = Lock()
        self._closed = False
        self._index = Index()
        self._heads = self._index.heads()
        self._feed: list[Fact] = []
        self._histories: dict[str, list[Fact]] = defaultdict(list)
        self._attempts: dict[str, list[Attempt]] = defaultdict(list)
        self._refusals: list[Attempt] = []
        self._work = WorkQueue()
        self._definitions: dict[tuple[str, str], StoredDefinition] = {}

    def commit(self, commit: Commit) -> Committed:
        """
        Take in everything in *commit* or nothing.

        Raises:
            InputError: a project comes twice, the parts of an append do not fit, or there
                are notices without a fact.
            VersionConflictError: a project is not at the expected version.
            LeaseLostError: a claim in ``done`` does not hold any more.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreClosedError: after :meth:`close`.
        """
        check_commit(commit)
        appends = commit.appends
        with self._lock:
            if self._closed:
                raise StoreClosedError
            if commit.key is not None:
                found = self._index.position(commit.key)
                if found is not None:
                    self._work.finish(self._work.still_held(commit.done))
                    return Committed(self._feed[found - 1], replayed=True)
            self._index.check(appends)
            # Asked before each loop: most commits have nothing but a fact.
            if commit.done:
                self._work.check_held(commit.done)
            self._index.put(commit)
            for append in appends:
                fact = append.fact
                self._feed.append(fact)
                self._histories[fact.project_id].append(fact)
            if commit.attempts:
                for attempt in commit.attempts:
                    self._attempts[attempt.project_id].append(attempt)
                    self._refusals.append(attempt)
            if commit.notices or commit.opened or commit.dues or commit.dropped or commit.done:
                self._work.apply(commit)
        return make_committed(appends[0].fact if appends else None)

    def keep_definition(self, definition: StoredDefinition) -> StoredDefinition:
        """
        Keep a definition, unless its id and version are kept already; return the kept definition.
        """
        with self._lock:
            self._check_open()
            return self._definitions.setdefault((definition.id, definition.version), definition)

    def definitions(self) -> Sequence[StoredDefinition]:
        """
        Return the definitions that are kept, ordered by id and version.
        """
        with self._lock:
            self._check_open()
            return tuple([self._definitions[name] for name in sorted(self._definitions)])

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        # One look into a dictionary needs no lock.
        if self._closed:
            raise StoreClosedError
        try:
            return self._heads.get(project_id)
        except TypeError:
            raise InputError("project_id", project_id, say("input.text")) from None

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        with self._lock:
            self._check_open()
            try:
                history = self._histories.get(project_id, [])
                return iter(history[max(after, 0) : None if upto is None else max(upto, 0)])
            except (TypeError, ArithmeticError):
                raise InputError("facts", (project_id, after, upto), say("input.facts")) from None

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        check_limit(limit)
        start = read_cursor(after)
        with self._reading():
            facts = tuple(self._feed[start : start + limit])
        return Page(facts, str(start + len(facts)) if facts else after)

    def find(
        self,
        *,
        order_by: str | None = None,
        after: str | Project | None = None,
        limit: int = 100,
        **asked: Unpack[Asked],
    ) -> list[Project]:
        """
        Return projects that match, ordered by id or by *order_by*; *after* is the last of the page before.

        Raises:
            InputError: for a limit below 1, or an order or period that is none.
        """
        check_limit(limit)
        query, order = Query(**asked), make_order(order_by, after)
        with self._reading():
            return self._index.find(query, order, limit)

    def count(self, **asked: Unpack[Asked]) -> int:
        """
        Return how many projects match.
        """
        query = Query(**asked)
        with self._reading():
            return sum(1 for _ in self._index.matching(query))

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
        with self._reading():
            return tuple(self._attempts.get(project_id, ()))

    def refusals(self, after: str = "", *, limit: int = 1000) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        check_limit(limit)
        start = read_cursor(after)
        with self._reading():
            attempts = tuple(self._refusals[start : start + limit])
        return AttemptPage(attempts, str(start + len(attempts)) if attempts else after)

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token.

        Raises:
            InputError: for a limit below 1, a lease that is not positive, an unknown kind,
                an owner without a name, or a time without a zone.
        """
        found = self._change_work(lambda queue: queue.claim(kind, owner=owner, limit=limit, lease=lease, at=at))
        return tuple(each.as_claim() for each in found)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out, as long as nobody took the work.

        Raises:
            LeaseLostError: another worker may hold it.
            InputError: for a lease that is not positive, or a time without a zone.
        """
        (state,) = self._change_work(lambda queue: queue.extend(claim, lease=lease, at=at))
        return state.as_claim()

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.

        Args:
            error: kept with dead work, its first 500 characters.

        Raises:
            LeaseLostError: another worker may hold it.
            InputError: for a time without a zone.
        """
        self._change_work(lambda queue: queue.release(claim, retry_at=retry_at, error=error))

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.

        Raises:
            InputError: for an unknown kind.
        """
        with self._reading():
            return self._work.next_due(kind)

    def upcoming(
        self, kind: WorkKind, *, until: datetime, after: Work | None = None, limit: int = 100
    ) -> Sequence[Work]:
        """
        Return open work of a kind that is due by *until*, whether it is claimed or not.

        Earliest first, ties by id; *after* is the last work of the page before.

        Raises:
            InputError: for an unknown kind, a limit below 1, or a time without a zone.
        """
        with self._reading():
            return tuple(self._work.upcoming(kind, until=until, after=after, limit=limit))

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.

        Raises:
            InputError: for an unknown kind, or a limit below 1.
        """
        with self._reading():
            return self._work.dead(kind, limit)

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted from 0.

        Raises:
            InputError: there is no dead work with this id, or the time has no zone.
        """
        self._change_work(lambda queue: queue.requeue(work_id, at=at))

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether every project has as many facts as its head says; *deep* folds them all.
        """
        with self._reading():
            problems = self._index.behind({each: len(facts) for each, facts in self._histories.items()})
            if deep:
                return check_facts(self._feed, self._heads, problems)
            return StoreCheck(len(self._feed), tuple(problems))

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many.

        Raises:
            InputError: for a time without a zone.
        """
        before = to_utc(keys_before, "keys_before")
        with self._reading():
            return self._index.purge(before)

    @contextmanager
    def _reading(self) -> Generator[None]:
        with self._lock:
            self._check_open()
            yield

    def _change_work(self, change: Callable[[WorkQueue], list[State]]) -> list[State]:
        with self._reading():
            states = change(self._work)
            self._work.put(states)
            return states

    def close(self) -> None:
        """
        Refuse every further call; closing twice is harmless.
        """
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError
