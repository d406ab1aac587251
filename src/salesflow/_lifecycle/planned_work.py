"""
Planned work of a project: its planned activities and open tasks, watched so that an agenda finds them by their time.

No action follows when its time comes. So a store keeps it like a deadline, but with a time ages later than planned,
which no worker reaches; an agenda looks for it in a span that is later by as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final

from .._model.facts import Change, EntryDropped, EntryPut
from .._model.project import Project
from .._model.work import DueDeadline
from ..dossier import Activity, Task


PLANNED: Final = "planned"

_AGES: Final = timedelta(days=4000 * 365)
_LAST: Final = datetime(4800, 1, 1, tzinfo=UTC)  # of all later times an agenda looks at each


def planned_for(entry: Any) -> datetime | date | None:
    """
    Return when a planned activity takes place, or the last day for an open task; ``None`` for anything else.
    """
    if isinstance(entry, Activity):
        return entry.at if entry.status == "planned" else None
    return entry.due if isinstance(entry, Task) and entry.status not in ("done", "dropped") else None


def watched_at(planned: datetime | date) -> datetime:
    """
    Return the time in a store under which work is found that is planned for a time, or for a day of any time zone.
    """
    at = planned if isinstance(planned, datetime) else datetime.combine(planned, time(), UTC)
    return min(at, _LAST) + _AGES


def changed_plans(
    before: Project | None, after: Project, changes: Iterable[Change]
) -> tuple[tuple[DueDeadline, ...], tuple[tuple[str, int], ...]]:
    """
    Return the planned work that a fact sets to another time, and what is watched no more; the latter as stays.
    """
    dues: list[DueDeadline] = []
    dropped: list[tuple[str, int]] = []
    for change in changes:
        if isinstance(change, EntryPut):
            kind, name = change.entry.kind, change.entry.id
        elif isinstance(change, EntryDropped):
            kind, name = change.kind, change.id
        else:
            continue
        if kind not in (Activity.kind, Task.kind):
            continue
        old, new = (None if each is None else _planned(each, kind, name) for each in (before, after))
        if new is None and old is not None:
            dropped.append((after.id, _number(kind, name)))
        elif new is not None and new != old:
            dues.append(_due(after, kind, name, new))
    return tuple(dues), tuple(dropped)


def all_plans(project: Project) -> tuple[DueDeadline, ...]:
    """
    Return all planned work of a project.
    """
    entries: tuple[Activity | Task, ...] = (*project.all(Activity), *project.all(Task))
    plans = ((each, planned_for(each)) for each in entries)
    return tuple([_due(project, each.kind, each.id, planned) for each, planned in plans if planned is not None])


def _planned(project: Project, kind: str, name: str) -> datetime | date | None:
    held = project.held(kind).get(name)
    return None if held is None else planned_for(held.entry)


def _due(project: Project, kind: str, name: str, planned: datetime | date) -> DueDeadline:
    return DueDeadline(project.id, _number(kind, name), "", f"{kind} {name}", watched_at(planned), part=PLANNED)


def _number(kind: str, name: str) -> int:
    """
    Return the stay that an entry's work counts to: one of its own, so that it can be dropped alone.
    """
    return -1 - int.from_bytes(sha256(f"{kind} {name}".encode()).digest()[:6])
