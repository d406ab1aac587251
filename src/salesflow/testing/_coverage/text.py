"""
Writes what was seen of lifecycles: for a terminal, as JSON, and as a Mermaid diagram.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import floor
from typing import Any, Final

from ..._definition.mermaid import render
from ..._model.verdict import Status
from .sums import EdgeCoverage, GuardCoverage, LifecycleCoverage


_STATUSES: Final[tuple[Status, ...]] = ("pass", "fail", "unknown", "skipped")
_HEADS: Final = ("passing", "failing", "unknown", "skipped")
_WIDTH: Final = 100


def percent(ratio: float) -> str:
    """
    Write a ratio as a percentage with one decimal, rounded down, so that only all of it is 100 %.
    """
    return f"{floor(ratio * 1000) / 10:.1f} %"


def as_text(coverage: LifecycleCoverage, *, everything: bool = False) -> str:
    """
    Return a report in plain text, 100 columns wide: what is missing, or everything.
    """
    edges, guards = coverage.edges, coverage.guards
    outcomes = sum(guard.covered for guard in guards)
    head = f"{coverage.definition.id} {coverage.definition.version}: {percent(coverage.ratio)}"
    taken = sum(edge.taken for edge in edges)
    lines = [f"{head} ({taken} of {len(edges)} edges taken, {outcomes} of {2 * len(guards)} guard outcomes seen)"]
    if everything:
        lines += _block("edges taken", [_edge(edge) for edge in edges if edge.taken])
    lines += _block("edges not taken", [_edge(edge) for edge in coverage.not_taken])
    lines += _block("candidates never chosen", [_edge(edge) for edge in coverage.never_chosen])
    if everything:
        visited = [stage.id for stage in coverage.definition.stages if stage.id in coverage.visited]
        lines += _stages("stages visited", visited)
    lines += _stages("stages never visited", coverage.not_visited)
    title = "guards" if everything else "guards not seen both passing and failing"
    lines += _table(title, guards if everything else coverage.half_seen)
    return "\n".join(lines) + "\n"


def _block(title: str, rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield f"  {title}"
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        for name, source, target in rows:
            yield f"    {name:<{widths[0]}}  {source:<{widths[1]}} -> {target}"


def _edge(edge: EdgeCoverage) -> tuple[str, str, str]:
    noted = "" if edge.taken or not edge.accepted else "  (allowed, never committed)"
    return edge.transition, edge.source, edge.target + noted


def _stages(title: str, stages: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for stage in stages:
        if lines and len(lines[-1]) + len(stage) + 2 <= _WIDTH:
            lines[-1] += f", {stage}"
        else:
            lines.append(f"    {stage}")
    return [f"  {title}", *lines] if stages else []


def _table(title: str, guards: Iterable[GuardCoverage]) -> Iterator[str]:
    rows = [(_indented(guard), guard) for guard in guards]
    if not rows:
        return
    width = min(max(len(title) + 2, *(len(name) + 6 for name, _ in rows)), _WIDTH - 40)
    yield f"  {title:<{width - 2}}" + "".join(f"{head:>10}" for head in _HEADS)
    for transition, same in groupby(rows, lambda row: row[1].transition):
        yield f"    {transition}"
        for name, guard in same:
            cells = "".join(f"{'yes' if status in guard.seen else '-':>10}" for status in _STATUSES)
            shown = f"      {name}"
            # A long path has a line to itself, so that the columns stay where they are.
            yield f"{shown:<{width}}{cells}" if len(shown) <= width else f"{shown}\n{'':<{width}}{cells}"


def _indented(guard: GuardCoverage) -> str:
    last = guard.path.rpartition(".")[2]
    return guard.path if last == guard.guard or last.startswith(guard.guard) else f"{guard.path} {guard.guard}"


def as_data(coverage: LifecycleCoverage) -> dict[str, Any]:
    """
    Return a report as JSON data.
    """
    return {
        "lifecycle": coverage.definition.id,
        "version": coverage.definition.version,
        "percent": round(100 * coverage.ratio, 2),
        "covered": coverage.covered,
        "total": coverage.total,
        "edges": [
            {
                "transition": edge.transition,
                "trigger": edge.trigger,
                "source": edge.source,
                "target": edge.target,
                "taken": edge.taken,
                "accepted": edge.accepted,
                "rivals": edge.rivals,
            }
            for edge in coverage.edges
        ],
        "guards": [
            {
                "transition": guard.transition,
                "path": guard.path,
                "guard": guard.guard,
                "seen": [status for status in _STATUSES if status in guard.seen],
            }
            for guard in coverage.guards
        ],
        "stages_never_visited": list(coverage.not_visited),
    }


def as_json(coverages: Iterable[LifecycleCoverage]) -> str:
    """
    Return reports as one JSON text.
    """
    data = {"schema": 1, "lifecycles": [as_data(one) for one in coverages]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def as_mermaid(coverage: LifecycleCoverage) -> str:
    """
    Return the lifecycle as a Mermaid diagram in which the edges not taken and the stages never visited are marked.
    """
    lines = render(coverage.definition).splitlines()
    first = 2 + len(coverage.definition.stages)  # behind the title, the stages and the way in
    for number, edge in enumerate(coverage.edges, start=first):
        lines[number] += "" if edge.taken else " ✗ not taken"
    if coverage.not_visited:
        lines.append("    classDef unvisited fill:#fff,stroke:#c00,stroke-dasharray:4 3")
        lines += [f"    class {stage} unvisited" for stage in coverage.not_visited]
    return "\n".join(lines) + "\n"


def as_markdown(coverages: Iterable[LifecycleCoverage]) -> str:
    """
    Return reports as Markdown, each with a title and its diagram.
    """
    return "\n".join(
        f"## {one.definition.id} {one.definition.version}: {percent(one.ratio)}\n\n```mermaid\n{as_mermaid(one)}```\n"
        for one in coverages
    )
