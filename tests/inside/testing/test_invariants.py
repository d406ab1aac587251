"""
What a checked pipeline holds each fact against.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import Actor, Definition, Field, Money, Stage, Transition, build_lifecycle, guards
from salesflow._model.fold import evolve
from salesflow.stores import MemoryStore
from salesflow.testing import NOW, CheckedPipeline, InvariantError, project_in
from salesflow.testing._machine.invariants import check_fact, check_stored

from ...testing.planted import deal


ANN = Actor("ann")
AMOUNT = {"amount": Money("5", "CNY")}


def made(lifecycle=None, **more):
    pipeline = CheckedPipeline(deal() if lifecycle is None else lifecycle, actor=ANN, clock=lambda: NOW, **more)
    pipeline.open("A deal", id="P")
    return pipeline


def test_a_change_in_a_final_stage_is_found():
    """However it got there."""
    pipeline = made()
    pipeline.fire("P", "lose")
    lost = pipeline.get("P")
    fact = attrs.evolve(pipeline.history("P")[-1], version=lost.version + 1)
    changed = attrs.evolve(fact, body=made_change(AMOUNT))
    with pytest.raises(InvariantError, match="a final stage is locked"):
        check_fact(pipeline.lifecycle, lost, changed, attrs.evolve(lost, version=fact.version))


def made_change(fields):
    pipeline = made()
    return pipeline.update("P", fields).fact.body


def test_nothing_is_expected_of_a_project_that_is_not_there():
    """Then there is neither a history nor a head."""
    check_stored(MemoryStore(), "P", (), None)


def test_a_hold_is_resumed_where_it_began():
    """The stay that a hold interrupts goes on; a resume that leads elsewhere is found."""
    stages = [Stage("lead"), Stage("paused", "hold"), Stage("won", "won")]
    moves = [
        Transition("pause", "lead", "paused", kind="hold"),
        Transition("resume", "paused", "$previous", kind="resume"),
        Transition("win", "lead", "won", outcome="won"),
    ]
    pipeline = made(build_lifecycle(Definition("holding", stages=stages, transitions=moves)))
    held = pipeline.fire("P", "pause").project
    fact = pipeline.fire("P", "resume").fact
    after = evolve(held, fact)
    elsewhere = attrs.evolve(after, stage="won", visit=attrs.evolve(after.visit, stage="won"))
    with pytest.raises(InvariantError, match="a resume returns to the held stage"):
        check_fact(pipeline.lifecycle, held, fact, elsewhere)


def test_a_final_stage_is_left_with_what_the_reopening_asks_for():
    """In a final stage nothing can be recorded, so what a gate asks for is handed in with the move."""
    stages = [Stage("lead"), Stage("lost", "lost"), Stage("second"), Stage("won", "won")]
    moves = [
        Transition("lose", "lead", "lost", outcome="lost", kind="exit"),
        Transition(
            "reopen", "lost", "second", kind="reopen", outcome="undecided", guards=[guards.fields_present("note")]
        ),
        Transition("win", "second", "won", outcome="won"),
    ]
    lifecycle = build_lifecycle(Definition("again", fields=[Field("note")], stages=stages, transitions=moves))
    assert project_in("second", lifecycle).stage == "second"
