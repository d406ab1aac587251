"""
The lifecycle with heat: how often stages were entered and transitions taken, how long visits last, where moves fail.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from salesflow import Lifecycle
from salesflow.insight import Portfolio

from ._figures import as_of_text
from ._page import Chart, Column, Page, Section, Table
from ._specs import graph
from ._texts import NOTHING, Texts


def lifecycle_page(portfolio: Portfolio, texts: Texts, lifecycle: Lifecycle) -> Page:
    """
    Return the page of a lifecycle: its graph with what happened on it, and the same as tables.

    Args:
        portfolio: of its projects.
        texts: of the page.
        lifecycle: whose stages and transitions are shown.
    """
    label = texts.label(lifecycle.definition.label, lifecycle.id)
    seen = portfolio.where(lifecycle=lifecycle.id)
    stages, moves = _stages(seen, texts, lifecycle), _moves(seen, texts, lifecycle)
    title = texts.say("Where projects go, wait and are refused", "项目的走向、停留与受阻")
    most = max(stages.rows, key=lambda row: row[4], default=None)
    said = texts.say(
        "In each box: visits, median days, refusals (✕). The redder a stage, the more moves out of it were refused; "
        "the thicker a line, the more often it was taken.",
        "框内为进入次数、停留天数中位数和被拒次数（✕）。阶段越红，从该阶段发起的操作被拒绝得越多；连线越粗，走过的次数越多。",
    )
    if most is not None and most[4]:
        said += texts.say(f" Most refusals are in {most[0]}.", f"被拒绝最多的阶段是“{most[0]}”。")
    chart = Chart(_graph(lifecycle, stages, moves, texts), title, said, stages)
    taken = texts.say("Transitions", "流转")
    return Page(
        "lifecycle",
        label,
        as_of_text(seen, texts, f"{lifecycle.id} {lifecycle.version}"),
        texts.lang,
        [Section(title, said, chart=chart, wide=True), Section(taken, table=moves, wide=True)],
    )


def _stages(portfolio: Portfolio, texts: Texts, lifecycle: Lifecycle) -> Table:
    visits, refused = portfolio.table("visits"), portfolio.table("refusals")
    entered = Counter(visits["stage"])
    now = Counter(stage for stage, left in zip(visits["stage"], visits["left"], strict=True) if left is None)
    days: dict[str, list[float]] = {}
    for stage, since, left in zip(visits["stage"], visits["entered"], visits["left"], strict=True):
        if left is not None:
            days.setdefault(stage, []).append((left - since).total_seconds() / 86_400)
    sources = {each.id: each.source for each in lifecycle.transitions}
    held = Counter(
        source for transition in refused["transition"] if transition in sources for source in sources[transition][:1]
    )
    heads = [
        Column(texts.say("Stage", "阶段")),
        Column(texts.say("Entered", "进入次数"), "number"),
        Column(texts.say("There now", "当前项目"), "number"),
        Column(texts.say("Median days", "停留天数中位数"), "days"),
        Column(texts.say("Refusals", "被拒次数"), "number"),
    ]
    rows = [
        [
            texts.label(stage.label, stage.id),
            entered[stage.id],
            now[stage.id],
            median(days[stage.id]) if stage.id in days and not stage.final else None,
            held[stage.id],
        ]
        for stage in lifecycle.stages
    ]
    return Table(heads, rows)


def _moves(portfolio: Portfolio, texts: Texts, lifecycle: Lifecycle) -> Table:
    taken = Counter(portfolio.table("moves")["transition"])
    refused = Counter(portfolio.table("refusals")["transition"])
    names = {each.id: texts.label(each.label, each.id) for each in lifecycle.stages}
    same = texts.say("same stage", "原阶段")
    heads = [
        Column(texts.say("Transition", "流转")),
        Column(texts.say("From", "从")),
        Column(texts.say("To", "到")),
        Column(texts.say("Taken", "次数"), "number"),
        Column(texts.say("Refused", "被拒"), "number"),
    ]
    rows = [
        [
            texts.label(each.label, each.id),
            ", ".join(names[source] for source in each.source),
            names.get(each.target or "", same),
            taken[each.id],
            refused[each.id],
        ]
        for each in lifecycle.transitions
    ]
    return Table(heads, rows)


def _places(lifecycle: Lifecycle) -> Mapping[str, tuple[int, int]]:
    """
    Return a column and a line for each stage: columns by the shortest way from the first stage, holds below the rest.
    """
    ahead: dict[str, list[str]] = {}
    for each in lifecycle.transitions:
        if each.kind not in {"hold", "resume", "loop", "reopen"}:
            for source in each.source:
                ahead.setdefault(source, []).append(each.target or source)
    rank, waiting = {lifecycle.definition.initial: 0}, deque([lifecycle.definition.initial])
    while waiting:
        here = waiting.popleft()
        for target in ahead.get(here, ()):
            if target not in rank and not target.startswith("$"):
                rank[target] = rank[here] + 1
                waiting.append(target)
    last = max(rank.values())
    lines: Counter[int] = Counter()
    found: dict[str, tuple[int, int]] = {}
    order = sorted(lifecycle.stages, key=lambda each: (each.kind == "hold", each.kind in {"lost", "cancelled"}))
    for stage in order:
        column = last if stage.final else rank.get(stage.id, last // 2)
        found[stage.id] = (column, lines[column])
        lines[column] += 1
    return found


def _graph(lifecycle: Lifecycle, stages: Table, moves: Table, texts: Texts) -> dict[str, Any]:
    places = _places(lifecycle)
    worst = max([row[4] for row in stages.rows], default=0) or 1
    nodes = [
        {
            "x": places[stage.id][0],
            "y": places[stage.id][1],
            "label": row[0],
            "text": f"{row[1]} · {NOTHING if row[3] is None else texts.value(row[3], 'days')} · ✕ {row[4]}",
            "heat": row[4] / worst,
        }
        for stage, row in zip(lifecycle.stages, stages.rows, strict=True)
    ]
    most = max([row[3] for row in moves.rows], default=0) or 1
    edges: list[dict[str, Any]] = []
    for transition, row in zip(lifecycle.transitions, moves.rows, strict=True):
        target = transition.target
        if target is not None and target in places:
            edges.extend(_edges(places, transition.source, target, transition.kind, row, most))
    return graph(nodes, edges)


def _edges(
    places: Mapping[str, tuple[int, int]], sources: Sequence[str], target: str, kind: str, row: Sequence[Any], most: int
) -> Sequence[dict[str, Any]]:
    to = places[target]
    return [
        {
            "x": places[source][0],
            "y": places[source][1],
            "x2": to[0],
            "y2": to[1],
            "taken": str(row[3]) if len(sources) == 1 else "",
            "weight": row[3] / most,
            "back": kind != "forward",
        }
        for source in sources
        if source != target
    ]
