"""
Facts, notices, deadlines and refused attempts to and from JSON data.

The JSON has short stable tags and a schema number, never a class path. Optional parts
are left out where they hold their default. Older schemas are upgraded on read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .._model.facts import (
    Attempt,
    Body,
    Change,
    Changed,
    DeadlinePassed,
    EntryDropped,
    EntryPut,
    Fact,
    FieldSet,
    Notice,
    Opened,
    Override,
    Transitioned,
)
from .._model.values import Actor
from .._model.work import DueDeadline
from ..errors import InputError, SchemaMismatchError
from .entries import decode_entry, encode_entry
from .values import decode_mapping, decode_time, decode_value, encode_mapping, encode_time, encode_value
from .verdicts import decode_verdict, encode_verdict


SCHEMA: Final = 1


def _with_roles(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "actor": [data["actor"], []]}


UPGRADES: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    # Schema 0 wrote the actor as a bare name.
    0: _with_roles,
}
"""For each older schema of a fact, the step to the next one."""


def encode_fact(fact: Fact) -> dict[str, Any]:
    """
    Return a fact as JSON data.

    Raises:
        InvalidValueError: for a value that cannot be stored.
    """
    tag, body = _encode_body(fact.body)
    data: dict[str, Any] = {
        "v": SCHEMA,
        "project": fact.project_id,
        "version": fact.version,
        "at": encode_time(fact.at),
        "actor": [fact.actor.name, sorted(fact.actor.roles)],
        "lifecycle": [fact.lifecycle, fact.lifecycle_version],
        "type": tag,
        "body": body,
    }
    if fact.key is not None:
        data["key"] = fact.key
    return data


def decode_fact(data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Fact:
    """
    Read a fact back; *entry_types* has the class of each kind of entry.

    The message templates of verdicts are not stored; the lifecycle has them.

    Raises:
        SchemaMismatchError: for an unknown schema, tag or kind.
        InputError: for an entry or a fact that is not whole.
    """
    data = _upgraded(data, "a fact", UPGRADES)
    try:
        name, roles = data["actor"]
        lifecycle, lifecycle_version = data["lifecycle"]
        return Fact(
            data["project"],
            data["version"],
            decode_time(data["at"]),
            Actor(name, roles=frozenset(roles)),
            lifecycle,
            lifecycle_version,
            _decode_body(data["type"], data["body"], entry_types),
            data.get("key"),
        )
    except (KeyError, TypeError) as error:
        raise InputError("stored fact", data, f"It is not whole ({type(error).__name__}: {error}).") from error


def _upgraded(
    data: Mapping[str, Any], what: str, upgrades: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]
) -> dict[str, Any]:
    current = dict(data)
    found: Any = current.get("v")
    if found == SCHEMA:
        return current
    if found not in upgrades:
        raise SchemaMismatchError(what, found=found, wanted=(*sorted(upgrades), SCHEMA))
    for schema in range(found, SCHEMA):
        current = upgrades[schema](current)
    return current


def _encode_body(body: Body) -> tuple[str, dict[str, Any]]:
    if isinstance(body, Transitioned):
        return "moved", _encode_moved(body)
    if isinstance(body, Changed):
        return "changed", {"changes": [encode_change(change) for change in body.changes]}
    if isinstance(body, DeadlinePassed):
        return "passed", _encode_passed(body)
    data: dict[str, Any] = {"name": body.name, "stage": body.stage, "outcome": body.outcome}
    if body.changes:
        data["changes"] = [encode_change(change) for change in body.changes]
    if body.parent is not None:
        data["parent"] = body.parent
    return "opened", data


def _encode_passed(body: DeadlinePassed) -> dict[str, Any]:
    data: dict[str, Any] = {
        "deadline": body.deadline,
        "stage": body.stage,
        "visit": body.visit,
        "due": encode_time(body.due_at),
    }
    if body.changes:
        data["changes"] = [encode_change(change) for change in body.changes]
    return data


def _encode_moved(body: Transitioned) -> dict[str, Any]:
    data: dict[str, Any] = {
        "transition": body.transition,
        "trigger": body.trigger,
        "kind": body.kind,
        "source": body.source,
        "target": body.target,
        "outcome": body.outcome,
    }
    if body.changes:
        data["changes"] = [encode_change(change) for change in body.changes]
    if body.verdicts:
        data["verdicts"] = [encode_verdict(verdict) for verdict in body.verdicts]
    if body.reason is not None:
        data["reason"] = body.reason
    if body.overrides:
        data["overrides"] = [[each.use_id, each.reason, each.actor] for each in body.overrides]
    if body.spawned is not None:
        data["spawned"] = body.spawned
    if body.stays:
        data["stays"] = True
    return data


def _decode_body(tag: str, data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Body:
    changes = tuple(decode_change(change, entry_types) for change in data.get("changes", ()))
    if tag == "moved":
        return _decode_moved(data, changes)
    if tag == "changed":
        return Changed(changes)
    if tag == "opened":
        return Opened(data["name"], data["stage"], data["outcome"], changes, data.get("parent"))
    if tag == "passed":
        return DeadlinePassed(data["deadline"], data["stage"], data["visit"], decode_time(data["due"]), changes)
    raise SchemaMismatchError("the body of a fact", found=tag, wanted=("opened", "changed", "moved", "passed"))


def _decode_moved(data: Mapping[str, Any], changes: tuple[Change, ...]) -> Transitioned:
    return Transitioned(
        data["transition"],
        data["trigger"],
        data["kind"],
        data["source"],
        data["target"],
        data["outcome"],
        changes,
        tuple(map(decode_verdict, data.get("verdicts", ()))),
        data.get("reason"),
        tuple(Override(*override) for override in data.get("overrides", ())),
        data.get("spawned"),
        data.get("stays", False),
    )


def encode_change(change: Change) -> list[Any]:
    """
    Return a change as a list that begins with ``set``, ``put`` or ``drop``.
    """
    if isinstance(change, FieldSet):
        return ["set", change.field, encode_value(change.value)]
    if isinstance(change, EntryPut):
        return ["put", change.entry.kind, encode_entry(change.entry)]
    return ["drop", change.kind, change.id]


def decode_change(data: Any, entry_types: Mapping[str, type]) -> Change:
    """
    Read what :func:`encode_change` wrote.

    Raises:
        SchemaMismatchError: for an unknown tag or kind.
    """
    tag, name, content = data
    if tag == "set":
        return FieldSet(name, decode_value(content))
    if tag == "put":
        return EntryPut(decode_entry(name, content, entry_types))
    if tag == "drop":
        return EntryDropped(name, content)
    raise SchemaMismatchError("a change", found=tag, wanted=("set", "put", "drop"))


def encode_notice(notice: Notice) -> dict[str, Any]:
    """
    Return a notice as JSON data.

    Raises:
        InvalidValueError: for a parameter that cannot be stored.
    """
    return {
        "v": SCHEMA,
        "project": notice.project_id,
        "version": notice.version,
        "to": list(notice.to),
        "topic": notice.topic,
        "params": encode_mapping(notice.params),
    }


def decode_notice(data: Mapping[str, Any]) -> Notice:
    """
    Read what :func:`encode_notice` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    data = _upgraded(data, "a notice", {})
    return Notice(data["project"], data["version"], tuple(data["to"]), data["topic"], decode_mapping(data["params"]))


def encode_due(due: DueDeadline) -> dict[str, Any]:
    """
    Return a deadline to watch as JSON data.

    Raises:
        InvalidValueError: if its time has no zone.
    """
    stay = {"project": due.project_id, "visit": due.visit, "stage": due.stage}
    return {"v": SCHEMA, **stay, "deadline": due.deadline, "at": encode_time(due.at)}


def decode_due(data: Mapping[str, Any]) -> DueDeadline:
    """
    Read what :func:`encode_due` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    data = _upgraded(data, "a deadline", {})
    return DueDeadline(data["project"], data["visit"], data["stage"], data["deadline"], decode_time(data["at"]))


def encode_attempt(attempt: Attempt) -> dict[str, Any]:
    """
    Return a refused attempt as JSON data.
    """
    return {
        "v": SCHEMA,
        "project": attempt.project_id,
        "version": attempt.version,
        "at": encode_time(attempt.at),
        "actor": attempt.actor,
        "trigger": attempt.trigger,
        "codes": list(attempt.codes),
    }


def decode_attempt(data: Mapping[str, Any]) -> Attempt:
    """
    Read what :func:`encode_attempt` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    data = _upgraded(data, "an attempt", {})
    at, codes = decode_time(data["at"]), tuple(data["codes"])
    return Attempt(data["project"], data["version"], at, data["actor"], data["trigger"], codes)
