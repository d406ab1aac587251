"""
Opening a journal: creating its segment, reading its lines, and writing one anew that was not closed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader, RawIOBase
from itertools import chain, count
from pathlib import Path
from typing import Any, Final, NamedTuple

import attrs

from ..._codec.values import encode_time
from ...errors import StoreCorruptError, StoreError, StoreFailedError
from .disk import BLOCK, FULL, Disk, blocks_of, publish, write_file
from .line_format import LONGEST, find_line, make_header, read_header, read_line


SEGMENT: Final = f"{1:020}.sfj"
DRAFT: Final = "draft"
_COPY: Final = "copy"
_HEADER: Final = 4096  # bytes, more than a header takes


@attrs.frozen
class Recovered:
    """
    What opening a journal cut off its end: a line whose writing was cut short.

    No commit that was acknowledged is in it.

    Attributes:
        size: bytes that were cut.
        offset: where the cut was made.
        kept: the file that has them now.
    """

    size: int
    offset: int
    kept: Path


class Found(NamedTuple):
    """
    A line of a segment.

    Attributes:
        number: counts lines from 1; the header is the first.
        raw: the line as it stands in the file.
    """

    number: int
    offset: int
    raw: bytes
    crc: int
    payload: bytes


def place_of(name: str, number: int, offset: int) -> str:
    """
    Return how a message names a place in a segment.
    """
    return f"{name}:{number}, byte {offset}"


def segment_names(folder: Path) -> list[str]:
    """
    Return the names of the journal's segments in order.
    """
    return sorted(path.name for path in folder.glob("*.sfj"))


def make_segment(folder: Path, disk: Disk) -> str:
    """
    Begin a journal: make its first segment, with nothing but a header, and return its name.
    """
    write_draft(folder, make_header(os.urandom(16).hex(), encode_time(datetime.now(UTC))), disk)
    publish(folder / DRAFT, folder / SEGMENT, disk)
    return SEGMENT


def write_draft(folder: Path, header: bytes, disk: Disk) -> None:
    """
    Write the header of a new segment under another name, so that a header is never torn.
    """
    write_file(folder / DRAFT, [header], disk)
    disk.sync_folder(folder)


def read_draft(folder: Path, disk: Disk) -> bytes:
    """
    Return what waits to become a segment, if anything does.
    """
    try:
        fd = disk.open(folder / DRAFT, os.O_RDONLY)
    except FileNotFoundError:
        return b""
    try:
        return disk.read(fd, _HEADER, 0)
    finally:
        os.close(fd)


def read_segment(fd: int, name: str, disk: Disk, *, sealed: bool = False) -> tuple[int, Found, Iterator[Found]]:
    """
    Return the seed of a segment, its header, and the whole lines behind it in order.

    What stands behind the last of them is a torn tail: the lines end before it only if
    no whole line follows. They must be read to the end before anything is written. In a
    sealed segment nothing can be torn.

    Raises:
        SchemaMismatchError: if a newer version wrote it.
        StoreCorruptError: if it is no journal, or a line is damaged in front of a whole one.
    """
    start = disk.read(fd, _HEADER, 0)
    raw = start[: start.find(b"\n") + 1]
    seed, crc = read_header(raw, name)
    header = Found(1, 0, raw, crc, b"")
    return seed, header, _lines(fd, name, seed, header, disk, sealed=sealed)


def read_behind(fd: int, name: str, seed: int, last: Found, disk: Disk, *, sealed: bool = False) -> Iterator[Found]:
    """
    Return the whole lines behind one that is known; else as :func:`read_segment`.
    """
    return _lines(fd, name, seed, last, disk, sealed=sealed)


def _lines(fd: int, name: str, seed: int, last: Found, disk: Disk, *, sealed: bool) -> Iterator[Found]:
    offset = last.offset + len(last.raw)
    with BufferedReader(_Bytes(fd, offset, disk), BLOCK) as file:
        while raw := file.readline(LONGEST):
            line = read_line(raw, seed)
            if line is None or line.before != last.crc:
                if sealed:
                    raise StoreCorruptError(
                        place_of(name, last.number + 1, offset), "this line is damaged or missing in a full segment"
                    )
                _refuse_damage(fd, name, seed, last.number + 1, offset, disk)
                return
            last = Found(last.number + 1, offset, raw, line.crc, line.payload)
            yield last
            offset += len(raw)


class _Bytes(RawIOBase):
    """
    The bytes of a file from an offset on, through the calls of a disk.
    """

    def __init__(self, fd: int, offset: int, disk: Disk) -> None:
        self._fd, self._offset, self._disk = fd, offset, disk

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._disk.read(self._fd, len(buffer), self._offset)
        buffer[: len(data)] = data
        self._offset += len(data)
        return len(data)


def _refuse_damage(fd: int, name: str, seed: int, number: int, offset: int, disk: Disk) -> None:
    found = find_behind(fd, offset, seed, disk)
    if found is not None:
        raise StoreCorruptError(
            place_of(name, number, offset),
            f"this line is damaged or missing, and a whole one follows at byte {found}",
        )


def find_behind(fd: int, offset: int, seed: int, disk: Disk, *, step: int = 2 * LONGEST) -> int | None:
    """
    Return where a whole line begins at or behind *offset*.

    Args:
        step: bytes looked at together; every line is whole in one of the stretches.
    """
    while True:
        data = disk.read(fd, step + LONGEST, offset)
        found = find_line(data, seed)
        if found is not None:
            return offset + found
        if len(data) <= step:
            return None
        offset += step


def renew(path: Path, fd: int, end: int, disk: Disk) -> Recovered | None:
    """
    Write a segment into a new file, as far as its lines are whole, and let *fd* stand for that file.

    After a failed sync the system may show a line that the medium does not have, and call it
    clean: another sync would do nothing, and writing it over itself might tear it. What is torn
    behind *end* is kept in a file of its own, unless it is a reserve of zeros.

    Raises:
        StoreFullError: there is no room for it; the old file stays as it was.
        StoreFailedError: the same for any other reason.
    """
    copy = path.parent / _COPY
    try:
        recovered = _put_aside(path, fd, end, disk)
        # Read and written, not cloned: a clone shares the blocks of the medium, which may lack the line.
        write_file(copy, blocks_of(fd, 0, end, disk), disk)
        publish(copy, path, disk)
        fresh = disk.open(path, os.O_RDWR)
    except OSError as error:
        with suppress(OSError):
            disk.remove(copy)
        if isinstance(error, StoreError) or error.errno in FULL:
            raise
        raise StoreFailedError(
            f"{str(path)!r} was not closed, and could not be written again ({error.strerror}). "
            "Nothing was lost; look after the medium, and open the store again."
        ) from error
    os.dup2(fresh, fd, inheritable=False)
    os.close(fresh)
    return recovered


def size_without_reserve(fd: int, offset: int, disk: Disk) -> int:
    """
    Return how many bytes stand behind *offset* before nothing but zeros follows.
    """
    torn = seen = 0
    for block in blocks_of(fd, offset, os.fstat(fd).st_size, disk):
        text = block.rstrip(b"\0")
        torn = seen + len(text) if text else torn
        seen += len(block)
    return torn


def _put_aside(path: Path, fd: int, offset: int, disk: Disk) -> Recovered | None:
    torn = size_without_reserve(fd, offset, disk)
    if not torn:
        return None
    stem = f"torn-{path.stem}-{offset}"
    names = chain([f"{stem}.bin"], (f"{stem}-{number}.bin" for number in count(2)))
    kept = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    write_file(kept, blocks_of(fd, offset, offset + torn, disk), disk, new=True)
    disk.sync_folder(path.parent)
    return Recovered(torn, offset, kept)
