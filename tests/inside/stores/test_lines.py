"""
The line format: what is written is read, what is damaged is not, and nothing imitates a line.
"""

from __future__ import annotations

import json
from zlib import crc32

import pytest
from hypothesis import given, strategies as st

from salesflow.errors import SchemaMismatchError, StoreCorruptError, TooLargeError
from salesflow.stores._journal.line_format import (
    LIMIT_LINE,
    Header,
    find_line,
    make_header,
    make_line,
    read_header,
    read_line,
    seed_of,
)
from salesflow.stores.adapting import canonical

from ...cases import over_cases


SEED = seed_of("0" * 32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def line(payload: bytes = b'{"position":1}', before: int = 7) -> bytes:
    return make_line(payload, before, SEED)[0]


def framed(payload: bytes) -> bytes:
    """A line whose checksum is good, in a store whose id is empty."""
    rest = b" %08x %x %b" % (0, len(payload), payload)
    return b"%08x%b\n" % (crc32(rest), rest)


def test_format():
    """
    A line is what the format says: checksum, checksum before, length in hex, JSON.
    """
    payload = b'{"position":1}'
    rest = b' 00000007 e {"position":1}'

    assert b"%08x" % crc32(rest, crc32(b"0" * 32)) + rest + b"\n" == line(payload)


@given(TEXTS, st.integers(0, 2**32 - 1))
def test_read_what_was_written(text, before):
    """
    Every line that is written is read back, with both checksums.
    """
    payload = canonical({"text": text})
    raw, crc = make_line(payload, before, SEED)

    assert (crc, before, payload) == read_line(raw, SEED)


def test_damage_is_noticed():
    """
    No line is good with one byte changed, missing or added, and none is good in another store.
    """
    raw = line()
    damaged = [raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :] for at in range(len(raw)) for flip in (1, 0x80, 0xFF)]
    damaged += [raw[:at] + raw[at + 1 :] for at in range(len(raw))]
    damaged += [raw[:at] + b"0" + raw[at:] for at in range(len(raw))]

    assert [] == [each for each in damaged if read_line(each, SEED) is not None]
    assert None is read_line(raw, seed_of("another"))


def test_line_of_the_largest_size():
    """
    A line at the limit is written, one byte more is refused with both sizes.
    """
    largest = b'{"' + b"x" * (LIMIT_LINE - 4) + b'"}'
    raw, _crc = make_line(largest, 0, SEED)
    with pytest.raises(TooLargeError) as caught:
        make_line(largest + b" ", 0, SEED)

    assert (LIMIT_LINE + 1, LIMIT_LINE) == (caught.value.size, caught.value.limit)
    assert read_line(raw, SEED) is not None


@given(st.binary(max_size=60).filter(lambda data: b"\n" not in data), st.binary(max_size=60))
def test_find_a_line_behind_anything(before, after):
    """
    A whole line is found at any offset, whatever stands around it.
    """
    assert len(before) == find_line(before + line() + after, SEED)


def test_find_a_line_behind_the_start_of_another():
    """
    A torn line that runs into a whole one does not hide it.
    """
    torn = line()[:-3]

    assert [len(torn[:cut]) for cut in range(len(torn))] == [
        find_line(torn[:cut] + line(), SEED) for cut in range(len(torn))
    ]


@given(TEXTS)
def test_a_text_cannot_imitate_a_line(text):
    """
    A text that holds a whole line, with the right checksum, is not found as one.
    """
    inner = line().decode()
    payload = canonical({"text": inner + text, inner: [inner.strip()]})

    damaged = b"#" + make_line(payload, 0, SEED)[0][1:]

    assert None is find_line(damaged, SEED)


def test_find_nothing():
    """
    Where there is no whole line, none is found.
    """
    assert [None, None, None] == [find_line(data, SEED) for data in (b"", b"x" * 100 + b"\n", line()[:-1])]


def test_header():
    """
    A header says what it is, and gives the seed and checksum that the next line needs.
    """
    raw = make_header(Header("a" * 32), "2026-03-02T09:00:00Z")
    said = json.loads(raw.split(b" ", 3)[3])

    assert {"created": "2026-03-02T09:00:00Z", "f": "sfj/1", "first": 1, "store": "a" * 32} == said
    assert (seed_of("a" * 32), int(raw[:8], 16)) == read_header(raw, "1.sfj")


@over_cases(
    "raw",
    [
        b"",
        b"\n",
        b"stage,owner\n",
        b"\x89PNG\r\n",
        b"00000000 00000000 2 {]\n",
        b"00000000 00000000 2 {}\n",
        b'00000000 00000000 3 {"\xff\n',
        b'00000000 00000000 12 {"store":"\\ud800"}\n',
        framed(b'{"store":3,"f":"sfj/1"}'),
        framed(b"{" * 100_000),
        make_header(Header("a"), "")[:-2] + b"\n",
        make_header(Header("a"), "").replace(b"sfj/1", b"sfj/2"),
        make_line(b'{"store":"a"}', 0, seed_of("a"))[0],
    ],
    ids=range(13),
)
def test_no_header(raw):
    """
    What is no header is refused with its place.
    """
    with pytest.raises(StoreCorruptError, match="header of a journal") as caught:
        read_header(raw, "1.sfj")

    assert "1.sfj:1, byte 0" == caught.value.place


def test_newer_format():
    """
    A sound header of another format is named, with the one that is read.
    """
    payload = b'{"f":"sfj/2","store":"a"}'
    with pytest.raises(SchemaMismatchError, match="newer salesflow") as caught:
        read_header(make_line(payload, 0, seed_of("a"))[0], "1.sfj")

    assert ("sfj/2", "sfj/1") == (caught.value.found, caught.value.wanted)


class Counted(bytes):
    """Bytes that count how many of them are cut out."""

    cut = 0

    def __getitem__(self, part):
        found = super().__getitem__(part)
        self.cut += len(found) if isinstance(found, bytes) else 1
        return found


def test_a_crafted_tail_costs_its_size():
    """
    Beginnings of lines without end, in front of one line break, are read once, however many they are.
    """
    data = Counted(b'00000000 00000000 10 {"a' * 400 + b"\n")

    assert None is find_line(data, SEED)
    assert len(data) >= data.cut
