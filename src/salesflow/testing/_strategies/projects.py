"""
The strategies for projects: each project has a history that a pipeline accepted, fact by fact.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st

from ... import Actor, Fact, Lifecycle, Pipeline, Project, Transition, replay
from ..._model.definition import walk_uses
from ..._model.facts import Entry
from ..._model.frozen import noun
from ..._pipeline.entry_actors import in_other_names
from ...stores import MemoryStore
from .._fakes import FrozenClock
from .._navigate.attempt import take
from .._navigate.context import NavigationContext, StuckError
from .strategies import actors, entries, field_values


_STEPS: Final = 8
ID: Final = "P-1"
_HOURS: Final = st.sampled_from([1, 0, 24, 24 * 40])


def projects(
    lifecycle: Lifecycle,
    *,
    steps: int = _STEPS,
    who: st.SearchStrategy[Actor] | None = None,
    others: Iterable[Lifecycle] = (),
) -> st.SearchStrategy[Project]:
    """
    Generate projects of a lifecycle, from just opened to *steps* calls later; see :func:`histories`.
    """
    return histories(lifecycle, steps=steps, who=who, others=others).map(replay)


def histories(
    lifecycle: Lifecycle,
    *,
    steps: int = _STEPS,
    who: st.SearchStrategy[Actor] | None = None,
    others: Iterable[Lifecycle] = (),
) -> st.SearchStrategy[tuple[Fact, ...]]:
    """
    Generate the facts of one project, as generated calls of a pipeline record them; a refused call records nothing.

    Some transitions are taken by doing what remedies say, so that projects get past guards.

    Args:
        steps: the largest number of calls after the opening.
        who: the actors that make the calls; by default a few names, with the roles that guards ask for.
        others: the lifecycles that this lifecycle spawns.
    """
    calls = _Calls.of(lifecycle, actors(roles=roles_of(lifecycle)) if who is None else who)
    return lived(calls, steps, (*others, lifecycle)).map(lambda pipeline: tuple(pipeline.history(ID)))


def pipelines(
    lifecycle: Lifecycle, *, steps: int = _STEPS, others: Iterable[Lifecycle] = ()
) -> st.SearchStrategy[Pipeline]:
    """
    Generate pipelines with the project :data:`ID`, whose history is as in :func:`histories`.
    """
    return lived(_Calls.of(lifecycle, actors(roles=roles_of(lifecycle))), steps, (*others, lifecycle))


def lived(calls: _Calls, steps: int, lifecycles: tuple[Lifecycle, ...]) -> st.SearchStrategy[Pipeline]:
    """
    Generate pipelines in which a project was opened, and some calls were made.
    """

    # Without arguments, because Hypothesis would write them out in full wherever it names the strategy.
    @st.composite
    def pipeline_with_a_project(draw: st.DrawFn) -> Pipeline:
        clock = FrozenClock()
        pipeline = Pipeline(lifecycles, store=MemoryStore(), clock=clock)
        caller = _Caller(draw, calls, pipeline, clock)
        caller.open()
        for number in range(draw(st.integers(0, steps))):
            clock.advance(timedelta(hours=draw(_HOURS)))
            caller.call(number)
        return pipeline

    return pipeline_with_a_project()


def roles_of(lifecycle: Lifecycle) -> tuple[str, ...]:
    """
    Return the roles that the guards of a lifecycle name, in file order.
    """
    named: list[str] = []
    for transition in lifecycle.transitions:
        for use in walk_uses(transition.guards):
            named += use.params.get("roles", ())
    return tuple(dict.fromkeys(named))


@noun(eq=False, repr=False)
class _Calls:
    """
    The strategies for the calls of one lifecycle; made once, because strategies take time to make.
    """

    lifecycle: Lifecycle
    who: st.SearchStrategy[Actor]
    given: st.SearchStrategy[dict[str, Any]]
    changed: st.SearchStrategy[dict[str, Any]]
    entry: st.SearchStrategy[Any]
    approvals: st.SearchStrategy[str]
    verbs: tuple[str, ...]

    @classmethod
    def of(cls, lifecycle: Lifecycle, who: st.SearchStrategy[Actor]) -> _Calls:
        """
        Return the calls that fit a lifecycle.
        """
        values = {name: field_values(field) for name, field in lifecycle.fields.items()}
        cleared = {name: st.none() | found for name, found in values.items()}
        return cls(
            lifecycle,
            who,
            st.fixed_dictionaries({}, optional=values),
            st.fixed_dictionaries({}, optional=cleared).filter(bool),
            entries(lifecycle=lifecycle),
            st.sampled_from(tuple(lifecycle.binds) or ("deal",)),
            tuple([verb for verb in _OPEN if cleared or verb != "update"]),
        )


_OPEN: Final = ("fire", "take", "fire", "update", "add", "approve", "take")
_FINAL: Final = ("fire", "take", "approve")


def _in_own_name(project: Project, actor: Actor, entry: Entry) -> bool:
    held = project.held(entry.kind).get(entry.id)
    return not any(in_other_names(entry, held and held.entry, actor))


@noun
class _Caller:
    """
    Draws calls of a pipeline and makes them.
    """

    draw: st.DrawFn
    calls: _Calls
    pipeline: Pipeline
    clock: FrozenClock

    def open(self) -> None:
        """
        Open the project with some of its fields and entries.
        """
        draw, calls = self.draw, self.calls
        who = draw(calls.who)
        some = [each for each in draw(st.lists(calls.entry, max_size=2)) if not any(in_other_names(each, None, who))]
        self.pipeline.open("Upgrade", id=ID, fields=draw(calls.given), entries=some, actor=who)

    def call(self, number: int) -> None:
        """
        Make one call that the project allows: a transition, or in an open stage a change.
        """
        draw, calls, pipeline = self.draw, self.calls, self.pipeline
        project = pipeline.get(ID)
        what = draw(st.sampled_from(_FINAL if calls.lifecycle.stage(project.stage).final else calls.verbs))
        actor = draw(calls.who)
        if what in ("fire", "take"):
            leading = [each for each in calls.lifecycle.transitions if project.stage in each.source]
            if leading:
                move = self._fire if what == "fire" else self._navigate
                # With a key, a spawned project has the same id whenever this example is run.
                move(draw(st.sampled_from(leading)), actor, f"step-{number}")
        elif what == "approve":
            pipeline.approve(ID, draw(calls.approvals), actor=actor)
        elif what == "add":
            pipeline.add(ID, draw(calls.entry.filter(partial(_in_own_name, project, actor))), actor=actor)
        else:
            pipeline.update(ID, draw(calls.changed), actor=actor)

    def _fire(self, transition: Transition, actor: Actor, key: str) -> None:
        call: dict[str, Any] = {
            "actor": actor,
            "data": self.draw(self.calls.given),
            "outcome": self.draw(st.sampled_from([None, *_choices(transition)])),
            "reason": self.draw(st.sampled_from([None, "as agreed"])),
        }
        if self.pipeline.decide(ID, transition.trigger, **call).accepted:
            self.pipeline.fire(ID, transition.trigger, key=key, **call)

    def _navigate(self, transition: Transition, actor: Actor, key: str) -> None:
        context = NavigationContext(self.pipeline, ID, actor=actor, at=self.clock())
        outcome = self.draw(st.sampled_from(_choices(transition) or (None,)))
        # Some transitions stay refused; what was done before belongs to the history as well.
        with suppress(StuckError):
            take(context, transition, outcome, key=key)
        self.clock.set(context.at)


def _choices(transition: Transition) -> tuple[str, ...]:
    return transition.outcome if isinstance(transition.outcome, tuple) else ()
