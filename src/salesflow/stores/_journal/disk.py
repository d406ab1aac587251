"""
The files of a journal: opened safely, locked, read, written whole.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
from collections.abc import Generator
from pathlib import Path
from typing import Final

from ...errors import InputError, StoreCorruptError, StoreFullError, StoreLockedError, say
from .._file_systems import check_place, gone, identity, unavailable


FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # the medium takes no more
_BLOCK: Final = 1024 * 1024  # bytes that are read or written at a time
_NOTE: Final = 4096  # bytes, more than the file of the lock has


class Disk:
    """
    The calls of a journal to its files. A test passes a disk that fails, records, or does not wait.
    """

    def open(self, path: Path, flags: int) -> int:
        """
        Open a file for its owner alone; a symbolic link is a ``StoreCorruptError``.
        """
        try:
            return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno == errno.ELOOP:
                why = say("corrupt.journal_link")
                raise StoreCorruptError(str(path), why) from None
            raise

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def write(self, fd: int, data: bytes | memoryview, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def sync(self, fd: int) -> None:
        os.fdatasync(fd)

    def reserve(self, fd: int, offset: int, size: int) -> None:
        os.posix_fallocate(fd, offset, size)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def rename(self, source: Path, target: Path) -> None:
        source.rename(target)

    def remove(self, path: Path) -> None:
        path.unlink()

    def sync_folder(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def prepare_folder(given: str | os.PathLike[str], disk: Disk, *, create: bool) -> Path:
    """
    Return the real path of a folder, made for its owner alone if there is none and *create* allows it.

    Raises:
        InputError: it is not a folder, not safe, or not a journal yet and *create* is false.
    """
    path = Path(check_place("folder of a journal", given, create=create))
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not stat.S_ISDIR(path.stat().st_mode):
            raise InputError("folder of a journal", os.fspath(given), say("input.is_file")) from None
    else:
        disk.sync_folder(path.parent)
    if not create and not any(path.glob("*.sfj")):
        raise InputError("folder of a journal", os.fspath(given), say("input.no_projects"))
    return path


def check_there(path: Path, fd: int) -> None:
    """
    Check that a path still names the file that is open; ``StoreUnavailableError`` if it does not.
    """
    found = os.fstat(fd)
    if identity(path) != (found.st_dev, found.st_ino):
        raise gone(str(path))


def lock_folder(path: Path, disk: Disk) -> tuple[int, str]:
    """
    Return the descriptor that makes this handle the journal's only writer, and the note that the last writer left.

    The lock goes with the descriptor, so a crash leaves none behind. A second writer is a ``StoreLockedError``.
    """
    fd = disk.open(path / "LOCK", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = disk.read(fd, _NOTE, 0).decode(errors="replace").strip()
        write_note(fd, f"process {os.getpid()} on {socket.gethostname()}", disk)
    except BlockingIOError:
        holder = os.pread(fd, _NOTE, 0).decode(errors="replace").strip()
        os.close(fd)
        raise StoreLockedError(str(path), holder or "unknown") from None
    except BaseException:
        os.close(fd)
        raise
    return fd, found


@contextlib.contextmanager
def withdrawn(path: Path) -> Generator[None]:
    """
    Take a file away that an opening made if the opening fails: no lock is left in a folder without a journal.
    """
    made = not path.exists()
    try:
        yield
    except BaseException:
        if made:
            path.unlink(missing_ok=True)
        raise


def write_note(fd: int, text: str, disk: Disk) -> None:
    """
    Write a line into the file of the lock. On a full disk it may be missing, and nothing depends on it.
    """
    with contextlib.suppress(OSError):
        disk.truncate(fd, 0)
        disk.write(fd, f"{text}\n".encode(), 0)


def unlock(fd: int, owner: int) -> None:
    """
    Release the lock that process *owner* took, and close its descriptor.
    """
    # A forked child must not release the lock of its parent, nor must the parent's release wait for it.
    if os.getpid() == owner:
        fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


@contextlib.contextmanager
def opening_named(path: Path) -> Generator[None]:
    """
    Turn the errors of the system while a journal is opened into ``StoreFullError`` and ``StoreUnavailableError``.
    """
    try:
        with full_disk_named(path):
            yield
    except StoreFullError:
        raise
    except OSError as error:
        raise unavailable(str(path), error) from error


@contextlib.contextmanager
def full_disk_named(path: Path) -> Generator[None]:
    """
    Turn the errors of a full medium into ``StoreFullError``.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL or isinstance(error, StoreFullError):
            raise
        full = StoreFullError(say("store.full", path=str(path), why=error.strerror))
        full.errno = error.errno
        raise full from error


def read_file(fd: int, size: int, disk: Disk) -> bytes:
    """
    Return the first *size* bytes of a file, or all if it has fewer.
    """
    return b"".join(disk.read(fd, min(_BLOCK, size - offset), offset) for offset in range(0, size, _BLOCK))


def read_path(path: Path, disk: Disk) -> bytes:
    """
    Return all bytes of a file.
    """
    fd = disk.open(path, os.O_RDONLY)
    try:
        return read_file(fd, os.fstat(fd).st_size, disk)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes, offset: int, disk: Disk) -> None:
    """
    Write all of *data* at an offset, in a single call as a rule.
    """
    rest = memoryview(data)
    while rest:  # a full medium takes some bytes first, and then says that it is full
        taken = disk.write(fd, rest, offset)
        rest, offset = rest[taken:], offset + taken


def write_file(path: Path, data: bytes, disk: Disk, *, flags: int = os.O_TRUNC) -> None:
    """
    Write a whole file and sync it, but not its folder; after an ``OSError`` it may hold some of the data.
    """
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | flags)
    try:
        write_all(fd, data, 0, disk)
        disk.sync(fd)
    finally:
        os.close(fd)


def publish(draft: Path, path: Path, disk: Disk) -> None:
    """
    Give a synced file its name, and return when the name is on the medium.
    """
    disk.rename(draft, path)
    disk.sync_folder(path.parent)
