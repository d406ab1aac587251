"""
The machinery of a pipeline that checks itself: what is looked at before and after a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from ..._lifecycle.decision import Accepted
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.facts import Fact
from ..._model.project import Project, evolve
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ..._pipeline.results import ListenerFailure
from ..._pipeline.runtime import utc_now
from ...errors import EffectError, SalesflowError
from ...stores import MemoryStore
from ...typing import Clock, Listener, Store
from .._given import listed
from .._navigate.remedies import Help, Means
from .._outside import watched
from .._rules.rule import Rule
from .invariants import Invariant, InvariantError, check_fact, check_own, check_stored, require
from .relay import Relay
from .story import Call


T = TypeVar("T")


class Checking(Pipeline):
    """
    What :class:`CheckedPipeline` stands on.
    """

    def __init__(
        self,
        lifecycle: Lifecycle | Sequence[Lifecycle],
        *,
        store: Store | Callable[[], Store] | None = None,
        invariants: Iterable[Invariant] = (),
        rules: Iterable[Rule] = (),
        crash: Callable[[Store], Any] | None = None,
        values: Mapping[str, Any] | None = None,
        help: Help | None = None,  # noqa: A002 -- what it is
        actors: Iterable[Actor] | None = None,
        clock: Clock = utc_now,
        actor: Actor | None = None,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._open_store = store if callable(store) else None
        self.relay: Relay = Relay(store() if callable(store) else store or MemoryStore())
        super().__init__(lifecycle, store=self.relay, clock=clock, actor=actor, listeners=listeners)
        noted = tuple((name, self._noting(name, call)) for name, call in self._runtime.listeners)
        self._runtime = attrs.evolve(self._runtime, listeners=noted)
        self._invariants, self._rules = listed("invariants=", invariants), listed("rules=", rules)
        self._crash = crash
        self.calls: list[Call] = []
        self._inside = False
        self._seen: dict[str, tuple[int, Project | None]] = {}
        self._failed: list[ListenerFailure] = []
        self.means: Means = Means.of(self.lifecycle, values=values, help=help, actors=actors)

    def _noting(self, name: str, listener: Listener) -> Listener:
        """
        Return a listener that does the same, and is noted down when it raises.
        """

        def noting(facts: tuple[Fact, ...], project: Project) -> None:
            try:
                listener(facts, project)
            except Exception as error:
                self._failed.append(ListenerFailure(name, error))
                raise

        return noting

    def _call(self, name: str, do: Callable[[], T], *args: Any, **how: Any) -> T:
        """
        Do it, note it down, and check what it left behind; what is called inside is part of it.
        """
        if self._inside:
            return do()
        call = Call(name, args, how)
        self.calls.append(call)
        self._inside = True
        self._failed.clear()
        before = {project_id: len(facts) for project_id, facts in self.relay.facts.items()}
        try:
            answer = do()
        except SalesflowError as error:
            call.raised = type(error).__name__
            written = sum(len(facts) for facts in self.relay.facts.values()) - sum(before.values())
            meddled = 1 if name == "race" else 0
            said = f"{name} raised {call.raised}, but {written} facts were written."
            require("a refusal changes nothing", written <= meddled, said)
            self._settle(args)
            raise
        finally:
            self._inside = False
        self._settle(args)
        return answer

    def _settle(self, args: Sequence[Any]) -> None:
        """
        Check what is new in the ledger, and the projects that it is about.
        """
        for failure in self._failed:
            raise InvariantError("no listener fails", f"{failure.plugin}: {failure.error!r}")
        for fact in self.relay.outdated:
            raise InvariantError(
                "a store refuses what is outdated", f"it took in {fact!r}, which others had overtaken."
            )
        touched = {project_id for project_id in args[:1] if project_id in self.relay.facts}
        for project_id, facts in self.relay.facts.items():
            count, project = self._seen.get(project_id, (0, None))
            for fact in facts[count:]:
                after = evolve(project, fact)
                check_fact(self.lifecycle_of(project or after), project, fact, after)
                project = after
                touched.add(project_id)
            self._seen[project_id] = len(facts), project
        for project_id in sorted(touched):
            self._check_stored(project_id)
            check_own(self._invariants, self.get(project_id))
            for rule in self._rules:
                for violation in rule.check(self.history(project_id)):
                    raise InvariantError(violation.rule, str(violation))

    def _check_live(self, project_id: str, said: str) -> None:
        known, live = self.relay.heads.get(project_id), self.get(project_id)
        if known is not None and known != live:
            raise InvariantError("a decision changes nothing", f"{said} made of {known!r}: {live!r}.")

    def _check_stored(self, project_id: str) -> None:
        check_stored(self.relay.inner, project_id, self.relay.facts[project_id], self.relay.heads.get(project_id))

    def _check_effects(self, decision: Accepted) -> None:
        """
        Run the effects beforehand, twice: they must not fail, and be as pure as guards are.
        """
        lifecycle = self.lifecycle_of(decision.context.project)
        spawned = None if decision.transition.spawn is None else "a-child"
        said = f"the effects of {decision.transition.id!r}"
        try:
            planned, looked = watched(lambda: lifecycle.plan(decision, spawned=spawned))
            again = lifecycle.plan(decision, spawned=spawned)
        except EffectError as error:
            raise InvariantError("no effect fails", str(error)) from error
        require("effects are pure", not looked, f"{said} call {', '.join(looked)}.")
        if planned != again:
            raise InvariantError("effects are deterministic", f"{said} gave {planned!r}, then {again!r}.")
