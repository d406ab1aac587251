"""
What the tests of deadlines and notices share: a lifecycle with limits, on every store.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle
from salesflow.effects import create_task, notify, set_field
from salesflow.typing import Deadline, Spawn


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
LI = Actor("li.wei")


def lifecycle(**changes: Any):
    """An offer that must not lie for longer than two weeks, and a reminder after three days."""
    limits = (
        Deadline("remind", "3d", effects=[notify(["owner"], "offer_waits"), create_task("Call them")]),
        Deadline("sla", "14d", effects=[set_field("late", True)]),
    )
    parts: dict[str, Any] = {
        "fields": [Field("late", "bool", default=False), Field("owner")],
        "stages": [
            Stage("lead", "open"),
            Stage("offer", deadlines=limits),
            Stage("rest", "hold", deadlines=[Deadline("wake", "30d")]),
            Stage("away", "hold"),
            Stage("won", "won"),
        ],
        "transitions": [
            Transition("make_offer", "lead", "offer"),
            Transition("polish", "offer", "$same", kind="loop"),
            Transition("redo", "offer", "offer", kind="loop"),
            Transition("pause", "offer", "rest", kind="hold"),
            Transition("leave", "rest", "away", kind="hold"),
            Transition("resume", ("rest", "away"), "$previous", kind="resume"),
            Transition("win", ("offer", "rest"), "won"),
            Transition("again", "won", kind="spawn", spawn=Spawn("limits", carry=("owner",))),
        ],
        "initial": "lead",
    }
    return build_lifecycle(Definition("limits", **{**parts, **changes}))


def make_pipeline(store, **settings: Any) -> Pipeline:
    """A pipeline at the beginning of the story."""
    return Pipeline(lifecycle(), store=store, actor=LI, clock=lambda: NOW, **settings)


def offered(pipeline: Pipeline, project_id: str = "P-1", at: datetime = NOW) -> Pipeline:
    """A project whose offer was made at a time."""
    pipeline.open("Metro", id=project_id, at=at, fields={"owner": "li.wei"})
    pipeline.fire(project_id, "make_offer", at=at)
    return pipeline


def passed(pipeline: Pipeline, project_id: str = "P-1") -> list[str]:
    """The deadlines of a project that passed, in order."""
    bodies = [fact.body for fact in pipeline.history(project_id)]
    return [f"{body.stage}.{body.deadline}" for body in bodies if type(body).__name__ == "DeadlinePassed"]
