"""
Scenarios: what is given, what happens, and what must then hold, as a file says it.

The classes whose names end in ``Shape`` are tables of the file as they are written; the others are what they
come to once every name in them was looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Entry
from ..._model.frozen import EMPTY
from ..._model.values import Actor, Duration, Lang, Value
from .._store.facts import NOW


START: Final = NOW
"""When a scenario begins that does not say so: the time of all of the testing kit."""

SOMEBODY: Final = Actor("somebody")
"""Who acts where a scenario names nobody: a person without roles."""

Verb: TypeAlias = Literal["fire", "approve", "decline", "update", "add", "wait", "tick"]


@attrs.frozen
class FileShape:
    """
    A whole file.
    """

    lifecycle: str | None = None
    actors: Mapping[str, Any] = EMPTY
    scenario: Any = ()


@attrs.frozen
class ScenarioShape:
    """
    One ``[[scenario]]``.
    """

    name: str
    when: Any
    then: Any
    given: Any = EMPTY
    lifecycle: str | None = None


@attrs.frozen
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


@attrs.frozen
class FireShape:
    """
    A step that takes a transition.
    """

    fire: str
    data: Mapping[str, Any] = EMPTY
    entries: Any = ()
    outcome: str | None = None
    reason: str | None = None
    overrides: Mapping[str, Any] = EMPTY
    actor: Any = None


@attrs.frozen
class ApproveShape:
    """
    A step that approves.
    """

    approve: str
    subject: str | None = None
    comment: str = ""
    actor: Any = None


@attrs.frozen
class DeclineShape:
    """
    A step that refuses an approval.
    """

    decline: str
    subject: str | None = None
    comment: str = ""
    actor: Any = None


@attrs.frozen
class UpdateShape:
    """
    A step that sets fields.
    """

    update: Mapping[str, Any]
    actor: Any = None


@attrs.frozen
class AddShape:
    """
    A step that puts entries into the dossier.
    """

    add: Any
    actor: Any = None


@attrs.frozen
class WaitShape:
    """
    A step in which time goes by.
    """

    wait: Duration


@attrs.frozen
class TickShape:
    """
    A step in which deadlines that have passed take effect.
    """

    tick: bool


@attrs.frozen
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


STEPS: Final[Mapping[Verb, type[Any]]] = {
    "fire": FireShape,
    "approve": ApproveShape,
    "decline": DeclineShape,
    "update": UpdateShape,
    "add": AddShape,
    "wait": WaitShape,
    "tick": TickShape,
}


@attrs.frozen
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


@attrs.frozen
class Step:
    """
    One thing that happens.

    Attributes:
        what: a trigger, the name of an approval, field values, entries, or a duration, as the verb asks.
        more: what else the verb was given, by name.
        line: of the file, counted from 1.
    """

    verb: Verb
    what: Any
    more: Mapping[str, Any]
    actor: Actor
    line: int | None


@attrs.frozen
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


@attrs.frozen
class Scenario:
    """
    One scenario, ready to run.
    """

    name: str
    file: Path
    line: int
    lifecycle: Lifecycle = attrs.field(repr=False)
    given: Given
    steps: tuple[Step, ...]
    then: Then
