"""
The runtime of a pipeline: what its functions share, frozen, and the questions that each of them begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from threading import RLock

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import BoundAdvice
from .._model.facts import Entry
from .._model.frozen import FrozenDict
from .._model.parameters import check_plain
from .._model.project import Project
from .._model.values import Actor, person, to_utc
from ..errors import BackfillError, InputError, UnknownProjectError
from ..stores import MemoryStore
from ..typing import Clock, Listener, Scorer, Store
from .listeners import Listeners


@attrs.frozen(eq=False)
class Runtime:
    """
    What a pipeline runs on.

    Attributes:
        lifecycles: by id and version, in the order given.
        lifecycle: what a new project takes unless the call names another.
        actor: who acts when a call names nobody.
        listeners: for each lifecycle, those of its plugins first.
        scorers: asked after those of the lifecycle.
        log_refusals: whether refused attempts go to the side log.
        retry_lock: held by a writer that lost a race, so that those who lost try again one after the other.
    """

    lifecycles: Mapping[tuple[str, str], Lifecycle]
    lifecycle: Lifecycle
    store: Store
    clock: Clock
    actor: Actor | None
    listeners: Listeners
    scorers: tuple[BoundAdvice, ...]
    log_refusals: bool
    retry_lock: RLock = attrs.field(factory=RLock)


def make_runtime(
    lifecycle: Lifecycle | Sequence[Lifecycle],
    *,
    store: Store | None,
    clock: Clock,
    actor: Actor | None,
    listeners: Sequence[Listener],
    scorers: Sequence[Scorer],
    log_refusals: bool,
) -> Runtime:
    """
    Check what :class:`salesflow.Pipeline` was given, and bring it together.

    Raises:
        InputError: for a lifecycle, store or actor that cannot be used, or a lifecycle given twice.
    """
    given = tuple(lifecycle) if isinstance(lifecycle, Sequence) else (lifecycle,)
    if not given or not all(isinstance(each, Lifecycle) for each in given):
        raise InputError("lifecycle", lifecycle, "Pass what load_lifecycle() or build_lifecycle() returned.")
    if store is not None and not isinstance(store, Store):
        raise InputError("store=", store, "Pass an open store, for example JournalStore('sales/').")
    for what, calls in (("clock=", (clock,)), ("listeners=", listeners), ("scorers=", scorers)):
        if not isinstance(calls, Sequence):
            raise InputError(what, calls, "Pass a list of functions.")
        for each in calls:
            check_plain(what, each)
    lifecycles = FrozenDict({(each.id, each.version): each for each in given})
    if len(lifecycles) < len(given):
        names = [f"{each.id} {each.version}" for each in given]
        raise InputError("lifecycle", names, "One comes twice; give a changed definition a new version.")
    own = [(str(getattr(call, "__name__", call)), call) for call in listeners]
    named = [(str(getattr(each, "name", None) or getattr(each, "__name__", each)), each) for each in scorers]
    runtime = Runtime(
        lifecycles,
        given[-1],
        MemoryStore() if store is None else store,
        clock,
        None,
        Listeners({key: (*each.plugins.listeners, *own) for key, each in lifecycles.items()}),
        tuple(BoundAdvice(name, each, plugin=name) for name, each in named),
        log_refusals,
    )
    return runtime if actor is None else attrs.evolve(runtime, actor=actor_of(runtime, actor))


def chosen_lifecycle(runtime: Runtime, lifecycle: Lifecycle | None) -> Lifecycle:
    """
    Return a lifecycle that a call names, or else the pipeline's own.

    Raises:
        InputError: if the pipeline was not given it.
    """
    if lifecycle is None:
        return runtime.lifecycle
    if lifecycle not in runtime.lifecycles.values():
        known = ", ".join(f"{known_id} {version}" for known_id, version in runtime.lifecycles)
        raise InputError("lifecycle=", lifecycle, f"Give it to the Pipeline first. Known: {known}.")
    return lifecycle


def project_of(runtime: Runtime, project_id: str) -> Project:
    """
    Return a project as it stands.

    Raises:
        UnknownProjectError: if the store has none with this id.
    """
    project = runtime.store.head(project_id) if isinstance(project_id, str) else None
    if project is None:
        raise UnknownProjectError(project_id)
    return project


def lifecycle_of(runtime: Runtime, project: Project) -> Lifecycle:
    """
    Return the lifecycle, in the version, that a project runs under.

    Raises:
        InputError: if the pipeline was not given it.
    """
    if not isinstance(project, Project):
        raise InputError("project", project, "Pass a project, such as pipeline.get() returns.")
    found = runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
    if found is None:
        known = ", ".join(f"{name} {version}" for name, version in runtime.lifecycles)
        wanted = f"{project.lifecycle} {project.lifecycle_version}"
        hint = f"Give it to the Pipeline. Known: {known}."
        raise InputError(f"lifecycle of project {project.id!r}", wanted, hint)
    return found


def read_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """
    Return entries that every try of a write may look at.

    Raises:
        InputError: if there is nothing to go through.
    """
    if not isinstance(entries, Iterable):
        raise InputError("entries", entries, "Pass a list of entries.")
    return tuple(entries)


def actor_of(runtime: Runtime, actor: Actor | None) -> Actor:
    """
    Return who acts: the actor that a call names, or else the pipeline's own.

    Raises:
        InputError: if there is neither.
    """
    who = runtime.actor if actor is None else actor
    if not isinstance(who, Actor):
        raise InputError("actor=", who, "Every fact says who acted; pass actor=Actor(…) or use pipeline.acting(…).")
    if actor is not None and person(actor.name) != actor.name:
        hint = f"It differs from its normal form, which is {person(actor.name)!r}: no blanks at its ends, Unicode NFC."
        raise InputError("actor=", actor.name, hint)
    return who


def time_of(runtime: Runtime, at: datetime | None, project: Project | None, backfill: bool = False) -> datetime:
    """
    Return the time of a call: *at* as given, or the clock's, which never runs back within a project.

    Raises:
        BackfillError: if *at* lies before the project's last fact, unless *backfill* allows it.
        InputError: for a time without a zone.
    """
    if at is None:
        now = runtime.clock()
        if now.__class__ is not datetime or now.tzinfo is not UTC:
            now = to_utc(now, "clock")
        return now if project is None or now >= project.updated_at else project.updated_at
    when = to_utc(at, "at=")
    if project is not None and when < project.updated_at and not backfill:
        raise BackfillError(project.id, when, project.updated_at)
    return when
