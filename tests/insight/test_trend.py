"""Trends of a figure, and suggestions of members, against plain computations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Money, Pipeline, load_lifecycle
from salesflow.dossier import Member, ResourceAllocation
from salesflow.errors import InputError
from salesflow.insight import Portfolio, suggest_members

from ..cases import over_cases
from .recording import day_of, now_there, record
from .selling import AUTHOR, LIFECYCLE, OWNERS, START, TEXT, sell
from .test_work import SEEDS, midnight, near


DAY = timedelta(days=1)


@pytest.mark.requirement("D41")
@given(SEEDS, st.sampled_from(("sales_amount", "win_rate", "cycle_time", "loop_count")))
def test_a_trend_over_months(seed: int, name: str):
    """Each month is the figure of that month; changes go from a month with a value to the next with one."""
    pipeline, _ = sell(seed)
    portfolio = Portfolio.of(pipeline)
    trend = portfolio.trend(name)
    first = day_of(min(each.opened_at for each in pipeline.all())).replace(day=1)
    months: list[str] = []
    while midnight(first) < portfolio.as_of:
        months.append(first.isoformat()[:7])
        first = (first + 31 * DAY).replace(day=1)
    assert [each.name for each in trend.points] == months
    assert [each.ended for each in trend.points] == [True] * (len(months) - 1) + [False]
    values = [portfolio.kpi(name, period=month).value for month in months]
    assert [each.kpi.value for each in trend.points] == values
    numbers = [value.amount if isinstance(value, Money) else value for value in values]
    last: Any = None
    wants_more = name in {"sales_amount", "win_rate"}
    for point, value in zip(trend.points, numbers, strict=True):
        change = None if last is None or value is None else value - last
        assert (point.change.amount if isinstance(point.change, Money) else point.change) == change
        assert point.better == (None if not change else (change > 0) == wants_more)
        last = last if value is None else value
    there = [value for value in numbers if value is not None]
    whole = there[-1] - there[0] if len(there) > 1 else None
    assert (trend.change.amount if isinstance(trend.change, Money) else trend.change) == whole
    quarter = portfolio.trend(name, unit="quarter", period=(date(2025, 11, 20), date(2026, 1, 2)))
    assert [each.name for each in quarter.points] == ["2025-Q4", "2026-Q1"]


CYCLE = load_lifecycle(
    text="""
id = "cycle"
version = "1"
[[stages]]
id = "plan"
[[stages]]
id = "done"
kind = "closed"
[[transitions]]
id = "next"
source = "plan"
target = "done"
outcome = "won"
[[transitions]]
id = "fail"
source = "plan"
target = "done"
outcome = "lost"
[[transitions]]
id = "again"
source = "done"
kind = "spawn"
spawn = { lifecycle = "cycle" }
"""
)


@pytest.mark.requirement("C41")
def test_a_trend_over_cycles_of_projects():
    """A project that one of the same lifecycle spawned is of the next cycle; one of another lifecycle begins anew."""
    now = [START]
    begin = '\n[[transitions]]\nid = "begin"\nsource = "lead"\nkind = "spawn"\nspawn = { lifecycle = "cycle" }\n'
    selling = load_lifecycle(text=TEXT + begin)
    pipeline = Pipeline([CYCLE, selling], clock=lambda: now[0], actor=AUTHOR)
    pipeline.open("deal", id="other", lifecycle=selling)
    pipeline.fire("other", "begin")
    (first,) = (each.id for each in pipeline.all() if each.id != "other")
    pipeline.open("second", id="b1", lifecycle=CYCLE)
    for name, triggers in ((first, ("fail",)), ("b1", ("next", "next"))):
        current = name
        for trigger in triggers:
            pipeline.fire(current, trigger)
            before = {each.id for each in pipeline.all()}
            pipeline.fire(current, "again")
            (current,) = {each.id for each in pipeline.all()} - before
        pipeline.fire(current, "next")
    portfolio = Portfolio.of(pipeline, zone="UTC")
    trend = portfolio.trend("win_rate", over="cycles")
    assert [(each.name, each.kpi.value, each.change, each.better) for each in trend.points] == [
        ("1", 0.5, None, None),
        ("2", 1.0, 0.5, True),
        ("3", 1.0, 0.0, None),
    ]
    assert (trend.over, trend.change, trend.better) == ("cycles", 0.5, True)
    assert portfolio.kpi("win_rate", by="cycle").groups[3].n == 1


def test_a_trend_over_periods_of_period_projects():
    """With projects that stand for a period the cycles are their periods, without those to come."""
    period = '[[fields]]\nid = "period_start"\ntype = "date"\n[[fields]]\nid = "period_end"\ntype = "date"\n[[stages]]'
    now = [START + 60 * DAY]
    pipeline = Pipeline(load_lifecycle(text=TEXT.replace("[[stages]]", period, 1)), clock=lambda: now[0], actor=AUTHOR)
    for month, last in ((11, 30), (10, 31), (12, 31)):
        days = {"period_start": date(2025, month, 1), "period_end": date(2025, month, last)}
        pipeline.open("goals", id=f"g{month}", fields=days)
    pipeline.open("later", id="g", fields={"period_start": date(2026, 5, 1), "period_end": date(2026, 5, 31)})
    trend = Portfolio.of(pipeline).trend("loop_count", over="cycles")
    assert [(each.name, each.kpi.value, each.change, each.better) for each in trend.points] == [
        ("2025-10", 0, None, None),
        ("2025-11", 0, 0, None),
        ("2025-12", 0, 0, None),
    ]


@pytest.mark.parametrize("params", [{"over": "months"}, {"unit": "fortnight"}])
def test_a_trend_over_nothing_that_there_is(params: Mapping[str, Any]):
    """An unknown way or unit is refused by name; with nothing to count there are no changes."""
    portfolio = Portfolio.of(Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR))
    assert portfolio.trend("win_rate").change is None
    with pytest.raises(InputError, match=next(iter(params))):
        portfolio.trend("win_rate", **params)


def member(random: Random, now: datetime, _name: str) -> Member:
    """Somebody with skills."""
    skills = {skill: random.randint(1, 5) for skill in ("talks", "demo", "law") if random.random() < 0.6}
    return Member(
        random.choice((*OWNERS, "zhang.min")),
        active=random.random() < 0.8,
        skills=skills,
        department=random.choice(("", "sales")),
        capacity=random.choice((1, "0.5")),
    )


def booking(random: Random, now: datetime, name: str) -> ResourceAllocation:
    """Somebody's booked time."""
    start, end = near(random, now), near(random, now)
    if start and end:
        start, end = sorted((start, end))
    return ResourceAllocation(
        name, "people", member=random.choice((None, *OWNERS)), load=random.choice((0.1, 0.5, 1.2)), start=start, end=end
    )


@pytest.mark.long
@pytest.mark.requirement("A45")
@given(SEEDS, st.integers(-20, 5), st.integers(0, 20))
def test_members_by_skill_and_load(seed: int, offset: int, length: int):
    """Match times what is free on the busiest day; the best first, with each skill and what it adds."""
    pipeline = record(seed, member, booking)
    portfolio = Portfolio.of(pipeline)
    first = day_of(portfolio.as_of) + offset * DAY
    days = [first + number * DAY for number in range(length + 1)]
    required, weights = {"talks": 4, "law": 2}, {"talks": 3}
    found = suggest_members(portfolio, required, weights=weights, start=first, end=days[-1])
    expected: dict[str, tuple[float, Decimal, float]] = {}
    people = [each for _, each in now_there(pipeline, Member) if each.active]
    booked = [each for _, each in now_there(pipeline, ResourceAllocation) if each.start and each.end]
    for name in {each.id for each in people}:
        own = [each for each in people if each.id == name]
        best = {skill: max(each.skills.get(skill, 0) for each in own) for skill in required}
        match = Fraction(3, 4) * min(Fraction(best["talks"], 4), 1) + Fraction(1, 4) * min(Fraction(best["law"], 2), 1)
        load = max(
            sum((Decimal(str(b.load)) for b in booked if b.member == name and b.start <= day <= b.end), Decimal(0))
            for day in days
        )
        if match:
            free = max(Fraction(max(each.capacity for each in own)) - Fraction(load), Fraction(0))
            expected[name] = float(match), load, float(match * free)
    assert {each.member: (each.match, each.load, each.score) for each in found} == expected
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    for each in found:
        assert sum(one.share for one in each.skills) == pytest.approx(each.match)
        assert [one.skill for one in each.missing] == [one.skill for one in each.skills if one.level < one.required]


def test_a_suggestion_says_why():
    """In both languages: how far the skills match, the load, and what is missing; today where no day is named."""
    pipeline = Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR)
    pipeline.open("deal", id="d")
    pipeline.add("d", Member("li.wei", skills={"talks": 2}), Member("zhao", skills={"talks": 5}, capacity="0.5"))
    pipeline.add("d", ResourceAllocation("r", member="li.wei", load=0.25, start=START.date(), end=START.date()))
    zhao, wei = suggest_members(Portfolio.of(pipeline), {"talks": 4})
    assert zhao.text() == "zhao: 100 % of the skills, booked for 0 % of 50 % of working time"
    assert wei.text().endswith("booked for 25 % of 100 % of working time; below what is needed: talks 2/4")
    assert wei.text("zh") == "li.wei：技能匹配 50 %，已占用 25 %，可用工时上限 100 %；未达要求：talks 2/4"
    assert (zhao.score, wei.score) == (0.5, 0.375)


@over_cases(
    ("required", "params", "match"),
    [
        ({}, {}, "required"),
        ({"talks": 6}, {}, "required"),
        ({"talks": "4"}, {}, "required"),
        ({"talks": 4}, {"weights": {"law": 1}}, "weights"),
        ({"talks": 4}, {"weights": {"talks": 0}}, "weights"),
        ({"talks": 4}, {"start": date(2026, 1, 2), "end": date(2026, 1, 1)}, "end"),
    ],
)
def test_what_nobody_can_be_suggested_for(required: Any, params: Mapping[str, Any], match: str):
    """Skills, weights and days that cannot be meant are refused by name."""
    portfolio = Portfolio.of(Pipeline(LIFECYCLE, clock=lambda: START, actor=AUTHOR))
    with pytest.raises(InputError, match=match):
        suggest_members(portfolio, required, **params)
