"""
The built :class:`Lifecycle`: frozen, shared by everybody, and pure in every answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._definition.expand import expanded
from .._model.advice import BoundAdvice
from .._model.argument_types import explain_types
from .._model.calendar import Calendar
from .._model.definition import UNDECIDED, Definition, Field, Stage, Transition, walk_uses
from .._model.facts import Change, DeadlinePassed, Entry, Notice, Transitioned, make_transitioned
from .._model.frozen import EMPTY, FrozenDict, noun
from .._model.lazy import LazyModule
from .._model.messages import Wording
from .._model.predicate import Predicate
from .._model.project import ChildProject, Project
from .._model.values import Actor, Value, check_text
from .._model.work import DueDeadline
from ..errors import InputError, UnknownTriggerError, nearest, say
from ..typing import Clock, EffectContext, make_context
from . import observers
from .compile import Compiled
from .compiled import CompiledTransition, blocks, evaluate
from .contributions import Contributions
from .deadlines import BoundDeadline, bound_deadline, dues_of
from .decision import (
    Accepted,
    Candidate,
    Decision,
    Option,
    Refused,
    make_accepted,
    option_of,
    unavailable,
)
from .inputs import check_asked, checked_changes, fixed_changes, look_up, named_overrides, proposed_by
from .kernel import LifecycleMachine, Table, snapshot
from .locks import BoundLock
from .run_effects import run_effects


if TYPE_CHECKING:
    from . import bind_cadences as cadence_binding, bind_signals as signal_binding, rhythms as watch_rhythms
    from .host_objects import Bound
else:  # few definitions have cadences
    cadence_binding = LazyModule(f"{__package__}.bind_cadences")

T = TypeVar("T")


def _tasked(lifecycle: Lifecycle) -> Mapping[str, Stage]:
    return FrozenDict({stage.id: stage for stage in lifecycle.definition.stages if stage.tasks})


def _asking(lifecycle: Lifecycle) -> frozenset[str]:
    guards = lifecycle.contributions.guards
    asking = (
        each
        for each in lifecycle.transitions
        if any("children" in guards[use.use].kinds for use in walk_uses(each.guards) if use.use in guards)
    )
    return frozenset(chain.from_iterable(each.source for each in asking))


def _closed_by(lifecycle: Lifecycle) -> Mapping[str, bool]:
    """
    Return the outcomes whose id does not say whether they close a project, and whether they do.
    """
    closed = {each.id: each.class_ != "undecided" for each in lifecycle.definition.outcomes}
    return {name: closes for name, closes in closed.items() if closes is (name == UNDECIDED)}


@noun(slots=False, eq=False, repr=False)
class Lifecycle:
    """
    A checked lifecycle, ready to decide. Build one with :func:`salesflow.build_lifecycle`.

    Attributes:
        definition: what was written.
        machine: the graph as a real ``transitions.Machine``; editing it changes no decision.
        contributions: what the plugins brought, guards, effects and entry classes by name, with their settings.
        plugins: the plugins it was built with.
        fields: the declared fields, by id.
        defaults: what a new project starts with, by field id.
        limits: the deadlines of the stages that have some.
        calendar: its working days, in its time zone.
        wording: how its messages name its parts and write times.
        binds: what each approval is given for: fields and kinds of entries, by its name.
        locks: the fields that stay as they are from a stage on.
        scorers: what computes its scores.
        risk_checks: what finds its risks.
        cadences: what has to happen regularly, with ready cadences filled in.
        invariants: what must be true of every project, by id, for the testing kit to prove.
        preconditions: what must be true whenever a transition is allowed, by its id, for the same.
        rhythms: when the worker evaluates its early warnings.
        signals: what follows signals from outside.
        tasked: the stages that bring tasks with them, by id.
        asking: the stages in which a guard asks for the children of a project.
    """

    definition: Definition
    contributions: Contributions
    plugins: Any
    machine: LifecycleMachine
    fields: Mapping[str, Field]
    defaults: Mapping[str, Value]
    limits: Mapping[str, tuple[BoundDeadline, ...]]
    calendar: Calendar
    wording: Wording
    binds: Mapping[str, tuple[str, ...]]
    locks: Mapping[str, BoundLock]
    scorers: tuple[BoundAdvice, ...]
    risk_checks: tuple[BoundAdvice, ...]
    cadences: tuple[cadence_binding.BoundCadence, ...]
    invariants: Mapping[str, Predicate]
    preconditions: Mapping[str, Predicate]
    rhythms: tuple[watch_rhythms.Rhythm, ...]
    signals: tuple[signal_binding.BoundSignal, ...]
    _table: Table[CompiledTransition]
    _stages: Mapping[str, Stage]
    _transitions: Mapping[str, Transition]
    _triggers: frozenset[str]
    _clock: Clock
    _again: Callable[[Definition, Any], Lifecycle]
    tasked: Mapping[str, Stage] = attrs.field(init=False, default=attrs.Factory(_tasked, takes_self=True))
    asking: frozenset[str] = attrs.field(init=False, default=attrs.Factory(_asking, takes_self=True))
    _closed_by: Mapping[str, bool] = attrs.field(init=False, default=attrs.Factory(_closed_by, takes_self=True))

    @classmethod
    def of(
        cls,
        definition: Definition,
        compiled: Compiled,
        *,
        plugins: Any,
        clock: Clock,
        again: Callable[[Definition, Any], Lifecycle],
    ) -> Lifecycle:
        """
        Assemble a compiled definition.

        Args:
            clock: what objects of a host go by when nobody says when.
            again: builds it from its definition and plugins, where it is unpickled.
        """
        machine = LifecycleMachine([stage.id for stage in definition.stages], compiled.edges)
        return cls(
            definition,
            compiled.contributions,
            plugins,
            machine,
            compiled.fields,
            compiled.defaults,
            compiled.limits,
            compiled.calendar,
            compiled.wording,
            compiled.binds,
            compiled.locks,
            compiled.scorers,
            compiled.risk_checks,
            compiled.cadences,
            compiled.invariants,
            compiled.preconditions,
            compiled.rhythms,
            compiled.signals,
            snapshot(machine, lambda edge: compiled.transitions[edge.number]),
            FrozenDict({stage.id: stage for stage in definition.stages}),
            FrozenDict({transition.id: transition for transition in expanded(definition).transitions}),
            frozenset(transition.trigger for transition in definition.transitions),
            clock,
            again,
        )

    def __deepcopy__(self, _memo: object) -> Lifecycle:
        return self  # frozen and shared

    def __reduce__(self) -> tuple[Any, ...]:
        return self._again, (self.definition, self.plugins)

    @cached_property
    def digest(self) -> str | None:
        """
        The digest of what decides in the definition; ``None`` if no file can hold it.
        """
        from .._definition.digest import digest_of  # noqa: PLC0415 -- only what writes needs it

        declared = self.contributions.settings
        return digest_of(self.definition, [name for name, one in declared.items() if one.decides])

    def __repr__(self) -> str:
        return f"<Lifecycle {self.id} version {self.version}: {len(self._stages)} stages>"

    @property
    def id(self) -> str:
        """
        The definition's id.
        """
        return self.definition.id

    @property
    def version(self) -> str:
        """
        The definition's version.
        """
        return self.definition.version

    @property
    def entries(self) -> Mapping[str, type[Entry]]:
        """
        The entry classes that a dossier may hold, by kind.
        """
        return self.contributions.entries

    @property
    def stages(self) -> tuple[Stage, ...]:
        """
        All stages, in file order.
        """
        return self.definition.stages

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """
        All transitions, in file order, written out: with the guards of rules, and with the stages that ``*`` is.
        """
        return tuple(self._transitions.values())

    def stage(self, stage_id: str) -> Stage:
        """
        Return a stage by id.

        Raises:
            InputError: if there is none.
        """
        return look_up("stage", stage_id, self._stages)

    def transition(self, transition_id: str) -> Transition:
        """
        Return a transition by id.

        Raises:
            InputError: if there is none.
        """
        return look_up("transition", transition_id, self._transitions)

    def triggers(self, stage_id: str) -> tuple[str, ...]:
        """
        Return the triggers that lead on from a stage, guards aside, in file order.
        """
        return tuple(self._table[self.stage(stage_id).id])

    def candidates(self, stage_id: str, trigger: str) -> tuple[CompiledTransition, ...]:
        """
        Return the transitions that a trigger may take from a stage, in the order in which they are tried.

        Raises:
            InputError: if there is no such stage, or the trigger is not a text.
        """
        check_text(trigger, "trigger")
        return tuple(self._table[self.stage(stage_id).id].get(trigger, ()))

    def mermaid(self, lang: str = "en") -> str:
        """
        Return the lifecycle as a Mermaid state diagram, with labels in the language nearest to *lang*.
        """
        from .._definition.mermaid import render  # noqa: PLC0415 -- a picture is drawn now and then

        return render(self.definition, lang)

    def changes(self, fields: Mapping[str, Any], entries: Iterable[Entry] = ()) -> tuple[Change, ...]:
        """
        Return field values and entries as checked changes.

        Raises:
            InputErrors: with every undeclared field, value of the wrong type and foreign entry (a single problem is
                raised as itself).
        """
        return checked_changes(self.id, self.fields, self.entries, fields, entries)

    def decide(
        self,
        project: Project,
        trigger: str,
        *,
        actor: Actor,
        at: datetime,
        data: Mapping[str, Any] = EMPTY,
        entries: Sequence[Entry] = (),
        outcome: str | None = None,
        reason: str | None = None,
        overrides: Mapping[str, str] = EMPTY,
        children: tuple[ChildProject, ...] | None = None,
    ) -> Decision:
        """
        Decide whether *project* may take *trigger* now. Pure: nothing is changed or stored.

        Every guard of every candidate is asked; the first candidate in file order whose
        guards pass is the move. Guards see the project as proposed: with *data*, *entries*
        and *outcome* applied.

        Args:
            at: the time of the move, aware.
            data: field values to set with the move; ``None`` clears a field.
            outcome: where the transition lets the caller choose.
            overrides: reason by guard-use id, where the definition allows it.
            children: the projects that belong to it; by default they are not known, as for an object of a host.

        Raises:
            UnknownTriggerError: if no transition has this trigger.
            InputError: for a project, actor, time, data, entries, an outcome or an override that cannot be.
        """
        try:
            try:
                candidates = self._table[project.stage][trigger]
            except (KeyError, TypeError):  # of an argument that is no text
                return self._refused(project, trigger, (), actor, at)
            if reason is not None:
                check_text(reason, "reason")
            if data or entries or overrides or outcome is not None:
                return self._decide_with(
                    project, candidates, actor, at, reason, self.changes(data, entries), outcome, overrides, children
                )
            evaluated: tuple[observers.Evaluated, ...] = ()
            for move in candidates:
                if move.previous is not None and not project.holds(move.previous):
                    continue
                proposed = project
                if move.outcome is not None:
                    proposed, _ = proposed_by(project, move, (), None, at, actor, self.wording)
                ctx = make_context((proposed, move.transition, actor, at, reason, project, self.calendar, children))
                verdicts = evaluate(move, ctx)
                if verdicts is move.passed or not blocks(verdicts):
                    accepted = make_accepted(ctx, move, verdicts)
                    if observers.active:
                        observers.report_decided(accepted, (*evaluated, (move, ctx, verdicts)))
                    return accepted
                evaluated = (*evaluated, (move, ctx, verdicts))
            return self._refused(project, trigger, evaluated, actor, at)
        except AttributeError:
            check_asked(project, actor, at)
            raise

    def _decide_with(
        self,
        project: Project,
        candidates: Sequence[CompiledTransition],
        actor: Actor,
        at: datetime,
        reason: str | None,
        changes: tuple[Change, ...],
        outcome: str | None,
        overrides: Mapping[str, str],
        children: tuple[ChildProject, ...] | None,
    ) -> Decision:
        """
        Decide with the values of the call, on the proposed project.
        """
        if outcome is not None and outcome not in (known := self.definition.outcome_ids):
            raise InputError("outcome", outcome, say("input.outcomes", known=known, near=nearest(outcome, known)))
        named = named_overrides(candidates, overrides, actor)
        locked = fixed_changes(self.locks, project, changes, actor, self.wording)
        evaluated: list[observers.Evaluated] = []
        for move in candidates:
            if move.previous is not None and not project.holds(move.previous):
                continue
            proposed, misplaced = proposed_by(project, move, changes, outcome, at, actor, self.wording)
            ctx = make_context((proposed, move.transition, actor, at, reason, project, self.calendar, children))
            verdicts = evaluate(move, ctx, named)
            verdicts = (*locked, *verdicts) if misplaced is None else (misplaced, *locked, *verdicts)
            if not blocks(verdicts):
                # A guard may give several verdicts; its override is one.
                used = tuple(named[use_id] for use_id in dict.fromkeys(v.spec.use_id for v in verdicts if v.overridden))
                accepted = make_accepted(ctx, move, verdicts, changes, used)
                if observers.active:
                    observers.report_decided(accepted, (*evaluated, (move, ctx, verdicts)))
                return accepted
            evaluated.append((move, ctx, verdicts))
        return self._refused(project, candidates[0].transition.trigger, evaluated, actor, at)

    def _refused(
        self, project: Project, trigger: str, evaluated: Sequence[observers.Evaluated], actor: Actor, at: datetime
    ) -> Refused:
        check_asked(project, actor, at)  # a guard that stumbled over what it was asked about gave no answer
        open_here = tuple(self._table.get(project.stage, ()))
        if evaluated:
            candidates = tuple(Candidate(move.transition, verdicts) for move, _, verdicts in evaluated)
            refused = Refused(project, trigger, actor, at, candidates, None, open_here, self.wording)
        else:
            if not isinstance(trigger, str) or trigger not in self._triggers:
                raise UnknownTriggerError(trigger, open=open_here, known=sorted(self._triggers), stage=project.stage)
            self.stage(project.stage)  # raises for a stage that does not exist
            refused = unavailable(project, trigger, actor=actor, at=at, open=open_here, wording=self.wording)
        if observers.active:
            observers.report_decided(refused, evaluated)
        return refused

    def options(
        self, project: Project, *, actor: Actor, at: datetime, children: tuple[ChildProject, ...] | None = None
    ) -> tuple[Option, ...]:
        """
        Return every trigger that leads on from here, and whether it can be taken now; *children* as in :meth:`decide`.
        """
        check_asked(project, actor, at)
        return tuple(
            option_of(trigger, self.decide(project, trigger, actor=actor, at=at, children=children))
            for trigger in self.triggers(project.stage)
        )

    def plan(
        self, accepted: Accepted, *, spawned: str | None = None, about: str = ""
    ) -> tuple[Transitioned, tuple[Notice, ...]]:
        """
        Return what an accepted move writes: its fact's body and its notices. Effects run here, purely.

        Args:
            spawned: the id of the project that it opens.
            about: the entry that moves, as ``kind:id``; empty for a project.

        Raises:
            EffectError: if an effect raises or returns what cannot be stored.
            InputError: for a decision that is not accepted.
        """
        if accepted.__class__ is not Accepted:
            raise InputError("accepted", accepted, say("input.accepted"))
        ctx, move, changes = accepted.context, accepted.move, accepted.changes
        project, reason = ctx.project, ctx.reason
        outcome = project.outcome if move.settles is None else accepted.outcome
        notices: tuple[Notice, ...] = ()
        name, trigger, kind, source, target = move.fact_parts
        if move.effects:
            version = project.version + 1
            ends, who = (move.source, move.target), ctx.actor
            seen = EffectContext(project, ctx.transition, *ends, outcome, who, ctx.at, version, ctx.calendar, about)
            made, notices = run_effects(move.effects, seen, self.changes)
            changes = (*changes, *made)
        body = make_transitioned(
            name,
            trigger,
            kind,
            source,
            target,
            outcome,
            changes,
            accepted.verdicts,
            reason,
            accepted.overrides,
            spawned,
            move.stays,
            move.closes or self._closed_by.get(outcome),
        )
        return body, notices

    def dues(self, project: Project) -> tuple[DueDeadline, ...]:
        """
        Return the deadlines to watch for a project's current stay.
        """
        try:
            limits = self.limits.get(project.stage, ())
        except AttributeError:
            raise InputError("project", project, say("input.project")) from None
        return dues_of(limits, project)

    @explain_types
    def pass_deadline(
        self, project: Project, due: DueDeadline, *, actor: Actor, at: datetime
    ) -> tuple[DeadlinePassed, tuple[Notice, ...]] | None:
        """
        Return what a passed deadline writes, or ``None`` if it does not concern the project any more.

        Raises:
            EffectError: if an effect raises or returns what cannot be stored.
        """
        limit = bound_deadline(self.limits, project, due)
        if limit is None:
            return None
        stage, version = limit.stage, project.version + 1
        seen = EffectContext(
            project, limit.transition, stage, stage, project.outcome, actor, at, version, self.calendar
        )
        changes, notices = run_effects(limit.effects, seen, self.changes)
        return DeadlinePassed(due.deadline, due.stage, due.visit, due.at, changes, due.late), notices

    def bind(
        self,
        host: type[T],
        *,
        stage: str = "stage",
        fields: Mapping[str, str] = EMPTY,
        previous: str | None = None,
        clock: Clock | None = None,
    ) -> Bound[T]:
        """
        Use this lifecycle on objects of a host's own class.

        Args:
            stage: the attribute that holds the stage id, as text or as a member of an enum with that value.
            fields: attribute by field id; ``outcome`` may be bound too.
            previous: the attribute that holds the stage a hold interrupted.
            clock: where the time comes from when a call gives no ``at``; by default the machine's clock.

        Raises:
            InputErrors: naming every field and every guard that does not fit the class.
        """
        from .host_objects import bound_to  # noqa: PLC0415 -- only for objects of a host

        return bound_to(self, host, stage, fields, previous, self._clock if clock is None else clock)
