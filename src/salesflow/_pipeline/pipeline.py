"""
The pipeline: the object with which a program opens, moves, changes and queries projects.

Each method calls a function in the file of its verb; the docstrings are here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

import attrs

from .._lifecycle.decision import Decision, MoveOptions, Option
from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import Norms, Score
from .._model.commit import AttemptPage
from .._model.facts import Attempt, Entry, Fact
from .._model.frozen import EMPTY
from .._model.lazy import LazyModule
from .._model.project import Project
from .._model.signal_rule import SignalKind
from .._model.values import Actor
from .._model.work import DeadWork
from ..errors import InputError, say
from ..plugins._loading import utc_now
from ..typing import Clock, Listener, Scorer, Stop, Store
from .fire import fire
from .open import open_project
from .results import (
    AgendaItem,
    FeedLines,
    Fired,
    ProjectDue,
    StandUp,
    Stay,
    Waiting,
    WorkReport,
    WorkRound,
    WriteOptions,
    Written,
)
from .runtime import NOW, Runtime, WriteTime, actor_of, lifecycle_of, make_runtime, project_of
from .spawn import check_spawns


if TYPE_CHECKING:
    from .. import risks as risk_reports
    from . import (
        acknowledging,
        advice,
        agenda as agendas,
        change,
        children as belonging,
        delivery,
        entry_moves,
        feed as reading,
        path as paths,
        path_ahead,
        queries,
        rounds,
        signals,
        stand_up as stand_ups,
        waiting,
        watch as watching,
        worker,
    )
else:  # a program that opens and fires pays for no more
    risk_reports, watching = LazyModule("salesflow.risks"), LazyModule(f"{__package__}.watch")
    advice, change, delivery = (LazyModule(f"{__package__}.{name}") for name in ("advice", "change", "delivery"))
    acknowledging, reading = LazyModule(f"{__package__}.acknowledging"), LazyModule(f"{__package__}.feed")
    queries, entry_moves = LazyModule(f"{__package__}.queries"), LazyModule(f"{__package__}.entry_moves")
    rounds, waiting, worker = (LazyModule(f"{__package__}.{name}") for name in ("rounds", "waiting", "worker"))
    paths = LazyModule(f"{__package__}.path")
    belonging = LazyModule(f"{__package__}.children")
    signals = LazyModule(f"{__package__}.signals")
    agendas, stand_ups = LazyModule(f"{__package__}.agenda"), LazyModule(f"{__package__}.stand_up")


class Pipeline:
    """
    Opens projects, moves them, and finds every fact again. May be shared by threads.

    Args:
        lifecycle: one, or several (ids or versions); new projects take the last unless the call names another.
            Those of a kind of entries (``record``) decide its entries in place of the built-in one.
        store: where facts are kept; a new :class:`~salesflow.stores.MemoryStore` by default.
        clock: returns the current time, aware; read once for each call.
        actor: who acts in calls without ``actor=``.
        listeners: called after every commit, after the listeners of plugins.
        scorers: asked by :meth:`score` after the others, for example a fitted model.
        log_refusals: whether refused attempts go to the side log.

    All writes take ``actor``, ``at`` (when it happened; by default the clock says), ``key``
    (repeating a call with the same key returns what the first one stored), ``expected_version``
    (fail instead of trying again when another writer was faster), ``backfill`` (allow *at* before
    the project's last fact; never before its opening, and a move never before it entered its stage)
    and ``ahead`` (allow *at* more than a day ahead of the clock).
    """

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
        self._runtime = make_runtime(
            lifecycle,
            store=store,
            clock=clock,
            actor=actor,
            listeners=listeners,
            scorers=scorers,
            log_refusals=log_refusals,
        )
        check_spawns(self._runtime.lifecycles.values())

    @property
    def lifecycle(self) -> Lifecycle:
        """
        The lifecycle that a new project takes unless the call names another.
        """
        return self._runtime.lifecycle

    @property
    def store(self) -> Store:
        """
        Where facts are kept.
        """
        return self._runtime.store

    @property
    def actor(self) -> Actor | None:
        """
        Who acts in calls without ``actor=``.
        """
        return self._runtime.actor

    def acting(self, actor: Actor) -> Pipeline:
        """
        Return the same pipeline with a default actor.
        """
        pipeline = object.__new__(type(self))
        pipeline.__dict__.update(
            self.__dict__, _runtime=attrs.evolve(self._runtime, actor=actor_of(self._runtime, actor))
        )
        return pipeline

    def __repr__(self) -> str:
        named = ", ".join(f"{name} {version}" for name, version in self._runtime.lifecycles)
        return f"<Pipeline of {named} on {self.store!r}>"

    def __reduce__(self) -> NoReturn:
        msg = say("pipeline.copied")
        raise TypeError(msg)

    def open(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 -- the word of the domain
        fields: Mapping[str, Any] = EMPTY,
        entries: Iterable[Entry] = (),
        lifecycle: Lifecycle | None = None,
        parent: str | None = None,
        actor: Actor | None = None,
        at: datetime | None = None,
        key: str | None = None,
        ahead: bool = False,
    ) -> Project:
        """
        Open a project in the lifecycle's initial stage.

        Args:
            id: chosen by the caller, or made: from the key if there is one, else at random.
            parent: the id of the project of the same store that it belongs to, such as a period; of any lifecycle.

        Raises:
            VersionConflictError: if the id is taken.
            InputError: for a name, id, field, entry, lifecycle or parent that cannot be, and for figures: see ``add``.
        """
        when = WriteTime(at, ahead=ahead)
        return open_project(self._runtime, name, id, fields, entries, lifecycle, parent, actor, when, key)

    def children(self, project_id: str) -> tuple[Project, ...]:
        """
        Return the projects that belong to a project, by id; their own children are not among them.

        Raises:
            UnknownProjectError: if the store has none with this id.
        """
        return belonging.children(self._runtime, project_id)

    def reparent(
        self, project_id: str, parent: str | None, *, reason: str | None = None, **options: Unpack[WriteOptions]
    ) -> Written:
        """
        Put a project under another parent, or under none; in final stages too.

        Args:
            parent: the id of a project of the same store, of any lifecycle.
            reason: why; kept with the fact.

        Raises:
            UnknownProjectError: if the store has no project *project_id*.
            InputError: for a parent that is not there, is the parent already, or belongs to the project itself. Where
                another writer made that so at the same time, the change is taken back by a fact of its own.
        """
        return belonging.reparent(self._runtime, project_id, parent, reason, **options)

    def get(self, project_id: str) -> Project:
        """
        Return a project as it stands.

        Raises:
            UnknownProjectError: if the store has none with this id.
        """
        return project_of(self._runtime, project_id)

    def find(
        self,
        *,
        order_by: str | None = None,
        after: str | Project | None = None,
        limit: int = 100,
        **query: Unpack[queries.Query],
    ) -> list[Project]:
        """
        Return projects that match, in order; for the next page pass the last project as *after*.

        A page goes on behind where that project stood, also if it has changed since.

        Args:
            order_by: ``id`` (the default), ``opened_at``, ``closed_at``, ``updated_at``, ``stage``, ``owner``, or a
                declared field; with ``-`` in front it is the other way round. Ties go by id, projects without a value
                come last. Money is ordered by currency, then by amount.
            after: the last project of the page before; ordered by id its id is enough.
            query: ``stage``, ``owner``, ``outcome``, ``parent`` (the id of the project it belongs to),
                ``closed_between=(from, to)`` (two aware times, the second is not included), and ``where``: a predicate
                over fields as a definition writes it, such as ``{"amount": {"ge": 5}}``. A project for which it is
                unknown does not match.

        Raises:
            InputError: for a stage or field that no lifecycle of this pipeline has, a predicate, order or period that
                is none, or a limit below 1.
        """
        return queries.find(self._runtime, query, order_by, after, limit)

    def all(self, *, order_by: str | None = None, **query: Unpack[queries.Query]) -> Iterator[Project]:
        """
        Yield every project that matches, in order, read page by page; for *order_by* and *query* see :meth:`find`.

        In another order than that of ids, all of them are read before the first.
        """
        return queries.find_all(self._runtime, query, order_by)

    def count(self, **query: Unpack[queries.Query]) -> int:
        """
        Return how many projects match; for *query* see :meth:`find`.
        """
        return queries.count(self._runtime, query)

    def stays(self, project_id: str) -> tuple[Stay, ...]:
        """
        Return the stays of a project in its stages, oldest first; the last goes on.
        """
        return queries.stays(self._runtime, project_id)

    def waiting_for(
        self, *, role: str | None = None, actor: Actor | None = None, at: datetime | None = None
    ) -> Iterator[Waiting]:
        """
        Yield what waits for a role or a person in all open projects, by project id.

        That is approvals that are missing, triggers that take a role, and open tasks: those of the person, those that
        the person helps with, and those of the role that nobody owns yet. Alternatives are named one by one. Fields and
        entries are left out, because they do not wait for a certain person; so are final stages, and projects of
        lifecycles that this pipeline was not given. It decides every trigger of every project, so that its cost grows
        with all of them. While a quorum is not reached, an approval also waits for a person who granted it. What a
        person may approve as a deputy has ``on_behalf_of``. A project whose definition was changed under its version is
        named, with ``error``.

        Args:
            role: approvals that people of this role may give, and triggers that take it.
            actor: with the roles of this person, and without what the person may not approve.
            at: by default the clock's time.

        Raises:
            InputError: for neither or both of *role* and *actor*.
            PluginError: if a directory fails.
        """
        return waiting.waiting_for(self._runtime, role, actor, at)

    def agenda(
        self, start: datetime, end: datetime, *, who: str | None = None, project_id: str | None = None
    ) -> tuple[AgendaItem, ...]:
        """
        Return what is due with ``start <= at < end``, earliest first.

        That is slots of cadences, deadlines, planned activities, and open tasks. A slot counts if the project stood
        in the stages of the cadence, not on hold, at its time and for one working day before it; once it has closed,
        its state says whether it was met. For what is to come the project is taken to stay where it stands. A task
        without an owner is listed for each of the people of its role whom a directory knows, or else for the role,
        as ``role:presales``. Projects of lifecycles that this pipeline was not given are left out, and so are those
        that cannot be read, which are logged.

        Its cost grows with what is watched up to the end of the span, and not with what there is; only where slots
        of the span have closed are all projects looked at. What was copied into a store is found once :meth:`rearm`
        has armed it.

        Args:
            start, end: aware, at most 366 days apart.
            who: only what is this person's.
            project_id: only this project.

        Raises:
            InputError: for a span that is longer, or ends before it begins.
            UnknownProjectError: if there is no project *project_id*.
            PluginError: if a directory fails.
        """
        return agendas.agenda(self._runtime, start, end, who, project_id)

    def stand_up(
        self, at: datetime | None = None, *, who: str | None = None, project_id: str | None = None
    ) -> tuple[StandUp, ...]:
        """
        Return what each person has to say about each project in a stand-up: what was done, what is due, what blocks.

        *Done* are the moves and changes of the last working day and of today, each by who made it, with the tasks and
        activities that were done and what status reports say. *Due* is the agenda of today and of the next working
        day, and what status reports plan. *Blocks* are tasks that are blocked, all that is overdue, the help that
        status reports ask for, and what the guards of forward moves still miss. Days are those of the lifecycle's
        calendar. Projects are taken as they stand; those of lifecycles that this pipeline was not given are left out,
        and so are those that cannot be read, which are logged. The cost grows with the projects looked at.

        Args:
            at: when the stand-up takes place; by default the clock's time.
            who: only what is this person's.
            project_id: only this project.

        Raises:
            UnknownProjectError: if there is no project *project_id*.
            PluginError: if a directory fails.
        """
        return stand_ups.stand_up(self._runtime, at, who, project_id)

    def path(
        self,
        project_id: str,
        to: str,
        *,
        also: Collection[str] = (),
        actor: Actor | None = None,
        at: datetime | None = None,
    ) -> path_ahead.PathAhead:
        """
        Return the shortest way to a stage, and what each gate on it still misses; nothing is written.

        Every gate is evaluated for the project as it would be there. A gate that refuses for good, such as a loop whose
        budget is used up, closes a way. One whose guard cannot tell stays on it and says so. Forward moves come first,
        loops and reopenings where nothing else leads there. Needs of earlier gates are not assumed to be met; a need
        that returns names the earlier gate.

        Args:
            to: the id of the stage.
            also: kinds of moves that may lie on the way besides, ``hold`` and ``exit``; by default only the last move
                may be one, and exits may where *to* is a lost or cancelled stage.
            actor: who acts; by default an actor without roles, so that every needed role is named.
            at: from when on; by default the clock's time.

        Raises:
            UnknownProjectError: if the store has none with this id.
            InputError: for a stage that the lifecycle does not have, or another *also*.
        """
        return paths.path(self._runtime, project_id, to, also, actor, at)

    def due(self, start: datetime, end: datetime, *, who: str | Actor | None = None) -> Iterator[ProjectDue]:
        """
        Yield the deadlines that pass from *start* on and before *end*, earliest first, each with its project.

        Its cost grows with what is due in the span, not with the number of projects. Projects that cannot be read are
        logged and left out.

        Args:
            end: at most 366 days after *start*.
            who: only deadlines of projects or entries that this person owns.

        Raises:
            InputError: for an end before the start, or more than 366 days after it.
        """
        return queries.due(self._runtime, start, end, who)

    def history(self, project_id: str) -> tuple[Fact, ...]:
        """
        Return every fact of a project, from its opening.
        """
        return queries.history(self._runtime, project_id)

    def feed(self, lang: str = "en", *, project_id: str | None = None, after: str = "", limit: int = 1000) -> FeedLines:
        """
        Return what happened, one line for each fact, with the labels of each project's lifecycle.

        Those that this pipeline was not given are read from the definitions that the store keeps.

        Args:
            lang: any language tag.
            project_id: of one project; by default of all.
            after: the ``cursor`` of an earlier answer to the same question, to go on behind it.

        Raises:
            UnknownProjectError: if the store has none with this id.
            InputError: for a foreign cursor, or a limit below 1.
        """
        wordings = {name: each.wording for name, each in self._runtime.lifecycles.items()}
        return reading.feed(self._runtime.store, wordings, lang, project_id, after, limit)

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        return self._runtime.store.attempts(self.get(project_id).id)

    def refusals(self, after: str = "", *, limit: int = 1000) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.

        Each says transition, time, actor and the codes of the verdicts. There are none with ``log_refusals=False``.

        Raises:
            InputError: for a foreign cursor, or a limit below 1.
        """
        return self._runtime.store.refusals(after, limit=limit)

    def as_of(self, project_id: str, at: datetime | None = None, *, known_at: datetime | None = None) -> Project:
        """
        Return a project as it was at a time in the past.

        Args:
            at: counts what happened up to then, backfills included: what is known today about that time.
            known_at: counts what was recorded up to then: what was known at that time. With both, what was known at
                one time about another.

        Raises:
            InputError: if it was not open yet, or neither time is given.
        """
        return queries.as_of(self._runtime, project_id, at, known_at)

    def decide(
        self,
        project_id: str,
        trigger: str,
        *,
        actor: Actor | None = None,
        at: datetime | None = None,
        **request: Unpack[MoveOptions],
    ) -> Decision:
        """
        Decide without writing anything.

        Args:
            request: ``data``, ``entries``, ``outcome``, ``reason`` and ``overrides``; see
                :meth:`salesflow.Lifecycle.decide`.

        Raises:
            UnknownProjectError: if the store has none with this id.
            UnknownTriggerError: if no transition has this trigger.
            InputError: for data, entries, an outcome or an override that cannot be, figures among them: see ``add``.
        """
        return queries.decide(self._runtime, project_id, trigger, actor, at, request)

    def options(self, project_id: str, *, actor: Actor | None = None, at: datetime | None = None) -> tuple[Option, ...]:
        """
        Return every trigger from where the project stands: allowed, needs_input or blocked.
        """
        return queries.options(self._runtime, project_id, actor, at)

    def lifecycle_of(self, project: Project) -> Lifecycle:
        """
        Return the lifecycle, in the version, that a project runs under.

        Raises:
            InputError: if this pipeline was not given it.
        """
        if not isinstance(project, Project):  # pyright: ignore[reportUnnecessaryIsInstance] -- without a type checker
            raise InputError("project", project, say("input.project"))
        return lifecycle_of(self._runtime, project)

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
        ahead: bool = False,
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
            InputError: for data, entries, an outcome or an override that cannot be, figures among them: see ``add``.
        """
        return fire(
            self._runtime,
            project_id,
            trigger,
            data,
            entries,
            outcome,
            reason,
            overrides,
            spawn_id,
            actor,
            NOW if at is None else WriteTime(at, backfill, ahead),
            key,
            expected_version,
        )

    def update(self, project_id: str, fields: Mapping[str, Any], **options: Unpack[WriteOptions]) -> Written:
        """
        Set declared fields; ``None`` clears one.

        Raises:
            InputError: for undeclared fields and wrong types, all at once.
            ProjectLockedError: in a final stage.
        """
        return change.update(self._runtime, project_id, fields, **options)

    def add(self, project_id: str, *entries: Entry, **options: Unpack[WriteOptions]) -> Written:
        """
        Put entries into the dossier; one with the same kind and id is replaced.

        Raises:
            InputError: for entries of a kind that no plugin brought, and for figures: ``insight.snapshot`` keeps them.
            ProjectLockedError: in a final stage.
        """
        return change.add(self._runtime, project_id, entries, **options)

    def remove(self, project_id: str, kind: str, entry_id: str, **options: Unpack[WriteOptions]) -> Written:
        """
        Take an entry out of the dossier; the history keeps it.

        Raises:
            InputError: if there is no such entry, or it is an approval.
            ProjectLockedError: in a final stage.
        """
        return change.remove(self._runtime, project_id, kind, entry_id, **options)

    def approve(
        self,
        project_id: str,
        name: str,
        *,
        subject: str | None = None,
        comment: str = "",
        on_behalf_of: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Written:
        """
        Approve, as the acting actor; the engine stamps who, with which roles, and when.

        Args:
            name: what is approved, for example ``initiation``; a name that guards ask for, where they name any. For
                those of plugins that read approvals by themselves it may be any.
            subject: the id of the artefact it is about; the approval binds to its digest.
                Without one it binds to the current visit.
            comment: kept with it.
            on_behalf_of: the person whom the actor represents as a deputy. A directory must say so for
                the day of the approval; it then counts as that person's, in the roles for which the actor is deputy.
                A later decision of that person replaces it.

        Raises:
            InputError: if no guard asks for it, there is no such artefact, or the actor is not a deputy of that person.
            PluginError: if a directory fails.
        """
        return change.approve(
            self._runtime,
            project_id,
            name,
            subject=subject,
            comment=comment,
            granted=True,
            on_behalf_of=on_behalf_of,
            **options,
        )

    def decline(
        self,
        project_id: str,
        name: str,
        *,
        subject: str | None = None,
        comment: str = "",
        on_behalf_of: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Written:
        """
        Refuse an approval, as the acting actor or a deputy; approving later takes it back. See :meth:`approve`.
        """
        return change.approve(
            self._runtime,
            project_id,
            name,
            subject=subject,
            comment=comment,
            granted=False,
            on_behalf_of=on_behalf_of,
            **options,
        )

    def batch(self) -> AbstractContextManager[Any]:
        """
        Write the commits of this thread in a block together, for imports: ``with pipeline.batch(): …``.

        They are visible to this thread at once, and durable in chunks of at most 1,000, the last when the block
        ends, also with an error. Listeners are called after each chunk; those that raise are logged. What is
        lost in a crash before that can be repeated with the same keys.
        """
        return queries.batch(self._runtime)

    def tick(
        self,
        at: datetime | None = None,
        *,
        owner: str | None = None,
        limit: int = 100,
        lease: timedelta = timedelta(minutes=1),
        ahead: bool = False,
    ) -> WorkReport:
        """
        Act on the deadlines that have passed by *at*, at most *limit* of them. Nothing fires early.

        Safe in several processes at once: each deadline of each stay passes once. Those of several
        projects may be written in one commit, and a listener is called with each fact on its own.
        One that passed unseen before the project left the stay is recorded as late, without its effects.
        Slots of cadences that have closed without being met are recorded as well, each once, with ``on_missed``.

        Args:
            at: by default the clock's time.
            owner: who does it; by default this process and thread.
            ahead: allow *at* more than a day ahead of the clock.

        Raises:
            InputError: for *at* further ahead than that.
        """
        return worker.tick(self._runtime, WriteTime(at, ahead=ahead), owner, limit, lease)

    def rearm(self, project_id: str | None = None) -> int:
        """
        Watch the deadlines of a project's current stay again, or those of all projects; return how many are watched.

        For a store into which facts were copied: open work is not copied. What is past passes at the next :meth:`tick`.
        Cadences are watched from now on: slots that have closed by now are not looked at. Planned work is in the agenda
        again, and is not counted. Of all projects, those of lifecycles that this pipeline was not given are left out.

        Raises:
            UnknownProjectError: if the store has no such project.
            InputError: if this pipeline was not given its lifecycle.
        """
        return worker.rearm(self._runtime, project_id)

    def deliver(
        self,
        send: delivery.Send | None = None,
        *,
        at: datetime | None = None,
        owner: str | None = None,
        limit: int = 100,
        lease: timedelta = timedelta(minutes=1),
    ) -> WorkReport:
        """
        Deliver notices that are due, with at most *limit* deliveries; at least once each.

        The directories of the project's lifecycle look up its addressees; each plugin delivers to each of them, as
        work of its own. What fails is tried again, later each time, and given up after about three days.

        Args:
            send: delivers to one addressee, as a plugin called ``send`` would; by default the plugins of the project's
                lifecycle that implement ``salesflow_notify`` do.
            lease: how long a worker that died keeps its work; it is extended while this call runs.

        Raises:
            InputError: if no plugin or function can deliver.
        """
        return delivery.deliver(self._runtime, send, at, owner, limit, lease)

    def work(
        self,
        stop: Stop | None = None,
        *,
        send: delivery.Send | None = None,
        every: timedelta = timedelta(seconds=30),
        once: bool = False,
        report: Callable[[WorkRound], object] | None = None,
    ) -> None:
        """
        Do what is due, deadlines and notices, round after round on the calling thread, until *stop* is set.

        Several workers at once are safe. Once *stop* is set, the commit or the delivery under way is finished,
        and work that was taken on and not begun is given back. Between rounds it waits until the next work is due.
        A store that is busy or cannot be reached for a while is tried again.

        Args:
            stop: asked between two commits and between two deliveries, such as a :class:`threading.Event`;
                without one it works until the call is interrupted.
            send: delivers to one addressee, as for :meth:`deliver`. Without it, and without a plugin that delivers,
                notices stay queued.
            every: the longest wait, at most a day: what other processes write meanwhile is found that late.
            once: return as soon as nothing is due, for a program that is started at times.
            report: called after each round that did something, or could not use the store.

        Raises:
            InputError: for a *stop*, *send*, *every*, *once* or *report* that cannot be used.
            StoreError: if the store fails for good; with *once* also if it is busy or cannot be reached.
        """
        rounds.work(self._runtime, stop, send=send, every=every, once=once, report=report)

    def dead(self, *, limit: int = 100) -> tuple[DeadWork, ...]:
        """
        Return notices and deadlines that were given up, at most *limit* of each, with plugin, addressee and cause.
        """
        return (*self.store.dead("notice", limit=limit), *self.store.dead("deadline", limit=limit))

    def acknowledge(self, what: str, **options: Unpack[WriteOptions]) -> Written:
        """
        Take note of a notice, as the acting actor, so that it escalates no further; in final stages too.

        Args:
            what: the id of a notice or of one of its deliveries, or of a project for all notices that it has left.

        Raises:
            InputError: if there is neither.
        """
        return acknowledging.acknowledge(self._runtime, what, **options)

    def requeue(self, work_id: str, *, at: datetime | None = None) -> None:
        """
        Have work that was given up tried again.

        Args:
            at: from when on; by default the clock's time.

        Raises:
            InputError: if no work with this id was given up.
        """
        if not isinstance(work_id, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- without a type checker
            raise InputError("work_id", work_id, say("input.work_id"))
        self.store.requeue(work_id, at=self._runtime.clock() if at is None else at)

    def score(self, project_id: str, *, at: datetime | None = None, norms: Norms | None = None) -> tuple[Score, ...]:
        """
        Return the scores of a project: those its definition names, of the plugins, and of the pipeline's scorers.

        Args:
            at: by default the clock's time; the project is taken as it stood then.
            norms: what closed projects were like, for scores that compare with them.
        """
        return advice.score(self._runtime, project_id, at, norms)

    def risks(
        self, project_id: str, *, at: datetime | None = None, norms: Norms | None = None
    ) -> risk_reports.RiskReport:
        """
        Return the risks of a project: what the checks of its definition and of the plugins find, and its open risks.

        Args:
            at: by default the clock's time; the project is taken as it stood then.
            norms: what closed projects were like, for checks that compare with them.
        """
        return advice.risks(self._runtime, project_id, at, norms)

    def histories(self, lifecycle: Lifecycle | None = None) -> Iterator[tuple[Fact, ...]]:
        """
        Yield the facts of each project of a lifecycle, in any version, to learn from; by id.

        Args:
            lifecycle: by default the newest one of this pipeline.
        """
        return advice.histories(self._runtime, lifecycle)

    def norms(self, lifecycle: Lifecycle | None = None) -> Norms:
        """
        Return what the projects of a lifecycle were like, from all facts; keep it for a while.
        """
        return advice.norms(self._runtime, lifecycle)

    def watch(
        self, project_id: str, *, norms: Norms | None = None, **options: Unpack[WriteOptions]
    ) -> watching.WatchReport:
        """
        Evaluate the early warnings of a project's definition, and record in one fact what changed.

        That is which are on, the risks they open and the contingency plans they activate, with the notices to whom they
        name. Nothing is recorded if nothing changed, or in a final stage.

        Args:
            norms: what closed projects were like, for scores and checks that compare with them.
        """
        return watching.watch(self._runtime, project_id, norms, **options)

    def signal(
        self,
        project_id: str,
        kind: SignalKind,
        *,
        text: str = "",
        evidence: str = "",
        signal_id: str | None = None,
        **options: Unpack[WriteOptions],
    ) -> Written:
        """
        Record something outside that may ask for a change of course, and do what the definition's ``signals`` say.

        That is, in one fact: a trigger that leads on from the stage is offered, with a notice; effects run, such as an
        issue that is opened; early warnings are evaluated. Once the offered trigger is taken, the signal is decided.

        Args:
            kind: ``market``, ``need``, ``partner`` or ``competitor``.
            text: what was seen.
            evidence: where it can be looked up.
            signal_id: the id of the entry; by default made from the kind and the project's version.

        Raises:
            InputError: for another kind.
            ProjectLockedError: in a final stage.
        """
        return signals.signal(self._runtime, project_id, kind, text, evidence, signal_id, **options)

    def move_entry(
        self,
        project_id: str,
        kind: str,
        entry_id: str,
        trigger: str,
        *,
        data: Mapping[str, Any] = EMPTY,
        reason: str | None = None,
        overrides: Mapping[str, str] = EMPTY,
        **options: Unpack[WriteOptions],
    ) -> entry_moves.MovedEntry:
        """
        Take an entry through the lifecycle of its kind: one fact, or a refusal with every reason; in final stages too.

        Built in are those of ``approval_request``, ``artefact``, ``complaint``, ``goal``, ``improvement_action``,
        ``issue``, ``risk`` and ``task``, by these names. A lifecycle that the pipeline was given with
        ``record = "issue"`` takes the place of the built-in one for issues that have not moved yet.

        Args:
            kind, entry_id: the entry.
            trigger: of its lifecycle; :meth:`entry_options` has those that lead on.
            data: attributes of the entry, set with the move; ``None`` clears one.
            reason, overrides: see :meth:`salesflow.Lifecycle.decide`.

        Raises:
            TransitionRefusedError: with the decision.
            InputError: if there is no such entry, for a kind without a lifecycle, or for data that it cannot have.
        """
        return entry_moves.move_entry(
            self._runtime, project_id, kind, entry_id, trigger, data, reason, overrides, **options
        )

    def entry_options(
        self, project_id: str, kind: str, entry_id: str, *, actor: Actor | None = None, at: datetime | None = None
    ) -> tuple[Option, ...]:
        """
        Return every trigger from where an entry stands: allowed, needs_input or blocked.

        Raises:
            InputError: if there is no such entry, or its kind has no lifecycle.
        """
        return entry_moves.entry_options(self._runtime, project_id, kind, entry_id, actor, at)


def runtime_of(pipeline: Pipeline) -> Runtime:
    """
    Return what a pipeline runs on, for rooms that read its store.
    """
    return pipeline._runtime  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- this file makes it
