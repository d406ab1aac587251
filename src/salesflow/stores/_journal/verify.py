"""
Comparing the files of a journal with what is known about them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from ...errors import StoreError
from .disk import Disk, digest_of
from .line_format import read_line, read_seal, seed_of
from .recovery import place_of, read_segment, segment_names


class Mark(NamedTuple):
    """
    The end of a line, from which on the journal can be read.

    Attributes:
        store: the id of the journal.
        sizes: bytes of each segment up to there, by name.
        lines: the lines of the last of them.
        offset: where its last line begins.
        crc: the checksum of that line.
    """

    store: str
    sizes: Mapping[str, int]
    lines: int
    offset: int
    crc: int


def fits(folder: Path, mark: Mark, disk: Disk) -> bool:
    """
    Tell whether the files have the line that a mark stands behind, and all segments before it.
    """
    names = segment_names(folder)[: len(mark.sizes)]
    if names != list(mark.sizes):
        return False
    if any((folder / name).stat().st_size < size for name, size in mark.sizes.items()):
        return False
    fd = disk.open(folder / names[-1], os.O_RDONLY)
    try:
        line = read_line(disk.read(fd, mark.sizes[names[-1]] - mark.offset, mark.offset), seed_of(mark.store))
    finally:
        os.close(fd)
    return line is not None and line.crc == mark.crc


def find_damage(path: Path, end: int, disk: Disk, *, sealed: bool) -> str | None:
    """
    Read a segment anew; return what is wrong with its lines up to *end*, as a sentence.
    """
    name = str(path)
    try:
        with ExitStack() as opened:
            fd = disk.open(path, os.O_RDONLY)
            opened.callback(os.close, fd)
            _seed, found, lines = read_segment(fd, name, disk, sealed=sealed)
            good, seal = len(found.raw), None
            for found in lines:
                good = found.offset + len(found.raw)
                seal = read_seal(found.payload)
                if good >= end:
                    break
            digest = None if seal is None else digest_of(fd, found.offset, disk)
    except StoreError as error:
        return str(error)
    except OSError as error:
        return f"{name}: it cannot be read ({error.strerror})."
    if good < end:
        return f"{place_of(name, found.number + 1, good)}: this line is damaged or missing."
    if seal is not None and seal != (found.number - 1, digest):
        return f"{place_of(name, found.number, found.offset)}: its seal does not fit the lines before it."
    return None
