"""
What one line of a journal says: a commit to and from JSON.

.. code-block:: text

    {"attempts": [...], "facts": [...], "key": [project, key, fingerprint], "notices": [...], "position": 17}

``position`` is the feed position of the first fact, or of the next one if there is none;
what is empty is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from json import loads
from typing import Any, TypeVar

from .. import dossier
from .._codec_domain import check_fact
from .._codec_facts import decode_attempt, decode_fact, decode_notice, encode_attempt, encode_fact, encode_notice
from .._codec_plain import plain_text
from .._codec_values import canonical
from .._commit import Append, Commit, Key
from .._facts import Attempt, EntryPut, Fact, Notice
from .._project import Project, evolve
from ..errors import InputError, SalesflowError, SchemaMismatchError, StoreCorruptError, StoreError


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
    if commit.appends:
        facts = [_fact_text(append.fact, types) for append in commit.appends]
        parts.append(b'"facts":[%b]' % b",".join(facts))
        if commit.key is not None:
            key = commit.key
            parts.append(b'"key":' + canonical([key.project_id, key.key, key.fingerprint]))
    if commit.notices:
        parts.append(b'"notices":' + canonical([encode_notice(each) for each in commit.notices]))
    return b",".join(parts)


def _fact_text(fact: Fact, types: Mapping[str, type[Any]]) -> bytes:
    plain = plain_text(fact)
    if plain is not None:
        return plain
    for change in fact.body.changes:
        if isinstance(change, EntryPut) and types.get(change.entry.kind) is not type(change.entry):
            raise _unknown_kind(change.entry.kind)
    return check_fact(encode_fact(fact))


def _unknown_kind(kind: object) -> InputError:
    return InputError(
        "kind of entry", kind, "The journal was not told its class; open it with JournalStore(path, entries=[...])."
    )


def with_position(body: bytes, position: int) -> bytes:
    """
    Return the whole JSON of a line.
    """
    return b'{%b,"position":%d}' % (body, position)


class Payload:
    """
    The JSON of one line, decoded part by part as it is asked for.

    Raises:
        StoreCorruptError: if the line says something that no journal says.
        StoreError: if the line is whole, but an entry class does not take what it holds.
        InputError: for a kind of entry whose class is not known.
        SchemaMismatchError: if a newer version wrote it.
    """

    __slots__ = ("_data", "_place", "_types")

    def __init__(self, text: bytes, types: Mapping[str, type[Any]], place: str) -> None:
        self._types = types
        self._place = place
        self._data: dict[str, Any] = loads(text)

    def fact(self, position: int) -> Fact:
        """
        Return the fact at a feed position.
        """
        return self._guarded(lambda data: decode_fact(data["facts"][position - data["position"]], self._types))

    def attempts(self, project_id: str) -> list[Attempt]:
        """
        Return the attempts on a project.
        """
        return [each for each in self._attempts() if each.project_id == project_id]

    def _attempts(self) -> tuple[Attempt, ...]:
        return self._guarded(lambda data: tuple(map(decode_attempt, data.get("attempts", ()))))

    def notices(self) -> tuple[Notice, ...]:
        """
        Return the notices of the commit.
        """
        return self._guarded(lambda data: tuple(map(decode_notice, data.get("notices", ()))))

    def commit(self, position: int, head: Callable[[str], Project | None]) -> Commit:
        """
        Return the commit that the line was written for, with the heads it led to.

        Args:
            position: where the line must stand in the feed.
            head: the heads before it.
        """

        def read(data: dict[str, Any]) -> Commit:
            if data["position"] != position:
                msg = f"it has position {data['position']}, not {position}"
                raise ValueError(msg)
            facts = [decode_fact(each, self._types) for each in data.get("facts", ())]
            appends = tuple(Append(fact.version - 1, fact, evolve(head(fact.project_id), fact)) for fact in facts)
            return Commit(appends, self.notices(), self._attempts(), Key(*data["key"]) if "key" in data else None)

        return self._guarded(read)

    def _guarded(self, read: Callable[[dict[str, Any]], T]) -> T:
        try:
            return read(self._data)
        except SchemaMismatchError as error:
            if error.wanted == tuple(sorted(self._types)):
                raise _unknown_kind(error.found) from None
            raise
        except InputError as error:
            msg = f"{self._place}: {error} The line is undamaged; open the journal with the classes that wrote it."
            raise StoreError(msg) from error
        except StoreError:
            raise
        except (SalesflowError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise StoreCorruptError(self._place, f"it does not follow what stands before it ({error})") from error
