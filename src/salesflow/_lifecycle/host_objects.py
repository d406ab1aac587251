"""
A lifecycle on a host's own class: the host keeps its objects, salesflow decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Generic, Protocol, TypeVar, Unpack

from .._model.definition import Definition, Field, Stage, Transition, walk_uses
from .._model.facts import Change, FieldSet, Notice, Transitioned
from .._model.fold import apply_changes
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.parameters import call_factory, check_plain, read_params
from .._model.predicate import fields_of
from .._model.project import Project, Visit
from .._model.values import Actor, to_utc
from ..errors import InputError, InputErrors, TransitionRefusedError, nearest, say
from ..typing import Clock
from . import observers
from .contributions import Contributions
from .decision import Accepted, Decision, MoveOptions, Option


T = TypeVar("T")
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT: Final = object()


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


@noun(slots=False, eq=False)
class BoundMove(Generic[T]):
    """
    A move of a host's object.

    Attributes:
        decision: with every verdict.
        changes: the changes of the call, and what effects would write; applying the latter is the host's business.
        notices: what effects would tell.
        values: what is written to the object, by attribute: stage, outcome, and the values of the call.
    """

    decision: Accepted
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    values: Mapping[str, object]

    def apply(self, thing: T) -> None:
        """
        Write :attr:`values` to *thing*, all of them or none; :meth:`Bound.fire` did so unless it was asked not to.

        Raises:
            InputError: naming the attribute whose setter raised; the others are as they were.
        """
        before: dict[str, object] = {}
        for name, value in self.values.items():
            before[name] = getattr(thing, name, _ABSENT)
            try:
                setattr(thing, name, value)
            except Exception as error:
                _restore(thing, before)
                hint = say("input.setter", name=type(error).__name__, error=error)
                raise InputError(say("what.attribute_of", name=name, kind=type(thing).__name__), value, hint) from error


def _restore(thing: object, before: Mapping[str, object]) -> None:
    """
    Set attributes back, the last one first; the setter that raised may have taken its value or not.
    """
    for name, value in reversed([*before.items()]):
        if getattr(thing, name, _ABSENT) is not value:
            if value is _ABSENT:
                delattr(thing, name)
            else:
                setattr(thing, name, value)


@noun(slots=False, eq=False)
class Bound(Generic[T]):
    """
    A lifecycle bound to a class; made by :meth:`salesflow.Lifecycle.bind`, which says what its attributes are.
    """

    lifecycle: DecidingLifecycle
    host: type[T]
    stage: str
    fields: Mapping[str, str]
    previous: str | None
    clock: Clock

    def decide(
        self, thing: T, trigger: str, *, actor: Actor, at: datetime | None = None, **inputs: Unpack[MoveOptions]
    ) -> Decision:
        """
        Decide whether *thing* may take *trigger*; *inputs* as in :meth:`salesflow.Lifecycle.decide`, but for entries.

        Raises:
            InputError: for an attribute that does not fit, or for a value of the call that cannot be written.
        """
        when = self._when(at)
        if not isinstance(actor, Actor):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
            raise InputError("actor=", actor, say("input.actor"))
        data: Mapping[str, Any] = inputs.get("data", EMPTY)
        if not isinstance(data, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # as above
            raise InputError("data", data, say("input.fields"))
        for name in data:
            if name in self.lifecycle.fields and name not in self.fields:
                raise InputError(say("what.field", name=name), data[name], say("input.unwritten"))
        if entries := inputs.get("entries"):
            raise InputError("entries", entries, say("input.no_dossier"))
        inputs["data"] = {name: _plain(value) for name, value in data.items()}
        return self.lifecycle.decide(self._project(thing, when), trigger, actor=actor, at=when, **inputs)

    def options(self, thing: T, *, actor: Actor, at: datetime | None = None) -> Sequence[Option]:
        """
        Return every trigger from where *thing* stands.
        """
        when = self._when(at)
        return self.lifecycle.options(self._project(thing, when), actor=actor, at=when)

    def fire(
        self,
        thing: T,
        trigger: str,
        *,
        actor: Actor,
        at: datetime | None = None,
        apply: bool = True,
        **inputs: Unpack[MoveOptions],
    ) -> BoundMove[T]:
        """
        Decide, then write the stage, the outcome and the values of the call to *thing*, all or nothing.

        Members of an enum stay members of it.

        Args:
            apply: ``False`` leaves *thing* as it is; :meth:`BoundMove.apply` writes it later.

        Raises:
            TransitionRefusedError: with the decision; *thing* is as it was.
            InputError: if a value does not fit an attribute; *thing* is as it was.
        """
        decision = self.decide(thing, trigger, actor=actor, at=at, **inputs)
        if not isinstance(decision, Accepted):
            raise TransitionRefusedError(decision)
        body, notices = self.lifecycle.plan(decision)
        move = BoundMove[T](decision, body.changes, notices, FrozenDict(self._values(thing, decision, body)))
        if apply:
            move.apply(thing)
            if observers.active:
                observers.report_written(self.lifecycle.id, self.lifecycle.version, body)
        return move

    def _when(self, at: datetime | None) -> datetime:
        return to_utc(self.clock(), "clock") if at is None else to_utc(at, "at=")

    def _values(self, thing: T, decision: Accepted, body: Transitioned) -> dict[str, object]:
        """
        Return what a move writes, by attribute.
        """
        found: dict[str, object] = {}
        for change in [each for each in decision.changes if isinstance(each, FieldSet)]:
            name = self.fields[change.field]
            found[name] = _like(getattr(thing, name, None), change.value, name)
        stage = getattr(thing, self.stage)
        if self.previous is not None and not body.stays:
            before = _plain(getattr(thing, self.previous, None)) or None
            # A hold out of a hold still leads back to where the first hold began; any other move forgets it.
            held = (before or body.source) if body.kind == "hold" else None
            if held != before:
                found[self.previous] = None if held is None else _like(stage, held, self.previous)
        result = self.fields.get("outcome")
        if result is not None:
            now = getattr(thing, result)
            if (_plain(now) or self.lifecycle.definition.outcome_ids[0]) != body.outcome:
                found[result] = _like(now, body.outcome, result)
        if body.target != body.source:
            found[self.stage] = _like(stage, body.target, self.stage)
        return found

    def _read(self, thing: T, name: str) -> Any:
        try:
            return _plain(getattr(thing, name))
        except Exception as error:
            hint = say("input.getter", name=type(error).__name__, error=error)
            raise InputError(say("what.attribute", name=name), thing, hint) from error

    def _project(self, thing: T, at: datetime) -> Project:
        if not isinstance(thing, self.host):
            raise InputError("bound object", thing, say("input.bound_to", name=self.host.__name__))
        stage = self.lifecycle.stage(self._read(thing, self.stage))
        held = self._read(thing, self.previous) if self.previous else None
        given = {field: self._read(thing, name) for field, name in self.fields.items()}
        outcomes = self.lifecycle.definition.outcome_ids
        outcome = given.pop("outcome", None) or outcomes[0]
        if outcome not in outcomes:
            raise InputError("outcome", outcome, say("input.outcomes", known=outcomes, near=nearest(outcome, outcomes)))
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


def _plain(value: Any) -> Any:
    """
    Return a member of an enum as the value that it stands for.
    """
    return value.value if isinstance(value, Enum) else value


def _like(now: object, value: Any, name: str) -> Any:
    """
    Return a value as the attribute holds its present one: as a member of the same enum.

    Raises:
        InputError: if the enum has no member with this value.
    """
    if not isinstance(now, Enum):
        return value
    kind = type(now)
    try:
        return kind(value)
    except ValueError:
        hint = say("input.no_member", kind=kind.__name__, known=[repr(each.value) for each in kind])
        raise InputError(say("what.attribute", name=name), value, hint) from None


def bound_to(
    lifecycle: DecidingLifecycle,
    host: type[T],
    stage: str,
    fields: Mapping[str, str],
    previous: str | None,
    clock: Clock,
) -> Bound[T]:
    """
    Bind a lifecycle to a class, checking that everything that the guards read is bound.

    Raises:
        InputErrors: naming every guard that reads something else.
    """
    if not isinstance(host, type):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise InputError("host", host, say("input.host"))
    if not isinstance(fields, Mapping):
        raise InputError("fields", fields, say("input.host_fields"))
    check_plain("clock=", clock)
    bound = Bound(lifecycle, host, stage, FrozenDict(fields), previous, clock)
    problems = _unbound(lifecycle, bound)
    if problems:
        raise InputErrors(problems)
    return bound


def _unbound(lifecycle: DecidingLifecycle, bound: Bound[Any]) -> list[InputError]:
    """
    Return a problem for everything that guards read and the host's class does not give.
    """
    problems = [
        InputError("bound field", field, say("input.no_field"))
        for field in bound.fields
        if field not in lifecycle.fields and field != "outcome"
    ]
    for transition in lifecycle.transitions:
        if transition.kind == "hold" and bound.previous is None:
            where = say("what.transition", transition=transition.id)
            problems.append(InputError(where, transition.kind, say("input.bind_previous")))
        problems += [
            InputError(say("what.effect_of", name=effect.use, transition=transition.id), name, say("input.bind_field"))
            for effect in transition.effects
            for name in (() if effect.when is None else dict.fromkeys(fields_of(effect.when)))
            if name not in bound.fields and name != "stage"
        ]
        asked = [use for use in transition.guards if use.severity == "block"]  # the others stop nobody
        for use in walk_uses(asked):
            when = fields_of(use.when) if use.when is not None else ()
            guard = lifecycle.contributions.guards.get(use.use)
            kinds = () if guard is None else guard.kinds
            read = () if guard is None else call_factory(guard.reads, read_params(guard.factory, use.params)[0])
            unread = [name for name in dict.fromkeys((*when, *read)) if name not in bound.fields and name != "stage"]
            if unread or kinds:
                where = say("what.guard_of", use=use.use, transition=transition.id)
                problems += [InputError(where, name, say("input.bind_field")) for name in unread]
                problems += [InputError(where, kind, say("input.bind_pipeline")) for kind in kinds]
    return problems
