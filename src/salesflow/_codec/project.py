"""
Heads to and from JSON, so that a store can read the current state of a project without folding its history.

A head is derived from facts: one of another schema is not upgraded but folded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import attrs

from .._model.facts import Entry
from .._model.frozen import EMPTY, FrozenDict
from .._model.project import EntryMove, Held, Project, Visit
from ..errors import SchemaMismatchError
from .entries import decode_entry, encode_entry
from .values import (
    canonical,
    decode_mapping,
    decode_maybe_time,
    decode_time,
    encode_mapping,
    encode_maybe_time,
    encode_time,
)


HEAD_SCHEMA: Final = 4
_HEADS: Final = 4096  # kept decoded
_KEPT: Final = 1024  # projects whose contents are kept
_SMALL: Final = 4096  # characters that are written with every commit


def encode_project(project: Project) -> dict[str, Any]:
    """
    Return a project as JSON data.

    Raises:
        InvalidValueError: for a value that cannot be stored.
    """
    first = {"closed": encode_maybe_time(project.closed_at), "decided": project.outcome_version}
    return {**encode_contents(project), **encode_standing(project), **first}


def encode_contents(project: Project) -> dict[str, Any]:
    """
    Return the part of a head that most moves leave alone.
    """
    return {
        "digest": project.digest,
        "id": project.id,
        "name": project.name,
        "lifecycle": [project.lifecycle, project.lifecycle_version],
        "opened": [encode_time(project.opened_at), project.opened_by],
        "fields": encode_mapping(project.fields),
        # Lists, because people see entries in the order in which they were first added.
        "entries": [
            [kind, [_encode_held(held) for held in same.values()]]
            for entries in (project.entries, project.opaque)
            for kind, same in entries.items()
        ],
    }


def encode_standing(project: Project) -> dict[str, Any]:
    """
    Return the part of a head that every move changes, without ``closed`` and ``decided``.
    """
    visit, updated = project.visit, encode_time(project.updated_at)
    missed = {
        cadence: {member: encode_time(slot) for member, slot in last.items()} for cadence, last in project.slots.items()
    }
    return {
        "v": HEAD_SCHEMA,
        "stage": project.stage,
        "outcome": project.outcome,
        "version": project.version,
        "updated": updated,
        "visit": _encode_visit(visit, updated if visit.entered_at is project.updated_at else None),
        "suspended": None if project.suspended is None else _encode_visit(project.suspended),
        "visits": project.visits,
        "taken": project.taken,
        "takers": project.takers,
        "parent": project.parent,
        **({"slots": missed} if missed else {}),
    }


def _encode_held(held: Held) -> list[Any]:
    data = [encode_entry(held.entry), held.version, encode_time(held.at), held.by]
    moves = [
        [each.transition, each.target, encode_time(each.at), each.by, each.lifecycle, each.version]
        for each in held.moves
    ]
    return [*data, moves] if moves else data


def _encode_visit(visit: Visit, entered: str | None = None) -> list[Any]:
    data = [visit.number, visit.stage, entered or encode_time(visit.entered_at), visit.version]
    if not visit.holds and not visit.passed and not visit.moved and not visit.owners:
        return data
    moved = [[deadline, encode_maybe_time(due)] for deadline, due in visit.moved]
    data += [[[encode_time(start), encode_time(end)] for start, end in visit.holds], list(visit.passed), moved]
    if visit.missed:
        return [*data, list(visit.owners), [[deadline, encode_time(due)] for deadline, due in visit.missed]]
    return [*data, list(visit.owners)] if visit.owners else data


def decode_project(data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Project:
    """
    Read what :func:`encode_project` wrote.

    Raises:
        SchemaMismatchError: for another schema.
    """
    if data.get("v") != HEAD_SCHEMA:
        raise SchemaMismatchError("a head", found=data.get("v"), wanted=HEAD_SCHEMA)
    lifecycle, lifecycle_version = data["lifecycle"]
    opened_at, opened_by = data["opened"]
    entries = {kind: _decode_same(kind, same, entry_types) for kind, same in data["entries"]}
    opaque = {kind: same for kind, same in entries.items() if kind not in entry_types}
    return Project(
        data["id"],
        data["name"],
        lifecycle,
        lifecycle_version,
        data["stage"],
        data["outcome"],
        decode_mapping(data["fields"]),
        FrozenDict({kind: same for kind, same in entries.items() if kind not in opaque}),
        data["version"],
        decode_time(opened_at),
        opened_by,
        decode_time(data["updated"]),
        _decode_visit(data["visit"]),
        None if data["suspended"] is None else _decode_visit(data["suspended"]),
        data["visits"],
        FrozenDict(data["taken"]),
        data["parent"],
        data["decided"],
        data["digest"],
        FrozenDict(opaque),
        decode_maybe_time(data["closed"]),
        FrozenDict({cadence: _decode_times(last) for cadence, last in data.get("slots", EMPTY).items()}),
        data["takers"] if isinstance(data["takers"], str) else FrozenDict(data["takers"]),
    )


def _decode_times(data: Any) -> FrozenDict[str, datetime]:
    return FrozenDict({name: decode_time(at) for name, at in data.items()})


def _decode_same(kind: str, data: Any, entry_types: Mapping[str, type]) -> FrozenDict[str, Held]:
    found: dict[str, Held] = {}
    for written, version, at, by, *rest in data:
        entry = decode_entry(kind, written, entry_types)
        moves = tuple(
            [EntryMove(name, target, decode_time(when), who, *decided) for name, target, when, who, *decided in rest[0]]
            if rest
            else ()
        )
        found[entry.id] = Held(cast("Entry", entry), version, decode_time(at), by, moves)
    return FrozenDict(found)


def keep_head(heads: dict[str, Project], project: Project) -> None:
    """
    Put a head among those that a store has read or written; now and then all are forgotten, so that memory is bounded.
    """
    if len(heads) >= _HEADS:
        heads.clear()
    heads[project.id] = project


def _decode_visit(data: Any) -> Visit:
    number, stage, at, version, *rest = data
    if not rest:
        return Visit(number, stage, decode_time(at), version)
    holds = tuple([(decode_time(start), decode_time(end)) for start, end in rest[0]])
    moved = tuple([(deadline, decode_maybe_time(due)) for deadline, due in rest[2]])
    missed = tuple([(deadline, decode_time(due)) for deadline, due in (rest[4] if len(rest) > 4 else ())])
    owners = tuple(rest[3]) if len(rest) > 3 else ()
    return Visit(number, stage, decode_time(at), version, holds, tuple(rest[1]), moved, owners, missed)


@attrs.define
class _Contents:
    """
    What most moves leave alone, and how it was written.

    Attributes:
        text: of these and of what never changes.
        size: characters of the head that was last written.
        behind: characters of the facts since then.
    """

    fields: Any
    entries: Any
    opaque: Any
    lifecycle_version: str
    text: str
    size: int = 0
    behind: int = 0


class HeadTexts:
    """
    Writes heads so that a commit costs the same however large the dossier is.

    Fields and entries that are the very objects of the head before are not encoded again.
    A large text is not written before the facts behind it have grown to half its size;
    until then a reader folds them onto it.
    """

    __slots__ = ("_contents",)

    def __init__(self) -> None:
        self._contents: dict[str, _Contents] = {}

    def text(self, project: Project, added: int) -> str | None:
        """
        Return the canonical text of a head, or ``None`` if the stored one shall stay.

        Args:
            added: characters of the fact that led to it.

        Raises:
            InvalidValueError: for a value that cannot be stored.
        """
        contents = self._contents.get(project.id)
        if contents is not None and contents.size > _SMALL and contents.behind + added < contents.size // 2:
            contents.behind += added
            return None
        if (
            contents is None
            or contents.fields is not project.fields
            or contents.entries is not project.entries
            or contents.opaque is not project.opaque
            or contents.lifecycle_version != project.lifecycle_version
        ):
            contents = self._contents_of(project)
        # Names stand in order: first "closed" and "decided", from "digest" to "opened" the contents, then the rest.
        rest = canonical(encode_standing(project)).decode()
        closed = "null" if project.closed_at is None else f'"{encode_time(project.closed_at)}"'
        text = f'{{"closed":{closed},"decided":{project.outcome_version},{contents.text},{rest[1:]}'
        contents.size, contents.behind = len(text), 0
        return text

    def forget(self, project: Project) -> None:
        """
        Forget what was written of a project, because it was not stored.
        """
        self._contents.pop(project.id, None)

    def _contents_of(self, project: Project) -> _Contents:
        if len(self._contents) >= _KEPT:
            self._contents.clear()
        text = canonical(encode_contents(project)).decode()[1:-1]
        made = _Contents(project.fields, project.entries, project.opaque, project.lifecycle_version, text)
        self._contents[project.id] = made
        return made
