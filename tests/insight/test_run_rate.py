"""What the coming periods bring if they go on as the last ones did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from salesflow import Actor, Pipeline
from salesflow.errors import InputError
from salesflow.insight import Portfolio, RunRate

from ..cases import over_cases
from .test_forecast import DEALS, cny, deal


def sold(amounts: Sequence[int], *, first: int = 1, step: int = 1) -> Portfolio:
    """A portfolio that won these amounts in months of 2023 and later, from the month *first* on."""
    now = [datetime(2023, first, 1, tzinfo=UTC)]
    pipeline = Pipeline(DEALS, clock=lambda: now[0], actor=Actor("li.wei"))
    pipeline.open("first", id="first")
    for place, amount in enumerate([*amounts, 0]):
        month = first - 1 + place * step
        now[0] = datetime(2023 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        if amount:
            pipeline.open("deal", id=f"d{place}", fields=deal(amount))
            pipeline.fire(f"d{place}", "win")
    return Portfolio.of(pipeline)


def ahead(found: RunRate, place: int = 0) -> tuple[Any, ...]:
    """What is expected of a coming period."""
    each = found.ahead[place]
    return each.period.name, each.run_rate, each.season, each.naive, each.seasonal_naive


@pytest.mark.requirement("D38")
def test_the_mean_of_the_last_periods():
    """Without full years there is a run rate and a naive forecast, but no season."""
    found = sold([100, 0, 200, 300]).run_rate(last=3, ahead=2)
    assert [(each.name, amount) for each, amount in found.past] == [
        ("2023-01", cny(100)),
        ("2023-02", cny(0)),
        ("2023-03", cny(200)),
        ("2023-04", cny(300)),
    ]
    assert ahead(found) == ("2023-05", cny("166.67"), None, cny(300), None)
    assert ahead(found, 1)[0] == "2023-06"
    assert found.index == {}
    assert found.errors == {
        "run_rate": pytest.approx((100 + 150 + 200) / 500),
        "season": None,
        "naive": pytest.approx((100 + 200 + 100) / 500),
        "seasonal_naive": None,
    }


@pytest.mark.requirement("D38", "D39")
def test_a_season_needs_two_full_years():
    """A quarter that brings twice the mean every year has an index of 2, and the level is that of the last quarters."""
    yearly = [100, 400, 100, 200]
    found = sold(yearly * 2 + [2 * each for each in yearly], step=3).run_rate(over="quarter", last=4, ahead=5)
    assert found.index == {1: 0.5, 2: 2.0, 3: 0.5, 4: 1.0}
    assert ahead(found) == ("2026-Q1", cny(400), cny(200), cny(400), cny(200))
    assert ahead(found, 1) == ("2026-Q2", cny(400), cny(800), cny(400), cny(800))
    assert ahead(found, 4) == ("2027-Q1", cny(400), cny(200), cny(400), cny(200))
    errors = found.errors
    assert errors["season"] is not None
    assert errors["naive"] is not None
    assert errors["season"] < errors["naive"]
    assert sold(yearly, step=3).run_rate(over="quarter").index == {}


def test_a_year_that_begins_anywhere():
    """The index is by the number of the month, also where the first month is no January."""
    found = sold([10] * 11 + [130] + [10] * 11 + [130], first=3).run_rate()
    assert {number: index for number, index in found.index.items() if index > 1} == {2: 6.5}
    assert ahead(found)[0] == "2025-03"


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 5))
def test_the_figures_are_those_of_the_months(amounts: list[int], last: int):
    """Run rate, naive and seasonal naive forecast are what the amounts say, counted by hand."""
    found = sold(amounts).run_rate(last=last)
    recent = amounts[-last:]
    mean = Fraction(sum(recent), len(recent))
    assert found.ahead[0].run_rate == cny(f"{round(mean * 100) / 100:.2f}")
    assert found.ahead[0].naive == cny(amounts[-1])
    assert found.ahead[0].seasonal_naive == (cny(amounts[-12]) if len(amounts) >= 12 else None)
    assert (found.ahead[0].season is not None) == (len(amounts) >= 24)


def test_nothing_to_go_on():
    """Without sales, and without a whole period, there is a reason."""
    assert sold([]).run_rate().reason == "no_cases"
    assert sold([100, 100]).run_rate(over="year").reason == "no_cases"
    found = sold([0, 0, 5]).run_rate(over="week", last=2, ahead=1)
    assert (found.ahead[0].season, found.ahead[0].seasonal_naive) == (None, None)
    late = sold([*[1] * 2, *[0] * 24]).run_rate()
    assert (late.index, ahead(late)[2]) == ({}, None)


@over_cases(("asked", "says"), [({"over": "months"}, "month"), ({"last": 0}, "last"), ({"ahead": True}, "ahead")])
def test_bad_input_is_named(asked: Mapping[str, Any], says: str):
    """Each wrong argument is named."""
    with pytest.raises(InputError, match=says):
        sold([1]).run_rate(**asked)
