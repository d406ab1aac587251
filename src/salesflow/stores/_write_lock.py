"""
The lock that writers of one database queue at, across threads and processes.

SQLite's own lock lets a waiting process starve: it sleeps longer and longer, and whoever
comes by takes the lock first. Here everybody asks again after the same short time.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Final
from weakref import WeakSet

from ..errors import ForkedHandleError, StoreBusyError, StoreCorruptError, say
from ._file_systems import unavailable


_PAUSE: Final = 0.0005  # seconds; a commit takes about as long


class WriteLock:
    """
    Held around every transaction that writes: ``with lock: …``.

    Args:
        path: the lock's own file, made for its owner alone. It is never the database, whose
            locks would go with any descriptor that is closed.
        timeout: seconds to wait, first for other threads and then for other processes.
        check: called between the two; what it raises ends the waiting.

    Attributes:
        threads: the part of the lock that keeps the threads of this process apart.
        kept: whether other processes are kept out also behind the block, as long as a batch goes on.
        made: whether the file was made by this lock.
        inherited: whether this is the copy of a forked child, which has given up its part in the
            lock: else the parent's death would not free it while the child lives.

    Raises:
        StoreCorruptError: the path is a symbolic link.
        StoreUnavailableError: the system does not let us open it.
    """

    def __init__(self, path: str, timeout: float, check: Callable[[], None]) -> None:
        self.threads: Final = Lock()
        self._timeout = timeout
        self._place = path
        self._check = check
        self.made: bool = not os.path.lexists(path)
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise StoreCorruptError(path, say("corrupt.link")) from None
            raise unavailable(path, error) from None
        self.inherited: bool = False
        self.kept: bool = False
        _LOCKS.add(self)

    def __enter__(self) -> None:
        """
        Wait for the lock.

        Raises:
            StoreBusyError: somebody held it for longer than the timeout.
            ForkedHandleError: in a forked child.
        """
        if self.inherited:
            raise ForkedHandleError
        if not self.threads.acquire(timeout=self._timeout):
            raise self._busy("thread")
        try:
            self._check()
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._wait_for_processes()
        except BaseException:
            self.threads.release()
            raise

    def _wait_for_processes(self) -> None:
        end = monotonic() + self._timeout
        while not self._free():
            if monotonic() > end:
                raise self._busy("process")
            sleep(_PAUSE)

    def _free(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _busy(self, who: str) -> StoreBusyError:
        return StoreBusyError(say("store.busy", who=who, place=self._place, given=f"{self._timeout:g}"))

    def __exit__(self, *_raised: object) -> None:
        if not self.kept:
            fcntl.flock(self._fd, fcntl.LOCK_UN)
        self.threads.release()

    def close(self) -> None:
        """
        Give the file back.
        """
        _LOCKS.discard(self)
        if not self.inherited:
            os.close(self._fd)

    def withdraw(self) -> None:
        """
        Give the file back, and take it away if it was made here: no lock is left beside a file that is not a store.
        """
        self.close()
        if self.made:
            Path(self._place).unlink(missing_ok=True)

    def leave(self) -> None:
        """
        Give the descriptor back in a forked child; the parent's lock stays as it is.
        """
        self.close()
        self.inherited = True


_LOCKS: Final[WeakSet[WriteLock]] = WeakSet()


def _leave_all() -> None:
    for lock in tuple(_LOCKS):
        lock.leave()


os.register_at_fork(after_in_child=_leave_all)
