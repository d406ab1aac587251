"""
The machine of a lifecycle, and decisions held against a stock machine that was built without it.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from transitions import Machine, MachineError

from salesflow import Definition, Money, Project, Stage, Transition, build_lifecycle
from salesflow._lifecycle.kernel import LifecycleEvent, LifecycleTransition
from salesflow._model.parameters import call_factory
from salesflow._model.predicate import holds, with_literals
from salesflow._model.project import field_value
from salesflow.guards import BUILT_IN
from salesflow.typing import Context

from ...factory import ANN, NOW, decide, moved, opened, taken
from ...strategies import definitions, walks


HOLDING = Definition(
    "holding",
    stages=(Stage("a", "open"), Stage("b"), Stage("rest", "hold"), Stage("done", "closed")),
    transitions=(
        Transition("go", "a", "b"),
        Transition("stay", ("a", "b"), "$same"),
        Transition("end", "b", "done"),
        Transition("hold", ("a", "b"), "rest", kind="hold"),
        Transition("resume", "rest", "$previous", kind="resume"),
    ),
)


class Thing:
    """
    An object of a host, as the machine takes it.
    """

    def __init__(self, state: str = "a", previous: str | None = None) -> None:
        self.state = state
        self.previous = previous


class Walker:
    """
    A model of the stock machine: it remembers what it was given and where it was held.
    """

    def __init__(self) -> None:
        self.project: Project | None = None
        self.before: list[str] = []


def typed(definition: Definition, predicate: Any) -> Any:
    kinds = {field.id: field.type for field in definition.fields}

    def convert(part: Any) -> Any:
        money = kinds[part.field] == "money" and isinstance(part.value, str)
        return Money.parse(part.value) if money else part.value

    return with_literals(predicate, convert)


def passes(definition: Definition, use: Any, project: Project) -> bool | None:
    """Ask a guard use without the engine: true, false, or None where it is skipped."""
    if use.when is not None and holds(typed(definition, use.when), lambda name: field_value(project, name)) is False:
        return None
    if use.guards:
        parts = [use_answer(definition, part, project) for part in use.guards]
        met = {"all_of": "fail" not in parts and "unknown" not in parts, "any_of": "pass" in parts}
        met["none_of"] = all(part == "fail" for part in parts)
        return met[use.use]
    return use_answer(definition, use, project) == "pass"


def use_answer(definition: Definition, use: Any, project: Project) -> str:
    guard = next(one for one in BUILT_IN if one.name == use.use)
    verdict: Any = call_factory(guard.factory, use.params)(Context(project, definition.transitions[0], ANN, NOW))
    return verdict.status


def stock(definition: Definition, model: Walker) -> Machine:
    """Build a stock machine by hand from the definition; conditions ask the same checks."""
    machine = Machine(
        model=model,
        states=[stage.id for stage in definition.stages],
        initial=definition.initial,
        auto_transitions=False,
    )

    def condition(transition: Transition) -> Any:
        def met() -> bool:
            blocking = [use for use in transition.guards if use.severity == "block"]
            return all(passes(definition, use, model.project) is not False for use in blocking)

        return met

    for transition in definition.transitions:
        for source in transition.source:
            conditions = [condition(transition)]
            if transition.target == "$previous":
                held = [one.source for one in definition.transitions if one.target == source and one.kind == "hold"]
                for stage in sorted({name for names in held for name in names}):
                    came = lambda stage=stage: model.before[-1:] == [stage]  # noqa: E731 -- one condition an edge
                    machine.add_transition(transition.trigger, source, stage, conditions=[came, *conditions])
            else:
                target = source if transition.target == "$same" else transition.target
                machine.add_transition(transition.trigger, source, target, conditions=conditions)
    return machine


@pytest.mark.traced
@pytest.mark.slow
@given(st.data())
def test_decisions_agree_with_a_stock_machine(data):
    """
    Whatever the lifecycle and the walk, a decision moves to the stage of the stock machine, or refuses with it.
    """
    definition = data.draw(definitions())
    lifecycle = build_lifecycle(definition)
    model = Walker()
    machine = stock(definition, model)
    project = opened(lifecycle)
    for trigger, fields in data.draw(walks(definition)):
        decision = decide(lifecycle, project, trigger, data=fields)
        merged = {**project.fields, **fields}
        model.project = opened(lifecycle, {name: value for name, value in merged.items() if value is not None})
        before = model.state
        try:
            went = machine.events[trigger].trigger(model)
        except MachineError:
            went = False
        assert went == decision.accepted
        if decision.accepted:
            if decision.transition.kind == "hold":
                model.before.append(before)
            elif not decision.move.stays:
                model.before.clear()
            project = taken(lifecycle, project, decision)

        assert (model.state, lifecycle.stage(model.state).final) == (
            project.stage,
            lifecycle.stage(project.stage).final,
        )


@given(st.data())
def test_the_machine_follows_the_edges_of_decisions(data):
    """
    Triggered on a plain object, the machine of a lifecycle goes where an unguarded decision goes.
    """
    written = data.draw(definitions())
    bare = [
        Transition(one.id, one.source, one.target, kind=one.kind, trigger=one.trigger) for one in written.transitions
    ]
    definition = Definition("bare", stages=written.stages, transitions=bare, initial=written.initial)
    lifecycle = build_lifecycle(definition)
    thing, project = Thing(definition.initial), opened(lifecycle)
    for trigger, _ in data.draw(walks(definition)):
        decision = decide(lifecycle, project, trigger)
        before = thing.state
        try:
            went = lifecycle.machine.events[trigger].trigger(thing)
        except MachineError:
            went = False
        assert went == decision.accepted
        if decision.accepted:
            project = taken(lifecycle, project, decision)
            thing.previous = before if decision.transition.kind == "hold" else thing.previous

        assert project.stage == thing.state


def test_it_is_a_real_machine():
    """
    Those who know transitions find states, events and transitions where they expect them.
    """
    machine = build_lifecycle(HOLDING).machine

    assert isinstance(machine, Machine)
    assert ["a", "b", "rest", "done"] == list(machine.states)
    assert {"go", "stay", "hold", "end", "resume"} == machine.events.keys()
    assert ["b"] == [one.dest for one in machine.get_transitions("go", "a")]
    assert {LifecycleEvent} == {type(event) for event in machine.events.values()}
    assert {LifecycleTransition} == {type(one) for one in machine.get_transitions()}
    assert [] == machine.models


def test_resume_is_one_edge_for_each_stage_that_can_be_held():
    """
    The machine knows by the attribute ``previous`` where a held object comes from.
    """
    machine = build_lifecycle(HOLDING).machine
    things = [Thing("rest", previous) for previous in ("a", "b", "done", None)]
    went = [machine.events["resume"].trigger(thing) for thing in things]

    assert [True, True, False, False] == went
    assert ["a", "b", "rest", "rest"] == [thing.state for thing in things]


def test_editing_the_machine_changes_no_decision():
    """
    Decisions were taken from the machine when it was built, and never look at it again.
    """
    lifecycle = build_lifecycle(HOLDING)
    project = opened(lifecycle)
    lifecycle.machine.add_transition("go", "b", "done", edge=None)
    lifecycle.machine.remove_transition("go", "a")
    lifecycle.machine.events.pop("hold")

    assert "b" == decide(lifecycle, project, "go").target
    assert "rest" == decide(lifecycle, project, "hold").target
    assert not decide(lifecycle, moved(lifecycle, project, "go"), "go").accepted


def test_nothing_is_added_to_an_object():
    """
    Neither triggering the machine nor deciding leaves anything on what it was given.
    """
    lifecycle = build_lifecycle(HOLDING)
    thing, project = Thing(), opened(lifecycle)
    before = dir(thing), vars(thing).keys(), dir(project)
    lifecycle.machine.events["go"].trigger(thing)
    decide(lifecycle, project, "go")

    assert before == (dir(thing), vars(thing).keys(), dir(project))
    assert "b" == thing.state


def test_two_objects_do_not_know_of_each_other():
    """
    One machine serves every object: triggering one leaves the others where they are.
    """
    machine = build_lifecycle(HOLDING).machine
    first, second = Thing(), Thing("b")
    machine.events["go"].trigger(first)

    assert ("b", "b") == (first.state, second.state)
    with pytest.raises(MachineError):
        machine.events["go"].trigger(second)


@pytest.mark.slow
def test_a_large_lifecycle():
    """
    200 stages and 2,000 transitions are built, and the last stage is reached.
    """
    names = [f"s{number}" for number in range(199)]
    stages = [Stage("s0", "open"), *(Stage(name) for name in names[1:]), Stage("done", "closed")]
    along = [Transition(f"to_{names[n]}", names[n - 1], names[n], trigger="next") for n in range(1, 199)]
    across = [
        Transition(f"x{n}", names[n % 199], names[n * 7 % 199], kind="loop") for n in range(2000 - len(along) - 1)
    ]
    end = Transition("end", names[-1], "done", trigger="next")
    lifecycle = build_lifecycle(Definition("large", stages=stages, transitions=(*along, *across, end)))
    project = opened(lifecycle)
    for _ in range(199):
        project = moved(lifecycle, project, "next")

    assert (200, 2000, "done") == (len(lifecycle.stages), len(lifecycle.transitions), project.stage)
