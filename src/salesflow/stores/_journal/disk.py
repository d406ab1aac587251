"""
The files of a journal: opened safely, locked, read, written whole.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

from ...errors import InputError, StoreCorruptError, StoreError, StoreFullError, StoreLockedError
from .._file_systems import check_local


Buffer: TypeAlias = bytes | memoryview

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says when a medium takes no more."""
BLOCK: Final = 1024 * 1024
"""Bytes of a file that are read or copied at a time."""
_CHUNK: Final = 4096  # bytes, more than the lock's file has


class Disk:
    """
    The calls of a journal to its files; a test hands in one that fails, records, or does not wait.
    """

    def open(self, path: Path, flags: int) -> int:
        """
        Open a file for its owner alone, never through a symbolic link.

        Raises:
            StoreCorruptError: if it is a symbolic link.
        """
        try:
            return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno == errno.ELOOP:
                why = "it is a symbolic link, and the files of a journal never are"
                raise StoreCorruptError(str(path), why) from None
            raise

    def read(self, fd: int, size: int, offset: int) -> bytes:
        """
        Return up to *size* bytes from an offset on.
        """
        return os.pread(fd, size, offset)

    def write(self, fd: int, data: Buffer, offset: int) -> int:
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

    def rename(self, source: Path, target: Path) -> None:
        """
        Give a file another name, at once and instead of the file that has it.
        """
        source.rename(target)

    def remove(self, path: Path) -> None:
        """
        Take a file away.
        """
        path.unlink()

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
        InputError: if it is no folder, everybody may write into it, or it is on a network file system.
    """
    check_local("folder of a journal", path)
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


def lock_folder(path: Path, disk: Disk) -> tuple[int, str]:
    """
    Return the descriptor that makes this handle the journal's only writer, and what the last one left in the file.

    The lock goes with the descriptor, so a crash leaves none behind.

    Raises:
        StoreLockedError: at once, if there is a writer, also in this process.
    """
    fd = disk.open(path / "LOCK", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = disk.read(fd, _CHUNK, 0).decode(errors="replace").strip()
        note(fd, f"process {os.getpid()} on {socket.gethostname()}", disk)
    except BlockingIOError:
        holder = os.pread(fd, _CHUNK, 0).decode(errors="replace").strip()
        os.close(fd)
        raise StoreLockedError(str(path), holder or "unknown") from None
    except BaseException:
        os.close(fd)
        raise
    return fd, left


def note(fd: int, text: str, disk: Disk) -> None:
    """
    Write a line into the file of the lock. On a full disk it may be missing, and nothing depends on it.
    """
    with contextlib.suppress(OSError):
        disk.truncate(fd, 0)
        disk.write(fd, f"{text}\n".encode(), 0)


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
        if error.errno in FULL:
            raise full(error, path) from error
        raise


def full(error: OSError, path: Path) -> StoreFullError:
    """
    Return what a caller is told when a medium takes no more.
    """
    text = f"{error.strerror}: nothing was written. Free some space and try again"
    return StoreFullError(error.errno, text, str(path))


def blocks_of(fd: int, start: int, end: int, disk: Disk) -> Iterator[bytes]:
    """
    Yield the bytes of a file between two offsets.
    """
    for offset in range(start, end, BLOCK):
        yield disk.read(fd, min(BLOCK, end - offset), offset)


def digest_of(fd: int, end: int, disk: Disk) -> str:
    """
    Return the SHA-256 of the first *end* bytes of a file, in hex.
    """
    digest = hashlib.sha256()
    for block in blocks_of(fd, 0, end, disk):
        digest.update(block)
    return digest.hexdigest()


def write_file(path: Path, blocks: Iterable[bytes], disk: Disk, *, new: bool = False) -> None:
    """
    Write a whole file and sync it, but not its folder.

    Args:
        new: do not replace a file.

    Raises:
        OSError: there may be a part of it.
    """
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC))
    try:
        offset = 0
        for block in blocks:
            rest = memoryview(block)
            while rest:  # a full medium takes a part first, and then says that it is full
                taken = disk.write(fd, rest, offset)
                rest = rest[taken:]
                offset += taken
        disk.sync(fd)
    finally:
        os.close(fd)


def publish(draft: Path, path: Path, disk: Disk) -> None:
    """
    Give a synced file its name, and return when the name is on the medium.
    """
    disk.rename(draft, path)
    disk.sync_folder(path.parent)
