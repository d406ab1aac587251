"""
Guards on goals together: covered metrics, and parts that make up their whole.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, strategies as st

from salesflow import dossier
from salesflow.guards import goals_cascade, goals_cover

from ..cases import over_cases
from ..inside.guards.cures import cured
from .factory import ask, ask_one, context, project


SALES = dossier.Goal(
    "sales", "sales_amount", 1100, unit="CNY", baseline=1000, subject="north team", direction="increase"
)


def goal(**changes):
    return attrs.evolve(SALES, **changes)


@pytest.mark.requirement("C28", "E08")
def test_metrics_are_covered():
    """Each metric needs a live goal; the uncovered ones are listed together."""
    proposed = project(entries=[SALES, goal(id="c", metric="csat", status="missed")])
    verdict = ask_one(goals_cover, context(proposed), "sales_amount", "csat", "nps")

    assert ("goal.metric_uncovered", ("csat", "nps")) == (verdict.code, verdict.evidence["metrics"])
    assert "No live goal covers: Customer satisfaction, Net promoter score." == verdict.message()
    assert "以下指标没有对应的有效目标：客户满意度、净推荐值。" == verdict.message("zh")
    assert "pass" == ask_one(goals_cover, context(proposed), "sales_amount").status
    assert cured(goals_cover, proposed, "sales_amount", "csat", "nps")


def year(**changes):
    return goal(id="year", target=100, start=date(2026, 1, 1), due=date(2026, 12, 31), **changes)


def part(name, target, start=None, due=None, **changes):
    return goal(**{"id": name, "target": target, "parent": "year", "start": start, "due": due} | changes)


def cascade(*goals, **params):
    return ask(goals_cascade, context(project(entries=goals)), **params)


HALVES = [(date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31))]


@pytest.mark.requirement("B05", "D01")
def test_parts_that_make_up_the_whole():
    """Halves of the year, and teams over the year, add up and leave no day out."""
    halves = [part(f"h{n}", 50, *half) for n, half in enumerate(HALVES)]
    teams = [part(f"{team}{n}", 25, *half, subject=team) for team in "ab" for n, half in enumerate(HALVES)]

    assert ["pass"] == [v.status for v in cascade(year(), *halves)]
    assert ["pass"] == [v.status for v in cascade(year(), *teams)]


@over_cases(
    "goals",
    [
        (),
        (year(),),
        (year(metric="csat"), part("a", 1, metric="csat")),
        (year(metric="smiles"), part("a", 1, metric="smiles")),
        (year(), part("a", 1, metric="csat")),
        (year(), part("a", 1, status="missed")),
        (year(status="replaced"), part("a", 1)),
        (year(parent="year"),),
    ],
)
def test_nothing_to_add_up_passes(goals):
    """No parts, rates, metrics nobody registered, other metrics and goals that were missed are left alone."""
    assert ["pass"] == [v.status for v in cascade(*goals)]


@over_cases(
    ("targets", "tolerance", "code"),
    [
        ((50, 49), 0.0, "goal.cascade_gap"),
        ((50, 49), 0.01, ""),
        ((50, 51), 0.01, ""),
        ((50, "51.01"), 0.01, "goal.cascade_gap"),
        ((60, 60), 0.01, "goal.cascade_gap"),
    ],
)
def test_the_tolerance_is_a_share_of_the_whole(targets, tolerance, code):
    """Exactly the tolerance passes; beyond it fails, short or over."""
    entries = [year(), *(part(f"p{n}", target) for n, target in enumerate(targets))]
    verdicts = cascade(*entries, tolerance=tolerance)

    assert [code] == [verdict.code for verdict in verdicts]
    assert cured(goals_cascade, project(entries=entries), tolerance=tolerance)


@pytest.mark.requirement("C42")
def test_targets_in_percent_are_added_as_numbers():
    """Ten percent upon a thousand is eleven hundred, and less where the goal is to decrease."""
    whole = goal(id="year", target=10, percent=True, start=None, due=None)
    down = part("b", 10, percent=True, baseline=200, direction="decrease")
    (verdict,) = cascade(whole, part("a", 900), down)

    assert (Decimal(1080), Decimal(1100)) == (verdict.evidence["total"], verdict.evidence["target"])
    assert "The parts of goal year add up to 1080 instead of 1100 (CNY)." == verdict.message()
    assert "目标 year 的分解合计为 1080，与目标值 1100 不符（CNY）。" == verdict.message("zh")


def test_units_that_differ_cannot_be_added():
    """It is unknown, and each part in another unit is named."""
    entries = [year(), part("a", 50, unit="USD"), part("b", 50, unit=" CNY ")]
    (verdict,) = cascade(*entries)

    assert ("unknown", "goal.unit_mismatch", ("a",)) == (verdict.status, verdict.code, verdict.evidence["parts"])
    assert cured(goals_cascade, project(entries=entries))


def test_goals_without_a_number_cannot_be_added():
    """It is unknown, and each of them is named, whole or part."""
    entries = [goal(id="year", target=None), part("a", 5), part("b", 5, percent=True, baseline=None)]
    (verdict,) = cascade(*entries)

    assert ("unknown", "goal.no_target", ("year", "b")) == (verdict.status, verdict.code, verdict.evidence["parts"])
    assert ("target",) == verdict.missing[0].params["required"]
    assert ("baseline",) == verdict.missing[1].params["required"]
    assert cured(goals_cascade, project(entries=entries))


def spans(verdicts):
    return [(v.code, v.evidence["first"].isoformat(), v.evidence["last"].isoformat()) for v in verdicts]


def test_days_between_the_parts_are_named():
    """Gaps before, between and after are found, each with its days."""
    entries = [
        year(),
        part("b", 50, date(2026, 7, 1), date(2026, 11, 30)),
        part("a", 50, date(2026, 1, 2), date(2026, 6, 28)),
    ]
    verdicts = cascade(*entries)

    assert [
        ("goal.period_gap", "2026-01-01", "2026-01-01"),
        ("goal.period_gap", "2026-06-29", "2026-06-30"),
        ("goal.period_gap", "2026-12-01", "2026-12-31"),
    ] == spans(verdicts)
    assert "No part of goal year covers 2026-06-29 to 2026-06-30 (north team)." == verdicts[1].message()
    assert "目标 year 在 2026-06-29 至 2026-06-30 期间没有分解目标（north team）。" == verdicts[1].message("zh")
    assert cured(goals_cascade, project(entries=entries))


def test_days_covered_twice_are_named():
    """The part that begins too early is named with the days."""
    entries = [year(), part("a", 50, *HALVES[0]), part("b", 50, date(2026, 6, 1), date(2026, 12, 31))]
    verdicts = cascade(*entries)

    assert [("goal.period_overlap", "2026-06-01", "2026-06-30")] == spans(verdicts)
    assert "b" == verdicts[0].evidence["part"]
    assert cured(goals_cascade, project(entries=entries))


def test_days_beyond_the_whole_are_named():
    """A part that reaches over the edge is told; one that lies outside covers nothing."""
    entries = [
        year(),
        part("a", 50, date(2025, 12, 1), date(2026, 6, 30)),
        part("b", 50, *HALVES[1]),
        part("c", 0, date(2027, 1, 1), date(2027, 1, 2)),
    ]
    verdicts = cascade(*entries)

    assert [("goal.period_outside", "a"), ("goal.period_outside", "c")] == [
        (v.code, v.evidence["part"]) for v in verdicts
    ]


def test_parts_without_a_whole_period_are_held_against_each_other():
    """Where the whole has no dates, it reaches from the first part to the last."""
    undated = goal(id="year", target=100, start=None, due=None, subject="")
    parts = [
        part("a", 50, date(2026, 1, 1), date(2026, 1, 31), subject=""),
        part("b", 50, date(2026, 2, 2), date(2026, 2, 3), subject=""),
    ]
    backwards = [part("a", 100, date(2026, 1, 2), date(2026, 1, 1))]
    reversed_whole = goal(id="year", target=50, start=date(2026, 3, 1), due=None)

    assert [("goal.period_gap", "2026-02-01", "2026-02-01")] == spans(cascade(undated, *parts))
    assert ["pass"] == [v.status for v in cascade(undated, *backwards)]
    assert ["pass"] == [v.status for v in cascade(reversed_whole, part("a", 50, date(2026, 1, 1), date(2026, 1, 31)))]


FIRST = date(2026, 1, 1)
periods = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)), min_size=1, max_size=6)


@given(periods, st.integers(0, 20))
def test_tiling_agrees_with_counting_days(found, length):
    """Every day of the whole is in a gap, in an overlap or covered once, as counting says."""
    whole = goal(id="year", target=0, start=FIRST, due=FIRST + timedelta(length))
    parts = [
        part(f"p{n}", 0, FIRST + timedelta(start), FIRST + timedelta(start + more))
        for n, (start, more) in enumerate(found)
    ]
    days = [FIRST + timedelta(n) for n in range(length + 1)]
    counted = {day: sum(each.start <= day <= each.due for each in parts) for day in days}
    told = {"goal.period_gap": set(), "goal.period_overlap": set(), "goal.period_outside": set()}
    for verdict in cascade(whole, *parts):
        if verdict.code:
            inside = [day for day in days if verdict.evidence["first"] <= day <= verdict.evidence["last"]]
            told[verdict.code].update(inside)

    assert {day for day, count in counted.items() if count == 0} == told["goal.period_gap"]
    assert {day for day, count in counted.items() if count > 1} == told["goal.period_overlap"]
    assert any(each.due > days[-1] for each in parts) == bool(told["goal.period_outside"])
