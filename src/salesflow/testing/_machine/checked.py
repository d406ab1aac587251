"""
A pipeline that checks itself: after every call, everything that must always hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial, wraps
from operator import attrgetter
from typing import Any, Final, TypeVar, cast

import attrs

from ..._lifecycle.decision import Accepted, Decision, Option
from ..._lifecycle.lifecycle import Lifecycle
from ..._lifecycle.routes import Lessons, into_final
from ..._model.argument_types import explain_types
from ..._model.commit import Commit
from ..._model.facts import Change, DeadlineMoved, EntryPut, Fact, Opened
from ..._model.fold import evolve
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.change import approve
from ..._pipeline.children import children_seen
from ..._pipeline.pipeline import Pipeline, runtime_of
from ..._pipeline.results import Fired, ListenerFailure, WorkReport
from ..._pipeline.runtime import actor_of, time_of
from ...dossier import Approval
from ...errors import EffectError, SalesflowError, TransitionRefusedError
from ...plugins._loading import utc_now
from ...stores import MemoryStore, copy_facts
from ...typing import Clock, Committed, Listener, Store
from .._difference import difference
from .._given import functions, listed
from .._navigate.context import Help, Means, NavigationContext, at_any_time
from .._navigate.route import NoRouteError, navigate
from .._outside import watched
from .._rules.rule import Rule
from .elsewhere import Questions
from .invariants import (
    Invariant,
    InvariantError,
    check_decision,
    check_fact,
    check_own,
    check_own_word,
    check_precondition,
    check_stored,
    check_written,
    require,
)
from .story import Call


class Relay:
    """
    A store that passes every call on, and keeps a ledger of its own.

    Attributes:
        inner: the store that is watched.
        facts: the committed facts by project, their entries copied before anybody could change them.
        heads: what those facts add up to.
        outdated: facts that were taken in although their project had moved on.
        meanwhile: called once, before the next commit of a fact: what another process does then.
    """

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.facts: dict[str, list[Fact]] = {}
        self.heads: dict[str, Project] = {}
        self.outdated: list[Fact] = []
        self.meanwhile: Callable[[], Any] | None = None

    def commit(self, commit: Commit) -> Committed:
        if commit.appends and self.meanwhile is not None:
            other, self.meanwhile = self.meanwhile, None
            other()
        kept = [(append.expected, _fact_copy(append.fact)) for append in commit.appends]
        done = self.inner.commit(commit)
        for expected, fact in [] if done.replayed else kept:
            known = self.facts.setdefault(fact.project_id, [])
            if expected != len(known):
                self.outdated.append(fact)
                continue
            known.append(fact)
            head = None if isinstance(fact.body, Opened) else self.heads.get(fact.project_id)
            self.heads[fact.project_id] = evolve(head, fact)
        return done


for _name in {name for name in vars(Store) if not name.startswith("_")} - vars(Relay).keys():
    setattr(Relay, _name, property(attrgetter(f"inner.{_name}")))


def _fact_copy(fact: Fact) -> Fact:
    """
    Return a fact that shares no entry with the committed fact.
    """
    body: Any = fact.body
    changes: tuple[Change, ...] = () if isinstance(body, DeadlineMoved) else body.changes
    copied = tuple(EntryPut(deepcopy(each.entry)) if isinstance(each, EntryPut) else each for each in changes)
    return attrs.evolve(fact, body=attrs.evolve(body, changes=copied)) if copied else fact


T = TypeVar("T")

_ASKED: Final = ("data", "entries", "outcome", "reason", "overrides", "actor", "at")
_ELSEWHERE: Final = Actor("somebody.else")


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    """
    Return a method of a pipeline whose calls are noted down, with a check of what each left behind.
    """
    name = method.__name__

    @wraps(method)
    def call(self: CheckedPipeline, *args: Any, **how: Any) -> Any:
        do = getattr(super(CheckedPipeline, self), name)
        return self._call(name, lambda: do(*args, **how), *args, **how)  # pyright: ignore[reportPrivateUsage]

    return call


class CheckedPipeline(Pipeline):
    """
    A pipeline for tests that checks, after every call, what must hold for every lifecycle.

    Decisions are asked for twice under a watch on clocks and chance, effects are run beforehand
    in the same way, and what the store gives back is held against what was committed.
    See :doc:`/reference/testing` for the list.

    Args:
        store: a store, or what opens one that outlives its closing, for :meth:`reopen_store`; a new
            one in memory by default.
        invariants: what must also hold for a project after every commit.
        rules: rules over its history, of :mod:`salesflow.testing.rules`.
        values, help, actors: what :meth:`check_end` may use; see :func:`project_in`.
        crash: lets go of an open store, as a dying process would; closes it by default.
        clock, actor, listeners: see :class:`salesflow.Pipeline`.

    Attributes:
        calls: what was called, for a story.
        questions: where decisions are kept, to be asked for elsewhere.
    """

    @explain_types
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
        functions("crash=", [] if crash is None else [crash])
        self._open_store = store if callable(store) else None
        self.relay: Relay = Relay(store() if callable(store) else store or MemoryStore())
        super().__init__(lifecycle, store=cast("Any", self.relay), clock=clock, actor=actor, listeners=listeners)
        noted = self._runtime.listeners.wrapped(self._noting)
        self._runtime = attrs.evolve(self._runtime, listeners=noted, ahead=timedelta.max)
        self._invariants, self._rules = functions("invariants=", invariants), listed("rules=", rules)
        self._crash = crash
        self.calls: list[Call] = []
        self.questions: Questions | None = None
        self._inside = self._overtaken = False
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
                check_written(self.lifecycle_of(after), after)
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
            raise InvariantError("a decision changes nothing", f"{said} changed {difference(known, live)}.")

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
            raise InvariantError("effects are deterministic", f"{said} gave twice: {difference(planned, again)}.")

    def tick(self, at: datetime | None = None, **how: Any) -> WorkReport:
        """
        Act on deadlines; see :meth:`salesflow.Pipeline.tick`.
        """
        do = super().tick

        def run() -> WorkReport:
            report = do(at, **how)
            for failure in report.failures:
                raise InvariantError("no deadline fails", f"{failure.work.id}: {failure.error}")
            return report

        return self._call("tick", run, at, **how)

    def decide(self, project_id: str, trigger: str, **request: Any) -> Decision:
        """
        Decide, twice; see :meth:`salesflow.Pipeline.decide`.
        """
        project = self.get(project_id)
        said = f"deciding {trigger!r} in stage {project.stage!r}"
        asked = dict(request)
        asked["actor"] = actor_of(self._runtime, asked.get("actor"))
        asked["at"] = time_of(self._runtime, asked.get("at"), project)
        asked["children"] = children_seen(self._runtime, self.lifecycle_of(project), project)
        decide = self.lifecycle_of(project).decide
        try:
            # The store may look at the world, so what is watched is the decision alone.
            decision = check_decision(lambda: decide(project, trigger, **asked), said)
            check_precondition(self.lifecycle_of(project), decision)
            self._check_own_word(decision, project, trigger, asked)
            self._check_live(project_id, said)
        except InvariantError:
            if not self._inside:
                self.calls.append(Call("decide", (project_id, trigger), request))
            raise
        if self.questions is not None:
            self.questions.keep(project, trigger, asked, decision)
        return decision

    def _check_own_word(self, decision: Decision, project: Project, trigger: str, asked: Mapping[str, Any]) -> None:
        data: Mapping[str, Any] = asked.get("data") or {}
        if decision.accepted or project.owner is None or "owner" in data:
            return
        lifecycle = self.lifecycle_of(project)
        known = {project.owner, *(each.by for each in project.all(Approval))}
        others = self.means.field_values(lifecycle, "owner", asked["at"], {})
        other = next((each for each in others if each not in known), None)
        if other is not None:
            handed: dict[str, Any] = {**asked, "data": {**data, "owner": other}}
            said = f"deciding {trigger!r} in stage {project.stage!r}"
            check_own_word(decision, project, lambda: lifecycle.decide(project, trigger, **handed), said)

    def options(self, project_id: str, **how: Any) -> tuple[Option, ...]:
        """
        Return the options, each held against a decision; see :meth:`salesflow.Pipeline.options`.
        """
        found = super().options(project_id, **how)
        for option in found:
            decision = self.decide(project_id, option.trigger, **how)
            if option.decision != decision or decision.accepted != (option.status == "allowed"):
                self.calls.append(Call("options", (project_id,), how))
                why = f"{option.trigger!r} is {option.status}, but decided otherwise."
                raise InvariantError("options agree with fire", why)
        return found

    def fire(self, project_id: str, trigger: str, **request: Any) -> Fired:
        """
        Take a transition; see :meth:`salesflow.Pipeline.fire`.
        """
        do = super().fire

        def run() -> Fired:
            asked = {name: request[name] for name in _ASKED if name in request}
            decision = self.decide(project_id, trigger, **asked)
            if isinstance(decision, Accepted):
                self._check_effects(decision)
            try:
                fired = do(project_id, trigger, **request)
            except TransitionRefusedError as refused:
                agreed = not decision.accepted or (self.relay.meanwhile is None and self._overtaken)
                require("options agree with fire", agreed, f"{trigger!r} was open, then: {refused}")
                raise
            agreed = decision.accepted or fired.replayed
            require("options agree with fire", agreed, f"{trigger!r} was refused, then taken.")
            return fired

        return self._call("fire", run, project_id, trigger, **request)

    def race(self, project_id: str, trigger: str, *, strict: bool = False, **request: Any) -> Fired:
        """
        Take a transition while another pipeline writes between its loading and its commit.

        Args:
            strict: whether the version must be the version that was seen.

        Raises:
            VersionConflictError: if *strict*; otherwise it is decided again on what is there now.
            TransitionRefusedError: with the decision.
        """

        def run() -> Fired:
            version = self.get(project_id).version
            other = at_any_time(Pipeline(tuple(self._runtime.lifecycles.values()), store=self.store))
            at = request.get("at")
            who: Any = {"subject": None, "comment": "", "on_behalf_of": None, "actor": _ELSEWHERE, "at": at}
            writing = partial(approve, runtime_of(other), project_id, "meanwhile", granted=True, asked=False, **who)
            self.relay.meanwhile = writing
            self._overtaken = True
            try:
                fired = self.fire(project_id, trigger, **request, **({"expected_version": version} if strict else {}))
            finally:
                self.relay.meanwhile, self._overtaken = None, False
            told = not strict and fired.fact.version == version + 2
            require("a lost race is noticed", told, f"{trigger!r} was taken on version {version}, which was outdated.")
            return fired

        return self._call("race", run, project_id, trigger, strict=strict, **request)

    def repeat(self, project_id: str, trigger: str, *, key: str, **request: Any) -> Fired:
        """
        Take a transition twice with the same key; the second call must return the fact of the first.

        Raises:
            TransitionRefusedError: with the decision.
        """

        def run() -> Fired:
            first = self.fire(project_id, trigger, key=key, **request)
            try:
                again = super(CheckedPipeline, self).fire(project_id, trigger, key=key, **request)
            except SalesflowError as error:
                raise InvariantError("a repeated key changes nothing", f"key {key!r}: {error}") from error
            same = again.replayed and again.fact == first.fact
            require("a repeated key changes nothing", same, f"key {key!r} gave fact {again.fact.version} as a new one.")
            return first

        return self._call("repeat", run, project_id, trigger, key=key, **request)

    def reopen_store(self, *, crash: bool = False) -> None:
        """
        Close the store and open it again, or crash it before; everything must still be there.
        """

        def run() -> None:
            if self._open_store is not None:
                if crash and self._crash is not None:
                    self._crash(self.relay.inner)
                else:
                    self.relay.inner.close()
                self.relay.inner = self._open_store()
                for project_id in self.relay.facts:
                    self._check_stored(project_id)

        self._call("reopen_store", run, **({"crash": True} if crash else {}))

    def check_end(self, project_id: str, *, at: datetime) -> None:
        """
        Check that some final stage can still be reached, on a copy of the project.

        Raises:
            InvariantError: with what stops it at every gate.
        """

        def run() -> None:
            if self.lifecycle_of(self.get(project_id)).stage(self.get(project_id).stage).final:
                return
            store = MemoryStore()
            copy_facts(self.relay.inner, store)
            copy = Pipeline(tuple(self._runtime.lifecycles.values()), store=store)
            context = NavigationContext(copy, project_id, self.means, self.means.first_actor(), at=at)
            try:
                navigate(context, into_final(context.lifecycle.definition), "a final stage", Lessons())
            except NoRouteError as error:
                raise InvariantError("every project can end", str(error)) from error

        self._call("check_end", run, project_id, at=at)


# Set here and not in the class, so that type checkers see them as Pipeline declares them.
for _name in ("open", "update", "add", "remove", "approve", "decline", "move_entry"):
    setattr(CheckedPipeline, _name, _checked(getattr(Pipeline, _name)))
