"""
The recorder: the one place that makes facts, appends them to the store and calls the listeners.

Whatever writes goes through the same three steps. A decision is a :class:`Draft`, made at a :class:`Moment`;
:func:`stage` makes its facts, purely; :func:`commit` appends them. :func:`write` runs the three for one project on
fresh state, again after a lost race, and once for each key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Final, Generic, NoReturn, TypeAlias, TypeVar

from .._lifecycle import observers
from .._lifecycle.cadence_dues import new_dues
from .._lifecycle.deadlines import changed_deadlines
from .._lifecycle.decision import Accepted, Refused
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.planned_work import changed_plans
from .._lifecycle.stage_tasks import with_tasks
from .._model.commit import Append, Commit, Key, make_append, make_commit
from .._model.facts import Attempt, Body, EntryPut, Fact, Notice, Opened, Transitioned, make_fact
from .._model.fold import evolve
from .._model.frozen import maker, noun
from .._model.messages import format_time
from .._model.project import Project
from .._model.values import Actor
from .._model.work import Claim, DueDeadline
from ..errors import InputError, TransitionRefusedError, VersionConflictError, say
from .definitions import keep_definition
from .listeners import NOBODY, Called, depth_now
from .results import Fired, ListenerFailure, make_fired
from .runtime import NOW, Runtime, WriteTime, deciding_lifecycle, project_of, times_of


TRIES: Final = 16
"""How often a write without an expected version is tried in all."""

SYSTEM_ACTOR: Final = Actor("salesflow")
"""Who acts when time alone makes something happen: a deadline that passes."""

_LOG: Final = logging.getLogger("salesflow")

P = TypeVar("P", Project, None)
A = TypeVar("A")


@noun(weakref_slot=False)
class Moment(Generic[P]):
    """
    What a write is decided on.

    Attributes:
        project: as it stands; ``None`` for an opening.
        who: who acts.
        at: when it happens, UTC.
        recorded_at: what the clock says, UTC.
    """

    project_id: str
    project: P
    lifecycle: Lifecycle
    who: Actor
    at: datetime
    recorded_at: datetime


@noun(slots=False)
class Child:
    """
    A project to be opened in the same commit.
    """

    project_id: str
    lifecycle: Lifecycle
    body: Opened


Draft: TypeAlias = tuple[Body, tuple[Notice, ...], Child | None, Accepted | None, tuple[DueDeadline, ...]]
"""
What a decision wants written: the body of its fact, notices, a project to be opened, what allowed a move, and what is
to be watched from then on besides what follows from the fact.
"""


def make_draft(body: Body, notices: tuple[Notice, ...] = (), dues: tuple[DueDeadline, ...] = ()) -> Draft:
    """
    Return a draft that neither opens a project nor moves one.
    """
    return body, notices, None, None, dues


class NothingToWrite(Exception):  # noqa: N818 -- an answer of the decision, and no error
    """
    What the decision of a :func:`write` raises if nothing is to be written.
    """


_make_moment = maker(Moment)


def stage(
    moment: Moment[Project] | Moment[None], draft: Draft, key: Key | None = None, done: tuple[Claim, ...] = ()
) -> Commit:
    """
    Make the facts of a draft, purely, with the projects after them and the deadlines that are armed and dropped.

    Args:
        key: of the request that it answers.
        done: claimed work that is finished by it.
    """
    project, lifecycle, at = moment.project, moment.lifecycle, moment.at
    body, notices, child, _, dues = draft
    if lifecycle.tasked:
        body = with_tasks(lifecycle, project, body, at)
    if project is None:
        version, runs_under, in_version = 0, lifecycle.id, lifecycle.version
    else:
        version, runs_under, in_version = project.version, project.lifecycle, project.lifecycle_version
    name, who, recorded_at = None if key is None else key.key, moment.who, moment.recorded_at
    fact = make_fact(moment.project_id, version + 1, at, who, runs_under, in_version, body, name, recorded_at)
    after = evolve(project, fact)
    dropped: tuple[tuple[str, int], ...] = ()
    if lifecycle.limits:
        changed, dropped = changed_deadlines(lifecycle.limits, project, after, fact)
        dues += changed
    if lifecycle.cadences:
        dues += tuple(new_dues(lifecycle.cadences, project, after, fact))
    if body.changes:
        planned, done_with = changed_plans(project, after, body.changes)
        dues, dropped = dues + planned, dropped + done_with
    if lifecycle.rhythms:
        dues += first_looks(lifecycle, project, after, fact)
    staged = make_commit((make_append(version, fact, after),), notices, (), key, dues, dropped, done)
    if child is None:
        return staged
    opens = Moment(child.project_id, None, child.lifecycle, who, at, recorded_at)
    return joined([staged, stage(opens, make_draft(child.body))])


def first_looks(lifecycle: Lifecycle, before: Project | None, after: Project, fact: Fact) -> tuple[DueDeadline, ...]:
    """
    Return when early warnings are looked at first, of a project that is watched from a fact on.
    """
    from .._lifecycle.rhythms import begins, looks  # noqa: PLC0415 -- few lifecycles have early warnings at a rhythm

    was_open = before is not None and not lifecycle.stage(before.stage).final
    if not begins(fact.body, was_open=was_open, is_open=not lifecycle.stage(after.stage).final):
        return ()
    return tuple(looks(lifecycle.rhythms, after, max(fact.at, fact.recorded_at)))


def joined(staged: Sequence[Commit]) -> Commit:
    """
    Return several commits as one, under the key of the first.

    Raises:
        InputError: if the facts are not all of one time, from which the store counts their notices.
    """
    appends = tuple(chain.from_iterable(each.appends for each in staged))
    if len({each.fact.at for each in appends}) > 1:
        times = ", ".join(format_time(each.fact.at, UTC) for each in appends)
        raise InputError("facts of a commit", times, say("input.one_time"))
    return Commit(
        appends,
        tuple(chain.from_iterable(each.notices for each in staged)),
        key=staged[0].key,
        dues=tuple(chain.from_iterable(each.dues for each in staged)),
        dropped=tuple(chain.from_iterable(each.dropped for each in staged)),
        done=tuple(chain.from_iterable(each.done for each in staged)),
        opened=tuple(chain.from_iterable(each.opened for each in staged)),
    )


def commit(
    runtime: Runtime, staged: Commit, *, observed: bool = True, late: list[ListenerFailure] | None = None
) -> tuple[Fact | None, tuple[ListenerFailure, ...]]:
    """
    Append what was staged, all of it or nothing, and call the listeners with each fact once it is durable.

    Args:
        late: where failures go of listeners that are called later, at the end of a batch or when the host
            commits; by default into the log.
        observed: whether observers of the process see it; the past of an import is not what this process does.

    Returns:
        The fact that an earlier commit stored under the key, if there was one: then nothing is written and no listener
        is called. And the listeners that raised.

    Raises:
        DefinitionChangedError: for an opening, if the store has another definition under its lifecycle and version.
    """
    stored, heard = _append(runtime, staged, observed=observed)
    return stored, _notify(runtime, staged.appends, late).failures if heard else ()


def _append(runtime: Runtime, staged: Commit, *, observed: bool = True) -> tuple[Fact | None, bool]:
    """
    Append what was staged; return what was stored under the key before, and whether listeners are to be called.

    Raises:
        ListenerChainError: too many writes of listeners led to this one; nothing is written.
        DefinitionChangedError: for an opening, if the store has another definition under its lifecycle and version.
    """
    appends = staged.appends
    for each in appends:
        if not each.expected:
            keep_definition(runtime, each.fact)
        if each.fact.body.changes and any(isinstance(change, EntryPut) for change in each.fact.body.changes):
            from .entry_lifecycles import with_entry_dues  # noqa: PLC0415 -- only where entries are written

            staged = with_entry_dues(runtime, staged, past=not observed)
            break
    heard = runtime.listeners.expect(appends) if runtime.listeners.anybody else False
    try:
        committed = runtime.store.commit(staged)
    except BaseException:
        if heard:
            _log_failures(runtime.listeners.withdraw(appends).failures)
        raise
    if committed.replayed:
        if heard:
            _log_failures(runtime.listeners.withdraw(appends).failures)
        return committed.fact, False
    if observed and observers.active:
        for each in appends:
            observers.report_written(each.fact.lifecycle, each.fact.lifecycle_version, each.fact.body)
    return None, heard


def _notify(runtime: Runtime, appends: Sequence[Append], late: list[ListenerFailure] | None = None) -> Called:
    """
    Call the listeners for facts that are stored, now or once they are durable.
    """
    depth = depth_now()
    if not runtime.store.when_durable(partial(_notify_late, runtime, appends, depth, late)):
        return runtime.listeners.call(appends, depth)
    _log_failures(runtime.listeners.withdraw(appends).failures)
    return Called(told=False)


def _notify_late(runtime: Runtime, appends: Sequence[Append], depth: int, late: list[ListenerFailure] | None) -> None:
    failures = runtime.listeners.call(appends, depth, expected=False).failures
    if late is None:
        _log_failures(failures)
    else:
        late += failures


def _log_failures(failures: Iterable[ListenerFailure]) -> None:
    for each in failures:
        _LOG.error(
            "listener %s failed at project %r, version %d",
            each.plugin,
            each.project_id,
            each.version,
            exc_info=each.error,
        )


def write(
    runtime: Runtime,
    project_id: str,
    decide: Callable[[Moment[Project], A], Draft],
    asked: A,
    who: Actor,
    when: WriteTime = NOW,
    key: Key | None = None,
    expected_version: int | None = None,
    done: tuple[Claim, ...] = (),
) -> Fired:
    """
    Write what *decide* makes of a project as it stands; decide again if somebody else was faster.

    Args:
        decide: returns what is to be written, of the project as it stands and of *asked*; may be called several times.
        key: a request that was stored under it is returned and not repeated.
        expected_version: fail instead of deciding again.
        done: claimed work that is finished by it.

    Returns:
        What was written; the decision and the child are those of the draft, if it had any.

    Raises:
        VersionConflictError: when *expected_version* does not hold, or after sixteen lost races.
        NothingToWrite: when *decide* raises it.
    """
    waiting, left, heard = False, TRIES, False
    try:
        while True:
            project = project_of(runtime, project_id)
            stored = None if key is None else runtime.store.committed(key)
            if stored is not None:
                return _replayed(runtime, stored)
            if expected_version is not None and project.version != expected_version:
                raise VersionConflictError(project_id, expected_version, project.version)
            lifecycle = deciding_lifecycle(runtime, project)
            at, recorded_at = times_of(runtime, when, project, project_id)
            moment = _make_moment(project_id, project, lifecycle, who, at, recorded_at)
            draft = decide(moment, asked)
            staged = stage(moment, draft, key, done)
            try:
                stored, heard = _append(runtime, staged)
            except VersionConflictError as conflict:
                left -= 1
                if expected_version is not None or not left or conflict.project_id != project_id:
                    raise
            else:
                if stored is not None:
                    return _replayed(runtime, stored)
                break
            waiting = waiting or runtime.retry_lock.acquire()
    finally:
        if waiting:
            runtime.retry_lock.release()
    appends = staged.appends
    told, failures = _notify(runtime, appends) if heard else NOBODY
    first = appends[0]
    child = None if len(appends) == 1 else appends[1].project
    return make_fired(first.fact, first.project, failures, False, told, draft[3], child)


def _replayed(runtime: Runtime, stored: Fact) -> Fired:
    """
    Return what was stored under the key, with the project that it opened, as they stand now.
    """
    child_id = stored.body.spawned if isinstance(stored.body, Transitioned) else None
    child = None if child_id is None else project_of(runtime, child_id)
    return Fired(stored, project_of(runtime, stored.project_id), replayed=True, spawned=child)


def refuse(runtime: Runtime, decision: Refused) -> NoReturn:
    """
    Put a refused attempt into the side log, and raise it.

    Raises:
        TransitionRefusedError: with the decision.
    """
    if runtime.log_refusals:
        attempt = Attempt(
            decision.project.id,
            decision.project.version,
            decision.at,
            decision.actor.name,
            decision.trigger,
            tuple(f"{verdict.spec.use_id}:{verdict.code}" for verdict in decision.blocking),
            decision.candidates[0].transition.id if decision.candidates else "",
        )
        runtime.store.commit(Commit(attempts=(attempt,)))
    raise TransitionRefusedError(decision)
