"""
Steps of the user's own in the machine that walks through a lifecycle.
"""

from __future__ import annotations

from hypothesis import settings

from salesflow import Actor, Definition, Field, Stage, Transition, build_lifecycle
from salesflow.testing import lifecycle_machine


def test_own_steps_are_done_in_every_stage():
    """
    After the examples each own step is done before each transition.
    """
    seen = set()

    def note(pipeline, project, at):
        seen.add(project.stage)
        pipeline.update(project.id, {"note": "called"}, actor=Actor("cat"), at=at)

    lifecycle = build_lifecycle(
        Definition(
            "short",
            fields=[Field("note")],
            stages=[Stage("lead", "open"), Stage("offer"), Stage("won", "won")],
            transitions=[
                Transition("bid", "lead", "offer"),
                Transition("win", "offer", "won", outcome="won"),
            ],
        )
    )
    case = lifecycle_machine(lifecycle, steps=[note]).TestCase("runTest")
    case.settings = settings(case.settings, max_examples=5, derandomize=True)
    case.runTest()

    assert {"lead", "offer"} <= seen
