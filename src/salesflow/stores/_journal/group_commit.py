"""
The writing half of a journal: commits that wait are written together, and a batch is written now and then.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, get_ident
from typing import Final, NoReturn

from ...errors import SalesflowError, StoreFailedError, StoreFullError, TooLargeError
from .checkpoint import write_checkpoint
from .disk import Disk
from .line_format import LIMIT_LINE
from .payload import encode_done, join_parts, with_position
from .pending_commit import Ticket
from .reader import Reading


# Whatever interrupts a write, the handle refuses from then on: it could not say whether the file has the line.
_INTERRUPTED: Final = "a write was interrupted"
_GROUP_BYTES: Final = 256 * 1024  # a line that is read back for one fact is decoded whole
_BATCH: Final = 1000  # commits


class Grouping(Reading):
    """
    Writes lines; a write is one line and one sync, whatever it is made of.

    The first commit to come leads: it writes for all that came meanwhile, each checked in
    its turn against what is stored, and hands on to the next that waits. Commits that have a
    project in common never share a line, so none of them is checked against something that
    is not on the medium yet.
    """

    _batches: dict[int, int]
    _broken: str | None
    _checkpoint_facts: int
    _disk: Disk
    _folder: Path
    _fresh: int
    _leader: Ticket | None
    _queueing: Lock
    _waiting: deque[Ticket]
    _writing: Lock

    def _check_writable(self) -> None:
        self._check_open()
        if self._broken is not None:
            raise StoreFailedError(f"{self._broken}. Close the store and open it again before writing to it.")

    def _enter(self, ticket: Ticket) -> None:
        """
        Return when a ticket is settled.
        """
        try:
            if self._alone(ticket):
                return
            if self._leader is not ticket:
                ticket.gate.acquire()
            if not ticket.settled:
                with self._writing:
                    while not ticket.settled:
                        self._check_writable()
                        self._lead()
        finally:
            if self._leader is ticket or not ticket.settled:
                self._leave(ticket)
        if ticket.error is not None:
            raise ticket.error

    def _alone(self, ticket: Ticket) -> bool:
        """
        Write a ticket by itself if nobody else is writing, or queue it; tell whether it was written.
        """
        with self._queueing:
            # A leader of the same thread was interrupted before it could leave.
            if self._leader is None or self._leader.thread == ticket.thread:
                self._leader = ticket
            if self._waiting or self._leader is not ticket:
                self._waiting.append(ticket)
                return False
        with self._writing:
            self._check_writable()
            self._flush()
            self._examine(ticket)
            if ticket.body:
                first = self._book.index.count + 1
                part = with_position(ticket.body, first)
                self._append(part, first, lambda place: self._remember((ticket,), place))
        return True

    def _leave(self, ticket: Ticket) -> None:
        with self._queueing:
            if not ticket.settled and ticket in self._waiting:  # it was interrupted, or refused
                self._waiting.remove(ticket)
            if self._leader is ticket:
                self._leader = self._waiting[0] if self._waiting else None
                if self._leader is not None:
                    self._leader.gate.release()

    def _settle(self, ticket: Ticket) -> None:
        ticket.settled = True
        if ticket is not self._leader:
            ticket.gate.release()

    def _lead(self) -> None:
        self._flush()
        group: list[Ticket] = []
        try:
            self._gather(group)
            if group:
                first = self._book.index.count + 1
                self._append(self._joined(group, first), first, lambda place: self._remember(group, place))
        except SalesflowError as error:
            for ticket in group:
                ticket.error = error if ticket is group[0] else copy.copy(error)
        except BaseException:
            if self._broken is None:  # nothing was written: the others try again
                self._waiting.extendleft(reversed(group))
                group.clear()
            for ticket in group:
                ticket.error = StoreFailedError(f"{self._broken}. Open the store again, and repeat the commit.")
            raise
        finally:
            for ticket in group:
                self._settle(ticket)

    def _gather(self, group: list[Ticket]) -> None:
        touched: set[str] = set()
        size = 0
        for ticket in tuple(self._waiting):
            names = ticket.touches() if len(self._waiting) > 1 or group else set[str]()
            if not touched.isdisjoint(names) or (group and size + len(ticket.body) > _GROUP_BYTES):
                touched |= names  # of two that wait for each other, the first comes first
                continue
            try:
                self._examine(ticket)
            except SalesflowError as error:
                ticket.error = error
            if ticket.error is not None or not ticket.body:
                self._waiting.remove(ticket)
                self._settle(ticket)
                continue
            touched |= names
            size += len(ticket.body)
            group.append(ticket)
            self._waiting.remove(ticket)

    @staticmethod
    def _joined(group: list[Ticket], position: int) -> bytes:
        parts: list[bytes] = []
        for ticket in group:
            parts.append(with_position(ticket.body, position))
            position += len(ticket.commit.appends) if ticket.found is None else 0
        return join_parts(parts)

    def _examine(self, ticket: Ticket) -> None:
        commit, index = ticket.commit, self._book.index
        with self._lock:
            if commit.key is not None:
                ticket.found = index.position(commit.key)
                if ticket.found is not None:
                    ticket.done = self._work.still_held(commit.done)
                    ticket.body = encode_done(ticket.done)
                    return
            index.check(commit.appends)
            self._work.check_done(commit.done)

    def _remember(self, group: Sequence[Ticket], place: int) -> None:
        for ticket in group:
            if ticket.found is None:
                self._book.put(ticket.commit, place)
            else:
                self._work.finish(ticket.done)

    def _append(self, payload: bytes, position: int, remember: Callable[[int], None]) -> None:
        self._broken = _INTERRUPTED
        try:
            self._make_room(position)
            place = self._lines.append(payload)
            with self._lock:
                remember(place)
        except (SalesflowError, OSError) as error:
            self._explain(error)
        self._broken = None

    def _make_room(self, position: int) -> None:
        if self._lines.make_room(position):
            self._refresh()

    def _refresh(self) -> None:
        if self._book.index.count - self._fresh >= self._checkpoint_facts:
            with suppress(OSError):  # it only makes the next opening faster
                self._write_checkpoint()

    def _write_checkpoint(self) -> None:
        with self._lock:
            write_checkpoint(self._folder, self._book, self._lines.mark(), self._types, self._disk)
            self._fresh = self._book.index.count

    @contextmanager
    def _careful(self) -> Generator[None]:
        self._broken = _INTERRUPTED
        try:
            yield
        except (SalesflowError, OSError) as error:
            self._explain(error)
        self._broken = None

    def _explain(self, error: SalesflowError | OSError) -> NoReturn:
        """
        Note whether the handle can still be used after a write that failed, and raise.
        """
        if isinstance(error, (StoreFullError, TooLargeError)):
            self._broken = None
        elif isinstance(error, OSError):
            self._broken = f"a new segment of {str(self._folder)!r} could not be begun ({error.strerror})"
            raise StoreFailedError(
                f"{self._broken}. Nothing was written; close the store, open it again, and repeat the commit."
            ) from error
        else:
            self._broken = str(error)
        raise error

    @contextmanager
    def batch(self) -> Generator[None]:
        """
        Write the commits of this thread now and then, not one by one: ``with store.batch(): …``.

        They count at once for everybody who asks this handle, but are **on the medium only
        when the block ends**; until then at most 1,000 commits, or 256 KiB, are not. When the
        process dies inside of the block, the commits since the last write are lost, in order
        from the end, and each is there whole or not at all. Commits of other threads are
        written as always, and what was waiting with them. A block that ends with an error
        keeps the commits that it made.

        Raises:
            StoreFullError, StoreFailedError: what was waiting could not be written. The handle
                refuses every further call; open the store again to see what it has.
        """
        me = get_ident()
        self._check_open()
        self._batches[me] = self._batches.get(me, 0) + 1
        try:
            yield
        finally:
            self._batches[me] -= 1
            if not self._batches[me]:
                del self._batches[me]
                with self._writing:
                    if self._pending:
                        self._check_writable()
                        self._flush()

    def _defer(self, ticket: Ticket) -> None:
        with self._writing:
            self._check_writable()
            self._examine(ticket)
            if not ticket.body:
                return
            position = self._book.index.count + 1
            part = with_position(ticket.body, position)
            if len(part) > LIMIT_LINE:
                raise TooLargeError("a commit", size=len(part), limit=LIMIT_LINE)
            if self._pending_bytes + len(part) > _GROUP_BYTES or len(self._pending) >= _BATCH:
                self._flush()
            with self._careful():
                if not self._pending:
                    self._make_room(position)
                    self._pending_place = self._lines.next_place
                with self._lock:
                    self._pending.append(part)
                    self._pending_bytes += len(part)
                    self._remember([ticket], self._pending_place)

    def _flush(self) -> None:
        if not self._pending:
            return
        try:
            with self._careful():
                self._lines.append(join_parts(self._pending))
                with self._lock:
                    self._pending.clear()
                    self._pending_bytes = 0
        except BaseException:
            # Readers were told of commits that will never be there.
            self._lost = True
            raise
