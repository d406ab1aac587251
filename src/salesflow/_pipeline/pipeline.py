"""
The pipeline: opens projects, records what a stage asks for, and moves on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Unpack

from .._lifecycle import observers
from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Append, Commit
from .._model.facts import Change, Entry, EntryDropped, EntryPut, Fact, Opened
from .._model.frozen import EMPTY
from .._model.project import Project, evolve
from .._model.values import Actor, check_id, is_name
from ..dossier import Approval, Artefact
from ..errors import InputError, did_you_mean
from .change import Moment
from .results import WriteOptions, Written, check_key, request_key
from .spawn import opening_changes
from .watch import Watcher


_log = logging.getLogger("salesflow")


class Pipeline(Watcher):
    """
    Opens projects, moves them, and finds every fact again. May be shared by threads.

    Args:
        lifecycle: one, or several (ids or versions); new projects take the last one unless told.
        store: where facts are kept; a new :class:`~salesflow.stores.MemoryStore` by default.
        clock: returns the current time, aware; read once for each call.
        actor: who acts when a call names nobody.
        listeners: told after every commit, after the listeners of plugins.
        scorers: asked by :meth:`score` after the others, for example a fitted model.
        log_refusals: whether refused attempts go to the side log.

    All writes take ``actor``, ``at`` (when it happened; by default the clock says), ``key``
    (repeating a call with the same key returns what the first one stored), ``expected_version``
    (fail instead of trying again when somebody else was faster) and ``backfill`` (allow *at*
    before the project's last fact).
    """

    def acting(self, actor: Actor) -> Pipeline:
        """
        Return the same pipeline with a default actor.
        """
        pipeline = object.__new__(type(self))
        pipeline.__dict__.update(self.__dict__, actor=self._who(actor))
        return pipeline

    def open(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 -- the word of the domain
        fields: Mapping[str, Any] = EMPTY,
        entries: Iterable[Entry] = (),
        lifecycle: Lifecycle | None = None,
        actor: Actor | None = None,
        at: datetime | None = None,
        key: str | None = None,
    ) -> Project:
        """
        Open a project in the lifecycle's initial stage.

        Args:
            id: chosen by the caller, or made: from the key if there is one, else at random.

        Raises:
            VersionConflictError: if the id is taken.
            InputError: for a name, id, field, entry or lifecycle that cannot be.
        """
        if not isinstance(name, str) or not name.strip() or len(name) > 500:
            raise InputError("name of a project", name, "Pass a text of 1 to 500 characters.")
        chosen = self.lifecycle if lifecycle is None else lifecycle
        if chosen not in self._lifecycles.values():
            hint = f"Give it to the Pipeline first. Known: {', '.join(f'{a} {b}' for a, b in self._lifecycles)}."
            raise InputError("lifecycle=", lifecycle, hint)
        who, asked = self._who(actor), chosen.changes(fields, entries)
        project_id = _new_id(key) if id is None else check_id(id, "project id")
        bound = None
        if key is not None:
            bound = request_key(key, project_id, "open", asked, name=name, actor=who.name, lifecycle=chosen.id)
        changes = opening_changes(chosen, asked)
        body = Opened(name, chosen.definition.initial, chosen.definition.outcomes[0], changes)
        fact = Fact(project_id, 1, self._when(at, None), who, chosen.id, chosen.version, body, key)
        project = evolve(None, fact)
        if self.store.commit(Commit((Append(0, fact, project),), key=bound, dues=chosen.dues(project))).replayed:
            return self.get(project_id)
        if observers.active:
            observers.report_written(fact.lifecycle, fact.lifecycle_version, fact.body)
        for failure in self._tell((fact,), project):
            # open() returns the project itself, so a failing listener is told here.
            _log.error("listener %s failed after opening %s", failure.plugin, project_id, exc_info=failure.error)
        return project

    def update(self, project_id: str, fields: Mapping[str, Any], **options: Unpack[WriteOptions]) -> Written:
        """
        Set declared fields; ``None`` clears one.

        Raises:
            InputError: for undeclared fields and wrong types, all at once.
            ProjectLockedError: in a final stage.
        """
        return self._change(project_id, "update", lambda lifecycle: lifecycle.changes(fields), **options)

    def add(self, project_id: str, *entries: Entry, **options: Unpack[WriteOptions]) -> Written:
        """
        Put entries into the dossier; one with the same kind and id is replaced.

        Raises:
            InputError: for entries of a kind that no plugin brought.
            ProjectLockedError: in a final stage.
        """
        return self._change(project_id, "add", lambda lifecycle: lifecycle.changes(EMPTY, entries), **options)

    def remove(self, project_id: str, kind: str, entry_id: str, **options: Unpack[WriteOptions]) -> Written:
        """
        Take an entry out of the dossier; the history keeps it.

        Raises:
            InputError: if there is no such entry, or it is an approval.
            ProjectLockedError: in a final stage.
        """
        asked = (EntryDropped(kind, entry_id),)

        def dropped(moment: Moment) -> tuple[Change, ...]:
            held = moment.project.held(kind)
            if entry_id not in held or kind == Approval.kind:
                hint = f"Project {project_id!r} has none that can be removed.{did_you_mean(entry_id, held)}"
                raise InputError(f"entry of kind {kind!r}", entry_id, hint)
            return asked

        return self._change(project_id, "remove", lambda _lifecycle: asked, dropped, **options)

    def approve(
        self,
        project_id: str,
        name: str,
        *,
        subject: str | None = None,
        comment: str = "",
        **options: Unpack[WriteOptions],
    ) -> Written:
        """
        Approve, as the acting actor; the engine stamps who, with which roles, and when.

        Args:
            name: what is approved, for example ``initiation``.
            subject: the id of the artefact it is about; the approval binds to its digest.
                Without one it binds to the current visit.
            comment: kept with it.

        Raises:
            InputError: if there is no such artefact.
        """
        return self._judge(project_id, name, subject, comment, granted=True, **options)

    def decline(
        self,
        project_id: str,
        name: str,
        *,
        subject: str | None = None,
        comment: str = "",
        **options: Unpack[WriteOptions],
    ) -> Written:
        """
        Refuse an approval, as the acting actor; approving later takes it back.
        """
        return self._judge(project_id, name, subject, comment, granted=False, **options)

    def _judge(
        self,
        project_id: str,
        name: str,
        subject: str | None,
        comment: str,
        *,
        granted: bool,
        **options: Unpack[WriteOptions],
    ) -> Written:
        if not is_name(name):
            raise InputError("name of an approval", name, "Pass a snake_case name, the one the guard asks for.")

        def stamped(moment: Moment) -> tuple[Change, ...]:
            return (EntryPut(_approval(moment, name, subject, comment, granted=granted)),)

        about = {"name": name, "subject": subject, "comment": comment, "granted": granted}
        return self._change(project_id, "approve", lambda _lifecycle: (), stamped, about=about, final=True, **options)


def _approval(moment: Moment, name: str, subject: str | None, comment: str, *, granted: bool) -> Approval:
    digest = None
    if subject is not None:
        held = moment.project.held(Artefact.kind)
        if subject not in held:
            hint = f"Artefacts: {', '.join(held) or 'none'}. Add it before it is approved.{did_you_mean(subject, held)}"
            raise InputError(f"subject of approval {name!r}", subject, hint)
        entry: Any = held[subject].entry
        digest = entry.digest
    who = moment.who
    # One decision for each person and subject: a later one replaces the one before.
    mark = sha256(f"{subject or ''}\0{who.name}".encode()).hexdigest()[:16]
    return Approval(
        f"{name}-{mark}",
        name,
        who.name,
        roles=tuple(sorted(who.roles)),
        granted=granted,
        at=moment.at,
        visit=moment.project.visit.number,
        subject=subject,
        digest=digest,
        comment=comment,
    )


def _new_id(key: str | None) -> str:
    # A key must find the same project again, so its project's id comes from it.
    return f"p-{os.urandom(8).hex() if key is None else sha256(check_key(key).encode()).hexdigest()[:16]}"
