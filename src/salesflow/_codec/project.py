"""
Heads to and from JSON, so that a store need not fold a history to know how a project stands.

A head is derived from facts: one of another schema is not upgraded but folded anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from .._model.frozen import FrozenDict
from .._model.project import Held, Project, Visit
from ..errors import SchemaMismatchError
from .entries import decode_entry, encode_entry
from .values import decode_mapping, decode_time, decode_value, encode_mapping, encode_time, encode_value


HEAD_SCHEMA: Final = 1


def encode_project(project: Project) -> dict[str, Any]:
    """
    Return a project as JSON data.

    Raises:
        InvalidValueError: for a value that cannot be stored.
    """
    return {
        "v": HEAD_SCHEMA,
        "id": project.id,
        "name": project.name,
        "lifecycle": [project.lifecycle, project.lifecycle_version],
        "stage": project.stage,
        "outcome": project.outcome,
        "fields": encode_mapping(project.fields),
        # Lists, because people see entries in the order in which they were first added.
        "entries": [[kind, [_encode_held(held) for held in same.values()]] for kind, same in project.entries.items()],
        "version": project.version,
        "opened": [encode_time(project.opened_at), project.opened_by],
        "updated": encode_time(project.updated_at),
        "visit": _encode_visit(project.visit),
        "suspended": None if project.suspended is None else _encode_visit(project.suspended),
        "visits": project.visits,
        "taken": dict(project.taken),
        "parent": project.parent,
        "decided": project.outcome_version,
    }


def _encode_held(held: Held) -> list[Any]:
    return [encode_entry(held.entry), held.version, encode_time(held.at), held.by]


def _encode_visit(visit: Visit) -> list[Any]:
    data = [visit.number, visit.stage, encode_time(visit.entered_at), visit.version]
    return [*data, encode_value(visit.held), list(visit.passed)] if visit.held or visit.passed else data


def decode_project(data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Project:
    """
    Read what :func:`encode_project` wrote.

    Raises:
        SchemaMismatchError: for another schema, or an unknown kind of entry.
    """
    if data.get("v") != HEAD_SCHEMA:
        raise SchemaMismatchError("a head", found=data.get("v"), wanted=HEAD_SCHEMA)
    lifecycle, lifecycle_version = data["lifecycle"]
    opened_at, opened_by = data["opened"]
    entries = {kind: _decode_same(kind, same, entry_types) for kind, same in data["entries"]}
    return Project(
        data["id"],
        data["name"],
        lifecycle,
        lifecycle_version,
        data["stage"],
        data["outcome"],
        decode_mapping(data["fields"]),
        FrozenDict(entries),
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
    )


def _decode_same(kind: str, data: Any, entry_types: Mapping[str, type]) -> FrozenDict[str, Held]:
    found: dict[str, Held] = {}
    for written, version, at, by in data:
        entry = decode_entry(kind, written, entry_types)
        found[entry.id] = Held(entry, version, decode_time(at), by)
    return FrozenDict(found)


def _decode_visit(data: Any) -> Visit:
    number, stage, at, version, *rest = data
    held, passed = (decode_value(rest[0]), tuple(rest[1])) if rest else (timedelta(), ())
    return Visit(number, stage, decode_time(at), version, held, passed)
