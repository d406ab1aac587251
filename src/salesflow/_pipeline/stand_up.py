"""
The stand-up view: for each project and person what was done, what is due next, and what blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final, TypeAlias

import attrs

from .._lifecycle.decision import Refused
from .._lifecycle.lifecycle import Lifecycle
from .._model.facts import Changed, EntryMoved, EntryPut, Fact, Opened, Transitioned
from .._model.frozen import noun
from .._model.messages import format_time
from .._model.project import Project
from .._model.values import Label, check_text, person, same_person, to_utc
from .._model.vocabulary import name_of
from .._model.zones import local_date, midnight
from ..dossier import Activity, StatusReport, Task
from ..errors import DefinitionChangedError
from ..stores.adapting import readable
from .agenda import doing, items_of
from .feed import fact_text
from .queries import find_all, history, options_of
from .results import StandUp, StandUpItem, StandUpKind, StandUpPart
from .runtime import Runtime, deciding_lifecycle, project_of
from .waiting import NOBODY


_DAY: Final = timedelta(days=1)
_OVERDUE: Final = Label("overdue: {what}", "逾期：{what}")
_BLOCKED: Final = Label("blocked: {what}", "受阻：{what}")
_HELP: Final = Label("help is needed: {what}", "需要支持：{what}")
_NONE: Final = Label()
_GUARDED: Final = Label("{move}: {what}", "{move}：{what}")

_Found: TypeAlias = Iterator[tuple[StandUpPart, str, StandUpItem]]
"""The part of the view, whose it is, and what."""


@noun(slots=False, eq=False)
class _Subject:
    """
    What is looked at: a project now, from *since*, the working day before today, to the end of *until*, the one after.
    """

    runtime: Runtime
    lifecycle: Lifecycle
    project: Project
    now: datetime
    since: date
    until: date

    def begin(self, day: date) -> datetime:
        return midnight(day, self.lifecycle.calendar.zone)

    def day(self, at: datetime) -> date:
        return local_date(at, self.lifecycle.calendar.zone)

    def counts(self, at: datetime) -> bool:
        return self.begin(self.since) <= at <= self.now

    def item(self, kind: StandUpKind, name: str, label: Label, at: datetime | date | None = None) -> StandUpItem:
        shown = format_time(at, self.lifecycle.wording.zone) if isinstance(at, datetime) else str(at or "")
        return StandUpItem(kind, name, label, shown)


def stand_up(runtime: Runtime, at: datetime | None, who: str | None, project_id: str | None) -> tuple[StandUp, ...]:
    """
    Return the stand-up view of each project and person; see :meth:`salesflow.Pipeline.stand_up`.
    """
    check_text(who, "who=")
    now = runtime.clock() if at is None else to_utc(at, "at=")

    def read(project: Project) -> list[StandUp]:
        lifecycle = runtime.lifecycles.get((project.lifecycle, project.lifecycle_version))
        views = () if lifecycle is None else _views(_subject(runtime, lifecycle, project, now))
        return [each for each in views if who is None or same_person(each.who, who)]

    projects = find_all(runtime, {}) if project_id is None else [project_of(runtime, project_id)]
    return tuple(chain.from_iterable(readable(projects, read) if project_id is None else map(read, projects)))


def _subject(runtime: Runtime, lifecycle: Lifecycle, project: Project, now: datetime) -> _Subject:
    calendar = lifecycle.calendar
    since = until = local_date(now, calendar.zone)
    while not calendar.is_working_day(since := since - _DAY):
        pass
    while not calendar.is_working_day(until := until + _DAY):
        pass
    return _Subject(runtime, lifecycle, project, now, since, until)


def _views(subject: _Subject) -> Iterator[StandUp]:
    found: dict[str, dict[str, list[StandUpItem]]] = {}
    for part, who, item in chain.from_iterable(read(subject) for read in _READERS):
        found.setdefault(person(who), {"done": [], "due": [], "blocks": []})[part].append(item)
    about = subject.project.id, subject.project.name
    for name, parts in sorted(found.items()):
        done, due, blocks = (tuple(dict.fromkeys(sorted(each, key=_order))) for each in parts.values())
        yield StandUp(*about, name, subject.since, subject.until, done, due, blocks)


def _order(item: StandUpItem) -> tuple[bool, str, str, str]:
    return not item.time, item.time, item.kind, item.name


def _owner(project: Project) -> str:
    return str(project.owner or "")


def _facts(subject: _Subject) -> _Found:
    """
    Yield what people did: moves, and what they recorded. Facts that the engine writes by itself do not count.
    """
    if subject.project.updated_at < subject.begin(subject.since):
        return
    for fact in history(subject.runtime, subject.project.id):
        told = _told(fact) if subject.counts(fact.at) else None
        if told is not None:
            text = Label(*(fact_text(told, subject.lifecycle.wording, lang) for lang in ("en", "zh")))
            kind: StandUpKind = "change" if isinstance(told.body, Changed) else "move"
            yield "done", fact.actor.name, subject.item(kind, str(fact.version), text, fact.at)


def _told(fact: Fact) -> Fact | None:
    """
    Return a fact without the entries that are looked at by themselves, or ``None`` where nothing else is in it.
    """
    if not isinstance(fact.body, Changed):
        return fact if isinstance(fact.body, (Opened, Transitioned, EntryMoved)) else None
    own = (Task.kind, Activity.kind, StatusReport.kind)
    rest = [each for each in fact.body.changes if not (isinstance(each, EntryPut) and each.entry.kind in own)]
    return attrs.evolve(fact, body=Changed(tuple(rest))) if rest else None


def _entries(subject: _Subject) -> _Found:
    """
    Yield the tasks and activities that were done, and the tasks that are blocked.
    """
    owner = _owner(subject.project)
    for held in subject.project.held(Task.kind).values():
        task: Any = held.entry
        label = subject.lifecycle.wording.label("title", task.title or task.id)
        on = task.done_on or subject.day(held.at)
        if task.status == "done" and subject.since <= on <= subject.day(subject.now):
            who = task.owner or (held.by if task.role else owner)
            yield "done", who, subject.item("task", task.id, label, on)
        if task.status == "blocked":
            for who in doing(subject.lifecycle, subject.project, task, subject.now):
                yield "blocks", who or "", subject.item("task", task.id, _said(_BLOCKED, label))
    for held in subject.project.held(Activity.kind).values():
        activity: Any = held.entry
        when = activity.at or held.at
        if activity.status == "done" and subject.counts(when):
            yield (
                "done",
                activity.owner or owner,
                subject.item("activity", activity.id, name_of("activity", activity.type), when),
            )


def _reports(subject: _Subject) -> _Found:
    """
    Yield what people reported.
    """
    for held in subject.project.held(StatusReport.kind).values():
        report: Any = held.entry
        who, when = report.by or held.by, report.at or held.at
        if subject.counts(when):
            for each in report.done:
                yield "done", who, subject.item("report", report.id, Label(each), when)
            for each in report.next:
                yield "due", who, subject.item("report", report.id, Label(each))
            for each in report.help_needed:
                yield "blocks", who, subject.item("report", report.id, _said(_HELP, Label(each)))


def _ahead(subject: _Subject) -> _Found:
    """
    Yield what is due until the end of the next working day, and what should have been done by now.
    """
    today, end = subject.begin(subject.day(subject.now)), subject.begin(subject.until + _DAY)
    for each in items_of(subject.runtime, subject.lifecycle, subject.project, subject.now, end):
        shown = subject.day(each.at) if each.all_day else each.at
        if each.at < (subject.now if each.kind == "deadline" else today):
            yield "blocks", each.who or "", subject.item(each.kind, each.name, _said(_OVERDUE, each.label), shown)
        elif each.at < end:
            yield "due", each.who or "", subject.item(each.kind, each.name, each.label, shown)
    ahead = {due.deadline for due in subject.lifecycle.dues(subject.project)}
    for name, at in subject.project.visit.missed:
        if name not in ahead:
            label = subject.lifecycle.wording.label("deadline", name)
            yield "blocks", _owner(subject.project), subject.item("deadline", name, _said(_OVERDUE, label), at)


def _guards(subject: _Subject) -> _Found:
    """
    Yield what the guards of the moves ahead still need; that a person with a role has to act is not an obstacle.
    """
    project, owner = subject.project, _owner(subject.project)
    try:
        lifecycle = deciding_lifecycle(subject.runtime, project)
    except DefinitionChangedError as error:
        yield "blocks", owner, subject.item("guard", project.lifecycle, Label(error.text("en"), error.text("zh")))
        return
    at = max(subject.now, project.updated_at)
    for option in options_of(subject.runtime, lifecycle, project, NOBODY, at):
        for candidate in option.decision.candidates if isinstance(option.decision, Refused) else ():
            move = lifecycle.wording.label("transition", candidate.transition.id)
            for verdict in candidate.verdicts if candidate.transition.kind == "forward" else ():
                if verdict.blocks and any(each.kind != "role" for each in verdict.missing):
                    found = Label(verdict.message("en"), verdict.message("zh"))
                    yield "blocks", owner, subject.item("guard", option.trigger, _said(_GUARDED, found, move))


def _said(template: Label, what: Label, move: Label = _NONE) -> Label:
    return Label(*(template.text(lang).format(what=what.text(lang), move=move.text(lang)) for lang in ("en", "zh")))


_READERS: Final = (_facts, _entries, _reports, _ahead, _guards)
