"""
The checks on pace: what rests, overstays, slips or goes back.
"""

from __future__ import annotations

import pytest

from salesflow.dossier import Activity, RaisedWarning
from salesflow.risks import (
    close_date_past,
    close_date_pushed,
    no_next_step,
    rotting,
    stage_overstay,
    stage_regression,
)
from salesflow.scores import Norms, StageNorm
from salesflow.typing import Deadline

from ..cases import over_cases
from .factory import DAY, NOW, TODAY, Story, ask, later, said, with_stage


def step(days, status="planned", owner="li.wei", **more):
    return Activity(f"step-{days}-{status}", "call", at=later(days), status=status, owner=owner, **more)


@pytest.mark.requirement("A35", "E11")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(age=9), {}, ["clear"]),
        (Story(age=10), {}, ["fired medium stage.rotting"]),
        (Story(age=10).change(-1, note="Called."), {}, ["clear"]),
        (Story(age=10).passed(-1), {}, ["fired medium stage.rotting"]),
        (Story(age=10).change(-1, RaisedWarning("quiet")), {}, ["fired medium stage.rotting"]),
        (Story(step(-2, "done"), age=10), {}, ["clear"]),
        (Story(step(2, "done"), age=10), {}, ["fired medium stage.rotting"]),
        (Story(step(5), age=10), {}, ["clear"]),
        (Story(step(5), age=10), {"policy": "ignore_future"}, ["fired medium stage.rotting"]),
        (Story(step(11), age=10), {}, ["fired medium stage.rotting"]),
        (Story(step(5, owner=None), age=10), {}, ["fired medium stage.rotting"]),
        (Story(age=10), {"days": 30}, ["clear"]),
        (Story(age=10), {"days": 30, "stages": {"plan": 5}, "level": "high"}, ["fired high stage.rotting"]),
        (Story(age=50).move(-40, "paused", "hold"), {}, []),
        (Story(age=50).move(-40, "won"), {}, []),
    ],
)
def test_rotting(story, params, expected):
    """
    What a person did, or has planned with an owner, keeps a project fresh; what passes by itself does not.
    """

    assert expected == said(rotting, story, params)


WON = tuple(float(day) for day in range(1, 21))
NORMS = Norms({"plan": StageNorm(20, 20, WON)})


def limited(after, name="sla"):
    return with_stage("plan", deadlines=(Deadline("other", "1m"), Deadline(name, after)))


@over_cases(
    ("age", "after", "expected"),
    [(5, "5d", "fired"), (4, "5d", "clear"), (7, "5bd", "fired"), (6, "5bd", "clear"), (2, "36h", "fired")],
)
def test_rotting_by_deadline(age, after, expected):
    """
    The stage's own deadline is the limit, in the days that it counts; one that the check is given goes before it.
    """
    stages = limited(after, "rot")

    assert expected == ask(rotting, Story(age=age), stages=stages)[0].status
    assert ["clear"] == said(rotting, Story(age=age), {"stages": {"plan": 9}}, stages=stages)


@pytest.mark.requirement("A35", "E11")
@over_cases(
    ("story", "params", "more", "expected"),
    [
        (Story(age=9), {}, {}, ["unknown insufficient_data"]),
        (Story(age=9), {}, {"norms": Norms({"plan": StageNorm(19, 19, WON[:19])})}, ["unknown insufficient_data"]),
        (Story(age=15), {}, {"norms": NORMS}, ["clear"]),
        (Story(age=16), {}, {"norms": NORMS}, ["fired medium stage.over_usual"]),
        (Story(age=14), {}, {"stages": limited("14d")}, ["clear"]),
        (Story(age=14.1), {}, {"stages": limited("14d")}, ["fired medium stage.over_limit"]),
        (Story(age=1.1), {}, {"stages": limited("24h")}, ["fired medium stage.over_limit"]),
        (Story(age=7), {}, {"stages": limited("5bd")}, ["clear"]),
        (Story(age=8), {}, {"stages": limited("5bd")}, ["fired medium stage.over_limit"]),
        (Story(age=5), {"days": {"plan": 5}}, {"stages": limited("1d")}, ["clear"]),
        (Story(age=6), {"days": {"plan": 5}, "level": "high"}, {}, ["fired high stage.over_limit"]),
        (Story(age=16), {"days": {"plan": 30}}, {"norms": NORMS}, ["fired medium stage.over_usual"]),
        (Story(age=50).move(-40, "paused", "hold"), {}, {"norms": NORMS}, []),
        (Story(age=50).move(-40, "paused", "hold").move(-1, "plan", "resume"), {}, {"norms": NORMS}, ["clear"]),
    ],
)
def test_overstay(story, params, more, expected):
    """
    A stay is too long by the stage's limit or by what won projects took, whichever is passed; holds do not count.
    """

    assert expected == said(stage_overstay, story, params, **more)


def pushed(*days, stage="plan"):
    story = Story(stage=stage, expected_close=TODAY + 10 * DAY)
    for number, day in enumerate(days):
        story.change(number - 10, expected_close=day and TODAY + day * DAY)
    return story


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, ["unknown close_date.absent"]),
        (pushed(), {}, ["clear"]),
        (pushed(5), {}, ["clear"]),
        (pushed(20), {}, ["fired low close_date.pushed"]),
        (pushed(20, 5, 30), {}, ["fired medium close_date.pushed"]),
        (pushed(20, None, 30, 40, 50), {}, ["fired high close_date.pushed"]),
        (pushed(20, stage="bid"), {}, ["fired medium close_date.pushed"]),
        (pushed(20, 30, 40, 50, stage="closing"), {}, ["fired critical close_date.pushed"]),
        (pushed(20), {"from_stage": "plan"}, ["fired medium close_date.pushed"]),
        (pushed(20), {"from_stage": "bid"}, ["fired low close_date.pushed"]),
        (pushed(20).move(-1, "paused", "hold"), {"from_stage": "plan"}, ["fired medium close_date.pushed"]),
        (pushed(20), {"from_stage": "offer"}, ["unknown advice.raised"]),
        (pushed(20), {"pushes": (2, 3, 4)}, ["clear"]),
        (pushed(20).move(-1, "won"), {}, []),
    ],
)
def test_pushed(story, params, expected):
    """
    Each later date is a push; it weighs more the more there are, and from bid on.
    """

    assert expected == said(close_date_pushed, story, params)


@over_cases(
    ("close", "expected"),
    [
        (None, ["unknown close_date.absent"]),
        (TODAY, ["clear"]),
        (TODAY - DAY, ["fired high close_date.past"]),
    ],
)
def test_past(close, expected):
    """
    A date before today is past, as long as the project is open.
    """
    story = Story(expected_close=close)

    assert expected == said(close_date_past, story)
    assert [] == said(close_date_past, story.move(-1, "won"))


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, ["clear"]),
        (Story(stage="plan").move(-5, "bid"), {}, ["clear"]),
        (Story(stage="bid").move(-5, "plan", "loop"), {}, ["fired medium stage.back"]),
        (Story(stage="bid").move(-5, "plan"), {}, ["fired medium stage.back"]),
        (Story(stage="bid").move(-5, "bid", "loop"), {}, ["fired medium stage.back"]),
        (Story(stage="bid", age=50).move(-31, "plan", "loop"), {}, ["clear"]),
        (Story(stage="bid", age=50).move(-31, "plan", "loop"), {"days": 40}, ["fired medium stage.back"]),
        (Story(stage="bid").move(-5, "paused", "hold").move(-4, "bid", "resume"), {}, ["clear"]),
    ],
)
def test_regression(story, params, expected):
    """
    A loop or a forward move to an earlier stage is a step back for a month; hold and resume are none.
    """

    assert expected == said(stage_regression, story, params)


def test_regression_tells_the_last_one():
    """
    How often, and where from and to, is told.
    """
    (found,) = ask(
        stage_regression, Story(stage="bid").move(-9, "plan", "loop").move(-8, "bid").move(-7, "lead", "loop")
    )

    assert "Moves back in the last 30 days: 2, last from bid to lead." == found.message()


@over_cases(
    ("story", "params", "expected"),
    [
        (Story(), {}, ["fired medium next_step.missing"]),
        (Story(step(3)), {}, ["clear"]),
        (Story(step(14)), {}, ["clear"]),
        (Story(step(15)), {}, ["fired medium next_step.missing"]),
        (Story(step(15)), {"days": 20}, ["clear"]),
        (Story(step(-1)), {}, ["fired medium next_step.missing"]),
        (Story(step(3, "dropped")), {}, ["fired medium next_step.missing"]),
        (Story(step(3, owner="")), {}, ["fired medium next_step.missing"]),
        (Story(Activity("a", owner="li.wei")), {}, ["fired medium next_step.missing"]),
        (Story().move(-1, "paused", "hold"), {}, []),
    ],
)
def test_next_step(story, params, expected):
    """
    A next step is planned, has an owner and a time, and is near.
    """

    assert expected == said(no_next_step, story, params)


@over_cases(
    ("kind", "params"),
    [
        (rotting, {"days": 0}),
        (rotting, {"stages": {"plan": 0}}),
        (stage_overstay, {"needed": 1}),
        (stage_regression, {"days": 0}),
        (no_next_step, {"days": 0}),
        (close_date_pushed, {"pushes": (1, 2)}),
        (close_date_pushed, {"pushes": (0, 2, 3)}),
        (close_date_pushed, {"pushes": (3, 2, 1)}),
    ],
)
def test_parameters_that_cannot_be(kind, params):
    """
    A limit that means nothing is refused when the lifecycle is built.
    """
    with pytest.raises(ValueError):
        kind.factory(**params)


def test_a_later_time_than_now():
    """
    What lies in the future does not count as having happened.
    """
    story = Story(age=20).change(5, note="Later.")

    assert ["fired medium stage.rotting"] == said(rotting, story, at=NOW)
