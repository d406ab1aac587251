"""
Taking a transition: decide, run its effects, commit, tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._lifecycle import observers
from .._lifecycle.deadlines import changed_deadlines
from .._lifecycle.decision import Accepted
from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Append, Key, make_append, make_commit
from .._model.facts import Entry, Fact, Transitioned, make_fact
from .._model.frozen import EMPTY
from .._model.project import Project, evolve
from .._model.values import Actor, check_id
from ..errors import InputError, VersionConflictError
from .queries import TRIES
from .results import Fired, request_key
from .spawn import spawn
from .worker import Clerk


class Mover(Clerk):
    """
    The moving half of a pipeline. Use :class:`salesflow.Pipeline`.
    """

    def fire(
        self,
        project_id: str,
        trigger: str,
        *,
        data: Mapping[str, Any] = EMPTY,
        entries: Sequence[Entry] = (),
        outcome: str | None = None,
        reason: str | None = None,
        overrides: Mapping[str, str] = EMPTY,
        spawn_id: str | None = None,
        actor: Actor | None = None,
        at: datetime | None = None,
        key: str | None = None,
        expected_version: int | None = None,
        backfill: bool = False,
    ) -> Fired:
        """
        Take a transition: decide, run its effects, commit, tell the listeners.

        Args:
            data, entries, outcome, reason, overrides: see :meth:`salesflow.Lifecycle.decide`.
            spawn_id: the id of the project that a spawning transition opens.

        Raises:
            TransitionRefusedError: with the decision.
            VersionConflictError: when *expected_version* does not hold.
            EffectError: when an effect fails; nothing was stored.
        """
        who = self._who(actor)
        if entries:
            entries = tuple(entries)  # read once for every try
        bound = None
        if key is not None:
            parts = {"trigger": trigger, "outcome": outcome, "reason": reason, "spawn_id": spawn_id}
            asked = self.lifecycle_of(self.get(project_id)).changes(data, entries)
            bound = request_key(key, project_id, "fire", asked, actor=who.name, overrides=overrides, **parts)
        waiting = False
        try:
            for left in reversed(range(TRIES)):  # pragma: no branch -- the last try returns or raises
                project = self.get(project_id)
                stored = None if bound is None else self.store.committed(bound)
                if stored is not None:
                    return self._again(stored)
                if expected_version is not None and project.version != expected_version:
                    raise VersionConflictError(project_id, expected_version, project.version)
                lifecycle = self.lifecycle_of(project)
                decision = lifecycle.decide(
                    project,
                    trigger,
                    actor=who,
                    at=self._when(at, project, backfill=backfill),
                    data=data,
                    entries=entries,
                    outcome=outcome,
                    reason=reason,
                    overrides=overrides,
                )
                if not isinstance(decision, Accepted):
                    self._refuse(decision)
                try:
                    return self._commit(project, lifecycle, decision, bound, spawn_id)
                except VersionConflictError as conflict:
                    if expected_version is not None or not left or conflict.project_id != project_id:
                        raise
                waiting = waiting or self._turn.acquire()
        finally:
            if waiting:
                self._turn.release()
        raise AssertionError  # pragma: no cover -- the last try returns or raises

    def _commit(
        self, project: Project, lifecycle: Lifecycle, decision: Accepted, bound: Key | None, spawn_id: str | None
    ) -> Fired:
        born, child, newest = None, None, lifecycle
        wanted = decision.move.transition.spawn
        if wanted is None and spawn_id is not None:
            hint = f"Transition {decision.transition.id!r} opens no project; leave it out."
            raise InputError("spawn_id=", spawn_id, hint)
        if wanted is not None:
            child_id = f"{project.id[:100]}-{project.version + 1}" if spawn_id is None else spawn_id
            newest = {one.id: one for one in self._lifecycles.values()}[wanted.lifecycle]
            born, child = spawn(project, decision, newest, check_id(child_id, "spawn_id="))
        body, notices = lifecycle.plan(decision, spawned=None if child is None else child.id)
        ctx = decision.context
        fact = make_fact(
            project.id,
            project.version + 1,
            ctx.at,
            ctx.actor,
            project.lifecycle,
            project.lifecycle_version,
            body,
            None if bound is None else bound.key,
        )
        after = evolve(project, fact)
        appends: tuple[Append, ...] = (make_append(project.version, fact, after),)
        if born is not None and child is not None:
            appends = (*appends, make_append(0, born, child))
        dues, dropped = changed_deadlines(lifecycle.limits, project, after) if lifecycle.limits else ((), ())
        if child is not None:
            dues = (*dues, *newest.dues(child))
        committed = self.store.commit(make_commit(appends, notices, (), bound, dues, dropped))
        if committed.replayed and committed.fact is not None:
            return self._again(committed.fact)
        if observers.active:
            for append in appends:
                observers.report_written(append.fact.lifecycle, append.fact.lifecycle_version, append.fact.body)
        failures = self._tell((fact,), after) if self._listeners else ()
        if born is not None and child is not None:
            failures += self._tell((born,), child)
        return Fired(fact, after, failures, False, decision, child)

    def _again(self, stored: Fact) -> Fired:
        """
        Return what a repeated call gets: the stored fact, and the projects as they stand now.
        """
        spawned = stored.body.spawned if isinstance(stored.body, Transitioned) else None
        child = None if spawned is None else self.get(spawned)
        return Fired(stored, self.get(stored.project_id), replayed=True, spawned=child)
