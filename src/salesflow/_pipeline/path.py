"""
The path to a stage: the shortest paths from where a project stands, and what each gate on them still needs.

It is found by going there in thought: each gate is asked about the project as it would stand, and taken as met once
what it misses has been done. Nothing is written, and no guard is passed that would refuse for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from .._lifecycle.compiled import blocks, engine_spec, evaluate
from .._lifecycle.decision import Accepted, make_accepted
from .._lifecycle.inputs import look_up, proposed_by
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.routes import Lessons, RouteStep, cost_of, find_route, into
from .._model.frozen import FrozenDict, noun
from .._model.project import Project
from .._model.values import Actor, same_person
from .._model.verdict import Remedy, Verdict, alternatives
from .._model.visit_time import date_ends
from ..dossier import Task
from ..errors import EffectError, InputError, say
from ..typing import Context
from .children import children_seen
from .path_ahead import PathAhead, PathNeed, PathStep
from .recorder import Moment, make_draft, stage
from .runtime import Runtime, actor_of, deciding_lifecycle, project_of, time_of
from .waiting import NOBODY, TIME, leaves_of, turn_of, waited_until


_DETOURS: Final = ("hold", "exit")


def path(
    runtime: Runtime, project_id: str, to: str, also: Collection[str], actor: Actor | None, at: datetime | None
) -> PathAhead:
    """
    Return the shortest way to a stage; see :meth:`salesflow.Pipeline.path`.
    """
    project = project_of(runtime, project_id)
    lifecycle = deciding_lifecycle(runtime, project)
    wanted = look_up("stage", to, {each.id: each for each in lifecycle.stages})
    if isinstance(also, str) or not isinstance(also, Collection) or not set(_DETOURS).issuperset(also):  # pyright: ignore[reportUnnecessaryIsInstance] -- without a type checker
        raise InputError("also", also, say("input.choice", known=_DETOURS, near=""))
    who = NOBODY if actor is None else actor_of(runtime, actor)
    asked = {*also, *(["exit"] if wanted.kind in ("lost", "cancelled") else ())}
    ahead = _Ahead(runtime, lifecycle, to, frozenset(asked), who)
    return ahead.find(project, time_of(runtime, at, project))


@noun
class _Gate:
    """
    A gate as it would be asked: what its guards say, the move as if they had passed, and when that can be.
    """

    verdicts: tuple[Verdict, ...]
    move: Accepted


@noun
class _Ahead:
    """
    What the search for a path goes by.

    Attributes:
        also: the kinds of moves that may be taken besides.
        who: who acts; the guards ask for the roles that this person lacks.
        lessons: which steps did not work.
        closed: the verdicts that close a way for good.
    """

    runtime: Runtime
    lifecycle: Lifecycle
    to: str
    also: frozenset[str]
    who: Actor
    lessons: Lessons = attrs.Factory(Lessons)
    closed: list[Verdict] = attrs.Factory(list[Verdict])

    def find(self, project: Project, at: datetime) -> PathAhead:
        """
        Return the shortest way that no guard closes, with the others that are as short.
        """
        if project.stage == self.to:
            return self._result(project, ())
        # Each way that is closed is remembered with the step that closed it, so that this ends.
        while (route := self._route(project, self.lessons)) is not None:
            steps = self._followed(project, route, at)
            if steps is not None:
                return self._result(project, steps, tuple(self._as_short(project, route, at)))
        return self._result(project, None)

    def _result(
        self, project: Project, steps: tuple[PathStep, ...] | None, others: tuple[PathAhead, ...] = ()
    ) -> PathAhead:
        closed = tuple(dict.fromkeys(self.closed)) if steps is None else ()
        return PathAhead(project, self.to, self.lifecycle.wording, steps is not None, steps or (), closed, others)

    def _route(self, project: Project, lessons: Lessons) -> tuple[RouteStep, ...] | None:
        def allowed(step: RouteStep) -> bool:
            kind = step.edge.transition.kind
            return kind not in _DETOURS or kind in self.also or step.after.stage == self.to

        return find_route(self.lifecycle.definition, project, into(self.to), lessons, allowed)

    def _as_short(self, project: Project, route: tuple[RouteStep, ...], at: datetime) -> Iterator[PathAhead]:
        """
        Yield ways that leave the found one at a step and are as short.
        """
        seen = [route]
        for step in route:
            lessons = self.lessons.copy()
            lessons.learn(step)
            other = self._route(project, lessons)
            if other is None or other in seen or cost_of(other) > cost_of(route):
                continue
            seen.append(other)
            steps = self._followed(project, other, at)
            if steps is not None:
                yield self._result(project, steps)

    def _followed(self, project: Project, route: tuple[RouteStep, ...], at: datetime) -> tuple[PathStep, ...] | None:
        """
        Go a way in thought; return its steps, or ``None`` where a gate is closed, which is remembered.
        """
        found: list[PathStep] = []
        for step in route:
            gate = self._gate(project, step, at)
            needs = () if gate is None else tuple(self._needs(gate, found, project, at))
            later = max((each.until for each in needs if each.until is not None), default=at)
            after = None if gate is None else self._taken(project, gate, step, later)
            if gate is None or after is None:
                self.lessons.learn(step, _outcomes(gate))
                return None
            transition = step.edge.transition
            found.append(
                PathStep(
                    transition.id, transition.trigger, project.stage, after.stage, after.outcome, needs,
                    self._days(at, later), later, step.outcome,
                )
            )  # fmt: skip
            project, at = after, later
        return tuple(found)

    def _gate(self, project: Project, step: RouteStep, at: datetime) -> _Gate | None:
        """
        Ask a gate about the project as it would stand; ``None`` where an earlier candidate would be taken instead.
        """
        children = children_seen(self.runtime, self.lifecycle, project)
        gates: list[_Gate] = []
        for move in self.lifecycle.candidates(project.stage, step.edge.transition.trigger):
            if move.previous is None or project.holds(move.previous):
                proposed, misplaced = proposed_by(project, move, (), step.outcome, at, self.who, self.lifecycle.wording)
                known = self.lifecycle.calendar, children
                ctx = Context(proposed, move.transition, self.who, at, None, project, *known)
                verdicts = (*evaluate(move, ctx), *([] if misplaced is None else [misplaced]))
                gates.append(_Gate(verdicts, make_accepted(ctx, move, verdicts)))
        place = [each.move.transition.id for each in gates].index(step.edge.transition.id)
        return gates[place] if all(blocks(each.verdicts) for each in gates[:place]) else None

    def _taken(self, project: Project, gate: _Gate, step: RouteStep, at: datetime) -> Project | None:
        """
        Return the project behind a gate, purely; ``None`` where the gate is closed for good, or an effect fails.
        """
        shut = [each for each in gate.verdicts if each.blocks and _is_shut(each, step)]
        if shut:
            self.closed.extend(shut)
            return None
        try:
            body, _ = self.lifecycle.plan(gate.move)
        except EffectError as error:
            evidence: Mapping[str, str] = FrozenDict(effect=error.effect, transition=error.transition)
            why = f"{type(error.__cause__).__name__}: {error.__cause__}"
            self.closed.append(
                Verdict(engine_spec(self.lifecycle.wording), "fail", "effect.failed", evidence=evidence, error=why)
            )
            return None
        moment = Moment(project.id, project, self.lifecycle, self.who, at, at)
        return stage(moment, make_draft(body)).appends[0].project

    def _needs(self, gate: _Gate, before: list[PathStep], project: Project, at: datetime) -> Iterator[PathNeed]:
        asked = {repr(need.verdict.missing): step.transition for step in before for need in step.needs}
        for verdict in gate.verdicts:
            if not verdict.blocks:
                continue
            cures = [leaf for way in alternatives(verdict)[:1] for remedy in way for leaf in leaves_of(remedy)]
            tasks = [task for cure in cures for task in _tasks(cure, project)]
            who = tuple(dict.fromkeys(_doer(task, project) for task in tasks)) or (turn_of(verdict) if cures else ())
            ends = [when for cure in cures if cure.kind == "wait" and (when := waited_until(cure, at))]
            ends += [date_ends(task.due, self.lifecycle.calendar) for task in tasks if task.due]
            until = max((when for when in ends if when > at), default=None)
            days = None if until is None else self._days(at, until)
            others = bool(set(who) - {"owner", TIME})
            earlier = asked.get(repr(verdict.missing)) if verdict.missing else None
            yield PathNeed(verdict, who, others, days, until, earlier)

    def _days(self, start: datetime, end: datetime) -> Decimal:
        return Decimal(self.lifecycle.calendar.working_between(start, end) // timedelta(minutes=1)) / (24 * 60)


def _outcomes(gate: _Gate | None) -> tuple[str, ...]:
    """
    Return the outcomes that a gate takes, where it says so.
    """
    missing = [each for verdict in (gate.verdicts if gate else ()) if verdict.blocks for each in verdict.missing]
    asked = [
        tuple(each.params.get("allowed", ())) for each in missing if (each.kind, each.name) == ("field", "outcome")
    ]
    return asked[0] if asked else ()


def _is_shut(verdict: Verdict, step: RouteStep) -> bool:
    """
    Tell whether a verdict closes a gate for good: no remedy cures it, or only an outcome that the move does not have.
    """
    if verdict.status == "unknown" and not alternatives(verdict):
        return False
    ways = alternatives(verdict)
    return not any(all(_can(each, step) for each in way) for way in ways)


def _can(remedy: Remedy, step: RouteStep) -> bool:
    if (remedy.kind, remedy.name) != ("field", "outcome"):
        return True
    return step.after.outcome in (remedy.params.get("allowed") or (step.after.outcome,))


def _tasks(cure: Remedy, project: Project) -> Iterator[Task]:
    """
    Yield the task that is to be done, if a remedy names one that is there.
    """
    held = project.held(Task.kind).get(str(cure.params.get("id"))) if cure.name == Task.kind else None
    if held is not None and isinstance(held.entry, Task):
        yield held.entry


def _doer(task: Task, project: Project) -> str:
    if task.owner is None and task.role:
        return f"role:{task.role}"
    return "owner" if task.owner is None or same_person(task.owner, project.owner) else task.owner
