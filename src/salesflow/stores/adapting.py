"""
What your own store uses from salesflow: the checks of a commit, the codec, the heads.

A store that refuses what these checks refuse, and writes what the codec writes, can exchange its facts with every other
store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from json import loads
from typing import Any, Final, TypeVar

from .. import dossier
from .._codec.facts import (
    STORED_FACT,
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    encode_attempt,
    encode_due,
    encode_notice,
)
from .._codec.project import HEAD_SCHEMA, decode_project, encode_project
from .._codec.values import canonical
from .._model.facts import Fact
from .._model.project import Project
from .._model.query import NAMED, Order, Position, Query, make_order, matching, ordered
from .._model.values import check_id, to_utc
from ..errors import (
    InputError,
    SalesflowError,
    SchemaMismatchError,
    StoreCorruptError,
    StoreError,
    say,
)
from ._batches import CHUNK, Batches
from ._check_facts import check_facts
from ._file_systems import check_place, gone, identity, unavailable
from ._handle import (
    StoreHandle,
    check_commit,
    check_kind,
    check_limit,
    check_owner,
    check_shape,
    deadline_work,
    error_text,
    fact_text,
    first_token,
    lease_end,
    notice_work,
    notices_of,
    read_cursor,
    unknown_kind,
    work_of,
)
from ._write_lock import WriteLock


__all__ = [
    "CHUNK",
    "HEAD_SCHEMA",
    "NAMED",
    "Batches",
    "Order",
    "Position",
    "Query",
    "StoreHandle",
    "WriteLock",
    "canonical",
    "check_commit",
    "check_facts",
    "check_id",
    "check_kind",
    "check_limit",
    "check_owner",
    "check_place",
    "check_shape",
    "deadline_work",
    "decode_attempt",
    "decode_due",
    "decode_fact",
    "decode_notice",
    "decode_project",
    "encode_attempt",
    "encode_due",
    "encode_notice",
    "encode_project",
    "entry_types",
    "error_text",
    "every",
    "fact_text",
    "first_token",
    "gone",
    "identity",
    "lease_end",
    "make_order",
    "matching",
    "notice_work",
    "notices_of",
    "ordered",
    "read_cursor",
    "read_fact",
    "read_page",
    "read_text",
    "readable",
    "select",
    "to_utc",
    "unavailable",
    "unknown_kind",
    "work_of",
]

T = TypeVar("T")
R = TypeVar("R")
P = TypeVar("P")
_LOG: Final = logging.getLogger("salesflow")

_PAGE = 500


def readable(rows: Iterable[R], read: Callable[[R], T]) -> Iterator[T]:
    """
    Yield what *read* makes of rows; a damaged row is logged with its place and left out, so that the others go on.
    """
    for row in rows:
        try:
            yield read(row)
        except StoreCorruptError as error:
            _LOG.error("left out: %s", error)


def read_page(
    fetch: Callable[[P], Sequence[R]], read: Callable[[R], T], after: P, position: Callable[[R], P]
) -> tuple[tuple[T, ...], P]:
    """
    Return the next rows behind a position that can be read, and where they end.

    A damaged row is logged with its place and left out; a page is empty only at the end.
    """
    while rows := fetch(after):
        after, found = position(rows[-1]), tuple(readable(rows, read))
        if found:
            return found, after
    return (), after


def every(find: Callable[..., list[Project]], asked: Mapping[str, Any]) -> Iterator[Project]:
    """
    Yield all projects that *find* of a store finds, ordered by id, read page by page.
    """
    after: Project | None = None
    while page := find(**asked, after=after, limit=_PAGE):
        yield from page
        after = page[-1]


def select(
    fetch: Callable[[Any, int], Sequence[R]],
    read: Callable[[R], Project],
    query: Query,
    behind: Any,
    limit: int,
    position: Callable[[R], Any],
) -> list[Project]:
    """
    Return the projects for which the predicate of a query holds, of the rows that *fetch* returns page by page.

    A damaged project is logged and left out.

    Args:
        fetch: returns at most so many rows behind a position, in order.
        position: of a row.
    """
    match, size = matching(Query(where=query.where)), limit if query.where is None else _PAGE
    found: list[Project] = []
    while len(found) < limit:
        rows = fetch(behind, size)
        found += filter(match, readable(rows, read))
        if len(rows) < size:
            break
        behind = position(rows[-1])
    return found[:limit]


def entry_types(extra: Iterable[type[Any]]) -> dict[str, type[Any]]:
    """
    Return the class of every kind of entry, the built-in classes and *extra*.

    Raises:
        InputError: if two classes have the same kind.
    """
    types: dict[str, type[Any]] = {}
    for found in (*dossier.BUILT_IN, *extra):
        if not isinstance(getattr(found, "kind", None), str):
            raise InputError("entries=", found, say("input.entry_classes"))
        if types.setdefault(found.kind, found) is not found:
            raise InputError("entries=", found, say("input.kind_taken", kind=found.kind, types=types[found.kind]))
    return types


def read_fact(text: str, types: Mapping[str, type[Any]], place: str) -> Fact:
    """
    Read what :func:`fact_text` wrote; for the errors see :func:`read_text`.
    """
    return read_text(text, lambda data: decode_fact(data, types), place)


def read_text(text: str | bytes, decode: Callable[[Any], T], place: str) -> T:
    """
    Return what *decode* makes of a stored text.

    Raises:
        StoreCorruptError: if it is not what was written.
        StoreError: if it is whole, but an entry class does not take what it holds.
        SchemaMismatchError: if a newer version wrote it.
    """
    try:
        return decode(loads(text))
    except SchemaMismatchError:
        raise
    except InputError as error:
        if error.what == STORED_FACT:
            raise StoreCorruptError(place, say("corrupt.not_whole")) from error
        msg = say("store.class", place=place, error=error)
        raise StoreError(msg) from error
    except (
        SalesflowError,
        LookupError,
        TypeError,
        ValueError,
        ArithmeticError,
        AttributeError,
        RecursionError,
    ) as error:
        raise StoreCorruptError(place, say("corrupt.unsaid", error=error)) from error
