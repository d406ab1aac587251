"""
Writing: one line for a commit, at once or with others of a batch, and what a failure leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock
from typing import Final, TypeAlias

from ...errors import SalesflowError, StoreFailedError, StoreFullError, StoreUnavailableError, TooLargeError, say
from .._batches import CHUNK
from .payload import with_position
from .segments import Segments
from .state import JournalState


Apply: TypeAlias = Callable[[int], object]  # takes into memory what was written at a place
_BATCH_BYTES: Final = 1024 * 1024


class Writer:
    """
    Writes lines, and says whether more can be written. Its owner lets in a single thread at a time.

    *lock* is held while the state changes, and never while the medium is waited for. Every
    call may raise ``StoreFullError``, ``StoreUnavailableError`` and ``TooLargeError``, after which
    the store can be used as before, and ``StoreFailedError``, after which it takes no more.

    Attributes:
        lost: whether commits of a batch that readers have seen could not be written.
    """

    def __init__(self, segments: Segments, state: JournalState, lock: Lock) -> None:
        self.lost = False
        self._segments = segments
        self._state = state
        self._lock = lock
        self._broken: str | None = None
        self._pending = 0  # lines of a batch

    def check(self) -> None:
        """
        Raise ``StoreFailedError`` if an earlier write failed.
        """
        if self._broken is not None:
            raise StoreFailedError(say("store.reopen", broken=self._broken))

    def write(self, body: bytes, apply: Apply) -> None:
        """
        Write a part as a line of its own, behind the batch that waits; it is durable when this returns.
        """
        self.flush()
        position = self._state.index.count + 1
        with self._careful():
            self._segments.make_room(position)
            place = self._segments.append(with_position(body, position))
            with self._lock:
                apply(place)

    def defer(self, body: bytes, apply: Apply) -> None:
        """
        Keep a line of a batch, to be written with others; it counts in memory at once.
        """
        position = self._state.index.count + 1
        with self._careful():
            if not self._pending:
                self._segments.make_room(position)
            with self._lock:
                apply(self._segments.add(with_position(body, position, self._segments.since)))
            self._pending += 1
        if self._pending >= CHUNK or self._segments.waiting >= _BATCH_BYTES:
            self.flush()

    @property
    def waits(self) -> bool:
        """
        Whether lines of a batch wait to be written.
        """
        return self._pending > 0

    def flush(self) -> None:
        """
        Write and sync what waits of a batch, in one write.
        """
        if not self._pending:
            return
        self.check()
        try:
            with self._careful():
                self._segments.write_out()
                with self._lock:
                    self._segments.settle()
            self._pending = 0
        except BaseException:
            self._broken, self.lost = "a batch could not be written", True
            raise

    def payload_at(self, place: int) -> tuple[bytes, str]:
        """
        Return the JSON of the line at a place, and how messages name it; the caller holds the lock.
        """
        return self._segments.payload_at(place)

    def finish(self) -> str | None:
        """
        Write what waits, and end the last file; return the note that says so, ``None`` after a failure.
        """
        if self._broken is not None or self.lost:
            return None
        self.flush()
        return self._segments.finish()

    @contextmanager
    def _careful(self) -> Generator[None]:
        # Whatever interrupts it: nobody could say whether the file has the line.
        self._broken = "a write was interrupted"
        try:
            yield
        except (StoreFullError, StoreUnavailableError, TooLargeError):
            self._broken = None
            raise
        except SalesflowError as error:
            self._broken = str(error)
            raise
        except OSError as error:
            self._broken = f"a new segment could not be begun ({error})"
            raise StoreFailedError(say("store.repeat", broken=self._broken)) from error
        self._broken = None
