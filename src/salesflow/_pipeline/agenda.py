"""
The agenda: what is due in a span of time, for projects and people.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain
from typing import Final

from .._lifecycle.bind_cadences import BoundCadence
from .._lifecycle.cadence_slots import Stood, anchors_of, is_met, numbers_of, slots_of, times_met
from .._lifecycle.lifecycle import Lifecycle
from .._lifecycle.planned_work import planned_for, watched_at
from .._lifecycle.slot_windows import windows
from .._model.cadence import Cadence
from .._model.facts import Fact, SlotMissed
from .._model.project import Project
from .._model.recurrence import Following
from .._model.values import Label, check_text, same_person, to_utc
from .._model.vocabulary import name_of
from .._model.work import DueDeadline
from .._model.zones import midnight
from ..calendars import slots_between
from ..dossier import Activity, Member, Task
from ..errors import InputError, say
from ..stores.adapting import readable
from .addressing import people_at
from .entry_lifecycles import dues_of_entries
from .queries import find_all, history, stays, upcoming
from .results import AgendaItem, SlotState
from .runtime import Runtime, project_of


_LONGEST: Final = timedelta(days=366)
_DAY: Final = timedelta(days=1)
_FIRST_DAY: Final = date(1, 1, 2)  # so that it has begun in the first year everywhere
_ALL: Final = 2**31 - 1
_WORKING_DAY: Final = timedelta(days=1)


def agenda(
    runtime: Runtime, start: datetime, end: datetime, who: str | None, project_id: str | None
) -> tuple[AgendaItem, ...]:
    """
    Return what is due in a span; see :meth:`salesflow.Pipeline.agenda`.
    """
    check_text(who, "who=")
    first, last = to_utc(start, "start"), to_utc(end, "end")
    if not timedelta() <= last - first <= _LONGEST:
        raise InputError("span of an agenda", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}", say("input.agenda"))

    def read(project: Project) -> list[AgendaItem]:
        lifecycle = runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
        items = () if lifecycle is None else items_of(runtime, lifecycle, project, first, last)
        return [each for each in items if first <= each.at < last and (who is None or same_person(each.who, who))]

    if project_id is None:
        items = list(chain.from_iterable(readable(_concerned(runtime, first, last), read)))
    else:
        items = read(project_of(runtime, project_id))
    return tuple(sorted(items, key=lambda each: (each.at, each.project_id, each.kind, each.name, each.who or "")))


def _concerned(runtime: Runtime, first: datetime, last: datetime) -> Iterator[Project]:
    """
    Yield every project that may have something in a span, by what the store watches.

    Of slots that have closed it watches nothing any more, so for a span with such slots all projects are looked at.
    """
    now = runtime.clock()
    cadences = [bound for each in runtime.lifecycles.values() for bound in each.cadences]
    if any(_has_closed(bound, first, last, now) for bound in cadences):
        yield from find_all(runtime, {})
        return
    with_slots = [bound for bound in cadences if _may_have_slots(bound, first, last)]
    names = {bound.cadence.id for bound in with_slots}
    # A slot is watched until it closes, and what was tried in vain is due again within a day.
    closing = [bound.calendar.add(last, bound.cadence.grace) for bound in with_slots]
    dues = [due for _, due in upcoming(runtime, None if names else first, max(last, now + _DAY, *closing))]
    given_up = (each.work.body for each in runtime.store.dead("deadline", limit=_ALL))
    dues += [each for each in given_up if isinstance(each, DueDeadline)]
    planned = upcoming(runtime, watched_at(first) - _DAY, watched_at(last) + _DAY)
    found = [due.project_id for due in dues if _lies_in(due, names, first, last)]
    found += [due.project_id for _, due in planned]
    yield from readable(dict.fromkeys(found), partial(project_of, runtime))


def _lies_in(due: DueDeadline, cadences: Container[str], first: datetime, last: datetime) -> bool:
    if due.slot is not None:
        return due.deadline in cadences and due.slot < last  # there may be further items after it
    return not due.part and first <= due.at < last


def _may_have_slots(bound: BoundCadence, first: datetime, last: datetime) -> bool:
    recurrence = bound.recurrence
    return isinstance(recurrence, Following) or bool(
        slots_between(recurrence, bound.calendar, first, last, shift=bound.cadence.shift)
    )


def _has_closed(bound: BoundCadence, first: datetime, last: datetime, now: datetime) -> bool:
    """
    Tell whether slots of a cadence in a span may have closed by now.
    """
    if isinstance(bound.recurrence, Following):
        return first < last and bound.calendar.add(first, bound.cadence.grace) <= now
    until = min(now, bound.calendar.add(last, bound.cadence.grace))
    return first < now and any(each.slot < last for each in windows(bound, first, until, None))


def items_of(
    runtime: Runtime, lifecycle: Lifecycle, project: Project, start: datetime, end: datetime
) -> Iterator[AgendaItem]:
    """
    Yield the slots of a project in a span, and whenever they are due its deadlines, planned activities and open tasks.
    """
    about = project.id, project.name
    for bound in lifecycle.cadences:
        yield from _slots(runtime, bound, project, start, end)
    for due in lifecycle.dues(project):
        yield AgendaItem(
            due.at, "deadline", *about, due.deadline, lifecycle.wording.label("deadline", due.deadline), project.owner
        )
    for due, entry in dues_of_entries(runtime, project):
        if entry.kind != Task.kind:  # a task stands there by itself
            label = Label(str(getattr(entry, "title", "") or getattr(entry, "text", "") or entry.id))
            whose = getattr(entry, "owner", None) or project.owner
            yield AgendaItem(due.at, "deadline", *about, due.entry, label, whose)
    for activity in project.all(Activity):
        if activity.at is not None and planned_for(activity):
            who = activity.owner or project.owner
            yield AgendaItem(activity.at, "activity", *about, activity.id, name_of("activity", activity.type), who)
    for task in project.all(Task):
        if task.due is not None and planned_for(task):
            at = midnight(max(task.due, _FIRST_DAY), lifecycle.calendar.zone)
            for who in doing(lifecycle, project, task, start):
                yield AgendaItem(
                    at, "task", *about, task.id, lifecycle.wording.label("title", task.title), who, all_day=True
                )


def doing(lifecycle: Lifecycle, project: Project, task: Task, at: datetime) -> tuple[str | None, ...]:
    """
    Return whose a task is: its owner's, or of the people of its role, or of the project's owner.
    """
    if task.role and not task.owner:
        return people_at(lifecycle, f"role:{task.role}", project, at)
    return (task.owner or project.owner,)


def _slots(
    runtime: Runtime, bound: BoundCadence, project: Project, start: datetime, end: datetime
) -> Iterator[AgendaItem]:
    cadence = bound.cadence
    facts: Sequence[Fact] = ()
    if isinstance(bound.recurrence, Following) and project.stage in bound.stages:
        facts = history(runtime, project.id)
    stood = _stood(runtime, bound, project, start)
    people: Iterable[str | None] = (project.owner,)
    if cadence.per == "member":
        people = [member.id for member in project.all(Member) if member.active]
    anchor = next(reversed(anchors_of(bound, facts)), None)
    numbers = numbers_of(bound, project, stood, end, anchor) if cadence.numbered else {}
    closed = _closed(runtime, bound, project, (start, end), anchor)
    for slot in slots_of(bound, project, stood, start, end, anchor):
        ends = None if cadence.duration is None else bound.calendar.add(slot, cadence.duration)
        for who in people:
            state = closed(slot, who if cadence.per == "member" else None)
            about, number = (project.id, project.name, cadence.id), numbers.get(slot)
            label = cadence.label if number is None else _numbered(cadence, number)
            yield AgendaItem(slot, "slot", *about, label, who, ends_at=ends, state=state, number=number)


def _numbered(cadence: Cadence, number: int) -> Label:
    return Label(*(f"{cadence.label.text(lang) or cadence.id} {number}" for lang in ("en", "zh")))


def _closed(
    runtime: Runtime, bound: BoundCadence, project: Project, span: tuple[datetime, datetime], anchor: datetime | None
) -> Callable[[datetime, str | None], SlotState]:
    """
    Return what tells how slots of a span ended that have closed: by what is on record, and by what is known today.
    """
    now = runtime.clock()
    held = [(each.entry, each.at) for each in project.held(bound.meets).values()]
    times = tuple(times_met(bound, held))
    until = min(now, bound.calendar.add(span[1], bound.cadence.grace))
    ended = {each.slot: each for each in windows(bound, span[0], until, anchor)} if span[0] < now else {}
    missed = {
        pair
        for fact in (history(runtime, project.id) if bound.cadence.id in project.slots and ended else ())
        if isinstance(fact.body, SlotMissed) and fact.body.cadence == bound.cadence.id
        for pair in fact.body.slots
    }

    def state(slot: datetime, member: str | None) -> SlotState:
        if slot not in ended:
            return ""
        met = is_met(ended[slot], times, member)
        if (slot, member) in missed:
            return "late" if met else "missed"
        return "met" if met else ""

    return state


def _stood(runtime: Runtime, bound: BoundCadence, project: Project, start: datetime) -> tuple[Stood, ...]:
    """
    Return where a project stood. Its history is read only for what began before it last came to where it stands.
    """
    visit, cadence = project.visit, bound.cadence
    since = visit.holds[-1][1] if visit.holds else visit.entered_at
    far = cadence.after_closing is not None or cadence.numbered
    if not far and since <= bound.calendar.add(start, -_WORKING_DAY, "bd"):
        return (Stood(visit.stage, since),)
    return tuple([Stood(each.stage, each.entered_at, each.left_at) for each in stays(runtime, project.id)])
