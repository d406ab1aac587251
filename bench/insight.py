"""
A portfolio: the seconds of its fold and of its figures, beside pandas doing the same from a flat export.

Usage: ``python bench/insight.py [DIRECTORY [PROJECTS]]``; the SQLite store is written to the directory.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from random import Random
from time import process_time
from typing import Any, Final

from _timing import LIMIT_HEAD, begin, limit, table

import salesflow as sf
from salesflow.insight import Portfolio
from salesflow.stores import MemoryStore, SqliteStore
from salesflow.typing import Store


PROJECTS: Final = 100_000
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
SPAN: Final = "2024"
FLAT: Final = ("id", "opened", "decided", "class", "field.owner")
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
    Return how many seconds of the processor some work takes.
    """
    began = process_time()
    work()
    return process_time() - began


def alone(work: Callable[[], Any]) -> float:
    """
    Return the same where nothing else that is alive is walked by the collector.
    """
    gc.collect()
    gc.freeze()
    return seconds(work)


def figures_of(pipeline: sf.Pipeline, computing: str) -> dict[str, float]:
    """
    Return how long each KPI takes on a fresh portfolio; what several share counts for the first.
    """
    portfolio = Portfolio.of(pipeline, computing=computing)
    portfolio.kpi("new_customers", period="1999")  # loads what computes, and finds how projects ended
    portfolio.refresh()
    return {name: alone(lambda name=name: portfolio.kpi(name, period=SPAN)) for name in portfolio.kpis}


def memory_of(pipeline: sf.Pipeline) -> float:
    """
    Return the bytes a project that a fold keeps.
    """
    gc.collect()
    tracemalloc.start()
    portfolio = Portfolio.of(pipeline)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept / len(portfolio)


def with_pandas(pipeline: sf.Pipeline) -> list[tuple[str, ...]]:
    """
    Return the seconds of three figures beside pandas doing the same from a flat export.
    """
    if find_spec("pandas") is None:
        print("\npandas is not installed")
        return []
    import pandas as pd

    plain, whole = (Portfolio.of(pipeline, computing=each) for each in ("plain", "numpy"))
    flat = pd.DataFrame({name: list(column) for name, column in plain.table("projects").items() if name in FLAT})
    visits = pd.DataFrame({name: list(column) for name, column in plain.table("visits").items()})

    def win_rate() -> Any:
        ended = flat[flat["class"].isin(["won", "lost"])]
        return (ended["class"] == "won").groupby(ended["field.owner"]).mean()

    def cycle_time() -> Any:
        won = flat[flat["class"] == "won"]
        took = won["decided"] - won["opened"]
        return took.quantile([0.5, 0.75, 0.9], interpolation="lower"), took.mean()

    def time_in_stage() -> Any:
        left = visits["left"].fillna(pd.Timestamp(plain.as_of))
        took = (left - visits["entered"]).groupby([visits["project"], visits["stage"]]).sum()
        return took.quantile([0.5, 0.75, 0.9], interpolation="lower")

    rows: list[tuple[str, ...]] = []
    asked: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
        "win_rate": (win_rate, {"by": "owner"}),
        "cycle_time": (cycle_time, {}),
        "time_in_stage": (time_in_stage, {}),
    }
    for name, (theirs, options) in asked.items():
        times = [alone(partial(each.kpi, name, **options)) for each in (plain, whole)]
        rows.append((name, *(f"{took:.3f}" for took in (*times, alone(theirs)))))
    return rows


def main(directory: str, projects: int) -> None:
    """
    Measure, and print tables.
    """
    begin(f"A portfolio of {projects:,} projects, seconds of the processor")
    pipeline = sell(MemoryStore(), projects)
    share = projects / PROJECTS
    rows: list[tuple[str, ...]] = [limit("fold, MemoryStore", alone(lambda: Portfolio.of(pipeline)), most=6 * share)]
    portfolio = Portfolio.of(pipeline)
    still = [each.id for each in pipeline.find(outcome="undecided", limit=1000) if each.stage in WAY]
    for name in still[:100]:
        pipeline.update(name, {"owner": "somebody.else"})
    rows.append(limit("refresh after 100 facts", alone(portfolio.refresh), most=0.05))
    plain, whole = (figures_of(pipeline, each) for each in ("plain", "numpy"))
    rows.append(limit("all KPIs, plain Python", sum(plain.values()), most=10 * share))
    rows.append(limit("all KPIs, plain by numpy", sum(plain.values()) / sum(whole.values()), least=10))
    rows.append(limit("bytes a project", memory_of(pipeline), most=1024))
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        stored = sell(SqliteStore(Path(folder) / "deals.db"), projects)
        rows.append(limit("fold, SqliteStore", alone(lambda: Portfolio.of(stored)), most=35 * share))
    table("Limits", LIMIT_HEAD, rows)
    slowest = sorted(plain, key=lambda each: -plain[each])
    shown = [(name, f"{plain[name]:.3f}", f"{whole[name]:.3f}", f"{plain[name] / whole[name]:.1f}") for name in slowest]
    table(f"KPIs of {SPAN}", ("KPI", "plain", "numpy", "times"), shown)
    table("Beside pandas, from a flat export", ("figure", "plain", "numpy", "pandas"), with_pandas(pipeline))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".", int(sys.argv[2]) if len(sys.argv) > 2 else PROJECTS)
