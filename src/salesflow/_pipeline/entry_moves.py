"""
Entry moves: an entry goes through the lifecycle of its kind, decided on a view of it as a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Unpack

import attrs

from .. import dossier
from .._lifecycle.decision import Accepted, Option
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.records import changed_entry, entry_view, moved_entry
from .._model.facts import Change, Entry, EntryMoved, EntryPut
from .._model.frozen import freeze, noun
from .._model.project import Held, Project
from .._model.values import Actor
from ..errors import InputError, nearest, say
from .change import approval_of, write_change
from .entry_actors import in_other_names
from .entry_lifecycles import lifecycle_of_entry
from .recorder import Draft, Moment, make_draft, refuse
from .results import WriteOptions, Written
from .runtime import Runtime, actor_of, project_of, time_of


@noun(slots=False)
class MovedEntry(Written):
    """
    An entry that took a transition of the lifecycle of its kind.

    Attributes:
        entry: as it stands afterwards.
        decision: what allowed it; ``None`` when the call was replayed.
    """

    entry: Any = attrs.field(kw_only=True)
    decision: Accepted | None = attrs.field(default=None, kw_only=True)


def move_entry(
    runtime: Runtime,
    project_id: str,
    kind: str,
    entry_id: str,
    trigger: str,
    data: Mapping[str, Any],
    reason: str | None,
    overrides: Mapping[str, str],
    **options: Unpack[WriteOptions],
) -> MovedEntry:
    """
    Take an entry through the lifecycle of its kind; see :meth:`salesflow.Pipeline.move_entry`.
    """
    decision: Any = None
    if not isinstance(data, Mapping):
        raise InputError("data", data, say("input.mapping"))
    if not isinstance(overrides, Mapping):
        raise InputError("overrides", overrides, say("input.overrides"))

    def decide(moment: Moment[Project]) -> Draft:
        nonlocal decision
        held, lifecycle = _found(runtime, moment.project, kind, entry_id)
        seen = entry_view(moment.project, held, lifecycle, moment.who)
        decision = lifecycle.decide(
            seen, trigger, actor=moment.who, at=moment.at, data=data, reason=reason, overrides=overrides
        )
        if not isinstance(decision, Accepted):
            refuse(runtime, decision)
        if data:
            given, _ = changed_entry(held.entry, decision.changes)
            for problem in in_other_names(given, held.entry, moment.who):
                raise problem
        body, notices = moved_entry(held, lifecycle, decision)
        return make_draft(attrs.evolve(body, changes=(*body.changes, *_decided(moment, body))), notices)

    about = {
        "kind": kind,
        "entry": entry_id,
        "trigger": trigger,
        "data": freeze(dict(data)),
        "reason": reason,
        "overrides": freeze(dict(overrides)),
    }
    done = write_change(runtime, project_id, "move_entry", decide, about=about, **options)
    held, _ = _found(runtime, done.project, kind, entry_id)
    accepted = None if done.replayed else decision
    failures = done.listener_failures
    return MovedEntry(done.fact, done.project, failures, done.replayed, done.told, entry=held.entry, decision=accepted)


def entry_options(
    runtime: Runtime, project_id: str, kind: str, entry_id: str, actor: Actor | None, at: datetime | None
) -> tuple[Option, ...]:
    """
    Return every trigger from where an entry stands; see :meth:`salesflow.Pipeline.entry_options`.
    """
    project = project_of(runtime, project_id)
    when, who = time_of(runtime, at, project), actor_of(runtime, actor)
    held, lifecycle = _found(runtime, project, kind, entry_id)
    return lifecycle.options(entry_view(project, held, lifecycle, who), actor=who, at=when)


def _found(runtime: Runtime, project: Project, kind: str, entry_id: str) -> tuple[Held, Lifecycle]:
    """
    Return an entry of the dossier, and the lifecycle that decides it.

    Raises:
        InputError: if there is none with this id, its kind has no lifecycle, or the pipeline was not given it.
    """
    known = project.held(kind)
    held = known.get(entry_id) if isinstance(entry_id, str) else None
    lifecycle = lifecycle_of_entry(runtime, kind, held)
    if held is None:
        hint = say("input.entries_of", kind=kind, project=project.id, known=known, near=nearest(str(entry_id), known))
        raise InputError(say("what.entry_of", kind=kind), entry_id, hint)
    return held, lifecycle


def _decided(moment: Moment[Project], body: EntryMoved) -> tuple[Change, ...]:
    """
    Return the approval that a move gives or declines: of what a request asks for, or of a document as it is now.
    """
    put = body.changes[0]
    entry: Entry | Any = put.entry if isinstance(put, EntryPut) else None
    if isinstance(entry, dossier.ApprovalRequest) and body.target in ("granted", "refused"):
        granted = body.target == "granted"
        return (EntryPut(approval_of(moment, entry.name, entry.subject, entry.answer, granted=granted)),)
    if isinstance(entry, dossier.Artefact) and body.target == "approved":
        return (EntryPut(approval_of(moment, entry.type, entry.id, "", granted=True)),)
    return ()
