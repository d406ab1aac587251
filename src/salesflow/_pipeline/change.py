"""
Changing a project within its stage: on fresh state, again after a lost race, once for each key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Append, Commit, Key
from .._model.facts import Change, Changed, Fact, Notice
from .._model.frozen import EMPTY
from .._model.project import Project, evolve
from .._model.values import Actor
from ..errors import InputError, ProjectLockedError, VersionConflictError
from .fire import Mover
from .queries import TRIES
from .results import Written, request_key


@attrs.frozen
class Moment:
    """
    A project as it stands, with who changes it and when.
    """

    project: Project
    lifecycle: Lifecycle
    who: Actor
    at: datetime


class Changer(Mover):
    """
    The changing part of a pipeline. Use :class:`salesflow.Pipeline`.
    """

    def _change(
        self,
        project_id: str,
        verb: str,
        asked: Callable[[Lifecycle], tuple[Change, ...]],
        make: Callable[[Moment], tuple[Change | Notice, ...]] | None = None,
        *,
        about: Mapping[str, Any] = EMPTY,
        final: bool = False,
        actor: Actor | None = None,
        at: datetime | None = None,
        key: str | None = None,
        expected_version: int | None = None,
        backfill: bool = False,
    ) -> Written:
        """
        Commit what *make* makes of the project as it stands; *asked* and *about* are the request.

        Without *make*, the request is what is committed. *final* allows it in a final stage.
        """
        who, bound = self._who(actor), None
        if key is not None:
            requested = asked(self.lifecycle_of(self.get(project_id)))
            bound = request_key(key, project_id, verb, requested, actor=who.name, **about)
        waiting = False
        try:
            for left in reversed(range(TRIES)):  # pragma: no branch -- the last try returns or raises
                project = self.get(project_id)
                stored = None if bound is None else self.store.committed(bound)
                if stored is not None:
                    return Written(stored, project, replayed=True)
                if expected_version is not None and project.version != expected_version:
                    raise VersionConflictError(project_id, expected_version, project.version)
                lifecycle = self.lifecycle_of(project)
                if lifecycle.stage(project.stage).final and not final:
                    raise ProjectLockedError(project_id, project.stage)
                moment = Moment(project, lifecycle, who, self._when(at, project, backfill=backfill))
                try:
                    return self._put(moment, verb, asked(lifecycle) if make is None else make(moment), bound)
                except VersionConflictError:
                    if expected_version is not None or not left:
                        raise
                waiting = waiting or self._turn.acquire()
        finally:
            if waiting:
                self._turn.release()
        raise AssertionError  # pragma: no cover -- the last try returns or raises

    def _put(self, moment: Moment, verb: str, made: tuple[Change | Notice, ...], bound: Key | None) -> Written:
        notices = tuple(one for one in made if isinstance(one, Notice))
        changes = tuple(one for one in made if not isinstance(one, Notice))
        if not changes:
            raise InputError(verb, "nothing", "Name at least one field or entry to change.")
        project, lifecycle = moment.project, moment.lifecycle
        key = None if bound is None else bound.key
        body = Changed(changes)
        fact = Fact(project.id, project.version + 1, moment.at, moment.who, lifecycle.id, lifecycle.version, body, key)
        after = evolve(project, fact)
        committed = self.store.commit(Commit((Append(project.version, fact, after),), notices, key=bound))
        if committed.replayed and committed.fact is not None:
            return Written(committed.fact, self.get(project.id), replayed=True)
        return Written(fact, after, self._tell((fact,), after))
