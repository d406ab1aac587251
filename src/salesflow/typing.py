"""
What plugins and adapters implement, as Protocols, and the values in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, Unpack, runtime_checkable

from ._model.advice import Advice, AdviceContext, Finding, Score
from ._model.cadence import Cadence
from ._model.calendar import CALENDAR_DAYS, Calendar
from ._model.commit import Append, AttemptPage, Capabilities, Commit, Committed, Key, Page, StoreCheck, StoredDefinition
from ._model.definition import (
    Deadline,
    GuardUse,
    Invariant,
    Outcome,
    OutcomeClass,
    Spawn,
    Stage,
    StageTask,
    Transition,
)
from ._model.early_warning import EarlyWarning
from ._model.facts import (
    Attempt,
    Body,
    Change,
    Changed,
    DeadlineMoved,
    DeadlinePassed,
    Entry,
    EntryDropped,
    EntryMoved,
    EntryPut,
    Fact,
    FieldSet,
    Notice,
    OpaqueEntry,
    Opened,
    Override,
    Reparented,
    SlotMissed,
    Transitioned,
)
from ._model.insight import Insight
from ._model.messages import Wording
from ._model.predicate import Predicate
from ._model.project import ChildProject, EntryMove, Held, Project, Visit
from ._model.query import Asked
from ._model.signal_rule import SignalRule
from ._model.uses import AdviceUse, EffectUse
from ._model.values import Actor, Duration, Label, Value
from ._model.verdict import GuardSpec, Remedy, Verdict
from ._model.work import Claim, DeadWork, DueDeadline, Work, WorkKind
from ._model.working_time import WorkingTime
from ._model.zones import local_date


if TYPE_CHECKING:
    from .dossier import KpiDefinition


__all__ = [
    "AdviceContext",
    "AdviceUse",
    "Append",
    "Asked",
    "Attempt",
    "AttemptPage",
    "Body",
    "Cadence",
    "Calendar",
    "Capabilities",
    "Change",
    "Changed",
    "Check",
    "ChildProject",
    "Claim",
    "Clock",
    "Commit",
    "Committed",
    "Context",
    "DeadWork",
    "Deadline",
    "DeadlineMoved",
    "DeadlinePassed",
    "DefinedKpi",
    "DefinitionStore",
    "DueDeadline",
    "Duration",
    "EarlyWarning",
    "Effect",
    "EffectContext",
    "EffectUse",
    "Entry",
    "EntryDropped",
    "EntryMove",
    "EntryMoved",
    "EntryPut",
    "FieldSet",
    "Finding",
    "GuardSpec",
    "GuardUse",
    "Held",
    "Insight",
    "Invariant",
    "Key",
    "Label",
    "Listener",
    "Notice",
    "OpaqueEntry",
    "Opened",
    "Outcome",
    "OutcomeClass",
    "Override",
    "Page",
    "Predicate",
    "Remedy",
    "Reparented",
    "RiskCheck",
    "Score",
    "Scorer",
    "SignalRule",
    "SlotMissed",
    "Spawn",
    "StageTask",
    "Stop",
    "Store",
    "StoreCheck",
    "StoredDefinition",
    "Transitioned",
    "Value",
    "Visit",
    "Wording",
    "Work",
    "WorkKind",
    "WorkingTime",
]


class Context(NamedTuple):
    """
    Everything a guard may look at. It is a tuple because one is made for every decision.

    Attributes:
        project: the *proposed* project: data, entries and outcome of the call included.
        transition: the transition that is asked about.
        actor: who wants to take it.
        at: when, UTC. A guard has no other clock.
        reason: the reason given with the call.
        stored: the project as it is stored, without the values of the call.
        calendar: the working days and the time zone of the lifecycle.
        children: the projects that belong to it, by id; ``None`` where they were not read: a host object has none, and
            for a guard that has no ``children`` among its *kinds* nobody reads them.
    """

    project: Project
    transition: Transition
    actor: Actor
    at: datetime
    reason: str | None = None
    stored: Project | None = None
    calendar: Calendar = CALENDAR_DAYS
    children: tuple[ChildProject, ...] | None = None

    @property
    def today(self) -> date:
        """
        The day of *at* in the lifecycle's time zone.
        """
        return local_date(self.at, self.calendar.zone)


# One is made for every candidate of every decision; this skips a Python call of the class.
_Seen: TypeAlias = tuple[
    Project, Transition, Actor, datetime, str | None, Project, Calendar, tuple[ChildProject, ...] | None
]
make_context: Callable[[_Seen], Context] = partial(
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType]  # of a plain tuple, whatever is in it
    Context,
)


class EffectContext(NamedTuple):
    """
    Everything an effect may look at.

    Attributes:
        project: with the changes of the call and of earlier effects; still in the source stage.
        transition: the transition that is being taken.
        source: the stage it leaves.
        target: the stage it enters.
        outcome: the outcome afterwards.
        actor: who takes it.
        at: when, UTC. An effect has no other clock.
        version: the version that the commit will have.
        calendar: the working days and the time zone of the lifecycle.
        about: the entry that moves, as ``kind:id``; empty for a project.
    """

    project: Project
    transition: Transition
    source: Stage
    target: Stage
    outcome: str
    actor: Actor
    at: datetime
    version: int
    calendar: Calendar = CALENDAR_DAYS
    about: str = ""

    @property
    def today(self) -> date:
        """
        The day of *at* in the lifecycle's time zone.
        """
        return local_date(self.at, self.calendar.zone)


Scorer: TypeAlias = Advice[Score | Sequence[Score] | None]
"""Computes scores of a project: pure and total. ``None`` says that there is nothing to score."""

RiskCheck: TypeAlias = Advice[Finding | Sequence[Finding] | None]
"""Looks for one kind of risk: pure and total. ``None`` says that nothing was found."""

Check: TypeAlias = Callable[[Context], Verdict | Sequence[Verdict]]
"""The rule of a guard: pure, total, and silent about the world outside its context."""

Effect: TypeAlias = Callable[[EffectContext], Iterable[Change | Notice]]
"""What a transition also does: pure, returning changes and notices of the same commit."""

Clock: TypeAlias = Callable[[], datetime]
"""Returns the current time, aware. It is read once for each call of a pipeline."""

Listener: TypeAlias = Callable[[tuple[Fact, ...], Project], None]
"""Called after a commit, on the caller's thread. What it raises undoes nothing."""


class Stop(Protocol):
    """
    Asks a worker to stop. A :class:`threading.Event` is one.
    """

    def is_set(self) -> bool:
        """
        Return whether it was asked.
        """
        ...

    def wait(self, timeout: float) -> object:
        """
        Return once it was asked, or after *timeout* seconds.
        """
        ...


class DefinedKpi(Protocol):
    """
    A KPI that a plugin brings: what it means, and how it is computed. ``insight.kpi`` and ``insight.combined`` make it.
    """

    @property
    def definition(self) -> KpiDefinition:
        """
        What it means, in words.
        """
        ...


@runtime_checkable
class DefinitionStore(Protocol):
    """
    A store that also keeps the definitions that its projects run under, one for each id and version.
    """

    def keep_definition(self, definition: StoredDefinition) -> StoredDefinition:
        """
        Keep a definition, unless its id and version are kept already; return the kept definition.
        """
        ...

    def definitions(self) -> Sequence[StoredDefinition]:
        """
        Return the definitions that are kept, ordered by id and version.
        """
        ...


@runtime_checkable
class Store(Protocol):
    """
    Where facts are kept. A handle may be shared by threads, and belongs to one tenant.
    """

    @property
    def caps(self) -> Capabilities:
        """
        What it can do beyond the contract.
        """
        ...

    def commit(self, commit: Commit) -> Committed:
        """
        Write everything in *commit* or nothing; durable when it returns.

        The key is looked up first: the same request returns the stored fact.

        Raises:
            VersionConflictError: a project is not at the expected version.
            KeyReusedError: the key belongs to another request.
            InvalidValueError, TooLargeError: outside the value domain.
            StoreError: everything else a store may meet.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """
        Write the commits of this thread in a block together: ``with store.batch(): …``.

        They count at once for this thread. At most 1,000 become durable together, each whole or not at all,
        and all when the block ends, also with an error. A commit that is refused leaves the others alone.
        """
        ...

    def when_durable(self, call: Callable[[], object]) -> bool:
        """
        Keep *call* until what this thread committed is durable, and call it then, in order, without a lock.

        Returns:
            Whether it is kept; ``False`` where every commit of this thread is durable already.
        """
        ...

    def head(self, project_id: str) -> Project | None:
        """
        Return the project as it stands, or ``None``.
        """
        ...

    def load(self, project_id: str, *, after: int = 0, upto: int | None = None) -> Iterator[Fact]:
        """
        Yield the facts with ``after < version <= upto``, in order.
        """
        ...

    def feed(self, after: str = "", *, limit: int = 1000) -> Page:
        """
        Return the facts of all projects behind a cursor, in commit order.
        """
        ...

    def find(
        self,
        *,
        order_by: str | None = None,
        after: str | Project | None = None,
        limit: int = 100,
        **asked: Unpack[Asked],
    ) -> list[Project]:
        """
        Return projects that match, ordered by id or by *order_by*.

        Args:
            order_by: ``id``, ``opened_at``, ``closed_at``, ``updated_at``, ``stage``, ``owner`` or a field; with ``-``
                in front it is the other way round. Ties go by id; projects without a value come last.
            after: the last project of the page before, as it was there; ordered by id its id is enough.
            asked: ``stage``, ``owner``, ``outcome``, ``parent``, ``closed_between=(from, to)``, where the second time
                is not included, and ``where``. A project for which *where* is unknown does not match.
        """
        ...

    def count(self, **asked: Unpack[Asked]) -> int:
        """
        Return how many projects match.
        """
        ...

    def committed(self, key: Key) -> Fact | None:
        """
        Return the fact that was stored under a key, or ``None``.

        Raises:
            KeyReusedError: the key belongs to another request.
        """
        ...

    def attempts(self, project_id: str) -> Sequence[Attempt]:
        """
        Return the refused attempts of a project, oldest first.
        """
        ...

    def refusals(self, after: str = "", *, limit: int = 1000) -> AttemptPage:
        """
        Return the refused attempts of all projects behind a cursor, in order.
        """
        ...

    def claim(self, kind: WorkKind, *, owner: str, limit: int, lease: timedelta, at: datetime) -> Sequence[Claim]:
        """
        Take on work that is due at *at*, for the time of a lease: earliest first, ties by id.

        Work whose lease has run out is given out again, with a higher token.
        """
        ...

    def extend(self, claim: Claim, *, lease: timedelta, at: datetime) -> Claim:
        """
        Hold a claim for longer.

        Raises:
            LeaseLostError: another worker may hold it.
        """
        ...

    def release(self, claim: Claim, *, retry_at: datetime | None, error: str) -> None:
        """
        Give work back, to be tried again at *retry_at*; ``None`` gives it up as dead.

        Raises:
            LeaseLostError: another worker may hold it.
        """
        ...

    def next_due(self, kind: WorkKind) -> datetime | None:
        """
        Return when the next work of a kind is due or its lease runs out, or ``None``.
        """
        ...

    def upcoming(
        self, kind: WorkKind, *, until: datetime, after: Work | None = None, limit: int = 100
    ) -> Sequence[Work]:
        """
        Return open work of a kind that is due by *until*, whether it is claimed or not.

        Earliest first, ties by id; *after* is the last work of the page before.
        """
        ...

    def dead(self, kind: WorkKind, *, limit: int = 100) -> Sequence[DeadWork]:
        """
        Return work that was given up, by id.
        """
        ...

    def requeue(self, work_id: str, *, at: datetime) -> None:
        """
        Have dead work tried again from *at* on, with its attempts counted from zero.

        Raises:
            InputError: there is no dead work with this id.
        """
        ...

    def check(self, *, deep: bool = False) -> StoreCheck:
        """
        Look whether everything fits together; *deep* reads every fact. Repairs nothing.
        """
        ...

    def purge(self, *, keys_before: datetime) -> int:
        """
        Forget the keys of facts committed before a time; return how many. Facts are never purged.
        """
        ...

    def close(self) -> None:
        """
        Release everything; closing twice is harmless.
        """
        ...
