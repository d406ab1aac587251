"""
The shared lifecycle in salesflow: its guard, its definition, and pipelines to walk it with.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from _deal import AMOUNT, MOVES, STAGES, WALK

import salesflow as sf
from salesflow import guards
from salesflow._model.definition import Field
from salesflow.stores import MemoryStore
from salesflow.typing import Check, Context, GuardUse, Label


SELLER = sf.Actor("li.wei", roles={"project_lead"})
AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
KINDS = {"revise": "loop", "hold": "hold", "resume": "resume"}


@guards.guard("bench.priced", codes={"bench.unpriced": Label("No amount.", "没有金额。")})
def priced() -> Check:
    """
    Ask what the guards of the other libraries ask, in as few words.
    """

    def check(ctx: Context) -> sf.Verdict:
        if ctx.project.fields.get("amount") is not None:
            return guards.passed()
        return guards.failed("bench.unpriced")

    return check


class Bench:
    """
    The plugin that brings the guard.
    """

    name = "bench"

    @sf.hookimpl
    def salesflow_guards(self) -> list[guards.Guard[Any]]:
        """
        Return it.
        """
        return [priced]


def lifecycle_with(*uses: GuardUse) -> sf.Lifecycle:
    """
    Build the shared lifecycle with these guards on each transition.
    """
    return sf.build_lifecycle(definition(*uses), plugins=[Bench()])


def definition(*uses: GuardUse) -> sf.Definition:
    """
    Write the shared lifecycle with these guards on each transition.
    """
    kinds = {"on_hold": "hold", "won": "won"}
    return sf.Definition(
        "deal",
        fields=[Field("amount", "integer"), Field("owner")],
        stages=[sf.Stage(stage, kinds.get(stage, "active"), produces=["artefact_0"]) for stage in STAGES],
        transitions=[
            sf.Transition(
                trigger,
                source,
                "$previous" if trigger == "resume" else target,
                kind=KINDS.get(trigger, "forward"),
                guards=uses or [priced()],
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
