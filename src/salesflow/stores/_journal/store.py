"""
The store in a folder of files: one line, one write and one sync for every commit.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, Final

from ..._model.commit import Capabilities, Commit, Committed
from ..._model.values import to_utc
from .._checks import check_commit
from .._memory.work_queue import State, WorkQueue
from .checkpoint import read_checkpoint
from .disk import Disk, full_disk_named, lock_folder, note, prepare_folder, unlock
from .group_commit import Grouping
from .payload import encode_commit, encode_purge, encode_work, entry_types, read_parts, with_position
from .pending_commit import Ticket
from .recovery import Recovered
from .segments import Segments
from .state import Book
from .verify import Mark, fits


SEGMENT_BYTES: Final = 64 * 1024 * 1024
CHECKPOINT_FACTS: Final = 5000


class JournalStore(Grouping):
    """
    Keeps facts in a folder, as lines of JSON with checksums (format ``sfj/1``).

    A commit is on the medium when :meth:`commit` returns, and so is a claim when
    :meth:`claim` returns. The folder has one writer and must be on a local file system.
    Heads, keys, open work and the places of facts are kept in memory; opening takes them from
    a checkpoint and the lines behind it, or from all lines. Facts are read back from the files
    when asked for. A handle may be shared by threads, not by processes: a forked child is refused.

    Args:
        path: the folder; made for its owner alone if it is not there.
        entries: entry classes of plugins, beside the built-in ones. A journal is opened
            with the classes of all entries in it, and takes no others.
        segment_bytes: a file that has grown to this size is sealed, and the next one begun.
        checkpoint_facts: with so many facts since the last checkpoint, closing and beginning
            a new file write another.
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
        StoreFullError: there is no room for a new journal, or, after a crash, to write its last file again.
        StoreFailedError: that could not be done for another reason.
    """

    recovered: Recovered | None

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        entries: Iterable[type[Any]] = (),
        segment_bytes: int = SEGMENT_BYTES,
        checkpoint_facts: int = CHECKPOINT_FACTS,
        disk: Disk | None = None,
    ) -> None:
        self._types = entry_types(entries)
        self._folder = Path(path)
        self._pid = os.getpid()
        self._writing = Lock()  # one write at a time, held through its sync
        self._lock = Lock()  # what is in memory, and reading; never held through a sync
        self._closed = False
        self._broken = None
        self._lost = False
        self._batches = {}
        self._leader = None
        self._queueing = Lock()  # who waits, and who leads; never held for long
        self._waiting = deque()
        self._pending = []
        self._pending_bytes = self._pending_place = 0
        self._fresh = 0  # how many facts the checkpoint has
        self._book = Book()
        self._work = self._book.work
        self._checkpoint_facts = checkpoint_facts
        self._disk = disk = disk or Disk()
        self._lines = Segments(self._folder, disk, segment_bytes)
        with ExitStack() as stack, full_disk_named(self._folder):
            prepare_folder(self._folder, disk)
            self._lock_file, left = lock_folder(self._folder, disk)
            stack.callback(unlock, self._lock_file, self._pid)
            stack.callback(self._lines.close)
            for line in self._lines.read(self._resume(), left):
                for part in read_parts(line.payload, self._types, line.where):
                    self._book.read(part, line.place)
            self._descriptors = stack.pop_all()
        self.recovered = self._lines.recovered

    def _resume(self) -> Mark | None:
        found = read_checkpoint(self._folder, self._types, self._disk)
        if found is None or not fits(self._folder, found[0], self._disk):
            return None
        mark, self._book = found
        self._work = self._book.work
        self._fresh = self._book.index.count
        return mark

    @property
    def caps(self) -> Capabilities:
        """
        It is durable.
        """
        return Capabilities(durable=True)

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; it is durable when this returns.

        Raises:
            InputError: a project comes twice, the parts of an append do not fit, there are
                notices without a fact, or an entry is of a class that the journal was not
                opened with.
            VersionConflictError: a project is not at the expected version.
            LeaseLostError: a claim in ``done`` does not hold any more.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreFullError: the medium is full; nothing was written, the store stays usable.
            StoreFailedError: writing failed, now or before; repeat it with the same key
                after opening the store again.
            StoreClosedError: after :meth:`close`.
            ForkedHandleError: in a forked child.
        """
        self._check_open()
        check_commit(commit)
        ticket = Ticket(commit, encode_commit(commit, self._types))
        if get_ident() in self._batches:
            self._defer(ticket)
        else:
            self._enter(ticket)
        if ticket.found is not None:
            return Committed(next(self._read((ticket.found,))), replayed=True)
        return Committed(commit.appends[0].fact if commit.appends else None)

    def _write(self, body: bytes, remember: Callable[[int], None]) -> None:
        self._flush()
        position = self._book.index.count + 1
        self._append(with_position(body, position), position, remember)

    def _change_work(self, change: Callable[[WorkQueue], list[State]]) -> list[State]:
        self._check_open()
        with self._writing:
            self._check_writable()
            with self._lock:
                states = change(self._work)
            if states:
                try:
                    self._write(encode_work(states), lambda _place: self._work.put(states))
                except BaseException:
                    with self._lock:
                        self._work.put_back(states)
                    raise
        return states

    def checkpoint(self) -> None:
        """
        Write a checkpoint now, so that the next opening reads only what comes after it.

        A new segment and closing write one by themselves. Nobody reads or writes meanwhile; it
        takes about a second for 50,000 projects that were all in use.

        Raises:
            StoreFullError: there is no room for it.
            StoreFailedError: an earlier write failed.
        """
        self._check_open()
        with self._writing:
            self._check_writable()
            self._flush()
            with full_disk_named(self._folder):
                self._write_checkpoint()

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many.

        Raises:
            InputError: for a time without a zone.
        """
        before = to_utc(keys_before, "keys_before")
        self._check_open()
        with self._writing:
            self._check_writable()
            with self._lock:
                count = len(self._book.index.old_keys(before))
            if count:
                self._write(encode_purge(before), lambda _place: self._book.forget(before))
        return count

    def close(self) -> None:
        """
        Give the files and the lock back; closing twice is harmless. A batch is written first.

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
                if self._broken is None and not self._lost:
                    self._flush()
                    self._lines.finish()
                    self._refresh()
                    note(self._lock_file, self._lines.left(), self._disk)
            finally:
                with self._lock:
                    self._closed = True
                    self._descriptors.close()
