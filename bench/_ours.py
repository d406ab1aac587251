"""
The contenders of salesflow: kernel step, ``decide``, ``fire``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from _deal import LEAST, WALK
from _selling import AT, SELLER, fire_walk, lifecycle_with, open_deals, seller_pipeline, snapshots
from _timing import Contender

import salesflow as sf
from salesflow import guards
from salesflow.stores import MemoryStore
from salesflow.typing import Context, GuardUse


PASS = guards.passed()
FIRE = "salesflow, fire in MemoryStore"
DECIDE = "salesflow, decide"
STEP = "salesflow, kernel step"
BARE = "bare dict look-up, same calls"


def ours() -> list[Contender]:
    """
    Return every contender of salesflow; the last ones show what other built-in guards cost.
    """
    compared = guards.field_compare("amount", "ge", LEAST)
    others = {
        "fields_present": guards.fields_present("amount"),
        "actor_has_role": guards.actor_has_role("project_lead"),
        "with a condition": compared.but(when={"amount": {"gt": 0}}),
        "any_of two": guards.any_of(guards.actor_has_role("ceo"), compared),
    }
    return [
        *kernel(),
        decide_only(DECIDE),
        fire_in_memory(FIRE),
        *(decide_only(f"{DECIDE}, {name}", use) for name, use in others.items()),
    ]


def kernel() -> list[Contender]:
    """
    The walk of the table that ``decide`` uses, guard included and verdicts left out; and a plain dictionary.
    """
    lifecycle = lifecycle_with()
    table = lifecycle._table  # noqa: SLF001 -- the table itself is what is measured
    steps = [
        (project.stage, trigger, Context(project, table[project.stage][trigger][0].transition, SELLER, AT))
        for project, trigger in snapshots(lifecycle)
    ]
    flat = {
        (stage, trigger): (move.target, move.guards[0].check)
        for stage, moves in table.items()
        for trigger, (move, *_others) in moves.items()
    }

    def walk(_subject: object) -> Any:
        for stage, trigger, ctx in steps:
            for move in table[stage][trigger]:
                for _, check in move.checks:
                    if check(ctx) is not PASS:
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

    return [Contender(name, range, work, len(steps)) for name, work in ((STEP, walk), (BARE, look_up))]


def decide_only(name: str, *uses: GuardUse) -> Contender:
    """
    ``Lifecycle.decide`` alone, asked at each of the eight steps.
    """
    lifecycle = lifecycle_with(*uses)
    steps = snapshots(lifecycle)
    decide = lifecycle.decide

    def walk(_subject: object) -> None:
        for project, trigger in steps:
            decide(project, trigger, actor=SELLER, at=AT)

    return Contender(name, range, walk, len(steps))


def fire_in_memory(name: str, *uses: GuardUse) -> Contender:
    """
    ``Pipeline.fire`` on a ``MemoryStore``: recorded and explained.
    """
    lifecycle = lifecycle_with(*uses)

    def prepare(count: int) -> Sequence[tuple[sf.Pipeline, str]]:
        pipeline = seller_pipeline(MemoryStore(), lifecycle)
        return [(pipeline, project_id) for project_id in open_deals(pipeline, count)]

    return Contender(name, prepare, fire_walk, len(WALK))
