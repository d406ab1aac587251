"""
The checks on people and means.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow.dossier import Activity, Goal, Member, ResourceAllocation, ResourceDemand, Task
from salesflow.risks import bad_allocation, poor_cooperation, resource_shortage, skill_gap, unclear_goals

from ..cases import over_cases
from .factory import DAY, TODAY, Story, ask, later, said


def demand(amount, resource="people", unit="days"):
    return ResourceDemand(f"d-{resource}", resource, amount, unit=unit)


def given(amount, resource="people", unit="days"):
    return ResourceAllocation(f"a-{resource}", resource, amount, unit=unit)


def booked(member, load, days=0):
    return ResourceAllocation(
        f"b-{member}", "people", member=member, load=load, start=TODAY - DAY, end=TODAY + days * DAY
    )


@pytest.mark.requirement("D19", "D51")
@over_cases(
    ("entries", "params", "expected"),
    [
        ([], {}, []),
        ([demand(10), given(9)], {}, ["clear"]),
        ([demand(10), given(8)], {}, ["fired medium resource.short"]),
        ([demand(10), given(8)], {"ratio": 0.8}, ["clear"]),
        ([demand(10), given(9, unit="hours")], {}, ["unknown resource.units"]),
        ([demand(10, "cars")], {}, ["clear"]),
        ([demand(10, "cars")], {"kinds": ("cars",), "level": "high"}, ["fired high resource.short"]),
        ([booked("li", 1.2)], {}, ["fired medium resource.overload"]),
        ([booked("li", 1.2)], {"max_load": 1.5}, ["clear"]),
        ([demand(10), booked("li", 1.2)], {}, ["fired medium resource.short", "fired medium resource.overload"]),
    ],
)
def test_shortage(entries, params, expected):
    """
    Every kind with a demand is looked at, and every member's load; one finding for each.
    """
    entries = [attrs.evolve(one, unit="days") if one.id.startswith("b-") else one for one in entries]

    assert expected == said(resource_shortage, Story(*entries), params)


SMART = Goal(
    "g",
    "sales_amount",
    120,
    unit="CNY",
    baseline=100,
    subject="north",
    direction="increase",
    source="ledger",
    supports="market_entry",
    start=TODAY - DAY,
    due=TODAY + 30 * DAY,
    approved_on=TODAY - DAY,
)


@pytest.mark.requirement("E33")
@over_cases(
    ("entries", "params", "expected"),
    [
        ([], {"from_stage": "bid"}, []),
        ([], {}, ["fired high goal.unclear"]),
        ([attrs.evolve(SMART, source="")], {}, ["fired high goal.unclear"]),
        ([attrs.evolve(SMART, target=200)], {}, ["clear"]),
        ([SMART], {}, ["clear"]),
        ([SMART, Member("li"), Member("wu", active=False)], {}, ["fired high goal.unacknowledged"]),
        ([attrs.evolve(SMART, acknowledged_by=("li",)), Member("li")], {}, ["clear"]),
        ([attrs.evolve(SMART, baseline=None)], {"level": "low"}, ["fired low goal.unclear"]),
    ],
)
def test_unclear_goals(entries, params, expected):
    """
    Goals are to be SMART and acknowledged; what the guard only warns of is no risk.
    """

    assert expected == said(unclear_goals, Story(*entries), params)


LI, WU, XU = Member("li"), Member("wu"), Member("xu")


@pytest.mark.requirement("B09", "E33")
@over_cases(
    ("entries", "params", "expected"),
    [
        ([], {}, []),
        ([LI, WU], {}, []),
        ([LI, WU, booked("li", 1.0)], {}, ["clear"]),
        ([LI, WU, booked("li", 1.1)], {}, ["fired medium allocation.uneven"]),
        ([LI, WU, booked("li", 1.1)], {"max_load": 1.5}, ["clear"]),
        ([LI, WU, booked("li", 1.1)], {"idle": 0.5}, ["clear"]),
        ([LI, WU, booked("li", 1.1), booked("wu", 0.5)], {}, ["clear"]),
        ([LI, WU, booked("li", 1.1), booked("wu", 0.5, -1)], {}, ["fired medium allocation.uneven"]),
        ([LI, WU, booked("gone", 1.1)], {}, []),
        ([LI, ResourceAllocation("x", member="li", load=2)], {}, []),
        ([LI, ResourceAllocation("x", member="li", load=2, start=TODAY)], {}, []),
    ],
)
def test_bad_allocation(entries, params, expected):
    """
    Idle and overloaded members on the same day are badly allocated.
    """

    assert expected == said(bad_allocation, Story(*entries), params)


def handover(name, days, status="todo", **more):
    return Task(f"t-{name}", due=TODAY + days * DAY, status=status, handover=True, **more)


def meeting(days, status="planned"):
    return Activity(f"m-{days}", "coordination", at=later(days), status=status)


@pytest.mark.requirement("C40", "E33")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, []),
        (Story(meeting(-1)), {}, ["fired medium meeting.overdue"]),
        (Story(meeting(1)), {}, ["clear"]),
        (Story(meeting(-1, "done")), {}, ["clear"]),
        (Story(Activity("m", "coordination")), {}, ["clear"]),
        (Story(meeting(-1)), {"types": ("weekly",)}, []),
        (Story(handover("a", 5)), {}, []),
        (Story(handover("a", -1)), {}, ["fired medium handover.late"]),
        (Story(handover("a", -10, "done")), {}, ["clear"]),
        (Story().change(-5, handover("a", -10, "done")), {}, ["fired medium handover.late"]),
        (Story(handover("a", -1), handover("b", 3, "done")), {"late": 0.5}, ["clear"]),
        (Story(handover("a", -1, "dropped"), Task("x", due=TODAY - DAY), Task("y", handover=True)), {}, []),
    ],
)
def test_cooperation(story, params, expected):
    """
    Meetings that were not held, and hand-overs that were late, are signs of poor cooperation.
    """

    assert expected == said(poor_cooperation, story, params)


@over_cases(
    ("members", "params", "expected"),
    [
        ([], {}, []),
        ([Member("li", active=False)], {}, []),
        ([Member("li", skills={"price": 3})], {}, ["clear"]),
        ([Member("li", skills={"price": 2})], {}, ["fired medium skill.uncovered"]),
        ([Member("li", skills={"price": 2})], {"min_level": 2}, ["clear"]),
        ([Member("li")], {"skills": {"price": 1, "law": 1}}, ["fired medium skill.uncovered"]),
    ],
)
def test_skill_gap(members, params, expected):
    """
    Once there is a team, enough members have each skill at the level.
    """

    assert expected == said(skill_gap, Story(*members), {"skills": {"price": 1}, **params})


def test_skills_are_told():
    """
    The skills that are short are named.
    """
    (found,) = ask(skill_gap, Story(LI), {"skills": {"price": 1, "law": 1}})

    assert "团队缺少以下技能：price、law。" == found.message("zh")


@over_cases(
    ("kind", "params"),
    [
        (resource_shortage, {"ratio": -1}),
        (bad_allocation, {"idle": -1}),
        (poor_cooperation, {"late": -1}),
        (skill_gap, {"skills": {}}),
        (skill_gap, {"skills": {"price": 0}}),
        (skill_gap, {"skills": {"price": 1}, "min_level": 6}),
    ],
)
def test_parameters_that_cannot_be(kind, params):
    """
    A limit that means nothing is refused when the lifecycle is built.
    """
    with pytest.raises(ValueError):
        kind.factory(**params)
