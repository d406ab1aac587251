"""
The store in a folder of files: one line, one write and one sync for every commit.

Every call has the same shape: check the arguments, hold a lock, ask or change what is in
memory (``state.py``), and for a change write a line first (``writer.py``, ``segments.py``).
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar, Unpack

from ..._model.commit import AttemptPage, Capabilities, Commit, Committed, Key, Page, StoreCheck, StoredDefinition
from ..._model.facts import Attempt, Fact
from ..._model.project import Project
from ..._model.query import Asked
from ..._model.values import to_utc
from ..._model.work import Claim, DeadWork, Work, WorkKind
from ...errors import ForkedHandleError, InputError, StoreClosedError, StoreError, say
from .. import adapting
from .._batches import Batches
from .._check_facts import check_facts
from .._memory.work_queue import State, WorkQueue
from ..adapting import StoreHandle, entry_types, read_text
from .disk import Disk, lock_folder, opening_named, prepare_folder, unlock, withdrawn, write_note
from .payload import Part, decode_attempts, decode_facts, encode_commit, encode_definition, encode_purge, encode_work
from .recovery import Recovered, find_damage
from .segments import Segments
from .state import JournalState
from .writer import Writer


T = TypeVar("T")
SEGMENT_BYTES: Final = 64 * 1024 * 1024


class JournalStore(StoreHandle):
    """
    Keeps facts in a folder, as lines of JSON with checksums (format ``sfj/1``).

    A commit is on the medium when :meth:`commit` returns, and so is a claim when
    :meth:`claim` returns. The folder has one writer and must be on a local file system.
    Heads, keys, open work and the places of facts are kept in memory; opening reads every
    line. Facts are read back from the files when asked for. A handle may be shared by
    threads, not by processes: a forked child is refused.

    Version 0.1.0 also wrote files named ``checkpoint-*``. They are not read, and may be deleted.

    Every call checks its arguments (``InputError``) and may raise ``StoreClosedError`` after
    :meth:`close`, ``ForkedHandleError`` in a forked child, ``StoreCorruptError`` and
    ``StoreUnavailableError`` where it reads the files.

    Args:
        path: the folder; made for its owner alone if it is not there.
        entries: entry classes of plugins, beside the built-in ones. A journal is opened
            with the classes of all entries in it, and takes no others.
        segment_bytes: a file that has grown to this size is sealed, and the next file begun.
        create: whether the folder and the journal are made if they are not there; whoever only reads
            says ``False``.
        disk: the calls that write; for tests.

    Attributes:
        caps: it is durable.
        recovered: what opening cut off a torn end, or ``None``. It is kept in a file
            beside the journal, and was never acknowledged.

    Raises:
        InputError: the path is not a folder, there is no journal and none may be made, or it holds entries of an
            unknown kind.
        StoreLockedError: at once, if the folder has a writer.
        StoreCorruptError: acknowledged data is damaged, or the files are not a journal.
        SchemaMismatchError: a newer version wrote it.
        StoreError: an entry class does not take what the journal holds.
        StoreFullError, StoreFailedError: a new journal, or, after a crash, its last file, could not be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        entries: Iterable[type[Any]] = (),
        segment_bytes: int = SEGMENT_BYTES,
        create: bool = True,
        disk: Disk | None = None,
    ) -> None:
        self.caps: Capabilities = Capabilities(durable=True)
        self._types = entry_types(entries)
        disk = disk or Disk()
        with opening_named(Path(path)):
            self._folder = prepare_folder(path, disk, create=create)
        self._pid = os.getpid()
        self._writing = Lock()  # one write at a time, held through its sync
        self._lock = Lock()  # what is in memory, and reading; never held through a sync
        self._closed = False
        self._disk = disk
        self._state = JournalState()
        self._work = self._state.work
        self._segments = Segments(self._folder, disk, segment_bytes)
        self._writer = Writer(self._segments, self._state, self._lock)
        self._batches = Batches(lambda: self._writer.waits, self._write_out)
        with ExitStack() as stack, opening_named(self._folder), withdrawn(self._folder / "LOCK"):
            self._lock_file, note = lock_folder(self._folder, disk)
            stack.callback(unlock, self._lock_file, self._pid)
            stack.callback(self._segments.close)
            for place, where, payload in self._segments.open(note):
                put = partial(self._state.put_line, place=place, types=self._types)
                read_text(payload, put, where)
            self._descriptors = stack.pop_all()
        self.recovered: Recovered | None = self._segments.recovered

    def __repr__(self) -> str:
        return f"<JournalStore {str(self._folder)!r}>"

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; it is durable when this returns, or at the end of a batch.

        Raises:
            InputError: its parts do not fit, or the journal was not opened with an entry's class.
            VersionConflictError: a project is not at the expected version.
            LeaseLostError: a claim in ``done`` does not hold any more.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreFullError: the medium is full; nothing was written, the store stays usable.
            StoreUnavailableError: the folder or its last file is not there any more; nothing was written.
            StoreFailedError: writing failed, now or before; open the store again, and repeat
                the commit with the same key.
        """
        self._check_open()
        adapting.check_shape(commit)
        body = encode_commit(commit, self._types)
        with self._changing():
            with self._lock:
                found, rest = self._state.check(commit)
            if found is not None:
                body = encode_commit(rest, self._types)
            if body:
                write = self._writer.defer if self._batches.entered else self._writer.write
                write(body, lambda place: self._state.put(rest, place))
        if found is not None:
            return Committed(next(self._read([found])), replayed=True)
        return Committed(commit.appends[0].fact if commit.appends else None)

    def batch(self) -> AbstractContextManager[None]:
        """
        Write the commits of this thread in chunks of at most 1,000 lines: ``with store.batch(): …``.

        They count at once for everybody who asks this handle, but are **on the medium only
        when the block ends**. A process that dies inside of the block loses what waits, at most
        1,000 commits or 1 MiB, from some commit on. What waits is also written before a commit
        of another thread. A block that ends with an error keeps its commits.

        Raises:
            StoreFullError, StoreFailedError: what was waiting could not be written. The handle
                refuses every further call; open the store again to see what it has.
        """
        self._check_open()
        return self._batches.batch()

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until what was committed in a batch of this thread is durable; ``False`` outside of a batch.
        """
        return self._batches.when_durable(call)

    def _write_out(self) -> None:
        with self._writing:
            self._writer.flush()

    def keep_definition(self, definition: StoredDefinition) -> StoredDefinition:
        """
        Keep a definition, unless its id and version are kept already; return the kept definition.
        """
        name = definition.id, definition.version
        with self._changing():
            if name not in self._state.definitions:
                self._writer.write(encode_definition(definition), lambda _place: self._state.keep(definition))
            return self._state.definitions[name]

    def definitions(self) -> Sequence[StoredDefinition]:
        """
        Return the definitions that are kept, ordered by id and version.
        """
        with self._reading():
            return tuple([self._state.definitions[name] for name in sorted(self._state.definitions)])

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        self._check_open()
        with self._lock:  # without the helper: every move asks this
            try:
                return self._state.index.head(project_id)
            except TypeError:
                raise InputError("project_id", project_id, say("input.text")) from None

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        with self._reading():
            try:
                return self._read(self._state.history(project_id, after, upto))
            except (TypeError, ArithmeticError):
                raise InputError("facts", (project_id, after, upto), say("input.facts")) from None

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        A foreign cursor and a limit below 1 are an ``InputError``.
        """
        adapting.check_limit(limit)
        start = adapting.read_cursor(after)
        with self._reading():
            stop = min(start + limit, self._state.index.count)
        facts = tuple(self._read(range(start + 1, stop + 1)))
        return Page(facts, str(stop) if facts else after)

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
        """
        adapting.check_limit(limit)
        query, order = adapting.Query(**asked), adapting.make_order(order_by, after)
        with self._reading():
            return self._state.index.find(query, order, limit)

    def count(self, **asked: Unpack[Asked]) -> int:
        """
        Return how many projects match.
        """
        query = adapting.Query(**asked)
        with self._reading():
            return sum(1 for _ in self._state.index.matching(query))

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``; ``KeyReusedError`` for another request.
        """
        with self._reading():
            found = self._state.index.position(key)
        return None if found is None else next(self._read([found]))

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many.
        """
        before = to_utc(keys_before, "keys_before")
        with self._changing():
            with self._lock:
                count = len(self._state.index.old_keys(before))
            if count:
                self._writer.write(encode_purge(before), lambda _place: self._state.index.purge(before))
        return count

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        with self._reading():
            numbers = tuple(self._state.refused.get(project_id, ()))
        return tuple(self._attempts(numbers))

    def refusals(self, after: str = "", *, limit: int = 1000) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.

        A foreign cursor and a limit below 1 are an ``InputError``.
        """
        adapting.check_limit(limit)
        start = adapting.read_cursor(after)
        with self._reading():
            stop = min(start + limit, len(self._state.refusals))
        attempts = tuple(self._attempts(range(start, stop)))
        return AttemptPage(attempts, str(stop) if attempts else after)

    def _attempts(self, numbers: Iterable[int]) -> Iterator[Attempt]:
        places = self._state.refusals
        for place, group in groupby(numbers, places.__getitem__):
            of_line = self._decoded(place, decode_attempts)
            first = bisect_left(places, place)
            yield from (of_line[number - first] for number in group)

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token.
        """
        found = self._change_work(lambda work: work.claim(kind, owner=owner, limit=limit, lease=lease, at=at))
        return tuple(each.as_claim() for each in found)

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim until *lease* after *at*, even if it has run out; ``LeaseLostError`` if the work was taken.
        """
        (state,) = self._change_work(lambda work: work.extend(claim, lease=lease, at=at))
        return state.as_claim()

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.

        Dead work keeps the first 500 characters of *error*. ``LeaseLostError`` if the work was taken.
        """
        self._change_work(lambda work: work.release(claim, retry_at=retry_at, error=error))

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, its attempts counted from zero; ``InputError`` if there is none.
        """
        self._change_work(lambda work: work.requeue(work_id, at=at))

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.
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
        """
        with self._reading():
            return self._work.dead(kind, limit)

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether every project has as many facts as its head says; *deep* reads all lines and folds all facts.
        """
        with self._reading():
            heads, count = dict(self._state.index.heads()), self._state.index.count
            problems = self._state.index.behind({each: len(found) for each, found in self._state.histories.items()})
            ends = self._segments.ends()
        if not deep:
            return StoreCheck(count, tuple(problems))
        problems += filter(None, (find_damage(path, end, self._disk) for path, end in ends))
        return check_facts(self._readable(count), heads, problems)

    def close(self) -> None:
        """
        Release the files and the lock; closing twice is harmless. A batch is written first.

        A forked child may close its copy: that does not release the lock of its parent.
        """
        if os.getpid() != self._pid:
            # The locks may be held by threads that the child does not have.
            self._closed = True
            self._descriptors.close()
            return
        with self._writing:
            if self._closed:
                return
            try:
                note = self._writer.finish()
                if note is not None:
                    write_note(self._lock_file, note, self._disk)
            finally:
                with self._lock:
                    self._closed = True
                    self._descriptors.close()

    def _change_work(self, change: Callable[[WorkQueue], list[State]]) -> list[State]:
        """
        Call *change*, write what it returns, and let the queue take it in.
        """
        with self._changing():
            with self._lock:
                states = change(self._work)
            if states:
                try:
                    self._writer.write(encode_work(states), lambda _place: self._work.put(states))
                except BaseException:
                    with self._lock:
                        self._work.put_back(states)
                    raise
        return states

    def _read(self, positions: Iterable[int]) -> Iterator[Fact]:
        # The facts of one line are read together.
        for place, group in groupby(positions, lambda position: self._state.places[position - 1]):
            yield from self._decoded(place, partial(decode_facts, positions=list(group), types=self._types))

    def _readable(self, count: int) -> Iterator[Fact]:
        for _place, group in groupby(range(1, count + 1), lambda position: self._state.places[position - 1]):
            try:
                yield from list(self._read(group))
            except StoreClosedError:
                raise
            except StoreError:
                continue  # the damage was named; its projects turn out to lack facts

    def _decoded(self, place: int, decode: Callable[[Part], T]) -> T:
        with self._reading():
            payload, where = self._writer.payload_at(place)
        return read_text(payload, decode, where)

    @contextmanager
    def _reading(self) -> Generator[None]:
        self._check_open()  # before the lock, which a forked child may find held for ever
        with self._lock:
            self._check_open()  # again: closing waits for the lock, and frees the descriptors
            yield

    @contextmanager
    def _changing(self) -> Generator[None]:
        self._check_open()
        with self._writing:
            self._check_open()
            self._writer.check()
            yield

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError
        if os.getpid() != self._pid:
            raise ForkedHandleError
        if self._writer.lost:
            self._writer.check()
