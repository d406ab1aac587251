"""
How long it takes to replay the 8,800 deals of the Maven CRM export into a ``MemoryStore``.

Usage: ``python bench/replay.py [FOLDER]``, with ``sales_pipeline.csv`` in the folder.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from _timing import begin, table

import salesflow as sf
from salesflow.exchange import replay_file
from salesflow.stores import MemoryStore


ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data" / "maven_crm"
LIFECYCLE = ROOT / "examples" / "maven" / "lifecycle.toml"
LAST_DAY = "2017-12-31"


def day(text: str) -> datetime:
    """
    Return the midnight a day begins with.
    """
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def replay_row(pipeline: sf.Pipeline, row: dict[str, str]) -> sf.Project:
    """
    Open the deal of a row and move it to where the row says it stands, at the times it names.
    """
    actor = sf.Actor(row["sales_agent"])
    began, stage = day(row["engage_date"] or LAST_DAY), row["deal_stage"].lower()
    fields: dict[str, Any] = {"owner": row["sales_agent"], "product": row["product"], "account": row["account"] or None}
    name = ": ".join(filter(None, (row["account"], row["product"])))
    project = pipeline.open(name, id=row["opportunity_id"], fields=fields, actor=actor, at=began)
    if stage == "prospecting":
        return project
    data = {"engaged_on": began.date()}
    project = pipeline.fire(project.id, "engage", data=data, actor=actor, at=began).project
    if stage == "engaging":
        return project
    closed = day(row["close_date"])
    data = {"closed_on": closed.date(), "amount": sf.Money(row["close_value"], "USD")}
    trigger = "win" if stage == "won" else "lose"
    return pipeline.fire(project.id, trigger, data=data, actor=actor, at=closed).project


def main(folder: Path) -> None:
    """
    Print the seconds, and the counts that show that everything arrived.
    """
    begin("replay: the Maven CRM export into a MemoryStore")
    source = folder / "sales_pipeline.csv"
    if not source.exists():
        print(f"   Left out: there is no {source.name} in {folder}.")
        return
    rows = list(csv.DictReader(source.open(encoding="utf-8-sig")))
    lifecycle = sf.load_lifecycle(LIFECYCLE)
    seconds = []
    for _ in range(3):
        pipeline = sf.Pipeline(lifecycle, store=MemoryStore())
        began = perf_counter()
        projects = [replay_row(pipeline, row) for row in rows]
        seconds.append(perf_counter() - began)
    facts = sum(project.version for project in projects)
    imported = []
    for _ in range(3):
        began = perf_counter()
        replay_file(source, mapping=LIFECYCLE.with_name("map.toml"), lifecycle=lifecycle, store=MemoryStore())
        imported.append(perf_counter() - began)
    rows_of_table = [
        (what, f"{min(taken):.2f}", f"{min(taken) / facts * 1e6:.1f}")
        for what, taken in (("open and fire, with keys left out", seconds), ("the importer, whole", imported))
    ]
    table(f"{len(rows):,} deals, {facts:,} facts, best of 3", ("what", "s", "µs a fact"), rows_of_table)
    stages = Counter(project.stage for project in projects)
    table("where they stand", ("stage", "deals"), [(stage, f"{count:,}") for stage, count in stages.most_common()])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
