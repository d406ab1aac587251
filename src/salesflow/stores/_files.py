"""
The files of a journal: opened safely, locked, appended to, synced, cut.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Generator
from pathlib import Path
from typing import Final, NoReturn

from ..errors import InputError, StoreCorruptError, StoreError, StoreFailedError, StoreFullError, StoreLockedError


_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RESERVE: Final = 1024 * 1024  # bytes
_CHUNK: Final = 4096  # bytes, as much as most lines take


class Disk:
    """
    The calls of a journal that change its files; a test hands in one that fails, or that does not wait.
    """

    def write(self, fd: int, data: bytes, offset: int) -> int:
        """
        Write at an offset; return how many bytes were taken.
        """
        return os.pwrite(fd, data, offset)

    def sync(self, fd: int) -> None:
        """
        Return when the data of the file is on the medium.
        """
        os.fdatasync(fd)

    def reserve(self, fd: int, offset: int, size: int) -> None:
        """
        Give the file zeros behind *offset* that later writes replace.
        """
        os.posix_fallocate(fd, offset, size)

    def truncate(self, fd: int, size: int) -> None:
        """
        Cut the file to *size* bytes.
        """
        os.ftruncate(fd, size)

    def sync_folder(self, path: Path) -> None:
        """
        Return when the names in a folder are on the medium.
        """
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def prepare_folder(path: Path, disk: Disk) -> None:
    """
    Create the folder for its owner alone, or check the one there is.

    Raises:
        InputError: if it is no folder, or everybody may write into it.
    """
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        mode = path.stat().st_mode
        if not stat.S_ISDIR(mode):
            raise InputError("folder of a journal", str(path), "It is a file; name a folder.") from None
        if mode & stat.S_IWOTH:
            raise InputError("folder of a journal", str(path), "Everybody may write into it; chmod 700 it.") from None
    else:
        disk.sync_folder(path.parent)


def open_file(path: Path, flags: int) -> int:
    """
    Open a file for its owner alone, never through a symbolic link.

    Raises:
        StoreCorruptError: if it is a symbolic link.
    """
    try:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise StoreCorruptError(str(path), "it is a symbolic link, and the files of a journal never are") from None
        raise


def lock_folder(path: Path) -> int:
    """
    Return the descriptor that makes this handle the journal's only writer.

    The lock goes with the descriptor, so a crash leaves none behind.

    Raises:
        StoreLockedError: at once, if there is a writer, also in this process.
    """
    fd = open_file(path / "LOCK", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(fd, _CHUNK, 0).decode(errors="replace").strip()
        os.close(fd)
        raise StoreLockedError(str(path), holder or "unknown") from None
    # Only a message for people: on a full disk it may be missing.
    with contextlib.suppress(OSError):
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    return fd


def unlock(fd: int, owner: int) -> None:
    """
    Give the lock back, and close its descriptor.

    Args:
        owner: the process that took it. A forked child must not release the lock of its
            parent, and the parent's release must not wait for the child.
    """
    if os.getpid() == owner:
        fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


@contextlib.contextmanager
def full_disk_named(path: Path) -> Generator[None]:
    """
    Turn the errors of a full medium into ``StoreFullError``.
    """
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise _full(error, path) from error
        raise


def _full(error: OSError, path: Path) -> StoreFullError:
    text = f"{error.strerror}: nothing was written. Free some space and try again"
    return StoreFullError(error.errno, text, str(path))


def digest_of(fd: int, end: int) -> str:
    """
    Return the SHA-256 of the first *end* bytes of a file, in hex.
    """
    digest = hashlib.sha256()
    for start in range(0, end, _RESERVE):
        digest.update(os.pread(fd, min(_RESERVE, end - start), start))
    return digest.hexdigest()


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

    def settle(self, line: bytes, offset: int) -> None:
        """
        Write the last line once more where it stands, and sync.

        After a failed sync the system may show a line that the medium does not have, and
        call it clean; nothing may be acknowledged on top of it before it is written again.
        """
        self._write(line, offset)

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
        if error.errno in _FULL:
            raise _full(error, self._path) from error
        raise self._failed("write", error) from error

    def _failed(self, what: str, error: OSError) -> StoreFailedError:
        return StoreFailedError(
            f"a {what} to {str(self._path)!r} failed ({error.strerror}), so what is on the medium is unknown. "
            "Close the store, open it again, and repeat the commit with the same key."
        )

    def line_at(self, offset: int) -> bytes:
        """
        Return the line that begins at *offset*, or as much of it as there is.
        """
        size = _CHUNK
        while True:
            raw = os.pread(self.fd, size, offset)
            end = raw.find(b"\n")
            if end >= 0 or len(raw) < size:
                return raw[: end + 1]
            size *= 8
