"""Loops, skipped stages, holds and waits at gates, against a second computation from the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Pipeline
from salesflow.errors import InputError, TransitionRefusedError
from salesflow.insight import Detour, Portfolio
from salesflow.typing import Opened, Transitioned

from .selling import LIFECYCLE, START, sell
from .test_funnel import LADDER, climbs, worked
from .test_process import GATED, attempt
from .test_time_in_stage import moves_of


DAY = timedelta(days=1)


def median(times: Sequence[timedelta]) -> float:
    """The smallest time that half of them do not exceed, in days."""
    return sorted(times)[(len(times) + 1) // 2 - 1] / DAY


def shown(detours: Sequence[Detour]) -> dict[str, tuple[int, int, float | None]]:
    """Times, projects and median of each detour."""
    return {each.name: (each.times, each.projects, each.median) for each in detours}


@pytest.mark.untraced
@pytest.mark.requirement("C39")
@given(st.integers(0, 10_000))
def test_loops_skips_and_holds_equal_a_count_by_hand(seed: int):
    """Each loop with the time until its stage was left, each stage without a visit, each hold of each stage."""
    pipeline, _ = sell(seed)
    found = Portfolio.of(pipeline).detours()
    skipped: dict[str, list[str]] = {}
    held: dict[str, list[tuple[str, timedelta]]] = {}
    for climb in climbs(pipeline):
        moves = moves_of(pipeline, climb.id)
        visited = {target for kind, target, _ in moves if kind != "resume"}
        for stage in LADDER:
            if stage in climb.at and stage not in visited:
                skipped.setdefault(stage, []).append(climb.id)
        since: tuple[str, datetime] | None = None
        stage = ""
        for kind, target, at in [*moves, ("now", "", Portfolio.of(pipeline).as_of)]:
            if since is not None and kind != "hold":
                held.setdefault(since[0], []).append((climb.id, at - since[1]))
                since = None
            if kind == "hold":
                since = stage, at
            else:
                stage = target
    assert shown(found.skips) == {stage: (len(ids), len(set(ids)), None) for stage, ids in skipped.items()}
    assert shown(found.holds) == {
        stage: (len(each), len({name for name, _ in each}), median([time for _, time in each]))
        for stage, each in held.items()
    }
    loops = [
        fact
        for project in pipeline.all()
        for fact in pipeline.history(project.id)
        if isinstance(fact.body, Transitioned) and fact.body.kind == "loop"
    ]
    assert [each.times for each in found.loops] == ([len(loops)] if loops else [])
    assert [sorted(each.evidence) for each in found.loops] == (
        [sorted(fact.project_id for fact in loops)] if loops else []
    )


def test_a_loop_lasts_until_its_stage_is_left():
    """One project went back for two days, another went back a day ago and is there still."""
    now = [START]
    pipeline = Pipeline(LIFECYCLE, clock=lambda: now[0], actor=Actor("li.wei"))
    for name, days in (("a", 2), ("b", 1)):
        pipeline.open(name, id=name)
        pipeline.fire(name, "straight")
        pipeline.fire(name, "again")
        now[0] += days * DAY
        if name == "a":
            pipeline.fire(name, "negotiate")
    assert shown(Portfolio.of(pipeline).detours().loops) == {"again": (2, 2, 1.0)}


@pytest.mark.requirement("C39")
@given(st.integers(0, 10_000))
def test_a_wait_is_from_the_first_refusal_to_the_last_acceptance(seed: int):
    """Of a transition in a stay whose first attempt was refused; one that never passed is still no wait."""
    pipeline = attempt(seed)
    refused = pipeline.store.refusals(limit=10_000).attempts
    expected: dict[str, list[timedelta]] = {}
    for project in pipeline.all():
        stay, held, last = 1, 0, 1
        first: dict[tuple[int, str], tuple[datetime, bool]] = {}
        passed: dict[tuple[int, str], datetime] = {}
        for fact in pipeline.history(project.id):
            body = fact.body
            if isinstance(body, Transitioned):
                first.setdefault((stay, body.transition), (fact.at, True))
                passed[stay, body.transition] = fact.at
                if body.kind == "resume":
                    stay = held
                elif not body.stays:
                    held, last = stay if body.kind == "hold" else held, last + 1
                    stay = last
            for each in refused:
                if each.project_id == project.id and each.version == fact.version and each.transition:
                    first.setdefault((stay, each.transition), (each.at, False))
        for key, (at, at_once) in first.items():
            if not at_once and key in passed:
                expected.setdefault(key[1], []).append(passed[key] - at)
    waits = Portfolio.of(pipeline).detours().waits
    assert waits is not None
    assert {name: (times, days) for name, (times, _, days) in shown(waits).items()} == {
        name: (len(times), median(times)) for name, times in expected.items()
    }


def test_detours_are_read_in_both_languages():
    """A line for each, with its kind; where refusals are not recorded nothing is said about waits."""
    now = [START]
    pipeline = Pipeline(GATED, clock=lambda: now[0], actor=Actor("li.wei"))
    pipeline.open("deal", id="d")
    with pytest.raises(TransitionRefusedError):
        pipeline.fire("d", "note")
    now[0] += DAY
    pipeline.update("d", {"owner": "li.wei"})
    pipeline.fire("d", "note")
    pipeline.fire("d", "pause")
    now[0] += DAY
    detours = Portfolio.of(pipeline).detours()
    assert detours.text().splitlines() == [
        "on hold: a: times 1, projects 1, median 1.0 days",
        "waited at the gate: note: times 1, projects 1, median 1.0 days",
    ]
    assert detours.text("zh").splitlines()[0] == "暂停：a：1 次，1 个项目，中位 1.0 天"
    assert worked().detours().text().splitlines() == [
        "went back: back: times 1, projects 1, median 0.0 days",
        "skipped: p: times 1, projects 1",
    ]
    silent = Pipeline(GATED, clock=lambda: START, log_refusals=False)
    assert Portfolio.of(silent).detours().waits is None
    assert isinstance(next(iter(pipeline.history("d"))).body, Opened)


def test_detours_of_several_lifecycles_need_one():
    """Skipped stages need an order, which two lifecycles do not have."""
    pipeline = Pipeline([LIFECYCLE, GATED], clock=lambda: START, actor=Actor("li.wei"))
    pipeline.open("one", id="one", lifecycle=LIFECYCLE)
    pipeline.open("two", id="two", lifecycle=GATED)
    with pytest.raises(InputError, match="lifecycle="):
        Portfolio.of(pipeline, zone="UTC").detours()
    assert Portfolio.of(pipeline, zone="UTC").detours(lifecycle="gated").loops == ()
