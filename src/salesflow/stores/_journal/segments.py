"""
The segments of a journal as one row of lines: read at the start, then appended to.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ..._codec.values import encode_time
from ...errors import StoreCorruptError
from .disk import Disk, digest_of, full_disk_named, publish
from .line_format import Header, header_of, make_header, make_line, make_seal, read_line, read_seal
from .recovery import (
    DRAFT,
    Found,
    Recovered,
    make_segment,
    place_of,
    read_behind,
    read_draft,
    read_segment,
    renew,
    segment_names,
    size_without_reserve,
    write_draft,
)
from .segment import Segment
from .verify import Mark, find_damage


class Stored(NamedTuple):
    """
    A line as the journal has it.

    Attributes:
        place: where it begins in the row of all segments.
        where: how messages name the place.
    """

    place: int
    where: str
    payload: bytes


class Segments:
    """
    The files of a journal. A place counts bytes from the beginning of its first segment.

    Attributes:
        recovered: what reading cut off a torn end, or ``None``.
        name: the file that is written to.
    """

    recovered: Recovered | None

    def __init__(self, folder: Path, disk: Disk, limit: int) -> None:
        self._folder = folder
        self._disk = disk
        self._limit = limit
        self._files = ExitStack()
        self._segments: list[Segment] = []
        self._bases: list[int] = []
        self._names: list[str] = []
        self._header = Header("", 1, None, 0)
        self._lines = 0
        self._offset = 0
        self._sealed: tuple[int, str] | None = None
        self._seed = 0
        self._crc: int = 0
        self.recovered = None

    @property
    def name(self) -> str:
        """
        The file that is written to.
        """
        return self._names[-1]

    def mark(self) -> Mark:
        """
        Return where the last line ends.
        """
        sizes = {Path(name).name: segment.size for name, segment in zip(self._names, self._segments, strict=True)}
        return Mark(self._header.store, sizes, self._lines, self._offset, self._crc)

    def read(self, mark: Mark | None = None, left: str = "") -> Iterator[Stored]:
        """
        Yield all lines in order, headers and seals aside; it must be read to the end before :meth:`append`.

        Args:
            mark: yield only what stands behind it; it must fit.
            left: what :meth:`left` said at closing. If it says something else now, the last
                segment is written again.

        Raises:
            StoreCorruptError: a line is damaged or a segment missing.
            SchemaMismatchError: a newer version wrote it.
        """
        found = segment_names(self._folder)
        names = found or [make_segment(self._folder, self._disk)]
        known: Mapping[str, int] = {} if mark is None else mark.sizes
        for name, size in list(known.items())[:-1]:
            self._pass(self._folder / name, size)
        for name in names[max(len(known) - 1, 0) :]:
            yield from self._read_one(self._folder / name, mark if name in known else None, last=name == names[-1])
        if found:
            self._make_sure(left)
        if self._sealed is not None:
            self._continue()

    def left(self) -> str:
        """
        Return which line is the last one, all of them being on the medium.
        """
        return f"closed behind byte {self._offset} of {Path(self.name).name}, {self._crc:08x}"

    def _open(self, path: Path) -> int:
        fd = self._disk.open(path, os.O_RDWR)
        self._files.callback(os.close, fd)
        return fd

    def _pass(self, path: Path, size: int) -> None:
        fd = self._open(path)
        seed, found, _lines = read_segment(fd, str(path), self._disk)
        self._add(path, fd, header_of(found.raw), seed)
        self._segments[-1].size = size

    def _read_one(self, path: Path, mark: Mark | None, *, last: bool) -> Iterator[Stored]:
        name = str(path)
        fd = self._open(path)
        seed, found, lines = read_segment(fd, name, self._disk, sealed=not last)
        if mark is None:
            self._begin(path, fd, header_of(found.raw), seed)
        else:
            self._add(path, fd, header_of(found.raw), seed)
            raw = self._disk.read(fd, mark.sizes[path.name] - mark.offset, mark.offset)
            found = Found(mark.lines, mark.offset, raw, mark.crc, b"")
            lines = read_behind(fd, name, seed, found, self._disk, sealed=not last)
        base = self._bases[-1]
        for found in lines:
            self._sealed = read_seal(found.payload)
            if self._sealed is not None:
                break
            yield Stored(base + found.offset, place_of(name, found.number, found.offset), found.payload)
        self._end(fd, found, last=last)

    def _begin(self, path: Path, fd: int, header: Header, seed: int) -> None:
        expected = None if self._sealed is None else self._sealed[1]
        if (
            header.prev != expected
            or header.before != self._crc
            or (self._names and seed != self._seed)
            or f"{header.first:020}" != path.stem
        ):
            raise StoreCorruptError(f"{path}:1, byte 0", "it does not follow the segment before it; one is missing")
        self._add(path, fd, header, seed)

    def _add(self, path: Path, fd: int, header: Header, seed: int) -> None:
        self._bases.append(self._bases[-1] + self._segments[-1].size if self._segments else 0)
        self._segments.append(Segment(path, fd, self._disk))
        self._names.append(str(path))
        self._header, self._seed, self._sealed = header, seed, None

    def _end(self, fd: int, found: Found, *, last: bool) -> None:
        end = found.offset + len(found.raw)
        self._lines, self._crc, self._offset = found.number, found.crc, found.offset
        behind = self._sealed is not None and size_without_reserve(fd, end, self._disk)
        if behind or (self._sealed is None and not last):
            place = place_of(self.name, found.number + 1, end)
            raise StoreCorruptError(place, "the segment does not end with its seal, and it is not the last one")
        self._segments[-1].size = self._segments[-1].room = end

    def _make_sure(self, left: str) -> None:
        # Nothing may be acknowledged on top of a line that only the system's memory may have.
        last = self._segments[-1]
        if left != self.left() or os.fstat(last.fd).st_size != last.size:
            self.recovered = renew(Path(self.name), last.fd, last.size, self._disk)

    def make_room(self, position: int) -> bool:
        """
        Seal the last segment and begin another one if it is full; tell whether it was.

        Args:
            position: of the next fact.

        Raises:
            StoreFullError: nothing was written.
            StoreFailedError, OSError: what is on the medium is unknown.
        """
        # Segments are named after their first fact, so one without facts is never full.
        full = self._segments[-1].size >= self._limit and position > self._header.first
        if full:
            self._roll(position)
        return full

    @property
    def next_place(self) -> int:
        """
        Where the next line will begin.
        """
        return self._bases[-1] + self._segments[-1].size

    def append(self, payload: bytes) -> int:
        """
        Write and sync one line; return its place.

        Raises:
            TooLargeError: over the limit of a line.
            StoreFullError: nothing was written.
            StoreFailedError: what is on the medium is unknown.
        """
        line, crc = make_line(payload, self._crc, self._seed)
        self._offset = self._segments[-1].append(line)
        self._crc = crc
        self._lines += 1
        return self._bases[-1] + self._offset

    def _roll(self, position: int) -> None:
        # The next segment is on the medium, under another name, before this one is sealed: one that
        # is sealed and has no next is a journal with its end gone.
        full = self._segments[-1]
        seal, crc = make_line(make_seal(self._lines, digest_of(full.fd, full.size, self._disk)), self._crc, self._seed)
        sealed = read_seal(seal.split(b" ", 3)[3])
        header = make_header(
            self._header.store,
            encode_time(datetime.now(UTC)),
            first=position,
            prev=None if sealed is None else sealed[1],
            before=crc,
        )
        with full_disk_named(self._folder):
            write_draft(self._folder, header, self._disk)
        full.append(seal)
        full.close()
        self._crc = crc
        self._sealed = sealed
        self._continue()

    def _continue(self) -> None:
        line = read_line(raw := read_draft(self._folder, self._disk), self._seed)
        if line is None or line.before != self._crc:
            raise StoreCorruptError(self.name, "it is sealed, and the segment after it is missing")
        header = header_of(raw)
        path = self._folder / f"{header.first:020}.sfj"
        publish(self._folder / DRAFT, path, self._disk)
        self._add(path, self._open(path), header, self._seed)
        self._crc, self._lines, self._offset = line.crc, 1, 0

    def line_at(self, place: int) -> tuple[bytes, str]:
        """
        Return the bytes of the line at a place, and how messages name it.
        """
        number = bisect_right(self._bases, place) - 1
        offset = place - self._bases[number]
        return self._segments[number].line_at(offset), f"{self._names[number]}, byte {offset}"

    def payload_of(self, raw: bytes, where: str) -> bytes:
        """
        Return the JSON of a line.

        Raises:
            StoreCorruptError: if it is none any more.
        """
        line = read_line(raw, self._seed)
        if line is None:
            raise StoreCorruptError(where, "this line was good when it was written or the journal was opened")
        return line.payload

    def ends(self) -> list[int]:
        """
        Return how many bytes of lines each segment has now.
        """
        return [segment.size for segment in self._segments]

    def damages(self, ends: list[int]) -> list[str]:
        """
        Read the files anew, as far as *ends* says; return what is wrong with them, as sentences.
        """
        last = len(ends) - 1
        pairs = [(Path(name), end) for name, end in zip(self._names, ends, strict=False)]
        found = (find_damage(path, end, self._disk, sealed=n < last) for n, (path, end) in enumerate(pairs))
        return [each for each in found if each is not None]

    def finish(self) -> None:
        """
        Cut the reserve off; nothing is written after that.
        """
        self._segments[-1].close()

    def close(self) -> None:
        """
        Give the files back; closing twice is harmless.
        """
        self._files.close()
