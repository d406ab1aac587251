"""
What observers of a process are told, in which order, and what coverage keeps of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, guards
from salesflow._lifecycle import observers
from salesflow._model.facts import Changed
from salesflow.errors import TransitionRefusedError, UnknownTriggerError
from salesflow.testing import lifecycle_coverage
from salesflow.testing._coverage import observe


AT = datetime(2026, 3, 2, tzinfo=UTC)
LEAD = Actor("li.wei")
EITHER = guards.any_of(guards.fields_present("owner"), guards.all_of(guards.field_compare("seats", "ge", 5)))
LIFECYCLE = build_lifecycle(
    Definition(
        "seats",
        fields=(Field("owner"), Field("seats", "integer")),
        stages=(Stage("open", "open"), Stage("big"), Stage("small"), Stage("done", "closed")),
        transitions=(
            Transition("grow", "open", "big", trigger="sort", guards=(guards.field_compare("seats", "ge", 10),)),
            Transition("shrink", "open", "small", trigger="sort"),
            Transition("finish", ("big", "small"), "done", guards=(EITHER,)),
        ),
    )
)


class Told:
    """Writes down everything an observer is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def joined(self, context: Any, word: str, groups: Any) -> None:
        """Write down what was joined."""
        self.heard.append((word, [[verdict.status for verdict in group] for group in groups]))

    def decided(self, decision: Any, candidates: Any) -> None:
        """Write down whether a decision accepts, and who was evaluated."""
        self.heard.append((decision.accepted, [move.transition.id for move, _, _ in candidates]))

    def written(self, lifecycle: str, version: str, body: Any) -> None:
        """Write down what became true."""
        self.heard.append((lifecycle, version, type(body).__name__))


@contextmanager
def observing(*found: Told) -> Any:
    """Let them observe the process while a block runs."""
    for one in found:
        observers.add(one)
    try:
        yield
    finally:
        for one in found:
            observers.remove(one)


@pytest.fixture
def pipeline() -> Pipeline:
    """A pipeline with one open project."""
    made = Pipeline(LIFECYCLE, actor=LEAD, clock=lambda: AT)
    made.open("A", id="A", fields={"seats": 3})
    return made


def test_every_decision_and_commit_is_reported(pipeline):
    """
    A fire reports its decision with all candidates, the chosen one last, and then what it wrote.
    """
    told = Told()
    with observing(told):
        pipeline.fire("A", "sort")

    assert [(True, ["grow", "shrink"]), ("seats", "1", "Transitioned")] == told.heard


def test_refusals_are_reported(pipeline):
    """
    A refusal reports what its combinators joined, inner ones first, and its candidates; it writes nothing.
    """
    pipeline.fire("A", "sort")
    told = Told()
    with observing(told), pytest.raises(TransitionRefusedError):
        pipeline.fire("A", "finish")

    assert [("all_of", [["fail"]]), ("any_of", [["fail"], ["fail"]]), (False, ["finish"])] == told.heard


def test_a_trigger_that_is_not_open_is_a_decision(pipeline):
    """
    A trigger that is not open from here is refused without a candidate; one that nobody knows is no decision.
    """
    told = Told()
    with observing(told):
        pipeline.decide("A", "finish")
        with pytest.raises(UnknownTriggerError):
            pipeline.decide("A", "fly")

    assert [(False, [])] == told.heard


def test_what_is_handed_in_changes_nothing_of_it(pipeline):
    """
    A decision with data is reported like one without.
    """
    told = Told()
    with observing(told):
        pipeline.decide("A", "sort", data={"seats": 12})

    assert [(True, ["grow"])] == told.heard


def test_openings_are_reported():
    """
    Opening a project reports the fact that opened it.
    """
    told = Told()
    with observing(told):
        Pipeline(LIFECYCLE, actor=LEAD, clock=lambda: AT).open("B")

    assert [("seats", "1", "Opened")] == told.heard


def test_bound_objects_are_reported():
    """
    A move of a host's object is reported as true when it is made.
    """

    class Deal:
        stage = "open"
        owner = "li.wei"
        seats = 3

    told = Told()
    bound = LIFECYCLE.bind(Deal, fields={"owner": "owner", "seats": "seats"})
    with observing(told):
        bound.fire(Deal(), "sort", actor=LEAD, at=AT)

    assert [(True, ["grow", "shrink"]), ("seats", "1", "Transitioned")] == told.heard


def test_observers_come_and_go(pipeline):
    """
    Several see the same; one that is removed sees no more, and the others go on.
    """
    first, second = Told(), Told()
    with observing(first):
        with observing(second):
            pipeline.decide("A", "sort")
        pipeline.decide("A", "sort")

    assert (2, 1) == (len(first.heard), len(second.heard))


def test_coverage_keeps_a_limited_number(pipeline, monkeypatch):
    """
    What coverage recognises without another look has a limit, and so has what nobody fetched.
    """
    monkeypatch.setattr(observe, "_MOST", 1)
    finish = LIFECYCLE._table["big"]["finish"][0]
    with lifecycle_coverage(LIFECYCLE) as seen:
        for name, seats in (("B", 12), ("C", 3), ("D", 12)):
            pipeline.open(name, id=name, fields={"seats": seats})
            decision = pipeline.fire(name, "sort").decision
            finish.guards[0].check(decision.context)  # asked outside of any decision
        observers.report_written("seats", "1", Changed(()))
    report = seen.report()

    assert ["grow", "shrink"] == [edge.transition for edge in report.edges if edge.taken]
    assert (1, 1) == (len(seen.seen._known), len(seen.seen._joined))
