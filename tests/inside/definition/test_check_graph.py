"""
The edges of a definition, and which names may hide behind what could not be read.
"""

from __future__ import annotations

from hypothesis import given

import salesflow as sf
from salesflow import Definition, Stage, Transition
from salesflow._definition.check_graph import check_graph
from salesflow._definition.edges import UnreadParts, edges_of
from salesflow.typing import Spawn

from ...cases import over_cases
from ...strategies import definitions


STAGES = (Stage("a", "open"), Stage("b"), Stage("r1", "hold"), Stage("r2", "hold"), Stage("end", "closed"))


def edges(*transitions: Transition) -> list[tuple[str, str, str, str | None, bool]]:
    """
    Return the edges of some transitions: id, source, target, what is resumed, and whether the visit goes on.
    """
    found = edges_of(Definition("d", stages=STAGES, transitions=transitions))
    return [(edge.transition.id, edge.source, edge.target, edge.previous, edge.stays) for edge in found]


def test_one_edge_for_each_source():
    """
    A transition from several stages is as many edges, and a source that is named twice is one.
    """
    assert [("x", "a", "b", None, False), ("x", "b", "b", None, False)] == edges(Transition("x", ("a", "b", "a"), "b"))


def test_staying():
    """
    ``$same`` and spawning lead back to where they start.
    """
    same, spawn = Transition("x", ("a", "b"), "$same"), Transition("y", "end", spawn=Spawn("d"), kind="spawn")

    assert [("x", "a", "a", None, True), ("x", "b", "b", None, True)] == edges(same)
    assert [("y", "end", "end", None, True)] == edges(spawn)


def test_previous_is_every_stage_that_can_be_held():
    """
    A resume is one edge for each stage that a hold leads from to the very stage it resumes from.
    """
    found = edges(
        Transition("h1", ("a", "b"), "r1", kind="hold"),
        Transition("h2", "b", "r2", kind="hold"),
        Transition("h3", "b", "r1", kind="hold"),
        Transition("go_on", ("r1", "r2"), "$previous", kind="resume"),
    )

    assert [
        ("go_on", "r1", "a", "a", False),
        ("go_on", "r1", "b", "b", False),
        ("go_on", "r2", "b", "b", False),
    ] == [edge for edge in found if edge[0] == "go_on"]


def test_what_leads_nowhere_is_no_edge():
    """
    A transition to or from a stage that is not there is left out; its fault is told elsewhere.
    """
    assert [] == edges(
        Transition("x", "a", "nowhere"),
        Transition("y", "nowhere", "a"),
        Transition("z", "a"),
        Transition("u", "a", "$x"),
    )


@given(definitions())
def test_generated_definitions_are_sound(definition):
    """
    What the generated lifecycles are made of has no fault, so the tests that use them test what they say.
    """
    assert [] == list(check_graph(definition))
    assert sf.check_definition(definition).ok


@over_cases(
    ("dropped", "unread", "expected"),
    [
        ({"x"}, set(), True),
        ({"y"}, {"stages"}, False),
        ({""}, {"stages"}, True),
        ({""}, {"fields"}, False),
        (set(), {"stages"}, False),
    ],
)
def test_a_name_behind_a_gap(dropped, unread, expected):
    """
    A name may be that of a dropped part, or of one whose own name could not be read.
    """
    assert expected is UnreadParts(frozenset(dropped), frozenset(unread)).may_hold("stages", "x")
