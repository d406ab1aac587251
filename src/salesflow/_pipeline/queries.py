"""
What every call of a pipeline needs: who acts, what time it is, which lifecycle, and whom to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from threading import RLock
from typing import Any, Final, NoReturn

from .._lifecycle.decision import Decision, Option, Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import BoundAdvice
from .._model.commit import Commit
from .._model.facts import Attempt, Fact
from .._model.project import Project, replay
from .._model.values import Actor, to_utc
from ..errors import (
    BackfillError,
    InputError,
    TransitionRefusedError,
    UnknownProjectError,
    did_you_mean,
)
from ..stores import MemoryStore
from ..typing import Clock, Listener, Scorer, Store
from .results import ListenerFailure
from .spawn import check_spawns


TRIES: Final = 16
"""How often a write without an expected version starts again after a lost race."""


def utc_now() -> datetime:
    """
    Return the time of the machine's clock.
    """
    return datetime.now(UTC)


class Desk:
    """
    The reading half of a pipeline, and what both halves share. Use :class:`salesflow.Pipeline`.
    """

    lifecycle: Lifecycle
    store: Store
    actor: Actor | None

    def __init__(
        self,
        lifecycle: Lifecycle | Sequence[Lifecycle],
        *,
        store: Store | None = None,
        clock: Clock = utc_now,
        actor: Actor | None = None,
        listeners: Sequence[Listener] = (),
        scorers: Sequence[Scorer] = (),
        log_refusals: bool = True,
    ) -> None:
        known = (lifecycle,) if isinstance(lifecycle, Lifecycle) else tuple(lifecycle)
        if not known or not all(isinstance(one, Lifecycle) for one in known):
            raise InputError("lifecycle", lifecycle, "Pass what load_lifecycle() or build_lifecycle() returned.")
        if store is not None and not isinstance(store, Store):
            raise InputError("store=", store, "Pass an open store, for example JournalStore('sales/').")
        check_spawns(known)
        self.lifecycle = known[-1]
        self.store = MemoryStore() if store is None else store
        self.actor = None if actor is None else self._who(actor)
        self._lifecycles = {(one.id, one.version): one for one in known}
        if len(self._lifecycles) < len(known):
            twice = [f"{one.id} {one.version}" for one in known]
            raise InputError("lifecycle", twice, "One comes twice; give a changed definition a new version.")
        self._clock = clock
        self._turn = RLock()  # those that lost a race try again one after the other
        self._log_refusals = log_refusals
        named = [(str(getattr(one, "name", None) or getattr(one, "__name__", one)), one) for one in scorers]
        self._scorers = tuple(BoundAdvice(name, one, plugin=name) for name, one in named)
        # A plugin that was given to several lifecycles is told once.
        told = {call: (name, call) for one in known for name, call in one.plugins.listeners}
        own = [(str(getattr(call, "__name__", call)), call) for call in listeners]
        self._listeners = (*told.values(), *own)

    def get(self, project_id: str) -> Project:
        """
        Return a project as it stands.

        Raises:
            UnknownProjectError: if the store has none with this id.
        """
        project = self.store.head(project_id) if isinstance(project_id, str) else None
        if project is None:
            raise UnknownProjectError(project_id)
        return project

    def find(
        self,
        *,
        stage: str | None = None,
        owner: str | None = None,
        outcome: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> list[Project]:
        """
        Return projects that match, ordered by id; for the next page pass the last id as *after*.

        Raises:
            InputError: for a stage that no lifecycle of this pipeline has.
        """
        stages = {one.id for lifecycle in self._lifecycles.values() for one in lifecycle.stages}
        if stage is not None and stage not in stages:
            raise InputError("stage", stage, f"Stages: {', '.join(sorted(stages))}.{did_you_mean(stage, stages)}")
        return self.store.find(stage=stage, owner=owner, outcome=outcome, after=after, limit=limit)

    def history(self, project_id: str) -> tuple[Fact, ...]:
        """
        Return every fact of a project, from its opening.
        """
        self.get(project_id)
        return tuple(self.store.load(project_id))

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        self.get(project_id)
        return self.store.attempts(project_id)

    def as_of(self, project_id: str, at: datetime) -> Project:
        """
        Return a project as it stood at a time in the past: after its facts up to then.

        Raises:
            InputError: if it was not open yet.
        """
        when = to_utc(at, "at")
        facts: list[Fact] = []
        for fact in self.history(project_id):
            if fact.at > when:
                break
            facts.append(fact)
        if not facts:
            raise InputError(f"time for project {project_id!r}", when.isoformat(), "It was opened later.")
        return replay(facts)

    def decide(
        self, project_id: str, trigger: str, *, actor: Actor | None = None, at: datetime | None = None, **request: Any
    ) -> Decision:
        """
        Decide without writing anything; *request* is what :meth:`salesflow.Lifecycle.decide` takes.
        """
        project = self.get(project_id)
        when = self._when(at, project, backfill=True)
        return self.lifecycle_of(project).decide(project, trigger, actor=self._who(actor), at=when, **request)

    def options(self, project_id: str, *, actor: Actor | None = None, at: datetime | None = None) -> tuple[Option, ...]:
        """
        Return every trigger from where the project stands: allowed, needs_input or blocked.
        """
        project = self.get(project_id)
        when = self._when(at, project, backfill=True)
        return self.lifecycle_of(project).options(project, actor=self._who(actor), at=when)

    def batch(self) -> AbstractContextManager[Any]:
        """
        Write the commits of a block together, for imports: ``with pipeline.batch(): …``.

        They are visible at once, listeners are told at once, and they are durable when the block
        ends. What is lost in a crash before that can be repeated with the same keys. A store
        that has no ``batch`` writes them one by one.
        """
        batch: Callable[[], AbstractContextManager[Any]] = getattr(self.store, "batch", nullcontext)
        return batch()

    def lifecycle_of(self, project: Project) -> Lifecycle:
        """
        Return the lifecycle, in the version, that a project runs under.

        Raises:
            InputError: if this pipeline was not given it.
        """
        found = self._lifecycles.get((project.lifecycle, project.lifecycle_version))
        if found is None:
            known = ", ".join(f"{name} {version}" for name, version in self._lifecycles)
            wanted = f"{project.lifecycle} {project.lifecycle_version}"
            hint = f"Give it to the Pipeline. Known: {known}."
            raise InputError(f"lifecycle of project {project.id!r}", wanted, hint)
        return found

    def _who(self, actor: Actor | None) -> Actor:
        who = self.actor if actor is None else actor
        if not isinstance(who, Actor):
            raise InputError("actor=", who, "Every fact says who acted; pass actor=Actor(…) or use pipeline.acting(…).")
        return who

    def _when(self, at: datetime | None, project: Project | None, *, backfill: bool = False) -> datetime:
        """
        Return the time of a write: *at* as given, or the clock's, which never runs back within a project.
        """
        if at is None:
            now = self._clock()
            if getattr(now, "tzinfo", None) is not UTC:
                now = to_utc(now, "clock")
            return now if project is None or now >= project.updated_at else project.updated_at
        when = to_utc(at, "at=")
        if project is not None and when < project.updated_at and not backfill:
            raise BackfillError(project.id, when, project.updated_at)
        return when

    def _refuse(self, decision: Refused) -> NoReturn:
        if self._log_refusals:
            attempt = Attempt(
                decision.project.id,
                decision.project.version,
                decision.at,
                decision.actor.name,
                decision.trigger,
                tuple(f"{verdict.spec.use_id}:{verdict.code}" for verdict in decision.blocking),
            )
            self.store.commit(Commit(attempts=(attempt,)))
        raise TransitionRefusedError(decision)

    def _tell(self, facts: tuple[Fact, ...], project: Project) -> tuple[ListenerFailure, ...]:
        failures: list[ListenerFailure] = []
        for name, listener in self._listeners:
            try:
                listener(facts, project)
            except Exception as error:  # noqa: BLE001 -- isolated: the commit stands, the failure is returned
                failures.append(ListenerFailure(name, error))
        return tuple(failures)


def record(pipeline: Desk, commit: Commit) -> tuple[ListenerFailure, ...]:
    """
    Commit facts that a lifecycle decided, and tell the listeners; return those that failed.

    Of a commit that was stored before, nobody is told again.
    """
    failures: tuple[ListenerFailure, ...] = ()
    if not pipeline.store.commit(commit).replayed:
        for append in commit.appends:
            failures += pipeline._tell((append.fact,), append.project)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- its own class
    return failures
