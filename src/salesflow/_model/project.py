"""
The frozen :class:`Project` that its facts make, with its visit and its entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from ..errors import InputError, say
from .definition import FINAL_KINDS, StageKind
from .facts import Entry
from .frozen import EMPTY, FrozenDict, maker, noun
from .values import Value


E = TypeVar("E")


@noun
class EntryMove:
    """
    A transition that an entry took, of its own lifecycle.

    Attributes:
        transition: its id.
        target: its status since then.
        at: when that was.
        by: who took it.
        lifecycle, version: what decided it; those of the first move decide the entry from then on.
    """

    transition: str
    target: str
    at: datetime
    by: str
    lifecycle: str
    version: str


@noun
class Held:
    """
    An entry as the dossier holds it.

    Attributes:
        entry: as it was put last.
        version: the project's version that put it there.
        at: when that was.
        by: who did it.
        moves: the transitions that it took of its own lifecycle, in order; putting it again keeps them.
    """

    entry: Entry
    version: int
    at: datetime
    by: str
    moves: tuple[EntryMove, ...] = ()


@noun(weakref_slot=False)
class Visit:
    """
    One stay in a stage; hold and resume continue it.

    Attributes:
        number: counts a project's visits from 1.
        stage: its id.
        entered_at: when, UTC.
        version: the project's version that began it.
        holds: when holds interrupted it, each from and to; a hold that goes on is not among them.
        passed: the ids of its deadlines that passed.
        moved: deadlines that were moved on record, each with the time that counts; ``None`` if it is not watched.
        owners: who owned the project earlier in this visit, or before the move that began it.
        missed: when each deadline that passed was due, by its id; the last time of one that hangs on a field.
    """

    number: int
    stage: str
    entered_at: datetime
    version: int
    holds: tuple[tuple[datetime, datetime], ...] = ()
    passed: tuple[str, ...] = ()
    moved: tuple[tuple[str, datetime | None], ...] = ()
    owners: tuple[str, ...] = ()
    missed: tuple[tuple[str, datetime], ...] = ()


Fields = FrozenDict[str, Any]
Entries = FrozenDict[str, FrozenDict[str, Held]]


@noun(weakref_slot=False)
class Project:
    """
    A project as it stands after its last fact. It is frozen: a new fact makes a new project.

    Attributes:
        id: unique in its store.
        name: what people call it.
        lifecycle, lifecycle_version: the definition that decides it.
        stage: where it stands.
        outcome: how it ended, or that it has not.
        fields: values of the declared fields that are set.
        entries: the dossier, by kind and id.
        version: number of commits so far.
        opened_at: the time of its opening, UTC.
        opened_by: the name of who opened it.
        updated_at: the latest time of its facts; after a backfill this may not be the time of the last fact.
        visit: the current stay; on hold, the stay in the hold stage.
        suspended: the stay that a hold interrupted.
        visits: how many visits there were.
        taken: how often each transition was taken.
        takers: who took each transition last, by its id, or the name of who took them all; see :attr:`taken_by`.
        outcome_version: the version that last changed the outcome; 0 while it is as opened.
        parent: the id of its parent: a project such as a period, or the project that spawned it.
        digest: of the definition that it runs under, where that is known.
        closed_at: when it got the decided outcome that it has, or entered a final stage without one; ``None`` while
            it is open, and again from a reopening on.
        opaque: entries whose plugin is gone, by kind and id: nothing here reads them, and no entry class has them.
        slots: the last slot of each cadence that is on record as missed, by cadence and member, ``""`` for the project.
    """

    id: str
    name: str
    lifecycle: str
    lifecycle_version: str
    stage: str
    outcome: str
    fields: Fields
    entries: Entries = attrs.field(repr=False)
    version: int
    opened_at: datetime
    opened_by: str
    updated_at: datetime
    visit: Visit
    suspended: Visit | None = None
    visits: int = 1
    taken: FrozenDict[str, int] = EMPTY
    parent: str | None = None
    outcome_version: int = 0
    digest: str | None = attrs.field(default=None, repr=False)
    opaque: Entries = EMPTY
    closed_at: datetime | None = None
    slots: FrozenDict[str, FrozenDict[str, datetime]] = EMPTY
    takers: str | FrozenDict[str, str] = attrs.field(default="", repr=False)

    @property
    def taken_by(self) -> FrozenDict[str, str]:
        """
        Who took each transition last, by its id.
        """
        takers = self.takers
        return FrozenDict(dict.fromkeys(self.taken, takers)) if isinstance(takers, str) else takers

    @property
    def owner(self) -> str | None:
        """
        The value of the field ``owner``, if the lifecycle declares one.
        """
        return self.fields.get("owner")

    @property
    def former_owners(self) -> tuple[str, ...]:
        """
        Who owned it earlier in this visit, or in the visit that a hold interrupts.
        """
        visit, suspended = self.visit, self.suspended
        return visit.owners if suspended is None else (*visit.owners, *suspended.owners)

    def holds(self, stage: str) -> bool:
        """
        Tell whether a hold interrupted a stay in *stage*.
        """
        return self.suspended is not None and self.suspended.stage == stage

    def held(self, kind: str) -> Mapping[str, Held]:
        """
        Return the entries of one kind by id, each with who put it there and when.
        """
        found: Mapping[str, Held] = self.entries.get(kind, EMPTY) if isinstance(kind, str) else EMPTY
        return found

    def all(self, kind: type[E]) -> tuple[E, ...]:
        """
        Return the entries of one class, in the order they were first added.
        """
        name = getattr(kind, "kind", None)
        if not isinstance(name, str):
            raise InputError("kind", kind, say("input.entry_class"))
        found: Any = self.entries.get(name, EMPTY)
        return tuple(held.entry for held in found.values())


@noun
class ChildProject:
    """
    What a guard may know of a child of its project.

    Attributes:
        id: the id of the project.
        lifecycle: the id of its lifecycle.
        kind: the kind of the stage in which it stands; ``None`` if its lifecycle is not known.
        outcome: how it ended, or that it has not.
        version: how many commits it had when it was read.
    """

    id: str
    lifecycle: str
    kind: StageKind | None
    outcome: str
    version: int

    @property
    def closed(self) -> bool | None:
        """
        Whether it is in a final stage; ``None`` if that is not known.
        """
        return None if self.kind is None else self.kind in FINAL_KINDS


make_project = maker(Project)


make_visit = maker(Visit)


def field_reader(name: str) -> Callable[[Project], Any]:
    """
    Return the function that reads a field's value; ``outcome`` and ``stage`` are read like fields.
    """
    if name in ("outcome", "stage"):
        return attrgetter(name)
    return lambda project: project.fields.get(name)


def field_value(project: Project, name: str) -> Value:
    """
    Return a field's value; ``outcome`` and ``stage`` are read like fields.
    """
    return getattr(project, name) if name in ("outcome", "stage") else project.fields.get(name)
