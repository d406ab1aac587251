"""
The agenda of a day on ``SqliteStore``: as much is planned for it among many projects as among few.

Usage: ``python bench/agenda.py DIRECTORY [PROJECTS]``.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Final

from _timing import LIMIT_HEAD, begin, limit, table

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.dossier import Activity, Task
from salesflow.stores import SqliteStore
from salesflow.typing import Cadence, Deadline


PROJECTS: Final = 50_000
PLANNED: Final = 100
DAY: Final = timedelta(days=1)
TUESDAY: Final = datetime(2026, 3, 3, 8, tzinfo=UTC)
CALL: Final = {"met_by": {"activity": "call"}, "grace": "1bd", "stages": ["work"]}
CADENCES: Final = (
    Cadence("report", "weekly on fri 17:00", **CALL),
    Cadence("check", "every 60d after start", **CALL),
    Cadence("review", "monthly on last fri 14:00", **CALL),
)


def filled(store: SqliteStore, projects: int) -> Pipeline:
    """
    Return a pipeline with so many projects at work, each with a task and a visit in the months to come.
    """
    lifecycle = build_lifecycle(
        Definition(
            "working",
            calendar="weekdays",
            stages=[Stage("lead", "open"), Stage("work", deadlines=[Deadline("sla", "90d")]), Stage("won", "won")],
            transitions=[Transition("start", "lead", "work"), Transition("win", "work", "won")],
            cadences=CADENCES,
        )
    )
    pipeline = Pipeline(lifecycle, store=store, clock=lambda: TUESDAY, actor=Actor("ann"))
    with pipeline.batch():
        for number in range(projects):
            pipeline.open("Deal", id=f"P-{number}")
            pipeline.fire(f"P-{number}", "start")
            later = TUESDAY + timedelta(days=30 + number % 60)
            day = TUESDAY + DAY if number < PLANNED else later
            pipeline.add(f"P-{number}", Task("t-1", "Offer", due=day.date()), Activity("a-1", "visit", at=later))
    return pipeline


def of_a_day(pipeline: Pipeline) -> float:
    """
    Return the CPU seconds of the agenda of the next day, the shortest of five.
    """
    tomorrow = TUESDAY.replace(hour=0) + DAY
    taken = []
    for _ in range(5):
        began = process_time()
        items = pipeline.agenda(tomorrow, tomorrow + DAY)
        taken.append(process_time() - began)
        if len(items) != PLANNED:
            raise SystemExit(f"{len(items)} of {PLANNED} were found")
    return min(taken)


def main(directory: str, projects: int = PROJECTS) -> None:
    """
    Print the milliseconds for a tenth of the projects and for all of them.
    """
    begin(f"agenda: a day of {projects:,} projects")
    rows = []
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        for count in (projects // 10, projects):
            with SqliteStore(Path(folder) / f"{count}.db") as store:
                rows.append((count, of_a_day(filled(store, count))))
    shown = [(f"{count:,}", f"{1000 * seconds:.1f}") for count, seconds in rows]
    table(f"CPU ms of a day, {PLANNED} planned, 3 cadences each", ("projects", "ms"), shown)
    (_, fewer), (_, of_all) = rows
    table("limits", LIMIT_HEAD, [limit("all / a tenth of them", of_all / fewer, most=1.5)])


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
