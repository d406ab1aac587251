"""
The shared lifecycle in salesflow, and its contenders: kernel step, ``decide``, ``fire``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import salesflow as sf
from salesflow import guards
from salesflow._definition import Field
from salesflow._verdict import PASS
from salesflow.stores import MemoryStore
from salesflow.typing import Context

from _deal import AMOUNT, MOVES, STAGES, WALK
from _timing import Contender


FIRE = "salesflow, fire in MemoryStore"
DECIDE = "salesflow, decide"
STEP = "salesflow, kernel step"
BARE = "bare dict look-up, same calls"

SELLER = sf.Actor("li.wei", roles={"project_lead"})
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KINDS = {"revise": "loop", "hold": "hold", "resume": "resume"}


def definition(*extra: Any) -> sf.Definition:
    """
    Return the lifecycle of ``_deal`` with one guard a transition; *extra* guards are added to each.
    """
    kinds = {"on_hold": "hold", "won": "won"}
    return sf.Definition(
        "deal",
        initial="lead",
        fields=[Field("amount", "integer"), Field("owner")],
        stages=[sf.Stage(stage, kinds.get(stage, "active")) for stage in STAGES],
        transitions=[
            sf.Transition(
                trigger,
                source,
                "$previous" if trigger == "resume" else target,
                kind=KINDS.get(trigger, "forward"),
                guards=[guards.fields_present("amount"), *extra],
                outcome="won" if trigger == "win" else None,
            )
            for trigger, source, target in MOVES
        ],
    )


def seller_pipeline(store: Any, lifecycle: Any = None) -> sf.Pipeline:
    """
    Return a pipeline over *store* whose default actor sells.
    """
    return sf.Pipeline(lifecycle or sf.build_lifecycle(definition()), store=store, actor=SELLER)


def open_deals(pipeline: sf.Pipeline, count: int) -> list[str]:
    """
    Open *count* projects with the guarded field filled, and return their ids.
    """
    return [pipeline.open(f"Deal {number}", fields={"amount": AMOUNT}).id for number in range(count)]


def fire_walk(subject: tuple[sf.Pipeline, str]) -> None:
    """
    Walk one project through all eight events.
    """
    pipeline, project_id = subject
    fire = pipeline.fire
    for trigger in WALK:
        fire(project_id, trigger)


def fire_in_memory() -> Contender:
    """
    ``Pipeline.fire`` on a ``MemoryStore``: recorded and explained.
    """
    lifecycle = sf.build_lifecycle(definition())

    def prepare(count: int) -> Sequence[tuple[sf.Pipeline, str]]:
        pipeline = seller_pipeline(MemoryStore(), lifecycle)
        return [(pipeline, project_id) for project_id in open_deals(pipeline, count)]

    return Contender(FIRE, prepare, fire_walk, len(WALK))


def kernel() -> list[Contender]:
    """
    The walk of the table that ``decide`` uses, guard included and verdicts left out; and a plain dictionary.
    """
    lifecycle = sf.build_lifecycle(definition())
    table = lifecycle._table
    steps = [
        (project.stage, trigger, Context(project, table[project.stage][trigger][0].transition, SELLER, AT))
        for project, trigger in snapshots(lifecycle)
    ]
    flat = {
        (stage, trigger): (move.target, move.rules[0].check)
        for stage, moves in table.items()
        for trigger, (move, *_others) in moves.items()
    }

    def walk(_subject: object) -> Any:
        for stage, trigger, ctx in steps:
            for move in table[stage][trigger]:
                for rule in move.rules:
                    if rule.check(ctx) is not PASS:
                        break
                else:
                    target = move.target
                    break
        return target

    def look_up(_subject: object) -> Any:
        for stage, trigger, ctx in steps:
            found, check = flat[stage, trigger]
            if check(ctx) is PASS:
                target = found
        return target

    return [
        Contender(name, lambda count: range(count), work, len(steps)) for name, work in ((STEP, walk), (BARE, look_up))
    ]


def decide_only() -> Contender:
    """
    ``Lifecycle.decide`` alone, asked at each of the eight steps.
    """
    lifecycle = sf.build_lifecycle(definition())
    steps = snapshots(lifecycle)
    decide = lifecycle.decide

    def walk(_subject: object) -> None:
        for project, trigger in steps:
            decide(project, trigger, actor=SELLER, at=AT)

    return Contender(DECIDE, lambda count: range(count), walk, len(steps))


def snapshots(lifecycle: sf.Lifecycle) -> list[tuple[sf.Project, str]]:
    """
    Return the project before each of the eight events, with the event.
    """
    pipeline = seller_pipeline(MemoryStore(), lifecycle)
    project = pipeline.open("Deal", fields={"amount": AMOUNT})
    steps = []
    for trigger in WALK:
        steps.append((project, trigger))
        project = pipeline.fire(project.id, trigger).project
    return steps
