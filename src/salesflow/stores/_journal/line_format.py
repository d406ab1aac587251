"""
The line format ``sfj/1``: how a line is written, checked, and looked for.

.. code-block:: text

    line := crc32 SP crc-of-the-line-before SP length SP JSON-object LF

The two checksums are eight hex digits, the length is the bytes of the JSON in hex. The
checksum covers all behind it but the LF, and is seeded with the checksum of the store's
id, so that a line of another journal never fits. The first line of a segment is its
header, and the last line of a full segment its seal; every other line is a commit, or a
change to work or keys. The checksums run on from one
segment to the next, and a header repeats the SHA-256 in the seal before it.
"""

from __future__ import annotations

import re
from json import loads
from typing import Any, Final, NamedTuple
from zlib import crc32

from ..._codec.values import canonical
from ...errors import SchemaMismatchError, StoreCorruptError, TooLargeError, say


FORMAT: Final = "sfj/1"
LIMIT_LINE: Final = 16 * 1024 * 1024
"""How many bytes the JSON of a line may take."""

_FRAME: Final = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{1,7}) (?=\{)")
# A text inside JSON cannot look like this: its quotes are escaped. The look-ahead lets
# candidates overlap, since damage may have produced a candidate in front of a good line.
_SINCE: Final = re.compile(rb',"since":([0-9]{1,15})\}\Z')
_CANDIDATE: Final = re.compile(rb'(?=[0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{1,7} \{")')


class Line(NamedTuple):
    """
    A whole line with a good checksum.
    """

    crc: int  # which the next line repeats
    before: int  # what it says the checksum of the line before is
    payload: bytes  # its JSON


def seed_of(store: str) -> int:
    """
    Return what the checksums of a store's lines begin with.
    """
    return crc32(store.encode(errors="surrogatepass"))


def make_line(payload: bytes, before: int, seed: int) -> tuple[bytes, int]:
    """
    Return a line with its LF, and its checksum; ``TooLargeError`` over :data:`LIMIT_LINE` bytes.
    """
    if len(payload) > LIMIT_LINE:
        raise TooLargeError("a commit", size=len(payload), limit=LIMIT_LINE)
    rest = b" %08x %x %b" % (before, len(payload), payload)
    crc = crc32(rest, seed)
    return b"%08x%b\n" % (crc, rest), crc


def read_line(raw: bytes, seed: int) -> Line | None:
    """
    Return what *raw* holds if it is exactly one whole, good line with its LF.
    """
    frame = _FRAME.match(raw)
    if frame is None or not raw.endswith(b"\n") or len(raw) - frame.end() - 1 != int(frame[3], 16):
        return None
    crc = int(frame[1], 16)
    if crc32(memoryview(raw)[8:-1], seed) != crc:
        return None
    return Line(crc, int(frame[2], 16), raw[frame.end() : -1])


def find_line(data: bytes, seed: int, begin: int = 0) -> int | None:
    """
    Return the offset of the first whole good line anywhere in *data* from *begin* on, whatever precedes it.

    A good line has no candidate inside, so of those in front of one LF only the last can be it: every byte is
    checked once, however many candidates somebody has put there.
    """
    last, end = -1, 0
    for candidate in _CANDIDATE.finditer(data, begin):
        start = candidate.start()
        if end <= start:
            if last >= 0 and read_line(data[last:end], seed) is not None:
                return last
            end = data.find(b"\n", start) + 1
            if not end:
                return None
        last = start
    return last if last >= 0 and read_line(data[last:end], seed) is not None else None


def find_later(data: bytes, seed: int, offset: int) -> int | None:
    """
    Return the offset of the first whole line in *data* that was written after its beginning.

    Lines that were written together reach the medium in any order: what is missing before them was not
    acknowledged either.

    Args:
        offset: of *data* in its segment.
    """
    behind = find_line(data, seed)
    while behind is not None:
        end = data.find(b"\n", behind) + 1
        since = _SINCE.search(data, behind, end - 1)
        if since is None or int(since[1]) > offset:
            return behind
        behind = find_line(data, seed, end)
    return None


def make_seal(count: int, sha256: str) -> bytes:
    """
    Return the JSON of a seal: how many lines are in front of it, and the SHA-256 of all their bytes.
    """
    return canonical({"seal": count, "sha256": sha256})


def read_seal(payload: bytes) -> tuple[int, str] | None:
    """
    Return count and SHA-256 if a line is a seal.
    """
    if not payload.startswith(b'{"seal":'):
        return None
    seal: dict[str, Any] = loads(payload)
    return seal["seal"], seal.get("sha256", "")


class Header(NamedTuple):
    """
    What the first line of a segment says.
    """

    store: str  # the id of the journal
    first: int = 1  # the feed position of the segment's first fact
    prev: str | None = None  # the SHA-256 in the seal of the segment before it
    before: int = 0  # the checksum of that seal


def make_header(header: Header, created: str) -> bytes:
    """
    Return the first line of a segment; *created* is RFC 3339 in UTC.
    """
    said = {"created": created, "f": FORMAT, "first": header.first, "store": header.store}
    payload = canonical(said if header.prev is None else {**said, "prev": header.prev})
    return make_line(payload, header.before, seed_of(header.store))[0]


def header_of(raw: bytes) -> Header:
    """
    Return what a header says that :func:`read_header` accepted.
    """
    said = _parsed(raw)
    return Header(said["store"], said.get("first", 1), said.get("prev"), int(raw[9:17], 16))


def read_header(raw: bytes, name: str) -> tuple[int, int]:
    """
    Return the seed and the checksum of a header.

    Later formats keep it, so a file of theirs is a ``SchemaMismatchError``, other files ``StoreCorruptError``.
    """
    said = _parsed(raw)
    store = said.get("store")
    line = read_line(raw, seed_of(store)) if isinstance(store, str) else None
    if line is None or "f" not in said:
        raise StoreCorruptError(f"{name}:1, byte 0", say("corrupt.header"))
    if said["f"] != FORMAT:
        raise SchemaMismatchError(f"journal {name}", found=said["f"], wanted=FORMAT)
    return seed_of(said["store"]), line.crc


def _parsed(raw: bytes) -> dict[str, Any]:
    frame = _FRAME.match(raw)
    try:
        found: dict[str, Any] = loads(raw[frame.end() :]) if frame else {}
    except (ValueError, RecursionError):
        return {}
    return found  # an object, because the frame ends before a brace
