"""
Changing a project within its stage: its fields, the entries of its dossier, and approvals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeAlias, Unpack

import attrs

from .. import dossier
from .._lifecycle.cadence_slots import can_meet
from .._lifecycle.inputs import fixed_changes
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Change, Changed, Entry, EntryDropped, EntryPut, Notice
from .._model.frozen import EMPTY
from .._model.messages import format_time
from .._model.project import Project
from .._model.values import Actor, check_id, check_text, is_name
from ..errors import FieldLockedError, InputError, ProjectLockedError, nearest, say
from ..guards._bound import bound_values
from .addressing import represented
from .entry_lifecycles import never_asked, settled_entries
from .own_notices import of_entries
from .recorder import Draft, Moment, make_draft, write
from .request_key import request_key
from .results import WriteOptions, Written
from .runtime import Runtime, WriteTime, actor_of, lifecycle_of, project_of


Asked: TypeAlias = Callable[[Lifecycle], tuple[Change, ...]]
"""Returns the changes that a call asks for, as far as they do not depend on the project."""


def update(runtime: Runtime, project_id: str, fields: Mapping[str, Any], **options: Unpack[WriteOptions]) -> Written:
    """
    Set declared fields; see :meth:`salesflow.Pipeline.update`.
    """
    return _put(runtime, project_id, "update", lambda lifecycle: lifecycle.changes(fields), **options)


def add(
    runtime: Runtime,
    project_id: str,
    entries: tuple[Entry, ...],
    *,
    computed: bool = False,
    **options: Unpack[WriteOptions],
) -> Written:
    """
    Put entries into the dossier; see :meth:`salesflow.Pipeline.add`.

    Args:
        computed: whether figures among them were computed; others are refused.
    """

    def asked(lifecycle: Lifecycle) -> tuple[Change, ...]:
        return lifecycle.changes(EMPTY, entries)

    return _put(runtime, project_id, "add", asked, entries, computed=computed, **options)


def _put(
    runtime: Runtime,
    project_id: str,
    verb: str,
    asked: Asked,
    entries: tuple[Entry, ...] = (),
    *,
    computed: bool = False,
    **options: Unpack[WriteOptions],
) -> Written:
    def decide(moment: Moment[Project]) -> Draft:
        changes = asked(moment.lifecycle)
        if entries:
            project, who, at = moment.project, moment.who, moment.at
            settled = settled_entries(runtime, project, entries, who, at, moment.lifecycle, computed=computed)
            changes = moment.lifecycle.changes(EMPTY, settled)
        if not changes or not all(_is_after_closing(moment, each) for each in changes):
            check_unlocked(moment)
        _check_fixed(moment, changes)
        return changed(verb, changes, of_entries(moment.project, changes, moment.who))

    return write_change(runtime, project_id, verb, decide, asked, **options)


def remove(runtime: Runtime, project_id: str, kind: str, entry_id: str, **options: Unpack[WriteOptions]) -> Written:
    """
    Take an entry out of the dossier; see :meth:`salesflow.Pipeline.remove`.
    """
    check_id(entry_id, "entry id")
    asked = (EntryDropped(check_id(kind, "kind"), entry_id),)

    def decide(moment: Moment[Project]) -> Draft:
        check_unlocked(moment)
        held = moment.project.held(kind)
        if entry_id not in held or kind == dossier.Approval.kind:
            hint = say("input.not_held", project_id=project_id, near=nearest(entry_id, held))
            raise InputError(say("what.entry_of", kind=kind), entry_id, hint)
        _check_fixed(moment, asked)
        return changed("remove", asked)

    return write_change(runtime, project_id, "remove", decide, lambda _lifecycle: asked, **options)


def approve(
    runtime: Runtime,
    project_id: str,
    name: str,
    *,
    subject: str | None,
    comment: str,
    granted: bool,
    on_behalf_of: str | None,
    asked: bool = True,
    **options: Unpack[WriteOptions],
) -> Written:
    """
    Grant or decline an approval, in final stages too; see :meth:`salesflow.Pipeline.approve`.

    Args:
        asked: whether a guard has to ask for it.
    """
    if not is_name(name):
        raise InputError("name of an approval", name, say("input.approval_name"))

    check_text(on_behalf_of, "on_behalf_of=")

    def decide(moment: Moment[Project]) -> Draft:
        if asked and subject is None:
            for problem in never_asked(runtime, moment.lifecycle, name):
                raise problem
        given = approval_of(moment, name, subject, comment, granted=granted)
        if on_behalf_of is not None:
            given = _as_deputy(moment, given, on_behalf_of)
        return changed("approve", (EntryPut(given),))

    about = {"name": name, "subject": subject, "comment": comment, "granted": granted, "on_behalf_of": on_behalf_of}
    return write_change(runtime, project_id, "approve", decide, about=about, **options)


def approval_of(
    moment: Moment[Project], name: str, subject: str | None, comment: str, *, granted: bool
) -> dossier.Approval:
    """
    Return the approval that somebody gives or declines, of the project as it is then.

    Args:
        subject: the id of an artefact, whose content as it is now is what the approval holds for.

    Raises:
        InputError: if there is no such artefact.
    """
    digest = None
    if subject is not None:
        held = moment.project.held(dossier.Artefact.kind)
        if subject not in held:
            hint = say("input.artefacts", known=held, near=nearest(subject, held))
            raise InputError(say("what.approval_subject", name=name), subject, hint)
        entry: Any = held[subject].entry
        digest = entry.digest
    who, project = moment.who, moment.project
    return dossier.Approval(
        _approval_id(name, subject, who.name),
        name,
        who.name,
        roles=tuple(sorted(who.roles)),
        granted=granted,
        at=moment.at,
        visit=project.visit.number,
        subject=subject,
        digest=digest,
        owner=project.owner,
        requester=project.opened_by,
        bound=bound_values(project, moment.lifecycle.binds.get(name, ())),
        comment=comment,
    )


def _approval_id(name: str, subject: str | None, of: str) -> str:
    """
    Return one id for all decisions of a person, or of the person's deputies, so that a later decision replaces it.
    """
    mark = sha256(f"{subject or ''}\0{of}".encode()).hexdigest()[:16]
    return f"{name}-{mark}"


def _as_deputy(moment: Moment[Project], given: dossier.Approval, away: str) -> dossier.Approval:
    """
    Return an approval as one that is given for somebody else, if a directory allows that.
    """
    allowed = represented(moment.lifecycle, given.by, moment.project, moment.at)
    if away not in allowed:
        when = format_time(moment.at, moment.lifecycle.wording.zone)
        hint = say("input.deputy", deputy=given.by, at=when, known=allowed, near=nearest(away, allowed))
        raise InputError("on_behalf_of=", away, hint)
    return attrs.evolve(
        given,
        id=_approval_id(given.name, given.subject, away),
        roles=sorted(allowed[away].roles),
        on_behalf_of=away,
        authority=allowed[away].directory,
    )


def _is_after_closing(moment: Moment[Project], change: Change) -> bool:
    """
    Tell whether a change puts what meets a cadence that goes on after closing, such as a return visit.
    """
    stage = moment.project.stage
    going_on = [each for each in moment.lifecycle.cadences if each.cadence.after_closing and stage in each.stages]
    return isinstance(change, EntryPut) and any(can_meet(each, change.entry) for each in going_on)


def check_unlocked(moment: Moment[Project]) -> None:
    """
    Check that the project's stage lets it be changed.

    Raises:
        ProjectLockedError: in a final stage.
    """
    project = moment.project
    if moment.lifecycle.stage(project.stage).final:
        raise ProjectLockedError(project.id, project.stage)


def _check_fixed(moment: Moment[Project], changes: tuple[Change, ...]) -> None:
    lifecycle = moment.lifecycle
    broken = fixed_changes(lifecycle.locks, moment.project, changes, moment.who, lifecycle.wording)
    if broken:
        raise FieldLockedError(moment.project_id, broken)


def changed(verb: str, changes: tuple[Change, ...], notices: tuple[Notice, ...] = ()) -> Draft:
    """
    Return the draft of a change.

    Raises:
        InputError: if nothing changes; it names the verb.
    """
    if not changes:
        raise InputError(verb, {}, say("input.nothing"))
    return make_draft(Changed(changes), notices)


def _nothing(_lifecycle: Lifecycle) -> tuple[Change, ...]:
    return ()


def _decided(moment: Moment[Project], decide: Callable[[Moment[Project]], Draft]) -> Draft:
    return decide(moment)


def write_change(
    runtime: Runtime,
    project_id: str,
    verb: str,
    decide: Callable[[Moment[Project]], Draft],
    asked: Asked = _nothing,
    *,
    about: Mapping[str, Any] = EMPTY,
    actor: Actor | None = None,
    at: datetime | None = None,
    key: str | None = None,
    expected_version: int | None = None,
    backfill: bool = False,
    ahead: bool = False,
) -> Written:
    """
    Write what *decide* makes of a project; *verb*, *asked* and *about* are the request behind the key.
    """
    who, bound = actor_of(runtime, actor), None
    if key is not None:
        requested = asked(lifecycle_of(runtime, project_of(runtime, project_id)))
        bound = request_key(key, project_id, verb, requested, actor=who.name, **about)
    done = write(runtime, project_id, _decided, decide, who, WriteTime(at, backfill, ahead), bound, expected_version)
    return Written(done.fact, done.project, done.listener_failures, done.replayed, done.told)
