"""
Reading a segment whole: its lines, a torn tail that is cut, damage that is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from ..._model.frozen import noun
from ...errors import StoreCorruptError, StoreError, StoreFailedError, say
from .disk import FULL, Disk, publish, read_path, write_file
from .line_format import find_later, read_header, read_line, read_seal


@noun
class Recovered:
    """
    The torn end that opening a journal cut off: a line that was not written completely.

    No commit that was acknowledged is in it.

    Attributes:
        size: bytes that were cut.
        offset: where the cut was made.
        kept: the file that has them now.
    """

    size: int
    offset: int
    kept: Path


class FoundLine(NamedTuple):
    """
    A line of a segment.
    """

    number: int  # counts from 1; the header is the first
    offset: int
    end: int  # behind its LF
    crc: int
    payload: bytes


def place_of(name: str, number: int, offset: int) -> str:
    """
    Return how a message names a place in a segment.
    """
    return f"{name}:{number}, byte {offset}"


def read_lines(data: bytes, name: str, *, last: bool) -> Iterator[FoundLine]:
    """
    Yield the header of a segment and the whole lines behind it, up to its seal if it has one.

    Bytes after the last line of the last segment are a torn tail, unless a whole line that
    was written later follows somewhere. Zeros at the end are a reserve. In a segment that is not the last
    segment nothing can be torn. What is damaged is a ``StoreCorruptError`` with its place.
    """
    end = data.find(b"\n") + 1
    seed, crc = read_header(data[:end], name)
    found, sealed = FoundLine(1, 0, end, crc, b""), False
    yield found
    while not sealed and (end := data.find(b"\n", found.end) + 1):
        line = read_line(data[found.end : end], seed)
        if line is None or line.before != found.crc:
            break
        found = FoundLine(found.number + 1, found.end, end, line.crc, line.payload)
        sealed = read_seal(line.payload) is not None
        yield found
    rest = data[found.end :].rstrip(b"\0")
    place = place_of(name, found.number + 1, found.end)
    if (sealed and rest) or not (sealed or last):
        raise StoreCorruptError(place, say("corrupt.seal"))
    behind = find_later(rest, seed, found.end)
    if behind is not None:
        why = say("corrupt.followed", place=found.end + behind)
        raise StoreCorruptError(place, why)


def find_damage(path: Path, end: int, disk: Disk) -> str | None:
    """
    Read a segment again; return what is wrong with its lines up to *end*, as a sentence.
    """
    name = str(path)
    try:
        data = read_path(path, disk)
        lines = read_lines(data, name, last=True)
        found = next(lines)
        while found.end < end and (following := next(lines, None)):
            found = following
    except StoreError as error:
        return str(error)
    except OSError as error:
        return f"{name}: it cannot be read ({error.strerror})."
    if found.end < end:
        return f"{place_of(name, found.number + 1, found.end)}: this line is damaged or missing."
    seal = read_seal(found.payload)
    if seal is not None and seal != (found.number - 1, hashlib.sha256(data[: found.offset]).hexdigest()):
        return f"{place_of(name, found.number, found.offset)}: its seal does not fit the lines before it."
    return None


def rewrite_segment(path: Path, fd: int, data: bytes, end: int, disk: Disk) -> Recovered | None:
    """
    Write the lines of a segment into a new file, and let *fd* stand for that file.

    After a failed sync the system may show a line that the medium does not have, and call it
    clean: another sync would do nothing, and writing it over itself might tear it. What is torn
    behind *end* is kept in a file of its own, unless it is a reserve of zeros.

    After ``StoreFullError`` and ``StoreFailedError`` the old file is as it was.
    """
    copy = path.with_name("copy")
    try:
        recovered = _keep_torn(path, data[end:].rstrip(b"\0"), end, disk)
        write_file(copy, data[:end], disk)
        publish(copy, path, disk)
        fresh = disk.open(path, os.O_RDWR)
    except OSError as error:
        with suppress(OSError):
            disk.remove(copy)
        if isinstance(error, StoreError) or error.errno in FULL:
            raise
        raise StoreFailedError(say("store.not_closed", path=str(path), why=error.strerror)) from error
    os.dup2(fresh, fd, inheritable=False)
    os.close(fresh)
    return recovered


def _keep_torn(path: Path, torn: bytes, offset: int, disk: Disk) -> Recovered | None:
    if not torn:
        return None
    stem = f"torn-{path.stem}-{offset}"
    names = (path.with_name(f"{stem}{suffix}.bin") for suffix in chain([""], map("-{}".format, count(2))))
    kept = next(name for name in names if not name.exists())
    write_file(kept, torn, disk, flags=os.O_EXCL)
    disk.sync_folder(path.parent)
    return Recovered(len(torn), offset, kept)
