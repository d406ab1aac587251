"""How long projects stay in stages, with visits that go on, holds, and a second computation from the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, strategies as st

from salesflow import Pipeline
from salesflow.errors import InputError
from salesflow.insight import Portfolio, Survival
from salesflow.typing import Opened, Transitioned

from .selling import AUTHOR, LIFECYCLE, START, sell


DAY = timedelta(days=1)
FINAL = {"gone", "done"}
GOLDEN = [(3, False), (5, False), (5, True), (8, False), (10, True), (12, False), (15, False), (20, True)]


def test_the_estimate_has_the_golden_values():
    """Visits that go on are censored: the median is 12, where that of the ended visits alone is 8."""
    survival = Survival.of(GOLDEN)
    assert survival.times == (3, 5, 8, 12, 15)
    assert [round(share, 12) for share in survival.shares()] == [0.875, 0.75, 0.6, 0.4, 0.2]
    assert (survival.quantile(Fraction(1, 2)), survival.quantile(Fraction(9, 10))) == (12, None)


def test_a_quantile_is_exact_where_a_float_is_not():
    """By the seventh of ten visits exactly seven tenths have ended, whatever a float makes of 9/10 · 8/9 · …"""
    survival = Survival.of([(time, False) for time in range(1, 11)])
    found = [survival.quantile(Fraction(tenths, 10)) for tenths in range(1, 11)]
    assert found == list(range(1, 11))


class Visit(NamedTuple):
    """One visit, read off a history by hand."""

    project: str
    owner: str | None
    stage: str
    entered: datetime
    lasted: timedelta
    held: timedelta
    going_on: bool


def visits(pipeline: Pipeline, now: datetime) -> Sequence[Visit]:
    """Every visit of every project; a hold suspends one, and resuming goes on with it."""
    found: list[Visit] = []
    for project in pipeline.all():
        for stay in stays_of(pipeline, project.id, now):
            owner = pipeline.as_of(project.id, stay[1]).fields.get("owner")
            found.append(Visit(project.id, owner, *stay))
    return found


def moves_of(pipeline: Pipeline, project_id: str) -> Sequence[tuple[str, str, datetime]]:
    """Kind, target and time of the opening and of each move."""
    bodies = [(each.body, each.at) for each in pipeline.history(project_id)]
    return [
        ("open", body.stage, at) if isinstance(body, Opened) else (body.kind, body.target, at)
        for body, at in bodies
        if isinstance(body, (Opened, Transitioned))
    ]


def stays_of(pipeline: Pipeline, project_id: str, now: datetime) -> Sequence[tuple[Any, ...]]:
    """Stage, entry, how long, how long on hold, and whether it goes on, of each visit."""
    done: list[tuple[Any, ...]] = []
    here: list[Any] = []
    waiting: list[Any] = []

    def close(visit: list[Any], at: datetime) -> None:
        done.append((visit[0], visit[1], at - visit[1], visit[2], False))

    for kind, target, at in moves_of(pipeline, project_id):
        if kind == "hold":
            waiting, here = here, [target, at, timedelta()]
            continue
        if kind != "open":
            close(here, at)
        if waiting:
            waiting[2] += at - here[1]
        if kind == "resume":
            here, waiting = waiting, []
            continue
        if waiting:
            close(waiting, at)
        here, waiting = [target, at, timedelta()], []
    for visit in (here, waiting):
        if visit:
            held = visit[2] + (now - here[1] if visit is waiting else timedelta())
            done.append((visit[0], visit[1], now - visit[1], held, True))
    return [each for each in done if each[0] not in FINAL]


def estimate(times: Sequence[tuple[timedelta, bool]], share: Fraction) -> float | None:
    """The quantile of Kaplan and Meier in plain fractions."""
    remaining = Fraction(1)
    for time in sorted({lasted for lasted, _ in times}):
        at_risk = sum(lasted >= time for lasted, _ in times)
        left = sum(lasted == time and not going_on for lasted, going_on in times)
        remaining *= Fraction(at_risk - left, at_risk)
        if left and remaining <= 1 - share:
            return time / DAY
    return None


@pytest.mark.untraced
@given(st.integers(0, 10_000))
def test_times_equal_a_computation_by_hand(seed: int):
    """Visit by visit, with and without holds, of all and of those that began in a period."""
    pipeline, _ = sell(seed)
    portfolio = Portfolio.of(pipeline)
    every = visits(pipeline, portfolio.as_of)
    period = START + timedelta(days=5), START + timedelta(days=30)
    within = [each for each in every if period[0] <= each.entered < period[1]]
    for found, counted in ((portfolio.time_in_stage(), every), (portfolio.time_in_stage(period=period), within)):
        assert found.n == len(counted)
        for times in found.stages:
            own = [each for each in counted if each.stage == times.stage]
            whole = [(each.lasted, each.going_on) for each in own]
            active = [(each.lasted - each.held, each.going_on) for each in own]
            ended = sorted(each.lasted for each in own if not each.going_on)
            assert (times.n, times.open) == (len(own), sum(each.going_on for each in own))
            assert times.median == estimate(whole, Fraction(1, 2))
            assert times.p90 == estimate(whole, Fraction(9, 10))
            assert times.active_p75 == estimate(active, Fraction(3, 4))
            assert times.left_median == (ended[(len(ended) + 1) // 2 - 1] / DAY if ended else None)
            assert sorted(times.evidence) == sorted(each.project for each in own)


@given(st.integers(0, 10_000))
def test_the_kpi_adds_up_the_visits_of_a_project(seed: int):
    """Each project once a stage, by owner at its first entry, with holds and without."""
    pipeline, _ = sell(seed)
    portfolio = Portfolio.of(pipeline)
    sums: dict[str, list[Visit]] = {}
    for each in visits(pipeline, portfolio.as_of):
        if each.stage == "talks":
            sums.setdefault(each.project, []).append(each)
    groups: dict[str | None, list[Sequence[Visit]]] = {}
    for found in sums.values():
        groups.setdefault(min(found, key=lambda each: each.entered).owner, []).append(found)
    kpi = portfolio.kpi("time_in_stage", stage="talks", by="owner")
    assert set(kpi.groups) == set(groups)
    for key, projects in groups.items():
        whole = sorted(sum((each.lasted for each in one), timedelta()) for one in projects)
        active = sorted(sum((each.lasted - each.held for each in one), timedelta()) for one in projects)
        middle = (len(whole) + 1) // 2 - 1
        own = kpi.groups[key]
        assert (own.n, own.value) == (len(projects), whole[middle] / DAY)
        assert own.parts["active_p50"] == active[middle] / DAY
        assert own.open == kpi.open or own.open <= kpi.open
    assert kpi.open == sum(any(each.going_on for each in found) for found in sums.values())


def test_groups_and_words():
    """By owner each group has its own stages; the text names the stage, the median, and how many go on."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=AUTHOR)
    for name, owner in (("a", "li.wei"), ("b", "zhao")):
        pipeline.open(name, id=name, fields={"owner": owner})
    now[0] += 4 * DAY
    pipeline.fire("a", "offer")
    now[0] += 2 * DAY
    found = Portfolio.of(pipeline).time_in_stage(by="owner")
    assert [(each.stage, each.median, each.n, each.open) for each in found.groups["li.wei"].stages] == [
        ("lead", 4.0, 1, 0),
        ("offer", None, 1, 1),
    ]
    assert found.text().splitlines()[0] == (
        "lead: median 4.0 days (4.0 without holds), 90 % within -; visits 2, going on 1"
    )
    assert found.text("zh").splitlines()[1].startswith("offer：中位 - 天")
    assert found.groups["zhao"].group == "zhao"


@pytest.mark.parametrize("ask", [{"stage": "gone"}, {"stage": 3}])
def test_a_stage_that_nobody_leaves_is_refused(ask: Mapping[str, Any]):
    """A final stage has no time that anybody spends in it, and an unknown one has no name."""
    pipeline, _ = sell(1, projects=2)
    with pytest.raises(InputError, match="stage="):
        Portfolio.of(pipeline).time_in_stage(**ask)
