"""
Scenarios: what is given, what happens, and what must then hold, as a file says it.

The classes whose names end in ``Shape`` are tables of the file as they are written; the others are the same once every
name in them has been looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.frozen import EMPTY, noun
from ..._model.values import Actor, Duration, Lang, Value
from .._store.facts import NOW


START: Final = NOW
"""When a scenario begins that does not say so: the time of all of the testing kit."""

SOMEBODY: Final = Actor("somebody")
"""Who acts where a scenario names nobody: a person without roles."""

Verb: TypeAlias = Literal["fire", "approve", "decline", "update", "add", "wait", "tick", "turn_to"]


@noun
class FileShape:
    """
    A whole file.
    """

    lifecycle: str | None = None
    others: str | tuple[str, ...] = ()
    actors: Mapping[str, Any] = EMPTY
    scenario: Any = ()


@noun
class ScenarioShape:
    """
    One ``[[scenario]]``.
    """

    name: str
    when: Any
    then: Any
    given: Any = EMPTY
    lifecycle: str | None = None
    others: str | tuple[str, ...] | None = None


@noun
class GivenShape:
    """
    ``[scenario.given]``.
    """

    stage: str | None = None
    held: str | None = None
    fields: Mapping[str, Any] = EMPTY
    entries: Any = ()
    actor: Any = None
    at: Any = None


@noun
class ThenShape:
    """
    ``[scenario.then]``.
    """

    stage: str | None = None
    outcome: str | None = None
    version: int | None = None
    fields: Mapping[str, Any] = EMPTY
    notices: str | tuple[str, ...] | None = None
    refused: str | tuple[str, ...] | None = None
    missing: str | tuple[str, ...] | None = None
    says: Mapping[str, Any] = EMPTY


def _key(kind: Any, default: Any = attrs.NOTHING) -> Any:
    return attrs.field(type=kind, default=default)


def _step_shape(verb: Verb, kind: Any, **more: Any) -> type[Any]:
    """
    Return the table of a step: what its verb takes, and the keys that may stand beside it.
    """
    return attrs.make_class(f"{verb}_step", {verb: _key(kind), **more}, frozen=True)


_TEXT: Final = _key(str | None, None)
_TABLE: Final = _key(Mapping[str, Any], EMPTY)
_ACTOR: Final = _key(Any, None)
_CALL: Final = {"data": _TABLE, "entries": _key(Any, ()), "outcome": _TEXT, "reason": _TEXT, "overrides": _TABLE}
_APPROVAL: Final = {"subject": _TEXT, "comment": _key(str, ""), "on_behalf_of": _TEXT}

STEPS: Final[Mapping[Verb, type[Any]]] = {
    "fire": _step_shape("fire", str, **_CALL, actor=_ACTOR),
    "approve": _step_shape("approve", str, **_APPROVAL, actor=_ACTOR),
    "decline": _step_shape("decline", str, **_APPROVAL, actor=_ACTOR),
    "update": _step_shape("update", Mapping[str, Any], actor=_ACTOR),
    "add": _step_shape("add", Any, actor=_ACTOR),
    "wait": _step_shape("wait", Duration),
    "tick": _step_shape("tick", bool),
    "turn_to": _step_shape("turn_to", str),
}


@noun
class Given:
    """
    Where a scenario begins.

    Attributes:
        held: in a stage of kind ``hold``, the stage that was interrupted.
    """

    stage: str | None = None
    held: str | None = None
    fields: Mapping[str, Value] = EMPTY
    entries: tuple[Entry, ...] = ()
    actor: Actor = SOMEBODY
    at: datetime = START


@noun
class Step:
    """
    One thing that happens.

    Attributes:
        what: a trigger, the name of an approval, field values, entries, a duration, or a lifecycle, as the verb asks.
        more: what else the verb was given, by name.
        line: of the file, counted from 1.
    """

    verb: Verb
    what: Any
    more: Mapping[str, Any]
    actor: Actor
    line: int | None


@noun
class Then:
    """
    What must hold after the last step; ``None`` where nothing was said.

    Attributes:
        refused: every reason of the refusal, by code or by id of the guard use; no other may block.
        missing: every cure that the refusal names, as kind and name.
        says: sentences that must be among those of the refusal, by language.
    """

    stage: str | None = None
    outcome: str | None = None
    version: int | None = None
    fields: Mapping[str, Value] = EMPTY
    notices: tuple[str, ...] | None = None
    refused: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None
    says: Mapping[Lang, tuple[str, ...]] = EMPTY

    @property
    def refuses(self) -> bool:
        """
        Whether the last step must be refused.
        """
        return self.refused is not None or self.missing is not None or bool(self.says)


@noun
class Scenario:
    """
    One scenario, ready to run.

    Attributes:
        others: the lifecycles that projects of it open.
    """

    name: str
    file: Path
    line: int
    lifecycle: Lifecycle = attrs.field(repr=False)
    given: Given
    steps: tuple[Step, ...]
    then: Then
    others: tuple[Lifecycle, ...] = attrs.field(default=(), repr=False)
