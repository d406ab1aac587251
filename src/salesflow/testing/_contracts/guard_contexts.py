"""
The contexts in which a contract asks a guard: generated projects, before and while its remedies are followed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

import attrs

from ... import Definition, Lifecycle, Pipeline, Stage, Transition, Verdict, build_lifecycle, hookimpl
from ..._definition.edges import NO_GAPS
from ..._lifecycle.bind_guards import bind_guards
from ..._lifecycle.compile import _scope  # pyright: ignore[reportPrivateUsage] -- binding as a build does it
from ..._lifecycle.compiled import BoundGuard
from ..._lifecycle.decision import Accepted
from ..._lifecycle.inputs import look_up
from ..._model.definition import Field, walk_uses
from ..._model.parameters import call_factory
from ..._model.project import propose
from ...guards import Guard
from ...plugins._registry import Plugins
from ...typing import Context, GuardUse
from .._navigate.attempt import GateAttempt
from .._navigate.context import NavigationContext
from .._navigate.project_in import project_in
from .._navigate.remedies import Means
from .._navigate.remedies_fields import drawn
from .._strategies.projects import ID, pipelines


_ROUNDS: Final = 12
_MOVE: Final = "go_on"


@attrs.frozen(eq=False)
class Subject:
    """
    The guard under test, used on one transition of a lifecycle.
    """

    guard: Guard[Any]
    use: GuardUse
    lifecycle: Lifecycle
    transition: Transition

    @classmethod
    def of(
        cls, use: GuardUse, *, plugins: Sequence[object], fields: Iterable[Field], lifecycle: Lifecycle | None
    ) -> Subject:
        """
        Find the transition of a lifecycle that has the use, or build a lifecycle around it.

        Raises:
            InputError: if no plugin brings the guard, or no transition uses it.
            DefinitionError: if the use does not fit the guard.
        """
        if lifecycle is None:
            brought = Plugins(*plugins)
            guard = look_up("guard", use.use, brought.contributions.guards)
            lifecycle = build_lifecycle(_around(guard, use, fields), plugins=brought)
        else:
            guard = look_up("guard", use.use, lifecycle.contributions.guards)
        using = {
            each.id: each
            for each in lifecycle.transitions
            if any((found.use, found.params) == (use.use, use.params) for found in walk_uses(each.guards))
        }
        return cls(guard, use, lifecycle, look_up("transition", _first(using), using))

    def check(self) -> BoundGuard:
        """
        Return the guard, bound again; it answers as in a lifecycle, without the condition of its use.
        """
        scope = _scope(self.lifecycle.definition, self.lifecycle.contributions, NO_GAPS)
        (rule,) = bind_guards([GuardUse(self.use.use, self.use.params)], scope, "use", [])
        return rule


def _first(using: Mapping[str, Transition]) -> str:
    return next(iter(using), "which uses the guard")


def bringing(guard: Guard[Any]) -> object:
    """
    Return a plugin that brings a guard.
    """
    name = guard.name.partition(".")[0]
    return SimpleNamespace(name=f"{name}-of-a-test", salesflow_guards=hookimpl(lambda: (guard,)))


def _around(guard: Guard[Any], use: GuardUse, fields: Iterable[Field]) -> Definition:
    """
    Return a short definition that declares everything a use may name.
    """
    given = {field.id: field for field in fields}
    for name in ("owner", *call_factory(guard.reads, use.params)):
        given.setdefault(name, Field(name))
    asked: Iterable[tuple[str, str]] = call_factory(guard.asks, use.params)
    produced = tuple(name for kind, name in asked if kind == "artefact")
    stages = Stage("before", "open", produces=produced), Stage("behind"), Stage("done", "won"), Stage("gone", "lost")
    edges = (
        Transition(_MOVE, "before", "behind", guards=(use,), outcome=("won", "no_decision")),
        Transition("go_back", "behind", "before", kind="loop"),
        Transition("finish", "behind", "done"),
        Transition("give_up", ("before", "behind"), "gone", kind="exit"),
        Transition("reopen", ("done", "gone"), "before", kind="reopen", outcome="undecided"),
    )
    return Definition("around", fields=tuple(given.values()), stages=stages, transitions=edges)


@attrs.frozen(eq=False)
class Story:
    """
    One project, and the contexts it went through while the remedies of the guard were followed.

    Attributes:
        contexts: the contexts in which the guard was asked, in order.
        left: the verdicts that blocked in the end.
        tried: what was done, one sentence each.
    """

    contexts: tuple[Context, ...]
    left: tuple[Verdict, ...]
    tried: tuple[str, ...]


def stories(subject: Subject, *, examples: int, values: Mapping[str, Any], help: Any) -> tuple[Story, ...]:  # noqa: A002 -- what it is
    """
    Return *examples* stories of generated projects, short stories first, and the same stories every time.
    """
    means = Means.of(subject.lifecycle, values=values, help=help)
    # Without the guard, so that a guard which raises or answers at random cannot disturb the histories.
    histories = drawn(pipelines(_without(subject), steps=5), most=examples)
    found = [_brought(subject, means), *(Pipeline(subject.lifecycle, store=each.store) for each in histories)]
    made = [_story(subject, pipeline, means) for pipeline in found]
    return tuple(sorted(made, key=lambda story: len(repr(story.contexts))))


def _without(subject: Subject) -> Lifecycle:
    """
    Return the same lifecycle without the guard.
    """

    def lacks_guard(use: GuardUse) -> bool:
        return all(subject.guard.name != inner.use for inner in walk_uses([use]))

    definition = subject.lifecycle.definition
    edges = [
        attrs.evolve(each, guards=[use for use in each.guards if lacks_guard(use)]) for each in definition.transitions
    ]
    return build_lifecycle(attrs.evolve(definition, transitions=edges), plugins=subject.lifecycle.plugins)


def _brought(subject: Subject, means: Means) -> Pipeline:
    """
    Return a pipeline with the project in a stage from which the transition with the guard leads.
    """
    pipeline = Pipeline(subject.lifecycle)
    stage = subject.transition.source[0]
    project_in(stage, subject.lifecycle, pipeline=pipeline, id=ID, values=means.values, help=means.help)
    return pipeline


def _story(subject: Subject, pipeline: Pipeline, means: Means) -> Story:
    context = NavigationContext(pipeline, ID, means, at=pipeline.get(ID).updated_at, probes=False)
    attempt = GateAttempt(context, subject.transition, None)
    here = pipeline.get(ID).stage in subject.transition.source
    check, met = subject.check(), [_context(attempt)]
    for _ in range(_ROUNDS if here else 0):
        decision = attempt.decide()
        if isinstance(decision, Accepted) or not attempt.follow_remedies(decision):
            break
        met.append(_context(attempt))
    left = tuple(verdict for verdict in check.verdicts(copy.deepcopy(met[-1])) if verdict.blocks) if here else ()
    return Story(tuple(met), left, tuple(dict.fromkeys(attempt.tried)))


def _context(attempt: GateAttempt) -> Context:
    """
    Return the context in which the guard would be asked about the call of an attempt.
    """
    context, project = attempt.context, attempt.context.project
    changes = context.lifecycle.changes(attempt.data, tuple(attempt.entries.values()))
    outcome = attempt.outcome or project.outcome
    proposed = propose(project, changes, outcome=outcome, at=context.at, by=attempt.actor.name)
    return Context(proposed, attempt.wanted, attempt.actor, context.at, attempt.reason)
