"""
The shared lifecycle in salesflow: its definition, and pipelines to walk it with.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from _deal import AMOUNT, LEAST, MOVES, STAGES, WALK

import salesflow as sf
from salesflow import guards
from salesflow.stores import MemoryStore
from salesflow.typing import GuardUse


SELLER = sf.Actor("li.wei", roles={"project_lead"})
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KINDS = {"revise": "loop", "hold": "hold", "resume": "resume"}


def lifecycle_with(*uses: GuardUse) -> sf.Lifecycle:
    """
    Build the shared lifecycle with these guards on each transition, or with the comparison that the others make.
    """
    return sf.build_lifecycle(definition(*uses))


def definition(*uses: GuardUse) -> sf.Definition:
    """
    Write the shared lifecycle with these guards on each transition, or with the comparison that the others make.
    """
    kinds = {"on_hold": "hold", "won": "won"}
    return sf.Definition(
        "deal",
        fields=[sf.Field("amount", "integer"), sf.Field("owner")],
        stages=[sf.Stage(stage, kinds.get(stage, "active"), produces=["artefact_0"]) for stage in STAGES],
        transitions=[
            sf.Transition(
                trigger,
                source,
                "$previous" if trigger == "resume" else target,
                kind=KINDS.get(trigger, "forward"),
                guards=uses or [guards.field_compare("amount", "ge", LEAST)],
                outcome="won" if trigger == "win" else None,
            )
            for trigger, source, target in MOVES
        ],
    )


def seller_pipeline(store: Any, lifecycle: Any = None) -> sf.Pipeline:
    """
    Return a pipeline over *store* whose default actor sells.
    """
    return sf.Pipeline(lifecycle or lifecycle_with(), store=store, actor=SELLER)


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
