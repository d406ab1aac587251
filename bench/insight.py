"""
A portfolio: the seconds of its fold and of its figures, beside pandas doing the same from a flat export.

Usage: ``python bench/insight.py [DIRECTORY [PROJECTS]]``; the SQLite store is written to the directory.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final

from _timing import LIMIT_HEAD, begin, limit, table

import salesflow as sf
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore, SqliteStore
from salesflow.typing import Store


PROJECTS: Final = 100_000
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
WAY: Final = ("lead", "offer", "talks", "delivery")
LIFECYCLE: Final = sf.build_lifecycle(
    sf.Definition(
        "bulk",
        fields=(
            sf.Field("owner"),
            sf.Field("customer"),
            sf.Field("amount", "money"),
            sf.Field("expected_close", "date"),
        ),
        stages=(*(sf.Stage(each) for each in WAY), sf.Stage("done", "won"), sf.Stage("gone", "lost")),
        transitions=(
            *(sf.Transition(f"to_{new}", old, new) for old, new in pairwise(WAY)),
            sf.Transition("win", "delivery", "done", outcome="won"),
            sf.Transition("lose", WAY, "gone", outcome="lost", kind="exit"),
        ),
    )
)


def sell(store: Store, projects: int) -> sf.Pipeline:
    """
    Drive projects part of the way, about six facts each.
    """
    random, now = Random(7), [START]
    pipeline = sf.Pipeline(LIFECYCLE, store=store, clock=lambda: now[0], actor=sf.Actor("bench"))
    with pipeline.batch():
        for number in range(projects):
            now[0] = START + number * HOUR / 8
            fields = {
                "owner": f"owner-{number % 60}",
                "customer": f"customer-{random.randrange(projects // 3 + 1)}",
                "amount": sf.Money(random.randrange(1_000, 900_000), "CNY"),
                "expected_close": (now[0] + timedelta(days=60)).date(),
            }
            name = pipeline.open("deal", id=f"d{number}", fields=fields).id
            steps = random.randrange(2, 6)
            for trigger in (*(f"to_{each}" for each in WAY[1:]), "win")[:steps]:
                now[0] += HOUR * random.randrange(1, 600)
                pipeline.fire(name, trigger)
            if steps < 4 and random.random() < 0.6:
                pipeline.update(name, {"amount": sf.Money(random.randrange(1_000, 900_000), "CNY")})
            if steps < 4 and random.random() < 0.6:
                pipeline.fire(name, "lose")
    return pipeline


def seconds(work: Callable[[], Any]) -> float:
    """
    Return how long some work takes.
    """
    began = perf_counter()
    work()
    return perf_counter() - began


def main(directory: str, projects: int) -> None:
    """
    Measure, and print tables.
    """
    begin(f"A portfolio of {projects:,} projects")
    pipeline = sell(MemoryStore(), projects)
    share = projects / PROJECTS
    rows: list[tuple[str, ...]] = []
    portfolio = Portfolio.of(pipeline)
    fold = seconds(lambda: Portfolio.of(pipeline))
    rows.append(limit("fold, MemoryStore", fold, most=6 * share))
    still = [each.id for each in pipeline.find(outcome="undecided", limit=1000) if each.stage in WAY]
    for name in still[:100]:
        pipeline.update(name, {"owner": "somebody.else"})
    rows.append(limit("refresh after 100 facts", seconds(portfolio.refresh), most=0.05))
    figures = {name: seconds(lambda name=name: portfolio.kpi(name)) for name in portfolio.kpis}
    rows.append(limit("all KPIs", sum(figures.values()), most=10 * share))
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        stored = sell(SqliteStore(Path(folder) / "deals.db"), projects)
        rows.append(limit("fold, SqliteStore", seconds(lambda: Portfolio.of(stored)), most=35 * share))
    table("Seconds", LIMIT_HEAD, rows)
    slowest = sorted(figures.items(), key=lambda each: -each[1])[:12]
    table("The slowest KPIs", ("KPI", "s"), [(name, f"{took:.3f}") for name, took in slowest])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", int(sys.argv[2]) if len(sys.argv) > 2 else PROJECTS)
