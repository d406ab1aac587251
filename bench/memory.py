"""
What a live project costs beyond its data.

Counted with ``tracemalloc``: open many projects in a ``MemoryStore``, note the traced bytes;
keep the facts of each project (they hold the ids, names and field values), let the pipeline and
the store go, and note them again. The difference is what the store keeps to have the projects at hand: the
``Project`` with its ``Visit``, the dictionaries of its fields, entries and transitions taken,
and the store's own index. Facts and values are data and are not in it.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable

import _selling
from _deal import WALK
from _timing import BAR_HEAD, bar, begin, table

import salesflow as sf
from salesflow.stores import MemoryStore


PROJECTS = 10_000


def traced() -> int:
    """
    Return the bytes that are alive now.
    """
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def live_bytes(lifecycle: sf.Lifecycle, work: Callable[[sf.Pipeline, str], object]) -> tuple[float, float]:
    """
    Return bytes a project: what it costs beyond its data, and its facts and values.
    """
    pipeline = _selling.seller_pipeline(MemoryStore(), lifecycle)
    tracemalloc.start()
    empty = traced()
    project_ids = _selling.open_deals(pipeline, PROJECTS)
    for project_id in project_ids:
        work(pipeline, project_id)
    full = traced()
    facts = histories(pipeline, project_ids)
    del pipeline
    kept = traced() - sys.getsizeof(facts)
    tracemalloc.stop()
    return (full - kept) / PROJECTS, (kept - empty) / PROJECTS


def histories(pipeline: sf.Pipeline, project_ids: list[str]) -> list[tuple[sf.Fact, ...]]:
    """
    Return the facts of each project.
    """
    return [pipeline.history(project_id) for project_id in project_ids]


def parts(lifecycle: sf.Lifecycle) -> list[tuple[str, str]]:
    """
    Return the sizes of the objects that one walked project consists of.
    """
    project = _selling.snapshots(lifecycle)[-1][0]
    named = {
        "Project": project,
        "Visit": project.visit,
        "dict of fields (1)": project.fields,
        "dict of entries": project.entries,
        f"dict of transitions taken ({len(project.taken)})": project.taken,
    }
    return [(name, str(sys.getsizeof(part))) for name, part in named.items()]


def main() -> None:
    """
    Print bytes a project, and whether the bar holds.
    """
    begin(f"memory: {PROJECTS:,} projects in a MemoryStore")
    lifecycle = _selling.lifecycle_with()
    works: dict[str, Callable[[sf.Pipeline, str], object]] = {
        "just opened": lambda _pipeline, _project_id: None,
        "after four events": lambda pipeline, key: [pipeline.fire(key, trigger) for trigger in WALK[:4]],
        "after all eight events": lambda pipeline, key: [pipeline.fire(key, trigger) for trigger in WALK],
    }
    found = {name: live_bytes(lifecycle, work) for name, work in works.items()}
    rows = [(name, f"{live:.0f}", f"{data:.0f}") for name, (live, data) in found.items()]
    table("bytes a project", ("project", "beyond its data", "facts and values"), rows)
    table("of which, by sys.getsizeof, after seven events", ("object", "bytes"), parts(lifecycle))
    table("KB a live project", BAR_HEAD, [bar(name, live / 1000, 1.0, 0.7) for name, (live, _) in found.items()])


if __name__ == "__main__":
    main()
