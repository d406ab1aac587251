"""
The built :class:`Lifecycle`: frozen, shared by everybody, and pure in every answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from ._bind import Bound
from ._built import Built
from ._compile import Compiled
from ._contributions import Contributions
from ._decision import (
    Accepted,
    Candidate,
    Decision,
    Option,
    Refused,
    make_accepted,
    option_of,
    unavailable,
)
from ._definition import Definition
from ._facts import Change, DeadlinePassed, Entry, Notice, Transitioned
from ._frozen import EMPTY, FrozenDict
from ._inputs import named_overrides, proposed_by
from ._kernel import LifecycleMachine, snapshot
from ._limits import dues_of, limit_of
from ._move import Move, judge
from ._planning import plan, plan_passing
from ._project import Project
from ._values import Actor
from ._work import Due
from .errors import InputError, UnknownTriggerError, did_you_mean
from .typing import make_context


@attrs.frozen(slots=False, eq=False, repr=False)
class Lifecycle(Built):
    """
    A checked lifecycle, ready to decide. Build one with :func:`salesflow.build_lifecycle`.

    Attributes:
        definition: what was written.
        machine: the graph as a real ``transitions.Machine``; editing it changes no decision.
        contributions: what the plugins brought: guards, effects and entry classes by name.
        plugins: the plugins it was built with.
        limits: the deadlines of the stages that have some.
        scorers: what computes its scores, and *risk_checks* what finds its risks.
    """

    @classmethod
    def of(cls, definition: Definition, compiled: Compiled, *, contributions: Contributions, plugins: Any) -> Lifecycle:
        """
        Assemble a compiled definition.
        """
        machine = LifecycleMachine([stage.id for stage in definition.stages], compiled.edges)
        return cls(
            definition,
            contributions,
            plugins,
            machine,
            compiled.fields,
            compiled.defaults,
            compiled.limits,
            compiled.scorers,
            compiled.risk_checks,
            snapshot(machine, lambda edge: compiled.moves[edge.move]),
            FrozenDict({stage.id: stage for stage in definition.stages}),
            FrozenDict({transition.id: transition for transition in definition.transitions}),
            frozenset(transition.trigger for transition in definition.transitions),
        )

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
    ) -> Decision:
        """
        Decide whether *project* may take *trigger* now. Pure: nothing is changed or stored.

        Every guard of every candidate is asked; the first candidate in file order whose
        guards pass is the move. Guards see the project as proposed: with *data*, *entries*
        and *outcome* applied.

        Args:
            at: the time of the move, aware.
            data: field values handed in with the move; ``None`` clears a field.
            outcome: where the transition lets the caller choose.
            overrides: reason by guard-use id, where the definition allows it.

        Raises:
            UnknownTriggerError: if no transition has this trigger.
            InputError: for data, entries, an outcome or an override that cannot be.
        """
        row = self._table.get(project.stage)
        candidates = None if row is None else row.get(trigger)
        if candidates is None:
            return self._refused(project, trigger, (), actor, at)
        if data or entries or overrides or outcome is not None:
            return self._decide_with(
                project, candidates, actor, at, reason, self.changes(data, entries), outcome, overrides
            )
        refused: list[Candidate] = []
        for move in candidates:
            if move.previous is not None and not project.holds(move.previous):
                continue
            proposed = project if move.outcome is None else proposed_by(project, move, (), None, at, actor)[0]
            ctx = make_context((proposed, move.transition, actor, at, reason))
            verdicts, clear = judge(move.asks, ctx)
            if clear:
                return make_accepted(ctx, move, verdicts)
            refused.append(Candidate(move.transition, verdicts))
        return self._refused(project, trigger, refused, actor, at)

    def _decide_with(
        self,
        project: Project,
        candidates: Sequence[Move],
        actor: Actor,
        at: datetime,
        reason: str | None,
        changes: tuple[Change, ...],
        outcome: str | None,
        overrides: Mapping[str, str],
    ) -> Decision:
        """
        Decide with what was handed in, on the project as it would be.
        """
        known = self.definition.outcomes
        if outcome is not None and outcome not in known:
            raise InputError("outcome", outcome, f"Outcomes: {', '.join(known)}.{did_you_mean(outcome, known)}")
        named = named_overrides(candidates, overrides, actor)
        refused: list[Candidate] = []
        for move in candidates:
            if move.previous is not None and not project.holds(move.previous):
                continue
            proposed, misplaced = proposed_by(project, move, changes, outcome, at, actor)
            ctx = make_context((proposed, move.transition, actor, at, reason))
            verdicts, clear = judge(move.asks, ctx, named)
            if misplaced is not None:
                verdicts, clear = (misplaced, *verdicts), False
            if clear:
                # A guard may give several verdicts; its override is one.
                used = tuple(named[use_id] for use_id in dict.fromkeys(v.spec.use_id for v in verdicts if v.overridden))
                return make_accepted(ctx, move, verdicts, changes, used)
            refused.append(Candidate(move.transition, verdicts))
        return self._refused(project, candidates[0].transition.trigger, refused, actor, at)

    def _refused(
        self, project: Project, trigger: str, tried: Sequence[Candidate], actor: Actor, at: datetime
    ) -> Refused:
        open_here = tuple(self._table.get(project.stage, ()))
        if tried:
            return Refused(project, trigger, actor, at, tuple(tried), None, open_here)
        if trigger not in self._triggers:
            raise UnknownTriggerError(trigger, open=open_here, known=sorted(self._triggers), stage=project.stage)
        self.stage(project.stage)  # raises for a stage that is none
        return unavailable(project, trigger, actor=actor, at=at, open=open_here)

    def options(self, project: Project, *, actor: Actor, at: datetime) -> tuple[Option, ...]:
        """
        Return every trigger that leads on from here, and whether it can be taken now.
        """
        return tuple(
            option_of(trigger, self.decide(project, trigger, actor=actor, at=at))
            for trigger in self.triggers(project.stage)
        )

    def plan(self, accepted: Accepted, *, spawned: str | None = None) -> tuple[Transitioned, tuple[Notice, ...]]:
        """
        Return what an accepted move writes: its fact's body and its notices. Effects run here, purely.

        Raises:
            EffectError: if an effect raises or returns what cannot be stored.
        """
        return plan(accepted, self.changes, spawned)

    def dues(self, project: Project) -> tuple[Due, ...]:
        """
        Return the deadlines to watch for a project's current stay.
        """
        return dues_of(self.limits.get(project.stage, ()), project)

    def pass_deadline(
        self, project: Project, due: Due, *, actor: Actor, at: datetime
    ) -> tuple[DeadlinePassed, tuple[Notice, ...]] | None:
        """
        Return what a passed deadline writes, or ``None`` if it does not concern the project any more.

        Raises:
            EffectError: if an effect raises or returns what cannot be stored.
        """
        limit = limit_of(self.limits, project, due)
        return None if limit is None else plan_passing(limit, project, due, actor, at, self.changes)

    def bind(self, host: type[Any], **attributes: Any) -> Bound[Any]:
        """
        Use this lifecycle on objects of a host's own class; see :class:`Bound` for the arguments.
        """
        return Bound[Any].to(self, host, **attributes)
