"""
Claiming and acknowledging work in batches on ``SqliteStore``, and delivering notices to a receiver that does nothing.

Usage: ``python bench/work.py DIRECTORY [BATCHES]``.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

import _selling
from _timing import LIMIT_HEAD, begin, limit, table

from salesflow import Actor, Definition, Pipeline, Stage, Transition, build_lifecycle
from salesflow.effects import notify
from salesflow.stores import MemoryStore, SqliteStore
from salesflow.typing import Append, Commit, DueDeadline


BATCH: Final = 100
BATCHES: Final = 200
PENDING: Final = 20_000
NOTICES: Final = 3000
LEASE: Final = timedelta(minutes=1)
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


def main(where: str, batches: int = BATCHES) -> None:
    """
    Print how fast work is claimed and acknowledged, and notices are delivered.
    """
    begin(f"work: claims in {where}")
    with tempfile.TemporaryDirectory(dir=where, prefix="salesflow-bench-") as name:
        claiming(Path(name), batches)
        delivering(Path(name))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", *map(int, sys.argv[2:3]))
