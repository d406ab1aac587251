"""
The recorder: the one place that makes facts, appends them to the store and calls the listeners.

Whatever writes goes through the same three steps. A decision is a :class:`Draft`, made at a :class:`Moment`;
:func:`stage` makes its facts, purely; :func:`commit` appends them. :func:`write` runs the three for one project on
fresh state, again after a lost race, and once for each key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Final, Generic, NamedTuple, NoReturn, TypeAlias, TypeVar, overload

from .._lifecycle import observers
from .._lifecycle.deadlines import changed_deadlines
from .._lifecycle.decision import Accepted, Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.commit import Append, Commit, Key, make_append, make_commit
from .._model.facts import Attempt, Body, Fact, Notice, Opened, make_fact
from .._model.project import Project, evolve
from .._model.values import Actor
from .._model.work import Claim, DueDeadline
from ..errors import InputError, TransitionRefusedError, VersionConflictError
from .results import ListenerFailure
from .runtime import Runtime, lifecycle_of, project_of, time_of


TRIES: Final = 16
"""How often a write without an expected version is tried in all."""

SYSTEM_ACTOR: Final = Actor("salesflow")
"""Who acts when time alone makes something happen: a deadline that passes."""

P = TypeVar("P", Project, None)


class Moment(NamedTuple, Generic[P]):
    """
    What a write is decided on.

    Attributes:
        project: as it stands; ``None`` for an opening.
        who: who acts.
        at: when, UTC.
    """

    project_id: str
    project: P
    lifecycle: Lifecycle
    who: Actor
    at: datetime


class Child(NamedTuple):
    """
    A project to be opened in the same commit.
    """

    project_id: str
    lifecycle: Lifecycle
    body: Opened


class Draft(NamedTuple):
    """
    What a decision wants written.

    Attributes:
        decision: what allowed a move; handed back with what was recorded.
    """

    body: Body
    notices: tuple[Notice, ...] = ()
    child: Child | None = None
    decision: Accepted | None = None


class Staged(NamedTuple):
    """
    What is ready to be committed.

    Attributes:
        appends: the fact with the project after it; a child's opening comes second.
        dues: the deadlines that are armed.
        dropped: project id and visit number of the stays whose deadlines are dropped.
    """

    appends: tuple[Append, ...]
    notices: tuple[Notice, ...] = ()
    dues: tuple[DueDeadline, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()

    @property
    def fact(self) -> Fact:
        """
        The fact of the decision itself.
        """
        return self.appends[0].fact

    @property
    def project(self) -> Project:
        """
        The project after that fact.
        """
        return self.appends[0].project


class Recorded(NamedTuple):
    """
    What a write left behind.

    Attributes:
        fact: what was stored, now or by an earlier call with the same key.
        project: as it stands afterwards.
        failures: the listeners that raised.
        replayed: whether an earlier call with the same key stored it, so that nothing was written now.
        child: the project that was opened in the same commit; ``None`` also where it was replayed.
        decision: what the draft said allowed it; ``None`` also where it was replayed.
    """

    fact: Fact
    project: Project
    failures: tuple[ListenerFailure, ...] = ()
    replayed: bool = False
    child: Project | None = None
    decision: Accepted | None = None


# One of each is made for every move; this skips a Python call of the class.
_New: TypeAlias = Callable[[type[Any], tuple[Any, ...]], Any]
_NEW: Final[_New] = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of any tuple
make_draft: Callable[[tuple[Body, tuple[Notice, ...], Child | None, Accepted | None]], Draft] = partial(_NEW, Draft)
_make_moment: Callable[[tuple[str, Project, Lifecycle, Actor, datetime]], Moment[Project]] = partial(_NEW, Moment)
_make_staged: Callable[[tuple[Any, ...]], Staged] = partial(_NEW, Staged)
_make_recorded: Callable[[tuple[Any, ...]], Recorded] = partial(_NEW, Recorded)


def stage(moment: Moment[Project] | Moment[None], draft: Draft, key: str | None = None) -> Staged:
    """
    Make the facts of a draft, purely, with the projects after them and the deadlines that are armed and dropped.
    """
    project_id, project, lifecycle, who, at = moment
    body, notices, child, _ = draft
    if project is None:
        fact = make_fact(project_id, 1, at, who, lifecycle.id, lifecycle.version, body, key)
        after = evolve(None, fact)
        staged = _make_staged(((make_append(0, fact, after),), notices, lifecycle.dues(after), ()))
    else:
        version, edition = project.version, project.lifecycle_version
        fact = make_fact(project_id, version + 1, at, who, project.lifecycle, edition, body, key)
        after = evolve(project, fact)
        limits = lifecycle.limits
        dues, dropped = changed_deadlines(limits, project, after) if limits else ((), ())
        staged = _make_staged(((make_append(version, fact, after),), notices, dues, dropped))
    if child is None:
        return staged
    return _joined((staged, stage(Moment(child.project_id, None, child.lifecycle, who, at), Draft(child.body))))


def _joined(staged: Sequence[Staged]) -> Staged:
    """
    Return several staged writes as one.
    """
    return Staged(
        tuple(chain.from_iterable(each.appends for each in staged)),
        tuple(chain.from_iterable(each.notices for each in staged)),
        tuple(chain.from_iterable(each.dues for each in staged)),
        tuple(chain.from_iterable(each.dropped for each in staged)),
    )


def commit(
    runtime: Runtime,
    *staged: Staged,
    done: tuple[Claim, ...] = (),
    key: Key | None = None,
    observed: bool = True,
) -> tuple[Fact | None, tuple[ListenerFailure, ...]]:
    """
    Append what was staged, all of it or nothing, and call the listeners with each fact.

    Args:
        done: claimed work that is finished by it; nothing needs to be staged for that.
        observed: whether observers of the process see it; the past of an import is not what this process does.

    Returns:
        The fact that an earlier commit stored under the key, if there was one: then nothing is written and nobody
        is called. And the listeners that raised.

    Raises:
        InputError: if the facts are not all of one time, from which the store counts their notices.
    """
    appends, notices, dues, dropped = staged[0] if len(staged) == 1 else _joined(staged)
    if len(appends) > 1 and len({each.fact.at for each in appends}) > 1:
        times = [each.fact.at.isoformat() for each in appends]
        raise InputError("facts of a commit", times, "They must have one time; commit them one after the other.")
    committed = runtime.store.commit(make_commit(appends, notices, (), key, dues, dropped, done))
    if committed.replayed:
        return committed.fact, ()
    if observed and observers.active:
        for each in appends:
            observers.report_written(each.fact.lifecycle, each.fact.lifecycle_version, each.fact.body)
    failures: tuple[ListenerFailure, ...] = ()
    if runtime.listeners:
        for each in appends:
            failures += _call_listeners(runtime, each)
    return None, failures


def _call_listeners(runtime: Runtime, append: Append) -> tuple[ListenerFailure, ...]:
    facts, project = (append.fact,), append.project
    failures: list[ListenerFailure] = []
    for name, listener in runtime.listeners:
        try:
            listener(facts, project)
        except Exception as error:  # noqa: BLE001 -- isolated: the commit stands, the failure is returned
            failures.append(ListenerFailure(name, error))
    return tuple(failures)


@overload
def write(
    runtime: Runtime,
    project_id: str,
    decide: Callable[[Moment[Project]], Draft],
    *,
    who: Actor,
    at: datetime | None = None,
    key: Key | None = None,
    expected_version: int | None = None,
    backfill: bool = False,
    done: tuple[Claim, ...] = (),
) -> Recorded: ...


@overload
def write(
    runtime: Runtime,
    project_id: str,
    decide: Callable[[Moment[Project]], Draft | None],
    *,
    who: Actor,
    at: datetime | None = None,
    key: Key | None = None,
    expected_version: int | None = None,
    backfill: bool = False,
    done: tuple[Claim, ...] = (),
) -> Recorded | None: ...


def write(
    runtime: Runtime,
    project_id: str,
    decide: Callable[[Moment[Project]], Draft | None],
    *,
    who: Actor,
    at: datetime | None = None,
    key: Key | None = None,
    expected_version: int | None = None,
    backfill: bool = False,
    done: tuple[Claim, ...] = (),
) -> Recorded | None:
    """
    Write what *decide* makes of a project as it stands; decide again if somebody else was faster.

    Args:
        decide: returns what is to be written, or ``None`` if there is nothing; may be called several times.
        key: a request that was stored under it is returned and not repeated.
        expected_version: fail instead of deciding again.
        done: claimed work that is finished by it, also where there is nothing to write.

    Raises:
        VersionConflictError: when *expected_version* does not hold, or after sixteen lost races.
    """
    waiting, left = False, TRIES
    try:
        while True:
            project = project_of(runtime, project_id)
            stored = None if key is None else runtime.store.committed(key)
            if stored is not None:
                return _replayed(runtime, stored)
            if expected_version is not None and project.version != expected_version:
                raise VersionConflictError(project_id, expected_version, project.version)
            lifecycle = lifecycle_of(runtime, project)
            when = time_of(runtime, at, project, backfill=backfill)
            moment = _make_moment((project_id, project, lifecycle, who, when))
            draft = decide(moment)
            if draft is None:
                _finish(runtime, done)
                return None
            staged = stage(moment, draft, None if key is None else key.key)
            try:
                stored, failures = commit(runtime, staged, done=done, key=key)
            except VersionConflictError as conflict:
                left -= 1
                if expected_version is not None or not left or conflict.project_id != project_id:
                    raise
            else:
                if stored is not None:
                    return _replayed(runtime, stored)
                appends = staged.appends
                first = appends[0]
                child = None if len(appends) == 1 else appends[1].project
                return _make_recorded((first.fact, first.project, failures, False, child, draft.decision))
            waiting = waiting or runtime.retry_lock.acquire()
    finally:
        if waiting:
            runtime.retry_lock.release()


def _finish(runtime: Runtime, done: tuple[Claim, ...]) -> None:
    if done:
        commit(runtime, done=done)


def _replayed(runtime: Runtime, stored: Fact) -> Recorded:
    return Recorded(stored, project_of(runtime, stored.project_id), replayed=True)


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
        )
        runtime.store.commit(Commit(attempts=(attempt,)))
    raise TransitionRefusedError(decision)
