"""
One file of lines that grows.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path
from typing import Final, NoReturn

from ...errors import StoreFailedError, StoreUnavailableError
from .disk import FULL, Disk, full


_RESERVE: Final = 1024 * 1024  # bytes
_CHUNK: Final = 4096  # bytes, as much as most lines take


class Segment:
    """
    A file of lines that only grows.

    While it is written it has a reserve of zeros behind its last line: a sync that need not
    record a new size as well took 0.7 of the time. Closing cuts the reserve off, and opening
    takes one for what it is.

    Attributes:
        size: bytes up to the end of the last line that was synced.
        room: bytes up to the end of the reserve.
    """

    __slots__ = ("_disk", "_path", "fd", "room", "size")

    def __init__(self, path: Path, fd: int, disk: Disk) -> None:
        self._path = path
        self._disk = disk
        self.fd = fd
        self.size = self.room = os.fstat(fd).st_size

    def append(self, line: bytes) -> int:
        """
        Write and sync one line; return its offset.

        Raises:
            StoreFullError: nothing was written, and the file is as it was.
            StoreFailedError: what is on the medium is unknown; the file must not be used again.
        """
        offset = self.size
        if offset + len(line) > self.room:
            self._reserve(offset + len(line))
        self._write(line, offset)
        self.size = offset + len(line)
        return offset

    def _reserve(self, needed: int) -> None:
        # A reserve is a favour: where the medium has none to give, lines grow the file themselves.
        with contextlib.suppress(OSError):
            self._disk.reserve(self.fd, self.room, needed + _RESERVE - self.room)
            self.room = needed + _RESERVE

    def close(self) -> None:
        """
        Cut the reserve off.
        """
        if self.room > self.size:
            with contextlib.suppress(OSError):  # what is left is zeros, which opening takes as such
                self._disk.truncate(self.fd, self.size)

    def _write(self, line: bytes, offset: int) -> None:
        # A position of its own for every write, so that a failed one is simply overwritten.
        try:
            written = self._disk.write(self.fd, line, offset)
        except OSError as error:
            self._put_back(error)
        if written < len(line):
            self._put_back(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        try:
            self._disk.sync(self.fd)
        except OSError as error:
            raise self._failed("sync", error) from error

    def _put_back(self, error: OSError) -> NoReturn:
        try:
            self._disk.truncate(self.fd, self.size)
            self.room = self.size
        except OSError as second:
            raise self._failed("write", second) from error
        if error.errno in FULL:
            raise full(error, self._path) from error
        raise self._failed("write", error) from error

    def _failed(self, what: str, error: OSError) -> StoreFailedError:
        return StoreFailedError(
            f"a {what} to {str(self._path)!r} failed ({error.strerror}), so what is on the medium is unknown. "
            "Close the store, open it again, and repeat the commit with the same key."
        )

    def line_at(self, offset: int) -> bytes:
        """
        Return the line that begins at *offset*, or as much of it as there is.

        Raises:
            StoreUnavailableError: the medium does not give it back.
        """
        size = _CHUNK
        while True:
            try:
                raw = self._disk.read(self.fd, size, offset)
            except OSError as error:
                raise StoreUnavailableError(
                    f"{str(self._path)!r} cannot be read at byte {offset} ({error.strerror}). Look after the medium."
                ) from error
            end = raw.find(b"\n")
            if end >= 0 or len(raw) < size:
                return raw[: end + 1]
            size *= 8
