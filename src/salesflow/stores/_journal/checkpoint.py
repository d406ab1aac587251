"""
What opening a journal need not read again: heads, keys, open work and places, as of one line.

A checkpoint is a copy. One that does not fit is passed over, and without one all lines are
read; the answers are the same. Its first line is a checksum of all behind it and a JSON
object that says which line it stands behind; the lines after that are its parts.
"""

from __future__ import annotations

import contextlib
import os
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from json import loads
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import attrs

from ..._codec.facts import SCHEMA, decode_due, decode_notice, encode_due, encode_notice
from ..._codec.project import HEAD_SCHEMA, decode_project, encode_project
from ..._codec.values import canonical, decode_time, encode_time
from ..._model.project import Project
from ..._model.work import DueDeadline, Work, deadline_work
from .._memory.index import Frozen, Keys
from .._memory.work_queue import State
from .disk import Disk, blocks_of, publish, write_file
from .line_format import FORMAT
from .state import Book
from .verify import Mark


_DRAFT: Final = "checkpoint-draft"
_PATTERN: Final = "checkpoint-*.json"
_PARTS: Final = 6  # lines behind the heads


def write_checkpoint(folder: Path, book: Book, mark: Mark, types: Mapping[str, type[Any]], disk: Disk) -> None:
    """
    Write a checkpoint, and delete those before it.

    Raises:
        OSError: it was not written; the ones before it stay.
    """
    body = b"\n".join(_body(book, mark, types))
    write_file(folder / _DRAFT, [b"%08x %b" % (crc32(body), body)], disk)
    path = folder / f"checkpoint-{book.index.count:020}.json"
    publish(folder / _DRAFT, path, disk)
    for old in folder.glob(_PATTERN):
        if old != path:
            disk.remove(old)


def _body(book: Book, mark: Mark, types: Mapping[str, type[Any]]) -> Iterator[bytes]:
    index = book.index
    heads = dict(index.unread())
    heads.update((head.id, canonical(encode_project(head))) for head in index.read().values())
    meta = {
        "classes": _classes(types),
        "count": index.count,
        "f": FORMAT,
        "lengths": [len(book.histories[project_id]) for project_id in heads],
        "mark": mark,
        "projects": list(heads),
        "schemas": [SCHEMA, HEAD_SCHEMA],
    }
    yield canonical(meta)
    yield from heads.values()
    yield canonical(index.groups())
    keys = index.keys().items()
    yield canonical([[*name, fingerprint, at, encode_time(time)] for name, (fingerprint, at, time) in keys])
    yield canonical(list(map(_encode_state, book.work.states())))
    yield canonical({project_id: places.tolist() for project_id, places in book.refused.items()})
    yield b64encode(book.places)
    yield b64encode(b"".join(book.histories[project_id].tobytes() for project_id in heads))


def _classes(types: Mapping[str, type[Any]]) -> dict[str, list[str]]:
    # A head is read by the class it was written with, or not from here.
    return {kind: [field.name for field in attrs.fields(found)] for kind, found in sorted(types.items())}


def _encode_state(state: State) -> list[Any]:
    work, token, attempts, owner, until, error = state
    body = (
        {"due": encode_due(work.body)} if isinstance(work.body, DueDeadline) else {"notice": encode_notice(work.body)}
    )
    lease = None if until is None else encode_time(until)
    return [work.id, encode_time(work.due_at), body, token, attempts, owner, lease, error]


def _decode_state(row: Any) -> State:
    work_id, due_at, body, token, attempts, owner, lease, error = row
    until = None if lease is None else decode_time(lease)
    if "due" in body:
        work = attrs.evolve(deadline_work(decode_due(body["due"])), due_at=decode_time(due_at))
    else:
        notice = decode_notice(body["notice"])
        work = Work(work_id, "notice", notice.project_id, decode_time(due_at), notice)
    return State(work, token, attempts, owner, until, error)


def read_checkpoint(folder: Path, types: Mapping[str, type[Any]], disk: Disk) -> tuple[Mark, Book] | None:
    """
    Return the newest checkpoint that is whole and that this version can read, or ``None``.
    """
    for path in sorted(folder.glob(_PATTERN), reverse=True):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            fd = disk.open(path, os.O_RDONLY)
            try:
                return _read(b"".join(blocks_of(fd, 0, os.fstat(fd).st_size, disk)), types)
            finally:
                os.close(fd)
    return None


def _read(data: bytes, types: Mapping[str, type[Any]]) -> tuple[Mark, Book] | None:
    if data[:9] != b"%08x " % crc32(memoryview(data)[9:]):
        return None
    lines = data[9:].split(b"\n")
    meta = loads(lines[0])
    if (meta["f"], meta["schemas"], meta["classes"]) != (FORMAT, [SCHEMA, HEAD_SCHEMA], _classes(types)):
        return None
    projects: list[str] = meta["projects"]
    groups, keys, work, refused, places, histories = lines[-_PARTS:]
    book = Book()

    def thaw(raw: bytes) -> Project:
        return decode_project(loads(raw), types)

    heads = dict(zip(projects, lines[1:-_PARTS], strict=True))
    book.index.thaw(Frozen(meta["count"], heads, loads(groups), thaw, lambda: _keys(keys)))
    book.work.put(map(_decode_state, loads(work)))
    book.refused = {project_id: array("Q", found) for project_id, found in loads(refused).items()}
    book.places = array("Q", b64decode(places))
    _cut_up(array("Q", b64decode(histories)), projects, meta["lengths"], book)
    return Mark(*meta["mark"]), book


def _keys(text: bytes) -> Keys:
    return {
        (project_id, key): (fingerprint, position, decode_time(at))
        for project_id, key, fingerprint, position, at in loads(text)
    }


def _cut_up(positions: array[int], projects: list[str], lengths: list[int], book: Book) -> None:
    start = 0
    for project_id, length in zip(projects, lengths, strict=True):
        book.histories[project_id] = positions[start : start + length]
        start += length
