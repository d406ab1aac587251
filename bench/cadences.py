"""
One round of ``tick`` over the slots of cadences on ``MemoryStore``: 500 that are due among those of many projects.

Usage: ``python bench/cadences.py [PROJECTS]``.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final

from _timing import LIMIT_HEAD, begin, limit, table

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.dossier import StatusReport
from salesflow.effects import notify
from salesflow.stores import MemoryStore
from salesflow.typing import Cadence, SlotMissed


PROJECTS: Final = 100_000
DUE: Final = 500
MONDAY: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
REPORT: Final = {"met_by": {"entry": "status_report"}, "grace": "4h", "stages": ["work"]}
CADENCES: Final = (
    Cadence("report", "weekly on fri 17:00", on_missed=[notify(("owner",))], **REPORT),
    Cadence("call", "every 14d after start", met_by={"activity": "call"}, stages=["work"]),
    Cadence("review", "monthly on last fri 14:00", met_by={"review": "review"}, stages=["work"]),
)


def filled(projects: int) -> Pipeline:
    """
    Return a pipeline with so many projects, of which all but a few came to work too late for the first slots.
    """
    now = [MONDAY]
    lifecycle = build_lifecycle(
        Definition(
            "working",
            calendar="weekdays",
            stages=[Stage("lead", "open"), Stage("work"), Stage("won", "won")],
            transitions=[Transition("start", "lead", "work"), Transition("win", "work", "won")],
            cadences=CADENCES,
        )
    )
    pipeline = Pipeline(lifecycle, store=MemoryStore(), clock=lambda: now[-1], actor=Actor("ann"))
    for number in range(projects):
        if number == DUE:
            now.append(MONDAY + timedelta(days=5))
        deal = pipeline.open("Deal", id=f"P-{number}")
        pipeline.fire(deal.id, "start")
        if number < DUE and number % 2:
            pipeline.add(deal.id, StatusReport("s-1", at=MONDAY))
    return pipeline


def ticked(pipeline: Pipeline) -> float:
    """
    Return the seconds of a round on the first weekend: half of the reports that are due were missed.
    """
    began = perf_counter()
    done = pipeline.tick(limit=2 * DUE).done
    taken = perf_counter() - began
    facts = [fact.body for number in range(DUE) for fact in pipeline.history(f"P-{number}")]
    missed = sum(isinstance(body, SlotMissed) for body in facts)
    if (done, missed) != (DUE, DUE // 2):
        raise SystemExit(f"{done} were done and {missed} missed")
    return taken


def main(projects: int = PROJECTS) -> None:
    """
    Print the seconds of a round for a tenth of the projects and for all of them.
    """
    begin(f"cadences: a round of {projects:,} projects")
    rows = [(count, ticked(filled(count))) for count in (projects // 10, projects)]
    shown = [(f"{count:,}", f"{seconds:.3f}") for count, seconds in rows]
    table(f"seconds of a round, {DUE} due, 3 cadences each", ("projects", "s"), shown)
    (_, fewer), (_, of_all) = rows
    limits = [limit("seconds of a round", of_all, most=5), limit("all / a tenth of them", of_all / fewer, most=2)]
    table("limits", LIMIT_HEAD, limits)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
