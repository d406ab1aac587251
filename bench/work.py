"""
Claiming and acknowledging work in batches on ``SqliteStore``, delivering notices to a receiver that does nothing, and
counting provisional dates again.

Usage: ``python bench/work.py DIRECTORY [BATCHES]``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from datetime import date, timedelta, tzinfo
from pathlib import Path
from time import perf_counter
from typing import Final

import _selling
from _timing import LIMIT_HEAD, begin, limit, table

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, hookimpl
from salesflow.calendars import WHOLE_DAY, BusinessCalendar
from salesflow.effects import notify
from salesflow.stores import MemoryStore, SqliteStore
from salesflow.typing import Append, Commit, Deadline, DueDeadline


BATCH: Final = 100
BATCHES: Final = 200
PENDING: Final = 20_000
NOTICES: Final = 3000
LEASE: Final = timedelta(minutes=1)
ANN: Final = Actor("ann")
NOW, LATER = _selling.AT + timedelta(days=1), _selling.AT + timedelta(days=400)


def put_work(store: SqliteStore, due: int, pending: int) -> None:
    """
    Watch some deadlines that have passed, and some that have not, a thousand a commit.
    """
    pipeline = _selling.seller_pipeline(MemoryStore())
    dues = [NOW] * due + [LATER] * pending
    for first in range(0, len(dues), 1000):
        project = pipeline.open("Deal", fields={"amount": 1}, at=_selling.AT)
        (fact,) = pipeline.history(project.id)
        watched = [
            DueDeadline(project.id, number, "lead", "sla", at) for number, at in enumerate(dues[first : first + 1000])
        ]
        store.commit(Commit((Append(0, fact, project),), dues=tuple(watched)))


def acknowledge(store: SqliteStore, batches: int) -> list[float]:
    """
    Return the seconds of each batch that is claimed and finished.
    """
    taken = []
    for _ in range(batches):
        began = perf_counter()
        claims = tuple(store.claim("deadline", owner="worker", limit=BATCH, lease=LEASE, at=NOW))
        store.commit(Commit(done=claims))
        taken.append(perf_counter() - began)
        if len(claims) != BATCH:
            raise SystemExit(f"{len(claims)} of {BATCH} were claimed")
    return taken


def claiming(folder: Path, batches: int) -> None:
    """
    Print how much work a second is claimed and acknowledged.
    """
    with SqliteStore(folder / "work.db") as store:
        put_work(store, batches * BATCH, PENDING)
        taken = acknowledge(store, batches)
        if store.next_due("deadline") != LATER:
            raise SystemExit("work was left")
    row = "claim + acknowledge", f"{1000 * statistics.median(taken):.2f}", f"{1000 * max(taken):.2f}"
    table(f"ms a batch of {BATCH}, {PENDING:,} not due yet", ("SqliteStore", "median", "longest"), [row])
    rate = batches * BATCH / sum(taken)
    table("limits", LIMIT_HEAD, [limit("claimed and acknowledged a second, SqliteStore", rate, least=20_000)])


def delivering(folder: Path) -> None:
    """
    Print how many notices a second are looked up, delivered and acknowledged.
    """
    tell = Transition("tell", "lead", "offer", effects=[notify(["owner"])])
    stages, ways = [Stage("lead"), Stage("offer"), Stage("won", "won")], [tell, Transition("win", "offer", "won")]
    lifecycle = build_lifecycle(Definition("telling", stages=stages, transitions=ways))
    with SqliteStore(folder / "notices.db") as store:
        pipeline = Pipeline(lifecycle, store=store, actor=Actor("ann"))
        with pipeline.batch():
            for _ in range(NOTICES):
                pipeline.fire(pipeline.open("Deal").id, "tell")
        began = perf_counter()
        done = pipeline.deliver(lambda _notice, _id: True, limit=NOTICES).done
        taken = perf_counter() - began
        if done != NOTICES:
            raise SystemExit(f"{done} of {NOTICES} were delivered")
    table("limits", LIMIT_HEAD, [limit("notices delivered a second, SqliteStore", NOTICES / taken, least=1_500)])


class _Decreed:
    """
    A calendar's days as they are decreed up to one day.
    """

    name = "decreed"

    def __init__(self, through: date) -> None:
        self.through = through

    @hookimpl
    def salesflow_calendars(self, zone: tzinfo) -> BusinessCalendar:
        """
        Return Monday to Friday, of which so much is decreed.
        """
        week = (WHOLE_DAY,) * 5 + ((), ())
        return BusinessCalendar(week, zone, decree=lambda _day: None, decreed_through=self.through)


def recounting() -> None:
    """
    Print what a tick costs whose calendar knows more than before, by how much there is and how much is provisional.
    """
    rows, costs = [], {}
    for projects, provisional in ((1000, 200), (10_000, 200), (10_000, 2000)):
        store, definition = MemoryStore(), _dated()
        pipeline = Pipeline(build_lifecycle(definition, plugins=[_Decreed(date(2026, 6, 30))]), store=store, actor=ANN)
        for number in range(projects):
            day = date(2026, 9, 1) if number < provisional else date(2026, 6, 1)
            pipeline.open("Deal", fields={"due": day}, at=_selling.AT)
        knowing = build_lifecycle(definition, plugins=[_Decreed(date(2026, 12, 31))])
        began = perf_counter()
        Pipeline(knowing, store=store, actor=ANN).tick(_selling.AT, limit=projects)
        costs[projects, provisional] = 1000 * (perf_counter() - began)
        rows.append((f"{projects:,}", f"{provisional:,}", f"{costs[projects, provisional]:.1f}"))
    table("ms of a tick that counts again, MemoryStore", ("projects", "provisional", "ms"), rows)
    ratio = costs[10_000, 200] / costs[1000, 200]
    table("limits", LIMIT_HEAD, [limit("the same provisional dates in ten times the projects", ratio, most=2)])


def _dated() -> Definition:
    stages = [Stage("lead", deadlines=[Deadline("due", field="due", before="2bd")]), Stage("won", "won")]
    ways, fields = [Transition("win", "lead", "won")], [Field("due", "date")]
    return Definition("dated", calendar="decreed", fields=fields, stages=stages, transitions=ways)


def main(where: str, batches: int = BATCHES) -> None:
    """
    Print how fast work is claimed and acknowledged, notices are delivered, and provisional dates counted again.
    """
    begin(f"work: claims in {where}")
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        claiming(Path(name), batches)
        delivering(Path(name))
    recounting()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:3]))
