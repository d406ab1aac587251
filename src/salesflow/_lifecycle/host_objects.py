"""
A lifecycle on a host's own class: the host keeps its objects, salesflow decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, Protocol, TypeVar

import attrs

from .._model.definition import Definition, Field, Stage, Transition, walk_uses
from .._model.facts import Change, Notice, Transitioned
from .._model.frozen import EMPTY, FrozenDict
from .._model.parameters import call_factory
from .._model.predicate import fields_of
from .._model.project import Project, Visit, apply_changes
from .._model.values import Actor, to_utc
from ..errors import InputError, InputErrors, TransitionRefusedError, did_you_mean
from ..typing import Clock
from . import observers
from .contributions import Contributions
from .decision import Accepted, Decision, Option


T = TypeVar("T")
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class DecidingLifecycle(Protocol):
    """
    What a bound object asks of :class:`salesflow.Lifecycle`, which has a ``bind`` that makes one.
    """

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def definition(self) -> Definition: ...
    @property
    def contributions(self) -> Contributions: ...
    @property
    def fields(self) -> Mapping[str, Field]: ...
    @property
    def transitions(self) -> tuple[Transition, ...]: ...
    def stage(self, stage_id: str) -> Stage: ...
    def changes(self, fields: Mapping[str, Any]) -> tuple[Change, ...]: ...
    @property
    def decide(self) -> Callable[..., Decision]: ...
    def options(self, project: Project, *, actor: Actor, at: datetime) -> tuple[Option, ...]: ...
    def plan(self, accepted: Accepted) -> tuple[Transitioned, tuple[Notice, ...]]: ...


@attrs.frozen(slots=False, eq=False, repr=False)
class BoundMove:
    """
    A move of a host's object.

    Attributes:
        decision: with every verdict.
        changes: what effects would write; applying them is the host's business.
        notices: what effects would tell.
    """

    decision: Accepted
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]


@attrs.frozen(slots=False, eq=False, repr=False)
class Bound(Generic[T]):
    """
    A lifecycle bound to a class; made by :meth:`salesflow.Lifecycle.bind`.

    Args:
        host: the class whose objects move.
        stage: the attribute that holds the stage id.
        fields: attribute by field id; ``outcome`` may be bound too.
        previous: the attribute that holds the stage a hold interrupted.
        clock: where the time comes from when a call gives no ``at``.
    """

    lifecycle: DecidingLifecycle
    host: type[T]
    stage: str = "stage"
    fields: Mapping[str, str] = attrs.field(default=EMPTY, converter=FrozenDict)
    previous: str | None = None
    clock: Clock | None = None

    @classmethod
    def to(cls, lifecycle: DecidingLifecycle, host: type[T], **attributes: Any) -> Bound[T]:
        """
        Bind, checking that the guards read nothing that is not bound.

        Raises:
            InputErrors: naming every guard that reads something else.
        """
        bound = cls(lifecycle, host, **attributes)
        problems = _unbound(lifecycle, bound)
        if problems:
            raise InputErrors(problems)
        return bound

    def decide(self, thing: T, trigger: str, *, actor: Actor, at: datetime | None = None, **inputs: Any) -> Decision:
        """
        Decide whether *thing* may take *trigger*; see :meth:`salesflow.Lifecycle.decide`.
        """
        when = self._when(at)
        return self.lifecycle.decide(self._project(thing, when), trigger, actor=actor, at=when, **inputs)

    def options(self, thing: T, *, actor: Actor, at: datetime | None = None) -> Sequence[Option]:
        """
        Return every trigger from where *thing* stands.
        """
        when = self._when(at)
        return self.lifecycle.options(self._project(thing, when), actor=actor, at=when)

    def fire(self, thing: T, trigger: str, *, actor: Actor, at: datetime | None = None, **inputs: Any) -> BoundMove:
        """
        Decide, then set the stage attribute (and *previous*) and nothing else.

        Raises:
            TransitionRefusedError: with the decision; *thing* is as it was.
        """
        decision = self.decide(thing, trigger, actor=actor, at=at, **inputs)
        if not isinstance(decision, Accepted):
            raise TransitionRefusedError(decision)
        body, notices = self.lifecycle.plan(decision)
        if self.previous is not None and not body.stays:
            before: str | None = getattr(thing, self.previous, None)
            # A hold out of a hold still leads back to where the first one began; any other move forgets it.
            held = (before or body.source) if body.kind == "hold" else None
            if held != before:
                setattr(thing, self.previous, held)
        if body.target != body.source:
            setattr(thing, self.stage, body.target)
        if observers.active:
            observers.report_written(self.lifecycle.id, self.lifecycle.version, body)
        return BoundMove(decision, body.changes, notices)

    def _when(self, at: datetime | None) -> datetime:
        if at is not None:
            return to_utc(at, "at=")
        if self.clock is None:
            raise InputError("at=", at, "Pass the time of the move, or give bind() a clock.")
        return to_utc(self.clock(), "clock")

    def _project(self, thing: T, at: datetime) -> Project:
        if not isinstance(thing, self.host):
            raise InputError("bound object", thing, f"This lifecycle is bound to {self.host.__name__}.")
        stage = self.lifecycle.stage(getattr(thing, self.stage))
        held = getattr(thing, self.previous, None) if self.previous else None
        given = {field: getattr(thing, name) for field, name in self.fields.items()}
        outcomes = self.lifecycle.definition.outcomes
        outcome = given.pop("outcome", None) or outcomes[0]
        if outcome not in outcomes:
            raise InputError("outcome", outcome, f"Outcomes: {', '.join(outcomes)}.{did_you_mean(outcome, outcomes)}")
        fields, _ = apply_changes(EMPTY, EMPTY, self.lifecycle.changes(given), version=0, at=at, by="host")
        visit = Visit(1, stage.id, at, 0)
        return Project(
            "bound",
            self.host.__name__,
            self.lifecycle.id,
            self.lifecycle.version,
            stage.id,
            outcome,
            fields,
            EMPTY,
            0,
            _LONG_AGO,
            "host",
            _LONG_AGO,
            visit,
            Visit(1, held, at, 0) if held else None,
        )


def _unbound(lifecycle: DecidingLifecycle, bound: Bound[Any]) -> list[InputError]:
    """
    Return a problem for everything that guards read and the host's class does not give.
    """
    problems = [
        InputError("bound field", field, "The lifecycle declares no such field.")
        for field in bound.fields
        if field not in lifecycle.fields and field != "outcome"
    ]
    for transition in lifecycle.transitions:
        if transition.kind == "hold" and bound.previous is None:
            where = f"transition {transition.id!r}"
            problems.append(InputError(where, transition.kind, "Bind previous= to remember the held stage."))
        for use in walk_uses(transition.guards):
            when = fields_of(use.when) if use.when is not None else ()
            guard = lifecycle.contributions.guards.get(use.use)
            kinds = () if guard is None else guard.kinds
            read = () if guard is None else call_factory(guard.reads, use.params)
            where = f"guard {use.use!r} of {transition.id!r}"
            problems += [
                InputError(where, name, "It reads this field; bind it with fields=.")
                for name in dict.fromkeys((*when, *read))
                if name not in bound.fields and name != "stage"
            ]
            hint = "It reads this of a project, which a host's object does not have; use a Pipeline."
            problems += [InputError(where, kind, hint) for kind in kinds]
    return problems
