"""
The store in a folder of files: one line, one write and one sync for every commit.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from .._commit import Commit, Committed, Key, Page
from .._facts import Attempt, Fact, Notice
from .._project import Project
from ..errors import StoreClosedError, StoreCorruptError, StoreError, StoreFailedError, StoreFullError
from ._door import Handle, check_commit, check_limit, read_cursor
from ._files import Disk, Segment, full_disk_named, lock_folder, prepare_folder, unlock
from ._index import Index
from ._lines import make_line, read_line
from ._payload import Payload, encode_commit, entry_types, with_position
from ._recovery import Recovered, cut_tail, open_segment, place_of, read_segment


class JournalStore(Handle):
    """
    Keeps facts in a folder, as lines of JSON with checksums (format ``sfj/1``).

    A commit is on the medium when :meth:`commit` returns. The folder has one writer and
    must be on a local file system. Opening reads all lines, because heads, keys and the
    places of facts are kept in memory; facts are read back from the file when asked for.
    A handle may be shared by threads, not by processes: a forked child is refused.

    Args:
        path: the folder; made for its owner alone if it is not there.
        entries: entry classes of plugins, beside the built-in ones. A journal is opened
            with the classes of all entries in it, and takes no others.
        disk: the calls that write; for tests.

    Attributes:
        recovered: what opening cut off a torn end, or ``None``. It is kept in a file
            beside the journal, and was never acknowledged.

    Raises:
        InputError: the path is no folder, or the journal holds entries of an unknown kind.
        StoreLockedError: at once, if the folder has a writer.
        StoreCorruptError: acknowledged data is damaged, or the files are no journal.
        SchemaMismatchError: a newer version wrote it.
        StoreError: an entry class does not take what the journal holds.
        StoreFullError: there is no room for a new journal, or to put a torn end aside.
        StoreFailedError: the last line could not be synced.
    """

    recovered: Recovered | None

    def __init__(
        self, path: str | os.PathLike[str], *, entries: Iterable[type[Any]] = (), disk: Disk | None = None
    ) -> None:
        self._types = entry_types(entries)
        self._folder = Path(path)
        self._pid = os.getpid()
        self._writing = Lock()  # one commit at a time, held through its sync
        self._lock = Lock()  # what is in memory, and reading; never held through a sync
        self._closed = False
        self._broken: str | None = None
        self._index = Index()
        self._places = array("Q")  # offset of the line of each feed position
        self._histories: dict[str, array[int]] = {}  # feed positions by project
        self._refused: dict[str, array[int]] = {}  # offsets of lines with attempts by project
        self._noticed = array("Q")  # offsets of lines with notices
        self.recovered = None
        disk = disk or Disk()
        with ExitStack() as stack, full_disk_named(self._folder):
            prepare_folder(self._folder, disk)
            stack.callback(unlock, lock_folder(self._folder), self._pid)
            self._open(stack, disk)
            self._descriptors = stack.pop_all()

    def _open(self, stack: ExitStack, disk: Disk) -> None:
        path, fd = open_segment(self._folder, disk)
        stack.callback(os.close, fd)
        self._name = str(path)
        self._seed, last, lines = read_segment(fd, self._name)
        for last in lines:
            payload = Payload(last.payload, self._types, place_of(self._name, last.number, last.offset))
            self._remember(payload.commit(self._index.count + 1, self._index.head), last.offset)
        end = last.offset + len(last.raw)
        self.recovered = cut_tail(self._folder, fd, end, disk)
        self._crc = last.crc
        self._segment = Segment(path, fd, disk)
        if last.number > 1:
            self._segment.settle(last.raw, last.offset)

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; it is durable when this returns.

        Raises:
            InputError: a project comes twice, the parts of an append do not fit, or an
                entry is of a class that the journal was not opened with.
            VersionConflictError: a project is not at the expected version.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreFullError: the medium is full; nothing was written, the store stays usable.
            StoreFailedError: writing failed, now or before; repeat it with the same key
                after opening the store again.
            StoreClosedError: after :meth:`close`.
        """
        self._check_open()
        check_commit(commit)
        body = encode_commit(commit, self._types)
        with self._writing:
            self._check_writable()
            if commit.key is not None:
                found = self._index.position(commit.key)
                if found is not None:
                    return Committed(next(self._read((found,))), replayed=True)
            self._index.check(commit.appends)
            if body:
                self._write(commit, body)
        return Committed(commit.appends[0].fact if commit.appends else None)

    def _write(self, commit: Commit, body: bytes) -> None:
        line, crc = make_line(with_position(body, self._index.count + 1), self._crc, self._seed)
        # Whatever interrupts the next lines, the handle refuses from then on: it could not
        # say whether the file has the line.
        self._broken = "a commit was interrupted"
        try:
            offset = self._segment.append(line)
        except StoreFullError:
            self._broken = None
            raise
        except StoreFailedError as error:
            self._broken = str(error)
            raise
        with self._lock:
            self._remember(commit, offset)
        self._crc = crc
        self._broken = None

    def _remember(self, commit: Commit, offset: int) -> None:
        for position, append in enumerate(commit.appends, self._index.count + 1):
            self._places.append(offset)
            self._histories.setdefault(append.fact.project_id, array("Q")).append(position)
        for project_id in {attempt.project_id for attempt in commit.attempts}:
            self._refused.setdefault(project_id, array("Q")).append(offset)
        if commit.notices:
            self._noticed.append(offset)
        self._index.put(commit)

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        self._check_open()
        with self._lock:
            return self._index.head(project_id)

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        self._check_open()
        with self._lock:
            history = self._histories.get(project_id, array("Q"))
            return self._read(history[max(after, 0) : None if upto is None else max(upto, 0)])

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        check_limit(limit)
        start = read_cursor(after)
        self._check_open()
        with self._lock:
            stop = min(start + limit, self._index.count)
        facts = tuple(self._read(range(start + 1, stop + 1)))
        return Page(facts, str(stop) if facts else after)

    def _read(self, positions: Iterable[int]) -> Iterator[Fact]:
        # The facts of one commit stand on one line, which is read once for all of them.
        for offset, group in groupby(positions, lambda position: self._places[position - 1]):
            payload = self._payload(offset)
            for position in group:
                yield payload.fact(position)

    def _payload(self, offset: int) -> Payload:
        self._check_open()
        with self._lock:
            self._check_open()  # closing waits for the lock, and its descriptor may be somebody else's after that
            raw = self._segment.line_at(offset)
        line = read_line(raw, self._seed)
        place = f"{self._name}, byte {offset}"
        if line is None:
            raise StoreCorruptError(place, "this line was good when it was written or the journal was opened")
        return Payload(line.payload, self._types, place)

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
        self._check_open()
        with self._lock:
            return self._index.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        self._check_open()
        with self._lock:
            found = self._index.position(key)
        return None if found is None else next(self._read((found,)))

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        self._check_open()
        with self._lock:
            offsets = self._refused.get(project_id, array("Q"))[:]
        return tuple(attempt for offset in offsets for attempt in self._payload(offset).attempts(project_id))

    def notices(self) -> Sequence[Notice]:
        """
        Return every notice that was committed, oldest first.
        """
        self._check_open()
        with self._lock:
            offsets = self._noticed[:]
        return tuple(notice for offset in offsets for notice in self._payload(offset).notices())

    def close(self) -> None:
        """
        Give the files and the lock back; closing twice is harmless.

        A forked child may close its copy: that does not release the lock of its parent.
        """
        if os.getpid() != self._pid:
            # The locks may be held by threads that the child does not have.
            self._closed = True
            self._descriptors.close()
            return
        with self._writing, self._lock:
            if not self._closed and self._broken is None:
                self._segment.close()
            self._closed = True
            self._descriptors.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosedError
        if os.getpid() != self._pid:
            raise StoreError(
                f"journal {self._name!r} was opened by process {self._pid}, and a fork does not carry it over. "
                "Open the store in the process that uses it; a journal has one writer."
            )

    def _check_writable(self) -> None:
        self._check_open()
        if self._broken is not None:
            raise StoreFailedError(f"{self._broken}. Close the store and open it again before writing to it.")
