"""
The runtime of a pipeline: what its functions share, frozen, with the look-ups that each of them begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import RLock
from typing import Final, NamedTuple

import attrs

from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import BoundAdvice
from .._model.facts import Entry
from .._model.frozen import FrozenDict, noun
from .._model.messages import PLAIN_WORDING, Wording
from .._model.parameters import check_plain
from .._model.project import Project
from .._model.values import Actor, check_reach, person, to_utc
from ..errors import BackfillError, DefinitionChangedError, InputError, UnknownProjectError, say
from ..plugins._loading import utc_now
from ..stores import MemoryStore
from ..typing import Clock, Listener, Scorer, Store
from .listeners import Listeners


AHEAD: Final = timedelta(days=1)
"""How far ahead of the clock a time may lie: clocks and zones may be off by so much, a mistyped year is further."""


@noun(eq=False)
class Runtime:
    """
    What a pipeline runs on.

    Attributes:
        lifecycles: by id and version, in the order given.
        lifecycle: what a new project takes unless the call names another.
        records: of those given, the lifecycles of entries, by kind.
        clock: says the time in UTC.
        actor: who acts in calls without ``actor=``.
        listeners: for each lifecycle, those of its plugins first.
        scorers: asked after those of the lifecycle.
        log_refusals: whether refused attempts go to the side log.
        kept: the lifecycles, by id and version, whose definitions the store is known to have.
        ahead: how far ahead of the clock the time of a write may lie unless the call says so.
        looked: when provisional deadlines were last compared with what the calendars know.
        retry_lock: held by a writer that lost a race, so that those who lost try again one after the other.
    """

    lifecycles: Mapping[tuple[str, str], Lifecycle]
    lifecycle: Lifecycle
    records: Mapping[str, Lifecycle]
    store: Store
    clock: Clock
    actor: Actor | None
    listeners: Listeners
    scorers: tuple[BoundAdvice, ...]
    log_refusals: bool
    ahead: timedelta = AHEAD
    kept: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    looked: list[datetime] = attrs.field(factory=list[datetime])
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
        raise InputError("lifecycle", lifecycle, say("input.lifecycle"))
    if isinstance(store, type) or (store is not None and not isinstance(store, Store)):
        raise InputError("store=", store, say("input.store"))
    for what, calls in (("clock=", (clock,)), ("listeners=", listeners), ("scorers=", scorers)):
        if not isinstance(calls, Sequence):
            raise InputError(what, calls, say("input.functions"))
        for each in calls:
            check_plain(what, each)
    if not isinstance(log_refusals, bool):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a type checker
        raise InputError("log_refusals=", log_refusals, say("input.yes_or_no"))
    lifecycles = FrozenDict({(each.id, each.version): each for each in given})
    if len(lifecycles) < len(given):
        names = [f"{each.id} {each.version}" for each in given]
        raise InputError("lifecycle", names, say("input.lifecycle_twice"))
    own = [(str(getattr(call, "__name__", call)), call) for call in listeners]
    named = [(str(getattr(each, "name", None) or getattr(each, "__name__", each)), each) for each in scorers]
    runtime = Runtime(
        lifecycles,
        next((each for each in reversed(given) if each.definition.record is None), given[-1]),
        FrozenDict({kind: each for each in given if (kind := each.definition.record) is not None}),
        MemoryStore() if store is None else store,
        clock if clock is utc_now else partial(_read_clock, clock),
        None,
        Listeners({key: (*each.contributions.listeners, *own) for key, each in lifecycles.items()}),
        tuple(BoundAdvice(name, each, plugin=name) for name, each in named),
        log_refusals,
    )
    return runtime if actor is None else attrs.evolve(runtime, actor=actor_of(runtime, actor))


def _read_clock(clock: Clock) -> datetime:
    return to_utc(clock(), "clock")


def chosen_lifecycle(runtime: Runtime, lifecycle: Lifecycle | None) -> Lifecycle:
    """
    Return a lifecycle that a call names, or else the pipeline's own.

    Raises:
        InputError: if the pipeline was not given it.
    """
    if lifecycle is None:
        return runtime.lifecycle
    if lifecycle not in runtime.lifecycles.values():
        known = [f"{known_id} {version}" for known_id, version in runtime.lifecycles]
        built = isinstance(lifecycle, Lifecycle)
        hint = say("input.lifecycle_first", known=known) if built else say("input.lifecycle")
        raise InputError("lifecycle=", lifecycle, hint)
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
    found = runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
    if found is None:
        known = [f"{name} {version}" for name, version in runtime.lifecycles]
        wanted = f"{project.lifecycle} {project.lifecycle_version}"
        hint = say("input.lifecycle_give", known=known)
        raise InputError(say("what.lifecycle_of", project_id=project.id), wanted, hint)
    return found


def deciding_lifecycle(runtime: Runtime, project: Project) -> Lifecycle:
    """
    Return the lifecycle that a project runs under, to decide about it.

    Raises:
        InputError: if the pipeline was not given it.
        DefinitionChangedError: if its definition was changed under its version.
    """
    # Looked up here and not by a call: every write comes by.
    key = project.lifecycle, project.lifecycle_version
    lifecycle = runtime.lifecycles.get(key) or lifecycle_of(runtime, project)
    if project.digest is not None and project.digest != lifecycle.digest is not None:
        raise DefinitionChangedError(lifecycle.id, lifecycle.version, project.id)
    return lifecycle


def read_once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """
    Return entries that every try of a write may look at.

    Raises:
        InputError: if there is nothing to go through.
    """
    if not isinstance(entries, Iterable):
        raise InputError("entries", entries, say("input.entries"))
    return tuple(entries)


def actor_of(runtime: Runtime, actor: Actor | None) -> Actor:
    """
    Return who acts: the actor that a call names, or else the pipeline's own.

    Raises:
        InputError: if there is neither, or for a name that is not in the form in which persons are compared.
    """
    who = runtime.actor if actor is None else actor
    if not isinstance(who, Actor):
        raise InputError("actor=", who, say("input.actor"))
    if actor is not None and person(actor.name) != actor.name:
        hint = say("input.normal_form", actor=person(actor.name))
        raise InputError("actor=", actor.name, hint)
    return who


class WriteTime(NamedTuple):
    """
    What a write says of its time.

    Attributes:
        at: when it happened; ``None`` for what the clock says.
        backfill: whether it may lie before the project's last fact.
        ahead: whether it may lie more than a day ahead of the clock.
        waits: whether it becomes the time of the project's last fact if it lies before that, as the clock's time does.
    """

    at: datetime | None = None
    backfill: bool = False
    ahead: bool = False
    waits: bool = False


NOW: Final = WriteTime()


def times_of(runtime: Runtime, when: WriteTime, project: Project | None, project_id: str) -> tuple[datetime, datetime]:
    """
    Return when a write happened, and when it is recorded. A clock never runs back within a project.

    Raises:
        BackfillError: if *at* lies before the project's opening, or before its last fact unless *backfill* allows it.
        InputError: for a time without a zone, or one that is too far ahead of the clock.
    """
    now = runtime.clock()
    if when.at is None:
        return now if project is None or now >= project.updated_at else project.updated_at, now
    at, backfill, ahead, waits = when
    at = to_utc(at, "at=")
    check_reach(at, "at=")
    if at - now > runtime.ahead and not ahead:
        at, now = (each.astimezone(_wording(runtime, project).zone) for each in (at, now))
        what = say("what.at", project_id=project_id) if project_id else "at="
        raise InputError(what, at, say("input.ahead", when=now))
    if project is None or at >= project.updated_at:
        return at, now
    if waits:
        return project.updated_at, now
    zone = _wording(runtime, project).zone
    if at < project.opened_at:
        opened = project.opened_at.astimezone(zone)
        raise BackfillError(project.id, at.astimezone(zone), opened, say("input.before_opening", when=opened))
    if not backfill:
        raise BackfillError(project.id, at.astimezone(zone), project.updated_at.astimezone(zone))
    return at, now


def _wording(runtime: Runtime, project: Project | None) -> Wording:
    """
    Return how the parts of a project are named, and where its times are read.
    """
    lifecycle = project and runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
    return lifecycle.wording if lifecycle else PLAIN_WORDING


def check_entered(runtime: Runtime, project: Project, at: datetime) -> None:
    """
    Check that a move does not lie before the project entered, or came back to, the stage that it leaves.

    Raises:
        BackfillError: if it does.
    """
    visit = project.visit
    since = visit.holds[-1][1] if visit.holds else visit.entered_at
    if at < since:
        wording = _wording(runtime, project)
        at, since = (each.astimezone(wording.zone) for each in (at, since))
        hint = say("input.before_visit", stage=wording.label("stage", project.stage), when=since)
        raise BackfillError(project.id, at, since, hint)


def time_of(runtime: Runtime, at: datetime | None, project: Project) -> datetime:
    """
    Return the time for which a question is asked: any *at*, or the clock's, which never runs back within a project.

    Raises:
        InputError: for a time without a zone.
    """
    return times_of(runtime, NOW, project, project.id)[0] if at is None else to_utc(at, "at=")
