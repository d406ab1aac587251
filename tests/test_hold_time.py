"""
One accounting of holds: deadlines, guards, risks and scores leave the same time out, each in its own unit.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, guards
from salesflow.risks import stage_overstay
from salesflow.scores import stage_velocity
from salesflow.typing import Deadline, WorkingTime

from .cases import over_cases
from .equipment import Clock


SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
NAMES = {UTC: "UTC", SHANGHAI: "Asia/Shanghai"}


def pipeline(after, *, days=5, unit="d", zone="UTC", calendar="weekdays"):
    """A deal that waits in one stage, with a limit of the same length as deadline, guards, risk and score have."""
    plan = Stage("plan", deadlines=[Deadline("sla", after)])
    early = Transition("early", "plan", "won", guards=[guards.max_time_in_stage(days, unit=unit)])
    late = Transition("late", "plan", "won", guards=[guards.min_time_in_stage(days, unit=unit)])
    definition = Definition(
        "waits",
        calendar=calendar,
        time_zone=zone,
        fields=[Field("owner")],
        stages=[Stage("lead", "open"), plan, Stage("rest", "hold"), Stage("won", "won")],
        transitions=[
            Transition("begin", "lead", "plan"),
            Transition("pause", "plan", "rest", kind="hold"),
            Transition("resume", "rest", "$previous", kind="resume"),
            early,
            late,
        ],
        scores=[stage_velocity(minimum=1)],
        risks=[stage_overstay()],
    )
    return Pipeline(build_lifecycle(definition), clock=Clock(MONDAY), actor=Actor("li.wei"))


def began(deals, start, *holds, name="P-1"):
    """Open a deal, let it wait from *start* on, and hold it from and to these times."""
    deals.open(name, id=name, at=start, ahead=True)
    deals.fire(name, "begin", at=start, ahead=True)
    for first, last in holds:
        deals.fire(name, "pause", at=first, ahead=True)
        deals.fire(name, "resume", at=last, ahead=True)
    return deals


def due(after, start, *holds, **place):
    """When the limit of a deal passes."""
    return began(pipeline(after, **place), start, *holds).store.next_due("deadline")


@pytest.mark.untraced
@over_cases(
    ("first", "last", "expected"),
    [
        ("2026-03-06 09:00", "2026-03-09 09:00", "2026-03-10 09:00"),  # over a weekend: one working day
        ("2026-03-07 00:00", "2026-03-08 00:00", "2026-03-09 09:00"),  # on a Saturday: none
        ("2026-03-06 09:00", "2026-03-06 15:00", "2026-03-09 15:00"),
        ("2026-03-09 10:00", "2026-03-20 10:00", "2026-03-09 09:00"),  # after it was due
    ],
)
def test_a_hold_stops_working_days(first, last, expected):
    """
    Five working days from Monday, and a hold: what was left in working time is left when the hold ends.
    """
    start, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    deals = began(pipeline("5bd"), MONDAY, (start, end))
    deals.tick(datetime(2026, 4, 1, tzinfo=UTC), ahead=True)
    (passed,) = [fact.body.due_at for fact in deals.history("P-1") if type(fact.body).__name__ == "DeadlinePassed"]

    assert expected == f"{passed:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(("day", "expected"), [(6, "Mon 09 07:00"), (7, "Mon 09 23:59")])
def test_days_are_those_of_the_zone(day, expected):
    """
    What begins on Friday or Saturday in Shanghai, which is Thursday or Friday in UTC, is due on Monday.
    """
    found = due("1bd", datetime(2026, 3, day, 7, tzinfo=SHANGHAI), zone="Asia/Shanghai").astimezone(SHANGHAI)

    assert expected == f"{found:%a %d %H:%M}"


times = st.integers(0, 30_000).map(lambda quarters: MONDAY + quarters * QUARTER)
gaps = st.integers(0, 9 * 96).map(lambda quarters: quarters * QUARTER)


@pytest.mark.long
@pytest.mark.untraced
@given(times, st.lists(st.tuples(gaps, gaps), max_size=3), st.integers(1, 8), st.sampled_from([UTC, SHANGHAI]))
def test_a_slow_walk_finds_the_same_due_day(start, holds, amount, zone):
    """
    A walk in quarters of an hour, over working days only and not over holds, ends when the deadline is due.
    """
    spans, at = [], start
    for gap, length in holds:
        spans.append((at + gap, at + gap + length))
        at = spans[-1][1]
    left, now = amount * DAY, start
    while left:
        held = any(first <= now < last for first, last in spans)
        left -= timedelta() if held or now.astimezone(zone).weekday() > 4 else QUARTER
        now += QUARTER
    found = due(f"{amount}bd", start, *spans, zone=NAMES[zone])

    assert now - (now.astimezone(zone).time() == time()) * timedelta(microseconds=1) == found
    assert found.astimezone(zone).weekday() <= 4


@pytest.mark.untraced
@given(st.lists(st.tuples(gaps, gaps), max_size=2))
def test_deadlines_guards_and_risks_agree(holds):
    """
    A deadline of some days, the guards of as many and the risk of staying too long change their mind at one time.
    """
    spans, at = [], MONDAY
    for gap, length in holds:
        spans.append((at + min(gap, DAY), at + min(gap, DAY) + length))
        at = spans[-1][1]
    deals = began(pipeline("5d"), MONDAY, *spans)
    when, project = deals.store.next_due("deadline"), deals.get("P-1")

    def asked(at):
        moves = [deals.lifecycle.decide(project, move, actor=Actor("li.wei"), at=at) for move in ("early", "late")]
        (risk,) = deals.risks("P-1", at=at).findings
        return [move.accepted for move in moves], risk.status

    assert ([True, False], "clear") == asked(when - timedelta(microseconds=1))
    assert ([True, True], "clear") == asked(when)
    assert ([False, True], "fired") == asked(when + timedelta(microseconds=1))


@pytest.mark.long
@pytest.mark.untraced
@given(st.lists(st.tuples(gaps, gaps), max_size=3), st.sampled_from(["UTC", "Asia/Shanghai"]))
def test_working_days_of_deadlines_risks_and_scores_agree(holds, zone):
    """
    When a deadline of working days is due, the score counts that many, and later the risk is there.
    """
    spans, at = [], MONDAY
    for gap, length in holds:
        spans.append((at + gap, at + gap + length))
        at = spans[-1][1]
    deals = began(pipeline("99bd", zone=zone), MONDAY, *spans)
    began(deals, MONDAY, name="P-2").fire("P-2", "early", at=MONDAY + DAY, ahead=True)
    when = deals.store.next_due("deadline")
    (score,) = deals.score("P-1", at=when, norms=deals.norms())
    days = {each.factor: each.value for each in score.contributions}["days"]

    assert 99 == pytest.approx(days)
    assert ["clear", "fired"] == [deals.risks("P-1", at=when + wait).findings[0].status for wait in (-HOUR, 4 * DAY)]


def window(day, calendar):
    """A pipeline with a deadline, a gate and a day in one place: what ends when the day of the field does."""
    plan = Stage("plan", "open", deadlines=[Deadline("end", field="due")])
    until = Transition("until", "plan", "won", guards=[guards.date_window(not_after="due")])
    since = Transition("since", "plan", "won", guards=[guards.date_window(not_before="due")])
    definition = Definition(
        "dated",
        calendar=calendar,
        time_zone="Asia/Shanghai",
        fields=[Field("due", "date")],
        stages=[plan, Stage("rest", "hold"), Stage("won", "won")],
        transitions=[
            Transition("pause", "plan", "rest", kind="hold"),
            Transition("resume", "rest", "$previous", kind="resume"),
            until,
            since,
        ],
    )
    deals = Pipeline(build_lifecycle(definition), clock=Clock(MONDAY), actor=Actor("li.wei"))
    deals.open("Metro", id="P-1", fields={"due": day}, at=MONDAY)
    return deals


HOURS = WorkingTime({"mon_fri": ["09:00-12:00", "13:30-18:00"]})


@pytest.mark.untraced
@given(
    st.integers(0, 40),
    st.lists(st.tuples(gaps, gaps), max_size=2),
    st.sampled_from(["calendar_days", "weekdays", HOURS]),
)
def test_a_date_ends_for_gates_when_it_ends_for_deadlines(days, holds, calendar):
    """
    A gate with a last day closes when the deadline of that day passes; holds, and days of rest, move neither.
    """
    day, at = MONDAY.date() + days * DAY, MONDAY
    deals = window(day, calendar)
    for gap, length in holds:
        deals.fire("P-1", "pause", at=at + gap, ahead=True)
        at += gap + length
        deals.fire("P-1", "resume", at=at, ahead=True)
    project, when = deals.get("P-1"), deals.store.next_due("deadline")
    begins = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)

    def allowed(move, at):
        return deals.lifecycle.decide(project, move, actor=Actor("li.wei"), at=at).accepted

    tick = timedelta(microseconds=1)
    assert [True, False] == [allowed("until", at) for at in (when, when + tick)]
    assert [False, True] == [allowed("since", at) for at in (begins - tick, begins)]


@pytest.mark.long
@pytest.mark.untraced
@given(st.lists(st.tuples(gaps, gaps), max_size=2), st.integers(1, 9), st.sampled_from(["UTC", "Asia/Shanghai"]), times)
def test_working_days_of_guards_deadlines_and_risks_agree(holds, amount, zone, start):
    """
    A deadline of working days, the guards of as many, and the risk of staying too long change their mind at one time.
    """
    spans, at = [], start
    for gap, length in holds:
        spans.append((at + min(gap, HOUR), at + min(gap, HOUR) + length))
        at = spans[-1][1]
    deals = began(pipeline(f"{amount}bd", days=amount, unit="bd", zone=zone), start, *spans)
    when, project = deals.store.next_due("deadline"), deals.get("P-1")

    def asked(at):
        moves = [deals.lifecycle.decide(project, move, actor=Actor("li.wei"), at=at) for move in ("early", "late")]
        (risk,) = deals.risks("P-1", at=at).findings
        return [move.accepted for move in moves], risk.status

    tick = timedelta(microseconds=1)
    assert [([True, False], "clear"), ([True, True], "clear"), ([False, True], "fired")] == [
        asked(at) for at in (when - tick, when, when + tick)
    ]
