"""
The graph that rules are proved on.
"""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Fact, build_lifecycle, replay
from salesflow._definition.graph import Graph
from salesflow.testing import histories, lifecycles, rules
from salesflow.testing._strategies.definitions import PARTS
from salesflow.testing.rules import Place
from salesflow.typing import Opened

from ...factory import NOW, decide, opened, taken
from ...testing.planted_static import HOLD, PAUSED, build


ANN, BOSS = Actor("ann"), Actor("boss", roles={"sales_director"})


def test_a_resume_goes_back_where_it_came_from():
    """A path through a hold remembers the stage, so no other one is entered by the resume."""
    lifecycle = build(*HOLD, more=(PAUSED,))
    places = Graph.of(lifecycle.definition).places()

    assert {("paused", "lead"), ("paused", "offer")} == {
        (place.stage, place.suspended) for place in places if place.suspended
    }
    assert None is rules.always_before("make_offer", "offer").prove(lifecycle)
    assert "lead --pause--> paused (holding lead)" == str(rules.never("paused").prove(lifecycle).path)


def bare(lifecycle):
    """The same lifecycle without its guards and effects."""
    edges = [attrs.evolve(one, guards=(), effects=()) for one in lifecycle.transitions]
    return build_lifecycle(attrs.evolve(lifecycle.definition, transitions=edges))


@pytest.mark.slow
@given(st.data())
def test_places_are_those_of_the_engine(data):
    """Wherever decisions lead a project without guards, the graph leads too, and the other way round."""
    lifecycle = bare(data.draw(lifecycles()))
    places = Graph.of(lifecycle.definition).places()
    seen, todo = set(), [opened(lifecycle)]
    while todo:
        project = todo.pop()
        place = Place(project.stage, project.suspended and project.suspended.stage, project.outcome)
        if place in seen:
            continue
        seen.add(place)
        for trigger in lifecycle.triggers(project.stage):
            for outcome in (None, *lifecycle.definition.outcome_ids):
                decision = decide(lifecycle, project, trigger, outcome=outcome)
                if decision.accepted:
                    todo.append(taken(lifecycle, project, decision))

    assert seen == places.keys()


def some_rules(lifecycle):
    """Rules over the names of a lifecycle."""
    names = [f"stage:{one.id}" for one in lifecycle.stages] + [f"transition:{one.id}" for one in lifecycle.transitions]
    used = {use.use for one in lifecycle.transitions for use in one.guards}
    name, earlier = st.sampled_from(names), st.sampled_from([*names, *(f"guard:{use}" for use in sorted(used))])
    maybe = st.none() | name
    return st.one_of(
        st.builds(lambda a, b, c: rules.never(a, after=b, until=c), name, maybe, st.none() | earlier),
        st.builds(lambda n, a, b: rules.at_most(n, a, since=b), st.integers(0, 2), name, maybe),
        st.builds(lambda a, b, c: rules.always_before(a, b, since=c), earlier, name, maybe),
        st.builds(lambda a, b, c: rules.always_after(a, b, before=c), name, earlier, name),
    )


@pytest.mark.slow
@given(st.data())
def test_what_is_proved_holds_for_every_history(data):
    """No history breaks a rule that is proved; and the path of one that is not, walked without guards, breaks it."""
    parts = data.draw(st.sampled_from([PARTS, tuple(part for part in PARTS if part != "guards")]))
    lifecycle = data.draw(lifecycles(parts=parts))
    rule, facts = data.draw(some_rules(lifecycle)), data.draw(histories(lifecycle))
    broken = rule.prove(lifecycle)
    if broken is None:
        assert () == rule.check(facts)
        return
    walked, guarded = told_along(broken.path, lifecycle)

    assert guarded <= ("guards" in parts)
    assert guarded or [walked[-1]] == [found.fact for found in rule.check(walked)]


def told_along(path, lifecycle):
    """The facts of a path, by an engine without guards; and whether guards were needed to go this way."""
    free = bare(lifecycle)
    project = opened(free)
    body = Opened("Deal", project.stage, project.outcome)
    facts = [Fact("P-1", 1, NOW, ANN, free.id, "1", body)]
    for step in path.steps:
        transition = free.transition(step.transition)
        calls = (None, *free.definition.outcome_ids)
        decisions = [decide(free, project, transition.trigger, outcome=outcome) for outcome in calls]
        fitting = [
            one
            for one in decisions
            if one.accepted and one.transition.id == step.transition and one.outcome == step.target.outcome
        ]
        if not fitting:
            return facts, True
        made, _ = free.plan(fitting[0])
        facts.append(Fact("P-1", len(facts) + 1, NOW, ANN, free.id, "1", made))
        project = replay(facts)
    return facts, False
