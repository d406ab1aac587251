"""
What plugins cost: a fire with none, one and ten of them; scores and risks of 10,000 projects.

Usage: ``python bench/plugins.py [projects]``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import _selling
from _deal import WALK
from _timing import Contender, begin, limit, race, table

import salesflow as sf
from salesflow import scores
from salesflow.guards import passed
from salesflow.plugins import Plugins
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import MemoryStore


RULES: Any = (passed(),)
ROUNDS = 7


def listening(number: int) -> Any:
    """
    A plugin that is told of every commit and does nothing with it.
    """
    return SimpleNamespace(name=f"listener_{number}", salesflow_committed=hookimpl(lambda facts, project: None))


def ruling(number: int) -> Any:
    """
    A plugin that has a say in every move and never objects.
    """
    rules = hookimpl(lambda project, transition, actor, at: RULES)
    return SimpleNamespace(name=f"rules_{number}", salesflow_stage_rules=rules)


def other(number: int) -> Any:
    """
    A plugin that implements neither of the two hooks.
    """
    return SimpleNamespace(name=f"other_{number}", salesflow_effects=hookimpl(lambda: ()))


def firing(name: str, *plugins: object) -> Contender:
    """
    Fires a deal through its eight events, with these plugins.
    """
    lifecycle = sf.build_lifecycle(_selling.definition(), plugins=Plugins(*plugins))

    def prepare(count: int) -> Sequence[tuple[sf.Pipeline, str]]:
        pipeline = _selling.seller_pipeline(MemoryStore(), lifecycle)
        return [(pipeline, project_id) for project_id in _selling.open_deals(pipeline, count)]

    return Contender(name, prepare, _selling.fire_walk, len(WALK))


def advising(projects: int) -> list[tuple[str, ...]]:
    """
    Return how long the scores, and the 25 risk checks, of so many projects of ``operating_cycle`` take.
    """
    cycle = sf.load_lifecycle("operating_cycle").definition
    uses = (scores.health(), scores.stage_conversion(), scores.stage_velocity(), scores.meddpicc())
    lifecycle = sf.build_lifecycle(sf.Definition(**{**_parts(cycle), "scores": uses}))
    pipeline = sf.Pipeline(lifecycle, store=MemoryStore(), actor=sf.Actor("li.wei"))
    ids = [pipeline.open(f"Project {number}", id=f"p-{number}").id for number in range(projects)]
    began = perf_counter()
    norms = pipeline.norms()
    learned = perf_counter()
    for project_id in ids:
        pipeline.risks(project_id, norms=norms)
    checked = perf_counter()
    for project_id in ids:
        pipeline.score(project_id, norms=norms)
    scored = perf_counter()
    parts = (
        ("norms", began, learned),
        ("25 risk checks", learned, checked),
        ("4 scores, with the risks", checked, scored),
    )
    return [(name, f"{end - start:.2f}", f"{(end - start) / projects * 1e6:.0f}") for name, start, end in parts]


def _parts(definition: sf.Definition) -> dict[str, Any]:
    return {one.name: getattr(definition, one.name) for one in type(definition).__attrs_attrs__}  # type: ignore[attr-defined]


def main(projects: int) -> None:
    """
    Print microseconds a fire beside a fire without plugins, and seconds for the portfolio.
    """
    begin("plugins: listeners, stage rules, scores and risks")
    plain = "no plugin"
    contenders = [firing(plain), firing("10 with other hooks", *map(other, range(10)))]
    for many in (1, 10):
        contenders.append(firing(f"{many} listening", *map(listening, range(many))))
        contenders.append(firing(f"{many} with stage rules", *map(ruling, range(many))))
    found = race(contenders, ROUNDS)
    rows = [
        (name, f"{one.best:.2f}", f"{one.median:.2f}", f"{one.best / found[plain].best:.2f}")
        for name, one in found.items()
    ]
    table("µs a fire in a MemoryStore", ("what", "best", "median", "of no plugin"), rows)
    others = found["10 with other hooks"].best / found[plain].best
    table("limits", ("figure", "measured", "bar", "holds"), [limit("hooks that nobody implements", others, most=1.05)])
    table(f"{projects:,} projects of operating_cycle", ("what", "s", "µs each"), advising(projects))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
