"""
The slots that count for a project: where it stood, for how long after closing, in which period, and for whom.

Those that have closed were met or missed by what was known when they closed: so the answer is the same whenever it is
asked for, whatever is entered later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import attrs

from .._model.cadence import ClosedSlot
from .._model.facts import (
    Entry,
    EntryDropped,
    EntryPut,
    Fact,
    FieldSet,
    MissedSlots,
    OpaqueEntry,
    Opened,
    SlotMissed,
    Transitioned,
)
from .._model.fold import facts_until
from .._model.frozen import noun
from .._model.project import Project
from .._model.recurrence import Following
from .._model.values import same_person
from .._model.zones import local_date
from ..calendars import slots_between
from ..dossier import Member
from ..dossier._plan import took_place
from .bind_cadences import PERIOD, BoundCadence
from .slot_windows import Window, windows


_WORKING_DAY: Final = timedelta(days=1)


@noun(slots=False)
class Stood:
    """
    One uninterrupted time of a project in a stage; *until* is ``None`` while it goes on.
    """

    stage: str
    since: datetime
    until: datetime | None = None


def slots_of(
    bound: BoundCadence,
    project: Project,
    stood: Sequence[Stood],
    start: datetime,
    end: datetime,
    anchor: datetime | None = None,
) -> tuple[datetime, ...]:
    """
    Return the slots with ``start <= slot < end`` that count.

    At such a slot the project was in the stages, not on hold, and had been there for a working day.

    Args:
        stood: where it stood, in order, as far as the span and the working day before it need.
        anchor: when what the cadence follows happened last.
    """
    found = slots_between(bound.recurrence, bound.calendar, start, end, shift=bound.cadence.shift, anchor=anchor)
    spans = tuple(_joined(bound, stood))
    return tuple(
        [
            slot
            for slot in found
            if _in_period(bound, project.fields, slot)
            and any(_counts(bound, each.since, slot) for each in spans if each.until is None or slot <= each.until)
        ]
    )


def numbers_of(
    bound: BoundCadence, project: Project, stood: Sequence[Stood], end: datetime, anchor: datetime | None
) -> dict[datetime, int]:
    """
    Return the numbers of the slots before *end* that count, from 1 since the project came into the stages.
    """
    return {
        slot: number
        for each in _joined(bound, stood)
        for number, slot in enumerate(slots_of(bound, project, (each,), each.since, end, anchor), 1)
    }


def _joined(bound: BoundCadence, stood: Iterable[Stood]) -> Iterable[Stood]:
    """
    Yield the times in the stages of a cadence, with those that follow each other as one.
    """
    last: Stood | None = None
    for each in stood:
        if each.stage not in bound.stages:
            continue
        if last is not None and last.until == each.since:
            last = attrs.evolve(last, until=each.until)
        else:
            if last is not None:
                yield last
            last = each
    if last is not None:
        yield last


def _counts(bound: BoundCadence, since: datetime, slot: datetime) -> bool:
    """
    Tell whether a slot counts for a project that has been in the stages since then: only after a working day.
    """
    after = bound.cadence.after_closing
    return since <= bound.calendar.add(slot, -_WORKING_DAY, "bd") and (
        after is None or slot <= bound.calendar.add(since, after)
    )


def _in_period(bound: BoundCadence, fields: Mapping[str, Any], slot: datetime) -> bool:
    if bound.cadence.per != "period":
        return True
    first, last = (fields.get(name) for name in PERIOD)
    day = local_date(slot, bound.calendar.zone)
    return isinstance(first, date) and isinstance(last, date) and first <= day <= last


def anchors_of(bound: BoundCadence, history: Iterable[Fact]) -> tuple[datetime | None, ...]:
    """
    Return when a project took the transition that a cadence follows, or got that outcome, each time.

    A cadence that follows nothing has the single anchor ``None``.
    """
    recurrence = bound.recurrence
    if not isinstance(recurrence, Following):
        return (None,)
    found: list[datetime | None] = []
    outcome = ""
    for fact in history:
        body = fact.body
        if isinstance(body, Opened):
            outcome = body.outcome
        elif isinstance(body, Transitioned):
            if body.transition == recurrence.anchor or outcome != body.outcome == recurrence.anchor:
                found.append(fact.at)
            outcome = body.outcome
    return tuple(found)


def missed_slots(bound: BoundCadence, history: Sequence[Fact], start: datetime, until: datetime) -> MissedSlots:
    """
    Return the slots from *start* on that closed by *until* and were not met, each with the member who missed it.

    Those that are on record are left out.

    Args:
        history: all facts of the project.
    """
    recorded = {
        pair
        for fact in history
        if isinstance(fact.body, SlotMissed) and fact.body.cadence == bound.cadence.id
        for pair in fact.body.slots
    }
    ended = closed_slots(bound, history, start, until)
    found = ((each.slot, each.member) for each in ended if not each.met)
    return tuple(dict.fromkeys(pair for pair in found if pair not in recorded))


def closed_slots(
    bound: BoundCadence, history: Sequence[Fact], start: datetime, until: datetime
) -> Iterator[ClosedSlot]:
    """
    Yield the slots from *start* on that closed by *until* and count for a project, in order.

    Args:
        history: all facts of the project.
    """
    facts = tuple([fact for fact in history if _concerns(bound, fact)])
    anchors = anchors_of(bound, facts)
    chains = ((anchor, window) for anchor in anchors for window in windows(bound, start, until, anchor))
    for anchor, window in sorted(chains, key=lambda each: each[1]):
        known = facts_until(facts, known_at=window.closes)
        members = _members_due(bound, facts_until(known, at=window.slot), window.slot, anchor)
        if members:
            times = tuple(times_met(bound, _entries(known)))
            for member in members:
                yield ClosedSlot(window.slot, member, is_met(window, times, member))


def _concerns(bound: BoundCadence, fact: Fact) -> bool:
    if isinstance(fact.body, (Opened, Transitioned)):
        return True
    return any(
        change.field in PERIOD
        if isinstance(change, FieldSet)
        else (change.entry.kind if isinstance(change, EntryPut) else change.kind) in (Member.kind, bound.meets)
        for change in fact.body.changes
    )


def _members_due(
    bound: BoundCadence, then: Sequence[Fact], slot: datetime, anchor: datetime | None
) -> tuple[str | None, ...]:
    """
    Return for whom a slot counts; ``None`` stands for the project, and the result is empty where it does not count.

    Args:
        then: the facts of before the slot, as they were known when it closed.
    """
    since: datetime | None = None
    fields: dict[str, Any] = {}
    for fact in then:
        body = fact.body
        fields.update({each.field: each.value for each in body.changes if isinstance(each, FieldSet)})
        if isinstance(body, (Opened, Transitioned)):
            stage = body.stage if isinstance(body, Opened) else body.target
            since = None if stage not in bound.stages else since or fact.at
    if since is None or not _counts(bound, since, slot) or not _in_period(bound, fields, slot):
        return ()
    if anchors_of(bound, then)[-1:] != (anchor,):
        return ()  # it has happened again since
    if bound.cadence.per != "member":
        return (None,)
    entries = (entry for entry, _ in _entries(then))
    return tuple([entry.id for entry in entries if isinstance(entry, Member) and entry.active])


def _entries(facts: Iterable[Fact]) -> Iterable[tuple[Entry | OpaqueEntry, datetime]]:
    """
    Return the entries after some facts, each with when it was put.
    """
    found: dict[tuple[str, str], tuple[Entry | OpaqueEntry, datetime]] = {}
    for fact in facts:
        for change in fact.body.changes:
            if isinstance(change, EntryPut):
                found[change.entry.kind, change.entry.id] = change.entry, fact.at
            elif isinstance(change, EntryDropped):
                found.pop((change.kind, change.id), None)
    return found.values()


def can_meet(bound: BoundCadence, entry: Any) -> bool:
    """
    Tell whether a cadence is met by entries of this kind, and of this type.
    """
    ((meets, name),) = bound.cadence.met_by.items()
    return entry.kind == bound.meets and (meets == "entry" or entry.type == name)


def times_met(
    bound: BoundCadence, entries: Iterable[tuple[Any, datetime]]
) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """
    Yield when each entry that can meet a slot took place, and whom it concerns.

    That is the entry's own time, the start of its own day, or when it was put if it has neither.
    """
    for entry, put in entries:
        when = took_place(entry, put, bound.calendar.zone) if can_meet(bound, entry) else None
        if when is None:
            continue
        member = getattr(entry, "member", None)
        others = (getattr(entry, each, None) or () for each in ("owner", "by", "attendees", "participants", "members"))
        people = [one for each in others for one in ((each,) if isinstance(each, str) else each)]
        yield when, (member,) if member else tuple(people)


def is_met(window: Window, times: Iterable[tuple[datetime, tuple[str, ...]]], member: str | None) -> bool:
    """
    Tell whether something took place in a window that concerns a member, or for the project anything.
    """
    return any(
        window.opens < when <= window.closes and (member is None or any(same_person(each, member) for each in people))
        for when, people in times
    )
