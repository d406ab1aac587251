"""
The checks on delivery: partners, time, rhythm.
"""

from __future__ import annotations

import pytest

from salesflow.dossier import Activity, Artefact, Member, Review, Task
from salesflow.risks import cadence_missed, partner_delay, time_pressure

from ..cases import over_cases
from .factory import DAY, TODAY, Story, ask, later, said


def theirs(name, days, **more):
    return Task(name, due=None if days is None else TODAY - days * DAY, partner="Assembler", **more)


@pytest.mark.requirement("A26")
@over_cases(
    ("tasks", "params", "expected"),
    [
        ([], {}, []),
        ([Task("a", due=TODAY - 9 * DAY)], {}, []),
        ([theirs("a", 3)], {}, ["clear"]),
        ([theirs("a", 4)], {}, ["fired medium partner.late"]),
        ([theirs("a", 4)], {"days": 5}, ["clear"]),
        ([theirs("a", None)], {}, ["clear"]),
        ([theirs("a", 9, status="done"), theirs("b", 9, status="dropped")], {}, []),
    ],
)
def test_partners(tasks, params, expected):
    """
    What a partner has not done three days after it was due is late.
    """

    assert expected == said(partner_delay, Story(*tasks), params)


def test_late_partners_are_told():
    """
    Each partner is named once, with what is late and for how long.
    """
    (found,) = ask(partner_delay, Story(theirs("a", 4), theirs("b", 9), theirs("c", 1)))

    assert "Partners are late: Assembler; overdue are a, b, the oldest for 9 days." == found.message()


def work(*efforts, close=11, people=0):
    """Tasks with these efforts; the project closes in so many days from Monday on."""
    tasks = [Task(f"t-{number}", effort=effort) for number, effort in enumerate(efforts)]
    members = [Member(f"m{number}") for number in range(people)]
    return Story(*tasks, *members, expected_close=None if close is None else TODAY + close * DAY)


@pytest.mark.requirement("D51")
@over_cases(
    ("story", "params", "expected"),
    [
        (work(), {}, []),
        (work(5, close=None), {}, ["unknown time.no_close"]),
        (work(None, None), {}, ["unknown time.no_effort"]),
        (work(10), {}, ["clear"]),
        (work(6, "4.5"), {}, ["fired medium time.short"]),
        (work(12), {}, ["fired high time.short"]),
        (work(20, people=2), {}, ["clear"]),
        (work(1, close=-1), {}, ["fired high time.short"]),
        (work(1, close=0), {}, ["clear"]),
        (work(11), {"high_ratio": 1.1}, ["fired high time.short"]),
        (work(11), {"ratio": 1.1}, ["clear"]),
        (work(0, close=-1), {}, ["clear"]),
    ],
)
def test_time_pressure(story, params, expected):
    """
    The effort of open tasks is compared with the working days until the close: ten of them in twelve days here.
    """

    assert expected == said(time_pressure, story, params)


def test_what_is_not_estimated_is_told():
    """
    Tasks without an effort are counted, so that a small ratio is not taken for the truth.
    """
    (found,) = ask(time_pressure, work(5, None))

    assert (1, 0.5, 10) == (found.evidence["unstated"], found.evidence["ratio"], found.evidence["days"])


def report(days, status="done"):
    return Activity(f"r{days}", "status_report", at=later(days), status=status)


@pytest.mark.requirement("E37")
@over_cases(
    ("story", "params", "expected"),
    [
        (Story(age=13), {}, []),
        (Story(age=14), {}, ["fired low cadence.missed"]),
        (Story(report(-10), age=14), {}, ["clear"]),
        (Story(report(-3), age=14), {}, ["clear"]),
        (Story(report(-3, "planned"), age=14), {}, ["fired low cadence.missed"]),
        (Story(report(-20), age=21), {}, ["fired low cadence.missed"]),
        (Story(Review("r", "status_report", held_at=later(-3)), age=14), {}, ["clear"]),
        (Story(Review("r", "status_report"), age=14), {}, ["fired low cadence.missed"]),
        (Story(age=14).change(-3, Artefact("status_report")), {}, ["clear"]),
        (Story(age=14).change(-3, Artefact("offer"), note="x"), {}, ["fired low cadence.missed"]),
        (Story(report(-3), age=14), {"types": ("weekly",)}, ["fired low cadence.missed"]),
        (Story(age=14), {"cadence": "report"}, []),
        (Story(age=20), {"days": 10, "missed": 3}, []),
        (Story(age=30), {"days": 10, "missed": 3}, ["fired low cadence.missed"]),
    ],
)
def test_cadence(story, params, expected):
    """
    Two weeks in a row without a report are missed; the week that is running does not count yet.
    """

    assert expected == said(cadence_missed, story, params)


def test_every_missed_slot_is_counted():
    """
    The whole row of missed slots is told, back to the opening.
    """
    (found,) = ask(cadence_missed, Story(age=60))

    assert 8 == found.evidence["missed"]


@over_cases(
    ("kind", "params"),
    [
        (partner_delay, {"days": -1}),
        (time_pressure, {"ratio": -1}),
        (time_pressure, {"ratio": 2.0, "high_ratio": 1.5}),
        (cadence_missed, {"days": 0}),
        (cadence_missed, {"missed": 0}),
    ],
)
def test_parameters_that_cannot_be(kind, params):
    """
    A limit that means nothing is refused when the lifecycle is built.
    """
    with pytest.raises(ValueError):
        kind.factory(**params)
