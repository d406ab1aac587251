"""
A pipeline that checks itself: after every call, everything that must always hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ..._lifecycle.decision import Accepted, Decision, Option
from ..._model.commit import Append, Commit
from ..._model.facts import Fact
from ..._model.project import Project, evolve
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ..._pipeline.results import Fired, WorkReport, Written
from ..._pipeline.runtime import actor_of, time_of
from ...errors import SalesflowError, TransitionRefusedError
from ...stores import MemoryStore
from ...typing import Store
from .._navigate.context import NavigationContext
from .._navigate.plan import Lessons, into_final
from .._navigate.route import NoWayError, navigate
from .checking import Checking
from .invariants import InvariantError, check_decision, require
from .story import Call


_ASKED: Final = ("data", "entries", "outcome", "reason", "overrides", "actor", "at")
_ELSEWHERE: Final = Actor("somebody.else")


class CheckedPipeline(Checking):
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
    """

    _overtaken = False

    def open(self, name: str, **how: Any) -> Project:
        """
        Open a project; see :meth:`salesflow.Pipeline.open`.
        """
        return self._call("open", lambda: super(CheckedPipeline, self).open(name, **how), name, **how)

    def update(self, project_id: str, fields: Mapping[str, Any], **how: Any) -> Written:
        """
        Set fields; see :meth:`salesflow.Pipeline.update`.
        """
        do = super().update
        return self._call("update", lambda: do(project_id, fields, **how), project_id, fields, **how)

    def add(self, project_id: str, *entries: Any, **how: Any) -> Written:
        """
        Put entries into the dossier; see :meth:`salesflow.Pipeline.add`.
        """
        do = super().add
        return self._call("add", lambda: do(project_id, *entries, **how), project_id, *entries, **how)

    def remove(self, project_id: str, kind: str, entry_id: str, **how: Any) -> Written:
        """
        Take an entry out; see :meth:`salesflow.Pipeline.remove`.
        """
        do = super().remove
        return self._call("remove", lambda: do(project_id, kind, entry_id, **how), project_id, kind, entry_id, **how)

    def approve(self, project_id: str, name: str, **how: Any) -> Written:
        """
        Approve; see :meth:`salesflow.Pipeline.approve`.
        """
        do = super().approve
        return self._call("approve", lambda: do(project_id, name, **how), project_id, name, **how)

    def decline(self, project_id: str, name: str, **how: Any) -> Written:
        """
        Refuse an approval; see :meth:`salesflow.Pipeline.decline`.
        """
        do = super().decline
        return self._call("decline", lambda: do(project_id, name, **how), project_id, name, **how)

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
        asked["at"] = time_of(self._runtime, asked.get("at"), project, backfill=True)
        decide = self.lifecycle_of(project).decide
        try:
            # The store may look at the world, so what is watched is the decision alone.
            decision = check_decision(lambda: decide(project, trigger, **asked), said)
            self._check_live(project_id, said)
        except InvariantError:
            if not self._inside:
                self.calls.append(Call("decide", (project_id, trigger), request))
            raise
        return decision

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
            strict: whether the version is expected to be the one that was seen.

        Raises:
            VersionConflictError: if *strict*; otherwise it is decided again on what is there now.
            TransitionRefusedError: with the decision.
        """

        def run() -> Fired:
            version = self.get(project_id).version
            other = Pipeline(tuple(self._runtime.lifecycles.values()), store=self.relay)
            at = request.get("at")
            self.relay.meanwhile = lambda: other.approve(project_id, "meanwhile", actor=_ELSEWHERE, at=at)
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
        Take a transition twice with the same key; the second time must give the first one's fact.

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
            copy = Pipeline(tuple(self._runtime.lifecycles.values()), store=_copied(self.relay.facts[project_id]))
            context = NavigationContext(copy, project_id, self.means, self.means.first_actor(), at=at)
            try:
                navigate(context, into_final(context.lifecycle.definition), "a final stage", Lessons())
            except NoWayError as error:
                raise InvariantError("every project can end", str(error)) from error

        self._call("check_end", run, project_id, at=at)


def _copied(facts: Sequence[Fact]) -> Store:
    store = MemoryStore()
    project: Project | None = None
    for fact in facts:
        project = evolve(project, fact)
        store.commit(Commit((Append(fact.version - 1, fact, project),)))
    return store
