"""
The segments of a journal as one sequence of lines: read at the start, then appended to.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from ..._codec.values import encode_time
from ...errors import StoreCorruptError, StoreFailedError, StoreUnavailableError, say
from .disk import FULL, Disk, check_there, full_disk_named, publish, read_file, read_path, write_all, write_file
from .line_format import Header, header_of, make_header, make_line, make_seal, read_line, read_seal, seed_of
from .recovery import FoundLine, Recovered, place_of, read_lines, rewrite_segment


DRAFT: Final = "draft"
"""The name of a header that waits to become the next segment."""
_RESERVE: Final = 1024 * 1024  # bytes
_CHUNK: Final = 4096  # bytes, as much as most lines take


class Segment(NamedTuple):
    """
    One file of lines.
    """

    path: Path
    fd: int
    base: int  # bytes of all segments before it


class Segments:
    """
    The files of a journal. A place counts bytes from the beginning of its first segment.

    While the last segment is written it has a reserve of zeros behind its last line: a sync
    that need not record a new size as well took 0.7 of the time. Closing cuts the reserve
    off, and opening passes over it.

    Attributes:
        recovered: what opening cut off a torn end, or ``None``.
    """

    def __init__(self, folder: Path, disk: Disk, limit: int) -> None:
        self.recovered: Recovered | None = None
        self._folder = folder
        self._disk = disk
        self._limit = limit
        self._files = ExitStack()
        self._row: list[Segment] = []
        self._header = Header(os.urandom(16).hex())  # of the last segment
        self._seed = seed_of(self._header.store)
        self._line = FoundLine(0, 0, 0, 0, b"")  # the last line
        self._waiting = bytearray()  # lines behind it that are to be written together
        self._coming = self._line  # the last of them
        self._room = 0  # bytes of the last segment up to the end of its reserve

    def open(self, note: str) -> Iterator[tuple[int, str, bytes]]:
        """
        Yield place, name of the place, and JSON of all lines in order; it must be read to the end.

        *note* is what :meth:`finish` returned at closing. If it does not name the last line, the
        last segment was not closed, and is written again.
        """
        paths = sorted(self._folder.glob("*.sfj"))
        data = b""
        for path in paths:
            fd = self._open(path)
            data = read_file(fd, os.fstat(fd).st_size, self._disk)
            lines = read_lines(data, str(path), last=path is paths[-1])
            self._add(path, fd, data, next(lines))
            for found in lines:
                self._line = self._coming = found
                self._room = found.end
                if read_seal(found.payload) is None:
                    where = place_of(str(path), found.number, found.offset)
                    yield self._row[-1].base + found.offset, where, found.payload
        # Nothing may be acknowledged on top of a line that only the system's memory may have.
        if paths and (note != self._note() or len(data) != self._line.end):
            self.recovered = rewrite_segment(paths[-1], self._row[-1].fd, data, self._line.end, self._disk)
        if not paths:
            self._write_draft(self._header)
        if not paths or read_seal(self._line.payload) is not None:
            self._publish_draft()

    def _open(self, path: Path) -> int:
        fd = self._disk.open(path, os.O_RDWR)
        self._files.callback(os.close, fd)
        return fd

    def _add(self, path: Path, fd: int, data: bytes, line: FoundLine) -> None:
        header, seal = header_of(data[: line.end]), read_seal(self._line.payload)
        store = self._header.store if self._row else header.store
        follows = header == Header(store, header.first, None if seal is None else seal[1], self._line.crc)
        if not follows or path.name != _name(header.first):
            raise StoreCorruptError(f"{path}:1, byte 0", say("corrupt.segment_before"))
        self._row.append(Segment(path, fd, self.next_place))
        self._header, self._seed = header, seed_of(header.store)
        self._line = self._coming = line
        self._room = line.end

    def _write_draft(self, header: Header) -> None:
        # A header is whole before its segment has a name, so it is never torn.
        write_file(self._folder / DRAFT, make_header(header, encode_time(datetime.now(UTC))), self._disk)
        self._disk.sync_folder(self._folder)

    def _publish_draft(self) -> None:
        raw = b""
        with suppress(FileNotFoundError):
            raw = read_path(self._folder / DRAFT, self._disk)
        line = read_line(raw, self._seed)
        if line is None or line.before != self._line.crc:
            raise StoreCorruptError(str(self._row[-1].path), say("corrupt.segment_after"))
        path = self._folder / _name(header_of(raw).first)
        publish(self._folder / DRAFT, path, self._disk)
        self._add(path, self._open(path), raw, FoundLine(1, 0, len(raw), line.crc, b""))

    def make_room(self, position: int) -> None:
        """
        Seal the last segment if it is full, and begin the next with the fact of a feed position.

        After ``StoreFullError`` nothing was written; after others what is on the medium is unknown.
        """
        # Segments are named after their first fact, so a segment without facts is never full.
        if self._line.end < self._limit or position <= self._header.first:
            return
        self._check_there()
        digest = hashlib.sha256(read_file(self._row[-1].fd, self._line.end, self._disk)).hexdigest()
        seal = make_seal(self._line.number, digest)
        _line, crc = make_line(seal, self._line.crc, self._seed)
        # The next header is on the medium first: a journal whose last segment is sealed has lost its end.
        with full_disk_named(self._folder):
            self._write_draft(Header(self._header.store, position, digest, crc))
        self.append(seal)
        self._cut_reserve()
        self._publish_draft()

    @property
    def next_place(self) -> int:
        """
        Where the next line will begin.
        """
        return self._row[-1].base + self._coming.end if self._row else 0

    @property
    def since(self) -> int | None:
        """
        Where the lines begin in their segment that wait to be written together; ``None`` if none waits.
        """
        return self._line.end if self._waiting else None

    @property
    def waiting(self) -> int:
        """
        How many bytes wait to be written together.
        """
        return len(self._waiting)

    def add(self, payload: bytes) -> int:
        """
        Put a line behind those that wait, to be written by :meth:`write_out`; return its place.
        """
        line, crc = make_line(payload, self._coming.crc, self._seed)
        place, offset = self.next_place, self._coming.end
        self._waiting += line
        self._coming = FoundLine(self._coming.number + 1, offset, offset + len(line), crc, payload)
        return place

    def append(self, payload: bytes) -> int:
        """
        Write and sync one line; return its place.

        For errors see :meth:`write_out`.
        """
        place = self.add(payload)
        self.write_out()
        self.settle()
        return place

    def write_out(self) -> None:
        """
        Write and sync the lines that wait; :meth:`settle` comes next.

        After ``StoreFullError``, ``StoreUnavailableError`` and ``TooLargeError`` the file is as it was. After
        ``StoreFailedError`` what is on the medium is unknown, and the file must not be used again.
        """
        offset, end = self._line.end, self._coming.end
        try:
            self._check_there()
            if end > self._room:
                with suppress(OSError):  # where the medium has none to give, lines grow the file themselves
                    self._disk.reserve(self._row[-1].fd, self._room, end + _RESERVE - self._room)
                    self._room = end + _RESERVE
            with full_disk_named(self._row[-1].path):
                self._write(bytes(self._waiting), offset)
        except BaseException:
            self._waiting, self._coming = bytearray(), self._line
            raise

    def settle(self) -> None:
        """
        Take the lines that were written for written.
        """
        self._waiting, self._line = bytearray(), self._coming

    def _check_there(self) -> None:
        check_there(self._row[-1].path, self._row[-1].fd)

    def _write(self, lines: bytes, offset: int) -> None:
        fd = self._row[-1].fd
        # Each write names its offset, so the next write replaces what a failed write left.
        try:
            write_all(fd, lines, offset, self._disk)
        except OSError as error:
            try:
                self._disk.truncate(fd, offset)
                self._room = offset
            except OSError as second:
                raise self._failed("write", second) from error
            if error.errno in FULL:
                raise
            raise self._failed("write", error) from error
        try:
            self._disk.sync(fd)
        except OSError as error:
            raise self._failed("sync", error) from error

    def _failed(self, what: str, error: OSError) -> StoreFailedError:
        return StoreFailedError(say("store.sync", what=what, path=str(self._row[-1].path), why=error.strerror))

    def payload_at(self, place: int) -> tuple[bytes, str]:
        """
        Return the JSON of the line at a place, and how messages name it.
        """
        path, fd, base = self._row[bisect_right(self._row, place, key=lambda each: each.base) - 1]
        offset, where = place - base, f"{path}, byte {place - base}"
        try:
            waits = path is self._row[-1].path and offset >= self._line.end
            line = read_line(self._waiting_at(offset) if waits else self._line_at(fd, offset), self._seed)
        except OSError as error:
            raise StoreUnavailableError(
                say("store.unreadable", path=str(path), offset=offset, why=error.strerror)
            ) from error
        if line is None:
            raise StoreCorruptError(where, say("corrupt.line"))
        return line.payload, where

    def _waiting_at(self, offset: int) -> bytes:
        start = offset - self._line.end
        return bytes(self._waiting[start : self._waiting.find(b"\n", start) + 1])

    def _line_at(self, fd: int, offset: int) -> bytes:
        size = _CHUNK
        while True:
            raw = self._disk.read(fd, size, offset)
            end = raw.find(b"\n") + 1
            if end or len(raw) < size:
                return raw[:end]
            size *= 8

    def ends(self) -> list[tuple[Path, int]]:
        """
        Return the segments, and how many bytes of lines each has on the medium.
        """
        bases = [*(each.base for each in self._row[1:]), self._row[-1].base + self._line.end]
        return [(each.path, end - each.base) for each, end in zip(self._row, bases, strict=True)]

    def finish(self) -> str:
        """
        Cut the reserve off; return a note that names the last line, all lines being on the medium.
        """
        self._cut_reserve()
        return self._note()

    def _cut_reserve(self) -> None:
        if self._room > self._line.end:
            with suppress(OSError):  # what stays is zeros, which opening passes over
                self._disk.truncate(self._row[-1].fd, self._line.end)

    def _note(self) -> str:
        return f"closed behind byte {self._line.offset} of {self._row[-1].path.name}, {self._line.crc:08x}"

    def close(self) -> None:
        """
        Close the files; closing twice is harmless.
        """
        self._files.close()


def _name(first: int) -> str:
    # A segment is named after the feed position of its first fact.
    return f"{first:020}.sfj"
