"""
The tasks of a stage, which are added to the dossier of a project that enters it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from .. import dossier
from .._model.calendar import Calendar
from .._model.definition import Stage, StageTask
from .._model.facts import Body, EntryPut, Opened, Transitioned
from .._model.fold import apply_changes
from .._model.frozen import EMPTY
from .._model.project import Project
from .._model.zones import local_date
from .lifecycle import Lifecycle
from .wording import title_of


def with_tasks(lifecycle: Lifecycle, project: Project | None, body: Body, at: datetime) -> Body:
    """
    Return what a fact says with the tasks of the stage that a project enters with it, if it enters one.
    """
    if isinstance(body, Opened):
        stage = lifecycle.tasked.get(body.stage)
    elif isinstance(body, Transitioned) and not body.stays and body.kind != "resume":
        stage = lifecycle.tasked.get(body.target)
    else:
        return body
    if stage is None:
        return body
    fields, entries = (EMPTY, EMPTY) if project is None else (project.fields, project.entries)
    fields, entries = apply_changes(fields, entries, body.changes, version=0, at=at, by="")
    tasks = _tasks(stage, entries.get(dossier.Task.kind, EMPTY), fields.get("owner"), at, lifecycle.calendar)
    return attrs.evolve(body, changes=(*body.changes, *tasks))


def _tasks(stage: Stage, known: Any, owner: str | None, at: datetime, calendar: Calendar) -> Iterator[EntryPut]:
    """
    Yield the tasks of a stage that is entered at a time; one that is still open from an earlier stay is left as it is.
    """
    for each in stage.tasks:
        name = f"{stage.id}.{each.id}"
        if name in known and known[name].entry.status not in ("done", "dropped"):
            continue
        who = None if each.role else owner
        due = _last_day(each, at, calendar)
        task = dossier.Task(
            name, title_of(each), owner=who, role=each.role, due=due, stage=stage.id, mandatory=each.mandatory
        )
        yield EntryPut(task)


def _last_day(task: StageTask, at: datetime, calendar: Calendar) -> Any:
    if task.within is None:
        return None
    # What ends at midnight is due on the day before.
    return local_date(calendar.add(at, task.within) - datetime.resolution, calendar.zone)
