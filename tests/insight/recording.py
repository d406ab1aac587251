"""Pipelines with entries that were put, changed and taken out at random, and what was put, read off the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from salesflow import Pipeline
from salesflow.typing import EntryDropped, EntryPut

from ..past import put_past
from .selling import sell


ZONE = ZoneInfo("Asia/Shanghai")
Make = Callable[[Random, datetime, str], Any]
"""Makes an entry of an id, as somebody might write it at a time."""
E = TypeVar("E")


def record(seed: int, *makes: Make, **options: Any) -> Pipeline:
    """Sell at random, and put entries in between; some are put again, taken out, or recorded later."""
    random = Random(-seed - 1)

    def listening(pipeline: Pipeline, now: datetime) -> None:
        for number in range(random.randint(0, 3)):
            open_ones = [each for each in pipeline.all() if each.stage not in {"gone", "done"}]
            if not open_ones:
                return
            project = random.choice(open_ones)
            place = random.randrange(len(makes))
            name = f"e{place}-{random.randint(1, 4)}"
            entry = makes[place](random, now, name)
            back = number == 2 and random.random() < 0.5
            earlier = max(now - timedelta(hours=random.randint(0, 200)), project.opened_at)
            if random.random() < 0.08 and name in project.held(entry.kind):
                pipeline.remove(project.id, entry.kind, name)
            else:
                put_past(pipeline, project.id, entry, at=earlier if back else now)

    pipeline, _ = sell(seed, listening=listening, **options)
    return pipeline


def kept(pipeline: Pipeline, kind: type[E]) -> Mapping[tuple[str, str], Sequence[tuple[datetime, str, E | None]]]:
    """Each entry of one class by project and id: when it was put, by whom, and as what."""
    found: dict[tuple[str, str], list[tuple[datetime, str, E | None]]] = {}
    for project in pipeline.all():
        for fact in pipeline.history(project.id):
            for change in fact.body.changes:
                if isinstance(change, EntryPut) and isinstance(change.entry, kind):
                    key = project.id, change.entry.id
                    found.setdefault(key, []).append((fact.at, fact.actor.name, change.entry))
                elif isinstance(change, EntryDropped) and change.kind == kind.kind:
                    found[project.id, change.id].append((fact.at, fact.actor.name, None))
    return found


def now_there(pipeline: Pipeline, kind: type[E]) -> Sequence[tuple[str, E]]:
    """The entries of one class as they are, each with the id of its project."""
    return [(project.id, entry) for project in pipeline.all() for entry in project.all(kind)]


def day_of(at: datetime) -> date:
    """The day of a time, in Shanghai."""
    return at.astimezone(ZONE).date()


def field_at(pipeline: Pipeline, project: str, field: str, at: datetime) -> Any:
    """What a field was at a time."""
    value = None
    for fact in pipeline.history(project):
        for change in fact.body.changes:
            if getattr(change, "field", None) == field and fact.at <= at:
                value = change.value
    return value
