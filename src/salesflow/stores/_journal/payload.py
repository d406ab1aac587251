"""
What one line of a journal says: a commit to and from JSON.

.. code-block:: text

    {"attempts": [...], "done": [work, ...], "dropped": [[project, visit], ...], "dues": [...], "facts": [...],
     "key": [project, key, fingerprint], "notices": [...], "position": 17}
    {"work": [[id, due, token, attempts, owner, until, error], ...], "position": 18}
    {"purge": "2026-03-02T00:00:00Z", "position": 18}
    {"group": [{...}, ...]}

``position`` is the feed position of the first fact, or of the next one if there is none;
what is empty is left out. ``work`` says how work stands after it was claimed, extended,
released or queued again, ``purge`` that keys from before a time were forgotten. A group is
several of these that were written together, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from json import loads
from typing import Any, TypeVar

import attrs

from ... import dossier
from ..._codec.facts import (
    decode_attempt,
    decode_due,
    decode_fact,
    decode_notice,
    encode_attempt,
    encode_due,
    encode_notice,
)
from ..._codec.values import canonical, decode_time, encode_time
from ..._model.commit import Append, Commit, Key
from ..._model.facts import Attempt, Fact
from ..._model.project import Project, evolve
from ...errors import InputError, SalesflowError, SchemaMismatchError, StoreCorruptError, StoreError
from .._fact_text import fact_text, unknown_kind
from .._memory.work_queue import State


T = TypeVar("T")


def entry_types(extra: Iterable[type[Any]]) -> dict[str, type[Any]]:
    """
    Return the class of every kind of entry, the built-in ones and *extra*.

    Raises:
        InputError: if two classes have the same kind.
    """
    types: dict[str, type[Any]] = {}
    for found in (*dossier.BUILT_IN, *extra):
        if types.setdefault(found.kind, found) is not found:
            raise InputError("entries=", found, f"Kind {found.kind!r} belongs to {types[found.kind]!r} already.")
    return types


def encode_commit(commit: Commit, types: Mapping[str, type[Any]]) -> bytes:
    """
    Return the JSON of a commit as far as it is known before its position.

    Raises:
        InputError: for an entry that this journal could not read back.
        TooLargeError: for a fact over the limit.
    """
    parts: list[bytes] = []
    if commit.attempts:
        parts.append(b'"attempts":' + canonical([encode_attempt(each) for each in commit.attempts]))
    if commit.done:
        parts.append(b'"done":' + canonical([claim.work.id for claim in commit.done]))
    if commit.dropped:
        parts.append(b'"dropped":' + canonical(commit.dropped))
    if commit.dues:
        parts.append(b'"dues":' + canonical([encode_due(each) for each in commit.dues]))
    if commit.appends:
        facts = [fact_text(append.fact, types) for append in commit.appends]
        parts.append(b'"facts":[%b]' % b",".join(facts))
        if commit.key is not None:
            key = commit.key
            parts.append(b'"key":' + canonical([key.project_id, key.key, key.fingerprint]))
    if commit.notices:
        parts.append(b'"notices":' + canonical([encode_notice(each) for each in commit.notices]))
    return b",".join(parts)


def encode_done(work_ids: Sequence[str]) -> bytes:
    """
    Return the JSON of work that is done and nothing else.
    """
    return b'"done":' + canonical(work_ids) if work_ids else b""


def encode_work(states: Iterable[State]) -> bytes:
    """
    Return the JSON of how work stands now.
    """
    rows = [
        (
            each.work.id,
            encode_time(each.work.due_at),
            each.token,
            each.attempts,
            each.owner,
            None if each.until is None else encode_time(each.until),
            each.error,
        )
        for each in states
    ]
    return b'"work":' + canonical(rows) if rows else b""


def _decode_state(row: Sequence[Any], before: Callable[[str], State]) -> State:
    work_id, due_at, token, attempts, owner, until, error = row
    work = attrs.evolve(before(work_id).work, due_at=decode_time(due_at))
    return State(work, token, attempts, owner, None if until is None else decode_time(until), error)


def encode_purge(before: datetime) -> bytes:
    """
    Return the JSON of keys being forgotten.
    """
    return b'"purge":' + canonical(encode_time(before))


def with_position(body: bytes, position: int) -> bytes:
    """
    Return the whole JSON of a part.
    """
    return b'{%b,"position":%d}' % (body, position)


def join_parts(parts: Sequence[bytes]) -> bytes:
    """
    Return the JSON of a line that says all of this.
    """
    return parts[0] if len(parts) == 1 else b'{"group":[%b]}' % b",".join(parts)


class Part:
    """
    One commit of a line, or a change to work or keys, decoded as it is asked for.

    Raises:
        StoreCorruptError: if it says something that no journal says.
        StoreError: if it is whole, but an entry class does not take what it holds.
        InputError: for a kind of entry whose class is not known.
        SchemaMismatchError: if a newer version wrote it.
    """

    __slots__ = ("_data", "_place", "_types")

    def __init__(self, data: dict[str, Any], types: Mapping[str, type[Any]], place: str) -> None:
        self._data = data
        self._types = types
        self._place = place

    def holds(self, position: int) -> bool:
        """
        Tell whether the fact of a feed position is here.
        """
        return self._guarded(lambda data: bool(0 <= position - data["position"] < len(data.get("facts", ()))))

    def fact(self, position: int) -> Fact:
        """
        Return the fact at a feed position.
        """
        return self._guarded(lambda data: decode_fact(data["facts"][position - data["position"]], self._types))

    def attempts(self) -> tuple[Attempt, ...]:
        """
        Return the refused attempts.
        """
        return self._guarded(lambda data: tuple(map(decode_attempt, data.get("attempts", ()))))

    def commit(self, position: int, head: Callable[[str], Project | None]) -> Commit:
        """
        Return the commit that was written, with the heads it led to; finished work is not in it.

        Args:
            position: where it must stand in the feed.
            head: the heads before it.
        """

        def read(data: dict[str, Any]) -> Commit:
            if data["position"] != position:
                msg = f"it has position {data['position']}, not {position}"
                raise ValueError(msg)
            facts = [decode_fact(each, self._types) for each in data.get("facts", ())]
            appends = tuple(Append(fact.version - 1, fact, evolve(head(fact.project_id), fact)) for fact in facts)
            notices = tuple(map(decode_notice, data.get("notices", ())))
            if notices and not appends:
                msg = "it has notices without a fact"
                raise ValueError(msg)
            return Commit(
                appends,
                notices,
                self.attempts(),
                Key(*data["key"]) if "key" in data else None,
                tuple(map(decode_due, data.get("dues", ()))),
                tuple((project_id, visit) for project_id, visit in data.get("dropped", ())),
            )

        return self._guarded(read)

    def done(self) -> tuple[str, ...]:
        """
        Return the ids of the work that it finished.
        """
        return self._guarded(lambda data: tuple(data.get("done", ())))

    def work(self, before: Callable[[str], State]) -> list[State]:
        """
        Return how work stands after it.

        Args:
            before: how it stood.
        """
        return self._guarded(lambda data: [_decode_state(each, before) for each in data.get("work", ())])

    def purged(self) -> datetime | None:
        """
        Return the time before which keys were forgotten, or ``None``.
        """
        return self._guarded(lambda data: decode_time(data["purge"]) if "purge" in data else None)

    def _guarded(self, read: Callable[[dict[str, Any]], T]) -> T:
        try:
            return read(self._data)
        except SchemaMismatchError as error:
            if error.wanted == tuple(sorted(self._types)):
                raise unknown_kind(error.found) from None
            raise
        except InputError as error:
            msg = f"{self._place}: {error} The line is undamaged; open the journal with the classes that wrote it."
            raise StoreError(msg) from error
        except StoreError:
            raise
        except (SalesflowError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise StoreCorruptError(self._place, f"it does not follow what stands before it ({error})") from error


def read_parts(text: bytes, types: Mapping[str, type[Any]], place: str) -> list[Part]:
    """
    Return what a line says, part by part.

    Args:
        place: how messages name the line.
    """
    data: dict[str, Any] = loads(text)
    group: list[dict[str, Any]] = data.get("group", [data])
    try:
        return [Part(each, types, place) for each in group]
    except TypeError as error:
        raise StoreCorruptError(place, f"its group is no list ({error})") from error
