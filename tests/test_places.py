"""
Where a lifecycle is at home: its time zone, its calendar, and the days that follow from them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from salesflow import (
    Actor,
    Definition,
    Field,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    check_definition,
    dump_definition,
    load_definition,
    load_lifecycle,
)
from salesflow.dossier import Task
from salesflow.effects import create_task
from salesflow.errors import DefinitionError
from salesflow.guards import guard, passed
from salesflow.plugins import hookimpl
from salesflow.risks import (
    cadence_missed,
    close_date_past,
    no_next_step,
    rotting,
    stage_overstay,
    stage_regression,
    time_pressure,
)
from salesflow.typing import Deadline, WorkingTime

from .cases import over_cases


EVENING = datetime(2026, 3, 6, 20, tzinfo=UTC)  # a Friday; in Shanghai it is Saturday morning
SEEN = []


@guard("house.look", codes={})
def look():
    """Notes which day it is."""

    def check(ctx):
        SEEN.append((ctx.today, str(ctx.calendar.zone), ctx.calendar.is_working_day(ctx.today)))
        return passed()

    return check


class House:
    """A plugin with the guard above."""

    name = "house"

    @hookimpl
    def salesflow_guards(self):
        return (look,)


def deals(zone, calendar="calendar_days"):
    """A pipeline with a deal, in the evening of UTC."""
    definition = Definition(
        "deal",
        time_zone=zone,
        calendar=calendar,
        fields=[Field("owner"), Field("expected_close", "date")],
        stages=[Stage("lead", "open"), Stage("plan"), Stage("won", "won")],
        transitions=[
            Transition("begin", "lead", "plan", guards=[look()], effects=[create_task("Call", due_days=2)]),
            Transition("win", "plan", "won"),
        ],
        risks=[close_date_past(), time_pressure()],
    )
    pipeline = Pipeline(build_lifecycle(definition, plugins=[House()]), clock=lambda: EVENING, actor=Actor("li.wei"))
    pipeline.open("Deal", id="D-1", fields={"owner": "li.wei", "expected_close": date(2026, 3, 6)})
    return pipeline


@pytest.mark.parametrize(
    ("zone", "today", "works", "status"), [("UTC", 6, True, "clear"), ("Asia/Shanghai", 7, False, "fired")]
)
def test_today_is_that_of_the_zone(zone, today, works, status):
    """
    Guards, effects and risk checks take the day that it is in the lifecycle's time zone.
    """
    SEEN.clear()
    pipeline = deals(zone, "weekdays")
    project = pipeline.fire("D-1", "begin").project
    past = next(each for each in pipeline.risks("D-1").findings if each.check == "close_date_past")

    assert (date(2026, 3, today), zone, works) == SEEN[-1]
    assert [date(2026, 3, today + 2)] == [task.due for task in project.all(Task)]
    assert status == past.status


@pytest.mark.parametrize("calendar", ["calendar_days", "weekdays"])
def test_working_days_left(calendar):
    """
    Effort is compared with Mondays to Fridays also where the lifecycle counts calendar days.
    """
    pipeline = deals("Asia/Shanghai", calendar)
    pipeline.update("D-1", {"expected_close": date(2026, 3, 10)})
    pipeline.add("D-1", Task("T-1", "Write", effort="9"))
    pressed = next(each for each in pipeline.risks("D-1").findings if each.check == "time_pressure")

    assert (2, "fired") == (pressed.evidence["days"], pressed.status)


@over_cases("zone", ["Mars/Base", "", "../etc/passwd", "America"])
def test_an_unknown_zone(zone):
    """
    A time zone that there is not is a fault with a hint, beside the other faults.
    """
    report = check_definition(Definition("deal", time_zone=zone, calendar="moon", stages=[Stage("a", "open")]))
    (fault,) = [each for each in report.faults if each.path == "time_zone"]

    assert ("value.choice", f"there is no time zone {zone!r}") == (fault.code, fault.problem)
    assert "'Asia/Shanghai'" in fault.hint
    assert "calendar" in {each.path for each in report.faults}


def test_the_zone_reads_back():
    """
    A definition keeps its zone in TOML and in JSON; without one it is UTC.
    """
    definition = Definition("deal", time_zone="Asia/Shanghai", stages=[Stage("a", "open")])

    assert [definition] * 2 == [load_definition(dump_definition(definition, format=form)) for form in ("toml", "json")]
    assert ("UTC", UTC) == (Definition("deal").time_zone, Definition("deal").zone)


def test_a_built_in_lifecycle_gets_a_place():
    """
    A built-in lifecycle takes a zone and a calendar without being copied; what is not given stays.
    """
    there = load_lifecycle(
        "simple_deal", time_zone="Asia/Shanghai", calendar=WorkingTime(hours={"mon_sat": ["09:00-18:00"]})
    )
    here = load_lifecycle("simple_deal")

    assert (ZoneInfo("Asia/Shanghai"), True) == (there.calendar.zone, there.calendar.is_working_day(date(2026, 3, 7)))
    assert (UTC, False) == (here.calendar.zone, here.calendar.is_working_day(date(2026, 3, 7)))
    assert here.stages == there.stages


@over_cases("place", [{"time_zone": "Mars/Base"}, {"calendar": "moon"}, {"time_zone": ["UTC"], "calendar": []}])
def test_a_place_that_there_is_not(place):
    """
    A zone or calendar that does not exist is named.
    """
    with pytest.raises(DefinitionError) as caught:
        load_lifecycle("simple_deal", **place)

    assert set(place) == {fault.path for fault in caught.value.report.faults}


@over_cases(("after", "faults"), [("36525d", 0), ("36526d", 1), ("999999bd", 1)])
def test_a_deadline_of_more_than_a_century(after, faults):
    """
    A deadline may be a century long, and no longer.
    """
    stages = [Stage("a", "open", deadlines=[Deadline("late", after)]), Stage("won", "won")]
    report = check_definition(
        Definition("deal", calendar="weekdays", stages=stages, transitions=[Transition("win", "a", "won")])
    )

    assert ["duration.range"] * faults == [fault.code for fault in report.faults]
    assert all("100 years" in fault.hint for fault in report.faults)


@over_cases(
    "use",
    [
        rotting(days=36_501),
        rotting(stages={"a": 10**12}),
        stage_overstay(days={"a": 10**12}),
        stage_regression(days=36_501),
        no_next_step(days=36_501),
        cadence_missed(days=10**12),
    ],
)
def test_days_of_risk_checks(use):
    """
    Risk checks take no more days than a century has.
    """
    stages, moves = [Stage("a", "open"), Stage("won", "won")], [Transition("win", "a", "won")]
    report = check_definition(Definition("deal", stages=stages, transitions=moves, risks=[use]))

    assert ["advice.parameter_value"] == [fault.code for fault in report.faults]
    assert "it must be at most 36500" in str(report)


def test_days_of_a_task():
    """
    A task is due within a century.
    """
    moves = [Transition("win", "a", "won", effects=[create_task("Call", due_days=10**12)])]
    report = check_definition(Definition("deal", stages=[Stage("a", "open"), Stage("won", "won")], transitions=moves))

    assert ["effect.parameter_value"] == [fault.code for fault in report.faults]


@over_cases("field", ["day", "moment"])
@over_cases("year", [1, 999, 9000, 9999])
def test_dates_out_of_reach(field, year):
    """
    A date that only means that there is none is refused where it comes in, and so is a time of a fact.
    """
    fields = [Field("day", "date"), Field("moment", "datetime")]
    stages = [Stage("a", "open"), Stage("won", "won")]
    built = build_lifecycle(
        Definition("deal", fields=fields, stages=stages, transitions=[Transition("win", "a", "won")])
    )
    pipeline = Pipeline(built, clock=lambda: EVENING, actor=Actor("li.wei"))
    at = datetime(year, 12, 30, tzinfo=UTC)

    assert [f"field {field!r}", "at="] == [
        _refused(pipeline, fields={field: at if field == "moment" else at.date()}),
        _refused(pipeline, at=at, ahead=True),
    ]


def _refused(pipeline, **how):
    with pytest.raises(ValueError, match="years 1000 to 8999") as caught:
        pipeline.open("Deal", **how)
    return caught.value.what


def test_the_years_in_reach():
    """
    The first and the last year in reach are taken, and moves with the longest deadline go on from there.
    """
    late = Deadline("late", "36525d")
    stages = [Stage("a", "open"), Stage("b", deadlines=[late]), Stage("won", "won")]
    moves = [Transition("go", "a", "b"), Transition("win", "b", "won")]
    pipeline = Pipeline(build_lifecycle(Definition("deal", stages=stages, transitions=moves)), actor=Actor("li.wei"))
    last = datetime(8999, 12, 31, tzinfo=UTC)
    for name, at in (("D-1", datetime(1000, 1, 1, tzinfo=UTC)), ("D-2", last)):
        pipeline.open(name, id=name, at=at, ahead=True)
        pipeline.fire(name, "go", at=at, ahead=True)

    assert datetime(1000, 1, 1, tzinfo=UTC) + timedelta(days=36_525) == pipeline.store.next_due("deadline")
