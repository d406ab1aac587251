"""
Scores from the past: conversion with its interval, velocity in working days, and the norms behind them.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from salesflow import Money
from salesflow.scores import OwnerNorm, StageNorm, stage_conversion, stage_velocity, wilson

from ..cases import over_cases
from .factory import Deals, ask, euros


def test_three_of_four():
    """
    Three of four won is 0.667 with an interval of 0.30 to 0.95: small numbers do not look exact.
    """
    deals = Deals()
    for name in "ABC":
        deals.won(name)
    deals.lost("D")
    deals.deal("E")
    score = ask(stage_conversion, deals.context("E", norms=deals.norms))

    assert (0.667, (0.3, 0.95), 4) == (round(score.value, 3), tuple(round(end, 2) for end in score.interval), score.n)
    assert {"reached": 4, "won": 3} == {part.factor: part.value for part in score.contributions}
    assert 0.75 == ask(stage_conversion, deals.context("E", norms=deals.norms), prior=0).value


def test_too_few():
    """
    Below the minimum there is no value, and what is known is told.
    """
    deals = Deals()
    deals.lost("A")
    deals.deal("B", (1, "make"))
    score = ask(stage_conversion, deals.context("B", norms=deals.norms))

    assert (None, "insufficient_data", 0, None) == (score.value, score.code, score.n, score.interval)
    assert "Too little is known: 0 of at least 1." == score.message()


@pytest.mark.parametrize("kind", [stage_conversion, stage_velocity])
def test_without_norms(kind):
    """
    Where nobody handed in what earlier projects were like, the score says so; it is not that there are none.
    """
    deals = Deals()
    score = ask(kind, deals.context(deals.deal("A")))

    assert (None, "norms.missing") == (score.value, score.code)
    assert "It compares with earlier projects; pass norms=pipeline.norms()." == score.message()


@pytest.mark.parametrize("kind", [stage_conversion, stage_velocity])
def test_closed_projects_have_none(kind):
    """
    A closed project is in no stage to convert from or to be slow in.
    """
    deals = Deals()

    assert None is ask(kind, deals.context(deals.won("A"), norms=deals.norms))


def test_velocity():
    """
    Velocity is working days in the stage over the median of closed projects; the open ones are told beside it.
    """
    deals = Deals()
    for number, day in enumerate([1, 2, 3, 4, 9]):  # 9 days after a Monday are 7 working days
        deals.deal(f"A{number}", (day, "lose"))
    deals.deal("open")
    deals.deal("further", (1, "make"))
    score = ask(stage_velocity, deals.context("open", 7, norms=deals.norms))
    told = {part.factor: part.value for part in score.contributions}

    assert {"days": 5.0, "median_days": 3.0, "still_open": 1 / 7} == told
    assert (5 / 3, 5, math.inf) == (score.value, score.n, score.high)


def test_velocity_counts_all_stays_and_no_hold():
    """
    Earlier stays in the stage count, a hold in between does not, and on hold the clock stands still.
    """
    deals = Deals()
    for name in "VWXYZ":
        deals.deal(name, (0, "make"), (2, "win"))
    deals.deal("A", (0, "make"), (1, "back"), (2, "make"), (2.5, "note"), (3, "pause"))
    norms = deals.norms
    resting = ask(stage_velocity, deals.context("A", 4, norms=norms))
    deals.pipeline.fire("A", "resume", at=deals.at(4), ahead=True)
    going = ask(stage_velocity, deals.context("A", 4.5, norms=norms))

    assert (1.0, 1.25) == (resting.value, going.value)
    assert 1 == norms.stages["offer"].open


class Ordered(tuple):
    """Numbers in order, which nobody may go through one by one."""

    __slots__ = ()

    def __iter__(self):
        raise AssertionError


def test_velocity_costs_the_same_after_many_projects():
    """
    The norms are sorted when they are made; a score looks at the middle of them only.
    """
    deals = Deals()
    deals.deal("A")
    found = []
    for days in ([1.0, 2.0, 4.0, 6.0, 9.0], [1.0, 2.0, 4.0, 6.0, 9.0, 9.5]):
        norms = type(deals.norms)({"new": StageNorm(working_days=Ordered(days))})
        found.append(ask(stage_velocity, deals.context("A", 4, norms=norms)).contributions[1].value)

    assert [4.0, 5.0] == found


def test_velocity_of_a_stage_that_is_left_at_once():
    """
    No multiple of nothing: where half of the projects passed at once, there is no value.
    """
    deals = Deals()
    for name in "VWXYZ":
        deals.deal(name, (0, "make"), (2, "win"))
    deals.deal("A")
    score = ask(stage_velocity, deals.context("A", 4, norms=deals.norms))
    few = ask(stage_velocity, deals.context("A", 4, norms=deals.norms), minimum=6)

    assert (None, "stage.instant", "insufficient_data") == (score.value, score.code, few.code)
    assert "Half of 5 earlier projects left stage new at once, so no multiple can be computed." == score.message()


def test_velocity_in_a_new_store():
    """
    With no closed project and nothing known of the stage, the share of open ones is not known either.
    """
    deals = Deals()
    deals.deal("A")
    empty = deals.norms
    norms = type(empty)({"new": StageNorm()})
    score = ask(stage_velocity, deals.context("A", norms=norms))

    assert (None, None) == (score.value, score.contributions[2].value)


@over_cases(
    ("kind", "params"),
    [
        (stage_conversion, {"prior": -1}),
        (stage_conversion, {"prior": math.inf}),
        (stage_conversion, {"minimum": 0}),
        (stage_velocity, {"minimum": 0}),
    ],
)
def test_parameters(kind, params):
    """
    A prior and a minimum that make no sense are refused when the scorer is built.
    """
    with pytest.raises(ValueError, match="must be at least"):
        ask(kind, None, **params)


def test_norms():
    """
    Closed projects reached every stage up to their last one; won ones give the days, all of them the working days.
    """
    deals = Deals()
    deals.deal("A", (1, "make"), (9, "win"))
    deals.deal("B", (2, "make"), (4, "drop"))
    deals.deal("C", (3, "lose"))
    deals.deal("D", (1, "pause"))
    deals.deal("E", (1, "pause"), (3, "lose"))
    norms = deals.norms.stages

    assert StageNorm(4, 1, (1.0,), 1, working_days=(1.0, 1.0, 2.0, 3.0)) == norms["new"]
    assert StageNorm(2, 1, (8.0,), 0, working_days=(2.0, 6.0)) == norms["offer"]
    assert ["new", "offer"] == list(norms)


def test_norms_of_another_version():
    """
    A project in a stage that the lifecycle does not have any more is not counted anywhere.
    """
    from salesflow.scores import norms_of

    deals = Deals()
    deals.deal("A")
    deals.deal("B", (1, "lose"))
    stages = [stage for stage in deals.pipeline.lifecycle.stages if stage.id != "new"]

    assert {"offer": StageNorm()} == norms_of(deals.pipeline.histories(), stages).stages


def test_owners():
    """
    An owner's won amounts are in the currency that most won projects have; other currencies cannot be compared.
    """
    deals = Deals()
    deals.won("A", owner="li", amount=euros(300))
    deals.won("B", owner="li", amount=euros(100))
    deals.won("C", owner="li", amount=Money(900, "CNY"))
    deals.lost("D", owner="li", amount=euros(7))
    deals.won("E", owner="wu")
    deals.won("F")

    assert {"li": OwnerNorm(3, 4, (100.0, 300.0)), "wu": OwnerNorm(1, 1)} == deals.norms.owners
    assert {} == Deals().norms.owners


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 20))
def test_wilson(hits, missed, prior):
    """
    The interval holds the share, lies within 0 and 1, and gets no wider with ten times the projects.
    """
    n = hits + missed
    low, high = wilson(hits, n)
    more = wilson(10 * hits, 10 * n)

    assert 0 <= low <= (hits / n if n else 0.5) <= high <= 1
    assert more[1] - more[0] <= high - low
