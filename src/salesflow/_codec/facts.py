"""
Facts, notices, deadlines and refused attempts to and from JSON data.

The JSON has short stable tags and a schema number, never a class path. Optional parts
are left out where they hold their default. Older schemas are upgraded on read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

import attrs

from .._model.facts import (
    Attempt,
    Body,
    Change,
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    EntryDropped,
    EntryMoved,
    EntryPut,
    Fact,
    FieldSet,
    Notice,
    Opened,
    Override,
    Reparented,
    SlotMissed,
    Transitioned,
)
from .._model.values import Actor, Label
from .._model.verdict import GuardSpec, Remedy, Severity, Verdict
from .._model.work import DueDeadline
from ..errors import InputError, InvalidValueError, SchemaMismatchError, TooLargeError, say
from .entries import Form, Part, decode_entry, encode_entry, make_form
from .light import is_light
from .values import (
    LIMIT_FACT,
    canonical,
    check_depth,
    decode_mapping,
    decode_maybe_time,
    decode_time,
    decode_value,
    encode_mapping,
    encode_maybe_time,
    encode_time,
    encode_value,
    named,
)


SCHEMA: Final = 1
STORED_FACT: Final = "stored fact"
"""What the error of a fact that is not whole is about."""
_IN_CHANGE: Final = 5  # how deep the content of a change is nested in its fact


def _with_roles(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "actor": [data["actor"], []]}


UPGRADES: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    # Schema 0 wrote the actor as a bare name.
    0: _with_roles,
}
"""For each older schema of a fact, the step to the next one."""


def canonical_fact(fact: Fact) -> bytes:
    """
    Return the canonical text of a fact.

    Raises:
        InvalidValueError: for a value that cannot be stored.
        TooLargeError: over :data:`LIMIT_FACT` bytes.
    """
    text = canonical(encode_fact(fact))
    if len(text) > LIMIT_FACT:
        place = f"fact {fact.version} of project {fact.project_id!r}"
        raise TooLargeError(place, size=len(text), limit=LIMIT_FACT)
    return text


def check_values(fact: Fact) -> None:
    """
    Refuse what :func:`canonical_fact` refuses; most facts need not be written for that.

    Raises:
        InvalidValueError: naming the value.
        TooLargeError: over :data:`LIMIT_FACT` bytes.
    """
    if not is_light(fact):
        canonical_fact(fact)


def encode_fact(fact: Fact) -> dict[str, Any]:
    """
    Return a fact as JSON data.

    Raises:
        InvalidValueError: for a value that cannot be stored.
        TooLargeError: for one that is larger than a fact may be.
    """
    tag, form = _BODIES[fact.body.__class__]
    data: dict[str, Any] = {
        "v": SCHEMA,
        "project": fact.project_id,
        "version": fact.version,
        "at": encode_time(fact.at),
        "actor": [fact.actor.name, sorted(fact.actor.roles)],
        "lifecycle": [fact.lifecycle, fact.lifecycle_version],
        "type": tag,
    }
    if fact.recorded_at is not fact.at and fact.recorded_at != fact.at:
        data["recorded"] = encode_time(fact.recorded_at)
    place = ""
    try:
        data["body"] = form.encode(fact.body, 2)
        if fact.key is not None:
            place = "key"
            data["key"] = encode_value(fact.key)
    except (InvalidValueError, TooLargeError) as error:
        raise named(error, place) from None
    return data


def decode_fact(data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Fact:
    """
    Read a fact back; *entry_types* has the class of each kind of entry.

    The message templates of verdicts are not stored; the lifecycle has them.

    Raises:
        SchemaMismatchError: for an unknown schema or tag.
        InputError: for an entry or a fact that is not whole.
    """
    if "v" not in data:
        raise InputError(STORED_FACT, data, say("input.no_schema"))
    data = _upgraded(data, "a fact", UPGRADES)
    try:
        name, roles = data["actor"]
        lifecycle, lifecycle_version = data["lifecycle"]
        at = decode_time(data["at"])
        return Fact(
            data["project"],
            data["version"],
            at,
            _actor(name, tuple(roles)),
            lifecycle,
            lifecycle_version,
            _decode_body(data["type"], data["body"], entry_types),
            data.get("key"),
            decode_time(data["recorded"]) if "recorded" in data else at,
        )
    except (KeyError, TypeError) as error:
        raise InputError(STORED_FACT, data, say("input.not_whole", name=type(error).__name__, error=error)) from error


@lru_cache(maxsize=1024)
def _actor(name: str, roles: tuple[str, ...]) -> Actor:
    # The same few people act again and again, and checking a name takes a third of reading a fact.
    return Actor(name, roles=frozenset(roles))


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


def _decode_body(tag: str, data: Mapping[str, Any], entry_types: Mapping[str, type]) -> Body:
    kind = _TAGS.get(tag)
    if kind is None:
        raise SchemaMismatchError("the body of a fact", found=tag, wanted=tuple(_TAGS))
    if "changes" in data:
        data = {**data, "changes": tuple([decode_change(change, entry_types) for change in data["changes"]])}
    body: Body = _BODIES[kind][1].decode(kind, data)
    return body


def encode_change(change: Change) -> list[Any]:
    """
    Return a change as a list that begins with ``set``, ``put`` or ``drop``.

    Raises:
        InvalidValueError, TooLargeError: for a value that cannot be stored.
    """
    if isinstance(change, FieldSet):
        return ["set", change.field, _placed(encode_value, change.value, "field {!r}", change.field)]
    if isinstance(change, EntryPut):
        entry = change.entry
        return ["put", entry.kind, _placed(encode_entry, entry, "{} {!r}", entry.kind, entry.id)]
    return ["drop", change.kind, _placed(encode_value, change.id, "id of a dropped {}", change.kind)]


def _placed(encode: Callable[[Any, int], Any], value: Any, place: str, *names: str) -> Any:
    try:
        return encode(value, _IN_CHANGE)
    except (InvalidValueError, TooLargeError) as error:
        raise named(error, place.format(*names)) from None


def decode_change(data: Any, entry_types: Mapping[str, type]) -> Change:
    """
    Read what :func:`encode_change` wrote.

    Raises:
        SchemaMismatchError: for an unknown tag.
    """
    tag, name, content = data
    if tag == "set":
        return FieldSet(name, decode_value(content))
    if tag == "put":
        return EntryPut(decode_entry(name, content, entry_types))
    if tag == "drop":
        return EntryDropped(name, content)
    raise SchemaMismatchError("a change", found=tag, wanted=("set", "put", "drop"))


def encode_verdict(verdict: Verdict, depth: int = 4) -> Any:
    """
    Return a verdict as JSON data, without the message templates of its guard: one word for a plain pass.

    Raises:
        InvalidValueError, TooLargeError: for evidence that cannot be stored.
    """
    spec = verdict.spec
    data = _SPEC.encode(spec, depth)
    if spec.use_id == spec.guard:
        del data["id"]
    try:
        check_depth(depth)
        data |= _VERDICT.encode(verdict, depth)
    except (InvalidValueError, TooLargeError) as error:
        raise named(error, f"guard use {spec.use_id!r}") from None
    return data if len(data) > 1 else spec.guard


def _make_spec(guard: str, use_id: str, severity: Severity, *parts: Any) -> GuardSpec:
    overridable, plugin, plugin_version = parts
    return GuardSpec(guard, use_id, severity, overridable=overridable, plugin=plugin, plugin_version=plugin_version)


def decode_verdict(data: Any) -> Verdict:
    """
    Read what :func:`encode_verdict` wrote.
    """
    if isinstance(data, str):
        return Verdict(GuardSpec(data, data), "pass")
    spec = _SPEC.decode(_make_spec, {"id": data["guard"], **data})
    found: Verdict = _VERDICT.decode(partial(Verdict, spec), {"status": "pass", **data})
    return found


def _encode_remedies(remedies: Iterable[Remedy], depth: int) -> list[Any]:
    return [
        [encode_value(each.kind), encode_value(each.name), encode_mapping(each.params, depth + 2)] for each in remedies
    ]


def _decode_remedies(data: Any) -> tuple[Remedy, ...]:
    return tuple([Remedy(kind, name, decode_mapping(params)) for kind, name, params in data])


def _encode_inner(verdicts: Iterable[Verdict], depth: int) -> list[Any]:
    check_depth(depth)
    return [encode_verdict(verdict, depth + 1) for verdict in verdicts]


def _decode_verdicts(data: Any) -> tuple[Verdict, ...]:
    return tuple([decode_verdict(each) for each in data])


def _encode_time(value: datetime, _depth: int) -> str:
    return encode_time(value)


def _encode_maybe(value: datetime | None, _depth: int) -> str | None:
    return encode_maybe_time(value)


def _encode_slots(slots: Iterable[tuple[datetime, str | None]], _depth: int) -> list[Any]:
    return [[encode_time(slot), encode_value(member)] for slot, member in slots]


def _decode_slots(data: Any) -> tuple[tuple[datetime, str | None], ...]:
    return tuple([(decode_time(slot), member) for slot, member in data])


def _decode_overrides(data: Any) -> tuple[Override, ...]:
    return tuple([Override(*each) for each in data])


def _encode_changes(changes: Iterable[Change], _depth: int) -> list[Any]:
    return [encode_change(change) for change in changes]


def _encode_overrides(overrides: Iterable[Override], depth: int) -> list[Any]:
    found: list[Any] = encode_value([(each.use_id, each.reason, each.actor) for each in overrides], depth)
    return found


def _encode_label(label: Label, depth: int) -> Any:
    return encode_value((label.en, label.zh), depth)


def _decode_label(data: Sequence[str]) -> Label:
    return Label(*data)


def _form(kind: type, *names: str, write: Any = None, **defaults: Any) -> Form:
    """
    Return how a class is written, in a fact and beside it.

    Args:
        names: of its attributes; all of them if there is none.
        write: for attributes that are called and read as they are; nothing checks names that a lifecycle has checked.
        defaults: what is left out, where that is not the default of the class.
    """
    parts: list[Part] = []
    for each in attrs.fields(kind):
        if not names or each.name in names:
            alias, *how = _FORMS.get(each.name, (each.name, write, None))
            parts.append(Part(each.name, alias, defaults.get(each.name, each.default), *how))
    return make_form(parts)


def _encode_parts(parts: Sequence[Notice], depth: int) -> list[dict[str, Any]]:
    check_depth(depth)
    return [_NOTICE.encode(each, depth + 1) for each in parts]


def _decode_parts(data: Sequence[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(_NOTICE.decode(Notice, each) for each in data)


_FORMS: Final[Mapping[str, tuple[str, Any, Any]]] = {
    "project_id": ("project", encode_value, None),
    "at": ("at", _encode_time, decode_time),
    "due_at": ("due", _encode_time, decode_time),
    "old": ("old", _encode_maybe, decode_maybe_time),
    "new": ("new", _encode_maybe, decode_maybe_time),
    "of": ("of", _encode_maybe, decode_maybe_time),
    "slot": ("slot", _encode_maybe, decode_maybe_time),
    "slots": ("slots", _encode_slots, _decode_slots),
    "why": ("why", encode_value, None),
    "id": ("id", encode_value, None),
    "use_id": ("id", None, None),
    "name": ("name", encode_value, None),
    "reason": ("reason", encode_value, None),
    "error": ("error", encode_value, None),
    "changes": ("changes", _encode_changes, None),  # read by whoever knows the classes of entries
    "verdicts": ("verdicts", _encode_inner, _decode_verdicts),
    "inner": ("inner", _encode_inner, _decode_verdicts),
    "overrides": ("overrides", _encode_overrides, _decode_overrides),
    "missing": ("missing", _encode_remedies, _decode_remedies),
    "evidence": ("evidence", encode_mapping, decode_mapping),
    "params": ("params", encode_mapping, decode_mapping),
    "to": ("to", encode_value, tuple),
    "topic_label": ("topic_label", _encode_label, _decode_label),
    "stage_label": ("stage_label", _encode_label, _decode_label),
    "source_label": ("source_label", _encode_label, _decode_label),
    "codes": ("codes", encode_value, tuple),
    "quiet": ("quiet", encode_value, decode_value),
    "parts": ("parts", _encode_parts, _decode_parts),
    "escalate": ("escalate", encode_value, decode_value),
}
"""How an attribute is called in JSON, written and read, where that is not as it is."""

_TAGS: Final[Mapping[str, type]] = {
    "opened": Opened,
    "changed": Changed,
    "moved": Transitioned,
    "passed": DeadlinePassed,
    "deadline_moved": DeadlineMoved,
    "entry_moved": EntryMoved,
    "slot_missed": SlotMissed,
    "reparented": Reparented,
}
_BODIES: Final = {kind: (tag, _form(kind)) for tag, kind in _TAGS.items()}
_SPEC: Final = _form(GuardSpec, "guard", "use_id", "severity", "overridable", "plugin", "plugin_version")
_VERDICT: Final = _form(Verdict, "status", "code", "missing", "evidence", "error", "overridden", "inner", status="pass")
_NOTICE: Final = _form(Notice, write=encode_value, params=attrs.NOTHING)
_DUE: Final = _form(DueDeadline, write=encode_value)
_ATTEMPT: Final = _form(Attempt, write=encode_value)


def encode_notice(notice: Notice) -> dict[str, Any]:
    """
    Return a notice as JSON data.

    Raises:
        InvalidValueError, TooLargeError: for a part that cannot be stored.
    """
    return _beside(notice, _NOTICE, "notice {!r}", notice.topic)


def decode_notice(data: Mapping[str, Any]) -> Notice:
    """
    Read what :func:`encode_notice` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    notice: Notice = _NOTICE.decode(Notice, _upgraded(data, "a notice", {}))
    return notice


def encode_due(due: DueDeadline) -> dict[str, Any]:
    """
    Return a deadline to watch as JSON data.

    Raises:
        InvalidValueError: if its time has no zone, or a name cannot be stored.
    """
    return _beside(due, _DUE, "deadline {!r}", due.deadline)


def decode_due(data: Mapping[str, Any]) -> DueDeadline:
    """
    Read what :func:`encode_due` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    due: DueDeadline = _DUE.decode(DueDeadline, _upgraded(data, "a deadline", {}))
    return due


def encode_attempt(attempt: Attempt) -> dict[str, Any]:
    """
    Return a refused attempt as JSON data.

    Raises:
        InvalidValueError: for a name that cannot be stored.
    """
    return _beside(attempt, _ATTEMPT, "attempt {!r}", attempt.trigger)


def decode_attempt(data: Mapping[str, Any]) -> Attempt:
    """
    Read what :func:`encode_attempt` wrote.

    Raises:
        SchemaMismatchError: for an unknown schema.
    """
    attempt: Attempt = _ATTEMPT.decode(Attempt, _upgraded(data, "an attempt", {}))
    return attempt


def _beside(noun: Any, form: Form, place: str, name: str) -> dict[str, Any]:
    try:
        data = form.encode(noun, 1)
    except (InvalidValueError, TooLargeError) as error:
        raise named(error, place.format(name)) from None
    data["v"] = SCHEMA
    return data
