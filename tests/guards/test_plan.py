"""
Milestones, activities, the next step, and the day of closing.
"""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from salesflow.dossier import Activity, Milestone
from salesflow.guards import activities_done, close_date_valid, milestones_met, next_step_set

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import DAY, NOW, ask, ask_one, context, held, project


TODAY = NOW.date()
STONE = Milestone("m-1", "Accepted", TODAY)
MOVED = attrs.evolve(STONE, planned=TODAY - DAY, due=TODAY + DAY)


def codes(guard, entries, *args, fields=None, **params):
    """The code, or else the status, of each verdict; following the remedies leads to a pass."""
    proposed = project(entries=entries, fields=fields)
    assert cured(guard, proposed, *args, **params)
    return [v.code or v.status for v in ask(guard, context(proposed), *args, **params)]


@pytest.mark.requirement("A29", "A33")
@over_cases(
    ("up_to", "stones", "expected"),
    [
        ("today", [], ["milestone.none"]),
        ("today", [STONE], ["milestone.unmet"]),
        ("today", [attrs.evolve(STONE, met_on=TODAY)], ["pass"]),
        ("today", [attrs.evolve(STONE, met_on=TODAY + DAY)], ["milestone.unmet"]),
        ("today", [attrs.evolve(STONE, due=TODAY + DAY)], ["milestone.none"]),
        ("all", [attrs.evolve(STONE, due=TODAY + DAY)], ["milestone.unmet"]),
        ("today", [attrs.evolve(STONE, due=None)], ["milestone.none"]),
        ("all", [attrs.evolve(STONE, due=None)], ["milestone.unmet"]),
        (TODAY + DAY, [attrs.evolve(STONE, due=TODAY + DAY)], ["milestone.unmet"]),
        ("today", [MOVED], ["milestone.moved"]),
        ("today", [attrs.evolve(MOVED, due=None)], ["milestone.moved"]),
        ("today", [attrs.evolve(MOVED, moved_because="Snow.")], ["milestone.none"]),
        ("all", [attrs.evolve(MOVED, moved_because="Snow.")], ["milestone.unmet"]),
        ("today", [attrs.evolve(MOVED, met_on=TODAY)], ["pass"]),
        ("today", [attrs.evolve(STONE, planned=TODAY + DAY)], ["milestone.unmet"]),
        ("all", [STONE, attrs.evolve(STONE, id="m-2", met_on=TODAY), MOVED], ["milestone.unmet", "milestone.moved"]),
    ],
)
def test_milestones_are_met_or_moved_on_record(up_to, stones, expected):
    """Up to a day each is met; one that was moved with a reason is due on its new day."""
    stones = [attrs.evolve(each, id=f"m-{n}") for n, each in enumerate(stones)]

    assert expected == codes(milestones_met, stones, up_to=up_to)


@over_cases(
    ("value", "expected"), [(TODAY, ["milestone.unmet"]), (NOW, ["milestone.unmet"]), (TODAY - DAY, ["milestone.none"])]
)
def test_the_day_may_stand_in_a_field(value, expected):
    """A date or a time; without one, nothing can be told."""
    assert expected == codes(milestones_met, [STONE], fields={"close": value}, up_to="close")
    verdict = ask_one(milestones_met, context(project(entries=[STONE])), up_to="close")
    assert ("unknown", "milestone.no_day") == (verdict.status, verdict.code)
    assert ("close",) == tuple(milestones_met.reads(up_to="close"))
    assert () == tuple(milestones_met.reads(up_to=TODAY))


def test_what_a_milestone_says():
    """Its title, and both days where it was moved."""
    unmet, moved = (ask_one(milestones_met, context(project(entries=[each])), up_to="all") for each in (STONE, MOVED))

    assert "Milestone m-1 (Accepted), due on 2026-03-02, is not met." == unmet.message()
    assert "里程碑 m-1（Accepted）由 2026-03-01 改为 2026-03-03，请说明原因。" == moved.message("zh")


VISIT = Activity("a-1", "visit", status="done", at=NOW - DAY, outcome="advance")


@pytest.mark.requirement("A22", "A34")
@over_cases(
    ("entries", "params", "expected"),
    [
        ([], {}, ["activity.too_few"]),
        ([VISIT], {}, ["pass"]),
        ([attrs.evolve(VISIT, at=None)], {}, ["pass"]),
        ([attrs.evolve(VISIT, at=NOW + DAY)], {}, ["activity.too_few"]),
        ([attrs.evolve(VISIT, type="call")], {}, ["activity.too_few"]),
        ([attrs.evolve(VISIT, status="planned")], {}, ["activity.too_few"]),
        ([VISIT], {"min": 2}, ["activity.too_few"]),
        ([VISIT, attrs.evolve(VISIT, id="a-2")], {"min": 2}, ["pass"]),
        ([VISIT], {"outcome": "advance"}, ["pass"]),
        ([VISIT], {"outcome": "order"}, ["activity.too_few_with"]),
        ([held(VISIT, version=3)], {"since": "stage_entry"}, ["activity.too_few_since"]),
        ([held(VISIT, version=4)], {"since": "stage_entry"}, ["pass"]),
    ],
)
def test_activities_that_were_done_count(entries, params, expected):
    """By type, result, and since when; doing the rest is enough."""
    assert expected == codes(activities_done, entries, "visit", **params)


STEP = Activity("a-1", "call", at=NOW + 14 * DAY, owner="li.wei")


@over_cases(
    ("entries", "expected"),
    [
        ([], ["next_step.missing"]),
        ([STEP], ["pass"]),
        ([attrs.evolve(STEP, at=NOW)], ["pass"]),
        ([attrs.evolve(STEP, at=NOW - timedelta(seconds=1))], ["next_step.missing"]),
        ([attrs.evolve(STEP, at=NOW + 14 * DAY + timedelta(seconds=1))], ["next_step.missing"]),
        ([attrs.evolve(STEP, at=None)], ["next_step.missing"]),
        ([attrs.evolve(STEP, at=None, planned_for=NOW + DAY)], ["pass"]),
        ([attrs.evolve(STEP, owner=" ")], ["next_step.missing"]),
        ([attrs.evolve(STEP, status="done")], ["next_step.missing"]),
    ],
)
def test_somebody_has_a_next_step(entries, expected):
    """A planned activity with an owner, neither past nor too far ahead; planning it is enough."""
    assert expected == codes(next_step_set, entries)


@over_cases(
    ("value", "grace", "expected"),
    [
        (TODAY, 0, ["pass"]),
        (TODAY - DAY, 0, ["close_date.past"]),
        (TODAY - DAY, 1, ["pass"]),
        (NOW, 0, ["pass"]),
        (NOW - DAY, 0, ["close_date.past"]),
        (None, 0, ["close_date.unset"]),
        ("soon", 0, ["close_date.unset"]),
    ],
)
def test_the_day_of_closing_is_not_over(value, grace, expected):
    """A date or a time; a later one is enough."""
    fields = {} if value is None else {"expected_close": value}

    assert expected == codes(close_date_valid, [], fields=fields, max_past_days=grace)
    assert ("expected_close",) == tuple(close_date_valid.reads())
