"""
Opening a journal: creating its segment, reading its lines, and cutting a torn tail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import attrs

from .._codec_values import encode_time
from ..errors import StoreCorruptError
from ._files import Disk, open_file
from ._lines import LONGEST, find_line, make_header, read_header, read_line


SEGMENT: Final = f"{1:020}.sfj"
DRAFT: Final = "draft"
_HEADER: Final = 4096  # bytes, more than a header takes
_BLOCK: Final = 1024 * 1024  # bytes copied at a time


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


def segment_names(folder: Path, disk: Disk) -> list[str]:
    """
    Return the names of the journal's segments in order; the first one is made if there is none.
    """
    names = sorted(path.name for path in folder.glob("*.sfj"))
    if not names:
        write_draft(folder, make_header(os.urandom(16).hex(), encode_time(datetime.now(UTC))), disk)
        (folder / DRAFT).rename(folder / SEGMENT)
        disk.sync_folder(folder)
        names = [SEGMENT]
    return names


def write_draft(folder: Path, header: bytes, disk: Disk) -> None:
    """
    Write the header of a new segment under another name, so that a header is never torn.
    """
    fd = open_file(folder / DRAFT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(fd, "wb") as file:
        file.write(header)
        file.flush()
        disk.sync(fd)
    disk.sync_folder(folder)


def read_segment(fd: int, name: str, *, sealed: bool = False) -> tuple[int, Found, Iterator[Found]]:
    """
    Return the seed of a segment, its header, and the whole lines behind it in order.

    What stands behind the last of them is a torn tail: the lines end before it only if
    no whole line follows. They must be read to the end before anything is written. In a
    sealed segment nothing can be torn.

    Raises:
        SchemaMismatchError: if a newer version wrote it.
        StoreCorruptError: if it is no journal, or a line is damaged in front of a whole one.
    """
    start = os.pread(fd, _HEADER, 0)
    raw = start[: start.find(b"\n") + 1]
    seed, crc = read_header(raw, name)
    header = Found(1, 0, raw, crc, b"")
    return seed, header, _lines(fd, name, seed, header, sealed=sealed)


def read_behind(fd: int, name: str, seed: int, last: Found, *, sealed: bool = False) -> Iterator[Found]:
    """
    Return the whole lines behind one that is known; else as :func:`read_segment`.
    """
    return _lines(fd, name, seed, last, sealed=sealed)


def _lines(fd: int, name: str, seed: int, last: Found, *, sealed: bool) -> Iterator[Found]:
    with open(fd, "rb", closefd=False) as file:
        offset = file.seek(last.offset + len(last.raw))
        while raw := file.readline(LONGEST):
            line = read_line(raw, seed)
            if line is None or line.before != last.crc:
                if sealed:
                    raise StoreCorruptError(
                        place_of(name, last.number + 1, offset), "this line is damaged or missing in a full segment"
                    )
                _refuse_damage(fd, name, seed, last.number + 1, offset)
                return
            last = Found(last.number + 1, offset, raw, line.crc, line.payload)
            yield last
            offset += len(raw)


def _refuse_damage(fd: int, name: str, seed: int, number: int, offset: int) -> None:
    found = find_behind(fd, offset, seed)
    if found is not None:
        raise StoreCorruptError(
            place_of(name, number, offset),
            f"this line is damaged or missing, and a whole one follows at byte {found}",
        )


def find_behind(fd: int, offset: int, seed: int, *, step: int = 2 * LONGEST) -> int | None:
    """
    Return where a whole line begins at or behind *offset*.

    Args:
        step: bytes looked at together; every line is whole in one of the stretches.
    """
    while True:
        data = os.pread(fd, step + LONGEST, offset)
        found = find_line(data, seed)
        if found is not None:
            return offset + found
        if len(data) <= step:
            return None
        offset += step


def cut_tail(folder: Path, stem: str, fd: int, offset: int, disk: Disk) -> Recovered | None:
    """
    Cut off what stands behind *offset*; unless it is a reserve of zeros, keep it in a file of its own.

    Args:
        stem: the name of the segment, for the name of that file.
    """
    torn = size_without_reserve(fd, offset)
    if os.fstat(fd).st_size == offset:
        return None
    kept = _put_aside(folder, stem, fd, offset, torn, disk) if torn else None
    disk.truncate(fd, offset)
    disk.sync(fd)
    return None if kept is None else Recovered(torn, offset, kept)


def size_without_reserve(fd: int, offset: int) -> int:
    """
    Return how many bytes stand behind *offset* before nothing but zeros follows.
    """
    torn = 0
    for start in range(offset, os.fstat(fd).st_size, _BLOCK):
        block = os.pread(fd, _BLOCK, start).rstrip(b"\0")
        torn = start + len(block) - offset if block else torn
    return torn


def _put_aside(folder: Path, stem: str, fd: int, offset: int, size: int, disk: Disk) -> Path:
    kept, copy = _aside(folder, f"torn-{stem}-{offset}")
    with os.fdopen(copy, "wb") as file:
        for start in range(offset, offset + size, _BLOCK):
            file.write(os.pread(fd, min(_BLOCK, offset + size - start), start))
        file.flush()
        disk.sync(copy)
    disk.sync_folder(folder)
    return kept


def _aside(folder: Path, stem: str) -> tuple[Path, int]:
    number = 1
    while True:
        path = folder / (f"{stem}.bin" if number == 1 else f"{stem}-{number}.bin")
        try:
            return path, open_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            number += 1
