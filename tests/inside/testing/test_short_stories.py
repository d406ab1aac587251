"""
What a story and an error leave out: projects that do not matter, arguments that repeat, and what is not so.
"""

from __future__ import annotations

import pytest

import salesflow as sf
from salesflow import guards
from salesflow._lifecycle.routes import Lessons, into
from salesflow.stores import JournalStore
from salesflow.testing import NOW, InvariantError, NoRouteError, lifecycle_machine
from salesflow.testing._machine.story import Call
from salesflow.testing._navigate.context import Means, NavigationContext, at_any_time
from salesflow.testing._navigate.route import navigate


ANN, BEN = sf.Actor("ann"), sf.Actor("ben")
STAGES = (sf.Stage("lead", "open"), sf.Stage("offer"), sf.Stage("won", "won"))
EDGES = (
    sf.Transition("go", "lead", "offer", guards=[guards.actor_has_role("nobody")]),
    sf.Transition("win", "offer", "won"),
    sf.Transition("drop", "lead", "won", outcome="won"),
)
DEAL = sf.build_lifecycle(sf.Definition("mine", stages=STAGES, transitions=EDGES))


def never_won(project):
    """No project is won."""
    return project.stage != "won"


def only_together(project):
    """A project may be called two only after another one was opened."""
    OPENED.append(project.id)
    return project.id != "p-2" or "p-1" not in OPENED


OPENED: list[str] = []
CALLS = [
    Call("open", ("A project",), {"id": "p-1", "actor": ANN, "at": NOW}),
    Call("open", ("A project",), {"id": "p-2", "actor": ANN, "at": NOW}),
    Call("approve", ("p-1", "price"), {"actor": BEN, "at": NOW}),
    Call("fire", ("p-2", "drop"), {"actor": ANN, "at": NOW}),
]


def story(error, *, invariants=(never_won,), calls=CALLS, **how):
    """The calls of a story, without what they are made on."""
    machine = lifecycle_machine(DEAL, invariants=invariants, **how)
    lines = machine.kit.story(list(calls), error).splitlines()
    return [line.replace("datetime(2026, 3, 2, 9, 0, tzinfo=UTC)", "NOW") for line in lines if "pipeline" in line]


def test_what_does_not_matter_is_left_out():
    """
    Projects without which it fails alike are left out, and who acts most often and when is said once.
    """
    first, *calls = story(InvariantError("never_won", ""))

    assert first.endswith("invariants=[never_won], clock=FrozenClock(NOW), actor=Actor('ann'))")
    assert ["pipeline.open('A project', id='p-2')", "pipeline.fire('p-2', 'drop')"] == calls


def test_a_durable_store_is_tried_in_a_folder_of_its_own():
    """
    The calls are tried on a new store.
    """
    assert 3 == len(story(InvariantError("never_won", ""), store=JournalStore))


@pytest.mark.parametrize("error", [InvariantError("another", ""), None])
def test_what_matters_stays(error):
    """
    Where it fails otherwise, or is not known to fail, every call stays.
    """
    assert 5 == len(story(error))


def test_projects_that_fail_together_stay():
    """
    What does not fail by itself is told with all the others.
    """
    OPENED.clear()
    calls = [CALLS[0], CALLS[1]]

    assert 3 == len(story(InvariantError("only_together", ""), invariants=(only_together,), calls=calls))


def test_what_is_said_once_stays_there():
    """
    What does not repeat stays where it is.
    """
    assert ["pipeline.open('A project', id='p-1', actor=Actor('ann'), at=NOW)"] == story(None, calls=CALLS[:1])[1:]


def route_to(stage, lessons):
    """The error for a project that cannot reach a stage."""
    pipeline = at_any_time(sf.Pipeline(DEAL))
    project = pipeline.open("A project", actor=ANN, at=NOW)
    context = NavigationContext(pipeline, project.id, Means.of(DEAL, actors=[ANN]), ANN, at=NOW)
    with pytest.raises(NoRouteError) as caught:
        navigate(context, into(stage), f"stage {stage!r}", lessons)
    return caught.value


def test_a_way_that_was_refused_before():
    """
    Only where the graph has no way is that said; otherwise what was refused before is named.
    """
    lessons = Lessons()
    first, again = route_to("offer", lessons), route_to("offer", lessons)
    never = route_to("lead", lessons)

    assert (["go"], ()) == ([each.transition for each in first.stuck], again.stuck)
    assert str(again).endswith("The shortest way to it was refused before, at go.")
    assert str(never).endswith("The graph has no way to it.")
